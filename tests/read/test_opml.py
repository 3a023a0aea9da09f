"""OPML as readers export it, broken or not, comes in whole; what is left aside is told."""

from __future__ import annotations

import time

import pytest

from veille.feed import Subscription
from veille.read.opml import Outlines, Skipped, read_subscriptions


def read(body: str | bytes) -> Outlines:
    raw = body if isinstance(body, bytes) else body.encode()
    return read_subscriptions(b'<opml version="2.0"><body>' + raw + b"</body></opml>", name="list.opml")


def read_one(outline: str | bytes) -> Subscription:
    outlines = read(outline)
    assert (len(outlines.subscriptions), outlines.skipped) == (1, ())
    return outlines.subscriptions[0]


def urls(outlines: Outlines) -> list[str]:
    return [subscription.url for subscription in outlines.subscriptions]


def test_an_outline_gives_address_title_site_folder_and_tags() -> None:
    outlines = read(
        '<outline text="Presse"><outline text="Régions">'
        '<outline type="rss" text="Le Journal &amp; Cie" title="autre" xmlUrl="HTTPS://A.Example:443/rss?x=1&amp;y=2"'
        ' htmlUrl="https://a.example/" category="/Presse/Régions, quotidien ,,quotidien"/>'
        "</outline></outline>",
    )
    assert outlines.subscriptions == (
        Subscription(
            url="https://a.example/rss?x=1&y=2",
            title="Le Journal & Cie",
            site_url="https://a.example/",
            folder="Presse/Régions",
            tags=("Presse/Régions", "quotidien"),
        ),
    )
    assert (outlines.repeated, outlines.skipped) == ((), ())


@pytest.mark.parametrize(
    ("attributes", "title"),
    [
        ('title="B"', "B"),
        ('text=" " title="B"', "B"),
        ('text="https://a.example/rss"', ""),
        ("", ""),
        ('text="\x1b[31mRouge\n  \u202egras"', "[31mRouge gras"),
        ('text="L&#039;essentiel &eacute;crit &unknown; &#xe9;&copy=1"', "L'essentiel écrit &unknown; é&copy=1"),
        ("text='une \"une\" > deux'", 'une "une" > deux'),
        ('text="A" text="B"', "A"),
    ],
)
def test_the_title_is_the_text_else_the_title_on_one_safe_line(attributes: str, title: str) -> None:
    assert read_one(f'<outline {attributes} xmlUrl="https://a.example/rss"/>').title == title


@pytest.mark.parametrize(
    "outline",
    [
        '<outline xmlUrl="https://a.example/rss?a=1&b=2"/>',
        '<outline xmlurl = "https://a.example/rss?a=1&amp;b=2" ></outline>',
        '<OUTLINE XMLURL=" https://a.example/rss?a=1&#38;b=2 "/>',
        '<o:outline xmlns:o="https://opml.example/" xmlUrl="https://a.example/rss?a=1&b=2"/>',
        '<outline type="rss" url="https://a.example/rss?a=1&b=2"/>',
        '<outline url="https://a.example/rss?a=1&b=2"/>',
        '<outline type="link" xmlUrl="https://a.example/rss?a=1&b=2"/>',
        '<outline type="pie" xmlUrl="" url="https://a.example/rss?a=1&b=2"/>',
        '<outline xmlUrl="feed:https://a.example/rss?a=1&b=2"/>',
        '<outline xmlUrl="feed://https://a.example/rss?a=1&b=2"/>',
        '<outline xmlUrl="https://a.example\n/rss?a=1&b=2"/>',
        '<outline text="<a href="https://b.example/" rel="me">A</a>" xmlUrl="https://a.example/rss?a=1&b=2" />',
        '<outline text="Dit "bonjour" & au revoir" xmlUrl="https://a.example/rss?a=1&b=2" type="rss" />',
        '<outline text=""\'Un\' pod" - cast" xmlUrl="https://a.example/rss?a=1&b=2">',
        "<outline text='L'Équipe' xmlUrl='https://a.example/rss?a=1&b=2'/>",
        '<outline text="jamais fermé xmlUrl="https://a.example/rss?a=1&b=2"/>',
        '<outline text="x" junk xmlUrl="https://a.example/rss?a=1&b=2"/><!-- fin -->',
        '<outline text="1 < 2" xmlUrl="https://a.example/rss?a=1&b=2"',
    ],
)
def test_an_address_is_found_however_it_is_written(outline: str) -> None:
    assert read_one(outline).url == "https://a.example/rss?a=1&b=2"


def test_a_feed_scheme_stands_for_http() -> None:
    assert read_one('<outline xmlUrl="feed://a.example/rss"/>').url == "http://a.example/rss"


def test_an_outline_that_xml_forbids_does_not_hide_the_next_one() -> None:
    outlines = read('<outline text="a"b" xmlUrl="https://a.example/"/>\n<outline xmlUrl="https://b.example/"/>')
    assert urls(outlines) == ["https://a.example/", "https://b.example/"]


@pytest.mark.parametrize(
    ("outline", "what", "reason"),
    [
        ('<outline text="A" xmlUrl="|~/fetch.py"/>', "A", "not an http(s) address: |~/fetch.py"),
        ('<outline xmlUrl="javascript:alert(1)"/>', "javascript:alert(1)", "not an http(s) address"),
        ('<outline text="A" xmlUrl="www.a.example/rss"/>', "A", "not an http(s) address: www.a.example/rss"),
        ('<outline text="A" xmlUrl="http://[::1/rss"/>', "A", "not an http(s) address: http://[::1/rss"),
        ('<outline text="A" type="rss"/>', "A", "no feed address (xmlUrl)"),
        ('<outline text="A" xmlUrl=""></outline>', "A", "no feed address (xmlUrl)"),
        ('<outline htmlUrl="https://a.example/"/>', "outline", "no feed address (xmlUrl)"),
        ('<outline text="A"b" xmlUrl=https://a.example/ />', 'A"b', "no feed address (xmlUrl)"),
        (
            '<outline text="A" url="https://a.example/page"/>',
            "A",
            "its address does not look like a feed's: https://a.example/page",
        ),
        ('<outline text="A" type="link" url="https://a.example/rss"/>', "A", "a link to a page, not a feed"),
        (
            '<outline text="A" type="inClude" url="https://a.example/rss.opml"/>',
            "A",
            "another list: import it by its own address",
        ),
        (
            '<outline text="A" type="source" xmlUrl="https://a.example/list"/>',
            "A",
            "an account or a list of another program, not a feed",
        ),
    ],
)
def test_what_is_no_feed_is_told_with_line_and_reason(outline: str, what: str, reason: str) -> None:
    outlines = read(f'\n\n{outline}\n<outline xmlUrl="https://z.example/"/>')
    assert outlines.skipped == (Skipped(line=3, what=what, reason=reason),)
    assert urls(outlines) == ["https://z.example/"]


def test_notes_and_folders_are_passed_over_in_silence() -> None:
    outlines = read('<outline text="note"/><outline type="link"/><outline xmlUrl="https://a.example/"/>')
    assert outlines.skipped == ()


def test_the_texts_of_a_skip_stay_short_and_safe() -> None:
    outlines = read(
        f'<outline text="\x1b]0;{"a" * 5000}" xmlUrl="data:{"b" * 5000}"/><outline xmlUrl="https://a.example/"/>',
    )
    assert (len(outlines.skipped[0].what), len(outlines.skipped[0].reason)) == (100, 200)
    assert "\x1b" not in outlines.skipped[0].what


def test_an_address_that_comes_again_keeps_its_first_place() -> None:
    outlines = read(
        '<outline text="Presse">\n<outline text="A" xmlUrl="https://a.example/rss"/>\n</outline>\n'
        '<outline text="Autres">\n<outline text="B" xmlUrl="HTTPS://A.example:443/rss#top"/>\n</outline>\n'
        '<outline xmlUrl="https://a.example/rss/"/>\n<outline xmlUrl="https://a.example/rss/"/>',
    )
    assert [(kept.folder, kept.title) for kept in outlines.subscriptions] == [("Presse", "A"), ("", "")]
    assert outlines.repeated == (
        Skipped(line=5, what="https://a.example/rss", reason="already on line 2 in “Presse”: that place is kept"),
        Skipped(line=8, what="https://a.example/rss/", reason="already on line 7: that place is kept"),
    )


@pytest.mark.parametrize(
    ("body", "folder"),
    [
        ('<outline text="UI / UX"><outline xmlUrl="https://a.example/"/></outline>', "UI ∕ UX"),
        ('<outline text="A"><outline text=""><outline xmlUrl="https://a.example/"/></outline></outline>', "A"),
        ('<outline text="A"><outline text="B"></outline><outline xmlUrl="https://a.example/"/></outline>', "A"),
        ('<outline text="A"><!-- <outline text="B"> --><outline xmlUrl="https://a.example/"/></outline>', "A"),
        ('<outline text="A" <><outline xmlUrl="https://a.example/"/></outline>', "A"),
        ('</outline></outline><outline xmlUrl="https://a.example/"/>', ""),
        ('<outline text="A"></body><outline xmlUrl="https://a.example/"/>', ""),
        ('<outline text="A"><![CDATA[ </outline> ]]><outline xmlUrl="https://a.example/"/></outline>', "A"),
        ('<outline text="A" type="link" url="https://b.example/"></outline><outline xmlUrl="https://a.example/"/>', ""),
    ],
)
def test_folders_are_those_open_around_the_outline(body: str, folder: str) -> None:
    assert read(body).subscriptions[0].folder == folder


def test_feeds_inside_a_feed_stay_beside_it() -> None:
    outlines = read(
        '<outline text="Presse"><outline text="A" xmlUrl="https://a.example/">'
        '<outline text="B" xmlUrl="https://b.example/"/></outline>'
        '<outline text="C" xmlUrl="https://c.example/"/></outline>',
    )
    assert [kept.folder for kept in outlines.subscriptions] == ["Presse"] * 3


FEED = '<outline xmlUrl="https://a.example/"/>'


@pytest.mark.parametrize(
    "document",
    [
        f"<opml>{FEED}</opml>",
        FEED,
        f'?xml version="1.0"?>\n<opml><body>{FEED}</body></opml>',
        f'<opml xmlns="http://opml.org/spec2"><head>{FEED}</head></opml>',
        f"<html><body><opml><body>{FEED}</body></opml></body></html>",
        f"<not-opml><body>{FEED}</body></not-opml>",
        f"<?xml version='1.0' encoding='utf-16'?><opml><body>{FEED}</body></opml>\n\n",
        f"<o:opml xmlns:o='https://opml.example/'><o:body>{FEED}</o:body></o:opml>",
    ],
)
def test_a_document_may_be_wrapped_otherwise_than_opml_says(document: str) -> None:
    outlines = read_subscriptions(document.encode(), name="list.opml")
    assert (urls(outlines), outlines.skipped) == (["https://a.example/"], ())


def test_two_documents_one_after_the_other_are_both_read() -> None:
    both = f'<opml><body><outline text="A">{FEED}</body></opml>\n<opml><body><outline xmlUrl="https://b.example/"/></body></opml>'
    outlines = read_subscriptions(both.encode(), name="list.opml")
    assert [(kept.url, kept.folder) for kept in outlines.subscriptions] == [
        ("https://a.example/", "A"),
        ("https://b.example/", ""),
    ]


@pytest.mark.parametrize(
    ("tail", "line"),
    [
        ("", 2),
        ("\n</body>", 3),
        ('\n<outline text="B" xmlUrl="https://b.example/fe', 3),
        ('\n<outline text="<b>B</b>" xmlUrl="https://b.example/fe', 3),
        ("\n<outline", 3),
        ('\n<!-- <outline xmlUrl="https://b.example/"/></body></opml>', 3),
        ('\n<![CDATA[ <outline xmlUrl="https://b.example/"/></body></opml>', 3),
    ],
)
def test_a_cut_document_gives_what_is_whole_and_says_where_it_is_cut(tail: str, line: int) -> None:
    outlines = read_subscriptions(f"<opml><body>\n{FEED}{tail}".encode(), name="list.opml")
    assert urls(outlines) == ["https://a.example/"]
    assert outlines.skipped == (
        Skipped(line=line, what="the end", reason="the document is cut: feeds may be missing from here on"),
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(newline: str) -> None:
    body = newline.join(["", "", '<outline text="A" xmlUrl="ftp://a.example/"/>', FEED])
    assert read(body).skipped[0].line == 3


def test_lines_are_counted_beyond_65535() -> None:
    body = "\n" * 70_000 + '<outline text="A"\n xmlUrl="ftp://a.example/"/>' + FEED
    assert read(body).skipped[0].line == 70_001


def test_entities_of_the_document_are_never_resolved() -> None:
    document = (
        '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">'
        "<!ENTITY o \"<outline xmlUrl='https://evil.example/'/>\">]>"
        '<opml><body>&o;<outline text="&b;&f;" xmlUrl="https://a.example/"/></body></opml>'
    )
    outlines = read_subscriptions(document.encode(), name="list.opml")
    assert [(kept.url, kept.title) for kept in outlines.subscriptions] == [("https://a.example/", "&b;&f;")]


def test_a_hundred_thousand_nested_outlines_are_read() -> None:
    nested = '<outline text="f">' * 100_000 + FEED + "</outline>" * 100_000
    outlines = read(nested + '<outline text="g"><outline xmlUrl="https://b.example/"/></outline>')
    assert [kept.folder for kept in outlines.subscriptions] == ["/".join("f" * 500), "g"]


@pytest.mark.parametrize(
    "piece",
    [
        '<outline "',
        "<outline ",
        "<!-- ",
        "<![CDATA[",
        "<!DOCTYPE [",
        'a="x;',
        "<outline>a='x\" b=\"'",
        "<a:",
        ">  <!",
        "&a",
    ],
)
def test_reading_takes_time_in_proportion_to_the_document(piece: str) -> None:
    def measure(repeats: int) -> float:
        document = b'<opml><outline xmlUrl="https://a.example/"/><outline ' + piece.encode() * repeats
        started = time.process_time()
        read_subscriptions(document, name="list.opml")
        return time.process_time() - started

    # Each takes less than a second; with a search that starts again at every piece, minutes.
    assert measure(100_000) < 5
