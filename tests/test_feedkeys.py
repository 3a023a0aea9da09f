"""The keys of a feed's own settings: what each takes, what is refused and how, and that no refusal shows a secret."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.errors import UsageError
from veille.feed import FeedSettings
from veille.feedkeys import drop_secrets, list_values, make_settings, may_carry, read_key, read_pair
from veille.references import expand

FULL = FeedSettings(
    interval=timedelta(hours=2),
    timeout=timedelta(seconds=30),
    weight=0.0,
    user_agent="Reader/1.0",
    headers=(("Accept-Language", "fr"), ("X-Api-Key", "$KEY")),
    auth="bearer:$TOKEN",
    proxy="http://me:$PASSWORD@proxy.example:8080",
)


def refusal(key: str, word: str) -> str:
    with pytest.raises(UsageError) as caught:
        read_pair(read_key(key), word)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("key", "word", "value"),
    [
        ("interval", "1h30", timedelta(minutes=90)),
        ("interval", "0s", timedelta(0)),
        ("timeout", "45s", timedelta(seconds=45)),
        ("weight", "2", 2.0),
        ("weight", "-1.5", -1.5),
        ("muted", "true", True),
        ("muted", "No", False),
        ("user_agent", "Mozilla/5.0 (X11; Linux) reader", "Mozilla/5.0 (X11; Linux) reader"),
        ("auth", "netrc", "netrc"),
        ("auth", "bearer:$TOKEN", "bearer:$TOKEN"),
        ("auth", "basic:me@example.org:$PASS", "basic:me@example.org:$PASS"),
        ("auth", "basic:$USER_1:$PASS", "basic:$USER_1:$PASS"),
        ("proxy", "http://proxy.example:8080", "http://proxy.example:8080"),
        ("proxy", "https://me:$PASS@[::1]:8080/", "https://me:$PASS@[::1]:8080/"),
        ("proxy", "http://me@10.0.0.1", "http://me@10.0.0.1"),
        ("proxy", "$PROXY", "$PROXY"),
        ("header.Accept-Language", "fr, en;q=0.5", "fr, en;q=0.5"),
        ("header.Accept", "application/json", "application/json"),
        ("header.Cookie", "id=$SESSION; lang=fr", "id=$SESSION; lang=fr"),
        ("header.Authorization", "Token $KEY", "Token $KEY"),
        ("header.X-Api-Key", "$KEY", "$KEY"),
    ],
)
def test_what_each_key_takes(key: str, word: str, value: Any) -> None:
    assert read_pair(read_key(key), word) == value


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("intervall", "unknown key “intervall”: did you mean interval?"),
        ("user-agent", "unknown key “user-agent”: did you mean user_agent?"),
        ("headers", "unknown key “headers”: write header.NAME for each header"),
        (
            "colour",
            "unknown key “colour”: known here are interval, timeout, weight, user_agent, auth, proxy, muted, head",
        ),
        ("header.", "header: its name takes letters, digits and hyphens: write it as header.X-Api-Key"),
        ("header.X Y", "header: its name takes letters, digits and hyphens"),
        ("header.X:Y", "header: its name takes letters, digits and hyphens"),
        ("header.Å", "header: its name takes letters, digits and hyphens"),
        ("header.Host", "header.Host: it is not yours to set: it follows from the address"),
        ("header.user-agent", "header.user-agent: it is not yours to set: set user_agent instead"),
    ],
)
def test_keys_that_are_not_known(key: str, said: str) -> None:
    assert refusal(key, "x").startswith(said)


@pytest.mark.parametrize(
    "name",
    "host HOST if-none-match If-Modified-Since if-match if-range if-unmodified-since accept-encoding connection "
    "content-length transfer-encoding te trailer upgrade expect range referer proxy-authorization keep-alive".split(),
)
def test_headers_that_are_not_the_user_s(name: str) -> None:
    assert "it is not yours to set" in refusal(f"header.{name}", "$X")


@pytest.mark.parametrize(
    ("key", "word", "said"),
    [
        ("interval", "soon", "interval: “soon” is not a duration: write it as 30m, 2h, 1d"),
        ("timeout", "3", "timeout: “3” is not a duration: write it as 10s, 1m"),
        ("interval", "99999d", "interval: “99999d” is longer than a century: write it as 30m, 2h, 1d"),
        ("interval", "31d", "interval: '31d' is too much or too little: it goes from 0s to 30d"),
        ("timeout", "0s", "timeout: '0s' is too much or too little: it goes from 0.1s to 1h"),
        ("weight", "heavy", "weight: it takes a number, not 'heavy'"),
        ("weight", "1001", "weight: 1001 is too much or too little: it goes from -1 000 to 1 000"),
        ("weight", "nan", "weight: nan is too much or too little"),
        ("weight", "9" * 5000, "weight: inf is too much or too little"),
        ("muted", "perhaps", "muted: it takes true or false, not 'perhaps'"),
        ("user_agent", "two\nlines", "user_agent: it takes one line of printable ASCII, 500 characters at most"),
        ("user_agent", "é", "user_agent: it takes one line of printable ASCII"),
        (
            "header.X-One",
            "a\r\nb",
            "header.X-One: its value takes one line of printable ASCII, 2000 characters at most",
        ),
        ("header.X-One", "x" * 2001, "header.X-One: its value takes one line"),
        ("header.X-One", "costs $", "header.X-One: a $ begins the name of an environment variable"),
        ("header.X-One", "$1", "header.X-One: a $ begins the name of an environment variable"),
        ("proxy", "socks5://host:1080", "proxy: it takes an address such as http://host:8080, or $NAME"),
        ("proxy", "host:8080", "proxy: it takes an address such as"),
        ("proxy", "http://host:99999", "proxy: it takes an address such as"),
        ("proxy", "http://host/path", "proxy: it takes an address such as"),
    ],
)
def test_values_that_are_not_what_a_key_takes(key: str, word: str, said: str) -> None:
    assert refusal(key, word).startswith(said)


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("auth", "s3cr3t"),
        ("auth", "bearer:s3cr3t"),
        ("auth", "bearer:"),
        ("auth", "Bearer s3cr3t"),
        ("auth", "bearer:$A s3cr3t"),
        ("auth", "basic:me:s3cr3t"),
        ("auth", "basic:me:s3cr3t$A"),
        ("auth", "basic:me:$A-s3cr3t"),
        ("auth", "basic:s3cr3t"),
        ("header.Authorization", "Bearer s3cr3t"),
        ("header.Authorization", "Bearer s3cr3t$A"),
        ("header.Cookie", "id=s3cr3t"),
        ("header.x-api-key", "s3cr3t"),
        ("header.X-Auth-Token", "s3cr3t"),
        ("header.X-Session", "pa$s3cr3t"),
        ("proxy", "http://me:s3cr3t@proxy.example:8080"),
        ("proxy", "http://me:s3cr3t$A@proxy.example:8080"),
        ("proxy", "http://me:s3:cr3t@proxy.example"),
        ("proxy", "me:s3cr3t@proxy.example"),
    ],
)
def test_a_secret_itself_is_refused_with_how_to_do_it_and_never_shown(key: str, word: str) -> None:
    said = refusal(key, word)
    assert "s3cr3t" not in said
    assert "$NAME" in said
    assert "environment variable" in said


def test_header_names_have_one_spelling() -> None:
    assert {read_key(f"header.{name}") for name in ("x-api-key", "X-API-KEY", "X-Api-Key")} == {"header.X-Api-Key"}


def test_settings_are_the_same_after_their_values() -> None:
    assert make_settings(list_values(FULL)) == FULL
    assert make_settings(list_values(FULL) | {"muted": True}) == FULL
    assert list_values(FeedSettings()) == {}
    assert list_values(FULL)["weight"] == 0


@pytest.mark.parametrize(
    ("source", "target", "kept"),
    [
        ("https://one.example/rss", "https://one.example/new", True),
        ("http://one.example/rss", "https://one.example/rss", True),
        ("https://one.example/rss", "http://one.example/rss", False),
        ("https://one.example/rss", "https://two.example/rss", False),
        ("https://one.example/rss", "https://one.example:8443/rss", False),
        ("https://[broken/", "https://[broken/", False),
        ("", "", False),
    ],
)
def test_credentials_do_not_move_with_a_feed_to_another_site(source: str, target: str, *, kept: bool) -> None:
    assert may_carry(source, target) is kept
    moved = drop_secrets(FULL, source=source, target=target)
    assert (moved == FULL) is kept
    assert (moved.auth, moved.headers) == ((FULL.auth, FULL.headers) if kept else ("", ()))
    assert (moved.interval, moved.weight, moved.proxy) == (FULL.interval, FULL.weight, FULL.proxy)


@given(st.sampled_from(["auth", "proxy", "user_agent", "header.X-One", "header.Cookie"]), st.text())
def test_what_is_taken_stays_in_its_line(key: str, word: str) -> None:
    try:
        taken = read_pair(key, word)
    except UsageError:
        return
    assert not any(ord(letter) < 32 and letter != "\t" for letter in taken)


@given(st.text())
def test_expanding_calls_for_nothing_but_names(word: str) -> None:
    names: list[str] = []

    def find(name: str) -> str:
        names.append(name)
        return ""

    expand(word, find)
    assert all(name.isidentifier() and name.isascii() for name in names)
