"""Entries and their content, always stored together with their words in the indexes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from veille.model import Enclosure, Headline
from veille.store.search import IndexedText, index_entry, unindex_entry
from veille.store.stories import date_stories
from veille.text import count_words
from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from veille.model import Change, ParsedEntry
    from veille.read.changes import Known
    from veille.store.db import Db

_INSERT = """
INSERT INTO entries (feed_id, guid, published_at, first_seen_at, updated_at, fingerprint, url, title, author,
                     language, words, summary, tags, enclosures)
VALUES (:feed_id, :guid, coalesce(:published_at, :now), :now, :updated_at, :fingerprint, :url, :title, :author,
        :language, :words, :summary, :tags, :enclosures)
"""
# A missing date keeps the one the entry had: it was first seen then, or was dated before.
_UPDATE = """
UPDATE entries SET published_at = coalesce(:published_at, published_at), updated_at = :updated_at,
    fingerprint = :fingerprint, url = :url, title = :title, author = :author, language = :language, words = :words,
    summary = :summary, tags = :tags, enclosures = :enclosures
WHERE id = :id
"""


def known_entries(db: Db, feed_id: int, entries: Iterable[ParsedEntry]) -> dict[str, Known]:
    """What is stored under the guids of a document: guid to (id, fingerprint)."""
    guids = [guid for entry in entries for guid in (entry.guid, entry.other_guid) if guid]
    rows = db.execute(
        "SELECT guid, id, fingerprint FROM entries WHERE feed_id = ? AND guid IN (SELECT value FROM json_each(?))",
        (feed_id, json.dumps(guids)),
    )
    return {guid: (entry_id, fingerprint) for guid, entry_id, fingerprint in rows}


def store_changes(db: Db, feed_id: int, changes: Iterable[Change], *, now: datetime) -> tuple[int, int]:
    """Store new and edited entries; how many of each. Runs inside the caller's transaction."""
    new = edited = 0
    for change in changes:
        if change.entry_id is None:
            _insert(db, feed_id, change.entry, now=now)
            new += 1
        else:
            _update(db, change.entry_id, change.entry)
            edited += 1
    return new, edited


def load_unfolded(db: Db) -> list[Headline]:
    """Entries that are in no story yet."""
    return _headlines(db, "story_id IS NULL", ())


def load_headlines(db: Db, *, since: datetime, until: datetime) -> list[Headline]:
    """Entries in stories, published between two moments, with the founders of these stories.

    A founder may be older: without it a story would be known by a later entry, and creep forward.
    """
    span = (to_stored(since), to_stored(until))
    inside = "story_id IS NOT NULL AND published_at BETWEEN ? AND ?"
    founders = f"id IN (SELECT story_id FROM entries WHERE {inside}) AND story_id IS NOT NULL"
    found = {headline.entry_id: headline for headline in _headlines(db, inside, span)}
    return list((found | {headline.entry_id: headline for headline in _headlines(db, founders, span)}).values())


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
    for entry_id, text in _indexed(db, "e.feed_id = ?", (feed_id,)):
        unindex_entry(db, entry_id, text)
    db.execute("DELETE FROM matches WHERE entry_id IN (SELECT id FROM entries WHERE feed_id = ?)", (feed_id,))
    db.execute("DELETE FROM stale_matches WHERE entry_id IN (SELECT id FROM entries WHERE feed_id = ?)", (feed_id,))
    told = _stories(db, "feed_id = ?", feed_id)
    db.execute("DELETE FROM entries WHERE feed_id = ?", (feed_id,))
    db.execute("DELETE FROM stories WHERE id NOT IN (SELECT story_id FROM entries WHERE story_id IS NOT NULL)")
    date_stories(db, told)
    db.execute("UPDATE entries SET duplicate_of = NULL WHERE duplicate_of NOT IN (SELECT id FROM entries)")


def _insert(db: Db, feed_id: int, entry: ParsedEntry, *, now: datetime) -> None:
    text = _text(entry)
    cursor = db.execute(_INSERT, _values(entry, text) | {"feed_id": feed_id, "guid": entry.guid, "now": to_stored(now)})
    entry_id = cursor.lastrowid
    assert entry_id is not None  # noqa: S101 - an INSERT has one
    if entry.content:
        db.execute("INSERT INTO contents (entry_id, html) VALUES (?, ?)", (entry_id, entry.content))
    index_entry(db, entry_id, text)


def _update(db: Db, entry_id: int, entry: ParsedEntry) -> None:
    for stored_id, old in _indexed(db, "e.id = ?", (entry_id,)):
        unindex_entry(db, stored_id, old)
    text = _text(entry)
    db.execute(_UPDATE, _values(entry, text) | {"id": entry_id})
    date_stories(db, _stories(db, "id = ?", entry_id))
    db.execute("DELETE FROM contents WHERE entry_id = ?", (entry_id,))
    if entry.content:
        db.execute("INSERT INTO contents (entry_id, html) VALUES (?, ?)", (entry_id, entry.content))
    index_entry(db, entry_id, text)
    db.execute("INSERT OR IGNORE INTO stale_matches (entry_id) VALUES (?)", (entry_id,))


def _stories(db: Db, where: str, value: int) -> list[int]:
    """The stories of some entries."""
    rows = db.execute(f"SELECT DISTINCT story_id FROM entries WHERE {where} AND story_id IS NOT NULL", (value,))
    return [story_id for (story_id,) in rows]


def _text(entry: ParsedEntry) -> IndexedText:
    return IndexedText(
        title=entry.title,
        summary=entry.summary,
        html=entry.content,
        author=entry.author,
        language=entry.language,
    )


def _values(entry: ParsedEntry, text: IndexedText) -> dict[str, Any]:
    return {
        "published_at": to_stored(entry.published_at) if entry.published_at else None,
        "updated_at": to_stored(entry.updated_at) if entry.updated_at else None,
        "fingerprint": entry.fingerprint,
        "url": entry.url,
        "title": entry.title,
        "author": entry.author,
        "language": entry.language,
        "words": count_words(text.body),
        "summary": entry.summary,
        "tags": json.dumps(entry.tags, ensure_ascii=False),
        "enclosures": json.dumps([asdict(one) for one in entry.enclosures], ensure_ascii=False),
    }


def _indexed(db: Db, where: str, values: Sequence[int]) -> list[tuple[int, IndexedText]]:
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


def _headlines(db: Db, where: str, values: Sequence[str]) -> list[Headline]:
    rows = db.execute(
        f"SELECT id, feed_id, title, url, published_at, language, story_id FROM entries WHERE {where}",
        values,
    )
    return [
        Headline(
            entry_id=row["id"],
            feed_id=row["feed_id"],
            title=row["title"],
            url=row["url"],
            published_at=_at(row["published_at"]),
            language=row["language"],
            story_id=row["story_id"],
        )
        for row in rows
    ]


def _at(text: str) -> datetime:
    moment = from_stored(text)
    assert moment is not None  # noqa: S101 - the column is NOT NULL
    return moment
