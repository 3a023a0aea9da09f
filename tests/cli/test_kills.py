"""More than two hundred SIGKILLs at random instants of what veille does all day, and the next run after each.

After every kill the database opens and is sound, nothing acknowledged is missing, the next run completes the work,
and nothing is there twice. `make torture` does more of the same, with faults of other kinds.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from keepsakes import Starting
from killing import Victims, endure
from ordeals import Digesting, Fetching, Marking, Ruling, Sitting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from killing import Ordeal
    from publisher import Publisher

ORDEALS: dict[str, tuple[int, Callable[[Path, Publisher, int], Ordeal]]] = {
    "fetch": (24, lambda home, publisher, _: Fetching(home, publisher)),
    "session": (44, lambda home, _, seed: Sitting(home, seed)),
    "digest": (44, lambda home, _, seed: Digesting(home, home.parent / "out", seed)),
    "mark": (44, lambda home, _, seed: Marking(home, seed)),
    "rules": (44, lambda home, _, seed: Ruling(home, seed)),
    "migration": (12, lambda home, _, _seed: Starting(home)),
}


def test_there_are_two_hundred_kills() -> None:
    assert sum(kills for name, (kills, _) in ORDEALS.items() if name != "migration") >= 200


@pytest.mark.parametrize("seed", [time.time_ns() % 10**6])
@pytest.mark.parametrize("name", list(ORDEALS))
def test_nothing_is_lost_however_often_it_is_killed(
    home: Path, tmp_path: Path, publisher: Publisher, name: str, seed: int
) -> None:
    kills, make = ORDEALS[name]
    ordeal = make(home, publisher, seed)
    with Victims(tmp_path) as victims:
        toll = endure(ordeal, victims.strike, random.Random(seed), kills=kills)  # noqa: S311 - instants, no secrets
    assert (toll.survived, toll.lost, toll.troubles) == (kills, 0, [])
