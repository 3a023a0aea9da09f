"""The time at the screen: what is counted, and what is not."""

from __future__ import annotations

from sitting import Clock
from veille.session.watch import PAUSE, Watch


def test_time_is_counted_once() -> None:
    clock = Clock()
    watch = Watch(clock)
    clock.seconds += 5
    assert watch.take() == 5
    assert watch.take() == 0


def test_after_two_minutes_without_a_key_the_clock_stands_still() -> None:
    clock = Clock()
    watch = Watch(clock)
    clock.seconds += 3600
    assert watch.is_paused()
    assert watch.take() == PAUSE
    clock.seconds += 60
    assert watch.take() == 0


def test_a_long_story_may_take_twice_its_time() -> None:
    clock = Clock()
    watch = Watch(clock)
    clock.seconds += 500
    assert not watch.is_paused(300)
    assert watch.take(300) == 500


def test_a_key_ends_the_pause() -> None:
    clock = Clock()
    watch = Watch(clock)
    clock.seconds += 3600
    watch.take()
    watch.press()
    clock.seconds += 7
    assert not watch.is_paused()
    assert watch.take() == 7


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    clock = Clock()
    watch = Watch(clock)
    clock.seconds -= 500
    assert watch.take() == 0
    clock.seconds += 4
    assert watch.take() == 4
