"""Retention: how long stories are kept in, what has left the archive out.

What the user has made something of stays, however old (`store/pruning.py`).
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.app.fold import fold_pending
from veille.app.home import read_clock
from veille.errors import UsageError
from veille.outcome import Pruned
from veille.store.db import copy_store
from veille.store.pruning import find_old, has_pruned, holds_unfolded, measure_old, prune_stories
from veille.store.space import give_back, measure_store, shrink_indexes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from veille.app.home import Home
    from veille.store.db import Db

# `12m` is twelve minutes, not a year.
LEAST = timedelta(days=1)
# So much at once, of which some is so much older than it need be, is what a setting was not meant for, or a clock does.
_MUCH_GOING, _LONG_OVERDUE = 0.5, timedelta(days=7)
# A fetch does not write the whole file anew for a few pages that the next one fills.
_MUCH_FREE = 0.3


def prune(home: Home, *, older: timedelta, dry_run: bool = False) -> Pruned:
    """Take out what is older, and give the room back. The caller holds the run lock, unless it is a trial.

    Raises UsageError for less than a day.
    """
    if older < LEAST:
        raise UsageError("--older: less than a day: write it in days, as 365d (m is minutes)")
    before = read_clock() - older
    path = home.places.database
    size = measure_store(path)
    with _fold(home, dry_run=dry_run) as db:
        old = find_old(db, before=before)
    stories, entries, trouble = len(old.stories), old.entries, ""
    after = size - size * entries // max(old.of, 1)
    if not dry_run:
        stories, entries = prune_stories(home.db, old.stories, before=before)
        if entries:
            shrink_indexes(home.db)
        trouble = give_back(home.db, path)
        after = measure_store(path)
    return Pruned(
        before=before,
        dry_run=dry_run,
        stories=stories,
        entries=entries,
        held=old.held,
        bytes_before=size,
        bytes_after=after,
        trouble=trouble,
    )


@contextlib.contextmanager
def _fold(home: Home, *, dry_run: bool) -> Iterator[Db]:
    """The database with every entry in its story; for a trial a copy, where some are in none yet."""
    if dry_run and holds_unfolded(home.db):
        with copy_store(home.db) as copy:
            fold_pending(copy, home.settings.fold)
            yield copy
        return
    if not dry_run:
        fold_pending(home.db, home.settings.fold)
    yield home.db


def prune_when_due(home: Home, *, fetched_since: datetime) -> tuple[int, str]:
    """Take out what `[store] keep` keeps no longer; how many entries, and what kept it from that, "" when nothing did.

    Days are counted whole, so that the first fetch of a day does the work and the others find nothing to do. Room
    that stays free is filled again. Most of an archive does not go without a word of its user: of what was there
    before today, or, where nothing has ever gone, before the fetch that began at `fetched_since`. The caller holds
    the run lock.
    """
    keep = home.settings.store.keep
    midnight = read_clock().replace(hour=0, minute=0, second=0)
    before = midnight - keep
    old = find_old(home.db, before=before)
    if not old.stories:
        return 0, ""
    # What a newly followed feed shows of long ago is no loss; what was there when `keep` was first set may be.
    there_before = midnight if has_pruned(home.db) else fetched_since
    going, oldest = measure_old(home.db, old.stories, seen_before=there_before)
    if oldest and going > _MUCH_GOING * old.of and oldest < before - max(keep, _LONG_OVERDUE):
        asked = f"{-(-keep // LEAST)}d"
        return 0, (
            f"[store] keep = {asked} would take {going} of {old.of} entries out of the archive at once, and has taken"
            f" none: is that meant, and is the clock right? Then `veille prune --older {asked}` does it"
        )
    _, entries = prune_stories(home.db, old.stories, before=before)
    # Without room for that it is as it was; `veille prune` says so.
    give_back(home.db, home.places.database, least=_MUCH_FREE)
    return entries, ""
