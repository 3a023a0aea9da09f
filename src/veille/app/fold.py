"""Folding what has arrived: entries without a story in, every entry in a story out."""

from __future__ import annotations

import gc
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.app.revival import revive
from veille.rank.scope import scope_of
from veille.store.db import write
from veille.store.decisions import load_apart
from veille.store.early import EarlyWindow
from veille.store.feeds import list_feeds
from veille.store.headlines import (
    find_first_pending,
    has_folded,
    has_pending,
    load_headlines,
    load_pages,
    load_pending,
    load_span,
)
from veille.store.stories import merge_stories, place_entries
from veille.store.window import (
    StoredWindow,
    add_to_window,
    drop_from_window,
    enter_stories,
    find_newest_begin,
    forget_before,
    return_stories,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from veille.model import Headline
    from veille.rank.cluster import Folded
    from veille.settings import FoldSettings
    from veille.store.db import Db

_DAY = timedelta(days=1)
# Fewer late headlines than these do not call for all that is stored of their time: what shares a word is enough.
_FEW_LATE = 50
# A day is folded at once, for its order not to matter; an archive of a few entries a day many days at once.
_SOME_AT_ONCE, _MOST_AT_ONCE = 1000, 20_000


def fold_pending(db: Db, settings: FoldSettings) -> int:
    """Fold entries that no story holds yet, a day of them at a time or more; how many proved copies.

    Run after each fetch, and before anything is shown: a fetch that was killed leaves entries behind.
    """
    copies = 0
    # What this run has founded itself, on a day before, is not judged again.
    run = find_first_pending(db)
    while has_pending(db):
        with write(db), _without_collecting():
            early = not settings.apart and not has_folded(db) and find_newest_begin(db) is None
            copies += _fold_first(db, settings) if early else _fold_day(db, settings, run=run)
    return copies


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Look for no cycles: folding makes very many values and no cycle, and looking took a tenth of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _fold_first(db: Db, settings: FoldSettings) -> int:
    """Fold the first days of all, which nobody has read: as `_fold_day` would, with the window in memory."""
    from veille.rank.cluster import fold

    copies = done = 0
    window = None
    while done < _MOST_AT_ONCE and (day := load_pending(db, span=_DAY, some=_SOME_AT_ONCE, most=_MOST_AT_ONCE)):
        since = day[0].published_at - settings.window
        window = window or EarlyWindow(db, since=since)
        window.forget(since)
        folded = fold(day, window, settings)
        copies += place_entries(db, folded.placements)
        merge_stories(db, folded.merges)
        window.place(day, {one.entry_id: one.story_id for one in folded.placements}, folded.merges)
        done += len(day)
    if window:
        window.write()
    return copies


def _fold_day(db: Db, settings: FoldSettings, *, run: int | None) -> int:
    day = load_pending(db, span=_DAY, some=_SOME_AT_ONCE, most=_MOST_AT_ONCE)
    if not day:
        return 0
    first = day[0].published_at
    # What is older than the stored window (a new feed's archive) is compared with what is stored of its own time.
    newest = find_newest_begin(db)
    recent = newest is None or first >= newest - settings.window
    if recent:
        forget_before(db, first - settings.window)
    feeds = list_feeds(db) if settings.apart else []
    scopes = {feed.id: scope_of(feed.subscription.folder, settings.apart) for feed in feeds}
    rows: defaultdict[str, list[Headline]] = defaultdict(list)
    for headline in day:
        rows[scopes.get(headline.feed_id, "")].append(headline)
    copies = 0
    for scope, row in sorted(rows.items()):
        since, own = row[0].published_at - settings.window, scope if settings.apart else None
        window = StoredWindow(db, since=since, scope=own, before=run) if recent else None
        copies += _fold_scope(db, row, settings, window=window, scope=scope)
    return copies


def _fold_scope(
    db: Db, day: Sequence[Headline], settings: FoldSettings, *, window: StoredWindow | None, scope: str
) -> int:
    """Fold the headlines of feeds that fold among themselves; without a window, those of an archive older than it."""
    from veille.rank.cluster import fold
    from veille.rank.window import MemoryWindow

    if window:
        folded = fold(day, window, settings)
    else:
        since, until = day[0].published_at - settings.window, day[-1].published_at + settings.window
        # Of other scopes nothing is known here: an archive that a new feed brings folds with its own feeds.
        feeds = {headline.feed_id for headline in day} if settings.apart else None
        like = [headline.title for headline in day] if len(day) < _FEW_LATE else []
        stored = {one.entry_id: one for one in load_span(db, since=since, until=until, like=like)}
        pages = load_pages(db, {headline.page for headline in day} - {""}, since=since)
        stored |= {one.entry_id: one for one in pages}
        span = [one for one in stored.values() if feeds is None or one.feed_id in feeds]
        apart = load_apart(db, {one.story_id for one in span if one.story_id is not None})
        folded = fold(day, MemoryWindow(span, apart=apart), settings)
    own, stories = {one.entry_id for one in day}, {one.entry_id: one.story_id for one in folded.placements}
    again = load_headlines(db, stories.keys() - own)
    moved = [one for one in again if one.story_id != stories[one.entry_id]]
    changed = {story for one in moved for story in (one.story_id, stories[one.entry_id]) if story is not None}
    copies = _apply(db, day, folded, changed={*changed, *folded.merges.values()}, scope=scope if window else None)
    revive(db, [*day, *moved], folded.placements, settings)
    return copies


def _apply(db: Db, new: Sequence[Headline], folded: Folded, *, changed: AbstractSet[int], scope: str | None) -> int:
    """Store where entries went; how many more are copies.

    The stories `changed` have lost entries or won known ones. Without a scope all this is out of the window.
    """
    stories = {placement.entry_id: placement.story_id for placement in folded.placements}
    # What an archive joins may be in the window all the same.
    dropped = drop_from_window(db, {*folded.merges, *changed, *(stories.values() if scope is None else ())})
    copies = place_entries(db, folded.placements)
    merge_stories(db, folded.merges)
    if scope is None:
        return_stories(db, {folded.merges.get(story, story): own for story, own in dropped.items()})
    else:
        add_to_window(db, [one for one in new if stories[one.entry_id] not in changed], stories, scope=scope)
        enter_stories(db, changed - folded.merges.keys(), scope=scope)
    return copies
