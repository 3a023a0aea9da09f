"""What the charts of an issue count: entries and stories by local day; and the tags of feeds that rubrics go by."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from veille.store.db import Db

# Of a stored time, what is left of it: `2026-11-20T08:1`, ten minutes. No zone begins its day between two of them.
_KEPT = 15


def count_days(db: Db, *, days: int, now: datetime) -> tuple[tuple[date, int, int], ...]:
    """The last days, oldest first, each with the entries published on it and the stories that began."""
    today = now.astimezone().date()
    wanted = [today - timedelta(days=back) for back in reversed(range(days))]
    midnight = datetime.combine(wanted[0], datetime.min.time()).astimezone()
    until = to_stored(now)
    entries, stories = (
        _count(db, table, column, since=to_stored(midnight), until=until)
        for table, column in (("entries", "published_at"), ("stories", "first_at"))
    )
    return tuple((day, entries[day], stories[day]) for day in wanted)


def load_feed_tags(db: Db, feed_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The tags of feeds that have any."""
    rows = db.execute(
        "SELECT id, tags FROM feeds WHERE tags <> '[]' AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(feed_ids)),),
    )
    return {feed_id: tuple(json.loads(tags)) for feed_id, tags in rows}


def _count(db: Db, table: str, column: str, *, since: str, until: str) -> Counter[date]:
    """How many rows of a table each local day has."""
    rows = db.execute(
        f"SELECT substr({column}, 1, {_KEPT}) AS part, count(*) FROM {table}"
        f" WHERE {column} >= ? AND {column} <= ? GROUP BY part",
        (since, until),
    )
    days: Counter[date] = Counter()
    for part, number in rows:
        days[datetime.fromisoformat(f"{part}0:00Z").astimezone().date()] += number
    return days
