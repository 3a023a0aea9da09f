"""Hosts that have asked for peace: none of their feeds is asked before then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from datetime import datetime

    from veille.store.db import Db

_LONGEST = timedelta(days=8)


def load_holds(db: Db, *, now: datetime) -> dict[str, datetime]:
    """The hosts not to be asked now, and until when each.

    A hold of more than `_LONGEST` was set when the clock was ahead.
    """
    span = (to_stored(now), to_stored(now + _LONGEST))
    rows = db.execute("SELECT host, held_until FROM hosts WHERE held_until > ? AND held_until < ?", span)
    found = ((host, from_stored(until)) for host, until in rows)
    return {host: until for host, until in found if until is not None}


def hold(db: Db, host: str, *, until: datetime, reason: str) -> None:
    """Hold a host until a moment; one that is held for longer stays so."""
    db.execute(
        "INSERT INTO hosts (host, held_until, reason) VALUES (?, ?, ?) ON CONFLICT (host) DO UPDATE"
        " SET held_until = max(held_until, excluded.held_until), reason = excluded.reason",
        (host, to_stored(until), reason),
    )


def forget_holds(db: Db, *, now: datetime) -> None:
    """Drop what is over."""
    db.execute("DELETE FROM hosts WHERE held_until <= ?", (to_stored(now),))
