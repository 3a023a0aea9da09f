"""How far each look has gone, which stories each has told, and which the user has been shown at all."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from veille.store.issues import carry_too
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


def load_told(db: Db, look: str) -> dict[int, int]:
    """The stories that a look has told, each with the last entry that there was then."""
    return dict(map(tuple, db.execute("SELECT story_id, entry_id FROM told WHERE look = ?", (look,))))


def add_told(db: Db, look: str, story_ids: Iterable[int], *, entry_id: int) -> None:
    """Remember stories as told; one that has been merged meanwhile, as the story that it is part of now."""
    db.executemany(
        "INSERT INTO told (look, story_id, entry_id) SELECT ?1, id, ?3 FROM"
        " (SELECT id FROM stories WHERE id = ?2 UNION SELECT story_id FROM entries WHERE id = ?2 AND story_id > 0)"
        " WHERE true ON CONFLICT (look, story_id) DO UPDATE SET entry_id = max(entry_id, excluded.entry_id)",
        [(look, story_id, entry_id) for story_id in story_ids],
    )


def add_seen(db: Db, story_ids: Iterable[int]) -> None:
    """Remember what was shown: it is not judged again. What new entries cannot join any more is forgotten."""
    db.execute("DELETE FROM seen WHERE story_id NOT IN (SELECT story_id FROM fold_stories)")
    db.execute(
        "INSERT OR IGNORE INTO seen (story_id)"
        " SELECT story_id FROM fold_stories WHERE story_id IN (SELECT value FROM json_each(?))"
        " AND story_id IN (SELECT id FROM stories)",
        (json.dumps(list(story_ids)),),
    )


def forget_told(db: Db, look: str) -> None:
    """Begin again: all that there was has been looked at."""
    db.execute("DELETE FROM told WHERE look = ?", (look,))


def untell(db: Db, look: str, *, entry_id: int) -> None:
    """Forget what was told last, when there was so far to look: it was never shown."""
    db.execute("DELETE FROM told WHERE look = ? AND entry_id = ?", (look, entry_id))


def prune_told(db: Db, look: str) -> None:
    """Forget what a look has told of stories that new entries cannot join any more."""
    db.execute("DELETE FROM told WHERE look = ? AND story_id NOT IN (SELECT story_id FROM fold_stories)", (look,))


def tell_too(db: Db, one: int, other: int) -> None:
    """What has told, shown or carried a story has told another too."""
    db.execute("INSERT OR IGNORE INTO seen (story_id) SELECT ?2 FROM seen WHERE story_id = ?1", (one, other))
    db.execute(
        "INSERT INTO told (look, story_id, entry_id) SELECT look, ?2, entry_id FROM told WHERE story_id = ?1"
        " ON CONFLICT (look, story_id) DO UPDATE SET entry_id = max(entry_id, excluded.entry_id)",
        (one, other),
    )
    carry_too(db, one, other)
