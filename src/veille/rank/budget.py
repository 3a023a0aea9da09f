"""What fits into a time: ranked stories and a budget in, those to read and those left out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.model import Ranked

# A headline without a text is read too: with less, a thousand of them would fit into any time.
_LEAST = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The stories that fit and those that do not, each in the order of their ranks; `minutes` to read the former."""

    chosen: tuple[Ranked, ...]
    left_out: tuple[Ranked, ...]
    minutes: int


def fit(ranked: Sequence[Ranked], budget: timedelta) -> Fitted:
    """Story after story as long as they fit; one that does not is passed over, and those after it have their chance.

    Pinned stories choose first. What is chosen is never longer than the budget.
    """
    left = budget // timedelta(minutes=1)
    taken: set[int] = set()
    for index in sorted(range(len(ranked)), key=lambda index: not ranked[index].pinned_by):
        minutes = minutes_of(ranked[index])
        if minutes <= left:
            left -= minutes
            taken.add(index)
        if left < _LEAST:
            break
    chosen = tuple(one for index, one in enumerate(ranked) if index in taken)
    return Fitted(
        chosen=chosen,
        left_out=tuple(one for index, one in enumerate(ranked) if index not in taken),
        minutes=sum(map(minutes_of, chosen)),
    )


def minutes_of(one: Ranked) -> int:
    """What a story takes of a budget: a minute at least."""
    return max(_LEAST, one.read_minutes)
