"""Watch sessions as stored: their slots, what was done in them, their clock. All of it inside the caller's transaction.

A slot outlives its story: folding may put that into another, or a feed may be purged (`follow_story`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from veille.store.db import Db

SlotState = Literal["todo", "done", "later", "killed"]
_SLOT = "place, story_id, seconds, points, why, state"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSlot:
    """One story's place in a plan, what it is to take, and what has become of it."""

    place: int
    story_id: int
    seconds: float
    points: float
    why: str
    state: SlotState = "todo"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A session; `spent` counts the seconds of its clock, `place` is the slot in hand, `told` what its plan said."""

    id: int
    started_at: datetime
    saved_at: datetime
    ended_at: datetime | None
    budget: timedelta
    spent: float
    place: int
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAction:
    """What was done to a story, and the state that it replaced."""

    id: int
    story_id: int
    what: str
    value: str
    before: Mapping[str, Any]


def start_session(
    db: Db, slots: Iterable[StoredSlot], *, budget: timedelta, told: Mapping[str, Any], now: datetime
) -> int:
    """Store a session that begins; its number."""
    moment = to_stored(now)
    cursor = db.execute(
        "INSERT INTO sessions (started_at, saved_at, budget, told) VALUES (?, ?, ?, ?)",
        (moment, moment, int(budget.total_seconds()), json.dumps(told)),
    )
    session_id = int(cursor.lastrowid or 0)
    write_slots(db, session_id, slots)
    return session_id


def load_open(db: Db) -> StoredSession | None:
    """The session that has not ended, the latest should there be several."""
    row = db.execute("SELECT * FROM sessions WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1").fetchone()
    return _session(row) if row else None


def load_session(db: Db, session_id: int) -> StoredSession:
    """One session."""
    return _session(db.execute("SELECT * FROM sessions WHERE id = ?", (session_id,)).fetchone())


def end_sessions(db: Db, *, now: datetime) -> None:
    """Close whatever is open."""
    db.execute("UPDATE sessions SET ended_at = ? WHERE ended_at IS NULL", (to_stored(now),))


def find_last_use(db: Db, *, now: datetime) -> datetime | None:
    """When something was last done in a session, as far as that is past: a clock may once have been ahead."""
    (moment,) = db.execute(
        "SELECT max(saved_at) FROM sessions AS s WHERE saved_at <= ? AND EXISTS"
        " (SELECT 1 FROM session_actions WHERE session_id = s.id AND undone_at IS NULL)",
        (to_stored(now),),
    ).fetchone()
    return from_stored(moment)


def load_slots(db: Db, session_id: int) -> list[StoredSlot]:
    """A session's slots in their order."""
    rows = db.execute(f"SELECT {_SLOT} FROM session_slots WHERE session_id = ? ORDER BY place", (session_id,))
    return [StoredSlot(**dict(row)) for row in rows]


def write_slots(db: Db, session_id: int, slots: Iterable[StoredSlot]) -> None:
    """Store slots, each at its place, whatever stood there."""
    db.executemany(
        f"INSERT OR REPLACE INTO session_slots (session_id, {_SLOT}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(session_id, one.place, one.story_id, one.seconds, one.points, one.why, one.state) for one in slots],
    )


def drop_slot(db: Db, session_id: int, place: int) -> None:
    """Take a slot out; the places of the others stay."""
    db.execute("DELETE FROM session_slots WHERE session_id = ? AND place = ?", (session_id, place))


def save_clock(db: Db, session_id: int, *, spent: float, place: int, now: datetime) -> None:
    """Keep a session's clock and the slot in hand."""
    db.execute(
        "UPDATE sessions SET spent = ?, place = ?, saved_at = ? WHERE id = ?",
        (spent, place, to_stored(now), session_id),
    )


def move_to(db: Db, session_id: int, place: int) -> None:
    """Take another slot in hand."""
    db.execute("UPDATE sessions SET place = ? WHERE id = ?", (place, session_id))


def add_reading(db: Db, session_id: int, story_id: int, seconds: float) -> None:
    """Count time for a story, with how much of a text there was: its lead's, or the article fetched for it."""
    db.execute(
        "INSERT INTO reading (session_id, story_id, seconds, words, language)"
        " SELECT ?1, ?2, ?3, coalesce(max(max(e.words, coalesce(a.words, 0))), 0), coalesce(e.language, '')"
        " FROM entries AS e LEFT JOIN articles AS a ON a.entry_id = e.id"
        " WHERE e.story_id = ?2"
        " ON CONFLICT (session_id, story_id) DO UPDATE SET seconds = seconds + excluded.seconds,"
        " words = max(words, excluded.words), language = excluded.language",
        (session_id, story_id, seconds),
    )


def add_action(db: Db, session_id: int, action: StoredAction, *, now: datetime) -> None:
    """Write down what is being done; the number in `action` does not count."""
    db.execute(
        "INSERT INTO session_actions (session_id, story_id, what, value, before, done_at) VALUES (?, ?, ?, ?, ?, ?)",
        (session_id, action.story_id, action.what, action.value, json.dumps(action.before), to_stored(now)),
    )


def find_last_action(db: Db, session_id: int) -> StoredAction | None:
    """What was done last, has not been undone, and has not been found past undoing."""
    row = db.execute(
        "SELECT id, story_id, what, value, before FROM session_actions"
        " WHERE session_id = ? AND undone_at IS NULL AND before <> 'null' ORDER BY id DESC LIMIT 1",
        (session_id,),
    ).fetchone()
    return StoredAction(**{**dict(row), "before": json.loads(row["before"])}) if row else None


def forget_before(db: Db, action_id: int) -> None:
    """Remember that what an action replaced can be put back no more; the action itself stays in the book."""
    db.execute("UPDATE session_actions SET before = 'null' WHERE id = ?", (action_id,))


def mark_undone(db: Db, action_id: int, *, now: datetime) -> None:
    """Remember that an action was undone."""
    db.execute("UPDATE session_actions SET undone_at = ? WHERE id = ?", (to_stored(now), action_id))


def list_acted(db: Db, session_id: int) -> dict[str, set[int]]:
    """The stories to which each sort of action was done and not undone."""
    acted: dict[str, set[int]] = {}
    for what, story_id in db.execute(
        "SELECT DISTINCT what, story_id FROM session_actions WHERE session_id = ? AND undone_at IS NULL", (session_id,)
    ):
        acted.setdefault(what, set()).add(story_id)
    return acted


def list_planned(db: Db) -> list[int]:
    """The stories that the session which has not ended was still to read."""
    rows = db.execute(
        "SELECT story_id FROM session_slots WHERE state = 'todo' AND session_id ="
        " (SELECT max(id) FROM sessions WHERE ended_at IS NULL) ORDER BY place"
    )
    return [story_id for (story_id,) in rows]


def follow_story(db: Db, story_id: int) -> int | None:
    """The story that a number means now: itself, the one that its first entry is in, or None where it is gone."""
    row = db.execute(
        "SELECT id FROM stories WHERE id = ?1"
        " UNION ALL SELECT story_id FROM entries WHERE id = ?1 AND story_id IS NOT NULL LIMIT 1",
        (story_id,),
    ).fetchone()
    return int(row[0]) if row else None


def list_titles(db: Db, feed_id: int, *, most: int) -> list[str]:
    """The latest titles of a feed."""
    rows = db.execute("SELECT title FROM entries WHERE feed_id = ? ORDER BY published_at DESC LIMIT ?", (feed_id, most))
    return [title for (title,) in rows]


def merge_session_stories(db: Db, gone: int, kept: int) -> None:
    """Let slots, actions and times of a story that is gone speak of the one that is kept.

    What was done to either is past undoing: it would take from one what was of the other.
    """
    db.execute("UPDATE session_actions SET before = '{}' WHERE story_id IN (?, ?) AND before <> 'null'", (gone, kept))
    for table in ("session_slots", "session_actions"):
        db.execute(f"UPDATE {table} SET story_id = ? WHERE story_id = ?", (kept, gone))
    merge_reading(db, gone, kept)


def merge_reading(db: Db, gone: int, kept: int) -> None:
    """Let the time given to one number count for another, which may have had time of its own."""
    db.execute(
        "INSERT INTO reading (session_id, story_id, seconds, words, language)"
        " SELECT session_id, ?1, seconds, words, language FROM reading WHERE story_id = ?2"
        " ON CONFLICT (session_id, story_id) DO UPDATE SET seconds = seconds + excluded.seconds,"
        " words = words + excluded.words",
        (kept, gone),
    )
    db.execute("DELETE FROM reading WHERE story_id = ?", (gone,))


def _session(row: Any) -> StoredSession:
    return StoredSession(
        id=row["id"],
        started_at=datetime.fromisoformat(row["started_at"]),
        saved_at=datetime.fromisoformat(row["saved_at"]),
        ended_at=from_stored(row["ended_at"]),
        budget=timedelta(seconds=row["budget"]),
        spent=row["spent"],
        place=row["place"],
        told=json.loads(row["told"]),
    )
