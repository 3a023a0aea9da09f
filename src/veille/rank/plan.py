"""The plan of a session: ranked stories, what each takes and the time there is in; what to read, in order, out. Pure.

Who chooses, one after the other, each with what is left of the time:

1. pins, then what was kept for later, by rank: in while they fit, whatever their points or their feed
2. each reserve, in the order of config.toml: the best of its group, in the time kept for it
3. discovery: the best of what no rule knows, in its share of the time that is planned, which may be far less than there
   is; nothing when no rule knows anything, or when 4 and 5 alone bring as much of it, or all there is
4. after days away, each day of the backlog, in its share (`catchup`)
5. the pot, with all that was not used: the best of the rest
6. if there is time still: the best of what the limit of its feed left out, then what has no points, by rank. What has
   less is never planned

A pin takes its time even where others have more points; apart from pins and reserves the choice is the one with most
points (`packing`). Of one feed there are `per_feed` at most, pins included, unless time would stay empty. What is not
chosen is the tail, what the limit left out of it apart; of the backlog, which no later plan looks at again, it is let
go, but for what was kept for later.

It is read in the order of `reading_order`.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.errors import UsageError
from veille.rank.fairness import in_grains
from veille.rank.packing import Item, pack
from veille.rank.reading_order import order_slots
from veille.text import clean_line, fold
from veille.times import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from veille.model import Ranked
    from veille.rank.catchup import Backlog
    from veille.settings import SessionSettings

LEAST_BUDGET, MOST_BUDGET = timedelta(minutes=1), timedelta(hours=24)
# Costs are compared in whole milliseconds.
_MILLISECOND = timedelta(milliseconds=1)
_THOUSAND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A story with its time. `why`: pin, later, reserve:NAME, discovery, catch-up or score."""

    ranked: Ranked
    seconds: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """The time kept for a group and what was used of it, in seconds; the rest went back to the pot.

    `left` is what there was of it when its turn came; `is_short` that less of the group came in for want of the rest.
    """

    name: str
    seconds: float
    used: float
    left: float = 0.0
    is_short: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """What to read in this order; by rank what did not fit, what is beyond the limit of its feed, and what is let go.

    Each story is in one of them.
    """

    slots: tuple[Slot, ...]
    tail: tuple[Ranked, ...]
    crowded: tuple[Ranked, ...] = ()
    let_go: tuple[Ranked, ...]
    budget: timedelta
    seconds: float
    reserves: tuple[Reserve, ...] = ()

    @property
    def points(self) -> float:
        """The points of all that is planned."""
        return sum(slot.ranked.score.total for slot in self.slots)


def read_budget(text: str) -> timedelta:
    """A budget as typed: a duration from a minute to a day. Raises UsageError for anything else."""
    budget = parse_duration(text)
    if not LEAST_BUDGET <= budget <= MOST_BUDGET:
        shown = clean_line(text)
        raise UsageError(f"a session of “{shown}” is too long or too short: write one of 1m to 24h, such as 1h45")
    return budget


def plan_session(
    ranked: Sequence[Ranked],
    settings: SessionSettings,
    costs: Mapping[int, float],
    *,
    later: AbstractSet[int] = frozenset(),
    backlog: Backlog | None = None,
) -> SessionPlan:
    """What to read within `settings.budget`: never more than it holds, and no story twice.

    `ranked` are the candidates, best first, `costs` the seconds of each by its id; `later` the ids of those kept for
    this session; `backlog` is what days away have left.
    """
    draft = _Draft.of(ranked, settings, costs, values=backlog.values if backlog else {})
    draft.add("pin", [one for one in draft.ranked if one.pinned_by])
    draft.add("later", [one for one in draft.ranked if one.story.id in later])
    reserves = [_fill_reserve(draft, name, span) for name, span in settings.reserve.items()]
    draft = _choose_rest(draft, backlog, discovery=settings.discovery)
    # What is pinned or kept for later no limit leaves out.
    crowded = {one.story.id for one in _fill_up(draft) if not one.pinned_by} - later
    return _finish(draft, settings, reserves, crowded, old=backlog.values.keys() - later if backlog else frozenset())


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A plan in the making. Times are whole milliseconds, points whole millionths, stories go by their ids."""

    ranked: list[Ranked]
    per_feed: int
    budget: int
    left: int
    costs: dict[int, int]
    worths: dict[int, int]
    why: dict[int, str] = field(default_factory=dict)
    feeds: Counter[int] = field(default_factory=Counter)

    @property
    def full(self) -> set[int]:
        """The feeds that have as many stories as they may."""
        return {feed for feed, number in self.feeds.items() if 0 < self.per_feed <= number}

    @classmethod
    def of(
        cls,
        ranked: Sequence[Ranked],
        settings: SessionSettings,
        costs: Mapping[int, float],
        *,
        values: Mapping[int, float],
    ) -> _Draft:
        """Nothing chosen yet; a story that comes twice counts once."""
        once: dict[int, Ranked] = {}
        for one in ranked:
            once.setdefault(one.story.id, one)
        budget = settings.budget // _MILLISECOND
        return cls(
            ranked=list(once.values()),
            per_feed=settings.per_feed,
            budget=budget,
            left=budget,
            costs={number: max(1, math.ceil(costs[number] * _THOUSAND)) for number in once},
            worths={number: in_grains(values.get(number, one.score.total)) for number, one in once.items()},
        )

    def add(self, why: str, stories: Iterable[Ranked], *, limited: bool = False) -> None:
        """What fits, one after the other."""
        for one in stories:
            number, feed = one.story.id, one.story.lead.feed_id
            is_full = limited and 0 < self.per_feed <= self.feeds[feed]
            if number not in self.why and self.costs[number] <= self.left and not is_full:
                self._take(one, why)

    def choose(self, why: str, stories: Iterable[Ranked], room: int, *, limited: bool = True) -> int:
        """The best choice that fits in `room`; what it takes."""
        able = [one for one in stories if self.worths[one.story.id] > 0 and one.story.id not in self.why]
        items = [Item(self.worths[one.story.id], self.costs[one.story.id], one.story.lead.feed_id) for one in able]
        before = self.left
        per_feed = self.per_feed if limited else 0
        for place in pack(items, min(room, self.left), per_feed=per_feed, taken=self.feeds):
            self._take(able[place], why)
        return before - self.left

    def fork(self) -> _Draft:
        """The same, to go on with apart."""
        return replace(self, why=dict(self.why), feeds=Counter(self.feeds))

    def _take(self, one: Ranked, why: str) -> None:
        self.why[one.story.id] = why
        self.feeds[one.story.lead.feed_id] += 1
        self.left -= self.costs[one.story.id]


def _fill_reserve(draft: _Draft, name: str, span: timedelta) -> Reserve:
    group = fold(name)
    own = [
        one for one in draft.ranked if any(group == fold(part.group) for part in one.score.contributions if part.group)
    ]
    room = span // _MILLISECOND
    left = min(room, draft.left)
    used = draft.choose(f"reserve:{name}", own, room)
    out = [one.story.id for one in own if one.story.id not in draft.why and one.story.lead.feed_id not in draft.full]
    short = left < room and any(draft.worths[number] > 0 and draft.costs[number] <= room - used for number in out)
    return Reserve(name=name, seconds=room / _THOUSAND, used=used / _THOUSAND, left=left / _THOUSAND, is_short=short)


def _choose_rest(draft: _Draft, backlog: Backlog | None, *, discovery: float) -> _Draft:
    """What pins, later and reserves leave, with so much for what no rule knows where the points bring less of it."""
    plain = draft.fork()
    _choose_by_points(plain, backlog)
    unknown = [one for one in draft.ranked if not _is_known(one)]
    room = int(discovery * (plain.budget - plain.left))
    found = sum(plain.costs[one.story.id] for one in unknown if plain.why.get(one.story.id, "later") != "later")
    out = [number for number, worth in plain.worths.items() if worth > 0 and number not in plain.why]
    if len(unknown) == len(draft.ranked) or found >= room or sum(map(plain.costs.__getitem__, out)) <= plain.left:
        return plain
    draft.choose("discovery", unknown, room)
    _choose_by_points(draft, backlog)
    for number, why in draft.why.items():
        if why == "discovery":
            # What its points bring in anyway is read at its rank.
            draft.why[number] = plain.why.get(number, why)
    return draft


def _choose_by_points(draft: _Draft, backlog: Backlog | None) -> None:
    """The days of the backlog, each in its share, then the best of all."""
    rest = draft.left
    for day in backlog.days if backlog else ():
        own = [one for one in draft.ranked if one.story.id in day.stories]
        draft.choose("catch-up", own, int(day.share * rest))
    draft.choose("score", draft.ranked, draft.left)


def _fill_up(draft: _Draft) -> list[Ranked]:
    """Use what time is left, beyond the limit of a feed too; what the limit of its feed still leaves out."""
    full = draft.full
    barred = [
        one
        for one in draft.ranked
        if one.story.lead.feed_id in full
        and draft.worths[one.story.id] > 0
        and one.story.id not in draft.why
        and draft.costs[one.story.id] <= draft.left
    ]
    if barred:
        draft.choose("score", barred, draft.left, limited=False)
        draft.add("score", barred)
    # Age makes nothing of what speaks against a story, too: its own points are asked as well.
    poor = [one for one in draft.ranked if not draft.worths[one.story.id] and one.score.total >= 0]
    draft.add("score", poor, limited=True)
    full |= draft.full
    counts = dict(draft.feeds)
    draft.add("score", poor)
    # Where one more was taken up again it was time that the next lacked.
    lifted = {one.story.lead.feed_id for one in barred if one.story.id in draft.why}
    crowded = {feed for feed in full - lifted if draft.feeds[feed] == counts[feed]}
    return [
        one
        for one in draft.ranked
        if one.story.lead.feed_id in crowded
        and one.story.id not in draft.why
        and one.score.total >= 0
        and draft.costs[one.story.id] <= draft.budget
    ]


def _is_known(one: Ranked) -> bool:
    """Whether a rule has to do with a story."""
    return bool(one.pinned_by or one.notes) or any(part.rule is not None for part in one.score.contributions)


def _finish(
    draft: _Draft,
    settings: SessionSettings,
    reserves: Sequence[Reserve],
    crowded: AbstractSet[int],
    *,
    old: AbstractSet[int],
) -> SessionPlan:
    slots = [
        Slot(ranked=one, seconds=draft.costs[one.story.id] / _THOUSAND, why=why)
        for one in draft.ranked
        if (why := draft.why.get(one.story.id))
    ]
    out = [one for one in draft.ranked if one.story.id not in draft.why]
    return SessionPlan(
        slots=tuple(order_slots(slots, list(settings.reserve))),
        tail=tuple(one for one in out if one.story.id not in old and one.story.id not in crowded),
        crowded=tuple(one for one in out if one.story.id not in old and one.story.id in crowded),
        let_go=tuple(one for one in out if one.story.id in old),
        budget=settings.budget,
        seconds=(draft.budget - draft.left) / _THOUSAND,
        reserves=tuple(reserves),
    )
