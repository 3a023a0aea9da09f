"""The two settings of folding, swept on the labelled day: where a plateau is, and what choosing on one half gives.

In: labelled headlines and in how many drawn orders to fold them. Out: Markdown.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from judgement import Quality, average, rate_pairs, rate_places
from labelled import Labelled, fold_orders, halve, truth_of
from measure import write_table
from veille.settings import FoldSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_AGREEMENTS = (0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70, 0.75)
_THRESHOLDS = (70, 72, 74, 75, 76, 78, 80, 82, 85)
# What is asked of each kind of group where a setting is chosen.
_LEAST_PRECISION = {"story": 0.82, "duplicate": 0.95}


def print_agreement(day: Sequence[Labelled], gnews: Sequence[Labelled], *, orders: int) -> None:
    """Stories by `agreement`."""
    rates = _sweep(day, "story", {at: FoldSettings(agreement=at) for at in _AGREEMENTS}, orders=orders)
    truth = truth_of(gnews, "story")
    rows = []
    for at, row in rates.items():
        made = fold_orders(gnews, 1, FoldSettings(agreement=at))
        places = average(rate_places(folded.stories, truth) for folded in made)
        rows.append([_name(at, FoldSettings().agreement), *(rate.cell() for rate in row), f"{places.f1:.3f}"])
    print(f"## The setting `agreement`: stories, pairs, precision / recall / F1, means of {orders} orders\n")
    print(write_table(("agreement", "half 0", "half 1", "whole", "gnews, B-cubed F1"), rows), end="\n\n")
    _print_chosen(rates, "story")


def print_threshold(day: Sequence[Labelled], *, orders: int) -> None:
    """Copies by `threshold`."""
    rates = _sweep(day, "duplicate", {at: FoldSettings(threshold=at) for at in _THRESHOLDS}, orders=orders)
    rows = [[_name(at, FoldSettings().threshold), *(rate.cell() for rate in row)] for at, row in rates.items()]
    print(f"## The setting `threshold`: copies, pairs, precision / recall / F1, means of {orders} orders\n")
    print(write_table(("threshold", "half 0", "half 1", "whole"), rows), end="\n\n")
    _print_chosen(rates, "duplicate")


def _sweep(
    day: Sequence[Labelled], label: str, settings: Mapping[float, FoldSettings], *, orders: int
) -> dict[float, tuple[Quality, ...]]:
    """For each value the quality on half 0, on half 1 and on the whole."""
    parts = [(some, truth_of(some, label)) for some in (*halve(day), day)]
    return {
        at: tuple(
            average(rate_pairs(folded.of(label), truth) for folded in fold_orders(some, orders, chosen))
            for some, truth in parts
        )
        for at, chosen in settings.items()
    }


def _name(value: float, default: float) -> str:
    return f"{value:g}, the default" if value == default else f"{value:g}"


def _print_chosen(rates: Mapping[float, Sequence[Quality]], label: str) -> None:
    """What the setting chosen on each half gives on the other."""
    asked = _LEAST_PRECISION[label]
    for half in (0, 1):
        precise = [at for at, row in rates.items() if row[half].precision >= asked]
        best = max((rates[at][half].f1 for at in precise), default=0.0)
        outcomes: defaultdict[str, list[str]] = defaultdict(list)
        for at in precise:
            if rates[at][half].f1 == best:
                outcomes[rates[at][1 - half].cell()].append(f"{at:g}")
        told = "; ".join(f"{', '.join(values)} -> {outcome}" for outcome, values in outcomes.items()) or "none"
        print(f"- Chosen on half {half} (best F1 with precision >= {asked}), then on half {1 - half}: {told}")
    print()
