"""Feeds that have moved for good: a new address adopted, or two feeds made one. No entry is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from veille.store.feeds import update_feed
from veille.store.pruning import give_pruned
from veille.store.stored_feed import merge_feed_settings, move_feed_settings, read_feed_settings
from veille.text import clean_line
from veille.times import to_stored
from veille.urls import without_user

if TYPE_CHECKING:
    from datetime import datetime

    from veille.feed import Feed
    from veille.store.db import Db


class Adopted(NamedTuple):
    """What was done, in one line; `merged` when the feed has become one with another."""

    words: str
    merged: bool = False


def adopt_address(db: Db, feed: Feed, target: str, *, now: datetime) -> Adopted:
    """Know a feed by `target` from now on.

    The old address stays known as a former one. Where `target` is a feed already, the two are merged.
    """
    shown = clean_line(without_user(target))
    row = db.execute("SELECT id, removed_at FROM feeds WHERE url = ?", (target,)).fetchone()
    if row is None or row["id"] == feed.id:
        return Adopted(f"moved for good: its address is now {shown}{_move(db, feed, target)}")
    if row["removed_at"] is not None:
        # The user had left that address; this feed is the one that he follows.
        _give_entries(db, row["id"], feed.id)
        db.execute("UPDATE former_addresses SET feed_id = ? WHERE feed_id = ?", (feed.id, row["id"]))
        _free_address(db, row["id"], target)
        return Adopted(f"moved for good: its address is now {shown}{_move(db, feed, target)}")
    _give_entries(db, feed.id, row["id"])
    _give_choices(db, feed, row["id"], target)
    # One that had been given up, or a muted copy, is the feed that is followed now.
    db.execute(
        "UPDATE feed_states SET status = 'new', reason = '', next_fetch_at = NULL"
        " WHERE feed_id = ? AND status = 'gone'",
        (row["id"],),
    )
    update_feed(db, feed.id, removed_at=to_stored(now))
    db.execute("UPDATE former_addresses SET feed_id = ? WHERE feed_id = ?", (row["id"], feed.id))
    _remember(db, feed.subscription.url, row["id"])
    return Adopted(f"moved for good to {shown}, which you follow already: the two are one feed now", merged=True)


def _give_entries(db: Db, giver: int, taker: int) -> None:
    """Entries that the taker has by the same guid stay with the giver: they are in the archive all the same."""
    db.execute("UPDATE OR IGNORE entries SET feed_id = ? WHERE feed_id = ?", (taker, giver))
    give_pruned(db, giver, taker)


def _move(db: Db, feed: Feed, target: str) -> str:
    """Give a feed its new address; what is to be told beside that. Credentials never follow to another site."""
    row = db.execute("SELECT settings FROM feeds WHERE id = ?", (feed.id,)).fetchone()
    kept = move_feed_settings(row["settings"], source=feed.subscription.url, target=target)
    update_feed(db, feed.id, url=target, settings=kept)
    _remember(db, feed.subscription.url, feed.id)
    left = read_feed_settings(row["settings"]) != read_feed_settings(kept)
    return f"; its credentials and headers were not for that site: see `veille feeds set {feed.id}`" if left else ""


def _give_choices(db: Db, feed: Feed, taker: int, target: str) -> None:
    """What the user had set on the feed that goes counts for the one that stays, where that has none."""
    row = db.execute("SELECT title, folder, tags, settings, muted FROM feeds WHERE id = ?", (taker,)).fetchone()
    old = db.execute("SELECT settings, muted FROM feeds WHERE id = ?", (feed.id,)).fetchone()
    old_settings = move_feed_settings(old["settings"], source=feed.subscription.url, target=target)
    tags = dict.fromkeys((*json.loads(row["tags"]), *feed.subscription.tags))
    update_feed(
        db,
        taker,
        title=row["title"] or feed.subscription.title,
        folder=row["folder"] or feed.subscription.folder,
        tags=json.dumps(list(tags), ensure_ascii=False),
        settings=merge_feed_settings(row["settings"], old_settings),
        muted=int(row["muted"] and old["muted"]),
    )


def _free_address(db: Db, feed_id: int, url: str) -> None:
    """A feed that was left and whose address another takes keeps what entries it has, under no address."""
    update_feed(db, feed_id, url=f"former:{feed_id}:{url}")


def _remember(db: Db, url: str, feed_id: int) -> None:
    db.execute("INSERT OR REPLACE INTO former_addresses (url, feed_id) VALUES (?, ?)", (url, feed_id))
    # An address in use is no former one, whatever went to and fro.
    db.execute("DELETE FROM former_addresses WHERE url IN (SELECT url FROM feeds WHERE removed_at IS NULL)")
