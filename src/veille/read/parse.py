"""Reading a feed document: bytes in, ParsedFeed out, ParseError when there is no feed in them.

feedparser is the reference for what RSS, RDF and Atom say; JSON Feed is read beside it
(`jsonfeed.py`). Knows nothing of the network or of what is stored.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from veille.errors import ParseError
from veille.feed import Cadence
from veille.parsed import ParsedFeed
from veille.read.cadence import read_cadence
from veille.read.fast import read_fast
from veille.read.found import (
    Context,
    Text,
    choose_content,
    choose_link,
    is_markup,
    make_enclosures,
    write_markup,
)
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
CUT = "the document is cut short"


def parse_feed(
    body: bytes, *, url: str, now: datetime, headers: Mapping[str, str] | None = None, known: bytes = b""
) -> ParsedFeed:
    """The feed that a document holds, every readable entry kept but those whose prints are `known`.

    `url` resolves its relative links; `headers` may tell the charset. `ParsedFeed.problem` is set
    when the document is not well-formed. Raises ParseError, and nothing else, when there is no feed.
    """
    if looks_like_json(body):
        raw, cadence = read_json_feed(body, url=url), Cadence()
    else:
        raw, cadence = _read_xml(body, url=url, headers=headers or {})
    found = sort_out(raw.entries, known)
    entries, empty = normalise_entries(found.fresh, now=now)
    return ParsedFeed(
        title=shorten(plain_title(raw.title, is_markup=True), 200),
        site_url=raw.site_url,
        language=clean_line(raw.language)[:35].rstrip(),
        entries=entries,
        skipped=raw.skipped + empty,
        unchanged=found.unchanged,
        future=count_future(raw.entries, now=now),
        prints=found.prints,
        problem=raw.problem,
        cadence=cadence,
    )


def _read_xml(body: bytes, *, url: str, headers: Mapping[str, str]) -> tuple[RawFeed, Cadence]:
    told = {name.lower(): value for name, value in headers.items()}
    mended = mend_document(body, content_type=told.get("content-type", ""), url=url)
    if not mended.body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ParseError("the document is empty")
    language = told.get("content-language", "")
    raw = read_fast(mended, content_language=language) or read_with_feedparser(mended, content_language=language)
    return raw, read_cadence(mended.body)


def read_with_feedparser(mended: Mended, *, content_language: str) -> RawFeed:
    """The feed as feedparser reads it, which the fast way must equal; raises ParseError when there is none."""
    document = _run_feedparser(mended, content_language=content_language)
    if not document.version and not document.entries:
        raise ParseError(_what_it_is(mended.body))
    feed = document.feed
    context = Context(
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
    import feedparser  # 60 ms, for the documents that are not clean

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


def _try_raw(entry: Any, context: Context) -> RawEntry | None:
    try:
        return _raw_entry(entry, context)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def _raw_entry(entry: Any, context: Context) -> RawEntry:
    # dict.get: feedparser's own look-up answers for one date with another.
    content = choose_content([_text(part) for part in dict.get(entry, "content") or []])
    details = (dict.get(entry, key) for key in ("summary_detail", "title_detail"))
    summary, title = (_text(detail) if detail else None for detail in details)
    written = str(dict.get(entry, "title") or "")
    guid = str(dict.get(entry, "id") or "")
    links = (str(dict.get(entry, key) or "") for key in ("feedburner_origlink", "link"))
    base = next((text.base for text in (content, summary, title) if text and text.base not in ("", HERE)), "")
    language = (content and content.language) or (summary and summary.language) or dict.get(entry, "language")
    published = dict.get(entry, "published_parsed") or dict.get(entry, "created_parsed")
    return RawEntry(
        guid=guid,
        link=choose_link(links, guid=guid, context=context),
        title=written,
        title_is_markup=is_markup(written, title.type if title else "", context=context),
        author=str(dict.get(entry, "author") or ""),
        summary=write_markup(summary) if summary else str(dict.get(entry, "summary") or ""),
        content=write_markup(content) if content else "",
        base=resolve_link(base, context.base) or context.base,
        published_at=_moment(published),
        updated_at=_moment(dict.get(entry, "updated_parsed")),
        language=str(language or context.language),
        tags=tuple(str(tag.get("term") or tag.get("label") or "") for tag in dict.get(entry, "tags") or []),
        enclosures=make_enclosures(_enclosures(entry), context),
    )


def _text(detail: Any) -> Text:
    value, kind, language, base = (str(detail.get(key) or "") for key in ("value", "type", "language", "base"))
    return Text(value, kind, language, base)


def _enclosures(entry: Any) -> list[tuple[str, str, str]]:
    links = [link for link in dict.get(entry, "links") or [] if link.get("rel") == "enclosure"]
    keys = ("href", "type", "length")
    return [
        (str(link.get(keys[0]) or ""), str(link.get(keys[1]) or ""), str(link.get(keys[2]) or "")) for link in links
    ]


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
    from xml.sax import SAXException

    if not document.bozo or not isinstance(document.get("bozo_exception"), SAXException):
        return ""
    error = document.bozo_exception
    line = getattr(error, "getLineNumber", lambda: None)()
    where = f" (line {line}: {clean_line(error.getMessage())})" if line else ""
    what = "not well-formed XML" if _CLOSED.search(body[-2000:].strip()) else CUT
    count = len(document.entries)
    return f"{what}{where}; {count} {'entry' if count == 1 else 'entries'} could be read"
