"""From what a document says to what veille keeps: RawEntry in, ParsedEntry out.

Titles become plain text, content is sanitised, links are made absolute, absurd dates are dropped,
and every entry gets an identity. The clock is a parameter; the format of the document is unknown here.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import nh3

from veille.parsed import Enclosure, ParsedEntry
from veille.text import clean_line, detect_language, flatten_markup, fold, shorten
from veille.urls import is_web, resolve_link

# What a page of text needs. Scripts, styles, frames, forms and their content are dropped.
_TAGS = (
    "a abbr acronym b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 "
    "h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub summary sup table tbody td "
    "tfoot th thead time tr tt u ul var".split()
)
_DROPPED_WITH_CONTENT = "script style template noscript iframe object svg math form".split()
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "time": {"datetime"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "*": {"lang", "dir"},
}
_SCHEMES = {"http", "https", "mailto"}

# An HTML parser looks through all open elements at each tag: 100,000 nested <div> take it 70 s. The
# open elements met are counted, and no page of text meets so many for each of its characters.
_ELEMENT = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_ENDED_BY_THE_NEXT = frozenset("dd dt li option p td th tr".split())
_MET_FOR_A_CHARACTER = 20
_MET_AT_LEAST = 100_000

_ESCAPED = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
# A pair of these around words formats them, whatever the document says of its titles; any other tag
# in a plain title is what it is about.
_FORMATTED = re.compile(
    r"<(?P<tag>abbr|a|big|b|cite|code|del|div|em|font|ins|i|kbd|mark|p|q|small|span|strike|strong|sub|sup|s|tt|u)"
    r"(?:\s[^<>]*)?>(?P<words>[^<>]+)</(?P=tag)\s*>",
    re.IGNORECASE,
)
_ESCAPED_TWICE = re.compile(r"&lt;/(?:a|b|div|em|i|li|p|span|strong|ul)\s*&gt;", re.IGNORECASE)
_MORE_THAN_WORDS = re.compile(r"<(?:a href|img)\b")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SUMMARY_LENGTH = 600
_TITLE_LENGTH = 1000
_LONGEST_TITLE = 20_000  # as written, with its markup
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the first web page: a publisher's default, not a date
_CLOCK_SKEW = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """An entry as its document has it: markup in place, `base` to resolve its links, dates as read."""

    guid: str = ""
    link: str = ""
    title: str = ""
    title_is_markup: bool = True
    author: str = ""
    summary: str = ""
    content: str = ""
    base: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str = ""
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A document as it says: its title as HTML, `skipped` entries that cannot be read, what is wrong with it."""

    title: str
    site_url: str
    language: str
    entries: list[RawEntry]
    skipped: int = 0
    problem: str = ""


def normalise_entries(raw: list[RawEntry], *, now: datetime) -> tuple[tuple[ParsedEntry, ...], int]:
    """The entries of one document, each identity once (its first place wins), and how many were empty.

    An entry without identity or words, or that cannot be made safe, is not kept: it counts as empty.
    """
    entries = [entry for entry in (_try_normalise(one, now=now) for one in raw) if entry and entry.guid]
    by_guid: dict[str, list[ParsedEntry]] = {}
    for entry in entries:
        by_guid.setdefault(entry.guid, []).append(entry)
    shared = {guid for guid, namesakes in by_guid.items() if len(namesakes) > 1 and _differ(namesakes)}
    kept: dict[str, ParsedEntry] = {}
    for entry in entries:
        told_apart = _tell_apart(entry) if entry.guid in shared else entry
        kept.setdefault(told_apart.guid, told_apart)
    return tuple(kept.values()), len(raw) - len(entries)


def count_future(raw: list[RawEntry], *, now: datetime) -> int:
    """How many entries are dated in the future."""
    dates = (entry.published_at or entry.updated_at for entry in raw)
    return sum(date is not None and date > now + _CLOCK_SKEW for date in dates)


def plain_title(title: str, *, is_markup: bool) -> str:
    """A title as one line of text: markup removed, entities resolved even when escaped twice."""
    title = title[:_LONGEST_TITLE]
    text = _unwrap(flatten_markup(title) if is_markup else title)
    for _ in range(2):
        if not _ESCAPED.search(text):
            break
        text = _unwrap(html.unescape(text))
    return shorten(clean_line(text), _TITLE_LENGTH)


def _unwrap(text: str) -> str:
    if "</" not in text:
        return text
    once = _FORMATTED.sub(lambda pair: pair["words"], text)
    return _FORMATTED.sub(lambda pair: pair["words"], once)  # what is nested in another


def sanitise_markup(markup: str, *, base: str) -> str:
    """Safe HTML: known tags only, links absolute and http(s) or mailto, no script, style or comment.

    What a feed has escaped once too often is read as it was meant.
    """
    is_escaped = "<" not in markup and _ESCAPED_TWICE.search(markup)
    return clean_markup(html.unescape(markup) if is_escaped else markup, base=base)


def clean_markup(markup: str, *, base: str = "") -> str:
    """The same of markup that is taken as it is written: what was made safe before stays as it is."""
    markup = _UNSTORABLE.sub("", markup)
    if not any(sign in markup for sign in "<>&"):
        return markup
    if _is_piled_up(markup):
        return f"<p>{html.escape(flatten_markup(markup), quote=False)}</p>"
    return _make_cleaner(base).clean(markup)


@lru_cache(maxsize=64)
def _make_cleaner(base: str) -> nh3.Cleaner:
    rules: dict[str, Any] = {
        "tags": set(_TAGS),
        "clean_content_tags": set(_DROPPED_WITH_CONTENT),
        "attributes": _ATTRIBUTES,
        "url_schemes": _SCHEMES,
    }
    try:
        return nh3.Cleaner(**rules, url_relative=("rewrite_with_base", base))
    except ValueError:  # not an address by its rules: links relative to it go
        return nh3.Cleaner(**rules, url_relative="deny")


def _is_piled_up(markup: str) -> bool:
    allowed = _MET_AT_LEAST + _MET_FOR_A_CHARACTER * len(markup)
    if markup.count("<") ** 2 <= 2 * allowed:
        return False
    opened: Counter[str] = Counter()
    depth = met = 0
    for closing, written in _ELEMENT.findall(markup):
        name = written.lower()
        if closing and opened[name]:
            opened[name] -= 1
            depth -= 1
        elif not closing and name not in _VOID and not (name in _ENDED_BY_THE_NEXT and opened[name]):
            opened[name] += 1
            depth += 1
        met += depth
    return met > allowed


def _try_normalise(raw: RawEntry, *, now: datetime) -> ParsedEntry | None:
    try:
        return _normalise(raw, now=now)
    except (ValueError, TypeError, OverflowError, RecursionError):  # one bad entry must not cost the others
        return None


def _normalise(raw: RawEntry, *, now: datetime) -> ParsedEntry:
    title = plain_title(raw.title, is_markup=raw.title_is_markup)
    summary, content = _read_text(raw)
    raw_guid = raw.guid.strip()
    url = resolve_link(raw.link, raw.base) or (resolve_link(raw.guid, "") if is_web(raw.guid) else "")
    author = shorten(plain_title(raw.author, is_markup=False), 200)
    updated_at = _plausible(raw.updated_at, now=now)
    # The date as the document gives it: one that becomes plausible with time is not an edit.
    dated = str(raw.published_at or raw.updated_at or "")
    # Of a text without title, its words: the addresses in its HTML follow that of the document.
    said = title or summary or raw.content or raw.summary
    guid = _short_guid(raw_guid or url or _digest(said, dated))
    empty = not (raw_guid or url or title or summary or content)
    return ParsedEntry(
        guid="" if empty else guid,
        other_guid=f"{guid}#{_digest(title or summary, dated if guid == url else url)}",
        fingerprint=_digest(title, url, summary, content, author, dated),
        url=url,
        title=title,
        author=author,
        summary=summary,
        content=content,
        published_at=_plausible(raw.published_at, now=now) or updated_at,
        updated_at=updated_at,
        language=detect_language(f"{title} {summary}", declared=raw.language),
        tags=tuple(dict.fromkeys(filter(None, (shorten(clean_line(tag), 80) for tag in raw.tags))))[:50],
        enclosures=raw.enclosures[:20],
    )


def _read_text(raw: RawEntry) -> tuple[str, str]:
    """The summary as plain text, and the longer text as HTML; that is "" when it says nothing more."""
    summary_html, content_html = (sanitise_markup(part, base=raw.base) for part in (raw.summary, raw.content))
    body = content_html if len(content_html) >= len(summary_html) else summary_html
    words = flatten_markup(body)
    summary = words if summary_html in ("", body) else flatten_markup(summary_html)
    if len(words) <= _SUMMARY_LENGTH and not _MORE_THAN_WORDS.search(body) and fold(words) == fold(summary):
        body = ""
    return shorten(summary, _SUMMARY_LENGTH), body


def _differ(namesakes: list[ParsedEntry]) -> bool:
    """Whether entries of one guid are not versions of one another.

    Some feeds give every entry the address of their front page, or one guid to all: those differ in
    title (or words) and, with a real guid, in address too.
    """
    addresses = {entry.url for entry in namesakes}
    many = len(addresses) > 1 or addresses == {namesakes[0].guid}
    return many and len({fold(entry.title or entry.summary) for entry in namesakes}) > 1


def _tell_apart(entry: ParsedEntry) -> ParsedEntry:
    """The longer name of an entry becomes its identity, the guid it shares its other one.

    Whatever namesakes a document holds, every entry bears both names: it is recognised when they leave.
    """
    return replace(entry, guid=entry.other_guid, other_guid=entry.guid)


def _plausible(moment: datetime | None, *, now: datetime) -> datetime | None:
    if moment is None or not _EARLIEST <= moment <= now + _CLOCK_SKEW:
        return None
    return moment.replace(microsecond=0)


def _digest(*parts: str) -> str:
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=16).hexdigest()


def _short_guid(guid: str) -> str:
    """Identities are kept as given, unless they are absurdly long or cannot be stored."""
    stored = guid.encode("utf-8", "replace").decode().replace("\x00", "")
    return stored if len(stored) <= 2048 else f"{stored[:256]}#{_digest(stored)}"  # noqa: PLR2004
