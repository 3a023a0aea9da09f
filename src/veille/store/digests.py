"""What each digest has carried: its last story and when it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from datetime import datetime

    from veille.store.db import Db


def last_digest(db: Db, name: str) -> tuple[datetime, int] | None:
    """When the digest of that name was last written and the highest story id it had seen."""
    row = db.execute("SELECT written_at, last_story_id FROM digests WHERE name = ?", (name,)).fetchone()
    written_at = from_stored(row["written_at"]) if row else None
    return (written_at, row["last_story_id"]) if written_at else None


def remember_digest(db: Db, name: str, *, written_at: datetime, last_story_id: int, path: str) -> None:
    """Record a digest that is safely written."""
    db.execute(
        "INSERT OR REPLACE INTO digests (name, written_at, last_story_id, path) VALUES (?, ?, ?, ?)",
        (name, to_stored(written_at), last_story_id, path),
    )


def newest_story(db: Db) -> int:
    """The highest number that a story has or may be given of what is folded, 0 when there is none."""
    return int(
        db.execute(
            # Of entries too: a story that is split off is numbered by one of its own, which was told before.
            "SELECT max(coalesce((SELECT max(id) FROM stories), 0),"
            " coalesce((SELECT max(id) FROM entries WHERE story_id IS NOT NULL), 0))"
        ).fetchone()[0]
    )
