"""Packing: near the best choice there is, never dearer than the time, and never worse with more of it."""

from collections import Counter
from itertools import combinations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from veille.rank.packing import Item, pack

ITEMS = st.lists(st.builds(Item, st.integers(1, 12), st.integers(1, 9), st.integers(0, 2)), max_size=9)


def worth(items: list[Item], places: list[int]) -> int:
    return sum(items[place].value for place in places)


def find_best(items: list[Item], room: int, per_feed: int) -> int:
    """The value of the best choice, found by trying all."""
    return max(
        sum(one.value for one in chosen)
        for size in range(len(items) + 1)
        for chosen in combinations(items, size)
        if sum(one.cost for one in chosen) <= room
        and max([0, *Counter(one.feed for one in chosen).values()]) <= (per_feed or size)
    )


def make_items(random: Random, count: int) -> list[Item]:
    return [
        Item(random.randint(1, 8_000_000), random.randint(5, 240), int(12 * random.random() ** 2)) for _ in range(count)
    ]


def test_what_fits_is_taken_whole() -> None:
    assert pack([Item(1, 5, 1), Item(9, 5, 1)], 10) == [0, 1]


def test_two_small_ones_give_way_to_one_that_is_worth_more() -> None:
    assert pack([Item(6, 5, 1), Item(2, 1, 2), Item(9, 10, 3)], 10) == [2]


def test_of_a_crowded_feed_the_best_are_taken_not_the_densest() -> None:
    assert pack([Item(2, 1, 1), Item(20, 40, 1)], 60, per_feed=1) == [1]
    assert pack([Item(2, 1, 1), Item(20, 40, 1)], 60, per_feed=2, taken={1: 1}) == [1]
    assert pack([Item(2, 1, 1)], 60, per_feed=2, taken={1: 2}) == []


def test_what_is_worse_and_dearer_than_enough_of_its_feed_does_not_matter() -> None:
    few = [Item(5, 2, 1), Item(4, 2, 1)]
    assert pack([*few, Item(3, 3, 1), Item(4, 9, 1)], 100, per_feed=2) == [0, 1]


def test_nothing_fits_into_no_time() -> None:
    assert pack([Item(1, 1, 1)], 0) == []
    assert pack([], 100) == []


@given(ITEMS, st.integers(0, 40), st.integers(0, 3))
def test_a_choice_fits_keeps_to_the_limit_and_is_near_the_best(items: list[Item], room: int, per_feed: int) -> None:
    places = pack(items, room, per_feed=per_feed)
    assert len(set(places)) == len(places)
    assert sum(items[place].cost for place in places) <= room
    assert max([0, *Counter(items[place].feed for place in places).values()]) <= (per_feed or len(items))
    assert 2 * worth(items, places) >= find_best(items, room, per_feed)


@settings(max_examples=300)
@given(ITEMS, st.integers(0, 3))
def test_more_time_never_gives_less(items: list[Item], per_feed: int) -> None:
    worths = [worth(items, pack(items, room, per_feed=per_feed)) for room in range(60)]
    assert worths == sorted(worths)


def test_more_time_never_gives_less_of_a_crowded_day() -> None:
    items = make_items(Random(5), 150)  # noqa: S311 - chance that comes again, no secret
    worths = [worth(items, pack(items, room, per_feed=4)) for room in range(0, 7000, 13)]
    assert worths == sorted(worths)
