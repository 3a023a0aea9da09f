"""What feeds say of their own weight, and the addresses they had: all that a list of stories asks of their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veille.store.db import Db


def stored_weights(db: Db) -> dict[str, float]:
    """The weights that feeds have of their own, by address."""
    rows = db.execute(
        "SELECT url, json_extract(settings, '$.weight') FROM feeds"
        " WHERE settings <> '{}' AND json_extract(settings, '$.weight') IS NOT NULL"
    )
    return dict(tuple(row) for row in rows)


def former_addresses(db: Db) -> dict[str, str]:
    """The addresses that feeds had before they moved, with those they have now."""
    rows = db.execute("SELECT a.url, f.url FROM former_addresses AS a JOIN feeds AS f ON f.id = a.feed_id")
    return dict(tuple(row) for row in rows)
