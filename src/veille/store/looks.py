"""How far each look has gone, and which stories each alert has told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.store.db import Db


class Look(NamedTuple):
    """The last entry that was there, and when that was."""

    entry_id: int
    looked_at: datetime


def load_look(db: Db, name: str) -> Look | None:
    """The last look of that name; None when there has been none."""
    row = db.execute("SELECT entry_id, looked_at FROM looks WHERE name = ?", (name,)).fetchone()
    return Look(row["entry_id"], datetime.fromisoformat(row["looked_at"])) if row else None


def save_look(db: Db, name: str, *, entry_id: int, now: datetime) -> None:
    """Remember a look. It never goes back: of two at once, the one that saw less may end last."""
    db.execute(
        "INSERT INTO looks (name, entry_id, looked_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE"
        " SET entry_id = max(entry_id, excluded.entry_id), looked_at = max(looked_at, excluded.looked_at)",
        (name, entry_id, to_stored(now)),
    )


def load_told(db: Db, look: str) -> set[int]:
    """The stories that an alert has told."""
    return {story_id for (story_id,) in db.execute("SELECT story_id FROM told WHERE look = ?", (look,))}


def add_told(db: Db, look: str, story_ids: Iterable[int]) -> None:
    """Remember stories as told."""
    db.executemany(
        "INSERT OR IGNORE INTO told (look, story_id) VALUES (?, ?)", [(look, story_id) for story_id in story_ids]
    )
