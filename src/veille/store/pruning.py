"""Old stories: which may go, and their going, a few to a transaction. What they were called stays known.

A story goes whole or not at all, by the date of its latest entry. What the user has made of it holds it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

from veille.store.db import write
from veille.store.decisions import hand_over_verdicts
from veille.store.entries import unindex_entries
from veille.store.window import drop_from_window
from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from veille.read.changes import Identified
    from veille.store.db import Db

# What holds a story, in the order in which it is told: the first counts for a story that several hold.
_HOLDERS = {
    "starred": "SELECT story_id FROM marks WHERE starred_at IS NOT NULL",
    "noted": "SELECT story_id FROM notes",
    "tagged": "SELECT story_id FROM story_tags",
    "picked": "SELECT story_id FROM marks WHERE picked_at IS NOT NULL",
    "later": "SELECT story_id FROM marks WHERE later_at IS NOT NULL",
    "review": "SELECT story_id FROM review_items UNION ALL SELECT story_id FROM issue_stories"
    " JOIN issues ON issues.id = issue_id WHERE kind = 'review'",
    "issue": "SELECT story_id FROM issue_stories UNION ALL SELECT story_id FROM entries"
    " WHERE id IN (SELECT entry_id FROM issue_stories) AND story_id IS NOT NULL",
    "session": "SELECT story_id FROM session_slots JOIN sessions ON sessions.id = session_id WHERE ended_at IS NULL",
}
_HELD = " UNION ALL ".join(_HOLDERS.values())
_OLD = "SELECT id FROM stories WHERE last_at < ?1"
# Of tables that name stories or entries, those that do not let go by themselves (ON DELETE CASCADE).
_BY_ENTRY = {"matches": "entry_id", "stale_matches": "entry_id"}
_BY_STORY = {"last_list": "story_id", "entries": "story_id", "stories": "id"}

# What came back by another way (two feeds made one) is there.
_GONE = """
SELECT 1 FROM pruned WHERE feed_id = ?1 AND guid_key = ?2
    AND NOT EXISTS (SELECT 1 FROM entries WHERE feed_id = ?1 AND guid = ?3)
"""

# So that whoever marks a story meanwhile waits for a moment only: some 0.1 s.
_AT_ONCE = 200
_KEY_SIZE = 8


class Old(NamedTuple):
    """What is older than a moment: the stories that may go, and how many each holder holds.

    They have so many `entries` `of` all there are.
    """

    stories: list[int]
    entries: int
    of: int
    held: dict[str, int]


def find_old(db: Db, *, before: datetime) -> Old:
    """Stories of which every entry was published before a moment."""
    moment = to_stored(before)
    going = [story_id for (story_id,) in db.execute(f"{_OLD} AND id NOT IN ({_HELD}) ORDER BY id", (moment,))]
    (total,) = db.execute("SELECT count(*) FROM entries").fetchone()
    return Old(going, _count_entries(db, going), total, _count_held(db, moment))


def holds_unfolded(db: Db) -> bool:
    """Whether entries are in no story yet."""
    return db.execute("SELECT 1 FROM entries WHERE story_id IS NULL LIMIT 1").fetchone() is not None


def has_pruned(db: Db) -> bool:
    """Whether anything has left the archive for its age before."""
    return db.execute("SELECT 1 FROM pruned LIMIT 1").fetchone() is not None


def measure_old(db: Db, stories: Collection[int], *, seen_before: datetime) -> tuple[int, datetime | None]:
    """Of some stories, how many entries were there before a moment, and when the oldest of these was published."""
    entries, oldest = db.execute(
        "SELECT count(*), min(published_at) FROM entries WHERE story_id IN (SELECT value FROM json_each(?))"
        " AND first_seen_at < ?",
        (json.dumps([*stories]), to_stored(seen_before)),
    ).fetchone()
    return int(entries), from_stored(oldest)


def prune_stories(db: Db, stories: Sequence[int], *, before: datetime) -> tuple[int, int]:
    """Take stories out with all that was stored of them; how many, and how many entries.

    Each few are a transaction of their own: what is stopped in between is gone on with the next time. What has been
    taken hold of since it was found stays.
    """
    gone = entries = 0
    for start in range(0, len(stories), _AT_ONCE):
        with write(db):
            rows = db.execute(
                f"{_OLD} AND id IN (SELECT value FROM json_each(?2)) AND id NOT IN ({_HELD})",
                (to_stored(before), json.dumps(stories[start : start + _AT_ONCE])),
            )
            going = [story_id for (story_id,) in rows]
            entries += _take_out(db, going)
            gone += len(going)
    return gone, entries


def drop_pruned(db: Db, feed_id: int, entries: Sequence[Identified]) -> set[str]:
    """Of the entries of a document, the guids of those that have been taken out of the archive.

    An entry is known by its guid, and by the longer of its two names: the shorter is one that namesakes share.
    """
    if not entries or not db.execute("SELECT 1 FROM pruned WHERE feed_id = ? LIMIT 1", (feed_id,)).fetchone():
        return set()
    keys = {_key(name): entry.guid for entry in entries for name in (entry.guid, _longer_name(entry))}
    return {guid for key, guid in keys.items() if db.execute(_GONE, (feed_id, key, guid)).fetchone()}


def give_pruned(db: Db, giver: int, taker: int) -> None:
    """What has been taken out of one feed has been taken out of another: the two have become one."""
    db.execute("UPDATE OR IGNORE pruned SET feed_id = ? WHERE feed_id = ?", (taker, giver))


def _count_entries(db: Db, stories: Collection[int]) -> int:
    (entries,) = db.execute(
        "SELECT count(*) FROM entries WHERE story_id IN (SELECT value FROM json_each(?))", (json.dumps([*stories]),)
    ).fetchone()
    return int(entries)


def _count_held(db: Db, moment: str) -> dict[str, int]:
    told: set[int] = set()
    held = {}
    for holder, rows in _HOLDERS.items():
        found = {story_id for (story_id,) in db.execute(f"{_OLD} AND id IN ({rows})", (moment,))}
        if found - told:
            held[holder] = len(found - told)
        told |= found
    return held


def _take_out(db: Db, stories: Sequence[int]) -> int:
    """Inside the caller's transaction; how many entries have gone."""
    wanted = json.dumps(stories)
    rows = db.execute(
        "SELECT id, feed_id, guid FROM entries WHERE story_id IN (SELECT value FROM json_each(?))", (wanted,)
    ).fetchall()
    going = [entry_id for entry_id, _, _ in rows]
    drop_from_window(db, stories)
    hand_over_verdicts(db, going)
    unindex_entries(db, going)
    db.executemany(
        "INSERT OR IGNORE INTO pruned (feed_id, guid_key) VALUES (?, ?)",
        ((feed_id, _key(guid)) for _, feed_id, guid in rows),
    )
    _delete(db, _BY_ENTRY, json.dumps(going))
    _delete(db, _BY_STORY, wanted)
    return len(going)


def _delete(db: Db, tables: dict[str, str], wanted: str) -> None:
    for table, column in tables.items():
        db.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))", (wanted,))


def _key(guid: str) -> bytes:
    return hashlib.blake2b(guid.encode("utf-8", "surrogatepass"), digest_size=_KEY_SIZE).digest()


def _longer_name(entry: Identified) -> str:
    return max(entry.guid, entry.other_guid, key=len)
