"""Entries as folding sees them."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from veille.model import Headline
from veille.text import split_words
from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from veille.store.db import Db

_FURTHEST = timedelta(days=30)
_TELLING = 4  # letters of a word that may tell of an event
_COLUMNS = "id, feed_id, title, url, published_at, language, summary, page, story_id"


def has_pending(db: Db) -> bool:
    """Whether entries are in no story yet."""
    return db.execute("SELECT 1 FROM entries WHERE story_id IS NULL LIMIT 1").fetchone() is not None


def find_first_pending(db: Db) -> int | None:
    """The first to be stored of the entries that are in no story yet."""
    (entry_id,) = db.execute("SELECT min(id) FROM entries WHERE story_id IS NULL").fetchone()
    return None if entry_id is None else int(entry_id)


def has_folded(db: Db) -> bool:
    """Whether an entry is in a story."""
    return db.execute("SELECT 1 FROM entries WHERE story_id IS NOT NULL LIMIT 1").fetchone() is not None


def load_pending(db: Db, *, span: timedelta, some: int, most: int) -> list[Headline]:
    """Entries that are in no story yet, the first published: all within `span`, more while they are but `some`.

    Never more than `most`, nor from further than `_FURTHEST`.
    """
    dates = "SELECT published_at FROM entries WHERE story_id IS NULL ORDER BY published_at, id LIMIT ?"
    found = db.execute(dates, (some,)).fetchall()
    if not found:
        return []
    first, last = (datetime.fromisoformat(found[at][0]) for at in (0, -1))
    where = "story_id IS NULL AND published_at <= ? ORDER BY published_at, id LIMIT ?"
    return _load(db, where, (to_stored(max(first + span, min(last, first + _FURTHEST))), most))


def load_span(db: Db, *, since: datetime, until: datetime, like: Sequence[str] = ()) -> list[Headline]:
    """Entries in stories, published between two moments, with all the other entries of these stories.

    With titles in `like`: of those entries, the ones that share a word of four letters with one of these.
    """
    inside = "SELECT DISTINCT story_id FROM entries WHERE story_id IS NOT NULL AND published_at BETWEEN ? AND ?"
    values = [to_stored(since), to_stored(until)]
    words = {word for title in like for word in split_words(title) if len(word) >= _TELLING}
    if like and words:
        inside += " AND id IN (SELECT rowid FROM entries_fts WHERE entries_fts MATCH ?)"
        values.append("{title} : (" + " OR ".join(f'"{word}"' for word in sorted(words)) + ")")
    return _load(db, f"story_id IN ({inside})", values)


def load_members(db: Db, stories: Collection[int]) -> Mapping[int, Sequence[Headline]]:
    """The entries of stories, by story."""
    found: defaultdict[int, list[Headline]] = defaultdict(list)
    where = "story_id IN (SELECT value FROM json_each(?)) ORDER BY id"
    for headline in _load(db, where, (json.dumps(sorted(stories)),)):
        if headline.story_id is not None:
            found[headline.story_id].append(headline)
    return found


def count_members(db: Db, stories: Collection[int]) -> Mapping[int, int]:
    """How many entries each story has."""
    rows = db.execute(
        "SELECT story_id, count(*) FROM entries WHERE story_id IN (SELECT value FROM json_each(?)) GROUP BY story_id",
        (json.dumps(sorted(stories)),),
    )
    return dict(map(tuple, rows))


def load_pages(db: Db, pages: Collection[str], *, since: datetime) -> list[Headline]:
    """The entries in stories, published since, that are on these pages."""
    where = "page IN (SELECT value FROM json_each(?)) AND page != '' AND story_id IS NOT NULL AND published_at >= ?"
    return _load(db, where, (json.dumps(list(pages)), to_stored(since)))


def load_headlines(db: Db, entry_ids: Collection[int]) -> list[Headline]:
    """The entries of the given numbers, in their order."""
    return _load(db, "id IN (SELECT value FROM json_each(?)) ORDER BY id", (json.dumps(sorted(entry_ids)),))


def find_newest_date(db: Db) -> datetime | None:
    """When the entry published last was."""
    return from_stored(db.execute("SELECT max(published_at) FROM entries").fetchone()[0])


def _load(db: Db, where: str, values: Sequence[Any]) -> list[Headline]:
    cursor = db.cursor()
    # By place: by name it takes twice as long, and folding loads thousands.
    cursor.row_factory = None
    return [
        Headline(
            entry_id=entry_id,
            feed_id=feed_id,
            title=title,
            url=url,
            published_at=datetime.fromisoformat(published_at),
            language=language,
            summary=summary,
            page=page,
            story_id=story_id,
        )
        for entry_id, feed_id, title, url, published_at, language, summary, page, story_id in cursor.execute(
            f"SELECT {_COLUMNS} FROM entries WHERE {where}", values
        )
    ]
