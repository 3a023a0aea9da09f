"""What sessions have cost and brought, as stored: time by story, what was opened, days of sessions, reading speeds."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from veille.rank.pace import Timed
from veille.rank.yields import Given
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.store.db import Db

_LONGEST_TEASER = 4000
_SINCE = "session_id IN (SELECT id FROM sessions WHERE started_at >= ?)"


class Sitting(NamedTuple):
    """A session that was used: when it began, the seconds of its clock, what of its plan was done."""

    started_at: datetime
    seconds: float
    planned: int
    done: int


def list_given(db: Db, *, since: datetime) -> list[Given]:
    """The stories that sessions begun since have given time to, the most first."""
    return _list_given(db, _SINCE, to_stored(since))


def list_given_in(db: Db, session_id: int) -> list[Given]:
    """The same for one session."""
    return _list_given(db, "session_id = ?", session_id)


def list_sittings(db: Db, *, since: datetime) -> list[Sitting]:
    """The sessions begun since in which time passed or something was done, the oldest first."""
    rows = db.execute(
        "SELECT s.started_at, s.spent, (SELECT count(*) FROM session_slots WHERE session_id = s.id),"
        " (SELECT count(*) FROM session_slots WHERE session_id = s.id AND state = 'done')"
        " FROM sessions AS s WHERE s.started_at >= ? AND (s.spent > 0 OR EXISTS"
        " (SELECT 1 FROM session_actions WHERE session_id = s.id AND undone_at IS NULL))"
        " ORDER BY s.started_at",
        (to_stored(since),),
    )
    return [Sitting(datetime.fromisoformat(row[0]), row[1], row[2], row[3]) for row in rows]


def list_paces(db: Db, *, most: int) -> list[Timed]:
    """The latest readings of stories that were done."""
    rows = db.execute(
        "SELECT r.words, r.seconds, r.language FROM reading AS r JOIN session_slots AS s"
        " ON s.session_id = r.session_id AND s.story_id = r.story_id"
        " WHERE s.state = 'done' AND r.words > 0 AND r.seconds > 0"
        " ORDER BY r.session_id DESC, s.place DESC LIMIT ?",
        (most,),
    )
    return [Timed(*row) for row in rows]


def load_article_words(db: Db) -> dict[int, int]:
    """The words of the articles that were fetched in full, by entry."""
    return dict(map(tuple, db.execute("SELECT entry_id, words FROM articles WHERE status = 'ok'")))


def load_some_texts(db: Db, entry_ids: Iterable[int]) -> dict[int, list[str | None]]:
    """The texts of some entries by feed: None for one too long to be a teaser."""
    texts: dict[int, list[str | None]] = {}
    rows = db.execute(
        "SELECT e.feed_id, CASE WHEN length(coalesce(c.html, '')) > ? THEN NULL"
        " ELSE coalesce(nullif(c.html, ''), e.summary) END"
        " FROM entries AS e LEFT JOIN contents AS c ON c.entry_id = e.id"
        " WHERE e.id IN (SELECT value FROM json_each(?))",
        (_LONGEST_TEASER, json.dumps(list(entry_ids))),
    )
    for feed_id, text in rows:
        texts.setdefault(feed_id, []).append(text)
    return texts


def _list_given(db: Db, where: str, value: str | int) -> list[Given]:
    rows = db.execute(
        "SELECT story_id, sum(seconds), sum(opened) FROM ("
        f" SELECT story_id, seconds, 0 AS opened FROM reading WHERE {where}"
        " UNION ALL SELECT story_id, 0, 1 FROM session_actions"
        f" WHERE what = 'open' AND undone_at IS NULL AND {where})"
        " GROUP BY story_id ORDER BY sum(seconds) DESC, story_id",
        (value, value),
    )
    return [Given(*row) for row in rows]
