"""What has come back for a feed, read: an Outcome in, the document and the feed's next state out.

Nothing is stored here. Reading a document may be given up, and never raises.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veille.app.reading import Request, describe_fault
from veille.errors import VeilleError
from veille.fetch.schedule import after_failure, after_success
from veille.outcome import Failed, Fetched, NotModified
from veille.read.parse import CUT
from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from datetime import datetime

    from veille.app.readers import Readers
    from veille.app.reading import Document
    from veille.feed import Feed, FeedState
    from veille.fetch.schedule import Plan
    from veille.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came back for a feed: the outcome, and the document if it could be read."""

    outcome: Outcome
    body_hash: str = ""
    document: Document | None = None


async def take_in(readers: Readers, feed: Feed, outcome: Outcome, *, now: datetime) -> Arrival:
    """Read a document, unless it is the same as last time to the byte."""
    if not isinstance(outcome, Fetched):
        return Arrival(outcome=outcome)
    body_hash = hashlib.blake2b(outcome.body, digest_size=16).hexdigest()
    if body_hash == feed.state.body_hash:
        return Arrival(outcome=_emptied(outcome), body_hash=body_hash)
    request = Request(body=outcome.body, url=outcome.url, headers=outcome.headers, now=now, known=feed.state.prints)
    document = await readers.read(request)
    if isinstance(document, str):
        return Arrival(outcome=Failed(reason=document, status=200, headers=outcome.headers))
    return Arrival(outcome=_emptied(outcome), body_hash=body_hash, document=document)


def fault(error: Exception) -> Failed:
    """A fault of veille's own or trouble with its database, told like any other failure: the other feeds go on."""
    known = isinstance(error, VeilleError)
    return Failed(reason=shorten(clean_line(str(error)), 300) if known else describe_fault(error))


def next_state(feed: Feed, arrival: Arrival, *, plan: Plan) -> FeedState:
    """What is known of the feed once `arrival` is stored."""
    outcome, document = arrival.outcome, arrival.document
    if isinstance(outcome, Failed):
        failed = after_failure(feed.state, outcome, plan=plan)
        return replace(failed, status="degraded") if outcome.status == 200 else failed  # noqa: PLR2004 - HTTP OK
    state = after_success(feed.state, outcome, plan=plan, cadence=document.cadence if document else None)
    if isinstance(outcome, NotModified) or document is None:
        # Nothing was read: what was wrong with the document that is stored still is. Its hash tells it from
        # one that was cut or no feed, after which the one before it has come back.
        was_degraded = feed.state.status == "degraded" and feed.state.failures == 0 and feed.state.body_hash
        return replace(state, status="degraded", reason=feed.state.reason) if was_degraded else state
    state = replace(state, prints=document.prints, future=document.future)
    if not document.problem:
        return replace(state, body_hash=arrival.body_hash)
    if document.problem.startswith(CUT):
        # The rest of a cut document is still to come: it must be asked for again, whole.
        return replace(
            state, status="degraded", reason=document.problem, validators=feed.state.validators, body_hash=""
        )
    return replace(state, status="degraded", reason=document.problem, body_hash=arrival.body_hash)


def _emptied(outcome: Fetched) -> Fetched:
    """The outcome without its body, which nobody needs any more: bodies are what a fetch's memory goes to."""
    return replace(outcome, body=b"")
