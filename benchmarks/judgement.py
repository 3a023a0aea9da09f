"""How well groups agree with those that people made: by pairs, and by B-cubed.

Two partitions of the same places (0, 1, 2...) in, precision, recall and F1 out. Knows nothing of headlines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence

Groups = list[list[int]]


class Quality(NamedTuple):
    """Precision, recall and their harmonic mean, 0-1."""

    precision: float
    recall: float
    f1: float

    def cells(self) -> list[str]:
        """For a table."""
        return [f"{value:.3f}" for value in self]

    def cell(self) -> str:
        """All three in one cell."""
        return " / ".join(self.cells())


def group_by(labels: Sequence[Hashable]) -> Groups:
    """The places under each label; those of an empty label are alone."""
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for at, label in enumerate(labels):
        groups[label or ("", at)].append(at)
    return list(groups.values())


def rate_pairs(found: Iterable[Collection[int]], truth: Iterable[Collection[int]]) -> Quality:
    """Precision: the part of the pairs put together that people put together too. Recall: the reverse."""
    ours, theirs = _list_pairs(found), _list_pairs(truth)
    right = len(ours & theirs)
    return _balance(right / len(ours) if ours else 1.0, right / len(theirs) if theirs else 1.0)


def rate_places(found: Sequence[Collection[int]], truth: Sequence[Collection[int]]) -> Quality:
    """B-cubed (Bagga and Baldwin, 1998): for each place, the part of its group that people put with it, on average.

    Every place counts the same, those that are alone too; of pairs, a large group has more than all small ones.
    """
    wanted = {at: number for number, group in enumerate(truth) for at in group}
    sizes = [len(group) for group in truth]
    precisions, recalls = [], []
    for group in found:
        shares = Counter(wanted[at] for at in group)
        precisions += [shares[wanted[at]] / len(group) for at in group]
        recalls += [shares[wanted[at]] / sizes[wanted[at]] for at in group]
    return _balance(mean(precisions), mean(recalls))


def average(rates: Iterable[Quality]) -> Quality:
    """The mean of each figure."""
    return Quality(*map(mean, zip(*rates, strict=True)))


def _list_pairs(groups: Iterable[Collection[int]]) -> set[tuple[int, int]]:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def _balance(precision: float, recall: float) -> Quality:
    return Quality(precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0)
