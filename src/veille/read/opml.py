"""OPML: bytes in, subscriptions out; subscriptions in, OPML 2.0 text out.

Reads what readers really export, well-formed or not, and plain lists of addresses, which it tells
from OPML by their content. Opens nothing: no address, no file, no entity that a document defines.

Folders are a path joined by "/". A slash inside a folder's name is kept as "∕" (U+2215, division
slash) and written back as a slash.
"""

from __future__ import annotations

import html
import re
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING

from veille.errors import OpmlError
from veille.feed import Subscription
from veille.read.lists import (
    NOT_WEB,
    Found,
    Outlines,
    Skipped,
    clean_address,
    clean_tags,
    decode_list,
    gather,
    read_list,
    skip,
)
from veille.read.outlines import Tag, scan_tags
from veille.text import clean_line
from veille.urls import normalise_feed_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

__all__ = ["Outlines", "Skipped", "read_subscriptions", "write_opml"]

_SLASH_IN_NAME = "∕"

# A folder that would make its path longer adds nothing to it: without a limit, the paths of outlines
# in outlines grow with the square of their number.
_LONGEST_PATH = 1000

_IS_OPML = re.compile(r"<(?:[\w.-]++:)?(?:opml|outline)(?=[\s/>])", re.IGNORECASE)
_PROLOGUE = re.compile(r"<!--.*?(?:-->|\Z)|<\?[^>]*+>?", re.DOTALL)
_ELEMENT = re.compile(r"<(?:!doctype\s++)?([\w:.-]++)", re.IGNORECASE)

# What is given instead of OPML, by its first element (HTML; what browsers export; RSS 2.0; RFC 4287).
_MISTAKEN = {
    "html": "this is a web page: give the OPML file itself, or its address",
    "netscape-bookmark-file-1": "these are a browser's bookmarks: give an OPML file",
    "rss": "this is a feed, not a list of feeds: subscribe to it with `veille add ADDRESS`",
    "feed": "this is a feed, not a list of feeds: subscribe to it with `veille add ADDRESS`",
}
_EXPECTED = "give an OPML file, or a list with one http(s) address per line"

# `type` of the outlines that are feeds (OPML 2.0 has "rss", exports have the others: "pie" is what
# Liferea calls Atom), and of those that are not though they may give an address (OPML 2.0; Liferea).
_FEED_TYPES = frozenset({"rss", "rss1", "rss2", "rdf", "atom", "pie", "feed", "json", "jsonfeed", "podcast"})
_OTHER_TYPES = {
    "link": "a link to a page, not a feed",
    "include": "another list: import it by its own address",
    "source": "an account or a list of another program, not a feed",
}
_GZIP = b"\x1f\x8b"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_FEED_WORDS = re.compile(r"rss|atom|feed|\.(?:xml|rdf|json)\b", re.IGNORECASE)


def read_subscriptions(document: bytes, *, name: str) -> Outlines:
    """What an OPML document or a plain list holds; `name` is what messages call it.

    Raises OpmlError when there is no subscription to take.
    """
    if document.startswith(_GZIP):
        raise OpmlError(f"{clean_line(name)}: it is compressed: `zcat FILE | veille import -` takes what is in it")
    text = decode_list(document)
    if _IS_OPML.search(text):
        outlines = gather(_read_outlines(text))
    elif b"\0" in document and text.strip() and not document.startswith(_UTF16_MARKS):
        raise OpmlError(f"{clean_line(name)}: a binary file: give an OPML file or a list of addresses")
    else:
        outlines = gather(() if text.lstrip().startswith("<") else read_list(text))
    if not outlines.subscriptions:
        raise OpmlError(f"{clean_line(name)}: {_explain_nothing(text, outlines.skipped)}")
    return outlines


def write_opml(subscriptions: Iterable[Subscription], *, title: str, created_at: datetime) -> str:
    """OPML 2.0 text that reads back as the same subscriptions, to be encoded in UTF-8.

    Those of a folder keep the order given; a folder stands where its first one does. What reading
    would not keep is lost: a comma in a tag, a title that is only the address, a path too long.
    """
    created = format_datetime(created_at.astimezone(UTC), usegmt=True)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<opml version="2.0">',
        "  <head>",
        f"    <title>{_escape(title)}</title>",
        f"    <dateCreated>{created}</dateCreated>",
        "  </head>",
        "  <body>",
        *_write_outlines(subscriptions),
        "  </body>",
        "</opml>",
        "",
    ]
    return "\n".join(lines)


# --- reading ----------------------------------------------------------------


def _read_outlines(text: str) -> Iterator[Found | Skipped]:
    folders: list[str] = []
    is_open = False
    for tag in scan_tags(text):
        folder = folders[-1] if folders else ""
        match tag.name:
            case "outline":
                find = _interpret(tag, folder)
                if find:
                    yield find
                if not tag.leaf:
                    # What stands inside a feed's outline stays beside it: a feed is not a folder.
                    folders.append(folder if isinstance(find, Found) else _enter(folder, tag.title))
            case "/outline":
                del folders[-1:]
            case "/body" | "/opml":
                folders.clear()
                is_open = is_open and tag.name == "/body"
            case "opml":
                is_open = True
            case _ if is_open or tag.name == "cut":
                yield skip(tag.line, "the end", "the document is cut: feeds may be missing from here on")


def _enter(folder: str, title: str) -> str:
    name = title.replace("/", _SLASH_IN_NAME)
    path = f"{folder}/{name}" if folder and name else folder or name
    return path if len(path) <= _LONGEST_PATH else folder


def _interpret(tag: Tag, folder: str) -> Found | Skipped | None:
    """What an outline is: a feed, something to mention, or None for a folder or a note."""
    kind = tag.said.get("type", "").strip().lower()
    url = tag.said.get("url", "").strip()
    is_feed = kind in _FEED_TYPES or (not kind and _FEED_WORDS.search(url))
    written = tag.said.get("xmlurl", "").strip() or (url if is_feed else "")
    if not written or kind == "source":
        reason = _explain_no_feed(tag, kind, written or url)
        return skip(tag.line, tag.title or written or url or "outline", reason) if reason else None
    address = clean_address(written)
    if not address:
        return skip(tag.line, tag.title or written, f"{NOT_WEB}: {written}" if tag.title else NOT_WEB)
    subscription = Subscription(
        url=normalise_feed_url(address),
        # A title that repeats the address says nothing: the feed's own will do.
        title="" if tag.title in (written, address) else tag.title,
        site_url=clean_address(tag.said.get("htmlurl", "")),
        folder=folder,
        tags=clean_tags([tag.said.get("category", "")]),
    )
    return Found(line=tag.line, subscription=subscription)


def _explain_no_feed(tag: Tag, kind: str, address: str) -> str:
    """Why an outline that looks like a feed is none; "" for a folder or a note."""
    if kind in _OTHER_TYPES:
        return _OTHER_TYPES[kind] if address else ""
    if not tag.leaf:
        return ""
    if address:
        return f"its address does not look like a feed's: {address}"
    is_like_a_feed = kind in _FEED_TYPES or tag.said.keys() & {"xmlurl", "htmlurl"}
    return "no feed address (xmlUrl)" if is_like_a_feed else ""


def _explain_nothing(text: str, skipped: tuple[Skipped, ...]) -> str:
    """Why a document has nothing to take and what to give instead, in one line."""
    bare = _PROLOGUE.sub("", text).strip()
    if not bare:
        return f"the document is empty: {_EXPECTED}"
    element = _ELEMENT.match(bare)
    root = element[1] if element else ""
    if root.lower() in _MISTAKEN:
        return _MISTAKEN[root.lower()]
    if skipped:
        first, others = skipped[0], len(skipped) - 1
        more = f" ({others} more)" if others else ""
        return f"no feed to take; line {first.line}: “{first.what}”: {first.reason}{more}"
    if _IS_OPML.search(text):
        return "this OPML lists no feed: export it again from the reader it comes from"
    return f"this is not OPML, its first element is <{root}>: {_EXPECTED}" if root else f"no address in it: {_EXPECTED}"


# --- writing ----------------------------------------------------------------


def _write_outlines(subscriptions: Iterable[Subscription]) -> Iterator[str]:
    inside: dict[str, list[str | Subscription]] = {"": []}
    for subscription in subscriptions:
        inside[_make_folder(inside, subscription.folder)].append(subscription)
    open_folders = [iter(inside[""])]
    while open_folders:
        indent = "  " * len(open_folders)
        item = next(open_folders[-1], None)
        match item:
            case None:
                open_folders.pop()
                if open_folders:
                    yield f"{indent}</outline>"
            case Subscription():
                yield f"{indent}  <outline{_write_attributes(item)}/>"
            case path:
                name = _escape(path.rpartition("/")[2].replace(_SLASH_IN_NAME, "/"))
                yield f'{indent}  <outline text="{name}" title="{name}">'
                open_folders.append(iter(inside[path]))


def _make_folder(inside: dict[str, list[str | Subscription]], folder: str) -> str:
    path = ""
    for name in filter(None, map(clean_line, folder.split("/"))):
        parent, path = path, f"{path}/{name}" if path else name
        if path not in inside:
            inside[path] = []
            inside[parent].append(path)
    return path


def _write_attributes(subscription: Subscription) -> str:
    attributes = {
        "text": subscription.title or subscription.url,
        "title": subscription.title,
        "type": "rss",
        "xmlUrl": subscription.url,
        "htmlUrl": subscription.site_url,
        "category": ",".join(clean_tags(subscription.tags)),
    }
    return "".join(f' {name}="{_escape(value)}"' for name, value in attributes.items() if value)


def _escape(value: str) -> str:
    return html.escape(clean_line(value))
