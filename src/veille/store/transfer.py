"""Rows as records, out and in: what an export has of every table, and a database made of it.

Which fields there are is in `read/archive_kinds.py`; what lines look like is not known here.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from veille.errors import ReadError
from veille.rank.pages import page_key
from veille.read.archive_kinds import DERIVED, KINDS
from veille.store.orphans import find_orphans
from veille.store.reindex import rebuild_indexes
from veille.store.window import enter_stories

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from veille.read.archive_kinds import Kind
    from veille.store.db import Db

# What waits to be sent or published stays with the veille that it waits in: imported, it would go out twice, and a
# hostile file could have anything sent anywhere. Nor does an issue tell where it goes.
_ONLY = {
    "outbox": "sent_at IS NOT NULL",
    "issues": "published_at IS NOT NULL",
    "issue_stories": "issue_id IN (SELECT id FROM issues WHERE published_at IS NOT NULL)",
}
# Whoever has one of these has something to lose; the others are made by looking.
_OWN = "feeds entries stories sessions issues outbox digests".split()
_AT_ONCE = 2000
# What refers to nothing, and the statement that finds it.
_LOST = {
    "entry {} is of story {}, and there is no such story": (
        "SELECT id, story_id FROM entries WHERE story_id NOT IN (SELECT id FROM stories) LIMIT 1"
    ),
    "entry {} is a copy of {}, and there is no such entry": (
        "SELECT id, duplicate_of FROM entries WHERE duplicate_of NOT IN (SELECT id FROM entries) LIMIT 1"
    ),
    "story {} has no entry": (
        "SELECT id FROM stories WHERE id NOT IN (SELECT story_id FROM entries WHERE story_id IS NOT NULL) LIMIT 1"
    ),
}


def find_lost(db: Db) -> str:
    """What the database holds that an export could not bring back, for it is of what is not there; "" when nothing."""
    own = [f"{one.table}: {one.rows} {one.what}" for one in find_orphans(db) if one.own]
    rows = ((told, db.execute(statement).fetchone()) for told, statement in _LOST.items())
    return next(iter((*own, *(told.format(*lost) for told, lost in rows if lost))), "")


def list_rows(db: Db, kind: Kind) -> Iterator[Mapping[str, Any]]:
    """All rows of a kind, in the order of their keys."""
    own = ", ".join(f"t.{field.name}" for field in kind.fields)
    if not kind.beside:
        only = f" WHERE {_ONLY[kind.table]}" if kind.table in _ONLY else ""
        order = "1, 2" if len(kind.fields) > 1 else "1"
        yield from db.execute(f"SELECT {own} FROM {kind.table} AS t{only} ORDER BY {order}")
        return
    others = ", ".join(f"b.{field.name}" for field in kind.others)
    joined = f"{kind.table} AS t LEFT JOIN {kind.beside} AS b ON b.{kind.key} = t.id"
    yield from db.execute(f"SELECT {own}, {others} FROM {joined} ORDER BY t.id")


def next_ids(db: Db) -> dict[str, int]:
    """The numbers that tables have come to: none is given twice."""
    return dict(map(tuple, db.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name")))


def holds_anything(db: Db) -> bool:
    """Whether somebody uses this database."""
    return any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in _OWN)


def clear(db: Db) -> None:
    """Take out what looking has left in a database that holds nothing."""
    for table in (*DERIVED, *(kind.table for kind in reversed(KINDS))):
        db.execute(f"DELETE FROM {table}")


def add_row(db: Db, kind: Kind, values: Mapping[str, Any]) -> None:
    """Store one record; raises ReadError for one that contradicts another."""
    row = {field.name: values[field.name] for field in kind.fields}
    if kind.table == "entries":
        row["page"] = page_key(row["url"]) if row["url"] else ""
    try:
        _insert(db, kind.table, row)
        others = {field.name: values[field.name] for field in kind.others}
        if kind.beside and (kind.table == "feeds" or any(others.values())):
            _insert(db, kind.beside, {kind.key: row["id"]} | others)
    except sqlite3.IntegrityError as error:
        said = str(error)
        what = "it refers to what no line before it has" if said.startswith("FOREIGN KEY") else f"twice: {said}"
        raise ReadError(f"{kind.name}: {what}") from None


def finish(db: Db, *, ids: Mapping[str, int], window: Mapping[int, str]) -> None:
    """Make what is derived from the rows; raises ReadError for rows that refer to nothing.

    `window` gives the scope of each story that new entries may still join.
    """
    for told, statement in _LOST.items():
        lost = db.execute(statement).fetchone()
        if lost:
            raise ReadError(told.format(*lost))
    for table, number in ids.items():
        db.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (number, table))
        db.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2 WHERE NOT EXISTS"
            " (SELECT 1 FROM sqlite_sequence WHERE name = ?1) AND ?1 IN (SELECT name FROM sqlite_master)",
            (table, number),
        )
    rebuild_indexes(db)
    scopes: defaultdict[str, list[int]] = defaultdict(list)
    for story_id, scope in window.items():
        scopes[scope].append(story_id)
    for scope, stories in scopes.items():
        for start in range(0, len(stories), _AT_ONCE):
            enter_stories(db, stories[start : start + _AT_ONCE], scope=scope)


def _insert(db: Db, table: str, row: Mapping[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
