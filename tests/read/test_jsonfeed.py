"""JSON Feed: what each field may be, and what is no feed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veille.errors import ParseError
from veille.parsed import Enclosure
from veille.read.jsonfeed import looks_like_json, read_json_feed
from veille.read.normalise import RawEntry, RawFeed

URL = "https://www.example.org/dir/feed.json"


def read(document: object) -> RawFeed:
    return read_json_feed(json.dumps(document).encode(), url=URL)


def read_item(**item: Any) -> RawEntry:
    (entry,) = read({"items": [item]}).entries
    return entry


@pytest.mark.parametrize("body", [b"{}", b" \r\n\t{", b"\xef\xbb\xbf\n{"])
def test_an_object_looks_like_json(body: bytes) -> None:
    assert looks_like_json(body)


@pytest.mark.parametrize("body", [b"", b"<rss>{", b"[{}]", b"text"])
def test_nothing_else_does(body: bytes) -> None:
    assert not looks_like_json(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{\n"items": [\n', r"not readable JSON \(line 3\)$"),
        (b'{"a": ' + b"[" * 100_000, "not readable JSON$"),
        (b'{"items": [{"id": ' + b"9" * 5000 + b"}]}", "not readable JSON$"),
        (b"{}", "not a feed"),
        (b'{"items": {}}', "not a feed"),
        (b'["items"]', "not a feed"),
    ],
    ids=["cut", "deep", "endless number", "no items", "items of another kind", "no object"],
)
def test_what_is_no_feed_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        read_json_feed(body, url=URL)


def test_the_feed_says_its_title_as_html_and_its_site() -> None:
    feed = read({"title": "R&D <b>", "home_page_url": "../", "language": "fr", "items": [{}, 3, None]})
    assert (feed.title, feed.site_url, feed.language) == ("R&amp;D &lt;b&gt;", "https://www.example.org/", "fr")
    assert (len(feed.entries), feed.skipped, feed.problem) == (1, 2, "")


def test_fields_of_another_kind_are_not_there() -> None:
    strange = read_item(id=True, title=["x"], url={"a": 1}, tags="x", attachments="x", author="x", authors=[3, {}])
    assert strange == RawEntry(base=URL, title_is_markup=False)


@pytest.mark.parametrize(("written", "guid"), [("a", "a"), (17, "17"), (1.5, "1.5"), (None, ""), (False, "")])
def test_numbers_are_taken_for_ids(written: object, guid: str) -> None:
    assert read_item(id=written).guid == guid


def test_the_page_is_the_url_and_else_the_external_one() -> None:
    assert read_item(url="a", external_url="b").link == "a"
    assert read_item(external_url="b").link == "b"


@pytest.mark.parametrize(
    ("item", "author"),
    [
        ({}, "Ann, Bob"),
        ({"author": {"name": "Carl"}}, "Carl"),
        ({"authors": [{"name": "Carl"}, {"name": "Dora"}, {"name": "Carl"}]}, "Carl, Dora"),
    ],
)
def test_the_authors_are_the_item_s_and_else_the_feed_s(item: dict[str, Any], author: str) -> None:
    feed = read({"authors": [{"name": "Ann"}], "author": {"name": "Bob"}, "items": [item]})
    assert feed.entries[0].author == author


def test_plain_text_becomes_paragraphs_and_html_comes_first() -> None:
    assert read_item(content_text="un\ndeux\n\n\n\n<trois> & ").content == "<p>un<br>deux</p><p>&lt;trois&gt; &amp;</p>"
    assert read_item(content_text="un", content_html="<i>un</i>").content == "<i>un</i>"


def test_a_summary_is_text_even_where_it_was_escaped() -> None:
    assert read_item(summary="a < b &amp; c").summary == "a &lt; b &amp; c"


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-11-20T09:00:00+01:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("2026-11-20T08:00:00.5Z", datetime(2026, 11, 20, 8, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-20T08:00:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("soon", None),
        ("0001-01-01T00:00:00+14:00", None),
        (20261120, datetime(2026, 11, 20, tzinfo=UTC)),
        (None, None),
    ],
)
def test_dates(written: object, at: datetime | None) -> None:
    assert read_item(date_published=written).published_at == at
    assert read_item(date_modified=written).updated_at == at


@pytest.mark.parametrize(
    ("attachment", "enclosure"),
    [
        ({"url": "a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}, ("https://www.example.org/dir/a.mp3", 9)),
        ({"url": "https://b.example/a", "size_in_bytes": -1}, ("https://b.example/a", None)),
        ({"url": "https://b.example/a", "size_in_bytes": True}, ("https://b.example/a", None)),
        ({"url": "https://b.example/a", "size_in_bytes": 1 << 60}, ("https://b.example/a", None)),
    ],
)
def test_attachments(attachment: dict[str, Any], enclosure: tuple[str, int | None]) -> None:
    (found,) = read_item(attachments=[attachment]).enclosures
    assert (found.url, found.length) == enclosure
    assert found.type == attachment.get("mime_type", "")


@pytest.mark.parametrize("attachment", [{}, {"url": "javascript:x()"}, {"url": [3]}, "https://b.example/a", None])
def test_attachments_without_address_are_none(attachment: object) -> None:
    assert read_item(attachments=[attachment]).enclosures == ()


def test_tags_are_texts() -> None:
    assert read_item(tags=["a", 3, None, "b"]).tags == ("a", "b")


FIELDS = st.sampled_from(
    "title home_page_url language authors author name items id url external_url content_html content_text summary "
    "date_published date_modified tags attachments mime_type size_in_bytes".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.text(max_size=3), inner, max_size=6),
    max_leaves=8,
)


@given(st.dictionaries(FIELDS, JSON, max_size=5), st.lists(st.dictionaries(FIELDS, JSON, max_size=6), max_size=3))
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_any_object_with_items_is_read(document: dict[str, Any], items: list[Any]) -> None:
    feed = read(document | {"items": items})
    assert len(feed.entries) == len(items)
    assert all(isinstance(one, Enclosure) and one.url for entry in feed.entries for one in entry.enclosures)
