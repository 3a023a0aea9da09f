"""Secrets by reference: found in the environment and in netrc, told by name when missing, never shown."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from veille.feed import FeedSettings
from veille.fetch.credentials import CredentialsError, Sending, prepare_sending

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://www.example.org/rss"
HIDDEN = "s3cr3t-vàlue"


def resolve(url: str = URL, **settings: Any) -> Sending:
    return prepare_sending(url, FeedSettings(**settings))


def refusal(url: str = URL, **settings: Any) -> str:
    with pytest.raises(CredentialsError) as caught:
        resolve(url, **settings)
    said = str(caught.value)
    assert "\n" not in said
    assert HIDDEN not in said
    return said


def basic(login: str, password: str) -> bytes:
    return b"Basic " + base64.b64encode(f"{login}:{password}".encode())


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    monkeypatch.setenv("TOKEN", HIDDEN)
    monkeypatch.setenv("LOGIN", "ann")
    monkeypatch.delenv("MISSING", raising=False)


def test_nothing_set_sends_nothing() -> None:
    assert resolve() == Sending()


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        ("bearer:$TOKEN", f"Bearer {HIDDEN}".encode()),
        ("basic:me:$TOKEN", basic("me", HIDDEN)),
        ("basic:$LOGIN:$TOKEN", basic("ann", HIDDEN)),
        ("basic:ann@example.org:$TOKEN", basic("ann@example.org", HIDDEN)),
    ],
)
def test_credentials_of_the_environment(auth: str, sent: bytes) -> None:
    sending = resolve(auth=auth)
    assert sending.headers == ((b"Authorization", sent),)
    assert sending.has_authorization


def test_headers_have_their_references_replaced() -> None:
    sending = resolve(headers=(("Accept-Language", "fr"), ("Cookie", "id=$TOKEN; lang=fr"), ("X-Two", "$LOGIN $TOKEN")))
    assert dict(sending.headers) == {
        b"Accept-Language": b"fr",
        b"Cookie": f"id={HIDDEN}; lang=fr".encode(),
        b"X-Two": f"ann {HIDDEN}".encode(),
    }
    assert not sending.has_authorization


def test_auth_comes_before_a_header_of_that_name() -> None:
    assert resolve(auth="bearer:$TOKEN", headers=(("Authorization", "Token $LOGIN"),)).headers == (
        (b"Authorization", f"Bearer {HIDDEN}".encode()),
    )


@pytest.mark.parametrize(
    ("proxy", "address"),
    [
        ("http://proxy.example:8080", "http://proxy.example:8080"),
        ("https://me:$TOKEN@proxy.example", "https://me:s3cr3t-v%C3%A0lue@proxy.example"),
        ("http://$LOGIN:$TOKEN@$HOST_NAME:3128", "http://ann:s3cr3t-v%C3%A0lue@proxy.example:3128"),
        ("http://$LOGIN@[::1]:3128", "http://ann@[::1]:3128"),
        ("$PROXY", "http://me:word@10.0.0.1:3128"),
    ],
)
def test_a_proxy_is_put_together(monkeypatch: pytest.MonkeyPatch, proxy: str, address: str) -> None:
    monkeypatch.setenv("HOST_NAME", "proxy.example")
    monkeypatch.setenv("PROXY", "http://me:word@10.0.0.1:3128")
    assert resolve(proxy=proxy).proxy == address


@pytest.mark.parametrize(
    "settings",
    [
        {"auth": "bearer:$MISSING"},
        {"auth": "basic:me:$MISSING"},
        {"auth": "basic:$MISSING:$TOKEN"},
        {"headers": (("X-Key", "$MISSING"),)},
        {"proxy": "$MISSING"},
        {"proxy": "http://me:$MISSING@proxy.example"},
    ],
)
def test_a_missing_variable_is_named(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    said = "the environment variable MISSING is not set: its settings refer to it"
    assert refusal(**settings) == said
    monkeypatch.setenv("MISSING", "")
    assert refusal(**settings) == said


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "tail\n", " blank", "blank ", "nul\x01", "\x7f"])
@pytest.mark.parametrize(
    "settings",
    [{"auth": "bearer:$EVIL"}, {"auth": "basic:me:$EVIL"}, {"headers": (("X-Key", "$EVIL"),)}, {"proxy": "$EVIL"}],
)
def test_a_value_that_would_break_out_of_its_header_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, value: str, settings: dict[str, Any]
) -> None:
    monkeypatch.setenv("EVIL", value)
    said = refusal(**settings)
    assert said == (
        "the environment variable EVIL holds what no header carries: a line break, a control, a blank at an end"
    )


def test_what_is_stored_cannot_break_out_either() -> None:
    assert refusal(headers=(("X-Key", "a\r\nX-Evil: 1"),)).startswith("header.X-Key holds what no header carries")


def test_a_login_with_a_colon_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIN", f"ann:{HIDDEN}")
    assert refusal(auth="basic:$LOGIN:$TOKEN") == "auth: its login holds a colon, which no login may (RFC 7617)"


@pytest.mark.parametrize("value", [HIDDEN, f"socks5://me:{HIDDEN}@host", f"http://{HIDDEN} @host", "http://"])
def test_a_proxy_that_is_no_address_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PROXY", value)
    assert refusal(proxy="$PROXY") == "proxy: what it refers to is not an address such as http://host:8080"


def test_octets_that_are_no_text_are_sent_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODD", b"\xff\xfe".decode("utf-8", "surrogateescape"))
    assert resolve(headers=(("X-Key", "$ODD"),)).headers == ((b"X-Key", b"\xff\xfe"),)


# --- netrc -------------------------------------------------------------------


def write_netrc(place: Path, text: str, mode: int = 0o600) -> Path:
    place.write_text(text, "utf-8")
    place.chmod(mode)
    return place


def test_netrc_at_home_gives_the_login_of_the_host(tmp_path: Path) -> None:
    write_netrc(
        tmp_path / ".netrc",
        f"machine other.example login x password y\nmachine www.example.org\nlogin ann\npassword {HIDDEN}\n",
    )
    assert resolve(auth="netrc").headers == ((b"Authorization", basic("ann", HIDDEN)),)
    said = refusal("https://third.example/rss", auth="netrc")
    assert said == "auth=netrc: ~/.netrc has no login and password for machine third.example"


def test_netrc_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_netrc(tmp_path / ".netrc", "machine www.example.org login no password no\n")
    there = write_netrc(tmp_path / "mine", f"default login ann password {HIDDEN}\n")
    monkeypatch.setenv("NETRC", str(there))
    assert resolve(auth="netrc").headers == ((b"Authorization", basic("ann", HIDDEN)),)
    monkeypatch.setenv("NETRC", "~/mine")
    assert resolve(auth="netrc").headers == ((b"Authorization", basic("ann", HIDDEN)),)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660])
@pytest.mark.parametrize("told", [False, True])
def test_netrc_that_others_may_open_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, *, told: bool
) -> None:
    there = write_netrc(tmp_path / ".netrc", f"machine www.example.org login ann password {HIDDEN}\n", mode)
    if told:
        monkeypatch.setenv("NETRC", str(there))
    assert refusal(auth="netrc").endswith("must be yours and closed to others: chmod 600")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"machine www.example.org login ann\npasword {HIDDEN}\n", "~/.netrc cannot be read: see its line 2"),
        (f"{HIDDEN}\n", "~/.netrc cannot be read: see its line "),
        ("machine www.example.org login ann\n", "~/.netrc has no login and password for machine www.example.org"),
        ("", "~/.netrc has no login and password for machine www.example.org"),
    ],
)
def test_what_is_wrong_with_netrc_is_told_without_quoting_it(tmp_path: Path, text: str, said: str) -> None:
    write_netrc(tmp_path / ".netrc", text)
    assert refusal(auth="netrc").startswith(f"auth=netrc: {said}")


def test_no_netrc_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(auth="netrc") == "auth=netrc: ~/.netrc cannot be read: No such file or directory"
    monkeypatch.setenv("NETRC", "/nowhere/at/all")
    assert refusal(auth="netrc") == "auth=netrc: the file of $NETRC cannot be read: No such file or directory"
    monkeypatch.setenv("NETRC", "~nobody-of-this-name/netrc")
    assert refusal(auth="netrc") == "auth=netrc: the file of $NETRC cannot be read"


# --- never shown -------------------------------------------------------------


def test_a_sending_does_not_show_what_it_holds() -> None:
    sending = resolve(auth="basic:me:$TOKEN", headers=(("X-Key", "$TOKEN"),), proxy="http://me:$TOKEN@proxy.example")
    shown = f"{sending!r} {sending}"
    assert HIDDEN not in shown
    assert base64.b64encode(f"me:{HIDDEN}".encode()).decode() not in shown
    assert "proxy.example" not in shown


@pytest.mark.parametrize("echoed", ["un été", "un%20%C3%A9t%C3%A9", basic("me", "un été").decode()])
def test_what_a_server_sends_back_is_concealed(monkeypatch: pytest.MonkeyPatch, echoed: str) -> None:
    monkeypatch.setenv("TOKEN", "un été")
    sending = resolve(auth="basic:me:$TOKEN")
    scheme = "Basic " if echoed.startswith("Basic ") else ""
    assert sending.conceal(f"you sent {echoed}!") == f"you sent {scheme}…!"
