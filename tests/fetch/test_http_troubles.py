"""Bodies and answers that are not what they should be, and hosts that give none."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from asking import HASTY, PATIENT, RSS, failed, fetched, get, get_all
from publisher import Answer, Publisher
from veille.feed import Validators
from veille.fetch.http import open_fetcher
from veille.outcome import Fetched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veille.outcome import Outcome


# --- encodings and lengths ---------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate", "br"])
@pytest.mark.parametrize("chunked", [False, True])
def test_compressed_bodies_are_read(publisher: Publisher, encoding: str, *, chunked: bool) -> None:
    url = publisher.serve("/feed", Answer(body=RSS * 50, encoding=encoding, chunked=chunked, piece=100))
    assert fetched(get(url)).body == RSS * 50


def test_an_encoding_that_lies_is_understood_or_told(publisher: Publisher) -> None:
    said = [Answer(body=RSS, headers=(("Content-Encoding", name),)) for name in ("gzip", "br", "deflate", "zstd")]
    url = publisher.serve("/feed", *said)
    assert [fetched(get(url)).body for _ in range(2)] == [RSS, RSS]
    assert "its compression cannot be read" in failed(get(url)).reason
    assert failed(get(url)).reason == "its compression cannot be read (unknown Content-Encoding zstd)"


def test_an_empty_answer_is_an_empty_body(publisher: Publisher) -> None:
    assert fetched(get(publisher.serve("/feed", Answer()))).body == b""


def test_a_length_too_short_cuts_the_body_and_costs_only_the_connection(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(body=RSS, length=len(RSS) - 6), Answer(body=RSS))

    async def twice() -> list[bytes]:
        async with open_fetcher(PATIENT) as fetcher:
            return [fetched(await fetcher.fetch(url, Validators())).body for _ in range(2)]

    assert asyncio.run(twice()) == [RSS[:-6], RSS]


# --- what does not work ------------------------------------------------------

BROKEN = {
    "cut body": (Answer(body=RSS, length=1000, cut=True), "not valid HTTP (peer closed connection"),
    "cut chunks": (Answer(body=RSS, chunked=True, cut=True), "not valid HTTP (peer closed connection"),
    "no answer": (Answer(raw=b""), "not valid HTTP (Server disconnected"),
    "garbage": (Answer(raw=b"\x00\xff\x1b[31mnot http at all\r\n\r\n"), "not valid HTTP"),
    "another protocol": (Answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n"), "not valid HTTP"),
    "a header without a name": (Answer(raw=b"HTTP/1.1 200 OK\r\n: x\r\n\r\n"), "not valid HTTP"),
    "a NUL in a header": (Answer(raw=b"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n"), "not valid HTTP"),
    "two lengths": (Answer(headers=(("Content-Length", "5"),), body=RSS), "not valid HTTP"),
    "a length that is no number": (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"), "not valid HTTP"),
    "chunks without sizes": (
        Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<rss>\r\n"),
        "not valid HTTP",
    ),
    "endless headers": (Answer(raw=b"HTTP/1.1 200 OK\r\n", endless=b"X-More: 1\r\n" * 1000), "not valid HTTP"),
    "an endless header": (Answer(raw=b"HTTP/1.1 200 OK\r\nX: ", endless=b"x" * 10_000), "not valid HTTP"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_bad_http_is_told_in_one_line(publisher: Publisher, name: str) -> None:
    answer, said = BROKEN[name]
    outcome = failed(get(publisher.serve("/feed", answer), PATIENT))
    assert said in outcome.reason
    assert outcome.status == 0
    assert "\x1b" not in outcome.reason
    assert len(outcome.reason) < 200


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "it asks for a password (401): `veille feeds set FEED auth=netrc` gives it one"),
        (403, "access is refused (403)"),
        (404, "there is nothing at this address (404)"),
        (410, "it is gone for good (410)"),
        (418, "the server answered 418"),
        (429, "too many requests, says the server (429)"),
        (500, "the server answered 500"),
        (503, "the server answered 503"),
        (204, "the server answered 204"),
        (206, "the server answered 206"),
        (999, "the server answered 999"),
    ],
)
def test_a_status_is_told_with_the_headers_that_plan_the_next_fetch(
    publisher: Publisher, status: int, said: str
) -> None:
    headers = (("Retry-After", "120"), ("Date", "Fri, 20 Nov 2026 08:00:00 GMT"), ("X-Other", "1"))
    outcome = failed(get(publisher.serve("/feed", Answer(status=status, headers=headers))))
    assert (outcome.status, outcome.reason) == (status, said)
    assert outcome.headers == {"retry-after": "120", "date": "Fri, 20 Nov 2026 08:00:00 GMT"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def deaf_port() -> Iterator[int]:
    """A port whose queue of connections is full: nobody is ever let in."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            knocking = stack.enter_context(socket.socket())
            knocking.setblocking(False)
            knocking.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_refused_connection(host: str) -> None:
    outcome = failed(get(f"http://{host}:{free_port()}/feed"))
    assert outcome.reason in ("the connection was refused", "the connection failed (Cannot assign requested address)")
    assert outcome.status == 0


def test_a_host_that_does_not_answer() -> None:
    with deaf_port() as port:
        started = time.monotonic()
        assert failed(get(f"http://127.0.0.1:{port}/feed", HASTY)).reason == "the host does not answer"
        assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("host", ["nowhere.invalid", "bücher.invalid", "a_b.invalid"])
def test_a_host_that_does_not_exist(host: str) -> None:
    assert failed(get(f"http://{host}/feed")).reason == "the host name is not known"


@pytest.mark.parametrize("host", ["x" * 70 + ".invalid", "a..b", "xn--a", "\u2028.example", "x" * 70_000])
def test_a_host_name_that_cannot_be(host: str) -> None:
    outcome = failed(get(f"http://{host}/"))
    assert outcome.reason.startswith(("the host name is not", "it is not, or redirects to what is not"))
    assert len(outcome.reason) < 200


def test_tls_to_a_server_that_speaks_none(publisher: Publisher) -> None:
    outcome = failed(get(publisher.url("/feed", scheme="https")))
    assert outcome.reason.startswith("the TLS connection failed")


def test_a_connection_reset(publisher: Publisher) -> None:
    """The server takes the request and resets the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        async def run() -> Outcome:
            accepting = asyncio.get_running_loop().run_in_executor(None, server.accept)
            async with open_fetcher(PATIENT) as fetcher:
                asking = asyncio.ensure_future(fetcher.fetch(f"http://127.0.0.1:{port}/", Validators()))
                connection, _ = await accepting
                await asyncio.sleep(0.05)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.close()
                return await asking

        assert failed(asyncio.run(run())).reason == "the connection was cut"
    assert publisher.requests == []


def test_one_failure_leaves_the_others_alone(publisher: Publisher) -> None:
    good = publisher.serve("/good", Answer(body=RSS))
    bad = [publisher.serve(f"/{name}", answer) for name, (answer, _) in BROKEN.items()]
    outcomes = get_all([*bad, good], replace(PATIENT, per_host=20))
    assert [isinstance(outcome, Fetched) for outcome in outcomes] == [False] * len(bad) + [True]
