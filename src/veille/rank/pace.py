"""What a story costs to read: its words and the reader's pace in, seconds out. Pure.

cost = glance + words of the lead / pace + a quarter of the words of each further source that is no copy / pace, five
of them at most, in whole seconds, rounded up. Of a story no more than 6,000 words count (half an hour at 200 a minute):
who meets a book in a feed does not read it in a session. A feed that gives only teasers is costed by what its articles
held that were fetched in full, or by 450 words until there are some.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from veille.rank.teasers import share_of_teasers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from veille.model import Story

# Words a minute, measured on the same texts in each language (IReST: Trauzettel-Klosinski and Dietz,
# "Standardized assessment of reading performance", IOVS 2012): French 195, English 228.
WORDS_A_MINUTE: Mapping[str, float] = {"fr": 195, "en": 228}
DEFAULT_PACE = 200.0
MOST_WORDS = 6000

# Outside these nobody read: the story was passed over, or the reader was away.
_SLOWEST_READ, _FASTEST_READ = 30.0, 1200.0
# What is learned stays within these, and a few stories move it little: so many of the usual pace (or length) are
# counted among them.
_SLOWEST, _FASTEST = 90.0, 600.0
_PRIOR_PACES, _PRIOR_LENGTHS = 5, 2
_FEWEST_WORDS = 30
_DEFAULT_LENGTH, _SHORTEST, _LONGEST = 450, 120, 3000
_FURTHER, _MOST_FURTHER = 0.25, 5
_TEASERS = 0.5


class Timed(NamedTuple):
    """A story as it was read: its words, the seconds it took, its glance among them, its language."""

    words: int
    seconds: float
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What a cost depends on beside the story.

    `words_a_minute` overrides all paces, 0 does not; `learned` are paces by language (`learn_paces`). `lengths` are
    the words of an article, by the number of each feed that gives teasers (`guess_length`); `articles` the words of
    those that were fetched, by entry.
    """

    glance: timedelta
    words_a_minute: int = 0
    learned: Mapping[str, float] = field(default_factory=dict)
    lengths: Mapping[int, int] = field(default_factory=dict)
    articles: Mapping[int, int] = field(default_factory=dict)


def list_costs(stories: Iterable[Story], pace: Pace) -> dict[int, float]:
    """The seconds that each story takes, by its id."""
    return {story.id: cost_of(story, pace) for story in stories}


def cost_of(story: Story, pace: Pace) -> float:
    """The seconds that a story takes, a whole number and at least 1."""
    words = min(_count_words(story, pace), MOST_WORDS)
    minutes = words / pace_of(story.language, pace)
    # A millisecond of grace: 195 words at 195 a minute are 60 seconds, whatever the division leaves behind the point.
    return float(max(1, math.ceil(pace.glance.total_seconds() + minutes * 60 - 0.001)))


def pace_of(language: str, pace: Pace) -> float:
    """The words a minute that are read in a language."""
    return pace.words_a_minute or pace.learned.get(language) or WORDS_A_MINUTE.get(language, DEFAULT_PACE)


def learn_paces(readings: Iterable[Timed], *, glance: timedelta) -> dict[str, float]:
    """The words a minute by language: the median of what was read, with some stories at the usual pace among them.

    What was passed over counts for nothing, and no pace leaves 90 to 600.
    """
    by_language: defaultdict[str, list[float]] = defaultdict(list)
    for words, seconds, language in readings:
        reading = seconds - glance.total_seconds()
        if words >= _FEWEST_WORDS and reading > 0 and _SLOWEST_READ <= words / reading * 60 <= _FASTEST_READ:
            by_language[language].append(words / reading * 60)
    return {
        language: min(max(median([*paces, *[_usual(language)] * _PRIOR_PACES]), _SLOWEST), _FASTEST)
        for language, paces in by_language.items()
    }


def guess_length(fetched: Sequence[int]) -> int:
    """The words of an article of a feed that gives teasers: the median of those that were fetched, within bounds."""
    return round(min(max(median([*fetched, *[_DEFAULT_LENGTH] * _PRIOR_LENGTHS]), _SHORTEST), _LONGEST))


def guess_lengths(texts: Mapping[int, Sequence[str | None]], fetched: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """`guess_length` for each feed, by its number, of whose latest texts (`rank/teasers.py`) most are teasers."""
    return {
        feed: guess_length(fetched.get(feed, ()))
        for feed, own in texts.items()
        if share_of_teasers(own, enough=_TEASERS)
    }


def _usual(language: str) -> float:
    return WORDS_A_MINUTE.get(language, DEFAULT_PACE)


def _count_words(story: Story, pace: Pace) -> float:
    lead = story.lead
    words: float = pace.articles.get(lead.entry_id) or max(story.words, pace.lengths.get(lead.feed_id, 0))
    if len(story.sources) > 1:
        further = [source.words for source in story.sources[1:] if source.duplicate_of is None]
        words += _FURTHER * sum(further[:_MOST_FURTHER])
    return words
