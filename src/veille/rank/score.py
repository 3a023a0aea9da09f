"""The score of a story: its sources and matches in, contributions out. Pure; the clock is a parameter.

rule      weight x 1 when a title matches, x `body` when only a text does
outlets   `outlets` x log2(number of distinct outlets): two outlets 1, four 2, eight 3
feed      the points that rules.toml gives to its lead's feed and folder, or else the feed's own weight
fresh     `freshness` x 0.5 ^ (age / `half_life`)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

from veille.model import Contribution, MatchField, Ranked, Score
from veille.text import is_in_folder
from veille.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from veille.model import Source, Story
    from veille.rank.rules import Rule, Rules

# Words a minute, measured on the same texts in each language (IReST: Trauzettel-Klosinski and Dietz,
# "Standardized assessment of reading performance", IOVS 2012): French 195, English 228.
_WORDS_A_MINUTE = {"fr": 195, "en": 228}
_DEFAULT_PACE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """`[weights]` of config.toml: points, except `half_life`."""

    title: float = 1.0
    body: float = 0.5
    outlets: float = 1.0
    freshness: float = 1.0
    half_life: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a score depends on beside the story itself.

    `feed_weights` are what feeds weigh by settings of their own: rules.toml comes first.
    """

    rules: Rules
    matches: Mapping[tuple[str, int], MatchField]
    settings: ScoreSettings
    now: datetime
    keywords: Sequence[Rule] = ()
    feed_weights: Mapping[str, float] = field(default_factory=dict)


def rank_stories(stories: Iterable[Story], desk: Desk) -> list[Ranked]:
    """Stories that no rule kills, best first.

    With keywords, they alone make the score, and what the story is otherwise worth settles ties.
    Equal stories are ordered by date, then by id: the order never depends on chance.
    """
    ranked = [_rank(story, desk) for story in stories if not killed_by(story, desk)]
    return sorted(ranked, key=_order)


def killed_by(story: Story, desk: Desk) -> str:
    """The name of the kill rule that matches the story's lead, "" when none does.

    Only the lead counts: a word in passing in one source of five must hide nothing.
    """
    kills = (rule for rule in desk.rules.rules if rule.kind == "kill")
    return next((rule.name for rule in kills if (rule.key, story.lead.entry_id) in desk.matches), "")


def score_story(story: Story, desk: Desk) -> Score:
    """What the story is worth by the user's rules and weights, its outlets and its age."""
    boosts = [rule for rule in desk.rules.rules if rule.kind == "boost"]
    return Score(
        (
            *_rule_points(story, boosts, desk),
            *_weight_points(story.lead, desk),
            *_outlet_points(story, desk.settings),
            *_fresh_points(story, desk),
        ),
    )


def outlet_of(source: Source) -> str:
    """Who publishes a source: the site of its page, or its feed when it has none."""
    return site_of(source.url) or source.feed_url


def reading_minutes(words: int, language: str) -> int:
    """Whole minutes to read `words`, at least 1 when there is anything to read."""
    return math.ceil(words / _WORDS_A_MINUTE.get(language, _DEFAULT_PACE))


def _rank(story: Story, desk: Desk) -> Ranked:
    worth = score_story(story, desk)
    score, tie = worth, Score()
    if desk.keywords:
        score, tie = Score(tuple(_rule_points(story, desk.keywords, desk))), worth
    return Ranked(story=story, score=score, tie=tie, read_minutes=reading_minutes(story.words, story.language))


def _order(ranked: Ranked) -> tuple[float, float, float, int]:
    published = ranked.story.lead.published_at.timestamp()
    return (-round(ranked.score.total, 6), -round(ranked.tie.total, 6), -published, ranked.story.id)


def _rule_points(story: Story, rules: Iterable[Rule], desk: Desk) -> Iterable[Contribution]:
    """Each rule once, by its best match over the story's sources."""
    factors: dict[MatchField, float] = dict.fromkeys(get_args(MatchField), desk.settings.title) | {
        "body": desk.settings.body
    }
    for rule in rules:
        where = {desk.matches.get((rule.key, source.entry_id)) for source in story.sources}
        for part, factor in factors.items():
            if part in where:
                points = rule.weight * factor
                yield Contribution(reason=f"{_quote(rule.name)} in {part}", points=points, rule=rule.name, field=part)
                break


def _quote(name: str) -> str:
    """A rule's name between quotation marks; a phrase has its own."""
    is_phrase = len(name) > 1 and name[0] == name[-1] == '"' and name.count('"') == 2  # noqa: PLR2004 - opening, closing
    return f"“{name[1:-1] if is_phrase else name}”"


def _weight_points(lead: Source, desk: Desk) -> Iterable[Contribution]:
    feed = desk.rules.feed_weights.get(lead.feed_url, desk.feed_weights.get(lead.feed_url))
    if feed:
        yield Contribution(reason=f"feed {lead.feed}", points=feed)
    for folder, points in desk.rules.folder_weights.items():
        if points and is_in_folder(lead.folder, folder):
            yield Contribution(reason=f"folder {folder}", points=points)


def _outlet_points(story: Story, settings: ScoreSettings) -> Iterable[Contribution]:
    if len(story.sources) == 1 or not settings.outlets:
        return
    outlets = len({outlet_of(source) for source in story.sources})
    if outlets > 1:
        yield Contribution(reason=f"{outlets} outlets", points=settings.outlets * math.log2(outlets))


def _fresh_points(story: Story, desk: Desk) -> Iterable[Contribution]:
    newest = max(source.published_at for source in story.sources)
    age = max(timedelta(0), desk.now - newest)
    points = desk.settings.freshness * 0.5 ** (age / desk.settings.half_life)
    if points >= 0.005:  # noqa: PLR2004 - less does not show
        yield Contribution(reason="fresh", points=points)
