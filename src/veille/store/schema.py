"""The schema, made by migrations only (`tables.py`). Add one at the end and raise SCHEMA_VERSION by one."""

from __future__ import annotations

import sqlite3
from typing import Any

from veille.store import tables

SCHEMA_VERSION = 7

# Entries and stories are numbered from here: a smaller number typed by the user is a rank in the
# last list shown, and the two can never be mistaken for one another.
FIRST_ID = 1000

# The statements of every migration.
_STEPS = (
    tables.FIRST, tables.POLITENESS, tables.STORIES, tables.DESK, tables.SESSION, tables.PUBLISHING, tables.RETENTION,
)  # fmt: skip


def migrate(conn: sqlite3.Connection) -> None:
    """Bring a database to this program's schema; each step is a transaction of its own."""
    from sqlite_utils import Database, Migrations

    from veille.store.reindex import fill_pages, rebuild_indexes
    from veille.store.window import fill_window

    migrations = Migrations("veille")

    @migrations()
    def m001_first_schema(db: Any) -> None:
        _run(db, tables.FIRST)
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', ?)", [FIRST_ID - 1])

    @migrations()
    def m002_politeness(db: Any) -> None:
        _run(db, tables.POLITENESS)
        # The words of a text are no longer those that version 1 indexed.
        rebuild_indexes(conn)

    @migrations()
    def m003_stories(db: Any) -> None:
        _run(db, tables.STORIES)
        fill_pages(conn)
        fill_window(conn)

    @migrations()
    def m004_desk(db: Any) -> None:
        _run(db, tables.DESK)

    @migrations()
    def m005_session(db: Any) -> None:
        _run(db, tables.SESSION)

    @migrations()
    def m006_publishing(db: Any) -> None:
        _run(db, tables.PUBLISHING)

    @migrations()
    def m007_retention(db: Any) -> None:
        _run(db, tables.RETENTION)

    migrations.apply(Database(conn))
    conn.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def make_model() -> sqlite3.Connection:
    """An empty database in memory with this program's tables: what another is compared with."""
    model = sqlite3.connect(":memory:", isolation_level=None)
    for statements in _STEPS:
        _run(model, statements)
    model.execute(
        "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"
    )
    return model


def _run(db: Any, statements: str) -> None:
    """Not `executescript`, which would commit the migration's transaction."""
    for statement in filter(str.strip, statements.split(";\n")):
        db.execute(statement)
