"""Feeds: what the user subscribed to, and what fetching has taught about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from veille.errors import UnknownError
from veille.feed import Feed, FeedState, Subscription, Validators
from veille.store.stored_feed import read_cadence, read_feed_settings, write_cadence
from veille.text import clean_line, fold, is_in_folder
from veille.times import from_stored, to_stored
from veille.urls import is_web, normalise_feed_url

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from veille.store.db import Db

_STATE_TIMES = (
    "failing_since",
    "last_fetch_at",
    "last_ok_at",
    "next_fetch_at",
    "asked_until",
    "missed_at",
    "redated_at",
)
_LONGEST_ID = 19  # digits of SQLite's greatest integer
_SELECT = """
SELECT f.id, f.url, f.title, f.feed_title, f.site_url, f.folder, f.tags, f.muted, f.settings, s.*
FROM feeds AS f JOIN feed_states AS s ON s.feed_id = f.id
WHERE f.removed_at IS NULL
"""

_FOLLOWED_ELSEWHERE = """
SELECT 1 FROM former_addresses AS a JOIN feeds AS f ON f.id = a.feed_id WHERE a.url = ? AND f.removed_at IS NULL
"""


def add_feed(db: Db, subscription: Subscription, *, now: datetime) -> bool:
    """Subscribe; False when it was subscribed already, maybe under another address, in which case nothing changes.

    A feed that had been removed comes back with its entries, its state and the new folder and tags,
    and is due at once; one that was gone is asked again.
    """
    if db.execute(_FOLLOWED_ELSEWHERE, (subscription.url,)).fetchone():
        return False
    row = db.execute("SELECT id, removed_at FROM feeds WHERE url = ?", (subscription.url,)).fetchone()
    if row and row["removed_at"] is None:
        return False
    db.execute("DELETE FROM former_addresses WHERE url = ?", (subscription.url,))
    values = (
        subscription.title,
        subscription.site_url,
        subscription.folder,
        json.dumps(subscription.tags, ensure_ascii=False),
    )
    if row:
        db.execute(
            "UPDATE feeds SET title = ?, site_url = ?, folder = ?, tags = ?, removed_at = NULL WHERE id = ?",
            (*values, row["id"]),
        )
        db.execute(
            "UPDATE feed_states SET next_fetch_at = NULL, reason = iif(status = 'gone', '', reason),"
            " status = iif(status = 'gone', 'new', status) WHERE feed_id = ?",
            (row["id"],),
        )
        return True
    cursor = db.execute(
        "INSERT INTO feeds (url, title, site_url, folder, tags, added_at) VALUES (?, ?, ?, ?, ?, ?)",
        (subscription.url, *values, to_stored(now)),
    )
    db.execute("INSERT INTO feed_states (feed_id) VALUES (?)", (cursor.lastrowid,))
    return True


def list_feeds(db: Db, *, folder: str | None = None) -> list[Feed]:
    """Subscribed feeds in the order they were added; of one folder and its subfolders when given."""
    rows = db.execute(_SELECT + " ORDER BY f.id").fetchall()
    formerly: dict[int, tuple[str, ...]] = {}
    for url, feed_id in db.execute("SELECT url, feed_id FROM former_addresses ORDER BY url"):
        formerly[feed_id] = (*formerly.get(feed_id, ()), url)
    feeds = [_feed(row, formerly.get(row["id"], ())) for row in rows]
    return feeds if folder is None else [feed for feed in feeds if is_in_folder(feed.subscription.folder, folder)]


def count_entries(db: Db, *, since: datetime) -> dict[int, tuple[int, int, datetime | None]]:
    """For each feed: its entries in all, those published since, and the date of the first of these."""
    rows = db.execute(
        "SELECT feed_id, count(*), sum(published_at >= ?1), min(CASE WHEN published_at >= ?1 THEN published_at END)"
        " FROM entries GROUP BY feed_id",
        (to_stored(since),),
    )
    return {feed_id: (total, recent, from_stored(first)) for feed_id, total, recent, first in rows}


def find_feed(db: Db, name: str) -> Feed:
    """The feed that `name` means: its number, its address, or a part of its title that only it has.

    Raises UnknownError, naming the candidates when there are several.
    """
    feeds = list_feeds(db)
    if name.isascii() and name.isdigit() and len(name) < _LONGEST_ID:
        found = [feed for feed in feeds if feed.id == int(name)]
    elif is_web(name):
        address = normalise_feed_url(name)
        found = [feed for feed in feeds if address in (feed.subscription.url, *feed.formerly)]
    else:
        wanted = fold(name.strip())
        found = [feed for feed in feeds if fold(feed.name) == wanted]
        found = found or [feed for feed in feeds if wanted and wanted in fold(feed.name)]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{feed.id} {clean_line(feed.name)}" for feed in found[:5])
        raise UnknownError(f"“{clean_line(name)}” is the name of {len(found)} feeds: say which by number ({listed})")
    raise UnknownError(f"no feed is called “{clean_line(name)}”: see `veille feeds`")


def update_feed(db: Db, feed_id: int, **values: str | int | None) -> None:
    """Set columns of a feed: title, folder, tags (JSON), muted, removed_at, feed_title, site_url."""
    columns = ", ".join(f"{column} = ?" for column in values)
    db.execute(f"UPDATE feeds SET {columns} WHERE id = ?", (*values.values(), feed_id))


def set_tags(db: Db, feed: Feed, tags: Iterable[str]) -> None:
    """Replace the tags of a feed."""
    update_feed(db, feed.id, tags=json.dumps(list(tags), ensure_ascii=False))


def remove_feed(db: Db, feed: Feed, *, now: datetime, purge: bool) -> None:
    """Unsubscribe. Its entries stay in the archive unless `purge`."""
    if purge:
        db.execute("DELETE FROM feeds WHERE id = ?", (feed.id,))
    else:
        update_feed(db, feed.id, removed_at=to_stored(now))


def save_state(db: Db, feed_id: int, state: FeedState) -> None:
    """Replace what is known about fetching a feed."""
    columns = _state_columns(state)
    assignments = ", ".join(f"{column} = ?" for column in columns)
    db.execute(f"UPDATE feed_states SET {assignments} WHERE feed_id = ?", (*columns.values(), feed_id))


def _state_columns(state: FeedState) -> dict[str, str | int | bytes | None]:
    columns: dict[str, str | int | bytes | None] = {
        "status": state.status,
        "reason": state.reason,
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "body_hash": state.body_hash,
        "prints": state.prints,
        "cadence": write_cadence(state.cadence),
        "failures": state.failures,
        "moved_to": state.moved_to,
        "moved_seen": state.moved_seen,
        "future": state.future,
    }
    for name in _STATE_TIMES:
        moment = getattr(state, name)
        columns[name] = to_stored(moment) if moment else None
    return columns


def _feed(row: Any, formerly: tuple[str, ...]) -> Feed:
    return Feed(
        id=row["id"],
        subscription=Subscription(
            url=row["url"],
            title=row["title"],
            site_url=row["site_url"],
            folder=row["folder"],
            tags=tuple(json.loads(row["tags"])),
        ),
        state=_state(row),
        title=row["feed_title"],
        muted=bool(row["muted"]),
        settings=read_feed_settings(row["settings"]),
        formerly=formerly,
    )


def _state(row: Any) -> FeedState:
    return FeedState(
        status=row["status"],
        reason=row["reason"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
        body_hash=row["body_hash"],
        prints=row["prints"],
        cadence=read_cadence(row["cadence"]),
        failures=row["failures"],
        moved_to=row["moved_to"],
        moved_seen=row["moved_seen"],
        future=row["future"],
        **{name: from_stored(row[name]) for name in _STATE_TIMES},
    )
