"""Budgets: what fits, what is passed over, and that nothing exceeds the time there is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from make import make_story
from veille.model import Ranked, Score
from veille.rank.budget import fit, minutes_of


def make_ranked(story_id: int, minutes: int, pinned_by: str = "") -> Ranked:
    return Ranked(story=make_story(id=story_id), score=Score(), read_minutes=minutes, pinned_by=pinned_by)


def ids(stories: tuple[Ranked, ...]) -> list[int]:
    return [one.story.id for one in stories]


def test_stories_are_taken_in_their_order_and_what_is_too_long_is_passed_over() -> None:
    fitted = fit([make_ranked(1, 5), make_ranked(2, 9), make_ranked(3, 4), make_ranked(4, 2)], timedelta(minutes=10))
    assert (ids(fitted.chosen), ids(fitted.left_out), fitted.minutes) == ([1, 3], [2, 4], 9)


def test_pinned_stories_choose_first_and_the_order_stays() -> None:
    fitted = fit([make_ranked(1, 5), make_ranked(2, 6, "direction"), make_ranked(3, 4)], timedelta(minutes=10))
    assert (ids(fitted.chosen), fitted.minutes) == ([2, 3], 10)


def test_a_headline_without_text_takes_a_minute() -> None:
    fitted = fit([make_ranked(n, 0) for n in range(5)], timedelta(minutes=3, seconds=59))
    assert (ids(fitted.chosen), fitted.minutes) == ([0, 1, 2], 3)


def test_nothing_fits_into_no_time() -> None:
    assert ids(fit([make_ranked(1, 1)], timedelta(0)).left_out) == [1]
    assert fit([], timedelta(hours=1)).chosen == ()


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=30), st.integers(0, 120))
def test_a_plan_is_never_longer_than_its_budget_and_leaves_out_only_what_does_not_fit(
    rows: list[tuple[int, bool]], budget: int
) -> None:
    ranked = [make_ranked(n, minutes, "pin" if pinned else "") for n, (minutes, pinned) in enumerate(rows)]
    fitted = fit(ranked, timedelta(minutes=budget))
    assert fitted.minutes <= budget
    assert sorted(ids(fitted.chosen) + ids(fitted.left_out)) == list(range(len(rows)))
    assert all(minutes_of(one) > budget - fitted.minutes for one in fitted.left_out)
