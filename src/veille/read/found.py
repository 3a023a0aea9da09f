"""What a parser found in an entry made a RawEntry: the choices that are the same whoever reads the document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from veille.parsed import Enclosure
from veille.read.mend import HERE
from veille.text import clean_line
from veille.urls import resolve_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# What makes a plain text HTML that was not declared: a tag that is closed or stands by itself.
_MARKUP = re.compile(r"</[a-z][a-z0-9]*\s*>|<(?:br|hr|img|p)\b[^<>]*>", re.IGNORECASE)
_MARKUP_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_LONE_TAG = re.compile(r"<(?:br|img|wbr)\b[^<>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"https?:|/", re.IGNORECASE)


class Text(NamedTuple):
    """A text with its media type, its language and the address to which its links are relative."""

    value: str
    type: str
    language: str
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an entry has from its document; `guesses` where texts do not tell whether they are HTML."""

    base: str
    language: str
    guesses: bool


def choose_content(parts: Sequence[Text]) -> Text | None:
    """The longest of the texts, of all parts when none is a text."""
    if len(parts) < 2:  # noqa: PLR2004 - nothing to choose from
        return parts[0] if parts else None
    texts = [part for part in parts if part.type.startswith(("text/", "application/xhtml"))]
    return max(texts or parts, key=lambda part: len(part.value))


def write_markup(text: Text) -> str:
    """A text as HTML: plain text is escaped so that it stays text."""
    if text.type == "text/plain" and "<" in text.value and not _MARKUP.search(text.value):
        return text.value.replace("<", "&lt;")
    return text.value


def is_markup(title: str, kind: str, *, context: Context) -> bool:
    """Whether a title of media type `kind` is HTML."""
    return kind in _MARKUP_TYPES or (context.guesses and bool(_LONE_TAG.search(title)))


def choose_link(links: Iterable[str], *, guid: str, context: Context) -> str:
    """The absolute address of an entry that has these links, the best first; "" for none.

    feedparser takes any guid for a link where there is none.
    """
    link = next((one for one in links if one and one != HERE), "")
    return "" if link == guid and not _ADDRESS.match(link) else resolve_link(link, context.base)


def make_enclosures(links: Iterable[tuple[str, str, str]], context: Context) -> tuple[Enclosure, ...]:
    """Enclosures of address, media type and length as written; those without a web address are left out."""
    found = (
        Enclosure(
            url=resolve_link(url, context.base), type=clean_line(kind)[:100].rstrip(), length=_read_length(length)
        )
        for url, kind, length in links
    )
    return tuple(enclosure for enclosure in found if enclosure.url)


def _read_length(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None  # noqa: PLR2004
