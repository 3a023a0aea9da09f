"""What looks alike and is no event: a feed's series, a template whose slot another name or number fills.

Wordings in, a refusal or the entries that stand alone out. Knows nothing of rarity or of stories.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.rank.turns import is_denied, is_opposed
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
# Of the words of the longer of two titles that say nearly the same, the part that both have.
_NEAR = 0.6
# Words of a title of which one may be replaced; letters that inflections of a word share.
_LEAST_FRAME, _ALIKE = 4, 3


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
    """Why two headlines that say nearly the same cannot be one event, "" when they may."""
    return (a.skeleton == b.skeleton and refuse_filling(a, b, one_feed=one_feed)) or refuse_turn(
        a, b, one_feed=one_feed
    )


def refuse_filling(a: Wording, b: Wording, *, one_feed: bool = False) -> str:
    """Why two headlines of one skeleton cannot be one event, "" when they may.

    In one feed any other filling is the next of a series; elsewhere half of the names must be others, or the figures
    or dates.
    """
    if not a.skeleton or (a.slots == b.slots and a.dates == b.dates):
        return ""
    if one_feed:
        return "one feed's series"
    own, other = ({slot for slot in one.slots if not slot.isalpha()} for one in (a, b))
    if a.slots - own == b.slots - other and (
        (a.numbers - b.numbers and b.numbers - a.numbers) or (own - other and other - own)
    ):
        return "one template, other figures"
    if a.slots == b.slots and a.dates - b.dates and b.dates - a.dates:
        return "one template, other dates"
    most = min(len(a.slots), len(b.slots)) / 2
    return "one template, other names" if most and len(a.slots & b.slots) <= most else ""


def refuse_turn(a: Wording, b: Wording, *, one_feed: bool = False) -> str:
    """Why two headlines of nearly the same words cannot be one event, "" when they may."""
    if a.turns != b.turns:
        shared = len(a.places.keys() & b.places.keys())
        most = max(len(a.stems), len(b.stems))
        if shared == most and is_denied(a.turns, b.turns):
            return "one denies the other"
        if shared >= _NEAR * most and is_opposed(a.turns, b.turns):
            return "one says the opposite"
    if a.score != b.score and a.score == b.score[::-1] and _is_in_order(a, b):
        return "another score"
    return "one feed's series" if one_feed and _is_replaced(a, b) else ""


def _is_in_order(a: Wording, b: Wording) -> bool:
    """Whether two titles name those that both name in the same order."""
    names = a.capitals & b.capitals
    return [one for one in a.stems if one in names] == [one for one in b.stems if one in names]


def _is_replaced(a: Wording, b: Wording) -> bool:
    """Whether one word of two titles is another, and nothing else differs: it is no inflection of it."""
    if len(a.stems) != len(b.stems) or len(a.stems) < _LEAST_FRAME:
        return False
    differ = [pair for pair in zip(a.stems, b.stems, strict=True) if pair[0] != pair[1]]
    return len(differ) == 1 and (not differ[0][0].isalpha() or differ[0][0][:_ALIKE] != differ[0][1][:_ALIKE])
