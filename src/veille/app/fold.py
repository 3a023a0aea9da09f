"""Folding what has arrived: entries without a story in, every entry in a story out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.store.db import write
from veille.store.headlines import has_pending, load_pending, load_span
from veille.store.stories import merge_stories, place_entries
from veille.store.window import (
    StoredWindow,
    add_to_window,
    drop_from_window,
    enter_stories,
    find_newest_begin,
    forget_before,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veille.model import Headline, Placement
    from veille.settings import FoldSettings
    from veille.store.db import Db

_DAY_SECONDS = 86_400
_MOST_AT_ONCE = 20_000


def fold_pending(db: Db, settings: FoldSettings) -> int:
    """Fold entries that no story holds yet, a day of them at a time; how many proved copies.

    Run after each fetch, and before anything is shown: a fetch that was killed leaves entries behind.
    """
    copies = 0
    while has_pending(db):
        with write(db):
            copies += _fold_day(db, settings)
    return copies


def _fold_day(db: Db, settings: FoldSettings) -> int:
    from veille.rank.cluster import fold
    from veille.rank.window import MemoryWindow

    pending = load_pending(db, most=_MOST_AT_ONCE)
    if not pending:
        return 0
    first = pending[0].published_at
    day = [one for one in pending if (one.published_at - first).total_seconds() <= _DAY_SECONDS]
    # What is older than the stored window (a new feed's archive) is compared with what is stored of its own time.
    newest = find_newest_begin(db)
    recent = newest is None or first >= newest - settings.window
    if recent:
        forget_before(db, first - settings.window)
    since, until = first - settings.window, day[-1].published_at + settings.window
    window = StoredWindow(db, since=since) if recent else MemoryWindow(load_span(db, since=since, until=until))
    folded = fold(day, window, settings)
    return _apply(db, day, folded.placements, folded.merges, recent=recent)


def _apply(
    db: Db, new: Sequence[Headline], placements: Sequence[Placement], merges: Mapping[int, int], *, recent: bool
) -> int:
    stories = {placement.entry_id: placement.story_id for placement in placements}
    if merges:
        drop_from_window(db, {*merges, *merges.values()})
    copies = place_entries(db, placements)
    merge_stories(db, merges)
    touched = set(merges.values())
    if recent:
        add_to_window(db, [one for one in new if stories[one.entry_id] not in touched], stories)
        enter_stories(db, touched)
    return copies
