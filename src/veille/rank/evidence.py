"""Why two headlines are, or are not, one event: what is shared with its worth, what speaks against, in words.

Headlines and the rarity of their words in, the evidence out: for a person who asks, not for folding itself.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.rank.copies import are_copies
from veille.rank.likeness import chance, compare_texts, weigh
from veille.rank.series import refuse
from veille.rank.wording import read_wording

if TYPE_CHECKING:
    from veille.model import Headline
    from veille.rank.likeness import Profile
    from veille.rank.window import Rarity

_WORD = re.compile(r"[^\W_]+")
_MOST_SHARED = 6
# As in `units.py`.
_DECAY_HOURS = 96.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why two headlines are, or are not, one event.

    `shared` are words as the first title writes them with their worth (1 = in no other story), `names` those that are
    names, `numbers` the figures that differ, `texts` the cosine of titles and summaries, `refused` a guard's reason.
    """

    chance: float
    copies: bool
    shared: tuple[tuple[str, float], ...]
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    texts: float
    hours: float
    one_feed: bool
    refused: str

    def line(self) -> str:
        """The evidence and the counter-evidence on one line."""
        shared = ", ".join(f"{word} {worth:.2f}" for word, worth in self.shared[:_MOST_SHARED]) or "nothing"
        parts = [f"chance {self.chance:.2f}", f"shared: {shared}"]
        parts += [f"names: {', '.join(self.names)}"] * bool(self.names)
        parts += [f"texts alike {self.texts:.2f}"] * bool(self.texts)
        parts += ["nearly word for word"] * self.copies
        parts += [f"figures differ: {', '.join(self.numbers)}"] * bool(self.numbers)
        parts += ["same feed"] * self.one_feed
        parts += [f"{self.hours:.0f} h apart"] * (self.hours >= 1)
        parts += [f"refused: {self.refused}"] * bool(self.refused)
        return "; ".join(parts)


def explain(a: Headline, b: Headline, rarity: Rarity) -> Evidence:
    """Why two headlines are one event, or not."""
    one, other = (weigh(read_wording(headline.title, headline.summary), rarity) for headline in (a, b))
    x, y = one.wording, other.wording
    one_feed = a.feed_id == b.feed_id
    written = {stem: word for word in reversed(_WORD.findall(a.title)) for stem in read_wording(word).stems}
    stems = sorted((stem for stem in x.stems if stem in other.weights), key=lambda stem: (-one.weights[stem], stem))
    differ = x.numbers ^ y.numbers if x.numbers - y.numbers and y.numbers - x.numbers else frozenset[str]()
    return Evidence(
        chance=judge_pair(a, b, one, other),
        copies=are_copies(a, b, rarity),
        shared=tuple((written.get(stem, stem), round(one.weights[stem], 2)) for stem in stems),
        names=tuple(written.get(stem, stem) for stem in stems if _is_name(stem, one, other)),
        numbers=tuple(sorted(differ)),
        texts=compare_texts(one, other),
        hours=_hours(a, b),
        one_feed=one_feed,
        refused=refuse(x, y, one_feed=one_feed),
    )


def judge_pair(a: Headline, b: Headline, one: Profile, other: Profile) -> float:
    """The chance (0-1) that two headlines, weighed, are one event; 0 when a guard refuses."""
    one_feed = a.feed_id == b.feed_id
    if refuse(one.wording, other.wording, one_feed=one_feed):
        return 0.0
    return chance(one, other, one_feed=one_feed) * math.exp(-_hours(a, b) / _DECAY_HOURS)


def _hours(a: Headline, b: Headline) -> float:
    return abs((a.published_at - b.published_at).total_seconds()) / 3600


def _is_name(stem: str, a: Profile, b: Profile) -> bool:
    x, y = a.wording, b.wording
    return stem in x.capitals and stem in y.capitals and (stem in x.names or stem in y.names)
