"""The last moments at which things were done, by what is stored: what a clock can be judged by."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from veille.times import from_stored

if TYPE_CHECKING:
    from datetime import datetime

    from veille.store.db import Db

_MOMENTS = {
    "the last fetch of a feed": "SELECT max(last_fetch_at) FROM feed_states",
    "the last entry seen": "SELECT max(first_seen_at) FROM entries",
    "the last look": "SELECT max(looked_at) FROM looks",
    "the last story read": "SELECT max(read_at) FROM marks",
    "the last session": "SELECT max(started_at) FROM sessions",
}


def list_latest(db: Db) -> dict[str, datetime]:
    """The last moment of each thing that was done at all."""
    found = {}
    for what, sql in _MOMENTS.items():
        # What cannot be read as a date is told of as a damage.
        with contextlib.suppress(ValueError, TypeError):
            moment = from_stored(db.execute(sql).fetchone()[0])
            if moment is not None and moment.tzinfo is not None:
                found[what] = moment
    return found
