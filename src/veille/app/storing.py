"""Storing what has come for a feed: entries, titles, state and moves together, or none of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from veille.app.intake import next_state
from veille.feed import Validators
from veille.fetch.schedule import Plan, adopted_address, hold_host
from veille.outcome import Failed
from veille.read.changes import decide_changes
from veille.read.gaps import Told, redated, replaced
from veille.store.db import write
from veille.store.entries import known_entries, store_changes
from veille.store.feeds import save_state, update_feed
from veille.store.health import load_latest_told, load_told
from veille.store.hosts import hold
from veille.store.moves import adopt_address
from veille.store.prepared import COLUMNS, Prepared
from veille.store.pruning import drop_pruned
from veille.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.app.intake import Arrival
    from veille.app.reading import Document
    from veille.feed import Feed, FeedState
    from veille.read.changes import Change, Known
    from veille.store.db import Db

_MISSED = (
    "its oldest entry is newer than the newest stored: entries may have been missed; fetch it more"
    " often, twice a day at least (`veille feeds --health` says how often)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An arrival with the state it leaves its feed in, ready to be stored."""

    feed: Feed
    arrival: Arrival
    state: FeedState
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What storing did: entries new and edited, `state` as it is now, and what the user is to be told."""

    state: FeedState
    new: int = 0
    edited: int = 0
    notices: tuple[str, ...] = field(default=())


def plan_delivery(home: Home, feed: Feed, arrival: Arrival, *, now: datetime) -> Delivery:
    """Decide the next state of a feed."""
    interval = home.settings.fetch.interval if feed.settings.interval is None else feed.settings.interval
    jitter = random.random()  # noqa: S311 - spreads requests, hides nothing
    state = next_state(feed, arrival, plan=Plan(now=now, interval=interval, jitter=jitter))
    return Delivery(feed=feed, arrival=arrival, state=state, now=now)


def store_arrival(home: Home, feed: Feed, arrival: Arrival, *, now: datetime) -> Stored:
    """Decide and store in a transaction of its own: for one feed by itself."""
    with write(home.db):
        return store_delivery(home.db, plan_delivery(home, feed, arrival, now=now))


def store_delivery(db: Db, delivery: Delivery) -> Stored:
    """Store inside the caller's transaction."""
    delivery = _pass_over_pruned(db, delivery)
    feed, state, document = delivery.feed, delivery.state, delivery.arrival.document
    new = edited = 0
    if document:
        known = known_entries(db, feed.id, document.entries)
        changes = decide_changes(document.entries, known)
        # Before anything is stored: what was there is what it is compared with.
        state = _notice_gaps(db, delivery, known, changes)
        new, edited = store_changes(db, feed.id, changes, now=delivery.now)
        _store_titles(db, feed, document)
    notices = [state.reason] if state.reason else []
    if state.missed_at == delivery.now:
        notices.append(_MISSED)
    target = adopted_address(state, feed.subscription.url)
    if target:
        adopted = adopt_address(db, feed, target, now=delivery.now)
        notices = [adopted.words]
        state = replace(state, status="ok", reason="", moved_to="", moved_seen=0)
        if adopted.merged:
            # Should it be followed again, all that it has must come again: its entries are another's now.
            state = replace(state, validators=Validators(), body_hash="", prints=b"")
    save_state(db, feed.id, state)
    if isinstance(outcome := delivery.arrival.outcome, Failed):
        store_hold(db, feed.subscription.url, outcome, state)
    return Stored(state=state, new=new, edited=edited, notices=tuple(notices))


def find_hold(url: str, outcome: Failed, state: FeedState) -> tuple[str, datetime] | None:
    """The host that `outcome` asks peace for and until when, None when it asks for none; `state` is that after it.

    The host is that of the address asked, unless a redirect led to another.
    """
    until = hold_host(outcome, state)
    return (outcome.host or host_of(url), until) if until else None


def store_hold(db: Db, url: str, outcome: Failed, state: FeedState) -> None:
    """Remember the hold that an outcome asks for, inside the caller's transaction."""
    found = find_hold(url, outcome, state)
    if found:
        host, until = found
        hold(db, host, until=until, reason=outcome.reason)


def _pass_over_pruned(db: Db, delivery: Delivery) -> Delivery:
    """The delivery without the entries that have left the archive for their age: they count as unchanged."""
    document = delivery.arrival.document
    if document is None:
        return delivery
    gone = drop_pruned(db, delivery.feed.id, document.entries)
    if not gone:
        return delivery
    rest = tuple(entry for entry in document.entries if entry.guid not in gone)
    passed = len(document.entries) - len(rest)
    document = replace(document, entries=rest, unchanged=document.unchanged + passed)
    return replace(delivery, arrival=replace(delivery.arrival, document=document))


def _notice_gaps(
    db: Db, delivery: Delivery, known: Mapping[str, Known], changes: Sequence[Change[Prepared]]
) -> FeedState:
    """The state with what the document shows to be missed or re-dated. Look-ups only where that may be."""
    state, document = delivery.state, delivery.arrival.document
    if document is None or document.unchanged:
        return state
    if not known:
        latest = load_latest_told(db, delivery.feed.id) if len(document.entries) > 1 else []
        missed = replaced([_told(entry) for entry in document.entries], latest)
        return replace(state, missed_at=delivery.now) if missed else state
    edited = {change.entry_id: change.entry for change in changes if change.entry_id is not None}
    stored = {entry_id for entry_id, _ in known.values()}
    if len(edited) < len(stored):
        return state
    before = load_told(db, edited)
    pairs = [(before[entry_id], _told(entry)) for entry_id, entry in edited.items()]
    return replace(state, redated_at=delivery.now) if redated(pairs, known=len(stored)) else state


def _told(entry: Prepared) -> Told:
    values = dict(zip(COLUMNS, entry.values, strict=True))
    return Told(str(values["published_at"] or ""), str(values["title"]), str(values["summary"]))


def _store_titles(db: Db, feed: Feed, document: Document) -> None:
    """Keep the feed's own title and site, the user's coming first when shown."""
    if document.title and document.title != feed.title:
        update_feed(db, feed.id, feed_title=document.title)
    if document.site_url and not feed.subscription.site_url:
        update_feed(db, feed.id, site_url=document.site_url)
