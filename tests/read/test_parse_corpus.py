"""Feeds as real sites serve them, and feedparser's own suite: every entry is read, and safely."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import feedparser
import pytest

from veille.errors import ParseError
from veille.parsed import ParsedFeed
from veille.read.parse import parse_feed
from veille.text import clean_line
from veille.urls import is_web

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus"
URL = "https://www.example.org/dir/feed"
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
# The suite is to stay short: larger ones are read by the whole morning's test (app/test_corpus_morning.py).
LARGE = 60_000
UNSAFE = re.compile(r"^<(?:script|style|iframe|svg|form)\b|\son\w+=|(?:href|src)=\"(?!\s*(?:https?|mailto):)")

if not (CORPUS / "feeds").is_dir():
    pytest.skip("the corpus is not there", allow_module_level=True)

FEEDS = sorted(path for path in (CORPUS / "feeds").rglob("*") if path.is_file() and path.stat().st_size < LARGE)


@pytest.fixture(scope="module")
def parsed() -> dict[Path, ParsedFeed]:
    return {path: parse_feed(path.read_bytes(), url=URL, now=NOW) for path in FEEDS}


def test_every_entry_that_feedparser_finds_is_read_or_counted(parsed: dict[Path, ParsedFeed]) -> None:
    documents = {path: path.read_bytes() for path in FEEDS}
    assert len(documents) > 150
    for path, body in documents.items():
        if body.lstrip().startswith(b"{"):
            continue  # feedparser reads no JSON Feed
        found = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False).entries
        guids = {entry.get("id") or entry.get("link") or entry.get("title") for entry in found}
        read = parsed[path]
        assert len(guids) <= len(read.entries) + read.skipped <= len(found), path


def test_what_is_read_is_safe(parsed: dict[Path, ParsedFeed]) -> None:
    entries = [(path, entry) for path, feed in parsed.items() for entry in feed.entries]
    assert len(entries) > 1_000
    for path, entry in entries:
        for line in (entry.title, entry.summary, entry.author, *entry.tags):
            assert clean_line(line) == line, path
        assert entry.url == "" or is_web(entry.url), path
        assert all(is_web(enclosure.url) for enclosure in entry.enclosures), path
        assert not [tag for tag in re.findall(r"<[a-z][^>]*>", entry.content) if UNSAFE.search(tag)], path
        assert entry.published_at is None or datetime(1990, 1, 1, tzinfo=UTC) <= entry.published_at, path


def test_each_entry_of_a_feed_has_its_own_identity(parsed: dict[Path, ParsedFeed]) -> None:
    for path, feed in parsed.items():
        guids = [entry.guid for entry in feed.entries]
        assert len(set(guids)) == len(guids), path
        assert all(guids), path


def test_titles_hold_neither_markup_nor_entities(parsed: dict[Path, ParsedFeed]) -> None:
    titles = [entry.title for feed in parsed.values() for entry in feed.entries]
    assert not [title for title in titles if re.search(r"</(?:b|i|em|strong|span|a|p)>|&(?:amp|quot|lt|#\d+);", title)]


def test_reading_a_document_again_later_changes_nothing(parsed: dict[Path, ParsedFeed]) -> None:
    for path in FEEDS[::2]:
        again = parse_feed(path.read_bytes(), url=URL, now=NOW + timedelta(days=4000))
        prints = [(entry.guid, entry.fingerprint) for entry in again.entries]
        assert prints == [(entry.guid, entry.fingerprint) for entry in parsed[path].entries], path


def test_the_documents_of_feedparser_s_suite_give_a_feed_or_a_parse_error() -> None:
    suite = sorted(path for path in (CORPUS / "conformance").rglob("*") if path.is_file())
    assert len(suite) > 2_000
    read = 0
    for path in suite[::4]:
        try:
            parse_feed(path.read_bytes(), url=URL, now=NOW)
        except ParseError:
            continue
        read += 1
    assert read > 400
