"""Whole mornings on real feeds, served from loopback: nothing missing, nothing twice."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import feedparser
import pytest

from publisher import Answer, Publisher
from running import force, query, subscribe_all, veille, veille_json
from veille.errors import ParseError
from veille.read.parse import parse_feed
from veille.times import from_stored

if TYPE_CHECKING:
    from datetime import datetime

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real feeds is not on this machine")


@dataclass(frozen=True)
class Morning:
    """The receipts of three fetches, what was stored after the first and the last, and what reading finds.

    `parsed` holds guids with their fingerprints, `reference` the least and the most entries to expect.
    """

    receipts: list[Any]
    stored: list[dict[str, dict[str, str]]]
    parsed: dict[str, dict[str, str]]
    reference: dict[str, tuple[int, int]]


def documents() -> dict[str, bytes]:
    files = sorted(path for path in (CORPUS / "feeds").rglob("*") if path.is_file())
    return {f"/{number}": path.read_bytes() for number, path in enumerate(files)}


def read_stored(home: Path, publisher: Publisher) -> dict[str, dict[str, str]]:
    """By path: the guid and fingerprint of every stored entry."""
    stored: dict[str, dict[str, str]] = {path: {} for path in documents()}
    sql = "SELECT f.url, e.guid, e.fingerprint FROM entries AS e JOIN feeds AS f ON f.id = e.feed_id"
    for url, guid, fingerprint in query(home, sql):
        stored[url.removeprefix(publisher.url(""))][guid] = fingerprint
    return stored


def run_mornings(home: Path, publisher: Publisher) -> tuple[list[Any], list[dict[str, dict[str, str]]]]:
    """Cold; with validators; without, when most documents are known by their bytes and some are read again."""
    receipts = [veille_json("fetch", "--json", home=home)]
    stored = [read_stored(home, publisher)]
    receipts.append(veille_json("fetch", "--force", "--json", home=home))
    publisher.validates = False
    with closing(sqlite3.connect(home / "veille.db")) as db, db:
        db.execute("UPDATE feed_states SET body_hash = '' WHERE feed_id % 8 = 0")
    receipts.append(veille_json("fetch", "--force", "--json", home=home))
    return receipts, [*stored, read_stored(home, publisher)]


def count_reference(body: bytes) -> tuple[int, int]:
    """How many entries feedparser finds: of different identity and title, and of any difference.

    Empty ones do not count; JSON Feed, which it does not read, has as many as it has items.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return (len(json.loads(body)["items"]),) * 2
    entries = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False).entries
    said = [{name: str(dict.get(entry, name, "")) for name in ("id", "link", "title", "summary")} for entry in entries]
    full = [one for one in said if any(one.values())]
    identities = {(one["id"] or one["link"] or repr(one), one["title"]) for one in full}
    return len(identities), len({repr(one) for one in full})


def parse_prints(body: bytes, url: str, now: datetime) -> dict[str, str]:
    try:
        return {entry.guid: entry.fingerprint for entry in parse_feed(body, url=url, now=now).entries}
    except ParseError:
        return {}


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """The program fetches in processes of its own while this one reads the same documents."""
    home = tmp_path_factory.mktemp("morning")
    bodies = documents()
    with Publisher() as publisher, ThreadPoolExecutor(1) as aside:
        for path, body in bodies.items():
            publisher.serve(path, Answer(body=body, etag=f'W/"{path}"', last_modified="some day"))
        outlines = "".join(f"<outline type='rss' xmlUrl={quoteattr(publisher.url(path))}/>" for path in bodies)
        (home / "list.opml").write_text(f"<opml version='2.0'><body>{outlines}</body></opml>")
        assert veille("import", str(home / "list.opml"), home=home)[0] == 0
        running = aside.submit(run_mornings, home, publisher)
        now = from_stored("2026-11-20T08:00:00Z")
        assert now is not None
        parsed = {path: parse_prints(body, publisher.url(path), now) for path, body in bodies.items()}
        reference = {path: count_reference(body) for path, body in bodies.items()}
        receipts, stored = running.result()
    return Morning(receipts, stored, parsed, reference)


def test_every_feed_of_the_corpus_is_fetched(morning: Morning) -> None:
    first = morning.receipts[0]
    assert first["feeds"]["total"] == len(morning.parsed) == 286
    assert first["feeds"]["fetched"] + first["feeds"]["failed"] == 286
    unreadable = sorted(problem["feed_url"] for problem in first["problems"] if problem["retry_at"])
    assert len(unreadable) == first["feeds"]["failed"] == 0
    assert all(problem["reason"] for problem in first["problems"])


def test_what_is_stored_is_what_reading_finds(morning: Morning) -> None:
    """Equal fingerprints too: reading the same document again could neither add nor edit."""
    assert morning.stored[0] == morning.parsed
    assert morning.receipts[0]["entries"]["new"] == sum(map(len, morning.parsed.values()))


def test_no_feed_gives_fewer_entries_than_feedparser_finds(morning: Morning) -> None:
    stored = {path: len(entries) for path, entries in morning.stored[0].items()}
    wrong = {
        path: (number, morning.reference[path])
        for path, number in stored.items()
        if not morning.reference[path][0] <= number <= morning.reference[path][1]
    }
    assert wrong == {}
    # Two documents give one guid to two texts without a title: those are taken for one.
    short = [path for path, number in stored.items() if number < morning.reference[path][1]]
    assert len(short) <= 2


def test_a_forced_second_fetch_with_validators_brings_nothing(morning: Morning) -> None:
    second = morning.receipts[1]
    complete = sum(not problem["reason"].startswith("the document is cut") for problem in second["problems"])
    cut = len(second["problems"]) - complete
    assert second["feeds"]["not_modified"] == 286 - cut
    assert second["feeds"]["fetched"] == cut
    assert second["entries"] == {"new": 0, "edited": 0, "duplicate": 0}


def test_without_validators_a_forced_fetch_brings_nothing_either(morning: Morning) -> None:
    third = morning.receipts[2]
    assert third["feeds"]["fetched"] == 286
    assert third["entries"] == {"new": 0, "edited": 0, "duplicate": 0}
    assert morning.stored[0] == morning.stored[1]


def test_a_feed_followed_for_98_days_holds_each_guid_once(publisher: Publisher, home: Path) -> None:
    captures = [path.read_bytes() for path in sorted((CORPUS / "timeline").glob("*.xml"))]
    published = {guid.decode() for body in captures for guid in re.findall(rb"<guid[^>]*>(.*?)</guid>", body)}
    subscribe_all([publisher.serve("/feed", *(Answer(body=body) for body in captures))])
    receipts = [force() for _ in captures]
    stored = Counter(guid for (guid,) in query(home, "SELECT guid FROM entries"))
    assert len(receipts) == len(publisher.requests) == 98
    assert set(stored) == published
    assert set(stored.values()) == {1}
    assert sum(receipt.new for receipt in receipts) == len(published) == 845
    assert force().new == 0
