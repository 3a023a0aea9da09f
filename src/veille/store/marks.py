"""What the user thinks of a story as it is stored: marks, note and tags, taken down before a change and put back after.

Knows the columns; which action changes which is told to it. All of it inside the caller's transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from veille.store.review import merge_item

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from veille.store.db import Db

# The moments of `marks`, in the order of the table.
_COLUMNS = ("read_at", "starred_at", "back_at", "back_for", "killed_at", "later_at", "picked_at")
_EMPTY = {column: "" if column == "back_for" else None for column in _COLUMNS}
# What every change of these moments does: True stands for now.
CHANGES: dict[str, dict[str, object]] = {
    # Why it came back has been seen.
    "read": {"read_at": True, "later_at": None, "back_at": None, "back_for": ""},
    # Whoever wants it back wants to see it.
    "unread": {"read_at": None, "killed_at": None, "back_at": None, "back_for": ""},
    "star": {"starred_at": True},
    "unstar": {"starred_at": None},
    "kill": {"killed_at": True, "later_at": None},
    "unkill": {"killed_at": None},
    "later": {"later_at": True, "read_at": None, "killed_at": None},
    "unlater": {"later_at": None},
    "pick": {"picked_at": True},
    "unpick": {"picked_at": None},
}


def set_marks(db: Db, story_id: int, values: Mapping[str, object]) -> None:
    """Write these columns of a story's marks."""
    columns = list(values)
    db.execute(
        f"INSERT INTO marks (story_id, {', '.join(columns)}) VALUES (?{', ?' * len(columns)})"
        f" ON CONFLICT (story_id) DO UPDATE SET {', '.join(f'{one} = excluded.{one}' for one in columns)}",
        (story_id, *values.values()),
    )


def tag_story(db: Db, story_id: int, tag: str) -> None:
    """Give a story a tag."""
    db.execute("INSERT OR IGNORE INTO story_tags (story_id, tag) VALUES (?, ?)", (story_id, tag))


def untag_story(db: Db, story_id: int, tag: str) -> None:
    """Take a tag from a story."""
    db.execute("DELETE FROM story_tags WHERE story_id = ? AND tag = ?", (story_id, tag))


def load_tags(db: Db, story_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The tags of stories that have any, in the order of the alphabet."""
    found: dict[int, tuple[str, ...]] = {}
    for story_id, tag in db.execute(
        "SELECT story_id, tag FROM story_tags WHERE story_id IN (SELECT value FROM json_each(?)) ORDER BY tag",
        (json.dumps(list(story_ids)),),
    ):
        found[story_id] = (*found.get(story_id, ()), tag)
    return found


def list_later(db: Db) -> list[int]:
    """The stories put off, unread and not killed, the longest waiting first."""
    return [
        story_id
        for (story_id,) in db.execute(
            "SELECT story_id FROM marks WHERE later_at IS NOT NULL AND read_at IS NULL AND killed_at IS NULL"
            " ORDER BY later_at, story_id"
        )
    ]


def take_down(db: Db, story_id: int) -> dict[str, Any]:
    """All that the user thinks of a story, to be compared and put back; `row` tells whether there are marks at all."""
    row = db.execute(f"SELECT {', '.join(_COLUMNS)} FROM marks WHERE story_id = ?", (story_id,)).fetchone()
    note = db.execute("SELECT text, noted_at FROM notes WHERE story_id = ?", (story_id,)).fetchone()
    return {
        **(dict(zip(_COLUMNS, row, strict=True)) if row else _EMPTY),
        "row": row is not None,
        "note": list(note) if note else None,
        "tags": list(load_tags(db, [story_id]).get(story_id, ())),
    }


def put_back(db: Db, story_id: int, before: Mapping[str, Any]) -> None:
    """Restore what `before` names of a story's state and leave the rest, which others may have changed meanwhile."""
    columns = {column: before[column] for column in _COLUMNS if column in before}
    if columns:
        set_marks(db, story_id, columns)
    if before.get("row") is False:
        empty = " AND ".join(f"coalesce({column}, '') = ''" for column in _COLUMNS)
        db.execute(f"DELETE FROM marks WHERE story_id = ? AND {empty}", (story_id,))
    if "note" in before:
        db.execute("DELETE FROM notes WHERE story_id = ?", (story_id,))
        if before["note"]:
            db.execute("INSERT INTO notes (story_id, text, noted_at) VALUES (?, ?, ?)", (story_id, *before["note"]))
    if "tags" in before:
        db.execute("DELETE FROM story_tags WHERE story_id = ?", (story_id,))
        for tag in before["tags"]:
            tag_story(db, story_id, tag)


def merge_marks(db: Db, gone: int, kept: int) -> None:
    """Put the marks, note and tags of a story that is gone into those of the one that is kept.

    What is put together has been dealt with only where both were: killed where both were killed, else read. It is
    starred, put off, picked when one was.
    """
    dealt_with = _deal_together(db, gone, kept)
    either = ("starred_at", "back_at", "later_at", "picked_at")
    db.execute(
        f"INSERT INTO marks (story_id, back_for, {', '.join(either)})"
        f" SELECT ?1, back_for, {', '.join(either)} FROM marks WHERE story_id = ?2"
        " ON CONFLICT (story_id) DO UPDATE SET"
        f" {', '.join(f'{one} = coalesce({one}, excluded.{one})' for one in either)},"
        " back_for = coalesce(nullif(back_for, ''), excluded.back_for)",
        (kept, gone),
    )
    db.execute("UPDATE marks SET read_at = ?, killed_at = ? WHERE story_id = ?", (*dealt_with, kept))
    db.execute(
        "INSERT INTO notes (story_id, text, noted_at) SELECT ?1, text, noted_at FROM notes WHERE story_id = ?2"
        " ON CONFLICT (story_id) DO UPDATE SET text = text || char(10) || excluded.text",
        (kept, gone),
    )
    db.execute(
        "INSERT OR IGNORE INTO story_tags (story_id, tag) SELECT ?1, tag FROM story_tags WHERE story_id = ?2",
        (kept, gone),
    )
    merge_item(db, gone, kept)


def _deal_together(db: Db, gone: int, kept: int) -> tuple[str | None, str | None]:
    """When what two stories become was read, and killed."""
    rows = {
        story_id: (read_at, killed_at)
        for story_id, read_at, killed_at in db.execute(
            "SELECT story_id, read_at, killed_at FROM marks WHERE story_id IN (?, ?)", (gone, kept)
        )
    }
    (read_here, killed_here), (read_there, killed_there) = (rows.get(one, (None, None)) for one in (kept, gone))
    if killed_here and killed_there:
        return (read_here if read_there else None), killed_here
    if (read_here or killed_here) and (read_there or killed_there):
        return read_here or read_there, None
    return None, None
