"""The plan of a session: who chooses first, what is kept for whom, in which order it is read, what is left."""

from datetime import timedelta
from typing import Any

import pytest

from make import NOW, make_source, make_story
from veille.errors import UsageError
from veille.model import Contribution, Ranked, Score
from veille.rank.catchup import spread
from veille.rank.plan import SessionPlan, plan_session, read_budget
from veille.settings import SessionSettings

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def make_ranked(story_id: int, points: float, **fields: Any) -> Ranked:
    """A story with points, of a feed of its own; `group` names the group of a rule that gave them, `rule` a rule."""
    group, rule = fields.pop("group", ""), fields.pop("rule", None)
    source = make_source(story_id, feed_id=fields.pop("feed_id", story_id), published_at=fields.pop("at", NOW))
    part = Contribution(reason="x", points=points, rule=rule or (group and "r") or None, group=group)
    return Ranked(story=make_story(source), score=Score((part,)), **fields)


def plan(*ranked: Ranked, minutes: float = 10, cost: float = 60, **fields: Any) -> SessionPlan:
    """A plan of stories of one cost, a minute unless told; without discovery and limits unless asked for."""
    aside = {key: fields.pop(key) for key in ("later", "backlog") if key in fields}
    costs = {one.story.id: cost for one in ranked} | fields.pop("costs", {})
    defaults: dict[str, Any] = {"budget": MINUTE * minutes, "discovery": 0.0, "per_feed": 0}
    return plan_session(ranked, SessionSettings(**defaults | fields), costs, **aside)


def why(found: SessionPlan) -> dict[int, str]:
    return {slot.ranked.story.id: slot.why for slot in found.slots}


def ids(stories: tuple[Ranked, ...]) -> list[int]:
    return [one.story.id for one in stories]


def test_the_best_that_fit_are_read_by_rank_and_the_others_are_the_tail() -> None:
    found = plan(make_ranked(1, 5.0), make_ranked(2, 4.0), make_ranked(3, 3.0), minutes=2.5)
    assert (list(why(found)), ids(found.tail), found.let_go) == ([1, 2], [3], ())
    assert (found.seconds, found.points, found.budget) == (120.0, 9.0, MINUTE * 2.5)


def test_two_short_ones_that_are_worth_more_take_the_place_of_a_long_one() -> None:
    found = plan(make_ranked(1, 5.0), make_ranked(2, 4.0), make_ranked(3, 3.0), minutes=2, costs={1: 120})
    assert list(why(found)) == [2, 3]


def test_pins_choose_first_whatever_their_points_then_what_was_kept_for_later() -> None:
    ranked = [make_ranked(1, -2.0, pinned_by="p"), make_ranked(2, 9.0), make_ranked(3, 0.0), make_ranked(4, 8.0)]
    assert why(plan(*ranked, minutes=2, later={3})) == {1: "pin", 3: "later"}
    assert why(plan(*ranked, minutes=3, later={3})) == {1: "pin", 3: "later", 2: "score"}


def test_a_pin_that_does_not_fit_leaves_its_chance_to_the_next() -> None:
    ranked = [make_ranked(1, 1.0, pinned_by="p"), make_ranked(2, 1.0, pinned_by="p"), make_ranked(3, 9.0)]
    assert why(plan(*ranked, minutes=1, costs={1: 90})) == {2: "pin"}


def test_a_reserve_keeps_time_for_its_group_and_what_is_not_used_goes_back() -> None:
    marque = [make_ranked(n, 1.0, group="Marque") for n in (10, 11, 12)]
    others = [make_ranked(n, 5.0) for n in range(1, 9)]
    found = plan(*others, *marque, minutes=4, reserve={"marque": 2 * MINUTE, "concurrents": MINUTE})
    assert why(found) == {10: "reserve:marque", 11: "reserve:marque", 1: "score", 2: "score"}
    assert [(one.name, one.seconds, one.used) for one in found.reserves] == [
        ("marque", 120.0, 120.0),
        ("concurrents", 60.0, 0.0),
    ]


def test_a_story_of_two_groups_serves_the_first_reserve() -> None:
    parts = tuple(Contribution(reason="x", points=1.0, rule=name, group=name) for name in ("b", "a"))
    both = Ranked(story=make_story(id=1), score=Score(parts))
    found = plan(both, make_ranked(2, 1.0, group="b"), reserve={"a": MINUTE, "b": MINUTE})
    assert why(found) == {1: "reserve:a", 2: "reserve:b"}


def test_reserves_are_never_longer_than_the_time_there_is() -> None:
    ranked = [make_ranked(n, 1.0, group="a") for n in range(9)]
    found = plan(*ranked, minutes=3, reserve={"a": 60 * MINUTE, "b": 60 * MINUTE})
    assert found.seconds == 180.0


def test_a_reserve_that_what_comes_before_leaves_too_little_for_is_short() -> None:
    pins = [make_ranked(n, 1.0, pinned_by="p") for n in (1, 2)]
    groups = [make_ranked(3, 1.0, group="a"), make_ranked(4, 1.0, group="b")]
    reserve = {"a": MINUTE, "b": 5 * MINUTE, "c": MINUTE}
    found = plan(*pins, *groups, minutes=3, reserve=reserve).reserves
    assert [(one.name, one.left, one.is_short) for one in found] == [("a", 60, False), ("b", 0, True), ("c", 0, False)]
    assert not any(one.is_short for one in plan(*pins, *groups, minutes=4, reserve=reserve).reserves)


def test_a_share_is_for_what_no_rule_knows_spread_among_what_is_read() -> None:
    known = [make_ranked(n, 9.0, rule="r") for n in range(1, 9)]
    unknown = [make_ranked(20, 0.5), make_ranked(21, 0.4), make_ranked(22, 0.3)]
    found = plan(*known, *unknown, minutes=8, discovery=0.25)
    assert why(found) == dict.fromkeys(range(1, 7), "score") | {20: "discovery", 21: "discovery"}
    assert list(why(found)) == [1, 2, 20, 3, 4, 5, 21, 6]


def test_where_no_rule_knows_anything_there_is_nothing_to_discover() -> None:
    assert set(why(plan(make_ranked(1, 2.0), make_ranked(2, 1.0), discovery=0.5)).values()) == {"score"}


def test_what_a_note_rule_speaks_of_is_known() -> None:
    ranked = [make_ranked(1, 3.0, notes=("n",)), make_ranked(2, 2.0, notes=("n",)), make_ranked(3, 1.0)]
    assert why(plan(*ranked, minutes=2, discovery=0.5)) == {1: "score", 3: "discovery"}


def test_discovery_is_a_share_of_what_is_planned_not_of_the_time_there_is() -> None:
    known = [make_ranked(n, 5.0, rule="r") for n in range(1, 5)]
    unknown = [make_ranked(n, 1.0) for n in range(10, 40)]
    found = plan(*known, *unknown, minutes=105, cost=15, discovery=0.1)
    assert list(why(found)) == [*range(1, 5), *range(10, 40)]
    assert set(why(found).values()) == {"score"}


def test_short_discoveries_among_long_stories_do_not_open_the_list() -> None:
    known = [make_ranked(n, 50.0, rule="r") for n in range(1, 10)]
    unknown = [make_ranked(n, 0.1) for n in range(10, 50)]
    found = plan(*known, *unknown, minutes=90, cost=15, costs=dict.fromkeys(range(1, 10), 600), discovery=0.1)
    order = list(why(found).items())
    assert order[0] == (1, "score")
    assert sum(slot.seconds for slot in found.slots if slot.why == "discovery") == 540.0
    # A story of ten minutes has about a tenth of its time beside it.
    gaps = "".join("d" if reason == "discovery" else " " for _, reason in order).strip().split(" ")
    assert max(map(len, gaps)) <= 6


def test_a_story_that_no_rule_knows_is_no_discovery_when_its_points_bring_it_in() -> None:
    known = [make_ranked(n, 5.0, rule="r") for n in range(2, 20)]
    found = plan(make_ranked(1, 9.0), *known, make_ranked(30, 0.5), discovery=0.2)
    assert why(found) == dict.fromkeys(range(1, 10), "score") | {30: "discovery"}
    assert next(iter(why(found))) == 1


def test_of_one_feed_there_are_so_many_pins_among_them() -> None:
    pins = [make_ranked(n, 1.0, feed_id=1, pinned_by="p") for n in (1, 2)]
    ranked = [*pins, make_ranked(3, 9.0, feed_id=1), make_ranked(4, 0.0, feed_id=1), make_ranked(5, 1.0)]
    for per_feed in (1, 2):
        found = plan(*ranked, per_feed=per_feed, minutes=3)
        assert why(found) == {1: "pin", 2: "pin", 5: "score"}
        assert (ids(found.crowded), found.tail) == ([3, 4], ())


def test_time_that_would_stay_empty_is_for_what_the_limit_of_a_feed_left_out_the_best_first() -> None:
    crowd = [make_ranked(n, 30.0 - n, feed_id=1) for n in range(1, 9)]
    ranked = [*crowd, make_ranked(20, 0.5), make_ranked(21, 0.0), make_ranked(22, 0.0, feed_id=1)]
    assert list(why(plan(*ranked, per_feed=2, minutes=3))) == [1, 2, 20]
    more = plan(*ranked, per_feed=2, minutes=5)
    assert list(why(more)) == [1, 2, 3, 4, 20]
    # Now it is time that lacks.
    assert (ids(more.tail), more.crowded) == ([5, 6, 7, 8, 21, 22], ())
    assert (plan(*ranked, per_feed=2, minutes=20).tail, plan(*ranked, per_feed=2, minutes=20).crowded) == ((), ())


def test_what_the_limit_of_a_feed_leaves_out_is_apart_from_what_does_not_fit() -> None:
    crowd = [make_ranked(n, 30.0 - n, feed_id=1) for n in range(1, 6)]
    others = [make_ranked(n, 1.0) for n in range(20, 24)]
    found = plan(*crowd, *others, make_ranked(9, -1.0, feed_id=1), per_feed=2, minutes=4, costs={5: 900})
    assert list(why(found)) == [1, 2, 20, 21]
    assert (ids(found.crowded), ids(found.tail)) == ([3, 4], [5, 22, 23, 9])


def test_a_pin_or_what_was_put_off_is_never_left_out_by_the_limit_of_its_feed() -> None:
    ranked = [make_ranked(1, 1.0, feed_id=1, pinned_by="p"), make_ranked(2, 1.0, feed_id=1, pinned_by="p")]
    found = plan(*ranked, make_ranked(3, 1.0, feed_id=1), minutes=1, per_feed=1, later={3})
    assert (ids(found.tail), found.crowded) == ([2, 3], ())


def test_what_has_no_points_takes_only_time_that_is_left_and_what_has_less_is_not_planned() -> None:
    ranked = [make_ranked(1, 1.0), make_ranked(2, 0.0), make_ranked(3, 0.0), make_ranked(4, -1.0)]
    assert (list(why(plan(*ranked, minutes=2))), ids(plan(*ranked, minutes=2).tail)) == ([1, 2], [3, 4])
    assert list(why(plan(*ranked, minutes=1, costs={2: 1}))) == [1]
    assert list(why(plan(*ranked))) == [1, 2, 3]


def test_it_is_read_in_turns() -> None:
    ranked = [
        make_ranked(1, 9.0),
        make_ranked(2, 8.0, group="a"),
        make_ranked(3, 7.0, group="b"),
        make_ranked(4, 6.0),
        make_ranked(5, 0.0, pinned_by="p"),
    ]
    assert list(why(plan(*ranked, later={4}, reserve={"b": MINUTE, "a": MINUTE}))) == [5, 4, 3, 2, 1]


def test_no_stories_and_no_time_give_an_empty_plan() -> None:
    assert (plan().slots, plan().seconds) == ((), 0.0)
    assert ids(plan(make_ranked(1, 3.0, pinned_by="p"), minutes=0).tail) == [1]


def test_a_story_of_200_000_words_does_not_fill_the_session() -> None:
    found = plan(make_ranked(1, 50.0), *(make_ranked(n, 2.0) for n in range(2, 30)), costs={1: 61_539.0})
    assert len(found.slots) == 10
    assert ids(found.tail)[0] == 1


# --- days away ----------------------------------------------------------------


def test_after_days_away_each_day_has_its_share_and_the_rest_is_let_go() -> None:
    fresh = [make_ranked(n, 5.0, at=NOW) for n in range(1, 30)]
    older = [make_ranked(100 * age + n, 5.0, at=NOW - age * DAY) for age in (2, 3, 4, 5) for n in range(10)]
    ranked = [*fresh, *older]
    found = plan(*ranked, minutes=30, backlog=spread(ranked, now=NOW, window=DAY))
    counts = {age: sum(slot.ranked.story.id // 100 == age for slot in found.slots) for age in (0, 2, 3, 4, 5)}
    assert counts[0] > counts[2] >= counts[3] >= counts[4] >= counts[5] > 0
    assert {slot.why for slot in found.slots if slot.ranked.story.id >= 100} == {"catch-up"}
    assert all(one.story.id >= 100 for one in found.let_go)
    assert all(one.story.id < 100 for one in found.tail)
    assert len(found.slots) + len(found.let_go) + len(found.tail) == len(ranked)


def test_an_old_story_of_many_points_still_comes_in() -> None:
    ranked = [make_ranked(1, 90.0, at=NOW - 4 * DAY), *(make_ranked(n, 1.0) for n in range(2, 90))]
    assert 1 in why(plan(*ranked, minutes=5, backlog=spread(ranked, now=NOW, window=DAY)))


def test_what_was_kept_for_later_is_not_let_go() -> None:
    ranked = [make_ranked(n, 1.0, at=NOW - 3 * DAY) for n in (1, 2)]
    found = plan(*ranked, minutes=1, costs={1: 90, 2: 90}, later={2}, backlog=spread(ranked, now=NOW, window=DAY))
    assert (ids(found.tail), ids(found.let_go)) == ([2], [1])


def test_a_story_that_comes_twice_keeps_its_first_place() -> None:
    pins = [make_ranked(n, 1.0, pinned_by="p") for n in (1, 2)]
    assert list(why(plan(*pins, pins[0], minutes=1))) == [1]


def test_age_does_not_bring_in_what_speaks_against_itself() -> None:
    ranked = [make_ranked(1, -0.001, at=NOW - 29 * DAY), make_ranked(2, 0.0, at=NOW - 29 * DAY)]
    found = plan(*ranked, backlog=spread(ranked, now=NOW, window=DAY))
    assert (list(why(found)), ids(found.let_go)) == ([2], [1])


# --- budgets ----------------------------------------------------------------


@pytest.mark.parametrize(("text", "minutes"), [("1h45", 105), ("1m", 1), ("24h", 1440), ("90m", 90)])
def test_budgets_as_typed(text: str, minutes: int) -> None:
    assert read_budget(text) == MINUTE * minutes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0", "“0” is not a duration: write it as"),
        ("abc", "“abc” is not a duration: write it as"),
        ("-1h", "“-1h” is not a duration: write it as"),
        ("0m", "a session of “0m” is too long or too short: write one of 1m to 24h, such as 1h45"),
        ("59s", "a session of “59s” is too long or too short"),
        ("40h", "a session of “40h” is too long or too short"),
    ],
)
def test_what_is_no_budget_is_told_in_one_line(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_budget(text)
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)
