"""Both full-text indexes made anew from what is stored: after a change in what a word is, or a damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.rank.pages import page_key
from veille.store.search import IndexedText, index_entries, split_text

if TYPE_CHECKING:
    from veille.store.db import Db

_AT_ONCE = 500


def rebuild_indexes(db: Db) -> None:
    """Index every entry again. Runs inside the caller's transaction; some 5,000 entries a second."""
    for index in ("entries_fts", "entries_stems"):
        db.execute(f"INSERT INTO {index} ({index}) VALUES ('delete-all')")
    rows = db.execute(
        "SELECT e.id, e.title, e.summary, coalesce(c.html, ''), e.author, e.language"
        " FROM entries AS e LEFT JOIN contents AS c ON c.entry_id = e.id"
    )
    while batch := rows.fetchmany(_AT_ONCE):
        index_entries(
            db,
            [
                (
                    entry_id,
                    split_text(IndexedText(title=title, summary=summary, html=html, author=author, language=language)),
                )
                for entry_id, title, summary, html, author, language in batch
            ],
        )


def fill_pages(db: Db) -> None:
    """Give every entry the key of its page. Runs inside the caller's transaction."""
    rows = db.execute("SELECT id, url FROM entries WHERE url != ''").fetchall()
    db.executemany("UPDATE entries SET page = ? WHERE id = ?", ((page_key(url), entry_id) for entry_id, url in rows))
