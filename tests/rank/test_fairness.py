"""Fairness: places inside feeds, what they cost, what rarity gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.rank.fairness import in_grains, lift_of, loss_of, ordinal, place_in_feeds


def test_stories_are_placed_inside_their_feed_best_latest_and_lowest_first() -> None:
    stories = [(1, 10, 0.0, 7), (2, 99, 0.0, 8), (1, 20, 0.0, 9), (1, 10, 5.0, 10), (1, 10, 0.0, 6)]
    assert place_in_feeds(stories) == [4, 1, 1, 2, 3]


def test_no_stories_have_no_places() -> None:
    assert place_in_feeds([]) == []


@pytest.mark.parametrize(
    ("points", "place", "repeat", "loss"),
    [
        (5.0, 1, 0.5, 0.0),
        (5.0, 2, 0.0, 0.0),
        (6.0, 2, 0.5, 2.0),
        (6.0, 3, 0.5, 3.0),
        (0.0, 3, 0.5, 0.5),
        (-4.0, 3, 0.5, 0.5),
    ],
)
def test_a_place_costs_a_share_of_the_points_and_of_one_point_at_least(
    points: float, place: int, repeat: float, loss: float
) -> None:
    assert loss_of(points, place, repeat=repeat) == pytest.approx(loss)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(1, 10_000), st.integers(0, 100), st.floats(0, 1))
def test_more_points_and_a_better_place_never_leave_less(
    points: float, more: float, place: int, worse: int, repeat: float
) -> None:
    left = points + more - loss_of(points + more, place, repeat=repeat)
    assert left >= points - loss_of(points, place + worse, repeat=repeat) - 1e-6


@pytest.mark.parametrize(("per_week", "lift"), [(0.0, 1.0), (7.0, 0.5), (21.0, 0.25)])
def test_the_rarer_the_feed_the_higher_the_lift(per_week: float, lift: float) -> None:
    assert lift_of(per_week, rare=1.0) == lift


def test_sums_of_grains_are_exact() -> None:
    assert in_grains(0.1) + in_grains(0.2) == in_grains(0.3)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (22, "22nd"),
        (113, "113th"),
        (121, "121st"),
    ],
)
def test_places_are_written_as_people_write_them(number: int, written: str) -> None:
    assert ordinal(number) == written
