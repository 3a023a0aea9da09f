"""What to put into a time: values and costs in, the chosen ones out, with at most so many of one feed. Pure.

A knapsack. The best choice for *some* time is easy: at a price for a second, everything worth more than it costs, of a
crowded feed the best. Two such choices, the larger that fits and the next, are found by their slope (Eisner and
Severance, "Mathematical techniques for efficient record segmentation", JACM 1976). What is left of the time is filled
by density, also after giving up one item of either: near the best that can be (`benchmarks/session.py`).

More time never gives less value. A choice that is the best for its own time is worth no less than anything of less
time. And when the rest is filled by density, more time never hurts: at the first difference an item is taken that the
shorter time had no room for, and nothing after it is as dense. Whole numbers keep both exact.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from heapq import nsmallest
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_UNLIMITED = 1 << 60
# Which items are given up does not depend on the time there is, but for those that cannot make it better.
_TRIES = 32


class Item(NamedTuple):
    """What may be chosen: its value and its cost, whole numbers above 0, and the feed it counts for."""

    value: int
    cost: int
    feed: int


def pack(items: Sequence[Item], room: int, *, per_feed: int = 0, taken: Mapping[int, int] | None = None) -> list[int]:
    """The places of the chosen items, in order: never dearer than `room` together.

    `per_feed` is the most of one feed, 0 for no limit, of which `taken` are so many already.
    """
    limits = _list_limits(items, per_feed, taken or {})
    shelf = _sort_out([(place, one) for place, one in enumerate(items) if limits[one.feed] > 0], limits)
    low, high = _bracket(shelf, room)
    if low is high:
        return sorted(low.places)
    best = low
    for found in _improve(shelf, low, high, room):
        if (found.value, -found.cost) > (best.value, -best.cost):
            best = found
    return sorted(best.places)


class _Choice(NamedTuple):
    places: frozenset[int]
    value: int
    cost: int


class _Shelf(NamedTuple):
    """Items by falling density, the least cost from each on; of those that no limit touches, sums from the first on."""

    items: dict[int, Item]
    order: list[int]
    least: list[int]
    open: list[int]
    values: list[int]
    costs: list[int]
    crowded: list[list[tuple[int, Item]]]
    limits: Mapping[int, int]


_NOTHING = _Choice(frozenset(), 0, 0)


def _list_limits(items: Sequence[Item], per_feed: int, taken: Mapping[int, int]) -> dict[int, int]:
    feeds = {one.feed for one in items}
    return {feed: per_feed - taken.get(feed, 0) if per_feed else _UNLIMITED for feed in feeds}


def _sort_out(rows: Sequence[tuple[int, Item]], limits: Mapping[int, int]) -> _Shelf:
    sizes = Counter([one.feed for _, one in rows])
    full = {feed for feed, size in sizes.items() if size > limits[feed]}
    by_feed: defaultdict[int, list[tuple[int, Item]]] = defaultdict(list)
    for row in rows:
        if row[1].feed in full:
            by_feed[row[1].feed].append(row)
    kept = [row for row in rows if row[1].feed not in full]
    for feed, own in by_feed.items():
        kept += _drop_dominated(own, limits[feed])
    # Fractions of which two differ by less than 1 / (cost x cost) are equal: in these units floors tell them apart.
    unit = max([one.cost for _, one in kept], default=1) ** 2
    kept.sort(key=lambda row: (-(row[1].value * unit // row[1].cost), row[1].cost, row[0]))
    crowded: dict[int, list[tuple[int, Item]]] = {feed: [] for feed in by_feed}
    free: list[tuple[int, Item]] = []
    for row in kept:
        (crowded[row[1].feed] if row[1].feed in full else free).append(row)
    return _Shelf(
        items=dict(kept),
        order=[place for place, _ in kept],
        least=list(accumulate([one.cost for _, one in reversed(kept)], min))[::-1],
        open=[place for place, _ in free],
        values=[0, *accumulate([one.value for _, one in free])],
        costs=[0, *accumulate([one.cost for _, one in free])],
        crowded=list(crowded.values()),
        limits=limits,
    )


def _drop_dominated(rows: list[tuple[int, Item]], limit: int) -> list[tuple[int, Item]]:
    """The items of a feed less those of which as many as it may have are worth no less and cost no more."""
    kept, cheapest = [], list[int]()
    for place, one in sorted(rows, key=lambda row: (-row[1].value, row[1].cost, row[0])):
        if len(cheapest) < limit or cheapest[limit - 1] > one.cost:
            kept.append((place, one))
            insort(cheapest, one.cost)
    return kept


def _bracket(shelf: _Shelf, room: int) -> tuple[_Choice, _Choice]:
    """The largest choice that is the best for its own time and fits, and the next; twice the same when all fit."""
    low, high = _NOTHING, _choose(shelf, 0, 1)
    if high.cost <= room:
        return high, high
    while True:
        middle = _choose(shelf, high.value - low.value, high.cost - low.cost)
        if middle.cost == low.cost:
            return low, high
        if middle.cost <= room:
            low = middle
        else:
            high = middle


def _choose(shelf: _Shelf, price: int, per: int) -> _Choice:
    """What is worth more than it costs at a price per so much time; of a crowded feed the best, then the cheapest."""
    items = shelf.items
    count = bisect_left(shelf.open, True, key=lambda place: items[place].value * per <= items[place].cost * price)
    places, value, cost = shelf.open[:count], shelf.values[count], shelf.costs[count]
    for rows in shelf.crowded:
        gains = []
        for place, one in rows:
            loss = price * one.cost - per * one.value
            if loss >= 0:
                break
            gains.append((loss, one.cost, place))
        limit = shelf.limits[rows[0][1].feed]
        if len(gains) > limit:
            gains.sort()
        own = [place for _, _, place in gains[:limit]]
        places += own
        value += sum([items[place].value for place in own])
        cost += sum([items[place].cost for place in own])
    return _Choice(frozenset(places), value, cost)


def _improve(shelf: _Shelf, low: _Choice, high: _Choice, room: int) -> Iterator[_Choice]:
    """Choices that use what time is left: the best item alone; either of the two, whole or less one, filled by density.

    To give up an item that is worth `gain` more than its time costs that at least: those too dear are not tried.
    """
    price, per = high.value - low.value, high.cost - low.cost
    most = low.value * per + (room - low.cost) * price
    tried = _fill(shelf, low, room)
    best = tried.value
    yield tried
    fitting = [(one.value, -one.cost, -place) for place, one in shelf.items.items() if one.cost <= room]
    if fitting:
        value, cost, place = max(fitting)
        yield _Choice(frozenset([-place]), value, -cost)
    for base in (low, high):
        for gain, place in nsmallest(_TRIES, _list_gains(shelf, base.places, price, per)):
            if most - gain <= best * per:
                break
            one = shelf.items[place]
            rest = _Choice(base.places - {place}, base.value - one.value, base.cost - one.cost)
            if rest.cost <= room:
                tried = _fill(shelf, rest, room, without=place)
                best = max(best, tried.value)
                yield tried


def _list_gains(shelf: _Shelf, places: frozenset[int], price: int, per: int) -> Iterator[tuple[int, int]]:
    """What each of the places is worth more than its time, less what could take its place in a crowded feed."""
    others = {
        rows[0][1].feed: max(
            [0, *(per * one.value - price * one.cost for place, one in rows if place not in places)],
        )
        for rows in shelf.crowded
    }
    for place in places:
        one = shelf.items[place]
        yield per * one.value - price * one.cost - others.get(one.feed, 0), place


def _fill(shelf: _Shelf, base: _Choice, room: int, *, without: int = -1) -> _Choice:
    """The same with what else fits, the densest first."""
    items, left, value = shelf.items, room - base.cost, base.value
    counts = Counter(items[place].feed for place in base.places)
    added = []
    for place, least in zip(shelf.order, shelf.least, strict=True):
        if left < least:
            break
        one = items[place]
        if (
            one.cost <= left
            and place not in base.places
            and place != without
            and counts[one.feed] < shelf.limits[one.feed]
        ):
            counts[one.feed] += 1
            added.append(place)
            left -= one.cost
            value += one.value
    return _Choice(base.places.union(added), value, room - left)
