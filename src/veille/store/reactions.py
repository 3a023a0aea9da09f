"""What the user did with stories, and what was published in a period: numbers only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from veille.store.db import Db


class Reactions(NamedTuple):
    """Stories by number, the latest first: kept (starred or noted), and read without being kept."""

    kept: list[int]
    read: list[int]


def list_reactions(db: Db, *, most: int) -> Reactions:
    """The latest `most` of each sort."""
    rows = db.execute(
        "SELECT s.id FROM stories AS s LEFT JOIN marks AS m ON m.story_id = s.id"
        " LEFT JOIN notes AS n ON n.story_id = s.id WHERE coalesce(m.starred_at, n.noted_at) IS NOT NULL"
        " ORDER BY max(coalesce(m.starred_at, ''), coalesce(n.noted_at, '')) DESC, s.id DESC LIMIT ?",
        (most,),
    )
    kept = [story_id for (story_id,) in rows]
    rows = db.execute(
        "SELECT m.story_id FROM marks AS m WHERE m.read_at IS NOT NULL AND m.starred_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM notes WHERE story_id = m.story_id)"
        " ORDER BY m.read_at DESC, m.story_id DESC LIMIT ?",
        (most,),
    )
    return Reactions(kept, [story_id for (story_id,) in rows])


def list_published(db: Db, *, since: datetime) -> dict[int, int]:
    """The feed of each entry published since."""
    cursor = db.cursor()
    cursor.row_factory = None
    rows = cursor.execute("SELECT id, feed_id FROM entries WHERE published_at >= ?", (to_stored(since),))
    return dict(rows)


def find_owners(db: Db, entry_ids: Iterable[int]) -> list[int]:
    """The stories of some entries, the latest first."""
    rows = db.execute(
        "SELECT DISTINCT story_id FROM entries WHERE id IN (SELECT value FROM json_each(?))"
        " AND story_id IS NOT NULL ORDER BY story_id DESC",
        (json.dumps(list(entry_ids)),),
    )
    return [story_id for (story_id,) in rows]
