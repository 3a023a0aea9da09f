"""Days away: how far back a plan looks, what the backlog is worth, what each day of it is given."""

from datetime import date, datetime, timedelta, timezone

import pytest

from make import NOW, make_source, make_story
from veille.model import Contribution, Ranked, Score
from veille.rank.catchup import count_by_day, find_start, newest_at, spread, was_away

DAY = timedelta(days=1)


def make_ranked(story_id: int, points: float, *, age: timedelta) -> Ranked:
    story = make_story(make_source(story_id, published_at=NOW - age))
    return Ranked(story=story, score=Score((Contribution(reason="x", points=points),)))


@pytest.mark.parametrize(
    ("last", "start"),
    [
        (None, NOW - DAY),
        (NOW - timedelta(hours=3), NOW - DAY),
        (NOW - timedelta(hours=26), NOW - timedelta(hours=26)),
        (NOW - 8 * DAY, NOW - 8 * DAY),
        (NOW - 400 * DAY, NOW - 30 * DAY),
        (NOW + DAY, NOW - DAY),
    ],
)
def test_a_plan_looks_back_to_the_last_session_and_never_less_than_its_window(
    last: datetime | None, start: datetime
) -> None:
    assert find_start(last, now=NOW, window=DAY) == start


def test_a_window_beyond_the_farthest_is_kept() -> None:
    assert find_start(NOW - 90 * DAY, now=NOW, window=60 * DAY) == NOW - 60 * DAY


def test_a_late_morning_is_no_absence() -> None:
    assert not was_away(None, now=NOW, window=DAY)
    assert not was_away(NOW - timedelta(hours=30), now=NOW, window=DAY)
    assert was_away(NOW - timedelta(hours=37), now=NOW, window=DAY)


def test_points_are_halved_every_two_days_beyond_the_window() -> None:
    ranked = [make_ranked(1, 8.0, age=DAY / 2), make_ranked(2, 8.0, age=3 * DAY), make_ranked(3, 8.0, age=5 * DAY)]
    assert spread(ranked, now=NOW, window=DAY).values == pytest.approx({2: 4.0, 3: 2.0})


def test_days_share_four_fifths_of_the_time_by_their_aged_points() -> None:
    ranked = [make_ranked(1, 4.0, age=DAY / 2), make_ranked(2, 8.0, age=3 * DAY), make_ranked(3, 8.0, age=5 * DAY)]
    days = spread(ranked, now=NOW, window=DAY).days
    assert [(day.on, day.stories) for day in days] == [
        (date(2026, 11, 17), frozenset({2})),
        (date(2026, 11, 15), frozenset({3})),
    ]
    assert [day.share for day in days] == pytest.approx([0.8 * 0.4, 0.8 * 0.2])


def test_a_day_that_speaks_against_itself_has_no_share() -> None:
    (day,) = spread([make_ranked(1, -3.0, age=3 * DAY)], now=NOW, window=DAY).days
    assert day.share == 0.0


def test_a_story_that_goes_on_is_as_old_as_its_latest_source() -> None:
    story = make_story(make_source(1, published_at=NOW - 9 * DAY), make_source(2, published_at=NOW))
    assert newest_at(story) == NOW
    ranked = Ranked(story=story, score=Score((Contribution(reason="x", points=1.0),)))
    assert spread([ranked], now=NOW, window=DAY).values == {}


def test_days_are_counted_in_the_zone_of_the_reader() -> None:
    ranked = [make_ranked(1, 1.0, age=timedelta(hours=9)), make_ranked(2, 1.0, age=timedelta(hours=10))]
    assert count_by_day(ranked, now=NOW) == [(date(2026, 11, 19), 2)]
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    assert count_by_day(ranked, now=paris) == [(date(2026, 11, 20), 1), (date(2026, 11, 19), 1)]
