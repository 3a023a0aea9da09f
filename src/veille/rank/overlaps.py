"""Feeds that say what others say: what is known of a feed and of the others in, the one to read instead out. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from veille.rank.findings import Facts, Overlap

# A feed of which more than half is read elsewhere brings little; five copies are no chance, four may be.
_COPIED, FEWEST_COPIES = 0.5, 5


def find_original(facts: Facts, others: Mapping[int, Facts]) -> Overlap | None:
    """What a feed shares with the one that makes it needless, None when it is needed; `others` are known by id."""
    found = [one for one in facts.overlaps if _is_copied(facts, one) and not _is_preferred(facts, one, others)]
    return max(found, key=lambda one: (one.copies, -one.other), default=None)


def _is_copied(facts: Facts, overlap: Overlap) -> bool:
    return overlap.copies >= FEWEST_COPIES and overlap.copies > _COPIED * facts.recent


def _is_preferred(facts: Facts, overlap: Overlap, others: Mapping[int, Facts]) -> bool:
    """Whether the other feed is the one to do without."""
    mine, other = facts.feed.id, others.get(overlap.other)
    if other is None:
        return True
    back = next((one for one in other.overlaps if one.other == mine), None)
    if back is None or not _is_copied(other, back):
        return False
    return (overlap.lag, mine) < (timedelta(0), overlap.other)
