"""Stories: where folding puts entries, what the user marked on them, and reading them back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from veille.errors import UnknownError
from veille.model import Source, Story
from veille.rank.lead import Weights, order_sources
from veille.store.looks import tell_too
from veille.store.marks import CHANGES, merge_marks, set_marks
from veille.store.schema import FIRST_ID
from veille.store.session import merge_reading, merge_session_stories
from veille.times import to_stored
from veille.urls import tell_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from veille.model import Placement
    from veille.store.db import Db

# What the lead gives to its story beside its place.
_Rows = dict[int, Any]

_SOURCES = """
SELECT e.id, e.story_id, e.feed_id, e.title, e.url, e.published_at, e.duplicate_of, e.summary, e.language,
       e.author, e.words, f.title AS own_title, f.feed_title, f.url AS feed_url, f.folder
FROM entries AS e JOIN feeds AS f ON f.id = e.feed_id
WHERE e.story_id IN (SELECT value FROM json_each(?))
ORDER BY e.story_id, e.published_at, e.id
"""


def place_entries(db: Db, placements: Iterable[Placement]) -> int:
    """Put folded entries into their stories; how many more than before are copies of another entry."""
    placed = list(placements)
    # What is placed again may have been a copy of what is now one of it.
    cleared = db.execute(
        "UPDATE entries SET duplicate_of = NULL"
        " WHERE duplicate_of IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
        (json.dumps([place.entry_id for place in placed]),),
    ).rowcount
    db.executemany(
        # A copy of a copy is one of the original.
        "UPDATE entries SET story_id = ?1,"
        " duplicate_of = coalesce((SELECT duplicate_of FROM entries WHERE id = ?2), ?2) WHERE id = ?3",
        [(place.story_id, place.duplicate_of, place.entry_id) for place in placed],
    )
    date_stories(db, {place.story_id for place in placed})
    return sum(place.duplicate_of is not None for place in placed) - cleared


def merge_stories(db: Db, merges: Mapping[int, int]) -> None:
    """Put the entries, marks and notes of stories that are gone into those that are kept: gone -> kept."""
    for gone, kept in merges.items():
        db.execute("UPDATE entries SET story_id = ? WHERE story_id = ?", (kept, gone))
        merge_marks(db, gone, kept)
        merge_session_stories(db, gone, kept)
        db.execute("UPDATE OR IGNORE last_list SET story_id = ? WHERE story_id = ?", (kept, gone))
        tell_too(db, gone, kept)
        db.execute("DELETE FROM stories WHERE id = ?", (gone,))
    date_stories(db, merges.values())


def pick_number(db: Db, entry_ids: Collection[int]) -> int:
    """The number for a story of these entries: the smallest of theirs that no story has, else one of no entry."""
    (number,) = db.execute(
        "SELECT min(value) FROM json_each(?) WHERE value NOT IN (SELECT id FROM stories)",
        (json.dumps(list(entry_ids)),),
    ).fetchone()
    if number is None:
        db.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'entries'")
        (number,) = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
    return int(number)


def find_name(db: Db, number: int, entry_ids: Sequence[int]) -> int:
    """A number that will mean a story of these entries: its own, or that of an entry which no story has.

    `number` is what it is called now, or was.
    """
    if number in entry_ids:
        return number
    taken = db.execute("SELECT id FROM stories WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(entry_ids),))
    others = {story_id for (story_id,) in taken}
    return next((entry_id for entry_id in entry_ids if entry_id not in others), number)


def rename_story(db: Db, old: int, new: int) -> None:
    """Give what the user made of a story, and its rank in the last list, to another number."""
    for table in ("marks", "notes", "story_tags", "review_items", "last_list", "session_slots", "session_actions"):
        db.execute(f"UPDATE {table} SET story_id = ? WHERE story_id = ?", (new, old))
    merge_reading(db, old, new)
    tell_too(db, old, new)


def follow_reading(db: Db, old: int, new: int) -> None:
    """Mark a story read, killed and told when the one that it was part of has been."""
    tell_too(db, old, new)
    db.execute(
        "INSERT INTO marks (story_id, read_at, killed_at) SELECT ?1, read_at, killed_at FROM marks"
        " WHERE story_id = ?2 AND coalesce(read_at, killed_at) IS NOT NULL"
        " ON CONFLICT (story_id) DO UPDATE SET read_at = excluded.read_at, killed_at = excluded.killed_at",
        (new, old),
    )


def list_read(db: Db, story_ids: Collection[int]) -> set[int]:
    """Those of the stories that have been read."""
    rows = db.execute(
        "SELECT story_id FROM marks WHERE read_at IS NOT NULL AND story_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(story_ids)),),
    )
    return {story_id for (story_id,) in rows}


def revive_stories(db: Db, stories: Mapping[int, str], *, now: datetime) -> None:
    """Bring read stories back, each for the reason given; stars and notes stay."""
    db.executemany(
        "UPDATE marks SET read_at = NULL, back_at = ?, back_for = ? WHERE story_id = ?",
        [(to_stored(now), why, story_id) for story_id, why in stories.items()],
    )


def date_stories(db: Db, story_ids: Iterable[int]) -> None:
    """Give stories, new or known, the first and last dates of their entries."""
    touched = json.dumps(sorted(story_ids))
    db.execute(
        # Not INSERT OR REPLACE: replacing the row would take the user's marks and notes with it.
        "INSERT INTO stories (id, first_at, last_at)"
        " SELECT story_id, min(published_at), max(published_at) FROM entries"
        " WHERE story_id IN (SELECT value FROM json_each(?)) GROUP BY story_id"
        " ON CONFLICT (id) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at",
        (touched,),
    )


def list_window(
    db: Db,
    *,
    since: datetime,
    unread_only: bool,
    muted: Mapping[str, bool] | None = None,
    among: Collection[int] | None = None,
) -> list[int]:
    """Ids of stories with an entry published since, of feeds that are subscribed and not muted; `among` some, if asked.

    `muted` tells of feeds, by address, that are or are not, whatever is stored of them.
    """
    unread = " AND m.read_at IS NULL AND m.killed_at IS NULL" if unread_only else ""
    is_muted = "coalesce((SELECT value FROM json_each(:muted) WHERE key = f.url), f.muted)" if muted else "f.muted"
    chosen = "" if among is None else " AND s.id IN (SELECT value FROM json_each(:among))"
    rows = db.execute(
        "SELECT s.id FROM stories AS s LEFT JOIN marks AS m ON m.story_id = s.id"
        f" WHERE s.last_at >= :since{unread}{chosen} AND EXISTS"
        " (SELECT 1 FROM entries AS e JOIN feeds AS f ON f.id = e.feed_id"
        f" WHERE e.story_id = s.id AND f.removed_at IS NULL AND NOT {is_muted})",
        {"since": to_stored(since), "muted": json.dumps(muted or {}), "among": json.dumps(list(among or ()))},
    )
    return [story_id for (story_id,) in rows]


def list_starred(db: Db) -> list[int]:
    """Ids of the starred stories, whatever has become of their feeds."""
    return [story_id for (story_id,) in db.execute("SELECT story_id FROM marks WHERE starred_at IS NOT NULL")]


def load_stories(db: Db, story_ids: Sequence[int], weights: Weights | None = None) -> list[Story]:
    """The stories of the given ids, in that order, led as the weights will have it; unknown ids are passed over."""
    wanted = json.dumps(list(story_ids))
    sources: dict[int, _Rows] = {}
    for row in db.execute(_SOURCES, (wanted,)):
        sources.setdefault(row["story_id"], {})[row["id"]] = row
    marks = {
        row["id"]: row
        for row in db.execute(
            "SELECT s.id, m.read_at, m.starred_at, m.killed_at, m.later_at, m.picked_at, n.text FROM stories AS s"
            " LEFT JOIN marks AS m ON m.story_id = s.id LEFT JOIN notes AS n ON n.story_id = s.id"
            " WHERE s.id IN (SELECT value FROM json_each(?))"
            " AND coalesce(m.story_id, n.story_id) IS NOT NULL",
            (wanted,),
        )
    }
    weights = weights or Weights()
    return [
        _story(order_sources([_source(row) for row in sources[one].values()], weights), sources[one], marks.get(one))
        for one in story_ids
        if one in sources
    ]


def find_story(db: Db, reference: str) -> int:
    """The story that a number means: below FIRST_ID a rank in the last list, else a story or entry id.

    Raises UnknownError.
    """
    text = reference.strip().removeprefix("#")
    if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004 - SQLite's integers
        raise UnknownError(f"“{reference}” is not a story number: see the numbers that `veille top` shows")
    number = int(text)
    if number < FIRST_ID:
        row = db.execute(
            "SELECT s.id FROM last_list AS l JOIN stories AS s ON s.id = l.story_id WHERE l.rank = ?", (number,)
        ).fetchone()
        if row is None:
            raise UnknownError(
                f"the last list shown has no rank {number}: run `veille top`, or give an id such as 1042"
            )
        return int(row[0])
    # A story keeps its number when the entry that founded it has been purged with its feed.
    row = db.execute(
        "SELECT id FROM stories WHERE id = ?1"
        " UNION ALL SELECT story_id FROM entries WHERE id = ?1 AND story_id IS NOT NULL",
        (number,),
    ).fetchone()
    if row is None:
        raise UnknownError(f"no story has the id {number}: see `veille top --all` or `veille search`")
    return int(row[0])


def remember_list(db: Db, story_ids: Sequence[int]) -> None:
    """Keep the order of the list just shown, so that its ranks can be typed instead of ids."""
    db.execute("DELETE FROM last_list")
    rows = [(rank, story_id) for rank, story_id in enumerate(story_ids, 1) if rank < FIRST_ID]
    db.executemany("INSERT INTO last_list (rank, story_id) VALUES (?, ?)", rows)


def is_story(db: Db, number: int) -> bool:
    """Whether there is a story of that number."""
    return db.execute("SELECT 1 FROM stories WHERE id = ?", (number,)).fetchone() is not None


def list_known(db: Db, numbers: Collection[int]) -> set[int]:
    """Those of the numbers that are of stories."""
    rows = db.execute("SELECT id FROM stories WHERE id IN (SELECT value FROM json_each(?))", (json.dumps([*numbers]),))
    return {number for (number,) in rows}


def mark_story(db: Db, story_id: int, mark: str, *, now: datetime) -> None:
    """Mark a story in one of the ways of `CHANGES`: read, unread, star, kill..."""
    moment = to_stored(now)
    set_marks(db, story_id, {column: moment if value is True else value for column, value in CHANGES[mark].items()})


def note_story(db: Db, story_id: int, text: str, *, now: datetime) -> None:
    """Write the user's note on a story; an empty text takes it away."""
    if not text:
        db.execute("DELETE FROM notes WHERE story_id = ?", (story_id,))
        return
    db.execute(
        "INSERT OR REPLACE INTO notes (story_id, text, noted_at) VALUES (?, ?, ?)",
        (story_id, text, to_stored(now)),
    )


def _story(sources: tuple[Source, ...], rows: _Rows, marks: Any) -> Story:
    lead = rows[sources[0].entry_id]
    return Story(
        id=lead["story_id"],
        sources=sources,
        summary=lead["summary"],
        language=lead["language"],
        author=lead["author"],
        words=lead["words"],
        read=bool(marks and marks["read_at"]),
        starred=bool(marks and marks["starred_at"]),
        killed=bool(marks and marks["killed_at"]),
        later=bool(marks and marks["later_at"]),
        picked=bool(marks and marks["picked_at"]),
        note=marks["text"] or "" if marks else "",
    )


def _source(row: Any) -> Source:
    return Source(
        entry_id=row["id"],
        feed_id=row["feed_id"],
        feed=tell_name(row["own_title"], row["feed_title"], row["feed_url"]),
        feed_url=row["feed_url"],
        folder=row["folder"],
        title=row["title"],
        url=row["url"],
        published_at=datetime.fromisoformat(row["published_at"]),
        duplicate_of=row["duplicate_of"],
        words=row["words"],
    )
