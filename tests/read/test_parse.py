"""Documents into feeds: pairs of files, then what no document may do."""

import dataclasses
import json
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from make import NOW
from veille.errors import ParseError
from veille.parsed import ParsedEntry, ParsedFeed
from veille.read.parse import CUT, parse_feed
from veille.times import to_stored

FEEDS = Path(__file__).parents[1] / "data" / "feeds"
EXPECTED = ".expected.json"
DOCUMENTS = sorted(path for path in FEEDS.iterdir() if not path.name.endswith(EXPECTED))
URL = "https://www.example.org/dir/feed"

RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>%b</channel></rss>'
ITEM = b"<item><guid>1</guid><title>x</title>%b</item>"


def parse(body: bytes, *, url: str = URL, **headers: str) -> ParsedFeed:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_feed(body, url=url, now=NOW, headers=told)


def describe_entry(entry: ParsedEntry) -> dict[str, Any]:
    """What an entry says, as an expected file has it: empty fields and computed ones left out."""
    said = {}
    for field in dataclasses.fields(entry):
        value = getattr(entry, field.name)
        if not value or field.name in ("fingerprint", "other_guid"):
            continue
        if field.name.endswith("_at"):
            value = to_stored(value)
        elif field.name == "tags":
            value = list(value)
        elif field.name == "enclosures":
            value = [{key: one for key, one in dataclasses.asdict(each).items() if one} for each in value]
        said[field.name] = value
    if re.search(r"(?:^|#)[0-9a-f]{32}$", entry.guid):
        said["guid"] = "*"  # made from what the entry says
    return said


def describe(document: Path) -> dict[str, Any]:
    try:
        feed = parse(document.read_bytes())
    except ParseError as error:
        return {"error": str(error)}
    names = ("site_url", "language", "skipped", "problem")
    said = {name: getattr(feed, name) for name in names if getattr(feed, name)}
    return {"title": feed.title, **said, "entries": [describe_entry(entry) for entry in feed.entries]}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_says_what_is_expected_of_it(document: Path) -> None:
    expected = document.with_name(f"{document.stem}{EXPECTED}")
    assert describe(document) == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_same_document_is_the_same_later_and_elsewhere(document: Path) -> None:
    body = document.read_bytes()
    try:
        today = parse(body)
    except ParseError:
        with pytest.raises(ParseError):
            parse_feed(body, url=URL, now=NOW + timedelta(days=4000))
        return
    later = parse_feed(body, url=URL, now=NOW + timedelta(days=4000))
    assert [(e.guid, e.other_guid, e.fingerprint) for e in later.entries] == [
        (e.guid, e.other_guid, e.fingerprint) for e in today.entries
    ]
    moved = parse(body, url="https://elsewhere.example/rss")
    own = [e.guid for e in today.entries if not e.guid.startswith("https://www.example.org/")]
    assert [e.guid for e in moved.entries if not e.guid.startswith("https://elsewhere.example/")] == own


# --- charsets told by the server ------------------------------------------------------------------


@pytest.mark.parametrize("told", ["text/xml; charset=iso-8859-1", "text/html; charset=windows-1252", "text/plain", ""])
def test_utf8_is_read_as_such_whatever_the_server_says(told: str) -> None:
    body = RSS % (ITEM % "<description>“L’été” à 5 €</description>".encode())
    assert parse(body, content_type=told).entries[0].summary == "“L’été” à 5 €"


def test_another_charset_is_taken_from_the_server() -> None:
    body = RSS % (ITEM % "<description>Лето</description>".encode("koi8-r"))
    assert parse(body, Content_Type="text/xml; charset=koi8-r").entries[0].summary == "Лето"


def test_the_language_of_the_server_is_taken_where_the_document_has_none() -> None:
    assert parse(RSS % (ITEM % b""), content_language="de").language == "de"


# --- what is wrong with a document ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "problem"),
    [
        (b"</channel></rss>", ""),
        (b"</channel></rss>\n<!-- 12 ms --><?x y?>\n", ""),
        (b"&</channel></rss><!-- - -- 12 ms -->", "not well-formed XML"),
        (b"</channel>", "not well-formed XML"),
        (b"<item>", CUT),
        (b"", CUT),
    ],
)
def test_a_cut_document_is_told_from_a_faulty_one(end: bytes, problem: str) -> None:
    read = parse(b"<rss version='2.0'><channel><title>T</title>" + ITEM % b"" + end)
    assert read.problem.partition(" (")[0] == problem
    assert [entry.guid for entry in read.entries] == ["1"]


def test_a_problem_counts_the_entries_in_one_line() -> None:
    one = parse(b"<rss version='2.0'><channel>" + ITEM % b"")
    assert one.problem.endswith("; 1 entry could be read")
    two = parse(b"<rss version='2.0'><channel>" + ITEM % b"" + ITEM.replace(b"1", b"2") % b"")
    assert two.problem.endswith("; 2 entries could be read")


def test_an_unfinished_entry_without_guid_waits_for_the_rest() -> None:
    whole = RSS % (ITEM % b"" + b"<item><title>second</title><link>https://a.example/2</link><guid>2</guid></item>")
    cut = parse(whole[: whole.index(b"<guid>2") + 9])
    assert [entry.guid for entry in cut.entries] == ["1"]
    assert cut.skipped == 1
    assert [entry.guid for entry in parse(whole).entries] == ["1", "2"]


@pytest.mark.parametrize(
    "body",
    [b"", b" \n\t", b"\xef\xbb\xbf", b"\x00\x00\x00\x00\x00", b"\x01\x02"],
)
def test_an_empty_document_is_said_to_be_empty(body: bytes) -> None:
    with pytest.raises(ParseError, match=r"^the document is empty$"):
        parse(body)


# --- what no document may do ----------------------------------------------------------------------


def test_a_document_is_never_taken_for_the_name_of_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(RSS % (ITEM % b""))
    with pytest.raises(ParseError, match="not a feed"):
        parse(str(secret).encode())


def test_no_entity_of_a_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hush-hush", "utf-8")
    head = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % y SYSTEM "{secret.as_uri()}"> %y;]>'
    read = parse(head.encode() + RSS[21:] % (ITEM % b"<description>[&x;]</description>"))
    assert read.entries
    assert "hush" not in repr(read)


def test_entities_that_multiply_are_not_obeyed() -> None:
    laughs = b"".join(b'<!ENTITY l%d "%b">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
    head = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">' + laughs + b"]>"
    read = parse(head + RSS[21:] % (ITEM % b"<description>&l9;</description>"))
    assert len(repr(read)) < 10_000


def test_entries_of_any_fault_leave_the_others() -> None:
    absurd = b"<item><guid>2</guid><title>y</title><pubDate>Mon, 99 Foo 99999999999999 99:99</pubDate></item><item/>"
    # A name that feedparser gives to something else.
    strange = b"<item><guid>3</guid><title_detail>z</title_detail></item>"
    read = parse(RSS % (ITEM % b"" + absurd + strange + ITEM.replace(b"1", b"4") % b""))
    assert [entry.guid for entry in read.entries] == ["1", "2", "4"]
    assert read.skipped == 2


# Each of these once took a time in the square of its length, or more: minutes or hours.
SLOW = {
    "nested elements": RSS % (ITEM % (b"<a>" * 100_000 + b"</a>" * 100_000)),
    "nested elements, open": RSS % (ITEM % (b"<a>" * 30_000)),
    "nested divs": RSS % (ITEM % (b"<description>" + b"&lt;div&gt;" * 100_000 + b"</description>")),
    "nested divs and siblings": RSS % (ITEM % (b"<description>" + b"&lt;div&gt;&lt;i&gt;&lt;/i&gt;" * 30_000)),
    "comments in a title": RSS % (b"<item><title>" + b"&lt;!--" * 50_000 + b"&lt;/b&gt;</title></item>"),
    "one guid": RSS % b"".join(b"<item><guid>1</guid><title>t%d</title></item>" % n for n in range(5000)),
    "a long author": RSS % (ITEM % (b"<author>" + b"a" * 100_000 + b"</author>")),
    "a long declaration": b"<?xml " + b"encoding='" * 100_000,
    "many encodings": b"<?" + b"encoding='a'" * 1000 + b"?>" + RSS[21:] % (ITEM % b""),
    "comments after the end": RSS % b"&" + b"<!---->" * 280 + b"x",
    "comments before": b"<!-- -->" * 400 + b"x",
    "references": RSS % (ITEM % (b"<description>" + b"&#" + b"0" * 200_000 + b"</description>")),
    "slashes in a link": RSS % (ITEM % (b"<link>https://a.example" + b"/amp" * 50_000 + b"</link>")),
}


@pytest.mark.parametrize("case", SLOW)
def test_no_document_takes_for_ever(case: str) -> None:
    started = time.process_time()
    try:
        parse(SLOW[case])
    except ParseError:
        assert not SLOW[case].startswith(RSS[:30])
    assert time.process_time() - started < 20


SEEDS = [path.read_bytes() for path in DOCUMENTS]
PIECES = [
    *(b"<", b">", b"&", b"'", b'"', b"{", b"\x00", b"\xc3", b"\xff\xfe", b"\xed\xa0\x80", b"&#xD800;", b"&#99999999;"),
    *(b"]]>", b"<![CDATA[", b"<!DOCTYPE x [", b"<!--", b"-->", b"<?", b"?>", b"<item>", b"</item>", b"<guid>"),
    *(b" xml:base='", b"http://[", b"<pubDate>99999", b"&lt;b&gt;", b" encoding='zip'", b" encoding='utf-7'"),
    *(b" encoding='idna'", b" encoding='unicode_escape'"),
]


@st.composite
def spoilt_documents(draw: st.DrawFn) -> bytes:
    """A document of ours with pieces put in, parts taken out, and perhaps its end missing."""
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        put = draw(st.sampled_from(PIECES) | st.binary(max_size=6))
        body = body[:start] + put + body[start + draw(st.integers(0, 30)) :]
    return body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body


HEADERS = [
    {},
    {"content-type": "text/html; charset=zip"},
    {"Content-Type": "text/xml; charset=\udcff"},
    {"content-type": "application/rss+xml;charset=utf-16", "content-language": "fr"},
]


@given(spoilt_documents() | st.binary(max_size=80), st.sampled_from(HEADERS))
@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_give_a_feed_or_a_parse_error(body: bytes, headers: dict[str, str]) -> None:
    try:
        read = parse_feed(body, url=URL, now=NOW, headers=headers)
    except ParseError as error:
        said = str(error)
    else:
        said = read.problem
        guids = [entry.guid for entry in read.entries]
        assert len(set(guids)) == len(guids)
        assert all(guids)
        for entry in read.entries:
            texts = (entry.guid, entry.other_guid, entry.url, entry.title, entry.author, entry.summary, entry.content)
            assert "\x00" not in "".join(texts).encode().decode()  # what SQLite can keep
    assert len(said.splitlines()) <= 1
