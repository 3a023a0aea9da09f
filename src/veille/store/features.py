"""The SQLite in use: its version, and whether it can do what veille asks of it."""

from __future__ import annotations

import contextlib
import sqlite3

VERSION = sqlite3.sqlite_version
_TRIALS = {
    "FTS5": "CREATE VIRTUAL TABLE words USING fts5 (title, content='')",
    "JSON": "SELECT json_each.value FROM json_each('[1]')",
    "upserts": "INSERT INTO trial VALUES (1) ON CONFLICT (id) DO UPDATE SET id = excluded.id",
    "RETURNING": "INSERT INTO trial VALUES (2) RETURNING id",
    "iif": "SELECT iif(1, 2, 3)",
}


def list_missing() -> list[str]:
    """The features that veille needs and this SQLite has not."""
    missing = []
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE trial (id INTEGER PRIMARY KEY)")
        for name, statement in _TRIALS.items():
            try:
                db.execute(statement).fetchall()
            except sqlite3.OperationalError:
                missing.append(name)
    return missing
