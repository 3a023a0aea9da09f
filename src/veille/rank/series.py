"""What looks alike and is no event: a feed's series, a template whose slot another name or number fills.

Wordings in, a refusal or the entries that stand alone out. Knows nothing of rarity or of stories.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.rank.wording import read_wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from veille.model import Headline
    from veille.rank.wording import Wording

# A feed that gives a title again has published it twice when it does so within half a day; later, or more often, the
# title is the name of a series.
_REPEAT_GAP = timedelta(hours=12)
_MOST_REPEATS = 3
# A skeleton that so many different names fill is a template.
_FILLINGS = 4


def find_series(new: Iterable[Headline], wordings: Mapping[int, Wording]) -> set[int]:
    """The entries whose feed uses their title again and again."""
    rows: defaultdict[tuple[int, tuple[str, ...]], list[Headline]] = defaultdict(list)
    for headline in new:
        if stems := wordings[headline.entry_id].stems:
            rows[headline.feed_id, stems].append(headline)
    return {headline.entry_id for row in rows.values() if _is_series(row) for headline in row}


def _is_series(row: list[Headline]) -> bool:
    times = [headline.published_at for headline in row]
    return len(row) > _MOST_REPEATS or max(times) - min(times) > _REPEAT_GAP


def is_repeat(new: Iterable[Headline], known: Iterable[Headline]) -> bool:
    """Whether a feed gives a title of its own again, as `find_series` has it, among what is known."""
    told: defaultdict[tuple[int, tuple[str, ...]], list[datetime]] = defaultdict(list)
    for headline in known:
        told[headline.feed_id, read_wording(headline.title, headline.summary).stems].append(headline.published_at)
    for headline in new:
        times = told.get((headline.feed_id, read_wording(headline.title, headline.summary).stems), [])
        if len(times) >= _MOST_REPEATS or any(abs(headline.published_at - at) > _REPEAT_GAP for at in times):
            return True
    return False


def find_templates(wordings: Iterable[Wording]) -> frozenset[str]:
    """The skeletons that many names fill: a town's weather, a team's line-up."""
    fillings: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for wording in wordings:
        filled = fillings[wording.skeleton]
        if len(filled) < _FILLINGS and wording.slots and all(wording.slots.isdisjoint(other) for other in filled):
            filled.append(wording.slots)
    return frozenset(skeleton for skeleton, filled in fillings.items() if skeleton and len(filled) >= _FILLINGS)


def refuse(a: Wording, b: Wording, *, one_feed: bool = False) -> str:
    """Why two headlines of one skeleton cannot be one event, "" when they may.

    In one feed any other filling is the next of a series; elsewhere half of the names must be others.
    """
    if not a.skeleton or (a.slots == b.slots and a.dates == b.dates):
        return ""
    if one_feed:
        return "one feed's series"
    if a.slots == b.slots and a.numbers - b.numbers and b.numbers - a.numbers:
        return "one template, other figures"
    most = min(len(a.slots), len(b.slots)) / 2
    return "one template, other names" if most and len(a.slots & b.slots) <= most else ""
