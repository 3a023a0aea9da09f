"""What storing an entry takes, computed beforehand: a parsed entry in, its columns and indexed words out.

No SQL and no connection: a reading process does this, so that the one that writes has only to write.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from veille.rank.pages import page_key
from veille.store.search import IndexedText, Words, split_text
from veille.times import to_stored

if TYPE_CHECKING:
    from datetime import datetime

    from veille.parsed import ParsedEntry

_to_json = json.JSONEncoder(ensure_ascii=False).encode

COLUMNS = "published_at updated_at fingerprint url title author language words summary tags enclosures page".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An entry ready to be stored: `values` in the order of COLUMNS, `html` its content, `words` for the indexes."""

    guid: str
    other_guid: str
    fingerprint: str
    published_at: datetime | None
    values: tuple[str | int | None, ...]
    html: str
    words: Words


def prepare_entry(entry: ParsedEntry) -> Prepared:
    """The entry as it will be stored."""
    text = IndexedText(
        title=entry.title,
        summary=entry.summary,
        html=entry.content,
        author=entry.author,
        language=entry.language,
    )
    words = split_text(text)
    return Prepared(
        guid=entry.guid,
        other_guid=entry.other_guid,
        fingerprint=entry.fingerprint,
        published_at=entry.published_at,
        values=(
            to_stored(entry.published_at) if entry.published_at else None,
            to_stored(entry.updated_at) if entry.updated_at else None,
            entry.fingerprint,
            entry.url,
            entry.title,
            entry.author,
            entry.language,
            words.read,
            entry.summary,
            _to_json(entry.tags),
            _to_json([asdict(one) for one in entry.enclosures]) if entry.enclosures else "[]",
            page_key(entry.url) if entry.url else "",
        ),
        html=entry.content,
        words=words,
    )
