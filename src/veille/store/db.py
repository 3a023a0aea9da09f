"""Opening the database: a path in, a ready connection out.

A database that is already at this program's schema opens without loading sqlite-utils.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

from veille.errors import BusyError, StoreError
from veille.store.backup import keep_before, read_schema, sync_file
from veille.store.functions import add_functions
from veille.store.header import is_abandoned, is_used, log_of, read_state
from veille.store.integrity import is_damaged
from veille.store.schema import SCHEMA_VERSION, migrate
from veille.store.waiting import STEP, PatientConnection, is_busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

Db = sqlite3.Connection

_DAMAGED = "the database is damaged: `veille doctor` says what can be saved"
_LOST = "`veille doctor` says what to do"
# What SQLite says of pages and values that it cannot read.
_SIGNS = re.compile(
    "is malformed|^malformed database schema|Could not decode to UTF-8|corrupt|^vtable constructor failed"
)
# What reading a damaged value ends in.
_FAULTS = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    MemoryError,
    RecursionError,
)
# Faults of a program, not trouble of a disk or a neighbour.
_MISUSES = (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
# What SQLite says of a migration that another veille has begun, or has just done.
_BEING_MADE = re.compile("already exists$|is locked$|^duplicate column name")


@contextlib.contextmanager
def open_store(
    path: Path, *, busy_timeout: timedelta, on_wait: Callable[[], None] | None = None, keep_old: bool = False
) -> Iterator[Db]:
    """The database at `path`, made or migrated when it needs to be, closed at the end.

    With `keep_old` a copy stays beside it before it is migrated (`backup.keep_before`).

    Raises StoreError when it cannot be opened, is not veille's, or was written by a newer veille;
    errors of SQLite inside the block become StoreError too, and BusyError when another has been writing for
    `busy_timeout`. `on_wait` is called when that takes long. What is made is for the user alone.
    """
    try:
        make_directories(path.parent)
    except OSError as error:
        raise StoreError(f"{path.parent}: {error.strerror}: choose another place with VEILLE_HOME") from None
    _refuse_lost(path)
    existed, patience = path.exists(), busy_timeout.total_seconds()
    try:
        _make_file(path)
        # One thread at a time uses it, not always the same: a fetch stores from a thread of its own.
        conn = sqlite3.connect(
            path, timeout=min(STEP, patience), isolation_level=None, check_same_thread=False, factory=PatientConnection
        )
        conn.patience, conn.on_wait = patience, on_wait
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}: check that the directory can be written to") from None
    with contextlib.closing(conn):
        try:
            _prepare(conn, path, patience=busy_timeout, keep_old=keep_old, existed=existed)
            yield conn
        except sqlite3.Error as error:
            raise _told(error, path) from error
        except _FAULTS as error:
            # What was stored is read trustingly. Where it is damaged, that is to blame and not the program.
            if not is_damaged(path):
                raise
            what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise StoreError(f"{path}: what is stored cannot be read ({what}): {_DAMAGED}") from error


@contextlib.contextmanager
def copy_store(db: Db) -> Iterator[Db]:
    """A copy in memory, to try on it what the database itself must not see."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        db.backup(copy)
        copy.row_factory = sqlite3.Row
        add_functions(copy)
        yield copy


def make_directories(place: Path) -> None:
    """Make a directory, and those it is in, for the user alone; what is there stays as it is. Raises OSError."""
    missing = [place, *place.parents]
    for one in reversed(missing[: next((at for at, one in enumerate(missing) if one.exists()), 0)]):
        one.mkdir(mode=0o700, exist_ok=True)
    place.mkdir(exist_ok=True)


@contextlib.contextmanager
def write(db: Db) -> Iterator[None]:
    """One transaction: everything inside is stored, or nothing is.

    Raises StoreError for a database that is locked, full, not to be written to or damaged: whoever holds something
    open can tell of it and go on.
    """
    try:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    except _MISUSES:
        raise
    except sqlite3.Error as error:
        raise _told(error, _place_of(db)) from error


@contextlib.contextmanager
def save_point(db: Db) -> Iterator[None]:
    """Inside a transaction: everything inside is kept, or nothing is, without ending the transaction.

    An error that has ended the transaction itself (a full disk) goes through. Raises StoreError as `write` does.
    """
    db.execute("SAVEPOINT one")
    try:
        yield
    except BaseException as error:
        if db.in_transaction:
            db.execute("ROLLBACK TO one")
            db.execute("RELEASE one")
        if isinstance(error, sqlite3.Error) and not isinstance(error, _MISUSES):
            raise _told(error, _place_of(db)) from error
        raise
    db.execute("RELEASE one")


def defer_sync(db: Db) -> None:
    """Let commits reach the disk when the system pleases, until `checkpoint`.

    For a fetch, which makes hundreds and reports at the end: a power cut may undo the last ones, whole.
    """
    db.execute("PRAGMA synchronous = NORMAL")


def checkpoint(db: Db) -> None:
    """Bring what was committed safely to disk, as every later commit is: called before it is reported."""
    db.execute("PRAGMA synchronous = FULL")
    _, frames, moved = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    if moved < frames:
        # Another reads an old state meanwhile: SQLite has moved nothing more, and may not have synced the log.
        sync_file(log_of(_place_of(db)))


def _refuse_lost(path: Path) -> None:
    """SQLite makes a new database of what is empty, and throws away the log beside it."""
    try:
        abandoned = is_abandoned(path, read_state(path))
    except OSError:
        return  # SQLite says what is wrong with it
    if abandoned:
        raise StoreError(f"{path}: it is gone or empty, but its log {log_of(path).name} is not: {_LOST}")


def _make_file(path: Path) -> None:
    """An empty file that only the user may read: SQLite gives its log the same permissions. It says what is wrong."""
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare(conn: Db, path: Path, *, patience: timedelta, keep_old: bool, existed: bool) -> None:
    conn.row_factory = sqlite3.Row
    # A page that is wrong is refused instead of believed.
    conn.execute("PRAGMA cell_size_check = ON")
    version = read_schema(conn)
    tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "_sqlite_migrations" not in tables:
        raise StoreError(f"{path}: a database, but not veille's: choose another file with --db")
    if existed and not tables and is_used(path):
        raise StoreError(f"{path}: nothing is in it, though it has been in use (its lock is there): {_LOST}")
    if version > SCHEMA_VERSION:
        raise StoreError(f"{path}: made by a newer veille (schema {version}, this one knows {SCHEMA_VERSION}): upgrade")
    if version < SCHEMA_VERSION:
        if keep_old:
            keep_before(conn, path, version)
        _migrate(conn, patience)
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA cache_size = -32000")
    # Savepoints would open files, of which there may be none left while a fetch has its connections.
    conn.execute("PRAGMA temp_store = MEMORY")
    add_functions(conn)


def _migrate(conn: Db, patience: timedelta) -> None:
    """Migrate; when a second veille is doing so at the same moment, wait for it and find it done.

    SQLite's own waiting does not cover the change to a write-ahead log.
    """
    give_up = time.monotonic() + patience.total_seconds()
    while True:
        try:
            conn.execute("PRAGMA journal_mode = WAL")
            migrate(conn)
        except sqlite3.OperationalError as error:
            if not _BEING_MADE.search(str(error)) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


def _place_of(db: Db) -> Path:
    """The file, for messages."""
    return Path(next((row[2] for row in db.execute("PRAGMA database_list") if row[1] == "main"), ""))


def _told(error: sqlite3.Error, path: Path) -> StoreError:
    if is_busy(error):
        return BusyError(f"{path}: another program has been writing to it for long: try again when it is done")
    return StoreError(f"{path}: {_explain(error, path)}")


def _explain(error: sqlite3.Error, path: Path) -> str:
    """SQLite's message with what to do about it."""
    message = str(error)
    if _SIGNS.search(message):
        return f"{message}: {_DAMAGED}"
    advice = {
        "fts5: parser stack overflow": "an expression or a rule is nested too deep: write it flatter",
        "file is not a database": "choose another file with --db, or restore a backup (`veille doctor` looks closer)",
        "attempt to write a readonly database": "check the permissions of the file and its directory",
        "unable to open database file": "check that the directory exists and can be written to",
        "database or disk is full": "make room on the disk",
        "disk I/O error": "make room on the disk, or see whether a quota or the disk itself is in the way",
    }
    if message in advice:
        return f"{message}: {advice[message]}"
    return f"{message}: {_DAMAGED}" if is_damaged(path) else message
