"""Reading JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/): bytes in, raw entries out.

Knows the format only: making entries safe is `normalise.py`'s work.
"""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from typing import Any

from veille.errors import ParseError
from veille.parsed import Enclosure
from veille.read.normalise import RawEntry, RawFeed
from veille.text import clean_line
from veille.urls import resolve_link


def looks_like_json(body: bytes) -> bool:
    """Whether a document is a JSON object rather than XML."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def read_json_feed(body: bytes, *, url: str) -> RawFeed:
    """What the document served from `url` says.

    Raises ParseError when the document is not JSON or has no list of items.
    """
    try:
        document = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ParseError(f"it looks like a JSON Feed but is not readable JSON{where}") from error
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise ParseError("it is JSON, but not a feed (no items)")
    language = _text(document, "language")
    author = _authors(document)
    entries = [_raw_entry(item, url=url, language=language, author=author) for item in items if isinstance(item, dict)]
    return RawFeed(
        title=html.escape(_text(document, "title")),
        site_url=resolve_link(_text(document, "home_page_url"), url),
        language=language,
        entries=entries,
        skipped=len(items) - len(entries),
    )


def _raw_entry(item: dict[str, Any], *, url: str, language: str, author: str) -> RawEntry:
    plain = _text(item, "content_text")
    return RawEntry(
        guid=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        title_is_markup=False,
        author=_authors(item) or author,
        summary=html.escape(html.unescape(_text(item, "summary")), quote=False),
        content=_text(item, "content_html") or _paragraphs(plain),
        base=url,
        published_at=_moment(_text(item, "date_published")),
        updated_at=_moment(_text(item, "date_modified")),
        language=_text(item, "language") or language,
        tags=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        enclosures=tuple(filter(None, (_enclosure(one, url) for one in _list(item, "attachments")))),
    )


def _text(mapping: dict[str, Any], key: str) -> str:
    """A field as text. The specification asks readers to take numbers for ids."""
    value = mapping.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def _list(mapping: dict[str, Any], key: str) -> list[Any]:
    value = mapping.get(key)
    return value if isinstance(value, list) else []


def _authors(mapping: dict[str, Any]) -> str:
    """1.1 has a list of authors, 1.0 one author."""
    people = [*_list(mapping, "authors"), mapping.get("author")]
    names = [_text(person, "name") for person in people if isinstance(person, dict)]
    return ", ".join(dict.fromkeys(filter(None, names)))


def _paragraphs(text: str) -> str:
    parts = (html.escape(part.strip(), quote=False) for part in text.split("\n\n") if part.strip())
    return "".join(f"<p>{part}</p>" for part in parts).replace("\n", "<br>")


def _enclosure(attachment: Any, url: str) -> Enclosure | None:
    if not isinstance(attachment, dict):
        return None
    address = resolve_link(_text(attachment, "url"), url)
    size = attachment.get("size_in_bytes")
    length = size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 1 << 50 else None
    kind = clean_line(_text(attachment, "mime_type"))[:100]
    return Enclosure(url=address, type=kind, length=length) if address else None


def _moment(text: str) -> datetime | None:
    """RFC 3339; a time without offset is taken as UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
