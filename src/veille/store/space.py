"""The room that a database takes on the disk: measured, and given back where there is enough to do so."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

from veille.store.db import write
from veille.store.header import log_of

if TYPE_CHECKING:
    from pathlib import Path

    from veille.store.db import Db

_INDEXES = ("entries_fts", "entries_stems")
# Pages of an index put together in one transaction: some 50 ms.
_PAGES_AT_ONCE = 500
# Less is filled again by the next fetches.
_LEAST_FREE = 0.02


def measure_store(path: Path) -> int:
    """Bytes of the database with its log."""
    files = (path, log_of(path))
    return sum(file.stat().st_size for file in files if file.exists())


def shrink_indexes(db: Db) -> None:
    """Put the parts of the indexes together, so that they hold no more what was taken out of them.

    A few pages to a transaction: others may write in between.
    """
    for index in _INDEXES:
        # A negative number begins to put all parts into one, positive ones go on with that until nothing changes.
        pages = -_PAGES_AT_ONCE
        while True:
            with write(db):
                before = db.total_changes
                db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('merge', ?)", (pages,))
                idle = db.total_changes - before < 2  # noqa: PLR2004 - the statement itself counts for one
            if idle and pages > 0:
                break
            pages = _PAGES_AT_ONCE


def give_back(db: Db, path: Path, *, least: float = _LEAST_FREE) -> str:
    """Make the file as small as what it holds, if at `least` that share of it is free; why not, "" when done or idle.

    All is written anew beside, and into the log: that takes twice the room of what is left, for a moment.
    """
    total, free, size = (_ask(db, name) for name in ("page_count", "freelist_count", "page_size"))
    if not free or free < least * total:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return ""
    needed = 2 * (total - free) * size
    there = shutil.disk_usage(path.parent).free
    if there < needed:
        return f"{path.parent}: {needed:,} bytes are needed there to give room back, {there:,} are free".replace(
            ",", " "
        )
    # The copy is as large as the database: no place for it in memory.
    db.execute("PRAGMA temp_store = FILE")
    try:
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        return f"{path}: no room could be given back: {error}"
    finally:
        db.execute("PRAGMA temp_store = MEMORY")
    return ""


def _ask(db: Db, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
