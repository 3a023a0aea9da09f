"""The feeds that a web page names: declared ones, links that look like one, and hostile pages."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.read.page import find_page_feeds, is_page
from veille.urls import is_web

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus" / "feeds"
HERE = "https://www.example.org/section/page.html"


def feeds(page: str | bytes, url: str = HERE) -> list[str]:
    return [one.url for one in find_page_feeds(page.encode() if isinstance(page, str) else page, url=url)]


def link(attributes: str) -> str:
    return f"<!doctype html><html><head><link {attributes}></head><body></body></html>"


@pytest.mark.parametrize(
    "attributes",
    [
        'rel="alternate" type="application/rss+xml" href="/rss"',
        "type='application/atom+xml' href='/rss' rel='alternate'",
        "REL=ALTERNATE TYPE=APPLICATION/RSS+XML HREF=/rss",
        'rel="home  Alternate" type="application/feed+json; charset=utf-8" href="../rss"',
        'rel=alternate\ntype="application/rdf+xml"\n\thref = "https://www.example.org/rss"/',
        'rel="alternate" type="application/x.atom+xml" href="//www.example.org/rss"',
        'rel="alternate" type="text/xml" href="&#x2F;rss"',
        'rel="alternate" type="application/rss&#43;xml" href=" /rss\n"',
        'rel=feed href="/rss"',
        'rel="alternate" title="a > b" type="application/rss+xml" data-x=\'">\' href="/rss"',
        'rel="alternate" type="application/rss+xml" href="feed:https://www.example.org/rss"',
        'rel="alternate" type="application/rss+xml" href="/rss" href="/other"',
        'crossorigin rel="alternate" = "stray" type="application/rss+xml" href="/rss#top"',
    ],
)
def test_an_alternate_is_found_however_it_is_written(attributes: str) -> None:
    assert feeds(link(attributes)) == ["https://www.example.org/rss"]


@pytest.mark.parametrize(
    "attributes",
    [
        'rel="stylesheet" type="application/rss+xml" href="/rss.css"',
        'rel="alternate stylesheet" type="text/xml" href="/x.xsl"',
        'rel="alternate" type="text/html" hreflang="fr" href="/fr"',
        'rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1"',
        'rel="alternate" type="application/json+oembed" href="/oembed"',
        'rel="alternate" type="text/xml+oembed" href="/oembed"',
        'rel="alternate" type="application/rss+xml" href=""',
        'rel="alternate" type="application/rss+xml"',
        'rel="alternate" type="application/rss+xml" href="javascript:alert(1)"',
        'rel="alternate" type="application/rss+xml" href="data:text/xml,rss"',
        'rel="alternate" type="application/rss+xml" href="ftp://example.org/rss"',
        'rel="alternate" type="application/rss+xml" href="http://[bad/rss"',
        'rel="alternate" type="application/rss+xml" href="page.html"',
        f'rel="alternate" type="application/rss+xml" href="/{"x" * 9000}"',
    ],
)
def test_what_is_no_feed_is_not_taken(attributes: str) -> None:
    assert feeds(link(attributes)) == []


def alternate(href: str, title: str = "") -> str:
    return f'<link rel=alternate type="application/rss+xml" href="{href}" title="{title}">'


def test_comments_come_last_other_sites_after_this_one_and_else_the_order_is_the_pages() -> None:
    page = "".join(
        [
            alternate("/comments/feed/", "Le site » Flux des commentaires"),
            alternate("https://elsewhere.example/feed", "Ailleurs"),
            alternate("/un-billet/feed/", "Le site » Un billet Comments Feed"),
            alternate("/feed/", "Le site"),
            alternate("https://feeds.example.org/une", "La une"),
            alternate("/feed/", "again"),
            alternate("/?feed=comments-rss2"),
        ]
    )
    assert feeds(page) == [
        "https://www.example.org/feed/",
        "https://feeds.example.org/une",
        "https://elsewhere.example/feed",
        "https://www.example.org/comments/feed/",
        "https://www.example.org/un-billet/feed/",
        "https://www.example.org/?feed=comments-rss2",
    ]


def test_the_base_of_a_page_counts_for_all_its_links_wherever_it_stands() -> None:
    page = alternate("rss") + '<base href="https://cdn.example.org/a/"><base href="https://other.example/">'
    assert feeds(page) == ["https://cdn.example.org/a/rss"]
    assert feeds('<base href="javascript:x">' + alternate("rss")) == ["https://www.example.org/section/rss"]


def test_titles_are_told_in_one_safe_line() -> None:
    page = alternate("/rss", "L&#39;Écho &amp; Cie\x1b[2J\n\u202e&#x9b;31m") + alternate("/2", "x" * 1000)
    found = find_page_feeds(page.encode(), url=HERE)
    assert found[0].title == "L'Écho & Cie[2J ›31m"
    assert len(found[1].title) == 120


def test_comments_scripts_and_texts_hide_what_looks_like_a_tag() -> None:
    hidden = alternate("/hidden")
    page = (
        f"<!-- {hidden} --><script>var x = '{hidden}';</script ><STYLE>{hidden}</style><textarea>{hidden}</textarea>"
        f"<title>{hidden}</title><!-->{alternate('/seen')}<links rel=alternate type='application/rss+xml' href=/no>"
    )
    assert feeds(page) == ["https://www.example.org/seen"]


@pytest.mark.parametrize(
    "href",
    ["/rss", "/rss/", "/flux/rss.xml", "/feed/", "/blog/feed/atom", "/atom.xml", "/feed.xml", "/feed.json", "/une.rss",
     "/index.rdf", "/rss_full.xml", "/spip.php?page=backend", "/?feed=rss2", "/index.php?format=feed&amp;type=rss",
     "https://feeds.feedburner.com/example/rss", "http://example.org/rss", "/feeds/posts/default", "/rss.php"],
)  # fmt: skip
def test_links_that_look_like_feeds_count_where_no_alternate_is_declared(href: str) -> None:
    page = f'<body><a class="x" href="{href}">Flux</a><a href="/contact">x</a></body>'
    (found,) = feeds(page)
    assert "contact" not in found
    assert feeds(alternate("/declared") + page) == ["https://www.example.org/declared"]


@pytest.mark.parametrize(
    "href",
    ["/about-rss-feeds", "/press", "/feedback", "/atomic", "https://feedly.com/i/subscription/feed/https://x/rss",
     "https://elsewhere.example/rss", "/article-on-rss.html", "/rss-explained", "#rss", "mailto:rss@example.org"],
)  # fmt: skip
def test_other_links_are_no_feeds(href: str) -> None:
    assert feeds(f'<a href="{href}">RSS</a>') == []


@pytest.mark.parametrize(
    "document",
    [b"<!DOCTYPE html><p>", b"\xef\xbb\xbf \n<html lang=fr>", b"<!-- a - b --><HTML>",
     b"<?xml version='1.0'?>\n<!doctype html>", b"<head><title>"],
)  # fmt: skip
def test_a_page_is_told_by_how_it_opens(document: bytes) -> None:
    assert is_page(document)


@pytest.mark.parametrize("document", [b"", b"<?xml version='1.0'?><rss>", b"{}", b"<htmlx>", b"%PDF", b"<!-- <html>"])
def test_what_opens_otherwise_is_no_page(document: bytes) -> None:
    assert not is_page(document)


def test_no_real_feed_is_taken_for_a_page() -> None:
    if not CORPUS.exists():
        pytest.skip("the corpus is not here")
    taken = [path.name for path in CORPUS.iterdir() if path.is_file() and is_page(path.read_bytes())]
    assert taken == []


SIZE = 10_000_000


def filled(piece: bytes) -> bytes:
    return piece * (SIZE // len(piece))


@pytest.mark.parametrize(
    "piece",
    [b"<link", b"<link ", b"<a href=x ", b"<link rel=alternate href='", b'<a href="/rss">', b"<!--", b"<script>",
     b"<!-- -->", b"<script></script>", b"<a x='", b'<a ="', b"<", b"\x00",
     b"<link a a a a a a a a a a a a a a a a a a a a a a a a >",
     b"a= ", b"<title>", b"\xff\xfe", b"<a href=/rss/rss/rss/rss/rss/rss/rss/rss/rss/rss/rss/>", b"</script", b"<!-"],
    ids=repr,
)  # fmt: skip
def test_a_hostile_page_of_ten_megabytes_is_read_in_time(piece: bytes) -> None:
    page = alternate("/rss", "x").encode() + filled(piece)
    started = time.monotonic()
    found = feeds(page)
    assert time.monotonic() - started < 8
    assert found == ["https://www.example.org/rss"]
    assert not is_page(page)


@pytest.mark.parametrize("rest", ["<a ", "<a", "<a href=/feed", "<title>", "<!--", "<script", '<a href="/feed'])
def test_a_page_that_is_cut_short_gives_what_came(rest: str) -> None:
    assert feeds(alternate("/rss") + rest) == ["https://www.example.org/rss"]


def test_a_page_of_thousands_of_alternates_gives_a_few() -> None:
    page = "".join(alternate(f"/{number}") for number in range(5000))
    assert len(feeds(page)) == 50


@pytest.mark.parametrize("piece", [b" ", b"<!---->", b"<!--", b"<?xml ", b"<!doctype "])
def test_telling_a_page_looks_at_its_beginning_only(piece: bytes) -> None:
    started = time.monotonic()
    assert not is_page(filled(piece))
    assert time.monotonic() - started < 1


@given(st.text(alphabet="<link a hrefsbo=\"'>/!-\x00:.", max_size=300), st.binary(max_size=100))
def test_any_page_gives_web_addresses_or_nothing(text: str, rest: bytes) -> None:
    assert all(is_web(one) for one in feeds(text.encode() + rest))


@pytest.mark.parametrize(("encoding", "declared"), [("latin-1", "iso-8859-1"), ("utf-8", "utf-8"), ("utf-16", "")])
def test_titles_are_read_in_the_pages_encoding(encoding: str, declared: str) -> None:
    page = f"<meta charset={declared}>" + alternate("/rss", "L’été".replace("’", "'"))
    (found,) = find_page_feeds(page.encode(encoding), url=HERE)
    assert found.title == "L'été"
