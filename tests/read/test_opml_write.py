"""What is exported reads back the same, and whatever bytes come are read or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.parsers.expat import ParserCreate

from hypothesis import given, settings
from hypothesis import strategies as st

from veille.errors import OpmlError
from veille.feed import Subscription
from veille.read.lists import clean_address, clean_tags
from veille.read.opml import read_subscriptions, write_opml
from veille.text import clean_line
from veille.urls import normalise_feed_url

CREATED_AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def test_what_is_written_is_opml_2_with_folders_in_first_seen_order() -> None:
    written = write_opml(
        [
            Subscription(url="https://a.example/?x=1&y=2", title="A “&” <B>", folder="Presse/Régions", tags=("q", "r")),
            Subscription(url="https://b.example/", site_url="https://b.example/s"),
            Subscription(url="https://c.example/", title="C", folder="Presse"),
            Subscription(url="https://d.example/", title="D", folder="UI ∕ UX"),
        ],
        title='Mes "flux"',
        created_at=CREATED_AT,
    )
    assert written == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<opml version="2.0">\n'
        "  <head>\n"
        "    <title>Mes &quot;flux&quot;</title>\n"
        "    <dateCreated>Fri, 20 Nov 2026 08:00:00 GMT</dateCreated>\n"
        "  </head>\n"
        "  <body>\n"
        '    <outline text="Presse" title="Presse">\n'
        '      <outline text="Régions" title="Régions">\n'
        '        <outline text="A “&amp;” &lt;B&gt;" title="A “&amp;” &lt;B&gt;" type="rss"'
        ' xmlUrl="https://a.example/?x=1&amp;y=2" category="q,r"/>\n'
        "      </outline>\n"
        '      <outline text="C" title="C" type="rss" xmlUrl="https://c.example/"/>\n'
        "    </outline>\n"
        '    <outline text="https://b.example/" type="rss" xmlUrl="https://b.example/"'
        ' htmlUrl="https://b.example/s"/>\n'
        '    <outline text="UI / UX" title="UI / UX">\n'
        '      <outline text="D" title="D" type="rss" xmlUrl="https://d.example/"/>\n'
        "    </outline>\n"
        "  </body>\n"
        "</opml>\n"
    )


def test_an_export_of_nothing_is_still_opml() -> None:
    ParserCreate().Parse(write_opml([], title="", created_at=CREATED_AT), True)


LINES = st.text().map(clean_line)
NAMES = LINES.map(lambda name: name.replace("/", "∕")).filter(bool)
ADDRESSES = (
    st.builds(
        "{}://{}.example{}/{}".format,
        st.sampled_from(["http", "https", "HTTPS"]),
        st.from_regex(r"[a-zA-Zé][a-z0-9-]{0,5}", fullmatch=True),
        st.sampled_from(["", ":80", ":8080"]),
        st.text(),
    )
    .map(clean_address)
    .filter(bool)
)
SUBSCRIPTIONS = st.builds(
    Subscription,
    url=ADDRESSES.map(normalise_feed_url),
    title=LINES,
    site_url=st.just("") | ADDRESSES,
    folder=st.lists(NAMES, max_size=4).map("/".join).filter(lambda path: len(path) < 1000),
    tags=st.lists(LINES, max_size=3).map(clean_tags),
)


@settings(deadline=None)
@given(st.lists(SUBSCRIPTIONS, min_size=1, max_size=12, unique_by=lambda kept: kept.url), LINES)
def test_what_is_written_reads_back_the_same(subscriptions: list[Subscription], title: str) -> None:
    written = write_opml(subscriptions, title=title, created_at=CREATED_AT)
    ParserCreate().Parse(written, True)
    outlines = read_subscriptions(written.encode(), name="export.opml")
    assert (outlines.repeated, outlines.skipped) == ((), ())
    assert {kept.url: kept for kept in outlines.subscriptions} == {kept.url: kept for kept in subscriptions}
    for folder in {kept.folder for kept in subscriptions}:
        assert [kept.url for kept in outlines.subscriptions if kept.folder == folder] == [
            kept.url for kept in subscriptions if kept.folder == folder
        ]
    assert write_opml(outlines.subscriptions, title=title, created_at=CREATED_AT) == written


MARKUP = st.lists(
    st.sampled_from(
        [
            "<opml>",
            "</opml>",
            "<outline ",
            "</outline>",
            "/>",
            ">",
            '"',
            "'",
            " text=",
            " xmlUrl=",
            "https://a.example/",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<!DOCTYPE ",
            "[",
            "]",
            "&amp;",
            "&#0;",
            "&#99999999;",
            "é",
            "\n",
            "\0",
            "/",
        ],
    ),
).map("".join)


@settings(deadline=None)
@given(st.binary() | MARKUP.map(str.encode) | MARKUP.map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    try:
        outlines = read_subscriptions(document, name="list.opml")
    except OpmlError as refusal:
        assert "\n" not in str(refusal)  # noqa: PT017
    else:
        assert outlines.subscriptions
        assert all(clean_address(kept.url) == kept.url for kept in outlines.subscriptions)
