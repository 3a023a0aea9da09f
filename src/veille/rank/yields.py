"""What a session's time brings: stories, rules and seconds in; what was kept, by feed, rule and group, out. Pure.

Rules are those of today: time was given to stories, and stories are what rules speak of.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from veille.rank.hits import find_rules, index_hits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from veille.model import Story
    from veille.rank.hits import Hits
    from veille.rank.score import Desk


class Given(NamedTuple):
    """The time given to a story, and how often it was opened in the browser."""

    story_id: int
    seconds: float
    opened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a session stands: seconds gone and left, the share (0-1) of the plan's points done, stories to do.

    `late` when these take longer than there is.
    """

    elapsed: float
    left: float
    share: float
    stories_left: int
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """What time has brought in one place: stories seen, starred, noted, picked for the press review, opened.

    `kept` counts stories with a star, a note or a place in the press review, each once. The name of what no rule or
    group knows is "".
    """

    name: str
    seconds: float
    stories: int
    kept: int
    starred: int
    noted: int
    picked: int
    opened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The same time by feed, by rule and by group, the most of it first. A story of two rules counts for both."""

    total: Yield
    feeds: Sequence[Yield]
    rules: Sequence[Yield]
    groups: Sequence[Yield]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The books of a period. `seconds` is what the clocks of its sessions say, between two stories too.

    `streak` is how many days in a row, up to today or yesterday, had a session; `speeds` are words a minute learned,
    by language.
    """

    since: datetime
    sessions: int
    seconds: float
    shares: Shares
    streak: int
    speeds: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of a session; `rules` is what its time brought by rule, `hint` a command to type next.

    `trouble` says why there are no rules: rules.toml is wrong.
    """

    minutes: int
    budget_minutes: int
    read: int
    starred: int
    noted: int
    killed: int
    later: int
    picked: int
    opened: int
    tagged: int
    share: float
    stories_left: int
    rules: Sequence[Yield]
    hint: str
    trouble: str = ""


def share_out(stories: Sequence[Story], desk: Desk, given: Iterable[Given]) -> Shares:
    """What the time given to stories has brought; of a story that is gone, the time alone counts, in the total."""
    by_id = {one.story_id: one for one in given}
    hits = index_hits(desk.rules, desk.matches)
    feeds, rules, groups = (defaultdict[str, list["Story"]](list) for _ in range(3))
    for story in stories:
        feeds[story.lead.feed].append(story)
        named, grouped = _name_rules(story, (hits["boost"], hits["pin"], hits["note"]))
        for name in named:
            rules[name].append(story)
        for name in grouped:
            groups[name].append(story)
    return Shares(
        total=_add_up("", stories, list(by_id.values())),
        feeds=_sort_out(feeds, by_id),
        rules=_sort_out(rules, by_id),
        groups=_sort_out(groups, by_id),
    )


def count_streak(days: Iterable[date], *, today: date) -> int:
    """How many days in a row had a session, up to today; or to yesterday, as today is not over."""
    had = set(days)
    day = today if today in had else today - timedelta(days=1)
    streak = 0
    while day in had:
        streak, day = streak + 1, day - timedelta(days=1)
    return streak


def _name_rules(story: Story, hits: Iterable[Hits]) -> tuple[set[str], set[str]]:
    """The rules that speak of a story, and their groups; "" where there is none."""
    found = [rule for one in hits for rule, _ in find_rules(story, one)]
    return {rule.name for rule in found} or {""}, {rule.group for rule in found} or {""}


def _sort_out(table: Mapping[str, Sequence[Story]], given: Mapping[int, Given]) -> list[Yield]:
    found = [_add_up(name, row, [given[story.id] for story in row if story.id in given]) for name, row in table.items()]
    return sorted(found, key=lambda one: (-one.seconds, one.name))


def _add_up(name: str, stories: Sequence[Story], given: Sequence[Given]) -> Yield:
    return Yield(
        name=name,
        seconds=sum(one.seconds for one in given),
        stories=len(given),
        kept=sum(story.starred or bool(story.note) or story.picked for story in stories),
        starred=sum(story.starred for story in stories),
        noted=sum(bool(story.note) for story in stories),
        picked=sum(story.picked for story in stories),
        opened=sum(one.opened > 0 for one in given),
    )
