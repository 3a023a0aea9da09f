"""What has come back for a feed, read: an Outcome in, the document and the feed's next state out.

Nothing is stored here. Reading a document may be given up, and never raises.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.errors import ParseError
from veille.fetch.schedule import after_failure, after_success
from veille.outcome import Failed, Fetched, NotModified
from veille.read.parse import CUT, parse_feed
from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from datetime import datetime

    from veille.feed import Feed, FeedState
    from veille.model import ParsedFeed
    from veille.outcome import Outcome

# 10 MB in 80,000 entries, the slowest document known, take 4 µs a byte: five times that is enough for
# any honest one.
_READING_START = timedelta(seconds=10)
_READING_BYTE = timedelta(microseconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came back for a feed: the outcome, and the document if it could be read."""

    outcome: Outcome
    body_hash: str = ""
    parsed: ParsedFeed | None = None


async def take_in(feed: Feed, outcome: Outcome, *, now: datetime, limit: timedelta | None = None) -> Arrival:
    """Read a document, unless it is the same as last time to the byte or takes too long.

    Too long is `limit`, by default in proportion to the document. A thread cannot be stopped: one that
    is given up goes on to the end of the process, and ends with it. Whoever waits here goes on as soon
    as the interpreter, which threads share, lets it.
    """
    if not isinstance(outcome, Fetched):
        return Arrival(outcome=outcome)
    body_hash = hashlib.blake2b(outcome.body, digest_size=16).hexdigest()
    if body_hash == feed.state.body_hash:
        return Arrival(outcome=outcome, body_hash=body_hash)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[ParsedFeed | Failed] = loop.create_future()

    def read() -> None:
        result = _read(outcome, now)
        with contextlib.suppress(RuntimeError):  # the run has ended in between
            loop.call_soon_threadsafe(_settle, answer, result)

    threading.Thread(target=read, name="reading", daemon=True).start()
    seconds = (limit or _READING_START + len(outcome.body) * _READING_BYTE).total_seconds()
    try:
        async with asyncio.timeout(seconds):
            parsed = await answer
    except TimeoutError:
        parsed = _unreadable(outcome, f"reading it takes more than {seconds:.0f} s")
    if isinstance(parsed, Failed):
        return Arrival(outcome=parsed)
    return Arrival(outcome=outcome, body_hash=body_hash, parsed=parsed)


def fault(error: Exception) -> Failed:
    """A fault of veille's own, told like any other failure: the other feeds go on."""
    return Failed(reason=shorten(f"a fault in veille itself: {type(error).__name__}: {clean_line(str(error))}", 300))


def next_state(feed: Feed, arrival: Arrival, *, now: datetime, interval: timedelta, jitter: float) -> FeedState:
    """What is known of the feed once `arrival` is stored."""
    outcome = arrival.outcome
    if isinstance(outcome, Failed):
        failed = after_failure(feed.state, outcome, now=now, interval=interval, jitter=jitter)
        return replace(failed, status="degraded") if outcome.status == 200 else failed  # noqa: PLR2004 - HTTP OK
    state = after_success(feed.state, outcome, now=now, interval=interval, jitter=jitter)
    if isinstance(outcome, NotModified) or arrival.parsed is None:
        # Nothing was read: what was wrong with the document that is stored still is. Its hash tells it from
        # one that was cut or no feed, after which the one before it has come back.
        was_degraded = feed.state.status == "degraded" and feed.state.failures == 0 and feed.state.body_hash
        return replace(state, status="degraded", reason=feed.state.reason) if was_degraded else state
    problem = arrival.parsed.problem
    if not problem:
        return replace(state, body_hash=arrival.body_hash)
    if problem.startswith(CUT):
        # The rest of a cut document is still to come: it must be asked for again, whole.
        return replace(state, status="degraded", reason=problem, validators=feed.state.validators, body_hash="")
    return replace(state, status="degraded", reason=problem, body_hash=arrival.body_hash)


def _read(outcome: Fetched, now: datetime) -> ParsedFeed | Failed:
    try:
        return parse_feed(outcome.body, url=outcome.url, now=now, headers=outcome.headers)
    except ParseError as error:
        return _unreadable(outcome, str(error))
    except Exception as error:  # noqa: BLE001 - whatever a document does to us, the other feeds go on
        return _unreadable(outcome, fault(error).reason)


def _settle(answer: asyncio.Future[ParsedFeed | Failed], result: ParsedFeed | Failed) -> None:
    if not answer.done():  # nobody waits any more
        answer.set_result(result)


def _unreadable(outcome: Fetched, reason: str) -> Failed:
    return Failed(reason=reason, status=200, headers=outcome.headers)
