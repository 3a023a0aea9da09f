"""Damaged databases put to a program: does it say so, go on unaware, or crash; what can be saved.

In: a `Rival`, and the bytes of its database as they were. Out: a `Count`. Each damage comes from a seed (`damaged.py`):
bits flipped, many or few, pages zeroed or swapped, the file cut, its head spoilt.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from statistics import mean
from typing import TYPE_CHECKING

from damaged import damage
from killing import Attempt, LostError, strike_program
from rivals import finish

if TYPE_CHECKING:
    from pathlib import Path

    from rivals import Rival

_ALLOWED = 60
# reader is a library: an exception that says what is wrong is its way of telling.
_CRASHES = {
    "veille": ("Traceback", "fault in veille"),
    "newsboat": ("terminate called", "Segmentation"),
    "reader": ("Segmentation",),
}
_OLDER = 6  # rounds fetched before: the feeds tell no longer of the first ones


@dataclass
class Count:
    """Of so many damages: how many did no harm, were told, went on unaware, ended in a crash; shares `saved`."""

    tried: int = 0
    harmless: int = 0
    told: int = 0
    unaware: int = 0
    crashed: int = 0
    saved: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def row(self, name: str) -> tuple[str, ...]:
        """Its cells."""
        counts = (self.tried, self.harmless, self.told, self.unaware, self.crashed)
        saved = f"{100 * mean(self.saved):.1f} %, least {100 * min(self.saved):.1f} %" if self.saved else "-"
        return (name, *map(str, counts), saved)


def harm(rival: Rival, seeds: int) -> Count:
    """Damage the database in so many ways, each followed by a fetch; veille salvages, too."""
    for _ in range(_OLDER):
        rival.stand.turn()
        rival.recover()
    content = rival.database.read_bytes()
    count = Count()
    for seed in range(seeds):
        _put(rival, damage(content, seed))
        rival.stand.turn()
        _try_fetch(rival, count)
        if rival.program.name == "veille":
            _put(rival, damage(content, seed))
            count.saved.append(salvage(rival.home, count, len(rival.kept)))
    _put(rival, content)
    return count


def replace_by_others(rival: Rival) -> Count:
    """Another file in the place of the database: empty, a text, half of it, a database of something else."""
    content = rival.database.read_bytes()
    other = rival.home / "other.db"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE things (name TEXT)")
    count = Count()
    for wrong in (b"", b"hello\n" * 1000, content[: len(content) // 2], other.read_bytes()):
        _put(rival, wrong)
        _try_fetch(rival, count)
    _put(rival, content)
    return count


def take_log_away(home: Path, scratch: Path) -> Count:
    """A database whose write-ahead log is gone while it held something: an older whole state, or told."""
    count = Count()
    with closing(sqlite3.connect(home / "veille.db", isolation_level=None)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        for number in range(10):
            with closing(sqlite3.connect(home / "veille.db", isolation_level=None)) as other:
                other.execute("PRAGMA wal_autocheckpoint = 0")
                other.execute("UPDATE feeds SET title = ?", (f"title {number}",))
            copy = scratch / f"without-{number}"
            copy.mkdir()
            shutil.copy(home / "veille.db", copy / "veille.db")
            count.tried += 1
            blow = strike_program(copy, Attempt(arguments=("doctor", "--offline", "--json")))
            with closing(sqlite3.connect(copy / "veille.db")) as left:
                sound = left.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            count.harmless += sound
            count.told += not sound and blow.code == 1
            count.unaware += not sound and blow.code == 0
    return count


def salvage(home: Path, count: Count, entries: int) -> float:
    """The share of entries that `doctor --salvage` brings into a new, sound database; the old stays as it is."""
    new = home / "saved.db"
    new.unlink(missing_ok=True)
    before = (home / "veille.db").read_bytes()
    blow = strike_program(home, Attempt(arguments=("doctor", "--salvage", str(new))))
    if (
        (home / "veille.db").read_bytes() != before
        or not new.exists()
        or any(sign in blow.said for sign in _CRASHES["veille"])
    ):
        count.troubles.append(f"salvage ended with {blow.code}: {blow.said[-160:]}")
        return 0.0
    with closing(sqlite3.connect(new)) as db:
        if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            count.troubles.append("what was salvaged is damaged")
        found = db.execute("SELECT count(*) FROM entries WHERE title <> '' AND title NOT LIKE '(lost%'").fetchone()[0]
    return min(1.0, float(found / entries))


def _put(rival: Rival, content: bytes) -> None:
    """The database is these bytes alone."""
    for tail in ("-wal", "-shm", "-journal"):
        rival.database.with_name(rival.database.name + tail).unlink(missing_ok=True)
    rival.database.write_bytes(content)


def _try_fetch(rival: Rival, count: Count) -> None:
    """One fetch over a damage: its words and its code against what SQLite finds after."""
    count.tried += 1
    code, said = finish(rival.start(), _ALLOWED)
    if code < 0 or any(sign in said for sign in _CRASHES[rival.program.name]):
        count.crashed += 1
        count.troubles.append(f"ended with {code}: {said.splitlines()[-1][:120] if said else 'not a word'}")
    elif code and said:
        count.told += 1
    else:
        try:
            rival.read()
        except (sqlite3.Error, LostError) as error:
            count.unaware += 1
            count.troubles.append(f"ended with {code} {'without a word ' if not said else ''}over: {str(error)[:120]}")
        else:
            count.harmless += 1
