"""Addresses: what is one, how a link becomes one, when two are the same page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veille.urls import canonical_url, host_of, is_web, normalise_feed_url, resolve_link, site_of

# Text that looks like an address more often than chance would have it.
ADDRESSES = (
    st.text("htps:/w.mamp?&=#%0aEé[]@ \t\ud800;+rsgole-", max_size=60).map(lambda tail: f"http://{tail}")
    | st.lists(st.sampled_from(["www.", "m.", "amp.", "x.fr", "/amp", "/", "?utm_a=1", "?b=%E9", "#f", ".amp"])).map(
        lambda parts: f"https://{''.join(parts)}"
    )
    | st.text()
)
PAGE = "https://www.example.org/dir/page?x=1"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "HTTPS://Example.ORG:8080/a?b#c",
        "http://[::1]/",
        "http://user:pass@example.org/",
        "http://café.fr/é",
    ],
)
def test_web_addresses(url: str) -> None:
    assert is_web(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://",
        "http:///path",
        "http://[::1",
        "http://example.org:0/",
        "http://example.org:port/",
        "http://exa mple.org/",
        "http://example.org/a\nb",
        "http://example.org/\x1b[31m",
        "http://<b>/",
        "http://example.org/\ud800",
        "http://example.org/" + "a" * 8000,
    ],
)
def test_what_is_no_web_address(url: str) -> None:
    assert not is_web(url)


@pytest.mark.parametrize(
    ("link", "resolved"),
    [
        ("https://other.example/a?b=1&c=2", "https://other.example/a?b=1&c=2"),
        ("/racine", "https://www.example.org/racine"),
        ("voisine", "https://www.example.org/dir/voisine"),
        ("../haut", "https://www.example.org/haut"),
        ("?y=2", "https://www.example.org/dir/page?y=2"),
        ("//cdn.example.org/i.png", "https://cdn.example.org/i.png"),
        ("#note", "https://www.example.org/dir/page?x=1#note"),
        (" \n/sur\n deux lignes ", "https://www.example.org/sur%20deux%20lignes"),
        ("/été?q=à#ç", "https://www.example.org/%C3%A9t%C3%A9?q=%C3%A0#%C3%A7"),
        ("/d%C3%A9j%C3%A0", "https://www.example.org/d%C3%A9j%C3%A0"),
        ('/"><b>', "https://www.example.org/%22%3E%3Cb%3E"),
        ("http://café.fr/é", "http://café.fr/%C3%A9"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ("", ""),
        (" \t", ""),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("mailto:a@example.org", ""),
        ("http://[mal", ""),
        ("http://exa mple.org/", ""),
        ("/\ud800", ""),
        ("/" + "a" * 8000, ""),
    ],
)
def test_resolve_link(link: str, resolved: str) -> None:
    assert resolve_link(link, PAGE) == resolved


def test_a_link_without_base_must_be_absolute() -> None:
    assert resolve_link("/page", "") == ""
    assert resolve_link("http://example.org/é", "") == "http://example.org/%C3%A9"


@given(ADDRESSES, st.sampled_from(["", PAGE, "http://example.org"]))
@settings(max_examples=500)
def test_a_resolved_link_is_an_address_and_stays_itself(link: str, base: str) -> None:
    resolved = resolve_link(link, base)
    assert resolved == "" or is_web(resolved)
    assert resolve_link(resolved, base) == resolved


def test_host_of() -> None:
    assert host_of("https://WWW.Example.org:443/a") == "www.example.org"
    assert host_of("pas une adresse") == ""
    assert host_of("http://[mal") == ""


def test_a_site_has_one_name_on_every_screen() -> None:
    urls = ("https://www.a.example/x", "http://A.example.", "https://m.a.example/", "https://amp.a.example:8443/y")
    assert {site_of(url) for url in urls} == {"a.example"}
    assert site_of("https://blog.a.example/") == "blog.a.example"
    assert site_of("pas une adresse") == ""


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("HTTP://Example.ORG:80/Feed#top", "http://example.org/Feed"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org:8443/feed/?B=1&a=2", "https://example.org:8443/feed/?B=1&a=2"),
        ("https://User:Pa@Example.org/", "https://User:Pa@example.org/"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ("  http://example.org/deux mots ", "http://example.org/deux%20mots"),
    ],
)
def test_a_feed_address_is_stored_in_one_form(url: str, stored: str) -> None:
    assert normalise_feed_url(url) == stored


@given(ADDRESSES.filter(is_web))
def test_a_stored_feed_address_is_an_address_and_stays_itself(url: str) -> None:
    stored = normalise_feed_url(url)
    assert is_web(stored)
    assert normalise_feed_url(stored) == stored


@pytest.mark.parametrize(
    "url",
    [
        "http://www.lemonde.example/politique/a_1.html",
        "https://lemonde.example/politique/a_1.html/",
        "https://lemonde.example:443//politique/a_1.html#xtor=RSS-1",
        "https://m.lemonde.example/politique/a_1.html?utm_source=rss&utm_medium=x&xtor=RSS-3208&at_medium=y",
        "https://amp.lemonde.example/politique/a_1.amp.html?fbclid=abc",
        "https://www.lemonde.example/politique/a_1.html/amp/?ref=rss",
        "https://www.lemonde.example/politique/a_1.html?outputType=amp",
        "https://www.google.fr/amp/s/www.lemonde.example/politique/a_1.html",
        "https://www-lemonde-example.cdn.ampproject.org/c/s/www.lemonde.example/politique/a_1.html",
        "https://LEMONDE.example./politique/%61_1.html",
    ],
)
def test_addresses_of_the_same_page_share_their_key(url: str) -> None:
    assert canonical_url(url) == "lemonde.example/politique/a_1.html"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x?id=1", "https://a.example/x?id=2"),
        ("https://a.example/x?ref=1", "https://a.example/x?ref=2"),
        ("https://a.example/X", "https://a.example/x"),
        ("https://a.example/x", "https://blog.a.example/x"),
        ("https://a.example:8080/x", "https://a.example/x"),
        ("https://a.example/?q=%E9", "https://a.example/?q=%E8"),
        ("https://a.example/%E9", "https://a.example/%E8"),
        ("https://a.example/camp", "https://a.example/c"),
    ],
)
def test_addresses_of_two_pages_differ(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://a.example/x?b=2&a=1&a=", "a.example/x?a=&a=1&b=2"),
        ("https://a.example/été", "a.example/%C3%A9t%C3%A9"),
        ("https://fr.m.wikipedia.org/wiki/Veille", "fr.wikipedia.org/wiki/Veille"),
        ("https://amp.dev/", "amp.dev"),
        ("https://www.m.a.example/", "a.example"),
        ("http://[::1]/x", "[::1]/x"),
        ("https://a.example/x?v=%ff", "a.example/x?v=%FF"),
        ("mailto:a@example.org", ""),
        ("http://./x", ""),
        ("https://" + "google.com/amp/s/" * 9 + "a.example/", ""),
        ("https://google.com/amp/s/google.fr/amp/a.example/x?b=1", "a.example/x?b=1"),
    ],
)
def test_canonical_url(url: str, key: str) -> None:
    assert canonical_url(url) == key


@given(ADDRESSES)
@settings(max_examples=500)
def test_a_key_is_its_own_key(url: str) -> None:
    key = canonical_url(url)
    assert canonical_url(f"https://{key}") == key
