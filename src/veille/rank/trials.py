"""What other rules would make of lists, as values: one rule tried on some days, a file before it is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from veille.model import Story
    from veille.rank.replay import Shift
    from veille.rank.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What other rules make of one list: its first stories that come, go and move, by rank.

    `others` counts those that move with the stories of their feeds.
    """

    until: datetime
    stories: int
    entered: Sequence[Shift] = ()
    left: Sequence[Shift] = ()
    moved: Sequence[Shift] = ()
    others: int = 0
    touched: int = 0
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A rule tried on some days: what it would have changed, how many stories it matches or hides.

    `already` names the rules that look for just that; `out_of_force` those of them that do not count today.
    """

    rule: Rule
    days: Sequence[Change]
    touched: int
    hidden: int
    already: tuple[str, ...] = ()
    out_of_force: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one rule matches in a period: how many stories, and the latest of them."""

    rule: Rule
    in_force: bool
    stories: int = 0
    latest: Sequence[Story] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A file of rules before it is installed; `today` is the list of `top` against that of the rules in use."""

    samples: Sequence[Sample]
    today: Change
    days: int
