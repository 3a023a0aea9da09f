"""Documents read on the way in: given up when they take too long, never a danger to the rest."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from stored import NOW
from veille.app.intake import Arrival, fault, next_state, take_in
from veille.feed import Feed, FeedState, Subscription, Validators
from veille.outcome import Failed, Fetched, NotModified

FEED = Feed(id=1, subscription=Subscription(url="http://x.example/"), state=FeedState())
SMALL = b"<rss version='2.0'><channel><title>t</title><item><guid>1</guid><title>a</title></item></channel></rss>"
LONG = SMALL.replace(b"</channel>", b"".join(b"<item><guid>%d</guid></item>" % n for n in range(2000)) + b"</channel>")


def fetched(body: bytes) -> Fetched:
    return Fetched(body=body, url="http://x.example/", headers={}, validators=Validators(etag='"1"'))


def test_a_document_that_takes_too_long_is_given_up_and_others_go_on() -> None:
    async def run() -> tuple[Arrival, float, Arrival]:
        started = time.monotonic()
        given_up = await take_in(FEED, fetched(LONG), now=NOW, limit=timedelta(seconds=0.02))
        waited = time.monotonic() - started
        return given_up, waited, await take_in(FEED, fetched(SMALL), now=NOW)

    given_up, waited, small = asyncio.run(run())
    assert given_up == Arrival(outcome=Failed(reason="reading it takes more than 0 s", status=200))
    assert waited < 1.5
    assert small.parsed is not None
    assert len(small.parsed.entries) == 1


def test_a_run_may_end_before_a_reader_that_was_given_up() -> None:
    """The reader's answer then finds nobody: that must not be told to anyone."""
    limit = timedelta(seconds=0.01)
    arrival = asyncio.run(take_in(FEED, fetched(LONG), now=NOW, limit=limit))
    assert isinstance(arrival.outcome, Failed)
    time.sleep(1)


def test_the_same_bytes_are_not_read_twice() -> None:
    first = asyncio.run(take_in(FEED, fetched(SMALL), now=NOW))
    state = next_state(FEED, first, now=NOW, interval=timedelta(0), jitter=0)
    again = Feed(id=1, subscription=FEED.subscription, state=state)
    assert asyncio.run(take_in(again, fetched(SMALL), now=NOW)) == Arrival(
        outcome=fetched(SMALL), body_hash=state.body_hash
    )
    other = asyncio.run(take_in(again, fetched(SMALL + b" "), now=NOW))
    assert other.parsed == first.parsed


def test_what_is_no_document_passes_through() -> None:
    for outcome in (NotModified(validators=Validators()), Failed(reason="refused")):
        assert asyncio.run(take_in(FEED, outcome, now=NOW)) == Arrival(outcome=outcome)


def test_a_fault_is_one_short_line() -> None:
    said = fault(ValueError("bad\n\x1b[31m" + "x" * 999)).reason
    assert said.startswith("a fault in veille itself: ValueError: bad [31mxxx")
    assert len(said) <= 300
