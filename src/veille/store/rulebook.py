"""The last text of rules.toml that was right: what stays in force while the file is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from datetime import datetime

    from veille.store.db import Db


def load_kept(db: Db) -> tuple[str, datetime] | None:
    """The text and when it was kept; None when none ever was."""
    row = db.execute("SELECT text, kept_at FROM kept_rules WHERE id = 1").fetchone()
    kept_at = from_stored(row["kept_at"]) if row else None
    return (row["text"], kept_at) if kept_at else None


def keep_rules(db: Db, text: str, *, now: datetime) -> None:
    """Keep a text in the place of the one before."""
    db.execute("INSERT OR REPLACE INTO kept_rules (id, text, kept_at) VALUES (1, ?, ?)", (text, to_stored(now)))
