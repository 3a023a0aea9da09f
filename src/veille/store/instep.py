"""Whether the indexes of words follow the entries: none without an entry, no entry without its words."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from veille.store.db import write
from veille.store.integrity import FULL_TEXT
from veille.store.reindex import rebuild_indexes
from veille.text import split_words, stem_words

if TYPE_CHECKING:
    from veille.store.db import Db

# Entries whose titles are looked up, spread over all of them.
_SAMPLE = 200
_FEW_WORDS = 8


def find_unindexed(db: Db) -> list[str]:
    """What is wrong with the indexes of words, a line each. Nothing is written."""
    wrong = []
    for index in FULL_TEXT:
        try:
            wrong += _compare(db, index)
        except sqlite3.DatabaseError as error:
            wrong.append(f"{index}: {error}")
    return wrong


def check_words(db: Db) -> list[str]:
    """What FTS5 finds wrong inside its own indexes; it asks for leave to write, and writes nothing."""
    wrong = []
    for index in FULL_TEXT:
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            wrong.append(f"{index}: {error}")
        finally:
            db.execute("ROLLBACK")
    return wrong


def mend_words(db: Db) -> None:
    """Make both indexes of words anew."""
    with write(db):
        rebuild_indexes(db)


def mend_indexes(db: Db) -> None:
    """Make every index of SQLite's own anew from its table."""
    with write(db):
        db.execute("REINDEX")


def _compare(db: Db, index: str) -> list[str]:
    sides = (
        ("entries without words", "id FROM entries", f"id FROM {index}_docsize"),
        ("words of entries that are not there", f"id FROM {index}_docsize", "id FROM entries"),
    )
    wrong = []
    for what, one, other in sides:
        rows = db.execute(f"SELECT count(*) FROM (SELECT {one} EXCEPT SELECT {other})").fetchone()[0]
        if rows:
            wrong.append(f"{index}: {rows} {what}")
    if wrong:
        return wrong
    rows = db.execute(
        "SELECT id, title, language FROM entries WHERE id % max(1, (SELECT count(*) FROM entries) / ?) = 0", (_SAMPLE,)
    ).fetchall()
    lost = sum(
        not _is_found(db, index, entry_id, _list_words(index, title, language)) for entry_id, title, language in rows
    )
    return [f"{index}: {lost} of {len(rows)} titles are not found by their words"] if lost else []


def _list_words(index: str, title: str, language: str) -> list[str]:
    words = split_words(title)
    return (stem_words(words, language) if index == "entries_stems" else words)[:_FEW_WORDS]


def _is_found(db: Db, index: str, entry_id: int, words: list[str]) -> bool:
    if not words:
        return True
    phrase = f'{{title}} : "{" ".join(words)}"'
    return (
        db.execute(f"SELECT 1 FROM {index} WHERE {index} MATCH ? AND rowid = ?", (phrase, entry_id)).fetchone()
        is not None
    )
