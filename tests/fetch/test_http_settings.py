"""A feed's own settings as its requests show them in the server's log, and what never goes to another site."""

from __future__ import annotations

import asyncio
import base64
import socket
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from asking import PATIENT, RSS, failed, fetched
from publisher import Answer, Publisher, redirect
from veille.feed import FeedSettings, Validators
from veille.fetch.http import Fetcher, open_fetcher
from veille.outcome import NotModified
from veille.settings import USER_AGENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.outcome import Outcome

HIDDEN = "s3cr3t"
USUAL = {"host", "user-agent", "accept", "accept-encoding", "connection"}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TOKEN", HIDDEN)
    for name in ("NETRC", "MISSING", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def ask(url: str, settings: FeedSettings, validators: Validators | None = None) -> Outcome:
    async def run() -> Outcome:
        async with open_fetcher(PATIENT) as fetcher:
            return await fetcher.fetch(url, validators or Validators(), settings)

    return asyncio.run(run())


ALL = FeedSettings(
    user_agent="Reader/1.0 (me@example.org)",
    auth="bearer:$TOKEN",
    headers=(("Accept-Language", "fr, en;q=0.5"), ("X-Api-Key", "$TOKEN")),
)


# --- what is sent ------------------------------------------------------------


def test_user_agent_headers_and_credentials_are_sent_as_set(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(body=RSS, etag='"1"'))
    validators = fetched(ask(url, ALL)).validators
    assert isinstance(ask(url, ALL, validators), NotModified)
    for request, conditions in zip(publisher.requests, (set(), {"if-none-match"}), strict=True):
        sent = dict(request.headers)
        assert set(sent) == USUAL | {"authorization", "accept-language", "x-api-key"} | conditions
        assert len(sent) == len(request.headers)
        assert sent["user-agent"] == b"Reader/1.0 (me@example.org)"
        assert sent["authorization"] == b"Bearer s3cr3t"
        assert sent["accept-language"] == b"fr, en;q=0.5"
        assert sent["x-api-key"] == b"s3cr3t"
        assert sent["accept-encoding"] == b"gzip, deflate, br"


def test_one_feed_s_settings_are_no_other_s(publisher: Publisher) -> None:
    publisher.serve("/one", Answer(body=RSS))
    publisher.serve("/two", Answer(body=RSS))

    async def run() -> None:
        async with open_fetcher(PATIENT) as fetcher:
            await fetcher.fetch(publisher.url("/one"), Validators(), ALL)
            await fetcher.fetch(publisher.url("/two"), Validators())

    asyncio.run(run())
    (other,) = publisher.asked("/two")
    assert {name for name, _ in other.headers} == USUAL
    assert other.header("user-agent") == USER_AGENT.encode()


def test_netrc_speaks_for_the_host(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login ann password {HIDDEN}\n")
    (tmp_path / ".netrc").chmod(0o600)
    publisher.serve("/feed", Answer(body=RSS))
    fetched(ask(publisher.url("/feed"), FeedSettings(auth="netrc")))
    assert publisher.requests[0].header("authorization") == b"Basic " + base64.b64encode(b"ann:s3cr3t")
    outcome = failed(ask(publisher.url("/feed", host="localhost"), FeedSettings(auth="netrc")))
    assert outcome.reason == "auth=netrc: ~/.netrc has no login and password for machine localhost"
    assert len(publisher.requests) == 1


def test_auth_comes_before_the_name_and_password_of_an_address(publisher: Publisher) -> None:
    publisher.serve("/feed", redirect("/end"))
    publisher.serve("/end", Answer(body=RSS))
    fetched(ask(f"http://ann:other@127.0.0.1:{publisher.port}/feed", FeedSettings(auth="bearer:$TOKEN")))
    assert [request.header("authorization") for request in publisher.requests] == [b"Bearer s3cr3t"] * 2


def test_a_missing_variable_fails_the_feed_before_anything_is_asked(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(body=RSS))
    outcome = failed(ask(url, FeedSettings(auth="bearer:$MISSING")))
    assert outcome.reason == "the environment variable MISSING is not set: its settings refer to it"
    assert (outcome.status, publisher.connections) == (0, 0)


def test_a_variable_cannot_add_a_header_of_its_own(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "x\r\nX-Evil: 1\r\n\r\nGET /evil HTTP/1.1")
    url = publisher.serve("/feed", Answer(body=RSS))
    outcome = failed(ask(url, FeedSettings(headers=(("X-Api-Key", "$TOKEN"),))))
    assert outcome.reason.startswith("the environment variable TOKEN holds what no header carries")
    assert "Evil" not in outcome.reason
    assert publisher.connections == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (FeedSettings(), "it asks for a password (401): `veille feeds set FEED auth=netrc` gives it one"),
        (FeedSettings(auth="bearer:$TOKEN"), "it does not take the password given (401): see `veille feeds set FEED`"),
    ],
)
def test_a_401_says_what_to_do(publisher: Publisher, settings: FeedSettings, said: str) -> None:
    outcome = failed(ask(publisher.serve("/feed", Answer(status=401)), settings))
    assert (outcome.status, outcome.reason) == (401, said)


@pytest.mark.parametrize(
    "answer",
    [
        redirect(f"ftp://evil.example/{HIDDEN}"),
        Answer(raw=f"I was told {HIDDEN}\r\n\r\n".encode()),
        Answer(body=RSS, headers=(("Content-Encoding", HIDDEN),)),
    ],
)
def test_a_secret_that_a_server_sends_back_is_in_no_reason(publisher: Publisher, answer: Answer) -> None:
    outcome = failed(ask(publisher.serve("/feed", answer), ALL))
    assert HIDDEN not in outcome.reason
    assert "…" in outcome.reason


# --- redirects ---------------------------------------------------------------


def test_credentials_and_headers_stay_with_their_site_on_redirects(publisher: Publisher) -> None:
    with Publisher() as other:
        publisher.serve("/a", redirect("/b"))
        publisher.serve("/b", redirect(publisher.url("/c", host="localhost")))
        publisher.serve("/c", redirect(other.url("/d")))
        other.serve("/d", redirect(publisher.url("/e")))
        publisher.serve("/e", Answer(body=RSS))
        fetched(ask(publisher.url("/a"), ALL))
        asked = [*publisher.requests, *other.requests]
    private = {"authorization", "x-api-key", "accept-language"}
    sent = {request.path: private & {name for name, _ in request.headers} for request in asked}
    # The way back to the first host was another's idea: nothing is sent there either.
    assert sent == {"/a": private, "/b": private, "/c": set(), "/d": set(), "/e": set()}
    assert all(request.header("user-agent") == b"Reader/1.0 (me@example.org)" for request in asked)
    assert all({name for name, _ in request.headers}.isdisjoint({"cookie", "referer"}) for request in asked)


@pytest.mark.parametrize(
    ("source", "target", "carried"),
    [
        ("https://one.example/a", "https://one.example/b", True),
        ("https://one.example/a", "https://one.example:443/b", True),
        ("http://one.example/a", "https://one.example/b", True),
        ("https://one.example/a", "http://one.example/b", False),
        ("https://one.example/a", "https://www.one.example/b", False),
        ("https://one.example/a", "https://one.example:8443/b", False),
        ("http://one.example:8080/a", "https://one.example:8080/b", False),
        ("https://one.example/a", "https://one.example.evil.example/b", False),
        ("https://one.example/a", "https://one.example@evil.example/b", False),
        ("https://one.example/a", "//evil.example/b", False),
    ],
)
def test_what_is_meant_for_one_site_never_goes_to_another(source: str, target: str, *, carried: bool) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(302, headers={"Location": target}) if len(seen) == 1 else httpx.Response(404)

    async def run() -> Outcome:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await Fetcher(client, PATIENT).fetch(source, Validators(), ALL)

    assert failed(asyncio.run(run())).status == 404
    assert seen[0].headers["authorization"] == "Bearer s3cr3t"
    assert ("x-api-key" in seen[1].headers) is carried
    assert (seen[1].headers.get("authorization") == "Bearer s3cr3t") is carried


# --- timeout -----------------------------------------------------------------


def test_a_feed_may_have_more_or_less_time_than_the_rest(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(body=RSS, wait=0.5))
    short, long = (FeedSettings(timeout=timedelta(seconds=seconds)) for seconds in (0.2, 5))

    async def run() -> list[Outcome]:
        async with open_fetcher(PATIENT) as fetcher:
            return await asyncio.gather(*(fetcher.fetch(url, Validators(), one) for one in (short, long)))

    first, second = asyncio.run(run())
    assert failed(first).reason == "no complete answer in 0.2 s"
    assert fetched(second).body == RSS


# --- proxies -----------------------------------------------------------------


def test_a_proxy_is_asked_in_the_feed_s_place(publisher: Publisher) -> None:
    publisher.serve("http://feeds.invalid/rss", Answer(body=RSS))
    publisher.serve("/direct", Answer(body=RSS))
    with_proxy = FeedSettings(proxy=f"http://me:$TOKEN@127.0.0.1:{publisher.port}", auth="bearer:$TOKEN")

    async def run() -> None:
        async with open_fetcher(PATIENT) as fetcher:
            for _ in range(2):
                fetched(await fetcher.fetch("http://feeds.invalid/rss", Validators(), with_proxy))
            fetched(await fetcher.fetch(publisher.url("/direct"), Validators()))

    asyncio.run(run())
    through, again, direct = publisher.requests
    assert through.header("host") == b"feeds.invalid"
    assert through.header("proxy-authorization") == b"Basic " + base64.b64encode(b"me:s3cr3t")
    assert through.header("authorization") == b"Bearer s3cr3t"
    assert (again.path, again.connection) == (through.path, through.connection)  # one client for each proxy
    assert (direct.path, direct.header("proxy-authorization")) == ("/direct", None)


def test_redirects_go_through_the_proxy_too_and_a_private_proxy_is_the_user_s_to_choose(publisher: Publisher) -> None:
    publisher.serve("http://93.184.216.34/rss", redirect("http://1.1.1.1/rss"))
    publisher.serve("http://1.1.1.1/rss", Answer(body=RSS))
    outcome = ask("http://93.184.216.34/rss", FeedSettings(proxy=f"http://127.0.0.1:{publisher.port}"))
    assert fetched(outcome).url == "http://1.1.1.1/rss"


@pytest.fixture
def refusing_proxy() -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that takes one connection, remembers the head of what it is sent and asks for a password."""
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while not heads or b"\r\n\r\n" not in heads[0]:
                    heads[:] = [b"".join(heads) + connection.recv(65536)]
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], heads
        thread.join()


def test_a_tunnel_tells_the_proxy_the_host_and_nothing_of_the_feed(refusing_proxy: tuple[int, list[bytes]]) -> None:
    port, heads = refusing_proxy
    settings = FeedSettings(
        proxy=f"http://me:$TOKEN@127.0.0.1:{port}", auth="bearer:$TOKEN", headers=(("X-Key", "$TOKEN"),)
    )
    outcome = failed(ask("https://feeds.invalid/rss", settings))
    assert outcome.reason == "through its proxy, the proxy refuses (407 Proxy Authentication Required)"
    first, *fields = heads[0].decode().strip().split("\r\n")
    assert first == "CONNECT feeds.invalid:443 HTTP/1.1"
    names = {field.partition(":")[0].lower() for field in fields}
    assert "proxy-authorization" in names
    assert names.isdisjoint({"authorization", "x-key"})


def test_a_proxy_that_is_not_there_is_told_without_its_password() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    outcome = failed(ask("http://feeds.invalid/rss", FeedSettings(proxy=f"http://me:$TOKEN@127.0.0.1:{port}")))
    assert outcome.reason == "through its proxy, the connection was refused"
