"""How many at a time, how long and how much: a real server on loopback counts and drags on."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from asking import HASTY, PATIENT, RSS, failed, fetched, get, get_all
from publisher import Answer, Publisher, redirect
from veille.feed import Validators
from veille.fetch.http import BUDGET, Fetcher, open_fetcher
from veille.outcome import Failed, Fetched
from veille.settings import FetchSettings

if TYPE_CHECKING:
    from veille.outcome import Outcome


# --- how many at a time ------------------------------------------------------


def test_no_host_is_asked_more_than_two_things_at_a_time(publisher: Publisher) -> None:
    hosts = ("127.0.0.1", "localhost")
    for number in range(8):
        publisher.serve(f"/{number}", Answer(body=RSS, wait=0.03))
    urls = [publisher.url(f"/{number}", host=host) for number in range(8) for host in hosts]
    outcomes = get_all(urls, replace(PATIENT, jobs=20))
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)
    assert [publisher.most_at_once(host) for host in hosts] == [2, 2]
    assert publisher.connections <= 4


def test_no_more_than_jobs_are_asked_in_all(publisher: Publisher) -> None:
    urls = [publisher.serve(f"/{number}", Answer(body=RSS, wait=0.02)) for number in range(12)]
    outcomes = get_all(urls, replace(PATIENT, jobs=3, per_host=10))
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)
    assert publisher.most_at_once() == 3


def test_one_at_a_time_still_follows_redirects(publisher: Publisher) -> None:
    urls = [publisher.serve(f"/{number}", redirect("/end")) for number in range(5)]
    publisher.serve("/end", Answer(body=RSS))
    assert all(isinstance(one, Fetched) for one in get_all(urls, replace(PATIENT, jobs=1, per_host=1)))
    assert publisher.most_at_once() == 1


def test_a_busy_host_does_not_keep_others_waiting(publisher: Publisher) -> None:
    slow = [publisher.serve(f"/slow/{number}", Answer(body=RSS, wait=0.5)) for number in range(4)]
    publisher.serve("/quick", Answer(body=RSS))
    quick = publisher.url("/quick", host="localhost")

    async def run() -> float:
        async with open_fetcher(replace(PATIENT, jobs=3)) as fetcher, asyncio.TaskGroup() as group:
            for url in slow:
                group.create_task(fetcher.fetch(url, Validators()))
            await asyncio.sleep(0)
            started = time.monotonic()
            fetched(await fetcher.fetch(quick, Validators()))
            return time.monotonic() - started

    assert asyncio.run(run()) < 0.4


def test_waiting_for_a_turn_is_not_counted_as_slowness(publisher: Publisher) -> None:
    urls = [publisher.serve(f"/{number}", Answer(body=RSS, wait=0.3)) for number in range(4)]
    outcomes = get_all(urls, replace(PATIENT, per_host=1, timeout=timedelta(seconds=1)))
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)


# --- too late, too large -----------------------------------------------------

SLOW = {
    "no head": Answer(body=RSS, wait=9),
    "one byte at a time": Answer(body=RSS, piece=1, pace=0.05),
    "endless body, slowly": Answer(endless=b" " * 10, pace=0.02, length=10**12),
    "endless chunks, slowly": Answer(endless=b" " * 10, pace=0.02, chunked=True),
    "less than announced": Answer(body=RSS, length=1000),
    "endless headers, slowly": Answer(raw=b"HTTP/1.1 200 OK\r\n", endless=b"X-More: 1\r\n", pace=0.02),
    "endless interim answers": Answer(raw=b"", endless=b"HTTP/1.1 103 Early Hints\r\n\r\n", pace=0.02),
}


@pytest.mark.parametrize("name", SLOW)
def test_an_exchange_ends_in_time_whatever_trickles(publisher: Publisher, name: str) -> None:
    url = publisher.serve("/feed", SLOW[name])
    started = time.monotonic()
    outcome = failed(get(url, replace(HASTY, max_body=10**13 if "endless" in name else 10_000)))
    assert time.monotonic() - started < 2
    assert outcome.reason == "no complete answer in 0.4 s"


def test_the_time_of_all_redirects_together_is_bounded(publisher: Publisher) -> None:
    for number in range(4):
        publisher.serve(f"/{number}", Answer(status=302, headers=(("Location", f"/{number + 1}"),), wait=0.15))
    started = time.monotonic()
    assert failed(get(publisher.url("/0"), HASTY)).reason == "no complete answer in 0.4 s"
    assert time.monotonic() - started < 1.5
    assert len(publisher.requests) == 3


LARGE = {
    "announced": Answer(length=200_000_000, endless=b"x" * 65536),
    "not announced": Answer(endless=b"x" * 65536, chunked=True),
    "until the end of the connection": Answer(raw=b"HTTP/1.1 200 OK\r\n\r\n", endless=b"x" * 65536),
    "compressed": Answer(body=bytes(200_000_000), encoding="gzip"),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_body_without_end_stops_at_the_limit(publisher: Publisher, name: str) -> None:
    url = publisher.serve("/feed", LARGE[name])
    patient = FetchSettings(timeout=timedelta(seconds=30))
    tracemalloc.start()
    try:
        outcome = failed(get(url, patient))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (outcome.reason, outcome.status) == ("larger than 10 MB (see max_body)", 200)
    assert name == "compressed" or peak < 60_000_000  # the server itself holds what it compresses


def test_a_length_beyond_the_limit_is_refused_before_the_body(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(length=10_000_001, wait=0, pace=9, endless=b"x"))
    started = time.monotonic()
    assert "larger than 10 MB" in failed(get(url)).reason
    assert time.monotonic() - started < 3


# --- large bodies together ---------------------------------------------------

LARGE_BODY = b"<rss/>" + bytes(3_000_000)
GZIP = (("Content-Encoding", "gzip"),)
THREE_AT_A_TIME = FetchSettings(max_body=BUDGET // 3, timeout=timedelta(seconds=1), per_host=20)


@pytest.mark.parametrize("encoding", [(), GZIP])
def test_large_bodies_are_received_a_few_at_a_time_and_their_wait_is_not_counted(
    publisher: Publisher, encoding: tuple[tuple[str, str], ...]
) -> None:
    sent = gzip.compress(LARGE_BODY) if encoding else LARGE_BODY
    # Each takes some 0.4 s by itself: twelve of them, three at a time, take longer than one may.
    slowly = Answer(body=sent, headers=encoding, piece=len(sent) // 8, pace=0.05)
    urls = [publisher.serve(f"/{number}", slowly) for number in range(12)]

    async def size(fetcher: Fetcher, url: str) -> int:
        return len(fetched(await fetcher.fetch(url, Validators())).body)

    async def run() -> list[int]:
        async with open_fetcher(THREE_AT_A_TIME) as fetcher:
            return await asyncio.gather(*(size(fetcher, url) for url in urls))

    tracemalloc.start()
    try:
        assert asyncio.run(run()) == [len(LARGE_BODY)] * 12
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 11 * len(LARGE_BODY)  # twelve at a time would be 13 and more, the server's own among them


def test_a_small_body_waits_for_no_large_one(publisher: Publisher) -> None:
    large = publisher.serve("/large", Answer(body=LARGE_BODY, length=10**7, piece=1_000_000))
    small = publisher.serve("/small", Answer(body=RSS))

    async def run() -> bytes:
        async with open_fetcher(replace(PATIENT, max_body=BUDGET)) as fetcher:
            stalled = asyncio.ensure_future(fetcher.fetch(large, Validators()))
            await asyncio.sleep(0.3)
            body = fetched(await fetcher.fetch(small, Validators())).body
            assert not stalled.done()
            stalled.cancel()
            return body

    assert asyncio.run(run()) == RSS


def test_a_large_body_that_fails_makes_room_for_the_next(publisher: Publisher) -> None:
    never = [publisher.serve(f"/{number}", Answer(body=bytes(300_000), length=10**7)) for number in range(3)]
    too_large = publisher.serve("/bomb", Answer(body=gzip.compress(bytes(60_000_000)), headers=GZIP))
    good = publisher.serve("/good", Answer(body=LARGE_BODY))
    settings = replace(THREE_AT_A_TIME, max_body=BUDGET // 2, timeout=timedelta(seconds=1))
    *outcomes, bomb, last = get_all([*never, too_large, good], settings)
    assert [failed(outcome).reason for outcome in outcomes] == ["no complete answer in 1 s"] * 3
    assert failed(bomb).reason == "larger than 50 MB (see max_body)"
    assert fetched(last).body == LARGE_BODY


def test_connections_are_used_again(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(body=RSS, etag='"1"'))

    async def run() -> None:
        async with open_fetcher(PATIENT) as fetcher:
            for validators in (Validators(), Validators(etag='"1"'), Validators(etag='"0"')):
                assert not isinstance(await fetcher.fetch(url, validators), Failed)

    asyncio.run(run())
    assert (len(publisher.requests), publisher.connections) == (3, 1)


@pytest.mark.parametrize(
    "stale",
    [
        Answer(body=RSS, length=len(RSS) - 6),  # what follows the body is in the way of the next answer
        Answer(body=RSS, headers=(("Connection", "keep-alive"),), cut=True),  # it was to be kept, and was not
    ],
)
def test_a_kept_connection_that_fails_costs_the_next_feed_nothing(publisher: Publisher, stale: Answer) -> None:
    urls = [publisher.serve("/first", stale), publisher.serve("/second", Answer(body=RSS))]

    async def run() -> list[Outcome]:
        async with open_fetcher(PATIENT) as fetcher:
            return [await fetcher.fetch(url, Validators()) for url in urls]

    first, second = asyncio.run(run())
    assert fetched(first).body[:20] == RSS[:20]
    assert fetched(second).body == RSS
    assert len(publisher.asked("/second")) <= 2
    assert publisher.connections == 2


def test_a_server_that_always_hangs_up_is_not_asked_for_ever() -> None:
    asked = 0

    def hang_up(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        raise httpx.RemoteProtocolError("Server disconnected")

    async def run() -> Outcome:
        async with httpx.AsyncClient(transport=httpx.MockTransport(hang_up)) as client:
            return await Fetcher(client, PATIENT).fetch("http://93.184.216.34/feed", Validators())

    assert "not valid HTTP" in failed(asyncio.run(run())).reason
    assert asked == 3
