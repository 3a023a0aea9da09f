"""Days away: ranked stories in, what the older ones are worth now and the time each day is kept out. Pure.

The backlog is what is older than the window that a plan looks at. Its points are halved for every two days beyond it.
Of the time that pins and reserves leave, four fifths are shared out between the window and the days before it, by the
aged points of each; the rest goes to the best, whatever its day. A day that does not use its share gives it back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from veille.model import Ranked, Story

# Whoever comes a little late has not been away.
_AWAY = 1.5
FARTHEST = timedelta(days=30)
_HALVES = timedelta(days=2)
_SHARED = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The stories of one day away, by id, and the share (0-1) of the time that is kept for them."""

    on: date
    stories: frozenset[int]
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What each older story is worth now, by id, and its days, the latest first."""

    values: Mapping[int, float]
    days: tuple[Day, ...]


def find_start(last: datetime | None, *, now: datetime, window: timedelta) -> datetime:
    """How far back a plan looks: to the last session when that was before the window, not more than thirty days."""
    usual = now - window
    return usual if last is None else max(min(usual, last), min(usual, now - FARTHEST))


def was_away(last: datetime | None, *, now: datetime, window: timedelta) -> bool:
    """Whether so much time has passed since the last session that its stories are to be caught up with."""
    return last is not None and now - last > _AWAY * window


def spread(ranked: Sequence[Ranked], *, now: datetime, window: timedelta) -> Backlog:
    """The backlog among the candidates. The days are those of the zone of `now`."""
    values: dict[int, float] = {}
    days: defaultdict[date, list[int]] = defaultdict(list)
    masses: defaultdict[date, float] = defaultdict(float)
    recent = 0.0
    for one in ranked:
        points, newest = one.score.total, newest_at(one.story)
        age = now - window - newest
        if age <= timedelta(0):
            recent += max(points, 0.0)
            continue
        value = points * 0.5 ** (age / _HALVES)
        on = newest.astimezone(now.tzinfo).date()
        values[one.story.id] = value
        days[on].append(one.story.id)
        masses[on] += max(value, 0.0)
    whole = recent + sum(masses.values())
    return Backlog(
        values=values,
        days=tuple(
            Day(on=on, stories=frozenset(days[on]), share=_SHARED * masses[on] / whole if whole else 0.0)
            for on in sorted(days, reverse=True)
        ),
    )


def count_by_day(stories: Iterable[Ranked], *, now: datetime) -> list[tuple[date, int]]:
    """How many there are of each day, the latest first."""
    counts = Counter(newest_at(one.story).astimezone(now.tzinfo).date() for one in stories)
    return sorted(counts.items(), reverse=True)


def newest_at(story: Story) -> datetime:
    """When the latest source of a story was published."""
    return max(source.published_at for source in story.sources)
