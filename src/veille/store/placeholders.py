"""What the user has written of stories that are lost: kept on an entry that says so, instead of going with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.store.schema import FIRST_ID

if TYPE_CHECKING:
    from veille.store.db import Db

_URL = "lost:entries"
# Words of the user's own, and what they chose to keep. That a lost story was read is of no use to anybody.
_KEPT = (
    "SELECT story_id FROM notes UNION SELECT story_id FROM story_tags UNION SELECT story_id FROM review_items"
    " UNION SELECT story_id FROM marks WHERE starred_at IS NOT NULL OR later_at IS NOT NULL OR picked_at IS NOT NULL"
)
_NOW = "strftime('%Y-%m-%dT%H:%M:%SZ')"


def keep_own(db: Db) -> int:
    """Give each lost story that the user kept something of an entry in its place; how many.

    Marks on other lost stories go. Runs inside the caller's transaction.
    """
    rows = db.execute(
        f"SELECT story_id FROM ({_KEPT}) WHERE story_id >= ?"
        " AND story_id NOT IN (SELECT story_id FROM entries WHERE story_id IS NOT NULL)"
        " AND story_id NOT IN (SELECT id FROM entries)",
        (FIRST_ID,),
    )
    lost = [story_id for (story_id,) in rows]
    if lost:
        db.execute(
            "INSERT OR IGNORE INTO feeds (url, title, added_at, removed_at)"
            f" VALUES (?, '(lost entries)', {_NOW}, {_NOW})",
            (_URL,),
        )
        feed_id = db.execute("SELECT id FROM feeds WHERE url = ?", (_URL,)).fetchone()[0]
        db.executemany(
            "INSERT INTO entries (id, feed_id, story_id, published_at, first_seen_at, guid, fingerprint, title)"
            f" VALUES (?1, ?2, ?1, {_NOW}, {_NOW}, 'lost:' || ?1, '', '(lost entry ' || ?1 || ')')",
            [(story_id, feed_id) for story_id in lost],
        )
    there = "SELECT id FROM stories UNION SELECT story_id FROM entries WHERE story_id IS NOT NULL"
    for table in ("marks", "notes", "story_tags", "review_items"):
        db.execute(f"DELETE FROM {table} WHERE story_id NOT IN ({there})")
    return len(lost)
