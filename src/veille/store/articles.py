"""Articles fetched in full, an entry's each: what was found at its page, and when, so that none is asked for twice."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from veille.read.article import Article
from veille.text import detect_language
from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from veille.store.db import Db

_SAVE = """
INSERT INTO articles (entry_id, url, fetched_at, status, title, text, words)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM entries WHERE id = ?1)
ON CONFLICT (entry_id) DO UPDATE SET url = excluded.url, fetched_at = excluded.fetched_at,
    status = excluded.status, title = excluded.title, text = excluded.text, words = excluded.words
"""


class Page(NamedTuple):
    """Where an entry's article is, which feed named it, and the text that this gave: HTML, or a summary."""

    entry_id: int
    url: str
    feed_url: str
    html: str
    summary: str


def save_article(db: Db, article: Article) -> None:
    """Keep an article in the place of the one before, if its entry is still there. Runs inside a transaction."""
    text = article.text
    if not article.readable:
        # What has no text has a reason instead.
        text = json.dumps({"reason": article.reason, "retry_at": _write(article.retry_at)}, ensure_ascii=False)
    values = (article.url, to_stored(article.fetched_at), article.status, article.title, text, article.words)
    db.execute(_SAVE, (article.entry_id, *values))


def load_articles(db: Db, entry_ids: Iterable[int]) -> dict[int, Article]:
    """What is kept of these entries' pages, by entry; what was fetched from an address since corrected is not."""
    rows = db.execute(
        "SELECT a.* FROM articles AS a JOIN entries AS e ON e.id = a.entry_id AND e.url = a.url"
        " WHERE a.entry_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(entry_ids)),),
    )
    return {row["entry_id"]: _read(row) for row in rows}


def load_pages(db: Db, entry_ids: Sequence[int]) -> list[Page]:
    """Where the articles of these entries are, in their order; entries that are gone are left out."""
    rows = db.execute(
        "SELECT e.id, e.url, f.url, coalesce(c.html, ''), e.summary FROM entries AS e"
        " JOIN feeds AS f ON f.id = e.feed_id LEFT JOIN contents AS c ON c.entry_id = e.id"
        " WHERE e.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(entry_ids)),),
    )
    found = {row[0]: Page(*row) for row in rows}
    return [found[one] for one in dict.fromkeys(entry_ids) if one in found]


def load_lengths(db: Db, *, most: int = 50) -> dict[int, list[int]]:
    """How many words whole articles of each feed have, the latest first: what its entries are likely to cost."""
    rows = db.execute(
        "SELECT e.feed_id, a.words FROM articles AS a JOIN entries AS e ON e.id = a.entry_id"
        " WHERE a.status = 'ok' ORDER BY a.fetched_at DESC, a.entry_id DESC"
    )
    lengths: dict[int, list[int]] = {}
    for feed_id, words in rows:
        told = lengths.setdefault(feed_id, [])
        if len(told) < most:
            told.append(words)
    return lengths


def _read(row: Any) -> Article:
    fetched_at = from_stored(row["fetched_at"])
    assert fetched_at is not None  # noqa: S101 - the column is never empty
    article = Article(
        entry_id=row["entry_id"],
        url=row["url"],
        status=row["status"],
        fetched_at=fetched_at,
        title=row["title"],
        words=row["words"],
    )
    return _with_text(article, row["text"])


def _with_text(article: Article, stored: str) -> Article:
    if article.readable:
        return replace(article, text=stored, language=detect_language(stored))
    told = json.loads(stored)
    return replace(article, reason=told["reason"], retry_at=from_stored(told["retry_at"]))


def _write(moment: datetime | None) -> str | None:
    return to_stored(moment) if moment else None
