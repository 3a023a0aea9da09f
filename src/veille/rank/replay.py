"""What a rule does to lists: stories and desks in, what stands elsewhere because of it out. Pure.

A list of the past is made of the stories as they stood then: of each, the entries published up to that moment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from veille.rank.fairness import in_grains
from veille.rank.lead import order_sources
from veille.rank.score import rank_stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from veille.model import MatchField, Ranked, Story
    from veille.rank.lead import Weights
    from veille.rank.rules import Rule
    from veille.rank.score import Desk

WINDOW = timedelta(hours=24)

# How many feeds are ranked without a rule before more of them are.
_STEPS = (10, 100)
# What a story is ordered by: pins, score, date, id.
_Key = tuple[bool, int, float, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A story that comes into the first of a list, leaves them or moves; a rank is None where it is not there."""

    story: Story
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A list and all it was made of: `keys` are its stories in order, `owners` the feeds of their leads.

    `feeds` are those that each rule, by its key, has to do with.
    """

    desk: Desk
    keys: Mapping[int, _Key]
    owners: Mapping[int, int]
    by_feed: Mapping[int, Sequence[Story]]
    by_entry: Mapping[int, Mapping[tuple[str, int], MatchField]]
    feeds: Mapping[str, frozenset[int]]


def stand_at(stories: Iterable[Story], *, until: datetime, weights: Weights) -> Iterator[Story]:
    """The stories with an entry in the day before a moment, as they stood at it."""
    since = until - WINDOW
    for story in stories:
        there = [source for source in story.sources if source.published_at <= until]
        if not any(source.published_at >= since for source in there):
            continue
        if len(there) == len(story.sources):
            yield story
        else:
            ordered = order_sources(there, weights)
            yield replace(story, sources=ordered, words=ordered[0].words)


def compare_lists(before: Sequence[Ranked], after: Sequence[Ranked], *, most: int) -> tuple[list[Shift], list[Shift]]:
    """What comes into the first `most` of a list, by its new rank, and what leaves them, by its old one."""
    old = {one.story.id: rank for rank, one in enumerate(before, 1)}
    new = {one.story.id: rank for rank, one in enumerate(after, 1)}
    entered = [
        Shift(story=one.story, before=old.get(one.story.id), after=new[one.story.id])
        for one in after[:most]
        if old.get(one.story.id, most + 1) > most
    ]
    left = [
        Shift(story=one.story, before=old[one.story.id], after=new.get(one.story.id))
        for one in before[:most]
        if new.get(one.story.id, most + 1) > most
    ]
    return entered, left


def list_moves(before: Sequence[Ranked], after: Sequence[Ranked], *, most: int) -> list[Shift]:
    """What moves inside the first `most` by its own score or pin, by its new rank; not what others push on."""
    old = {one.story.id: (rank, one) for rank, one in enumerate(before[:most], 1)}
    return [
        Shift(story=one.story, before=old[one.story.id][0], after=rank)
        for rank, one in enumerate(after[:most], 1)
        if one.story.id in old and old[one.story.id][0] != rank and _worth(old[one.story.id][1]) != _worth(one)
    ]


def lay_table(stories: Sequence[Story], desk: Desk) -> Table:
    """A list ready to be asked what one rule does to it."""
    by_feed: dict[int, list[Story]] = {}
    owners: dict[int, int] = {}
    for story in stories:
        by_feed.setdefault(story.lead.feed_id, []).append(story)
        owners.update((source.entry_id, story.lead.feed_id) for source in story.sources)
    by_entry: dict[int, dict[tuple[str, int], MatchField]] = {}
    feeds: dict[str, set[int]] = {}
    for (key, entry_id), where in desk.matches.items():
        if entry_id in owners:
            by_entry.setdefault(entry_id, {})[key, entry_id] = where
            feeds.setdefault(key, set()).add(owners[entry_id])
    keys = sorted(_order_key(one) for one in rank_stories(stories, desk))
    return Table(
        desk=desk,
        keys={key[-1]: key for key in keys},
        owners={story.id: story.lead.feed_id for story in stories},
        by_feed=by_feed,
        by_entry=by_entry,
        feeds={key: frozenset(found) for key, found in feeds.items()},
    )


def moves_list(table: Table, rule: Rule) -> bool | None:
    """Whether some story stands elsewhere, or is hidden, because of a rule; None when it matches nothing there.

    Only the feeds of the stories that it matches are ranked without it: no other story has another score. A few of
    them mostly tell.
    """
    feeds = sorted(table.feeds.get(rule.key, ()))
    if not feeds:
        return None
    waiting = set(feeds)
    changed: dict[int, _Key] = {}
    for start, end in pairwise((0, *_STEPS, len(feeds))):
        some = feeds[start:end]
        keys = _rank_without(table, rule, some)
        if not keys.keys() <= table.keys.keys():
            return True
        changed |= {story_id: key for story_id, key in keys.items() if table.keys[story_id] != key}
        waiting -= set(some)
        if changed and _is_reordered(table, changed, waiting):
            return True
    return False


def _rank_without(table: Table, rule: Rule, feeds: Iterable[int]) -> dict[int, _Key]:
    """What the stories of some feeds would be ordered by."""
    stories = [story for feed_id in feeds for story in table.by_feed[feed_id]]
    matches = {
        key: where
        for story in stories
        for source in story.sources
        for key, where in table.by_entry.get(source.entry_id, {}).items()
    }
    others = [one for one in table.desk.rules if one is not rule]
    ranked = rank_stories(stories, replace(table.desk, rules=others, matches=matches))
    return {one.story.id: _order_key(one) for one in ranked}


def _is_reordered(table: Table, changed: Mapping[int, _Key], waiting: set[int]) -> bool:
    """Whether stories pass one another, of those whose new place is known."""
    known = [
        changed.get(story_id, key) for story_id, key in table.keys.items() if table.owners[story_id] not in waiting
    ]
    return any(one > other for one, other in pairwise(known))


def _worth(ranked: Ranked) -> tuple[bool, int]:
    return bool(ranked.pinned_by), in_grains(ranked.score.total)


def _order_key(ranked: Ranked) -> _Key:
    story = ranked.story
    published = -story.lead.published_at.timestamp()
    return not ranked.pinned_by, -in_grains(ranked.score.total), published, story.id
