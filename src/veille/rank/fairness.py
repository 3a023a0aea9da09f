"""Fairness between feeds: places and paces in, shares and points out. Pure; knows neither rules nor stories.

repeat    the n-th story of a feed, its best first, loses 1 - 1 / (1 + `repeat` x (n - 1)) of its points, and of one
          point at least: without points stories would be ordered by date alone, and the busiest feed fill the list
rare      a feed of w entries a week lifts its stories by `rare` / (1 + w / 7): half of it at one a day

Which story of a feed comes first is told by its *worth*: its points, with each match counted as one in a title. A rule
then adds the same to all that it matches, and moves none of them behind another: it can only better their places.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Worths are compared in whole millionths: sums of floats would let a rule make equal, or part, what it adds as much to.
_GRAIN = 1_000_000
_DAYS = 7


def in_grains(points: float) -> int:
    """Points as a whole number, of which sums are exact."""
    return round(points * _GRAIN)


def place_in_feeds(stories: Iterable[tuple[int, int, float, int]]) -> list[int]:
    """The place of each story among those of its feed, from 1, in the order given.

    A story is its feed, its worth in grains, when its lead was published and its id: best, latest, lowest first.
    """
    by_feed: defaultdict[int, list[tuple[int, float, int, int]]] = defaultdict(list)
    total = 0
    for index, (feed_id, worth, published, story_id) in enumerate(stories):
        by_feed[feed_id].append((-worth, -published, story_id, index))
        total += 1
    places = [1] * total
    for row in by_feed.values():
        if len(row) > 1:
            row.sort()
            for place, (*_, index) in enumerate(row, 1):
                places[index] = place
    return places


def loss_of(points: float, place: int, *, repeat: float) -> float:
    """What the story at a place among those of its feed loses of its points."""
    return max(points, 1.0) * (1 - 1 / (1 + repeat * (place - 1)))


def lift_of(per_week: float, *, rare: float) -> float:
    """What a story gains when its feed publishes so many entries a week."""
    return rare / (1 + per_week / _DAYS)


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`, `21st`."""
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
