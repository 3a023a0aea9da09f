"""The outbox: what is to be delivered, and what has become of it. A row is never sent twice on purpose, and never lost.

A row is claimed before it is tried (`claim`), so that a sender that is killed leaves it to be tried again later. What
is given up stays, with its body, until the user drops it or asks for it again; what is sent or dropped stays without
its body, so that its key is never queued again. Nothing secret is kept here: passwords and tokens are found when a row
is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.delivery import Queued
from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from veille.delivery import Delivery
    from veille.store.db import Db

# What `reason` says from the claim of a row until it is known what became of it.
UNDER_WAY = "its sender was stopped before it could say what became of it"
# In place of the next try of what has been given up.
_NEVER = ""
_COLUMNS = "id, key, way, target, subject, queued_at, tries, next_try_at, sent_at, reason, length(body) AS size"
# A row that is still to be sent, or that the user may ask for again.
_KEPT = "sent_at IS NULL AND length(body) > 0"
_WAITING = f"{_KEPT} AND next_try_at != '{_NEVER}'"


def add_deliveries(db: Db, deliveries: Iterable[Delivery], *, now: datetime) -> int:
    """Queue what is not known by its key, due at once; how many were. Part of the caller's transaction."""
    moment = to_stored(now)
    return sum(
        db.execute(
            "INSERT OR IGNORE INTO outbox (key, way, target, subject, body, queued_at, next_try_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (one.key, one.way, one.target, one.subject, one.body, moment, moment),
        ).rowcount
        for one in deliveries
    )


def next_due(db: Db, *, now: datetime, longest: timedelta, after: int) -> Queued | None:
    """The first row after a number that is to be tried now.

    One that is to wait longer than `longest`, as no row is made to, was put off by a clock that has gone back since.
    """
    row = db.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE {_WAITING} AND id > ?"
        " AND (next_try_at <= ? OR next_try_at > ?) ORDER BY id LIMIT 1",
        (after, to_stored(now), to_stored(now + longest)),
    ).fetchone()
    return _read(row) if row else None


def claim(db: Db, number: int, *, next_try_at: datetime) -> bytes | None:
    """Count a try before it is made, and put the next one off; the body. None when it is no longer to be sent."""
    row = db.execute(
        f"UPDATE outbox SET tries = tries + 1, next_try_at = ?, reason = ? WHERE id = ? AND {_WAITING} RETURNING body",
        (to_stored(next_try_at), UNDER_WAY, number),
    ).fetchone()
    return bytes(row["body"]) if row else None


def settle_sent(db: Db, number: int, *, now: datetime) -> None:
    """Remember that a row has been delivered."""
    db.execute("UPDATE outbox SET sent_at = ?, reason = '' WHERE id = ?", (to_stored(now), number))


def settle_failed(db: Db, number: int, *, reason: str, give_up: bool) -> None:
    """Remember why a row was not delivered; it waits for its next try, or is given up."""
    db.execute(
        "UPDATE outbox SET reason = ?, next_try_at = CASE WHEN ? THEN ? ELSE next_try_at END"
        f" WHERE id = ? AND {_WAITING}",
        (reason, give_up, _NEVER, number),
    )


def list_outbox(db: Db, *, sent: bool = False) -> list[Queued]:
    """What waits and what was given up, oldest first; with `sent` what was delivered or dropped too."""
    where = "" if sent else f" WHERE {_KEPT}"
    return [_read(row) for row in db.execute(f"SELECT {_COLUMNS} FROM outbox{where} ORDER BY id")]


def find_queued(db: Db, number: int) -> Queued | None:
    """One row by its number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM outbox WHERE id = ?", (number,)).fetchone()
    return _read(row) if row else None


def is_due(db: Db, *, now: datetime, longest: timedelta) -> bool:
    """Whether anything is to be tried, as `next_due` tells."""
    return next_due(db, now=now, longest=longest, after=0) is not None


def make_due(db: Db, *, now: datetime, numbers: Iterable[int] | None = None) -> None:
    """Try what waits or was given up again now, its three days counted anew; all of it, or only some rows."""
    moment = to_stored(now)
    statement = f"UPDATE outbox SET next_try_at = ?, tries = 0, queued_at = ? WHERE {_KEPT}"
    if numbers is None:
        db.execute(statement, (moment, moment))
    else:
        db.executemany(f"{statement} AND id = ?", [(moment, moment, number) for number in numbers])


def drop_queued(db: Db, number: int) -> None:
    """Forget a row that is not to be sent: what it holds goes, its key stays, so that nothing queues it again."""
    db.execute(f"UPDATE outbox SET next_try_at = ?, body = x'' WHERE id = ? AND {_KEPT}", (_NEVER, number))


def drop_bodies(db: Db, *, before: datetime) -> None:
    """Let go of what was delivered long ago."""
    db.execute("UPDATE outbox SET body = x'' WHERE sent_at < ? AND length(body) > 0", (to_stored(before),))


def _read(row: sqlite3.Row) -> Queued:
    values = dict(row)
    for name in ("queued_at", "next_try_at", "sent_at"):
        values[name] = from_stored(values[name])
    return Queued(**values)
