"""Copies of a database: one that others may be using in, a file of its own out, looked over before it counts.

Knows nothing of where copies are kept, or for how long.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from veille.errors import StoreError
from veille.store.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Db = sqlite3.Connection

# Between two steps the program hears signals.
_PAGES_A_STEP = 2000
_DOCTOR = "`veille doctor` says what can be done"
_LONG_AGO = 3600  # seconds; no copy takes so long
_COUNTED = "feeds entries stories marks notes story_tags verdicts sessions digests issues review_items articles".split()


def copy_database(db: Db, target: Path, *, source: Path | None = None) -> None:
    """Write what `db` holds at this moment into a new file, synced; others may read and write meanwhile.

    Raises StoreError, and leaves what it has written to the caller. `source` is the file of `db`, for messages.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")
            # Inside a transaction all is of one moment, however long it takes; a writer is not held up.
            db.execute("BEGIN")
            try:
                db.execute("SELECT count(*) FROM sqlite_master").fetchone()
                db.backup(copy, pages=_PAGES_A_STEP, sleep=0)
            finally:
                db.execute("ROLLBACK")
            # A file alone, that opens where nothing can be written.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StoreError(_tell_copying(error, target, source)) from None
    sync_file(target)


@contextlib.contextmanager
def open_copy(path: Path, *, source: Path | None = None) -> Iterator[Db]:
    """A copy of veille's database that nobody writes to, for reading; raises StoreError for what is none, or damaged.

    `immutable`: nothing is made beside it. Of a copy just made, `source` is what it was made of: what is wrong with
    the one is wrong with the other.
    """
    named, remedy = source or path, _DOCTOR if source else "choose another backup"
    try:
        copy = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise StoreError(f"{named}: {error}: {remedy}") from None
    with contextlib.closing(copy):
        copy.row_factory = sqlite3.Row
        try:
            _check(copy, named)
            yield copy
        except sqlite3.Error as error:
            raise StoreError(f"{named}: {error}: it is damaged: {remedy}") from None


def read_schema(db: Db) -> int:
    """The number of the schema that a database says it has."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def count_rows(copy: Db) -> dict[str, int]:
    """How much it holds of what people ask for; a database of an older schema lacks some tables."""
    tables = _list_tables(copy)
    there = [table for table in _COUNTED if table in tables]
    return {table: int(copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in there}


def prepare_copy(path: Path) -> None:
    """Make a copy what a database in use is: with a write-ahead log, synced."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = WAL")
    sync_file(path)


def drop_copy(path: Path) -> None:
    """Delete a copy that came to nothing, and what SQLite makes beside it: a log would go into another of the name."""
    for tail in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


@contextlib.contextmanager
def hold_alone(path: Path) -> Iterator[tuple[Db | None, bool]]:
    """A database that nobody else can read or write meanwhile, all of it in its one file; whether another has it open.

    None for what another has open, and for what is no database, or is damaged: that stays as it is.
    """
    with contextlib.closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as db:
        held: Db | None = None
        is_taken = False
        try:
            # A log of one's own takes a lock that nobody else may share.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok":
                held = db
        except sqlite3.OperationalError as error:
            is_taken = "locked" in str(error)
        except sqlite3.Error:
            pass
        yield held, is_taken


def fill_from(db: Db, path: Path) -> bool:
    """Replace all that a database holds by what another has, in one transaction; False for one of other pages.

    Raises StoreError: then it is as it was.
    """
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        try:
            if _page_size(other) != _page_size(db):
                return False
            # In one step: a signal is heard before it, or after.
            other.backup(db)
        except sqlite3.Error as error:
            raise StoreError(f"{path.parent}: {error}: make room there; nothing is lost") from None
    return True


def keep_before(db: Db, path: Path, version: int) -> Path | None:
    """Keep a copy of a database beside it, as `NAME.before-N`, before it leaves schema N; the file.

    Those of earlier migrations go. None when there is nothing to keep: a new database, or one whose migration was
    interrupted, of which a copy was kept. Raises StoreError.
    """
    kept = path.with_name(f"{path.name}.before-{version}")
    done = db.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()[0] if version else 0
    if not version or (done > version and kept.exists()):
        return None
    half = path.with_name(f"{kept.name}.{os.getpid()}.half")
    try:
        copy_database(db, half)
        with contextlib.closing(sqlite3.connect(half)) as copy:
            if read_schema(copy) != version:  # another veille has just done it, and kept one
                return None
        half.replace(kept)
    except (OSError, StoreError) as error:
        said = getattr(error, "strerror", None) or error
        raise StoreError(
            f"{kept}: no copy can be kept before the database is brought to schema {SCHEMA_VERSION}: {said};"
            " make room, or set auto = false under [backup] in config.toml"
        ) from None
    finally:
        drop_copy(half)
    _drop_old(path, kept)
    return kept


def _drop_old(path: Path, kept: Path) -> None:
    """Delete the copies of earlier migrations, and what is left of one that was killed long ago."""
    for old in path.parent.glob(f"{path.name}.before-*"):
        number = old.name.removeprefix(f"{path.name}.before-")
        with contextlib.suppress(OSError):
            half = ".half" in number and time.time() - old.stat().st_mtime > _LONG_AGO
            if half or (number.isdigit() and old != kept):
                old.unlink()


def sync_file(path: Path) -> None:
    """Bring a file, or the names in a directory, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _tell_copying(error: sqlite3.Error, target: Path, source: Path | None) -> str:
    """Room is short in the new file; a damage is in the old one."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return f"{source or target}: {error}: it is damaged: {_DOCTOR}"
    room = "make room there, or " if code & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR} else ""
    return f"{target.parent}: {error}: {room}choose another place"


def _page_size(db: Db) -> int:
    return int(db.execute("PRAGMA page_size").fetchone()[0])


def _check(copy: Db, path: Path) -> None:
    if "_sqlite_migrations" not in _list_tables(copy):
        raise StoreError(f"{path}: no database of veille's: choose another backup")
    version = read_schema(copy)
    if version > SCHEMA_VERSION:
        raise StoreError(f"{path}: made by a newer veille (schema {version}, this one knows {SCHEMA_VERSION}): upgrade")
    found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(f"{path}: it is damaged ({found}): {_DOCTOR}")


def _list_tables(copy: Db) -> set[str]:
    return {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
