"""How far each digest has told: what `--since last` goes on from. All of it inside the caller's transaction.

A digest of one name that narrows or shortens by hand has a scope of its own: it shows less than the digest does, and
must not move it past what it did not show.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from veille.store.looks import load_look, save_look

if TYPE_CHECKING:
    from veille.store.db import Db


class Mark(NamedTuple):
    """The last entry there was, and when that was; with `all_told`, every story up to there is known to the readers."""

    entry_id: int
    written_at: datetime
    all_told: bool = False


def told_by(name: str, scope: str = "") -> str:
    """The memory of what a digest gave by title only (`store/looks.py`)."""
    return f"digest:{name}:{scope}" if scope else f"digest:{name}"


def find_mark(db: Db, name: str, scope: str = "") -> Mark | None:
    """How far a digest has told in a scope; in a new one, how far it has without."""
    row = db.execute(
        "SELECT written_at, last_entry_id FROM issues WHERE kind = 'digest' AND name = ? AND last_entry_id > 0"
        " AND coalesce(json_extract(content, '$.scope'), '') = ? ORDER BY number DESC LIMIT 1",
        (name, scope),
    ).fetchone()
    if row:
        return Mark(row["last_entry_id"], datetime.fromisoformat(row["written_at"]))
    if look := load_look(db, told_by(name, scope)):
        return Mark(look.entry_id, look.looked_at)
    if scope:
        return find_mark(db, name)
    # Before there were issues, a digest remembered only how far it had come.
    old = db.execute("SELECT written_at, last_story_id FROM digests WHERE name = ?", (name,)).fetchone()
    return Mark(old["last_story_id"], datetime.fromisoformat(old["written_at"]), all_told=True) if old else None


def keep_start(db: Db, name: str, scope: str, mark: Mark) -> None:
    """Remember a first look that found nothing to write: the next one goes on from it."""
    save_look(db, told_by(name, scope), entry_id=mark.entry_id, now=mark.written_at)
