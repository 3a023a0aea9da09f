"""What the user has decided about stories: entries set apart, entries put together. Kept for ever."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING

from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from veille.store.db import Db


def set_apart(db: Db, some: Iterable[int], others: Iterable[int], *, now: datetime) -> None:
    """Remember that no entry of the one side tells the event of the other."""
    _decide(db, some, others, same=False, now=now)


def put_together(db: Db, some: Iterable[int], others: Iterable[int], *, now: datetime) -> None:
    """Remember that the entries of both sides tell one event."""
    _decide(db, some, others, same=True, now=now)


def load_apart(db: Db, stories: Collection[int]) -> frozenset[tuple[int, int]]:
    """The pairs of these stories, the lower first, that hold entries set apart from one another."""
    rows = db.execute(
        "SELECT DISTINCT min(a.story_id, b.story_id), max(a.story_id, b.story_id) FROM verdicts AS v"
        " JOIN entries AS a ON a.id = v.one JOIN entries AS b ON b.id = v.other"
        " WHERE NOT v.same AND a.story_id != b.story_id AND a.story_id IN (SELECT value FROM json_each(?1))"
        " AND b.story_id IN (SELECT value FROM json_each(?1))",
        (json.dumps(list(stories)),),
    )
    return frozenset((one, other) for one, other in rows)


def find_verdict(db: Db, some: Collection[int], others: Collection[int], *, same: bool) -> datetime | None:
    """When the user last decided that an entry of each side tell one event, or do not."""
    (decided,) = db.execute(
        "SELECT max(decided_at) FROM verdicts WHERE same = ?1 AND ("
        " one IN (SELECT value FROM json_each(?2)) AND other IN (SELECT value FROM json_each(?3))"
        " OR one IN (SELECT value FROM json_each(?3)) AND other IN (SELECT value FROM json_each(?2)))",
        (int(same), json.dumps(list(some)), json.dumps(list(others))),
    ).fetchone()
    return from_stored(decided)


def _decide(db: Db, some: Iterable[int], others: Iterable[int], *, same: bool, now: datetime) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO verdicts (one, other, same, decided_at) VALUES (?, ?, ?, ?)",
        [(min(a, b), max(a, b), int(same), to_stored(now)) for a, b in product(list(some), list(others)) if a != b],
    )
