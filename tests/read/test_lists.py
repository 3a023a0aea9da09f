"""Plain lists of addresses, encodings, and documents that are no list at all."""

from __future__ import annotations

import pytest

from veille.errors import OpmlError
from veille.feed import Subscription
from veille.read.opml import Outlines, Skipped, read_subscriptions


def read(text: str) -> Outlines:
    return read_subscriptions(text.encode(), name="urls")


def test_a_plain_list_has_an_address_per_line() -> None:
    outlines = read(
        "\ufeff# mes flux\n\n  https://a.example/rss  \nfeed://b.example/rss # le soir\nhttps://a.example/rss#x\n",
    )
    assert outlines.subscriptions == (
        Subscription(url="https://a.example/rss"),
        Subscription(url="http://b.example/rss"),
    )
    assert outlines.repeated == (
        Skipped(line=5, what="https://a.example/rss", reason="already on line 3: that place is kept"),
    )
    assert outlines.skipped == ()


def test_the_words_after_an_address_are_tags_and_a_title() -> None:
    outlines = read(
        'https://a.example/rss "presse écrite" local "~Le \\"Journal\\"" "!" "a,b" # "non"\n'
        '"https://b.example/" "sans fin',
    )
    assert outlines.subscriptions == (
        Subscription(url="https://a.example/rss", title='Le "Journal"', tags=("presse écrite", "local", "a", "b")),
        Subscription(url="https://b.example/", tags=("sans fin",)),
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('"query:Non lus:unread = \\"yes\\""', "a newsboat query, not a feed"),
        ("filter:~/bin/f:https://b.example/", "a newsboat filter: subscribe to the feed itself"),
        ('"exec:~/bin/feed.sh" tag', "a command, never run: only http(s) addresses are taken"),
        ("FILE:///tmp/rss.xml", "a local file: only http(s) addresses are taken"),
        ("ftp://b.example/rss", "not an http(s) address"),
        ("Le Monde", "not an http(s) address"),
    ],
)
def test_a_line_that_is_no_address_is_told(line: str, reason: str) -> None:
    outlines = read(f"\n{line}\nhttps://a.example/")
    assert outlines.skipped == (Skipped(line=2, what=line, reason=reason),)
    assert [kept.url for kept in outlines.subscriptions] == ["https://a.example/"]


TITLE = "Cœur d’été à 5 €"
DOCUMENT = f'<opml><body><outline text="{TITLE}" xmlUrl="https://a.example/"/></body></opml>'


def declare(encoding: str) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>'.encode()


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT.encode(),
        DOCUMENT.encode("utf-8-sig"),
        DOCUMENT.encode("utf-16"),
        DOCUMENT.encode("utf-16-le"),
        DOCUMENT.encode("utf-16-be"),
        DOCUMENT.encode("utf-32"),
        DOCUMENT.encode("cp1252"),
        declare("UTF-8") + DOCUMENT.encode("cp1252"),
        declare("ISO-8859-1") + DOCUMENT.encode("cp1252"),
        declare("ISO-8859-1") + DOCUMENT.encode(),
        declare("utf-16") + DOCUMENT.encode(),
        declare("unicode_escape") + DOCUMENT.encode("cp1252"),
        declare("x-unknown") + DOCUMENT.encode("cp1252"),
        declare("gb18030") + DOCUMENT.encode("gb18030"),
        DOCUMENT.replace("é", "\0é").encode(),
        DOCUMENT.encode() + "\n<!-- ajouté à la main -->".encode("cp1252"),
        "<!-- ajouté à la main -->\n".encode("cp1252") + DOCUMENT.encode(),
    ],
)
def test_the_text_survives_its_encoding(document: bytes) -> None:
    assert read_subscriptions(document, name="list.opml").subscriptions[0].title == TITLE


def test_an_encoding_declared_is_believed_where_utf_8_cannot_be() -> None:
    outline = '<outline text="Новости" xmlUrl="https://a.example/"/>'.encode("windows-1251")
    document = b'<?xml version="1.0" encoding="windows-1251"?><opml>' + outline + b"</opml>"
    assert read_subscriptions(document, name="list.opml").subscriptions[0].title == "Новости"


def refuse(document: str) -> str:
    with pytest.raises(OpmlError) as caught:
        read_subscriptions(document.encode(), name="list.opml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "the document is empty: give an OPML file, or a list with one http(s) address per line"),
        (" \n\0\n", "the document is empty: give an OPML file, or a list with one http(s) address per line"),
        ('<?xml version="1.0"?><!-- rien -->', "the document is empty: give an OPML file, or a list with one http(s)"),
        ("<!doctype html><title>Page</title>", "this is a web page: give the OPML file itself, or its address"),
        ("<HTML><p>Page</p>", "this is a web page: give the OPML file itself, or its address"),
        ("<html><outline text='x'/></html>", "this is a web page: give the OPML file itself, or its address"),
        ("<!DOCTYPE NETSCAPE-Bookmark-file-1><A HREF='https://a.example/'>", "these are a browser's bookmarks"),
        ("<?xml version='1.0'?>\n<rss><channel/></rss>", "this is a feed, not a list of feeds: subscribe to it with"),
        ("<feed/>", "this is a feed, not a list of feeds: subscribe to it with `veille add ADDRESS`"),
        ("<Project/>", "this is not OPML, its first element is <Project>: give an OPML file, or a list with one"),
        ("<", "no address in it: give an OPML file, or a list with one http(s) address per line"),
        ("<opml><body/></opml>", "this OPML lists no feed: export it again from the reader it comes from"),
        (
            '<opml>\n<outline text="A" xmlUrl="|x"/><outline text="B" type="rss"/></opml>',
            "no feed to take; line 2: “A”: not an http(s) address: |x (1 more)",
        ),
        ("PK\x03\x04", "no feed to take; line 1: “PK”: not an http(s) address"),
        ("# rien\n\n", "no address in it: give an OPML file, or a list with one http(s) address per line"),
    ],
)
def test_a_document_without_a_feed_is_refused_in_one_line(document: str, message: str) -> None:
    assert refuse(document).startswith(f"list.opml: {message}")


def test_the_name_in_a_refusal_is_one_safe_line() -> None:
    with pytest.raises(OpmlError, match=r"^a \[31mb: the document is empty"):
        read_subscriptions(b"", name="a\n\x1b[31mb")
