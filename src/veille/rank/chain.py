"""What holds two headlines of one story together: the strongest chain between them, and the body of the story.

Headlines and the rarity of their words in, a bond out: for a person who asks, not for folding itself, which looks at
averages of whole groups. Two titles that share nothing are in one story because of others.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from veille.rank.evidence import judge_pair
from veille.rank.likeness import weigh
from veille.rank.wording import read_wording
from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from veille.model import Headline
    from veille.rank.window import Rarity

# Of a large story, the entries nearest to the two.
_MOST_LINKS = 120
# A chain whose weakest link is nearly as strong is better when it is shorter: it is to be read.
_NEARLY = 0.9
# Links that say nothing.
_LEAST_LINK = 0.05
_TITLE_WIDTH = 60

_Links = dict[int, dict[int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """How two entries of one story hold together.

    `through` are the entries between them, `links` how far each agrees with the next (0-1), from the one to the other;
    no links when no chain holds them. `bodies` are how far the one and the other agree with the `others` entries of
    the story on average.
    """

    through: tuple[Headline, ...]
    links: tuple[float, ...]
    bodies: tuple[float, float]
    others: int

    def tell(self) -> Iterable[str]:
        """Its parts of the line."""
        if self.through:
            names = " and ".join(f"{one.entry_id}{_quote(one)}" for one in self.through)
            yield f"brought together by {names} ({', '.join(f'{link:.2f}' for link in self.links)})"
        elif not self.links:
            yield "no title of the story joins them"
        if self.others:
            rest = "the other entry" if self.others == 1 else f"the {self.others} others"
            yield f"agreement with {rest} of the story {self.bodies[0]:.2f} and {self.bodies[1]:.2f}"


def find_bond(one: Headline, other: Headline, members: Sequence[Headline], rarity: Rarity) -> Bond:
    """What holds two of the members of a story together."""
    rest = [member for member in members if member.entry_id not in (one.entry_id, other.entry_id)]
    to_one, to_other = (_judge([end], rest, rarity)[end.entry_id] for end in (one, other))
    nearest = sorted(rest, key=lambda m: (-max(to_one[m.entry_id], to_other[m.entry_id]), m.entry_id))[:_MOST_LINKS]
    row = [one, other, *nearest]
    path = _find_path(one.entry_id, other.entry_id, _link(row, rarity))
    by_id = {headline.entry_id: headline for headline in row}
    return Bond(
        through=tuple(by_id[entry_id] for entry_id, _ in path[:-1]),
        links=tuple(link for _, link in path),
        bodies=(_average(to_one.values()), _average(to_other.values())),
        others=len(rest),
    )


def compare_bodies(some: Sequence[Headline], others: Sequence[Headline], rarity: Rarity) -> float:
    """How far the headlines of two stories agree on average; of large ones, the first."""
    links = _judge(some[:_MOST_LINKS], others[:_MOST_LINKS], rarity)
    return _average([link for row in links.values() for link in row.values()])


def _judge(some: Sequence[Headline], others: Sequence[Headline], rarity: Rarity) -> _Links:
    """How far each of some agrees with each of others."""
    profiles = {one.entry_id: weigh(read_wording(one.title, one.summary), rarity) for one in (*some, *others)}
    links: _Links = {one.entry_id: {} for one in some}
    for a, b in product(some, others):
        links[a.entry_id][b.entry_id] = (
            1.0 if a.page == b.page != "" else judge_pair(a, b, profiles[a.entry_id], profiles[b.entry_id])
        )
    return links


def _link(row: Sequence[Headline], rarity: Rarity) -> _Links:
    """The links between any two that say something."""
    found = _judge(row, row, rarity)
    links: _Links = {one.entry_id: {} for one in row}
    for a, b in combinations([one.entry_id for one in row], 2):
        if found[a][b] >= _LEAST_LINK:
            links[a][b] = links[b][a] = found[a][b]
    return links


def _find_path(start: int, goal: int, links: _Links) -> list[tuple[int, float]]:
    """The steps of the chain whose weakest link is the strongest, or nearly so in fewer steps; none without a chain."""
    least = _NEARLY * _measure_widest(start, goal, links)
    if not least:
        return []
    came: dict[int, int] = {start: start}
    for place in (waiting := [start]):
        for after, link in sorted(links[place].items(), key=lambda step: (-step[1], step[0])):
            if link >= least and after not in came:
                came[after] = place
                waiting.append(after)
    path, at = [], goal
    while at != start:
        path.append((at, links[came[at]][at]))
        at = came[at]
    return path[::-1]


def _measure_widest(start: int, goal: int, links: _Links) -> float:
    """The weakest link of the best chain, 0 without any."""
    widths, done = {start: 1.0}, set[int]()
    while waiting := widths.keys() - done:
        place = max(waiting, key=lambda one: (widths[one], -one))
        if place == goal:
            return widths[place]
        done.add(place)
        for after, link in links[place].items():
            widths[after] = max(widths.get(after, 0.0), min(widths[place], link))
    return 0.0


def _average(links: Iterable[float]) -> float:
    row = list(links)
    return sum(row) / len(row) if row else 0.0


def _quote(headline: Headline) -> str:
    title = shorten(clean_line(headline.title), _TITLE_WIDTH)
    return f" “{title}”" if title else ""
