"""One file looked at from outside in: its bytes, its log, its pages, its values, what refers to what. Reads only."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from veille.store.backup import read_schema
from veille.store.header import FileState, LogState, is_used, log_of, read_log, read_state
from veille.store.instep import find_unindexed
from veille.store.integrity import (
    BadValues,
    Structure,
    find_bad_values,
    find_damage,
    is_ours,
    list_absent,
    list_tables,
    open_reading,
)
from veille.store.orphans import Orphans, find_orphans
from veille.store.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

State = Literal["absent", "abandoned", "gone", "foreign", "other", "newer", "older", "unreadable", "damaged", "sound"]


@dataclass(slots=True, kw_only=True)
class Inspection:
    """What was seen of a database. Only one that is `sound` is looked at to the end."""

    state: State
    file: FileState = field(default_factory=lambda: FileState(kind="missing"))
    log: LogState = field(default_factory=LogState)
    version: int = 0
    trouble: str = ""
    structure: Structure = field(default_factory=Structure)
    absent: Sequence[str] = ()
    values: Sequence[BadValues] = ()
    orphans: Sequence[Orphans] = ()
    words: Sequence[str] = ()


def inspect(path: Path) -> Inspection:
    """Look at the database at `path` without changing it or its log."""
    try:
        state = read_state(path)
    except OSError as error:
        return Inspection(state="unreadable", trouble=error.strerror or str(error))
    seen = Inspection(state="sound", file=state, log=read_log(log_of(path)))
    if state.kind in {"missing", "empty"}:
        lost: State = "gone" if is_used(path) else "absent"
        seen.state = "abandoned" if seen.log.frames else lost
    elif state.kind == "foreign":
        seen.state = "foreign"
    else:
        _look_inside(path, seen)
    return seen


def _look_inside(path: Path, seen: Inspection) -> None:
    try:
        with open_reading(path) as db:
            tables = list_tables(db)
            seen.version = read_schema(db)
            if not tables:
                seen.state = "gone" if is_used(path) else "absent"
                return
            seen.structure = find_damage(db)
            if not is_ours(db) and not seen.structure.pages:
                seen.state = "other"
            elif seen.structure.pages:
                seen.state = "damaged"
            elif seen.version != SCHEMA_VERSION:
                seen.state = "newer" if seen.version > SCHEMA_VERSION else "older"
            else:
                seen.absent, seen.values = list_absent(db), find_bad_values(db)
                seen.state = "damaged" if seen.absent or seen.values else "sound"
                if seen.state == "sound":
                    seen.orphans, seen.words = find_orphans(db), find_unindexed(db)
    except (sqlite3.Error, UnicodeError) as error:
        locked = "locked" in str(error) or "unable to open" in str(error)
        seen.state, seen.trouble = ("unreadable" if locked else "damaged"), str(error)
