"""Folding what has arrived: entries without a story in, every entry in a story out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.store.db import write
from veille.store.entries import load_headlines, load_unfolded
from veille.store.stories import place_entries

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from veille.settings import FoldSettings
    from veille.store.db import Db


def fold_pending(db: Db, settings: FoldSettings) -> int:
    """Fold entries that no story holds yet; how many proved copies.

    Run after each fetch, and before anything is shown: a fetch that was killed leaves entries behind.
    """
    if db.execute("SELECT 1 FROM entries WHERE story_id IS NULL LIMIT 1").fetchone() is None:
        return 0
    from veille.rank.cluster import fold

    with write(db):
        pending = load_unfolded(db)
        if not pending:
            return 0
        spans = _spans([headline.published_at for headline in pending], settings.window)
        known = [headline for since, until in spans for headline in load_headlines(db, since=since, until=until)]
        return place_entries(db, fold(pending, known, settings))


def _spans(dates: list[datetime], window: timedelta) -> list[tuple[datetime, datetime]]:
    """The times within `window` of any date, apart from one another.

    One entry dated ten years back must not bring ten years of headlines into memory.
    """
    spans: list[tuple[datetime, datetime]] = []
    for date in sorted(dates):
        since, until = date - window, date + window
        if spans and since <= spans[-1][1]:
            since, _ = spans.pop()
        spans.append((since, until))
    return spans
