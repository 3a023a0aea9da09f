"""Which items agree with one another: average linkage, then a cut where a whole is no longer coherent.

Agreements of pairs (0-1, 0 where none is given) and the weight of each item in, groups out. An item may
be a headline, a crowd of copies or a story that stands: its weight is the number of its entries. Knows
nothing of words.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Two groups join when their members agree by this much on average, more when both are several: what two bodies of
# headlines share is often a theme, and joining them wrongly costs most ...
LEAST_LINK, LEAST_LINK_OF_BODIES, BODY = 0.2, 0.35, 3
# ... or when one stands: what joins it cannot be cut off again.
LEAST_LINK_STANDING = 0.28
# ... and the whole is kept when the agreement of all its pairs is at least this for two entries, for three, for four
# or five, for more: a few headlines that half agree share a theme, many that do tell an event with its follow-ups.
# Each in proportion to that of three, which is a setting.
_LEAST_COHESION = ((2, 1.1), (3, 1.0), (5, 0.65))
_LEAST_COHESION_OF_MANY = 0.72
# What one feed alone tells several times is more often its theme or its series than an event.
_OF_ONE_FEED = 1.5
# The agreement of the pairs inside an item that is several entries already.
_SETTLED = 0.6


_NONE: frozenset[int] = frozenset()


class Item(NamedTuple):
    """What is linked: how many entries it is, when the first and the last were published (hours).

    `story` is that of a known one, from which nothing can be taken again; 0 for what is new. `feed` is 0 where there
    are several.
    """

    weight: int
    first: float
    last: float
    story: int = 0
    feed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What groups keep to: no longer than `hours`; `cohesion` (0-1) of small ones; pairs of stories `apart`."""

    hours: float
    cohesion: float
    apart: frozenset[tuple[int, int]] = frozenset()


@dataclass(slots=True)
class _Node:
    """A group in the making. `inside` is the sum of the agreements of its pairs of entries."""

    parts: tuple[_Node, _Node] | None
    members: list[int]
    weight: int
    inside: float
    first: float
    last: float
    stories: frozenset[int]
    feed: int


def group_items(items: Sequence[Item], agreements: Mapping[tuple[int, int], float], terms: Terms) -> list[list[int]]:
    """Groups of items, each sorted, by their first item."""
    # An average is no more than its largest part: what agrees with nobody by the least that links stays alone.
    linked = {at for pair, agreement in agreements.items() if agreement >= LEAST_LINK for at in pair}
    groups = [[at] for at in range(len(items)) if at not in linked]
    waiting = _link({at: items[at] for at in linked}, agreements, terms)
    while waiting:
        node = waiting.pop()
        if node.parts is None or _is_coherent(node, terms.cohesion):
            groups.append(sorted(node.members))
        else:
            waiting.extend(node.parts)
    return sorted(groups)


def _is_coherent(node: _Node, cohesion: float) -> bool:
    share = next((share for most, share in _LEAST_COHESION if node.weight <= most), _LEAST_COHESION_OF_MANY)
    if node.feed:
        share *= _OF_ONE_FEED
    return node.inside >= cohesion * share * node.weight * (node.weight - 1) / 2


def _link(items: Mapping[int, Item], agreements: Mapping[tuple[int, int], float], terms: Terms) -> list[_Node]:
    nodes = {at: _make_node(at, item) for at, item in items.items()}
    near: dict[int, dict[int, float]] = {at: {} for at in items}
    alive = set(items)
    heap = []
    for (a, b), agreement in agreements.items():
        if a not in alive or b not in alive:
            continue
        near[a][b] = near[b][a] = agreement * items[a].weight * items[b].weight
        if agreement >= LEAST_LINK and agreement >= _least_link(nodes[a], nodes[b]):
            heap.append((-agreement, a, b, nodes[a].weight, nodes[b].weight))
    heapq.heapify(heap)
    while heap:
        _, a, b, weight_a, weight_b = heapq.heappop(heap)
        if a not in alive or b not in alive or nodes[a].weight != weight_a or nodes[b].weight != weight_b:
            continue
        if not _may_join(nodes[a], nodes[b], terms):
            continue
        a, b = min(a, b), max(a, b)
        alive.remove(b)
        nodes[a] = _join(nodes[a], nodes[b], near[a].get(b, 0.0))
        for other in _merge_rows(near, a, b):
            link = near[a][other] / (nodes[a].weight * nodes[other].weight)
            if link >= _least_link(nodes[a], nodes[other]):
                one, two = min(a, other), max(a, other)
                heapq.heappush(heap, (-link, one, two, nodes[one].weight, nodes[two].weight))
    return [nodes[at] for at in alive]


def _make_node(at: int, item: Item) -> _Node:
    inside = _SETTLED * item.weight * (item.weight - 1) / 2
    stories = frozenset((item.story,)) if item.story else _NONE
    return _Node(None, [at], item.weight, inside, item.first, item.last, stories, item.feed)


def _may_join(a: _Node, b: _Node, terms: Terms) -> bool:
    """Whether two groups may be one: in time, and where the user has not set two stories apart."""
    if max(a.last, b.last) - min(a.first, b.first) > terms.hours:
        return False
    pairs = ((min(x, y), max(x, y)) for x in a.stories for y in b.stories)
    return not any(pair in terms.apart for pair in pairs)


def _least_link(a: _Node, b: _Node) -> float:
    if min(a.weight, b.weight) >= BODY or (a.stories and b.stories):
        return LEAST_LINK_OF_BODIES
    return LEAST_LINK_STANDING if a.stories or b.stories else LEAST_LINK


def _join(a: _Node, b: _Node, between: float) -> _Node:
    return _Node(
        (a, b), a.members + b.members, a.weight + b.weight, a.inside + b.inside + between,
        min(a.first, b.first), max(a.last, b.last), a.stories | b.stories,
        a.feed if a.feed == b.feed else 0,
    )  # fmt: skip


def _merge_rows(near: dict[int, dict[int, float]], a: int, b: int) -> list[int]:
    """Move the agreements of `b` to `a`; whom `a` now agrees with."""
    row, gone = near[a], near[b]
    row.pop(b, None)
    gone.pop(a, None)
    for other, agreement in gone.items():
        row[other] = row.get(other, 0.0) + agreement
        near[other].pop(b)
    for other, agreement in row.items():
        near[other][a] = agreement
    near[b] = {}
    return list(row)
