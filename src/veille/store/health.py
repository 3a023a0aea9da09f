"""What the archive tells of its feeds: their pace, the latest of their texts, what they share with one another.

Each look-up is one query over all feeds, but those for the few feeds that a document has left behind.
What it means is not known here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from veille.rank.findings import Overlap
from veille.read.gaps import Told
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.store.db import Db

# The latest entries of a feed show how it gives its texts; longer HTML than this is no teaser.
_SAMPLE, _LONGEST_TEASER = 20, 4000
# A text that more feeds than these carry shows no two of them to be one: the first are compared.
_MOST_CARRIERS = 20

# One pass over all entries: a feed may have been silent for years. Days are few beside entries.
_PACES = """
SELECT feed_id, substr(published_at, 1, 10) AS day, max(published_at), sum(published_at >= ?)
FROM entries GROUP BY feed_id, day
"""
_TEXTS = f"""
WITH latest AS (
    SELECT id, feed_id, row_number() OVER (PARTITION BY feed_id ORDER BY published_at DESC, id) AS place
    FROM entries WHERE published_at >= ?
)
SELECT l.feed_id, CASE WHEN c.html IS NULL THEN e.summary WHEN length(c.html) <= {_LONGEST_TEASER} THEN c.html END
FROM latest AS l JOIN entries AS e ON e.id = l.id LEFT JOIN contents AS c ON c.entry_id = l.id
WHERE l.place <= {_SAMPLE} ORDER BY l.feed_id, l.place
"""
# An original is known by its copies: only what has been copied is read.
_COPIES = """
WITH copied AS (SELECT DISTINCT duplicate_of AS id FROM entries WHERE published_at >= ?1 AND duplicate_of IS NOT NULL)
SELECT coalesce(e.duplicate_of, e.id) AS original, e.feed_id, e.published_at
FROM entries AS e JOIN feeds AS f ON f.id = e.feed_id
WHERE e.published_at >= ?1 AND f.removed_at IS NULL AND NOT f.muted
    AND (e.duplicate_of IS NOT NULL OR e.id IN (SELECT id FROM copied))
ORDER BY original, e.published_at, e.id
"""

_SPAN = """
SELECT min(CASE WHEN first_seen_at = ?2 AND published_at < ?2 THEN published_at END),
    max(CASE WHEN first_seen_at < ?2 THEN published_at END), max(CASE WHEN first_seen_at < ?2 THEN first_seen_at END)
FROM entries WHERE feed_id = ?1
"""
# Enough to know again what a document held the last time: documents seldom hold more.
_LATEST_TOLD = """
SELECT nullif(published_at, first_seen_at), title, summary FROM entries WHERE feed_id = ?
ORDER BY published_at DESC, id DESC LIMIT 1000
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When a feed publishes: its newest entry, its last days with entries (in order), its recent entries."""

    newest_at: datetime
    days: tuple[date, ...]
    recent: int


def load_paces(db: Db, *, since: datetime, days: int) -> dict[int, Pace]:
    """The pace of every feed that has entries: at most so many `days`, and how many entries since."""
    found: defaultdict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for feed_id, day, newest, recent in db.execute(_PACES, (to_stored(since),)):
        found[feed_id].append((day, newest, recent))
    return {feed_id: _pace(sorted(rows), days) for feed_id, rows in found.items()}


def load_texts(db: Db, *, since: datetime) -> dict[int, tuple[str | None, ...]]:
    """The texts of the latest entries since of each feed, the newest first: None for one too long to be a teaser."""
    found: defaultdict[int, list[str | None]] = defaultdict(list)
    for feed_id, text in db.execute(_TEXTS, (to_stored(since),)):
        found[feed_id].append(text)
    return {feed_id: tuple(texts) for feed_id, texts in found.items()}


def load_overlaps(db: Db, *, since: datetime, fewest: int) -> dict[int, tuple[Overlap, ...]]:
    """For each feed in use, the others that share `fewest` of its entries since: copies, originals or both."""
    counts: defaultdict[tuple[int, int], int] = defaultdict(int)
    lags: defaultdict[tuple[int, int], list[timedelta]] = defaultdict(list)
    for _, group in groupby(db.execute(_COPIES, (to_stored(since),)), key=itemgetter(0)):
        own: defaultdict[int, list[str]] = defaultdict(list)
        for _, feed_id, published_at in group:
            own[feed_id].append(published_at)
        carriers = [(feed_id, len(times), _at(times[0])) for feed_id, times in own.items()][:_MOST_CARRIERS]
        for mine, entries, at in carriers:
            for other, _, other_at in carriers:
                if mine != other:
                    counts[mine, other] += entries
                    lags[mine, other].append(at - other_at)
    overlaps: defaultdict[int, list[Overlap]] = defaultdict(list)
    for (mine, other), copies in counts.items():
        if copies >= fewest:
            lag = sorted(lags[mine, other])[len(lags[mine, other]) // 2]
            overlaps[mine].append(Overlap(other=other, copies=copies, lag=lag))
    return {feed_id: tuple(rows) for feed_id, rows in overlaps.items()}


def measure_span(db: Db, feed_id: int, *, missed_at: datetime) -> timedelta | None:
    """How long a document lasts whose entries were all new; None when nothing tells it.

    It reaches back to its oldest entry. Where that tells nothing, because it has no dates or older ones
    than were stored, it lasts less than since something new had come before it.
    """
    oldest, newest_before, seen_before = db.execute(_SPAN, (feed_id, to_stored(missed_at))).fetchone()
    if oldest and not (newest_before and oldest <= newest_before):
        return missed_at - _at(oldest)
    return missed_at - _at(seen_before) if seen_before else None


def load_latest_told(db: Db, feed_id: int) -> list[Told]:
    """What the latest entries stored of a feed say of themselves, the newest first: a thousand at most."""
    return [Told(published_at or "", *words) for published_at, *words in db.execute(_LATEST_TOLD, (feed_id,))]


def load_told(db: Db, entry_ids: Iterable[int]) -> dict[int, Told]:
    """What stored entries say of themselves, by id; an entry has no date that is dated when it was first seen."""
    rows = db.execute(
        "SELECT id, nullif(published_at, first_seen_at), title, summary FROM entries"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(entry_ids)),),
    )
    return {entry_id: Told(published_at or "", title, summary) for entry_id, published_at, title, summary in rows}


def _pace(rows: list[tuple[str, str, int]], days: int) -> Pace:
    return Pace(
        newest_at=_at(rows[-1][1]),
        days=tuple(date.fromisoformat(day) for day, _, _ in rows[-days:]),
        recent=sum(recent for _, _, recent in rows),
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
