"""Reading a feed document: bytes in, ParsedFeed out, ParseError when there is no feed in them.

feedparser is the reference for what RSS, RDF and Atom say; JSON Feed is read beside it
(`jsonfeed.py`). Knows nothing of the network or of what is stored.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax import SAXException

import feedparser

from veille.errors import ParseError
from veille.model import Enclosure, ParsedFeed
from veille.read.jsonfeed import looks_like_json, read_json_feed
from veille.read.mend import HERE, mend_document
from veille.read.normalise import RawEntry, RawFeed, count_future, normalise_entries, plain_title
from veille.read.prints import sort_out
from veille.text import clean_line, shorten
from veille.urls import resolve_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from veille.read.mend import Mended

_COMMENT = rb"<!--(?:[^-]|-(?!->))*-->"
_HTML = re.compile(rb"^(?:\s|%b)*<(?:!doctype\s+html|html|head|body)\b" % _COMMENT, re.IGNORECASE)
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>(?:\s|%b|<\?[^<>]*\?>)*$" % _COMMENT, re.IGNORECASE)
_OPENS = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CLOSES = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_MARKUP_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# What makes a plain text HTML that was not declared: a tag that is closed or stands by itself.
_MARKUP = re.compile(r"</[a-z][a-z0-9]*\s*>|<(?:br|hr|img|p)\b[^<>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"https?:|/", re.IGNORECASE)
_LONE_TAG = re.compile(r"<(?:br|img|wbr)\b[^<>]*>", re.IGNORECASE)
CUT = "the document is cut short"


def parse_feed(
    body: bytes, *, url: str, now: datetime, headers: Mapping[str, str] | None = None, known: bytes = b""
) -> ParsedFeed:
    """The feed that a document holds, every readable entry kept but those whose prints are `known`.

    `url` resolves its relative links; `headers` may tell the charset. `ParsedFeed.problem` is set
    when the document is not well-formed. Raises ParseError, and nothing else, when there is no feed.
    """
    raw = read_json_feed(body, url=url) if looks_like_json(body) else _read_xml(body, url=url, headers=headers or {})
    found = sort_out(raw.entries, known)
    entries, empty = normalise_entries(found.fresh, now=now)
    return ParsedFeed(
        title=shorten(plain_title(raw.title, is_markup=True), 200),
        site_url=raw.site_url,
        language=clean_line(raw.language)[:35],
        entries=entries,
        skipped=raw.skipped + empty,
        unchanged=found.unchanged,
        future=count_future(raw.entries, now=now),
        prints=found.prints,
        problem=raw.problem,
    )


def _read_xml(body: bytes, *, url: str, headers: Mapping[str, str]) -> RawFeed:
    told = {name.lower(): value for name, value in headers.items()}
    mended = mend_document(body, content_type=told.get("content-type", ""), url=url)
    if not mended.body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ParseError("the document is empty")
    document = _run_feedparser(mended, content_language=told.get("content-language", ""))
    if not document.version and not document.entries:
        raise ParseError(_what_it_is(mended.body))
    feed = document.feed
    context = _Context(
        base=mended.base,
        language=str(dict.get(feed, "language") or ""),
        guesses=not str(document.version).startswith("atom"),
    )
    problem = _problem(document, mended.body)
    found = document.entries
    if problem.startswith(CUT) and found and not dict.get(found[-1], "id") and _ends_inside_entry(mended.body):
        # It may have lost its guid: kept now, it would be there twice when the rest comes.
        found = found[:-1]
    entries = [one for one in (_try_raw(entry, context) for entry in found) if one]
    return RawFeed(
        title=str(dict.get(feed, "title") or ""),
        site_url=resolve_link(str(dict.get(feed, "link") or ""), mended.base),
        language=context.language,
        entries=entries,
        skipped=len(document.entries) - len(entries),
        problem=problem,
    )


def _run_feedparser(mended: Mended, *, content_language: str) -> Any:
    try:
        return feedparser.parse(
            BytesIO(mended.body),  # bytes by themselves are first tried as the name of a file
            response_headers={
                "content-type": mended.content_type,
                "content-language": content_language,
                "content-location": mended.location,
            },
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # feedparser lets errors of its own depths through
        raise ParseError(f"it cannot be read as a feed ({type(error).__name__})") from error


def _ends_inside_entry(body: bytes) -> bool:
    return len(_OPENS.findall(body)) > len(_CLOSES.findall(body))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What an entry has from its document; `guesses` where texts do not tell whether they are HTML."""

    base: str
    language: str
    guesses: bool


def _try_raw(entry: Any, context: _Context) -> RawEntry | None:
    try:
        return _raw_entry(entry, context)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def _raw_entry(entry: Any, context: _Context) -> RawEntry:
    # dict.get: feedparser's own look-up answers for one date with another.
    content = _longest(dict.get(entry, "content") or [])
    summary = dict.get(entry, "summary_detail") or {}
    title = dict.get(entry, "title_detail") or {}
    written = str(dict.get(entry, "title") or "")
    guid = str(dict.get(entry, "id") or "")
    bases = (detail.get("base") for detail in (content, summary, title))
    links = (dict.get(entry, key) for key in ("feedburner_origlink", "link"))
    base, link = (str(next((one for one in found if one and one != HERE), "")) for found in (bases, links))
    language = content.get("language") or summary.get("language") or dict.get(entry, "language")
    published = dict.get(entry, "published_parsed") or dict.get(entry, "created_parsed")
    return RawEntry(
        guid=guid,
        # feedparser takes any guid for a link where there is none.
        link="" if link == guid and not _ADDRESS.match(link) else resolve_link(link, context.base),
        title=written,
        title_is_markup=title.get("type") in _MARKUP_TYPES or (context.guesses and bool(_LONE_TAG.search(written))),
        author=str(dict.get(entry, "author") or ""),
        summary=_markup(summary) if summary else str(dict.get(entry, "summary") or ""),
        content=_markup(content),
        base=resolve_link(base, context.base) or context.base,
        published_at=_moment(published),
        updated_at=_moment(dict.get(entry, "updated_parsed")),
        language=str(language or context.language),
        tags=tuple(str(tag.get("term") or tag.get("label") or "") for tag in dict.get(entry, "tags") or []),
        enclosures=_enclosures(entry, context.base),
    )


def _longest(parts: list[Any]) -> Any:
    texts = [part for part in parts if str(part.get("type", "")).startswith(("text/", "application/xhtml"))]
    return max(texts or parts, key=lambda part: len(part.get("value") or ""), default={})


def _markup(detail: Any) -> str:
    """A text construct as HTML: plain text is escaped so that it stays text."""
    value = str(detail.get("value") or "")
    if detail.get("type") == "text/plain" and "<" in value and not _MARKUP.search(value):
        return value.replace("<", "&lt;")
    return value


def _enclosures(entry: Any, url: str) -> tuple[Enclosure, ...]:
    links = [link for link in dict.get(entry, "links") or [] if link.get("rel") == "enclosure"]
    found = (
        Enclosure(
            url=resolve_link(str(link.get("href") or ""), url),
            type=clean_line(str(link.get("type") or ""))[:100],
            length=_length(link.get("length")),
        )
        for link in links
    )
    return tuple(enclosure for enclosure in found if enclosure.url)


def _length(text: object) -> int | None:
    digits = str(text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None  # noqa: PLR2004


def _moment(parsed: Any) -> datetime | None:
    if not parsed:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _what_it_is(body: bytes) -> str:
    if _HTML.match(body[:4000]) or b"<html" in body[:4000].lower():
        return "it is a web page, not a feed"
    if body.lstrip()[:1] == b"<":
        return "it is XML, but not a feed"
    return "it is not a feed"


def _problem(document: Any, body: bytes) -> str:
    if not document.bozo or not isinstance(document.get("bozo_exception"), SAXException):
        return ""
    error = document.bozo_exception
    line = getattr(error, "getLineNumber", lambda: None)()
    where = f" (line {line}: {clean_line(error.getMessage())})" if line else ""
    what = "not well-formed XML" if _CLOSED.search(body[-2000:].strip()) else CUT
    count = len(document.entries)
    return f"{what}{where}; {count} {'entry' if count == 1 else 'entries'} could be read"
