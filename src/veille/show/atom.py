"""An issue as an Atom feed (RFC 4287), and the writing of any other feed of veille's.

Entries in, XML out, put together by the library so that no text can leave its element.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from veille.show.identity import urn_of_series
from veille.show.pieces import pieces_of
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from veille.issue import Issue
    from veille.show.pieces import Piece

_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# What XML 1.0 has no way to say (its section 2.2).
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomFeed:
    """What a feed says of itself, and its entries, newest first. `url` is its page, `self_url` where it is itself."""

    id: str
    title: str
    language: str
    updated_at: datetime
    pieces: Sequence[Piece]
    subtitle: str = ""
    url: str = ""
    self_url: str = ""


def render_atom(issue: Issue, *, address: str = "") -> str:
    """One issue as a feed of its stories. Its id is that of the series: each issue takes the place of the last."""
    return write_atom(
        AtomFeed(
            id=urn_of_series(issue.kind, issue.name, address=address),
            title=issue.title,
            language=issue.tongue,
            updated_at=issue.written_at,
            pieces=pieces_of(issue, address=address),
            subtitle=issue.introduction,
            url=address,
        )
    )


def write_atom(feed: AtomFeed) -> str:
    """The document, with its declaration."""
    # Entries without an author have the feed's, which RFC 4287 asks for.
    root = ET.Element("feed", {"xmlns": _ATOM, _LANGUAGE: feed.language})
    _put(root, "id", feed.id)
    _put(root, "title", feed.title)
    if feed.subtitle:
        _put(root, "subtitle", feed.subtitle)
    _put(root, "updated", to_stored(feed.updated_at))
    _put(root, "generator", "veille")
    _put(ET.SubElement(root, "author"), "name", feed.title)
    if feed.url:
        ET.SubElement(root, "link", rel="alternate", type="text/html", href=_clean(feed.url))
    if feed.self_url:
        ET.SubElement(root, "link", rel="self", type="application/atom+xml", href=_clean(feed.self_url))
    for piece in feed.pieces:
        _put_entry(root, piece)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _put_entry(root: ET.Element, piece: Piece) -> None:
    entry = ET.SubElement(root, "entry")
    _put(entry, "id", piece.id)
    _put(entry, "title", piece.title)
    _put(entry, "published", to_stored(piece.published_at))
    _put(entry, "updated", to_stored(piece.updated_at))
    if piece.author:
        _put(ET.SubElement(entry, "author"), "name", piece.author)
    if piece.url:
        ET.SubElement(entry, "link", rel="alternate", href=_clean(piece.url))
    for tag in piece.tags:
        ET.SubElement(entry, "category", term=_clean(tag))
    if piece.summary:
        _put(entry, "summary", piece.summary)
    content = _put(entry, "content", piece.content)
    content.set("type", "html")
    if piece.language:
        content.set(_LANGUAGE, piece.language)


def _put(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = _clean(text)
    return element


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)
