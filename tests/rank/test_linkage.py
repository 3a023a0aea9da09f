"""What agrees is grouped, on average and not by one member; what is no longer coherent is cut."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.rank.linkage import Item, Terms, group_items

TERMS = Terms(hours=72, cohesion=0.55)


def items(count: int, *, weight: int = 1) -> list[Item]:
    return [Item(weight, 0.0, 0.0) for _ in range(count)]


def everywhere(count: int, agreement: float) -> dict[tuple[int, int], float]:
    return dict.fromkeys(combinations(range(count), 2), agreement)


def test_nothing_and_what_nothing_agrees_with() -> None:
    assert group_items([], {}, TERMS) == []
    assert group_items(items(3), {}, TERMS) == [[0], [1], [2]]


@pytest.mark.parametrize(("agreement", "groups"), [(0.61, [[0, 1]]), (0.6, [[0], [1]])])
def test_two_agree_or_not(agreement: float, groups: list[list[int]]) -> None:
    assert group_items(items(2), {(0, 1): agreement}, TERMS) == groups


def test_the_cohesion_asked_for_is_a_setting() -> None:
    assert group_items(items(2), {(0, 1): 0.5}, Terms(hours=72, cohesion=0.4)) == [[0, 1]]
    assert group_items(items(2), {(0, 1): 0.9}, Terms(hours=72, cohesion=0.95)) == [[0], [1]]


def test_many_that_half_agree_are_one_where_few_are_not() -> None:
    assert group_items(items(8), everywhere(8, 0.45), TERMS) == [list(range(8))]
    assert group_items(items(3), everywhere(3, 0.45), TERMS) == [[0], [1], [2]]


def test_a_chain_is_cut_where_it_holds_by_single_links() -> None:
    chain = {(at, at + 1): 0.9 for at in range(19)}
    assert max(len(group) for group in group_items(items(20), chain, TERMS)) <= 5


def test_two_bodies_are_not_joined_by_one_pair() -> None:
    inside = {pair: 0.9 for body in (range(4), range(4, 8)) for pair in combinations(body, 2)}
    assert group_items(items(8), inside | {(3, 4): 0.85}, TERMS) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_a_group_is_no_longer_than_its_hours() -> None:
    timed = [Item(1, 0.0, 0.0), Item(1, 40.0, 40.0), Item(1, 72.0, 72.0), Item(1, 73.0, 73.0)]
    assert group_items(timed[:3], everywhere(3, 0.9), TERMS) == [[0, 1, 2]]
    assert all({0, 3} - set(group) for group in group_items(timed, everywhere(4, 0.9), TERMS))


def test_what_joins_a_story_that_stands_must_agree_with_it_more() -> None:
    fresh, story = Item(1, 0.0, 0.0), Item(9, 0.0, 0.0, 1000)
    body = Item(9, 0.0, 0.0)
    assert group_items([fresh, story], {(0, 1): 0.27}, TERMS) == [[0], [1]]
    assert group_items([fresh, story], {(0, 1): 0.29}, TERMS) == [[0, 1]]
    assert group_items([fresh, body], {(0, 1): 0.27}, TERMS) == [[0, 1]]


def test_stories_set_apart_are_never_in_one_group_even_by_a_third() -> None:
    stories = [Item(1, 0.0, 0.0), Item(2, 0.0, 0.0, 1000), Item(2, 0.0, 0.0, 1001)]
    agreements = everywhere(3, 0.95)
    apart = Terms(hours=72, cohesion=0.55, apart=frozenset({(1000, 1001)}))
    assert group_items(stories, agreements, TERMS) == [[0, 1, 2]]
    groups = group_items(stories, agreements, apart)
    assert len(groups) == 2
    assert not any({1, 2} <= set(group) for group in groups)


def test_a_crowd_counts_for_all_its_entries() -> None:
    """Of one headline that agrees with two, the crowd decides whether all three are coherent."""
    agreements = {(0, 1): 0.8, (1, 2): 0.8}
    assert group_items(items(3), agreements, TERMS) in ([[0, 1], [2]], [[0], [1, 2]])
    assert group_items([Item(20, 0.0, 0.0), *items(2)], agreements, TERMS)[0][:2] == [0, 1]


_PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0.03, 1.0),
    max_size=30,
)


@given(_PAIRS, st.lists(st.tuples(st.integers(1, 5), st.floats(0, 100)), min_size=10, max_size=10))
def test_every_item_is_in_one_group_within_the_hours(
    agreements: dict[tuple[int, int], float], made: list[tuple[int, float]]
) -> None:
    given_items = [Item(weight, at, at) for weight, at in made]
    groups = group_items(given_items, agreements, TERMS)
    assert sorted(at for group in groups for at in group) == list(range(10))
    assert groups == sorted(sorted(group) for group in groups)
    for group in groups:
        times = [given_items[at].first for at in group]
        assert max(times) - min(times) <= TERMS.hours


@given(_PAIRS)
def test_the_order_in_which_agreements_are_given_does_not_matter(agreements: dict[tuple[int, int], float]) -> None:
    backwards = dict(reversed(agreements.items()))
    assert group_items(items(10), agreements, TERMS) == group_items(items(10), backwards, TERMS)


def test_what_one_feed_alone_tells_must_agree_more() -> None:
    agreements = {(0, 1): 0.7}
    several, one = [Item(1, 0, 0, feed=at) for at in (1, 2)], [Item(1, 0, 0, feed=1)] * 2
    assert group_items(several, agreements, TERMS) == [[0, 1]]
    assert group_items(one, agreements, TERMS) == [[0], [1]]
