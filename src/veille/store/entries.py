"""Entries and their content, always stored together with their words in the indexes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from veille.parsed import Enclosure
from veille.store.decisions import hand_over_verdicts
from veille.store.prepared import COLUMNS
from veille.store.search import IndexedText, index_entries, unindex_entry
from veille.store.stories import date_stories
from veille.store.window import drop_from_window, return_stories
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from veille.read.changes import Change, Identified, Known
    from veille.store.db import Db
    from veille.store.prepared import Prepared

_INSERT = f"""
INSERT INTO entries (feed_id, guid, first_seen_at, {", ".join(COLUMNS)})
VALUES (?1, ?2, ?3, coalesce(?4, ?3), {", ".join(f"?{number}" for number in range(5, 4 + len(COLUMNS)))})
"""
# A missing date keeps the one the entry had: it was first seen then, or was dated before.
_UPDATE = f"""
UPDATE entries SET published_at = coalesce(?1, published_at),
    {", ".join(f"{column} = ?{number}" for number, column in enumerate(COLUMNS[1:], 2))},
    edited_at = ?{len(COLUMNS) + 2}
WHERE id = ?{len(COLUMNS) + 1}
"""


def known_entries(db: Db, feed_id: int, entries: Iterable[Identified]) -> dict[str, Known]:
    """What is stored under the guids of a document: guid to (id, fingerprint)."""
    guids = [guid for entry in entries for guid in (entry.guid, entry.other_guid) if guid]
    if not guids:
        return {}
    rows = db.execute(
        "SELECT guid, id, fingerprint FROM entries WHERE feed_id = ? AND guid IN (SELECT value FROM json_each(?))",
        (feed_id, json.dumps(guids)),
    )
    return {guid: (entry_id, fingerprint) for guid, entry_id, fingerprint in rows}


def store_changes(db: Db, feed_id: int, changes: Iterable[Change[Prepared]], *, now: datetime) -> tuple[int, int]:
    """Store new and edited entries; how many of each. Runs inside the caller's transaction."""
    added: list[tuple[int, Prepared]] = []
    edited = 0
    seen_at = to_stored(now)
    for change in changes:
        entry = change.entry
        if change.entry_id is None:
            cursor = db.execute(_INSERT, (feed_id, entry.guid, seen_at, *entry.values))
            assert cursor.lastrowid is not None  # noqa: S101 - an INSERT has one
            added.append((cursor.lastrowid, entry))
        else:
            _update(db, change.entry_id, entry, seen_at=seen_at)
            edited += 1
    _keep_texts(db, added)
    return len(added), edited


def load_content(db: Db, entry_id: int) -> str:
    """The sanitised HTML of an entry, "" when its summary is all there is."""
    row = db.execute("SELECT html FROM contents WHERE entry_id = ?", (entry_id,)).fetchone()
    return str(row[0]) if row else ""


def load_extras(db: Db, entry_id: int) -> tuple[list[str], list[Enclosure]]:
    """Tags and enclosures of an entry."""
    row = db.execute("SELECT tags, enclosures FROM entries WHERE id = ?", (entry_id,)).fetchone()
    return json.loads(row["tags"]), [Enclosure(**one) for one in json.loads(row["enclosures"])]


def purge_entries(db: Db, feed_id: int) -> None:
    """Take all entries of a feed out of the archive; stories they leave empty go too."""
    told = _stories(db, "feed_id = ?", feed_id)
    dropped = drop_from_window(db, told)
    going = db.execute("SELECT id FROM entries WHERE feed_id = ?", (feed_id,)).fetchall()
    hand_over_verdicts(db, [entry_id for (entry_id,) in going])
    for entry_id, text in _indexed(db, "e.feed_id = ?", (feed_id,)):
        unindex_entry(db, entry_id, text)
    db.execute("DELETE FROM matches WHERE entry_id IN (SELECT id FROM entries WHERE feed_id = ?)", (feed_id,))
    db.execute("DELETE FROM stale_matches WHERE entry_id IN (SELECT id FROM entries WHERE feed_id = ?)", (feed_id,))
    db.execute("DELETE FROM entries WHERE feed_id = ?", (feed_id,))
    db.execute("DELETE FROM stories WHERE id NOT IN (SELECT story_id FROM entries WHERE story_id IS NOT NULL)")
    date_stories(db, told)
    return_stories(db, dropped)
    db.execute("UPDATE entries SET duplicate_of = NULL WHERE duplicate_of NOT IN (SELECT id FROM entries)")


def unindex_entries(db: Db, entry_ids: Sequence[int]) -> None:
    """Take the words of entries out of the indexes: before the entries go. Runs inside the caller's transaction."""
    for entry_id, text in _indexed(db, "e.id IN (SELECT value FROM json_each(?))", (json.dumps(entry_ids),)):
        unindex_entry(db, entry_id, text)


def _update(db: Db, entry_id: int, entry: Prepared, *, seen_at: str) -> None:
    for stored_id, old in _indexed(db, "e.id = ?", (entry_id,)):
        unindex_entry(db, stored_id, old)
    told = _stories(db, "id = ?", entry_id)
    dropped = drop_from_window(db, told)
    db.execute(_UPDATE, (*entry.values, entry_id, seen_at))
    date_stories(db, told)
    return_stories(db, dropped)
    db.execute("DELETE FROM contents WHERE entry_id = ?", (entry_id,))
    _keep_texts(db, [(entry_id, entry)])
    db.execute("INSERT OR IGNORE INTO stale_matches (entry_id) VALUES (?)", (entry_id,))


def _keep_texts(db: Db, entries: Sequence[tuple[int, Prepared]]) -> None:
    """The content of entries that have just been stored, and their words in the indexes."""
    html = [(entry_id, entry.html) for entry_id, entry in entries if entry.html]
    db.executemany("INSERT INTO contents (entry_id, html) VALUES (?, ?)", html)
    index_entries(db, [(entry_id, entry.words) for entry_id, entry in entries])


def _stories(db: Db, where: str, value: int) -> list[int]:
    """The stories of some entries."""
    rows = db.execute(f"SELECT DISTINCT story_id FROM entries WHERE {where} AND story_id IS NOT NULL", (value,))
    return [story_id for (story_id,) in rows]


def _indexed(db: Db, where: str, values: Sequence[int | str]) -> list[tuple[int, IndexedText]]:
    rows = db.execute(
        "SELECT e.id, e.title, e.summary, coalesce(c.html, '') AS html, e.author, e.language"
        f" FROM entries AS e LEFT JOIN contents AS c ON c.entry_id = e.id WHERE {where}",
        values,
    ).fetchall()
    return [
        (
            row["id"],
            IndexedText(
                title=row["title"],
                summary=row["summary"],
                html=row["html"],
                author=row["author"],
                language=row["language"],
            ),
        )
        for row in rows
    ]
