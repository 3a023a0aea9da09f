"""The demonstration: its feeds read as they should, its server answers as HTTP says, its play goes on to the end."""

from __future__ import annotations

import io
import json
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from calendar import timegm
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple

import feedparser
import pytest

from veille.demo import server as demo
from veille.demo.play import play_demo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message
    from pathlib import Path

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)

# Every feed that feedparser reads: its version, its entries, and whether it is well formed.
XML_FEEDS = [
    ("agence-ouest.atom", "atom10", 6, True),
    ("autorite-des-donnees.rdf", "rss10", 4, True),
    ("courrier-des-medias.rss", "rss20", 6, True),
    ("direct-des-communes.rss", "rss20", 7, True),
    ("gazette-de-vaubrun.rss", "rss20", 5, True),
    ("labo-ia.atom", "atom10", 4, True),
    ("ondes-de-com.rss", "rss20", 3, True),
    ("quotidien-numerique.rss", "rss20", 5, True),
    ("signal-and-social.atom", "atom10", 5, True),
    ("vu-du-port.rss", "rss20", 4, False),
]
JSON_FEEDS = [("press-ledger.json", 4), ("reputation-et-reseaux.json", 5)]


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_StayHere, urllib.request.ProxyHandler({}))


def get(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    request = urllib.request.Request(url, headers=dict(headers or {}))  # noqa: S310 - loopback
    try:
        with _OPENER.open(request, timeout=10) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as answer:
        with answer:
            return Answer(answer.code, answer.headers, answer.read())


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with demo.serve_feeds(slow_seconds=0.3, now=NOW) as address:
        yield address


@pytest.mark.parametrize(("name", "version", "entries", "well_formed"), XML_FEEDS)
def test_a_feed_parses_with_its_entries(base: str, name: str, version: str, entries: int, *, well_formed: bool) -> None:
    answer = get(f"{base}/feeds/{name}")
    parsed = feedparser.parse(answer.body, response_headers={"content-type": answer.headers["Content-Type"]})
    assert (parsed.version, len(parsed.entries), not parsed.bozo) == (version, entries, well_formed)


@pytest.mark.parametrize(("name", "entries"), JSON_FEEDS)
def test_a_json_feed_has_its_items(base: str, name: str, entries: int) -> None:
    document = json.loads(get(f"{base}/feeds/{name}").body)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert len({item["id"] for item in document["items"]}) == entries


def test_ages_are_counted_back_from_the_start_in_each_format(base: str) -> None:
    rss = feedparser.parse(get(f"{base}/feeds/courrier-des-medias.rss").body)
    atom = feedparser.parse(get(f"{base}/feeds/agence-ouest.atom").body)
    rdf = feedparser.parse(get(f"{base}/feeds/autorite-des-donnees.rdf").body)
    ledger = json.loads(get(f"{base}/feeds/press-ledger.json").body)
    assert rss.entries[0].published == "Wed, 04 Mar 2026 08:40:00 GMT"
    assert atom.entries[0].published == "2026-03-04T08:55:00Z"
    assert rdf.entries[0].updated == "2026-03-04T02:30:00Z"
    assert ledger["items"][0]["date_published"] == "2026-03-04T08:30:00Z"


def test_most_entries_are_of_the_last_day() -> None:
    pages = demo.render_pages("http://127.0.0.1:1", now=NOW)
    dates = [
        datetime.fromtimestamp(timegm(entry["published_parsed"]), UTC)
        for name, *_ in XML_FEEDS
        for entry in feedparser.parse(pages[f"/feeds/{name}"].body).entries
        if "published_parsed" in entry
    ]
    recent = sum(timedelta() <= NOW - date <= timedelta(days=1) for date in dates)
    assert max(dates) <= NOW
    assert 30 <= recent < len(dates)


def test_no_mark_is_left(base: str) -> None:
    pages = demo.render_pages(base, now=NOW)
    assert len(pages) == len(XML_FEEDS) + len(JSON_FEEDS) + 1
    assert [path for path, page in pages.items() if b"{{" in page.body or b"}}" in page.body] == []


def test_a_document_keeps_the_encoding_it_declares(base: str) -> None:
    body = get(f"{base}/feeds/gazette-de-vaubrun.rss").body
    assert "marché de Noël".encode("latin-1") in body
    assert "place du Chêne" in feedparser.parse(body).entries[0].title


def test_hostile_titles_are_served_as_they_are(base: str) -> None:
    hostile = json.loads(get(f"{base}/feeds/reputation-et-reseaux.json").body)["items"][0]["title"]
    assert {"\x1b", "\x9b", "\x07", "\u202e", "\n"} <= set(hostile)
    assert "[bold red]" in hostile
    assert b"&#x9b;5;31m" in get(f"{base}/feeds/signal-and-social.atom").body


def test_two_answers_are_the_same(base: str) -> None:
    first, second = (get(f"{base}/feeds/labo-ia.atom") for _ in range(2))
    assert first.body == second.body
    assert first.headers["ETag"] == second.headers["ETag"]


def test_a_known_etag_is_answered_by_304_without_body(base: str) -> None:
    url = f"{base}/feeds/labo-ia.atom"
    etag = get(url).headers["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = get(url, {"If-None-Match": known})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)


def test_a_known_date_is_answered_by_304(base: str) -> None:
    url = f"{base}/feeds/press-ledger.json"
    assert get(url, {"If-Modified-Since": get(url).headers["Last-Modified"]}).status == 304


@pytest.mark.parametrize(
    "asked",
    [
        {"If-None-Match": '"other"'},
        {"If-Modified-Since": format_datetime(NOW - timedelta(seconds=1), usegmt=True)},
        {"If-Modified-Since": "yesterday"},
        {"If-None-Match": '"other"', "If-Modified-Since": format_datetime(NOW, usegmt=True)},
    ],
)
def test_an_old_copy_is_answered_in_full(base: str, asked: dict[str, str]) -> None:
    assert get(f"{base}/feeds/press-ledger.json", asked).status == 200


def test_the_missing_feed_is_a_404(base: str) -> None:
    assert get(base + demo.MISSING_PATH).status == 404


def test_the_moved_feed_points_to_a_document(base: str) -> None:
    moved = get(f"{base}/feeds/gazette.rss")
    assert moved.status == 301
    assert get(base + moved.headers["Location"]).status == 200


def test_the_slow_feed_waits_and_the_others_do_not_wait_for_it(base: str) -> None:
    start = time.monotonic()
    assert get(base + demo.SLOW_PATH).status == 200
    assert time.monotonic() - start >= 0.3


def test_the_list_is_well_formed_and_names_what_is_served(base: str) -> None:
    body = ET.fromstring(get(f"{base}/feeds.opml").body).find("body")  # noqa: S314 - our own document
    assert body is not None
    urls = [outline.attrib["xmlUrl"] for outline in body.iter("outline") if "xmlUrl" in outline.attrib]
    paths = {url.removeprefix(base) for url in urls}
    served = {path for path in demo.render_pages(base, now=NOW) if path != demo.OPML_PATH}
    assert len(urls) == len(paths) == 13
    assert {demo.MOVED.get(path, path) for path in paths} == served | {demo.MISSING_PATH}
    assert body.find("outline/outline/outline[@category]") is not None


def test_the_server_stops_with_its_block() -> None:
    with demo.serve_feeds() as address:
        assert get(f"{address}/feeds.opml").status == 200
    with pytest.raises(urllib.error.URLError):
        get(f"{address}/feeds.opml")


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary directories are made, so that a test sees what is left there."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Put another program in the place of `python -m veille`."""
    package = folder / "other" / "veille"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))


def test_the_demonstration_runs_to_its_end_and_leaves_nothing(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILLE_DB", str(scratch / "mine.db"))
    out = io.StringIO()
    assert play_demo(keep=False, out=out) == 0
    typed = [line.split()[2] for line in out.getvalue().splitlines() if line.startswith("$ veille ")]
    assert typed == ["import", "fetch", "fetch", "feeds", "rules", "top", "top", "digest"]
    assert "demo-20" in out.getvalue()
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(out.getvalue())
    assert list(scratch.iterdir()) == []


def test_the_demonstration_stops_at_a_command_that_fails(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, "import sys; print('no'); sys.exit(7)")
    out = io.StringIO()
    assert play_demo(keep=True, out=out) == 1
    assert out.getvalue().count("$ veille ") == 1
    assert "ended with exit code 7" in out.getvalue()
    assert [home.name for home in scratch.iterdir() if str(home) in out.getvalue()] != []


def test_the_demonstration_fails_when_no_digest_is_written(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, "import os; print(os.environ['VEILLE_HOME'])")
    with (tmp_path / "said.txt").open("w+", encoding="utf-8") as out:
        assert play_demo(keep=False, out=out) == 1
        out.seek(0)
        said = out.read()
    assert said.count(str(scratch)) >= 8
    assert "no digest was written" in said
