"""Stories as ranking sees them: what a score depends on, without the texts; which have arrived, how much feeds publish.

A morning has thousands of candidates of which thirty are shown: `stories.load_stories` brings those in full.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from veille.model import Source, Story
from veille.rank.lead import Weights, order_sources
from veille.times import from_stored, to_stored
from veille.urls import tell_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from veille.store.db import Db

_COLUMNS = "e.story_id, e.language, e.id, e.feed_id, e.url, e.published_at, e.duplicate_of, e.words"
# A feed's pace is what it published within so many days: long enough for a weekly, and cheap to count.
_PACE_DAYS = 14


class _Feed(NamedTuple):
    """What a source says of its feed, and whether its stories are shown."""

    name: str
    url: str
    folder: str
    muted: bool
    removed: bool


def load_candidates(db: Db, story_ids: Sequence[int], weights: Weights | None = None) -> list[Story]:
    """The stories of the given ids, in that order, led as the weights will have it, without titles, texts and marks."""
    rows = _rows(
        db,
        f"SELECT {_COLUMNS} FROM entries AS e WHERE e.story_id IN (SELECT value FROM json_each(?))",
        json.dumps(list(story_ids)),
    )
    found = _make_stories(rows, _load_feeds(db), weights or Weights())
    return [found[story_id] for story_id in story_ids if story_id in found]


def load_window(
    db: Db,
    *,
    since: datetime,
    unread_only: bool,
    muted: Mapping[str, bool] | None = None,
    weights: Weights | None = None,
) -> list[Story]:
    """The same for the stories with an entry published since, of feeds that are subscribed and not muted.

    `muted` tells of feeds, by address, that are or are not, whatever is stored of them.
    """
    feeds = _load_feeds(db)
    hidden = "EXISTS (SELECT 1 FROM marks WHERE story_id = s.id AND coalesce(read_at, killed_at) IS NOT NULL)"
    unread = f"NOT {hidden}" if unread_only else "1"
    rows = _rows(
        db,
        # In this order: the window is found by its dates, and no sorting is needed.
        f"SELECT {_COLUMNS} FROM stories AS s CROSS JOIN entries AS e ON e.story_id = s.id"
        f" WHERE s.last_at >= ? AND {unread}",
        to_stored(since),
    )
    stories = _make_stories(rows, feeds, weights or Weights()).values()
    told = muted or {}
    shown = {feed_id for feed_id, feed in feeds.items() if not feed.removed and not told.get(feed.url, feed.muted)}
    if len(shown) == len(feeds):
        return list(stories)
    return [story for story in stories if any(source.feed_id in shown for source in story.sources)]


def find_newest(db: Db) -> int:
    """The highest number up to which every entry is in a story; 0 when there is none."""
    # In this order: what a fetch stores between the two is not counted.
    (newest,) = db.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()
    (waiting,) = db.execute("SELECT min(id) FROM entries WHERE story_id IS NULL").fetchone()
    return int(newest if waiting is None else min(newest, waiting - 1))


def list_arrived(db: Db, *, after: int, to: int) -> set[int]:
    """The stories of the entries numbered above `after`, up to `to`."""
    rows = _rows(db, "SELECT story_id FROM entries WHERE id > ? AND id <= ? AND story_id IS NOT NULL", after, to)
    return {story_id for (story_id,) in rows}


def list_edited(db: Db, *, since: datetime) -> set[int]:
    """The stories of entries that have been edited since."""
    rows = _rows(db, "SELECT story_id FROM entries WHERE edited_at >= ? AND story_id IS NOT NULL", to_stored(since))
    return {story_id for (story_id,) in rows}


def list_folders(db: Db) -> list[str]:
    """The folders that subscribed feeds are in."""
    return [folder for (folder,) in _rows(db, "SELECT DISTINCT folder FROM feeds WHERE removed_at IS NULL")]


def load_paces(db: Db, *, now: datetime, feeds: Iterable[int] | None = None) -> dict[int, float]:
    """How many entries each feed publishes a week; of some feeds only, if asked: a story read alone asks for one.

    Of a feed of which less is known than the two weeks that are counted, in the time that its entries cover, a day at
    least: a new feed brings its last thirty, be they of one day or of ten.
    """
    since = to_stored(now - timedelta(days=_PACE_DAYS))
    among = "" if feeds is None else " WHERE id IN (SELECT value FROM json_each(?))"
    counted = _rows(
        db,
        "SELECT id, (SELECT count(*) FROM entries WHERE feed_id = feeds.id AND published_at >= ?),"
        f" (SELECT min(published_at) FROM entries WHERE feed_id = feeds.id) FROM feeds{among}",
        *([since] if feeds is None else [since, json.dumps(list(feeds))]),
    )
    return {feed_id: number * 7 / _count_days(first, since, now) for feed_id, number, first in counted}


def load_returns(db: Db, story_ids: Iterable[int]) -> dict[int, str]:
    """Why stories that had been read came back, for those that did."""
    found = _rows(
        db,
        "SELECT story_id, back_for FROM marks WHERE read_at IS NULL AND back_for <> ''"
        " AND story_id IN (SELECT value FROM json_each(?))",
        json.dumps(list(story_ids)),
    )
    return dict(found)


def _count_days(first: str | None, since: str, now: datetime) -> float:
    """The days that a pace is counted over, when the first entry that is known is of this date."""
    begins = from_stored(first) if first and first > since else None
    return max((now - begins) / timedelta(days=1), 1.0) if begins else _PACE_DAYS


def _load_feeds(db: Db) -> dict[int, _Feed]:
    rows = _rows(
        db,
        "SELECT id, coalesce(nullif(title, ''), nullif(feed_title, ''), url), url, folder, muted,"
        " removed_at IS NOT NULL FROM feeds",
    )
    return {feed_id: _Feed(tell_name(name), *values) for feed_id, name, *values in rows}


def _make_stories(rows: Iterable[Any], feeds: Mapping[int, _Feed], weights: Weights) -> dict[int, Story]:
    sources: dict[int, list[Source]] = {}
    languages: dict[int, str] = {}
    for story_id, language, entry_id, feed_id, url, published_at, duplicate_of, words in rows:
        feed = feeds[feed_id]
        languages[entry_id] = language
        source = Source(
            entry_id=entry_id,
            feed_id=feed_id,
            feed=feed.name,
            feed_url=feed.url,
            folder=feed.folder,
            title="",
            url=url,
            published_at=datetime.fromisoformat(published_at),
            duplicate_of=duplicate_of,
            words=words,
        )
        sources.setdefault(story_id, []).append(source)
    ordered = (
        (story_id, order_sources(row, weights) if len(row) > 1 else tuple(row)) for story_id, row in sources.items()
    )
    return {
        story_id: Story(id=story_id, sources=row, language=languages[row[0].entry_id], words=row[0].words)
        for story_id, row in ordered
    }


def _rows(db: Db, sql: str, *values: object) -> Iterable[Any]:
    """Plain tuples: a third of the time that rows with names take."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(sql, values)
