"""Fuzz targets of what comes from elsewhere, feed documents and lists: bytes in, an AssertionError for a breach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.parsers.expat import ParserCreate

from fuzz.invariants import check_error, check_line, check_lines, check_link, check_markup, check_moment, check_stored
from veille.errors import OpmlError, ParseError
from veille.read.fast import read_clean
from veille.read.fast_names import Declined
from veille.read.jsonfeed import looks_like_json
from veille.read.mend import mend_document
from veille.read.normalise import clean_markup
from veille.read.opml import Outlines, read_subscriptions, write_opml
from veille.read.parse import parse_feed, read_with_feedparser
from veille.store.prepared import prepare_entry
from veille.urls import normalise_feed_url

if TYPE_CHECKING:
    from veille.parsed import ParsedEntry, ParsedFeed

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
URL = "https://www.example.org/dir/feed"
_LATEST = NOW + timedelta(hours=1)
_TOLD = b"content-type:"


def fuzz_feed(data: bytes) -> None:
    """A document is a feed, safe in every part, or none; read fast it says what feedparser says; known, nothing new.

    A first line `content-type: ...` is what the server told.
    """
    told = ""
    if data.startswith(_TOLD):
        head, _, data = data.partition(b"\n")
        told = head[len(_TOLD) :].decode("latin-1").strip()
    headers = {"Content-Type": told} if told else {}
    try:
        feed = parse_feed(data, url=URL, now=NOW, headers=headers)
    except ParseError as error:
        check_error(error)
        return
    _check_feed(feed)
    again = parse_feed(data, url=URL, now=NOW, headers=headers, known=feed.prints)
    new = {entry.guid for entry in again.entries}
    assert new <= {entry.guid for entry in feed.entries}, "a document read again has other entries"
    if not looks_like_json(data):
        _compare_readers(data, told)


def fuzz_opml(data: bytes) -> None:
    """A list is refused in one line, or what it holds is written as OPML that reads back the same."""
    try:
        read = read_subscriptions(data, name="list.opml")
    except OpmlError as error:
        check_error(error)
        return
    _check_outlines(read)
    written = write_opml(read.subscriptions, title="Mes flux", created_at=NOW)
    ParserCreate().Parse(written, True)
    again = read_subscriptions(written.encode(), name="export.opml")
    assert (again.repeated, again.skipped) == ((), ())
    assert {one.url: one for one in again.subscriptions} == {one.url: one for one in read.subscriptions}
    assert write_opml(again.subscriptions, title="Mes flux", created_at=NOW) == written


def _check_feed(feed: ParsedFeed) -> None:
    for value, what in ((feed.title, "title"), (feed.language, "language"), (feed.problem, "problem")):
        check_line(value, what)
    check_link(feed.site_url, "the site")
    guids = [entry.guid for entry in feed.entries]
    assert len(set(guids)) == len(guids), "two entries of one name"
    for entry in feed.entries:
        _check_entry(entry)
        prepare_entry(entry)


def _check_entry(entry: ParsedEntry) -> None:
    check_line(entry.title, "title")
    check_line(entry.author, "author")
    check_line(entry.summary, "summary")
    check_line(entry.language, "language")
    check_lines(entry.tags, "tags")
    check_link(entry.url, "the link")
    for enclosure in entry.enclosures:
        assert enclosure.url, "an enclosure without address"
        check_link(enclosure.url, "an enclosure")
        check_line(enclosure.type, "the type of an enclosure")
        assert enclosure.length is None or 0 <= enclosure.length < 2**63, enclosure
    assert entry.guid, "no guid"
    for text in (entry.guid, entry.other_guid, entry.fingerprint):
        check_stored(text, "guid")
    for moment in (entry.published_at, entry.updated_at):
        check_moment(moment, "a date")
        assert moment is None or moment <= _LATEST, "a date in the future"
    check_markup(entry.content)
    assert clean_markup(entry.content) == entry.content, "markup that is made safe twice changes"


def _compare_readers(body: bytes, content_type: str) -> None:
    mended = mend_document(body, content_type=content_type, url=URL)
    try:
        read = read_clean(mended, content_language="")
    except (Declined, ET.ParseError):
        return
    assert read == read_with_feedparser(mended, content_language=""), "read otherwise by feedparser"


def _check_outlines(read: Outlines) -> None:
    assert read.subscriptions, "nothing, and no error"
    for one in read.subscriptions:
        assert one.url, "no address"
        assert normalise_feed_url(one.url) == one.url, one.url
        check_link(one.url, "the address")
        check_link(one.site_url, "the site")
        check_line(one.title, "title")
        check_line(one.folder, "folder")
        check_lines(one.tags, "tags")
    for aside in (*read.repeated, *read.skipped):
        assert aside.line >= 1
        check_line(aside.what, "what was left aside")
        check_lines([aside.reason], "why")
