"""The press review that is being made: stories picked for it, each with its place, rubric and comment.

A story is in it from when it is picked (`marks.picked_at`, whoever sets it) until an issue of the review carries it;
what is said of it here outlives both, so that taking a story out by mistake, or an issue back, loses nothing. All of it
inside the caller's transaction.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from veille.store.issues import list_issues
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from veille.store.db import Db

REVIEW: Literal["review"] = "review"
# The stories that are in it.
_DRAFT = """
m.picked_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM issue_stories AS s JOIN issues AS i ON i.id = s.issue_id
    WHERE s.story_id = m.story_id AND i.kind = 'review' AND i.written_at >= m.picked_at
)
"""


class Placed(NamedTuple):
    """A story of the review, and what is said of it."""

    story_id: int
    rubric: str
    comment: str


def list_placed(db: Db) -> list[Placed]:
    """What is in the review, in its order; what was only picked comes last, as it was picked."""
    rows = db.execute(
        "SELECT m.story_id, coalesce(r.rubric, ''), coalesce(r.comment, '') FROM marks AS m"
        f" LEFT JOIN review_items AS r ON r.story_id = m.story_id WHERE {_DRAFT}"
        " ORDER BY r.place IS NULL, r.place, m.picked_at, m.story_id"
    )
    return [Placed(*row) for row in rows]


def list_offered(db: Db, *, noted: bool = False) -> list[int]:
    """The starred stories, or the noted ones, that no review has had, the first marked first."""
    table, moment = ("notes", "noted_at") if noted else ("marks", "starred_at")
    rows = db.execute(
        f"SELECT o.story_id FROM {table} AS o LEFT JOIN marks AS m ON m.story_id = o.story_id"
        f" WHERE o.{moment} IS NOT NULL AND m.picked_at IS NULL AND m.killed_at IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM issue_stories AS s JOIN issues AS i ON i.id = s.issue_id"
        " WHERE s.story_id = o.story_id AND i.kind = 'review')"
        f" ORDER BY o.{moment}, o.story_id"
    )
    return [story_id for (story_id,) in rows]


def pick_story(db: Db, story_id: int, *, now: datetime) -> int | None:
    """Put a story into the review; the number of the last issue that carried it already.

    One that was carried is begun anew: what the review says of it is new.
    """
    row = db.execute(
        "SELECT i.number, i.written_at FROM issue_stories AS s JOIN issues AS i ON i.id = s.issue_id"
        " WHERE s.story_id = ? AND i.kind = 'review' ORDER BY i.written_at DESC, i.id DESC LIMIT 1",
        (story_id,),
    ).fetchone()
    moment = now
    if row:
        # Whatever the clock says, it is picked after the issue that carried it.
        moment = max(now, datetime.fromisoformat(row["written_at"]) + timedelta(seconds=1))
        db.execute("DELETE FROM review_items WHERE story_id = ?", (story_id,))
    db.execute(
        "INSERT INTO marks (story_id, picked_at) VALUES (?1, ?2)"
        " ON CONFLICT (story_id) DO UPDATE SET picked_at = excluded.picked_at",
        (story_id, to_stored(moment)),
    )
    return row["number"] if row else None


def pick_again(db: Db, issue_id: int) -> None:
    """Pick the stories of an issue that is to be taken back, where they are still there and are not picked."""
    db.execute(
        "INSERT INTO marks (story_id, picked_at) SELECT s.story_id, i.written_at FROM issue_stories AS s"
        " JOIN issues AS i ON i.id = s.issue_id JOIN stories ON stories.id = s.story_id WHERE i.id = ?"
        " ON CONFLICT (story_id) DO UPDATE SET picked_at = coalesce(picked_at, excluded.picked_at)",
        (issue_id,),
    )
    # Another issue may have carried one of them since it was picked, by a clock that has gone back.
    db.execute(
        "UPDATE marks SET picked_at = strftime('%Y-%m-%dT%H:%M:%SZ', o.last, '+1 second') FROM"
        " (SELECT s.story_id, max(i.written_at) AS last FROM issue_stories AS s JOIN issues AS i ON i.id = s.issue_id"
        " WHERE i.kind = 'review' AND i.id != ?1 GROUP BY s.story_id) AS o"
        " WHERE marks.story_id = o.story_id AND picked_at <= o.last"
        " AND marks.story_id IN (SELECT story_id FROM issue_stories WHERE issue_id = ?1)",
        (issue_id,),
    )


def let_go(db: Db, issue_id: int) -> None:
    """What an issue carries is in the review no more, even if the clock has gone back since it was picked."""
    db.execute(
        "UPDATE marks SET picked_at = i.written_at FROM issues AS i WHERE i.id = ?1 AND picked_at > i.written_at"
        " AND marks.story_id IN (SELECT story_id FROM issue_stories WHERE issue_id = ?1)",
        (issue_id,),
    )


def unpick_story(db: Db, story_id: int) -> None:
    """Take a story out of the review, with what was said of it."""
    db.execute("UPDATE marks SET picked_at = NULL WHERE story_id = ?", (story_id,))
    db.execute("DELETE FROM review_items WHERE story_id = ?", (story_id,))


def describe_story(
    db: Db, story_id: int, *, rubric: str | None = None, comment: str | None = None, now: datetime
) -> None:
    """Say under which rubric a story stands, and what the review says of it; None leaves what there is."""
    db.execute(
        "INSERT INTO review_items (story_id, place, rubric, comment, added_at)"
        " SELECT ?1, coalesce(max(place), 0) + 1, coalesce(?2, ''), coalesce(?3, ''), ?4 FROM review_items WHERE true"
        " ON CONFLICT (story_id) DO UPDATE SET rubric = coalesce(?2, rubric), comment = coalesce(?3, comment)",
        (story_id, rubric, comment, to_stored(now)),
    )


def order_stories(db: Db, story_ids: Sequence[int], *, now: datetime) -> None:
    """Give the stories of the review these places, one after the other."""
    db.executemany(
        "INSERT INTO review_items (story_id, place, added_at) VALUES (?, ?, ?)"
        " ON CONFLICT (story_id) DO UPDATE SET place = excluded.place",
        [(story_id, place, to_stored(now)) for place, story_id in enumerate(story_ids, 1)],
    )


def merge_item(db: Db, gone: int, kept: int) -> None:
    """Put what the review says of a story that is gone to what it says of the one that is kept."""
    db.execute(
        "INSERT INTO review_items (story_id, place, rubric, comment, added_at)"
        " SELECT ?1, place, rubric, comment, added_at FROM review_items WHERE story_id = ?2"
        " ON CONFLICT (story_id) DO UPDATE SET rubric = coalesce(nullif(rubric, ''), excluded.rubric),"
        " comment = trim(comment || char(10) || char(10) || excluded.comment, char(10))",
        (kept, gone),
    )
    db.execute("DELETE FROM review_items WHERE story_id = ?", (gone,))


def find_number(db: Db) -> int:
    """The number of the next issue: one that was mailed is never given again, even if its issue was taken back."""
    mailed = [
        int(number)
        for (key,) in db.execute("SELECT key FROM outbox WHERE key LIKE 'review:review:%'")
        if (number := key.split(":")[2]).isdigit()
    ]
    kept = [head.number for head in list_issues(db, "review")]
    return max([0, *mailed, *kept]) + 1


def find_entries(db: Db, story_ids: Collection[int]) -> dict[int, int]:
    """The last entry of each story, as an issue that carries them keeps it."""
    rows = db.execute(
        "SELECT story_id, max(id) FROM entries WHERE story_id IN (SELECT value FROM json_each(?)) GROUP BY story_id",
        (json.dumps(list(story_ids)),),
    )
    return dict(map(tuple, rows))
