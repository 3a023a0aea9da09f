"""Whether anything stored answers to a filter: one of the language, one with the tag. Yes or no, and no entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.store.conditions import write_filter
from veille.times import to_stored

if TYPE_CHECKING:
    from datetime import datetime

    from veille.rank.expression import Filter
    from veille.store.db import Db

_PUBLISHED = "SELECT EXISTS (SELECT 1 FROM entries AS e WHERE e.published_at >= ? AND {})"


def has_entries(db: Db, *, since: datetime) -> bool:
    """Whether anything was published since."""
    return _ask(db, "true", [to_stored(since)])


def has_passing(db: Db, wanted: Filter, *, since: datetime) -> bool:
    """Whether an entry published since passes a filter that does not depend on the time."""
    condition, values = write_filter(wanted, None)
    return _ask(db, condition, [to_stored(since), *values])


def _ask(db: Db, condition: str, values: list[str | int]) -> bool:
    return bool(db.execute(_PUBLISHED.format(condition), values).fetchone()[0])
