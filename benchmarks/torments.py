"""Faults that are put to veille alone: kills of each kind of work, and two kinds of work at once.

In: a directory and how many kills. Out: a Toll for each row of the table (`KILLS`, `TOGETHER`).
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

from keepsakes import BackingUp, Importing, Restoring, Starting
from killing import (
    Attempt,
    LostError,
    Toll,
    Victims,
    check_database,
    column,
    endure,
    expect,
    must,
    must_equal,
    strike_program,
)
from ordeals import Digesting, Fetching, Marking, Ruling, Sitting, Stand
from pruned import Pruning
from publisher import Publisher
from running import end_veille, query, start_veille, subscribe_all, veille

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from killing import Ordeal

# A row: its name, its share of the kills, and how its ordeal is made.
KILLS: tuple[tuple[str, float, Callable[[Path, Publisher], Ordeal]], ...] = (
    ("`fetch`", 1, Fetching),
    ("`session`", 1, lambda home, _: Sitting(home, 1)),
    ("`digest`", 1, lambda home, _: Digesting(home, home.parent / "out", 1)),
    ("`mark`", 1, lambda home, _: Marking(home, 1)),
    ("rules changed and run", 1, lambda home, _: Ruling(home, 1)),
    ("`backup`", 0.5, lambda home, _: BackingUp(home)),
    ("`restore`", 0.5, lambda home, _: Restoring(home)),
    ("`import` of everything", 0.5, lambda home, _: Importing(home)),
    ("`prune`", 0.5, lambda home, _: Pruning(home, 1)),
    ("first start, migration from each schema", 0.5, lambda home, _: Starting(home)),
)


def kill_work(make: Callable[[Path, Publisher], Ordeal], base: Path, kills: int) -> Toll:
    """Kill one kind of work, in a home of its own; recoveries are runs of the program itself."""
    home = settle_in(base)
    with Publisher() as publisher, Victims(base) as victims:
        ordeal = make(home, publisher)
        return endure(ordeal, victims.strike, random.Random(1), kills=kills, recover=strike_program)


def settle_in(base: Path) -> Path:
    """An empty home in a new directory, which the environment names."""
    home = base / "veille"
    home.mkdir(parents=True)
    os.environ["VEILLE_HOME"] = str(home)
    return home


def sit_during_fetch(home: Path, stand: Stand) -> None:
    """Actions of a session while a fetch writes."""
    number = stand.round
    fetching = start_veille("fetch", "-q", "--force")
    typed = "".join(f"n {number}-{act}\nj\n" for act in range(20))
    blow = strike_program(home, Attempt(arguments=("session", "--plain"), typed=typed))
    code, _, said = end_veille(fetching)
    expect(code == 0, said)
    expect(blow.code == 0, blow.said)
    expect("locked" not in blow.said, blow.said)
    expect(blow.said.count("noted: ") == len(typed.splitlines()) / 2, blow.said)
    sql = "SELECT value FROM session_actions WHERE what = 'note' AND value LIKE ? ORDER BY id"
    must_equal(column(home, sql, f"{number}-%"), [f"{number}-{act}" for act in range(20)], "notes")


def digest_during_fetch(home: Path, _stand: Stand) -> None:
    """A digest while a fetch writes: what it leaves is in the next."""
    fetching = start_veille("fetch", "-q", "--force")
    order = ("digest", "matin", "--since", "last", "-n", "1000", "-o", str(home.parent / "{number}.md"))
    ends = [veille(*order), end_veille(fetching), veille(*order)]
    expect([code for code, _, _ in ends] == [0, 0, 0], ends)
    carried = column(home, "SELECT story_id FROM issue_stories")
    must_equal(len(carried), len(set(carried)), "stories told and different stories")
    missing = set(column(home, "SELECT id FROM stories")) - set(carried)
    must(not missing, f"in no digest: {missing}")


def back_up_during_fetch(home: Path, _stand: Stand) -> None:
    """Backups while a fetch writes."""
    fetching = start_veille("fetch", "-q", "--force")
    ends = [veille("backup", "--keep", "2"), end_veille(fetching)]
    expect([code for code, _, _ in ends] == [0, 0], ends)
    for path in (home / "backups").iterdir():
        check_database(path)


TOGETHER: tuple[tuple[str, Callable[[Path, Stand], None]], ...] = (
    ("`fetch` during a session", sit_during_fetch),
    ("`digest` during `fetch`", digest_during_fetch),
    ("`backup` during `fetch`", back_up_during_fetch),
)


def do_together(work: Callable[[Path, Stand], None], base: Path, times: int) -> Toll:
    """Two kinds of work at once, so many times; neither may fail, wait for ever or lose anything."""
    home, toll = settle_in(base), Toll()
    with Publisher() as publisher:
        stand = Stand(publisher, feeds=8)
        subscribe_all(stand.urls)
        veille("fetch", "-q")
        for _ in range(times):
            stand.turn()
            toll.tried += 1
            try:
                work(home, stand)
                check_database(home)
                guids = [guid for (guid,) in query(home, "SELECT guid FROM entries")]
                must_equal(len(guids), len(set(guids)), "entries and different entries")
                must(stand.wanted() <= set(guids), "entries are missing")
            except LostError as error:
                toll.lost += 1
                toll.troubles.append(str(error))
            except AssertionError as error:
                toll.troubles.append(str(error))
            else:
                toll.survived += 1
    return toll
