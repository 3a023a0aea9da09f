"""The two full-text indexes: as written, and stemmed by language. FTS5 is the one matcher of words.

Both hold folded words made by `text.py`, so that a query and a text agree on what a word is. They
keep no text of their own: to take an entry out, its words are computed again from what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from veille.store.functions import join_body
from veille.store.passes import list_passes
from veille.store.selecting import Look, select_matching
from veille.text import split_words, stem_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.store.db import Db

__all__ = [
    "IndexedText", "Look", "Words", "index_entries", "list_passes", "select_matching", "split_text", "unindex_entry",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedText:
    """What the indexes need of an entry."""

    title: str
    summary: str
    html: str
    author: str
    language: str

    @property
    def body(self) -> str:
        """The text of the entry beside its title, each word once where summary and content overlap."""
        return join_body(self.summary, self.html)


class Words(NamedTuple):
    """What the indexes hold of an entry: title, body and author as written; stems of title and body.

    `read` is how many words of the body there are to read.
    """

    written: tuple[str, str, str]
    stems: tuple[str, str]
    read: int


def split_text(text: IndexedText) -> Words:
    """The words of an entry."""
    title, words = split_words(text.title), split_words(text.body)
    written = (" ".join(title), " ".join(words), " ".join(split_words(text.author)))
    stems = (" ".join(stem_words(title, text.language)), " ".join(stem_words(words, text.language)))
    return Words(written, stems, len(words))


def index_entries(db: Db, entries: Sequence[tuple[int, Words]]) -> None:
    """Add new entries, by number, to both indexes."""
    db.executemany(
        "INSERT INTO entries_fts (rowid, title, body, author) VALUES (?, ?, ?, ?)",
        [(entry_id, *words.written) for entry_id, words in entries],
    )
    db.executemany(
        "INSERT INTO entries_stems (rowid, title, body) VALUES (?, ?, ?)",
        [(entry_id, *words.stems) for entry_id, words in entries],
    )


def unindex_entry(db: Db, entry_id: int, text: IndexedText) -> None:
    """Take an entry out; `text` must be what it was indexed with."""
    written, stems, _ = split_text(text)
    db.execute(
        "INSERT INTO entries_fts (entries_fts, rowid, title, body, author) VALUES ('delete', ?, ?, ?, ?)",
        (entry_id, *written),
    )
    db.execute(
        "INSERT INTO entries_stems (entries_stems, rowid, title, body) VALUES ('delete', ?, ?, ?)",
        (entry_id, *stems),
    )
