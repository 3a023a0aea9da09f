"""Whether a database is sound: what SQLite finds wrong in its pages, its indexes and its values, without writing.

Knows nothing of what to do about it (`app/doctor.py`).
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from veille.store.header import log_of
from veille.store.orphans import find_orphans
from veille.store.schema import make_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from veille.store.db import Db

# Enough to see what is wrong; a page that is wrong can be told of a thousand times.
_MOST_MESSAGES = 100
# What integrity_check says of an index that does not follow its table, and of nothing else.
_INDEX = re.compile(r"^(?:row -?\d+ missing from index|wrong # of entries in index|non-unique entry in index)")
_FULL_TEXT = re.compile(r"inverted index for FTS5|^fts5:")
FULL_TEXT = ("entries_fts", "entries_stems")

# Text that the program reads as JSON, and what is written where it cannot be read.
JSON_COLUMNS = {
    ("feeds", "tags"): "[]",
    ("feeds", "settings"): "{}",
    ("feed_states", "cadence"): "{}",
    ("entries", "tags"): "[]",
    ("entries", "enclosures"): "[]",
    ("sessions", "told"): "{}",
    ("session_actions", "before"): "{}",
    ("issues", "content"): "{}",
    ("issues", "outputs"): "[]",
}
_TIMES = ("_at", "_until", "_since")
# What is stored in a column of a type; bytes hold anything.
_AFFINITIES = {"INTEGER": "'integer'", "TEXT": "'text'", "REAL": "'real', 'integer'"}
_PATIENCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What is wrong with pages, with indexes beside sound tables, and with the indexes of words."""

    pages: Sequence[str] = ()
    indexes: Sequence[str] = ()
    full_text: Sequence[str] = ()


class BadValues(NamedTuple):
    """How many rows of a column hold what it cannot hold."""

    table: str
    column: str
    rows: int


@contextlib.contextmanager
def open_reading(path: Path) -> Iterator[Db]:
    """The database as it is, for reading only: nothing is made, migrated, or brought in from its log.

    Where not even the files that help reading can be made beside it, it is read as one that nobody changes.
    Raises sqlite3.Error.
    """
    conn = _connect(path, "mode=ro")
    try:
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        if "unable to open" not in str(error) and "readonly" not in str(error):
            raise
        conn.close()
        if log_of(path).exists():
            raise
        conn = _connect(path, "immutable=1")
    # What SQLite says of damaged bytes is no better text than they are.
    conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
    with contextlib.closing(conn):
        yield conn


def find_damage(db: Db) -> Structure:
    """All that SQLite's own check finds, sorted; a check that cannot be run is a damage."""
    try:
        said = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({_MOST_MESSAGES})")]
    except (sqlite3.Error, UnicodeError) as error:
        return Structure(pages=[str(error)])
    wrong = [line for message in said for line in message.splitlines() if line and line != "ok"]
    indexes = [line for line in wrong if _INDEX.search(line)]
    full_text = [line for line in wrong if _FULL_TEXT.search(line)]
    taken = {*indexes, *full_text}
    return Structure(pages=[line for line in wrong if line not in taken], indexes=indexes, full_text=full_text)


def find_bad_values(db: Db) -> list[BadValues]:
    """Columns that hold what the program cannot read: a wrong type, no JSON, no date.

    A flipped byte in a value leaves every page in order.
    """
    found = []
    for table, column, kind in _list_columns(db):
        rows = db.execute(f'SELECT count(*) FROM "{table}" WHERE {_wrong(table, column, kind)}').fetchone()[0]
        if kind == "TEXT":
            rows = max(rows, _count_unreadable(db, table, column))
        if rows:
            found.append(BadValues(table, column, rows))
    return found


def is_damaged(path: Path) -> bool:
    """Whether the database is to blame for an error: something is wrong with its pages, indexes or values."""
    try:
        with open_reading(path) as db:
            wrong = find_damage(db)
            ill = wrong.pages or wrong.indexes or wrong.full_text or find_bad_values(db) or list_absent(db)
            return bool(ill or find_orphans(db))
    except (sqlite3.Error, UnicodeError):
        return True


def list_absent(db: Db) -> list[str]:
    """Tables, columns and indexes of this program's schema that the database has not."""
    there = _list_schema(db)
    with contextlib.closing(make_model()) as model:
        return sorted(_list_schema(model) - there)


def is_ours(db: Db) -> bool:
    """Whether the database is veille's, or was."""
    rows = db.execute(
        "SELECT name FROM sqlite_master WHERE name IN ('_sqlite_migrations', 'entries_fts', 'feed_states')"
    )
    return rows.fetchone() is not None


def list_tables(db: Db) -> list[str]:
    """The tables that hold what a user has: not the indexes of words, nor what SQLite keeps for itself."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
    return [name for (name,) in rows if not name.startswith((*FULL_TEXT, "sqlite_", "_sqlite_"))]


def _connect(path: Path, how: str) -> Db:
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=_PATIENCE, isolation_level=None)
    conn.row_factory = sqlite3.Row
    return conn


def _list_schema(db: Db) -> set[str]:
    rows = db.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'index')").fetchall()
    columns = {
        f"{name}.{row[1]}"
        for name, kind in rows
        if kind == "table"
        for row in db.execute(f'PRAGMA table_info("{name}")')
    }
    return {name for name, _ in rows if not name.startswith("sqlite_stat")} | columns


def _list_columns(db: Db) -> list[tuple[str, str, str]]:
    return [
        (table, row[1], str(row[2]).upper())
        for table in list_tables(db)
        for row in db.execute(f'PRAGMA table_info("{table}")')
    ]


def _wrong(table: str, column: str, kind: str) -> str:
    """The condition under which a value cannot be what the column holds."""
    name = f'"{column}"'
    if kind not in _AFFINITIES:
        return "0"
    wrong = f"{name} IS NOT NULL AND (typeof({name}) NOT IN ({_AFFINITIES[kind]})"
    if (table, column) in JSON_COLUMNS:
        wrong += f" OR NOT json_valid({name})"
    if is_time(column):
        # February 30 is a date to SQLite, which makes it March 2 as soon as it counts.
        wrong += f" OR ({name} != '' AND strftime('%Y-%m-%dT%H:%M:%S', {name}, '+0 days') IS NOT substr({name}, 1, 19))"
    return f"{wrong})"


def is_time(column: str) -> bool:
    """Whether a column holds moments."""
    return column.endswith(_TIMES)


def _count_unreadable(db: Db, table: str, column: str) -> int:
    """How many rows hold bytes that are no text."""
    unreadable = 0

    def read(raw: bytes) -> str:
        nonlocal unreadable
        try:
            return raw.decode()
        except UnicodeDecodeError:
            unreadable += 1
            return ""

    before, db.text_factory = db.text_factory, read
    try:
        for _ in db.execute(f'SELECT "{column}" FROM "{table}"'):
            pass
    finally:
        db.text_factory = before
    return unreadable
