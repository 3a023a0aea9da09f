"""How an issue is laid out: ranked stories in, the same in rubrics and in the order that is wanted out. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from veille.rank.budget import minutes_of
from veille.rank.listing import group_of
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from veille.digestconfig import Order, Rubrics
    from veille.model import Ranked

# Bars of a chart: more are not told apart.
_MOST_BARS = 10


def lay_out_rubrics(
    ranked: Sequence[Ranked], *, by: Rubrics, order: Order, tags: Mapping[int, Sequence[str]]
) -> list[tuple[str, list[Ranked]]]:
    """Stories, the best first, under headings: that of the best story first; those of no rubric last, under "".

    A story of several tags is under the first. `tags` are those of stories, by id.
    """
    rubrics: dict[str, list[Ranked]] = {}
    for one in ranked:
        rubrics.setdefault(clean_line(_HEADINGS[by](one, tags)), []).append(one)
    headings = sorted(rubrics, key=lambda heading: not heading)
    return [(heading, _ORDERS[order](rubrics[heading])) for heading in headings]


def count_outlets(ranked: Iterable[Ranked]) -> tuple[tuple[str, int], ...]:
    """How many stories each outlet leads, most first."""
    return _top(Counter(clean_line(one.story.lead.feed) for one in ranked))


def count_groups(ranked: Iterable[Ranked]) -> tuple[tuple[str, int], ...]:
    """How many stories each group of rules lifts most."""
    return _top(Counter(group for one in ranked if (group := clean_line(group_of(one)))))


def add_minutes(rubrics: Iterable[tuple[str, Iterable[Ranked]]]) -> tuple[tuple[str, int], ...]:
    """The reading time of what is given in full, by rubric; by outlet, where there are no rubrics."""
    rows = list(rubrics)
    named = any(heading for heading, _ in rows)
    minutes: Counter[str] = Counter()
    for heading, row in rows:
        for one in row:
            minutes[heading if named else clean_line(one.story.lead.feed)] += minutes_of(one)
    minutes.pop("", None)
    return _top(minutes)


def _top(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    """The highest, equals by the alphabet: the order never depends on chance."""
    return tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_BARS])


def _begin(name: str) -> str:
    """A name of rules.toml as a heading begins."""
    return name[:1].upper() + name[1:]


_HEADINGS: Mapping[Rubrics, Callable[[Ranked, Mapping[int, Sequence[str]]], str]] = {
    "none": lambda _one, _tags: "",
    "group": lambda one, _tags: _begin(clean_line(group_of(one))),
    "folder": lambda one, _tags: one.story.lead.folder.replace("\u2215", "/"),
    "tag": lambda one, tags: next(iter(tags.get(one.story.id, ())), ""),
}
_ORDERS: Mapping[Order, Callable[[list[Ranked]], list[Ranked]]] = {
    "score": list,
    "date": lambda row: sorted(row, key=lambda one: one.story.lead.published_at, reverse=True),
    "outlet": lambda row: sorted(row, key=lambda one: clean_line(one.story.lead.feed).casefold()),
}
