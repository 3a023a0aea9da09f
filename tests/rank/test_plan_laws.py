"""Laws of plans: within the budget, nothing twice, nothing lost, pins while they fit, more time never worse."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from make import NOW, make_source, make_story
from veille.model import Contribution, Ranked, Score
from veille.rank.catchup import Backlog, spread
from veille.rank.plan import SessionPlan, plan_session
from veille.settings import SessionSettings

DAY = timedelta(days=1)


class Case(NamedTuple):
    """Candidates with their costs, how they are planned, and what days away have left."""

    ranked: list[Ranked]
    settings: SessionSettings
    costs: dict[int, float]
    later: set[int]
    backlog: Backlog | None

    def plan(self, **fields: Any) -> SessionPlan:
        return plan_session(
            self.ranked, replace(self.settings, **fields), self.costs, later=self.later, backlog=self.backlog
        )


@st.composite
def cases(draw: st.DrawFn, *, aside: bool = True) -> Case:
    """Any day; without `aside` nothing is pinned, kept for later, for a group, for discovery or for a day."""
    ranked = [
        Ranked(
            story=make_story(make_source(number, feed_id=draw(st.integers(1, 3)), published_at=NOW - draw(ages) * DAY)),
            score=Score((Contribution(reason="x", points=draw(points), rule=group and "r", group=group or ""),)),
            pinned_by="p" if aside and draw(st.integers(0, 4)) == 0 else "",
        )
        for number in draw(st.lists(st.integers(1, 30), max_size=14, unique=True))
        for group in [draw(st.sampled_from([None, "a", "b"]))]
    ]
    ranked += ranked[: draw(st.integers(0, 2))]  # the same story again
    spans = st.integers(0, 40).map(lambda seconds: timedelta(seconds=seconds))
    settings = SessionSettings(
        budget=draw(spans),
        reserve=draw(st.dictionaries(st.sampled_from(["a", "b", "c"]), spans)) if aside else {},
        discovery=draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])) if aside else 0.0,
        per_feed=draw(st.integers(0, 4)),
    )
    return Case(
        ranked=ranked,
        settings=settings,
        costs={number: draw(costs) for number in range(1, 31)},
        later=draw(st.sets(st.integers(1, 30), max_size=3)) if aside else set(),
        backlog=spread(ranked, now=NOW, window=DAY) if aside and draw(st.booleans()) else None,
    )


ages = st.integers(0, 5)
points = st.sampled_from([-2.0, 0.0, 0.001, 0.3, 1.0, 2.5, 7.0])
costs = st.one_of(st.integers(1, 20).map(float), st.floats(0.5, 20))


def ids(plan: SessionPlan) -> list[int]:
    return [slot.ranked.story.id for slot in plan.slots]


def list_over(plan: SessionPlan, limit: int) -> Iterator[tuple[int, list[float]]]:
    """The feeds that have more than their limit, beside what is pinned or put off, with the least that takes."""
    for feed in {slot.ranked.story.lead.feed_id for slot in plan.slots} if limit else ():
        own = [slot for slot in plan.slots if slot.ranked.story.lead.feed_id == feed]
        chosen = sorted(slot.seconds for slot in own if slot.why not in ("pin", "later"))
        more = len(chosen) - max(0, limit - (len(own) - len(chosen)))
        if more > 0:
            yield feed, chosen[:more]


@given(cases())
def test_a_plan_is_never_over_its_budget_and_tells_what_it_takes(case: Case) -> None:
    plan = case.plan()
    assert plan.seconds <= case.settings.budget.total_seconds()
    assert abs(sum(slot.seconds for slot in plan.slots) - plan.seconds) < 1e-6
    assert all(slot.seconds >= case.costs[slot.ranked.story.id] - 1e-9 for slot in plan.slots)


@given(cases())
def test_every_story_is_once_in_the_slots_the_tail_or_let_go(case: Case) -> None:
    plan = case.plan()
    placed = [*ids(plan), *(one.story.id for one in (*plan.tail, *plan.crowded, *plan.let_go))]
    assert sorted(placed) == sorted({one.story.id for one in case.ranked})


@given(cases())
def test_the_same_candidates_give_the_same_plan(case: Case) -> None:
    assert case.plan() == case.plan()


@given(cases())
def test_pins_are_in_by_rank_while_they_fit(case: Case) -> None:
    left = case.settings.budget.total_seconds()
    first: dict[int, Ranked] = {}
    for one in case.ranked:
        first.setdefault(one.story.id, one)
    plan = case.plan()
    taken = {slot.ranked.story.id: slot for slot in plan.slots if slot.why == "pin"}
    for number, one in first.items():
        if not one.pinned_by:
            assert number not in taken
        elif number in taken:
            left -= taken[number].seconds
        else:
            assert case.costs[number] > left - 0.001


@given(cases())
def test_nothing_is_chosen_for_discovery_when_all_fits(case: Case) -> None:
    plan = case.plan(budget=timedelta(seconds=sum(case.costs.values()) + 1))
    assert "discovery" not in {slot.why for slot in plan.slots}


@given(cases())
def test_beyond_the_limit_of_its_feed_goes_only_what_takes_time_that_no_other_could_use(case: Case) -> None:
    plan = case.plan()
    over = dict(list_over(plan, case.settings.per_feed))
    left = case.settings.budget.total_seconds() - plan.seconds + sum(map(sum, over.values()))
    counts = Counter(slot.ranked.story.lead.feed_id for slot in plan.slots)
    able = [one for one in (*plan.tail, *plan.let_go) if one.score.total > 0 and not one.pinned_by]
    if over:
        free = [one for one in able if counts[one.story.lead.feed_id] < case.settings.per_feed]
        assert all(case.costs[one.story.id] > left - 0.001 for one in free)


@given(cases())
def test_the_limit_of_a_feed_leaves_no_time_empty(case: Case) -> None:
    plan = case.plan()
    left = case.settings.budget.total_seconds() - plan.seconds
    counts = Counter(slot.ranked.story.lead.feed_id for slot in plan.slots)
    out = [one for one in (*plan.tail, *plan.crowded, *plan.let_go) if one.score.total >= 0]
    full = [one for one in out if 0 < case.settings.per_feed <= counts[one.story.lead.feed_id]]
    assert all(case.costs[one.story.id] > left - 0.001 for one in full)


@given(cases())
def test_what_the_limit_leaves_out_is_of_a_feed_that_keeps_to_it(case: Case) -> None:
    plan, limit = case.plan(), case.settings.per_feed
    counts = Counter(slot.ranked.story.lead.feed_id for slot in plan.slots)
    over = dict(list_over(plan, limit))
    assert all(0 < limit <= counts[one.story.lead.feed_id] for one in plan.crowded)
    assert not {one.story.lead.feed_id for one in plan.crowded} & over.keys()


@given(cases())
def test_what_has_no_points_displaces_nothing(case: Case) -> None:
    plan = case.plan()
    poor = [slot for slot in plan.slots if slot.why not in ("pin", "later") and slot.ranked.score.total <= 0]
    assert all(slot.ranked.score.total == 0 for slot in poor)
    rich = case._replace(ranked=[one for one in case.ranked if one not in [slot.ranked for slot in poor]])
    if case.backlog is None and len({one.story.id for one in case.ranked}) == len(case.ranked):
        kept = [slot for slot in plan.slots if slot not in poor]
        assert {slot.ranked.story.id for slot in rich.plan().slots} >= {slot.ranked.story.id for slot in kept}


@given(cases(aside=False), st.integers(0, 60), st.integers(0, 60))
def test_more_time_never_lowers_the_points(case: Case, seconds: int, more: int) -> None:
    short = case.plan(budget=timedelta(seconds=seconds))
    long = case.plan(budget=timedelta(seconds=seconds + more))
    # What is taken up beyond the limit of a feed gives way where there is time for what keeps to it.
    if not dict(list_over(short, case.settings.per_feed)):
        assert long.points >= short.points - 1e-5


@given(cases(aside=False), st.integers(0, 30), st.integers(0, 30))
def test_more_time_never_lowers_the_points_beside_reserves_that_fit(case: Case, seconds: int, more: int) -> None:
    reserve = {"a": timedelta(seconds=12), "b": timedelta(seconds=8)}
    short = case.plan(budget=timedelta(seconds=20 + seconds), reserve=reserve)
    long = case.plan(budget=timedelta(seconds=20 + seconds + more), reserve=reserve)
    # What is taken up beyond the limit of a feed gives way where there is time for what keeps to it.
    if not dict(list_over(short, case.settings.per_feed)):
        assert long.points >= short.points - 1e-5


@given(cases(), st.integers(0, 30))
def test_more_time_never_loses_a_pin_to_a_lower_one(case: Case, more: int) -> None:
    def list_pins(plan: SessionPlan) -> list[bool]:
        taken = {slot.ranked.story.id for slot in plan.slots if slot.why == "pin"}
        return [one.story.id in taken for one in case.ranked]

    assert list_pins(case.plan(budget=case.settings.budget + timedelta(seconds=more))) >= list_pins(case.plan())
