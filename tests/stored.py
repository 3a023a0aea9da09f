"""Feeds and entries put into a database by the functions that veille uses, for tests that read them back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from veille.app.fold import fold_pending
from veille.feed import Subscription
from veille.parsed import ParsedEntry
from veille.read.changes import decide_changes
from veille.settings import FoldSettings
from veille.store.db import write
from veille.store.entries import known_entries, store_changes
from veille.store.feeds import add_feed, find_feed
from veille.store.prepared import prepare_entry

if TYPE_CHECKING:
    from veille.store.db import Db

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def entry(guid: str, title: str = "", **values: Any) -> ParsedEntry:
    """An entry published at NOW; its fingerprint follows from what it says."""
    made = replace(
        ParsedEntry(guid=guid, title=title or f"Title of {guid}", url=f"http://x.example/{guid}", published_at=NOW),
        **values,
    )
    return replace(made, fingerprint=repr(made))


def subscribe(db: Db, name: str, **values: Any) -> int:
    """Subscribe to http://NAME.example/feed; the feed's id."""
    url = f"http://{name}.example/feed"
    with write(db):
        add_feed(db, Subscription(url=url, **values), now=NOW)
    return find_feed(db, url).id


def store(db: Db, feed_id: int, *entries: ParsedEntry, now: datetime = NOW) -> tuple[int, int]:
    """Store a document's entries as a fetch does; how many are new and how many edited."""
    with write(db):
        prepared = [prepare_entry(one) for one in entries]
        known = known_entries(db, feed_id, prepared)
        return store_changes(db, feed_id, decide_changes(prepared, known), now=now)


def fold(db: Db) -> int:
    """Put what has been stored into stories; how many entries are copies."""
    return fold_pending(db, FoldSettings())
