"""Rows that refer to what is not there, and counters that are behind: each with how many there are and what mends it.

What mends them takes away only what nothing can be shown of, or makes again what the entries tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.store.db import Db

_NO_STORY = "NOT IN (SELECT id FROM stories)"
_NO_ENTRY = "NOT IN (SELECT id FROM entries)"
_UNTOLD = "NOT IN (SELECT story_id FROM entries WHERE story_id IS NOT NULL)"
# Feeds and stories are made again first, so that what refers to them is no orphan any more.
_LOST_FEED = "SELECT feed_id AS id FROM entries WHERE feed_id NOT IN (SELECT id FROM feeds)"
_LOST_STORY = f"SELECT story_id AS id FROM entries WHERE story_id IS NOT NULL AND story_id {_NO_STORY}"
# Tables whose rows go with their feed, their entry, their story, their session or their issue.
_BELONGING = (
    ("feed_states", "feed_id", "feeds"),
    ("former_addresses", "feed_id", "feeds"),
    ("contents", "entry_id", "entries"),
    ("articles", "entry_id", "entries"),
    ("matches", "entry_id", "entries"),
    ("stale_matches", "entry_id", "entries"),
    ("seen", "story_id", "stories"),
    ("told", "story_id", "stories"),
    ("fold_stories", "story_id", "stories"),
    ("fold_stems", "story_id", "fold_stories"),
    ("session_slots", "session_id", "sessions"),
    ("session_actions", "session_id", "sessions"),
    ("reading", "session_id", "sessions"),
    ("issue_stories", "issue_id", "issues"),
)
_IDS = {"fold_stories": "story_id"}
# What the user has done or written: kept, whatever it refers to.
_OWN = ("marks", "notes", "story_tags", "review_items")


class Orphans(NamedTuple):
    """How many rows of a table refer to nothing; whether they are the user's own, which nothing takes away."""

    table: str
    what: str
    rows: int
    own: bool = False


class _Mend(NamedTuple):
    table: str
    what: str
    counted: str
    statements: tuple[str, ...]


def find_orphans(db: Db) -> list[Orphans]:
    """What is out of step, in the order in which it is mended."""
    found = [Orphans(one.table, one.what, db.execute(one.counted).fetchone()[0]) for one in _list_mends()]
    for table in _OWN:
        count = f"SELECT count(*) FROM {table} WHERE story_id {_UNTOLD}"
        found.append(Orphans(table, "of a story that is not there", db.execute(count).fetchone()[0], own=True))
    return [one for one in found if one.rows]


def mend_orphans(db: Db) -> list[Orphans]:
    """Mend all but what is the user's own; what was mended. Runs inside the caller's transaction."""
    done = []
    for one in _list_mends():
        rows = db.execute(one.counted).fetchone()[0]
        if rows:
            for statement in one.statements:
                db.execute(statement)
            done.append(Orphans(one.table, one.what, rows))
    return done


def list_lost_notes(db: Db) -> Sequence[tuple[int, str]]:
    """The notes on stories that are not there."""
    rows = db.execute(f"SELECT story_id, text FROM notes WHERE story_id {_NO_STORY} ORDER BY story_id")
    return [(story_id, text) for story_id, text in rows]


def _list_mends() -> list[_Mend]:
    belonging = [
        _Mend(
            table,
            f"of what is not there any more ({parent})",
            f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT {_IDS.get(parent, 'id')} FROM {parent})",
            (f"DELETE FROM {table} WHERE {column} NOT IN (SELECT {_IDS.get(parent, 'id')} FROM {parent})",),
        )
        for table, column, parent in _BELONGING
    ]
    return [*_REMAKES, *belonging, *_COUNTERS]


_NOW = "strftime('%Y-%m-%dT%H:%M:%SZ')"
_MAKE_FEED = f"""INSERT INTO feeds (id, url, title, added_at, removed_at)
SELECT id, 'lost:' || id, '(lost feed ' || id || ')', {_NOW}, {_NOW} FROM (SELECT DISTINCT id FROM ({_LOST_FEED}))"""
_MAKE_STORY = f"""INSERT INTO stories (id, first_at, last_at)
SELECT story_id, min(published_at), max(published_at) FROM entries WHERE story_id IN ({_LOST_STORY})
GROUP BY story_id"""
_STATELESS = "FROM feeds WHERE id NOT IN (SELECT feed_id FROM feed_states)"
_KEPT = " UNION ALL ".join(f"SELECT story_id FROM {table}" for table in _OWN)
_VOID = f"""FROM stories WHERE id NOT IN (SELECT story_id FROM entries WHERE story_id IS NOT NULL)
AND id NOT IN ({_KEPT})"""
_COPIES = f"entries WHERE duplicate_of {_NO_ENTRY}"
_REMAKES = (
    _Mend(
        "entries",
        "of a feed that is not there",
        f"SELECT count(*) FROM entries WHERE feed_id IN ({_LOST_FEED})",
        (_MAKE_FEED,),
    ),
    _Mend(
        "feeds",
        "without a state",
        f"SELECT count(*) {_STATELESS}",
        (f"INSERT INTO feed_states (feed_id) SELECT id {_STATELESS}",),
    ),
    _Mend(
        "entries",
        "in a story that is not there",
        f"SELECT count(*) FROM entries WHERE story_id IN ({_LOST_STORY})",
        (_MAKE_STORY,),
    ),
    _Mend(
        "entries",
        "copies of an entry that is not there",
        f"SELECT count(*) FROM {_COPIES}",
        (f"UPDATE entries SET duplicate_of = NULL WHERE duplicate_of {_NO_ENTRY}",),
    ),
    _Mend("stories", "without an entry", f"SELECT count(*) {_VOID}", (f"DELETE {_VOID}",)),
)
_BEHIND = """SELECT coalesce((SELECT max(id) FROM entries), 0)
> coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'entries'), 0)"""
_COUNTERS = (
    _Mend(
        "sqlite_sequence",
        "behind the numbers of entries",
        _BEHIND,
        (
            "DELETE FROM sqlite_sequence WHERE name = 'entries'",
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'entries', max(id) FROM entries",
        ),
    ),
)
