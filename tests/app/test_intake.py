"""Documents read on the way in: in a process of their own, given up when they take too long, never a danger."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from stored import NOW
from veille.app.intake import Arrival, fault, next_state, take_in
from veille.app.readers import open_readers
from veille.app.reading import Document, Request
from veille.errors import StoreError
from veille.feed import Feed, FeedState, Subscription, Validators
from veille.fetch.schedule import Plan
from veille.outcome import Failed, Fetched, NotModified

if TYPE_CHECKING:
    from veille.outcome import Outcome

FEED = Feed(id=1, subscription=Subscription(url="http://x.example/"), state=FeedState())
PLAN = Plan(now=NOW, interval=timedelta(0), jitter=0)
SMALL = b"<rss version='2.0'><channel><title>t</title><item><guid>1</guid><title>a</title></item></channel></rss>"
# Not well-formed: feedparser's slow way.
LONG = SMALL.replace(
    b"</channel>", b"".join(b"<item><guid>%d</guid>&</item>" % n for n in range(20000)) + b"</channel>"
)


def fetched(body: bytes) -> Fetched:
    return Fetched(body=body, url="http://x.example/", headers={}, validators=Validators(etag='"1"'))


def request(body: bytes, limit: timedelta | None = None) -> Request:
    return Request(body=body, url="http://x.example/", headers={}, now=NOW, limit=limit)


def take(feed: Feed, outcome: Outcome) -> Arrival:
    async def run() -> Arrival:
        async with open_readers() as readers:
            return await take_in(readers, feed, outcome, now=NOW)

    return asyncio.run(run())


def reading_processes() -> list[int]:
    """The children of this process that read documents."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=", "-o", "args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "veille.app.reading" in line]


def test_a_document_that_takes_too_long_is_given_up_its_process_ended_and_others_go_on() -> None:
    async def run() -> tuple[Document | str, float, Document | str]:
        async with open_readers() as readers:
            await readers.read(request(SMALL))
            (before,) = reading_processes()
            started = time.monotonic()
            given_up = await readers.read(request(LONG, timedelta(seconds=0.05)))
            waited = time.monotonic() - started
            assert before not in reading_processes()
            return given_up, waited, await readers.read(request(SMALL))

    given_up, waited, small = asyncio.run(run())
    assert given_up == "reading it takes more than 0 s"
    assert waited < 1.5
    assert isinstance(small, Document)
    assert [entry.guid for entry in small.entries] == ["1"]
    assert reading_processes() == []


def test_a_reading_process_that_is_killed_costs_its_document_only() -> None:
    async def run() -> tuple[Document | str, Document | str]:
        async with open_readers() as readers:
            await readers.read(request(SMALL))
            (process,) = reading_processes()
            slow = asyncio.create_task(readers.read(request(LONG)))
            await asyncio.sleep(0.05)
            os.kill(process, signal.SIGSEGV)
            return await slow, await readers.read(request(SMALL))

    lost, small = asyncio.run(run())
    assert lost == "reading it ended the process that did so: it is put aside"
    assert isinstance(small, Document)


def test_several_documents_are_read_side_by_side() -> None:
    async def run() -> tuple[int, list[Document | str]]:
        async with open_readers(2) as readers:
            documents = await asyncio.gather(*(readers.read(request(SMALL)) for _ in range(6)))
            return len(reading_processes()), documents

    processes, documents = asyncio.run(run())
    assert processes == 2
    assert all(isinstance(document, Document) and len(document.entries) == 1 for document in documents)


def test_what_is_no_feed_is_a_failure_of_that_document() -> None:
    arrival = take(FEED, fetched(b"<html><body>Sorry</body></html>"))
    assert arrival == Arrival(outcome=Failed(reason="it is a web page, not a feed", status=200))


def test_the_same_bytes_are_not_read_twice() -> None:
    first = take(FEED, fetched(SMALL))
    state = next_state(FEED, first, plan=PLAN)
    again = replace(FEED, state=state)
    assert take(again, fetched(SMALL)) == Arrival(outcome=fetched(b""), body_hash=state.body_hash)


def test_entries_that_are_as_they_were_are_not_read_again() -> None:
    state = next_state(FEED, take(FEED, fetched(SMALL)), plan=PLAN)
    longer = SMALL.replace(b"</channel>", b"<item><guid>2</guid><title>b</title></item></channel>")
    other = take(replace(FEED, state=state), fetched(longer)).document
    assert other is not None
    assert ([entry.guid for entry in other.entries], other.unchanged) == (["2"], 1)
    edited = take(replace(FEED, state=state), fetched(SMALL.replace(b"<title>a", b"<title>aa"))).document
    assert edited is not None
    assert ([entry.guid for entry in edited.entries], edited.unchanged) == (["1"], 0)


def test_what_is_no_document_passes_through() -> None:
    outcomes: list[Outcome] = [NotModified(validators=Validators()), Failed(reason="refused")]
    for outcome in outcomes:
        assert take(FEED, outcome) == Arrival(outcome=outcome)


def test_a_fault_is_one_short_line() -> None:
    said = fault(ValueError("bad\n\x1b[31m" + "x" * 999)).reason
    assert said.startswith("a fault in veille itself: ValueError: bad [31mxxx")
    assert len(said) <= 300


def test_trouble_with_the_database_is_no_fault_of_the_program() -> None:
    assert fault(StoreError("/x/veille.db: it is\nmalformed")).reason == "/x/veille.db: it is malformed"
