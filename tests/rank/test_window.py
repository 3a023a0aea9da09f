"""The window in memory, what is laid over it, and what a word is worth in it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from make import NOW, make_headline
from veille.model import Headline, Placement
from veille.rank.window import Layers, MemoryWindow, Rarity
from veille.rank.wording import read_wording

HOUR = timedelta(hours=1)
NICE, ORAGE, LENS = read_wording("Nice orage Lens").stems


def known(entry_id: int, title: str, story: int = 0, *, hours: int = 0, **fields: Any) -> Headline:
    return make_headline(entry_id, title, published_at=NOW + hours * HOUR, story_id=story or entry_id, **fields)


def test_an_empty_window_knows_nothing() -> None:
    window = MemoryWindow()
    assert (window.count(), window.spread([NICE]), window.holders([NICE], 9), window.members([1])) == (0, {}, {}, {})
    assert (window.pages(["a.example/x"]), window.apart([1, 2])) == ([], frozenset())


def test_a_story_counts_once_for_each_of_its_words() -> None:
    told = [known(1, "Orage sur Nice"), known(2, "Orage à Nice", 1), known(3, "Nice bat Lens", summary="orage")]
    window = MemoryWindow(told)
    assert window.count() == 2
    assert window.spread([NICE, ORAGE, LENS, "absent"]) == {NICE: 2, ORAGE: 2, LENS: 1}


def test_a_word_finds_the_stories_that_have_it_in_a_title_unless_they_are_many() -> None:
    window = MemoryWindow([known(1, "Orage sur Nice"), known(3, "Nice bat Lens", summary="orage")])
    assert window.holders([NICE, ORAGE, LENS], 2) == {NICE: [1, 3], ORAGE: [1], LENS: [3]}
    assert window.holders([NICE, ORAGE], 1) == {ORAGE: [1]}


def test_headlines_in_no_story_are_left_out() -> None:
    assert MemoryWindow([make_headline(1, "Orage sur Nice")]).count() == 0


def test_entries_on_a_page_are_found_and_a_home_page_is_none() -> None:
    window = MemoryWindow(
        [known(1, "Orage", page="a.example/x"), known(2, "Nice"), known(3, "Lens", page="b.example/")]
    )
    assert [one.entry_id for one in window.pages(["a.example/x", ""])] == [1]


def test_placing_puts_entries_in_stories_and_moves_those_of_stories_that_are_gone() -> None:
    window = MemoryWindow([known(1, "Orage sur Nice"), known(2, "Nice bat Lens")])
    placed = [Placement(entry_id=5, story_id=1)]
    window.place([make_headline(5, "Un loup", page="a.example/x")], placed, {2: 1})
    assert window.count() == 1
    assert [(one.entry_id, one.story_id) for one in window.members([1, 2])[1]] == [(1, 1), (5, 1), (2, 1)]
    assert window.spread([NICE, LENS]) == {NICE: 1, LENS: 1}
    assert window.holders([NICE, LENS], 9) == {NICE: [1], LENS: [1]}
    assert [one.story_id for one in window.pages(["a.example/x"])] == [1]


def test_forgetting_drops_stories_by_their_first_entry() -> None:
    window = MemoryWindow(
        [known(1, "Orage sur Nice", page="a.example/x"), known(2, "Nice", 1, hours=9), known(3, "Lens")]
    )
    window.forget(NOW)
    assert window.count() == 2
    window.forget(NOW + HOUR)
    assert (window.count(), window.spread([NICE]), window.holders([NICE, LENS], 9)) == (0, {}, {})
    assert window.pages(["a.example/x"]) == []


_MADE = st.lists(
    st.tuples(st.lists(st.sampled_from("Orage Nice Lens loup port 12".split()), max_size=4), st.integers(0, 9)),
    max_size=10,
)


@given(_MADE, st.integers(0, 10))
def test_two_layers_say_what_one_window_of_both_says(made: list[tuple[list[str], int]], cut: int) -> None:
    """Of stories that are in one layer each."""
    told = [known(n, " ".join(title), hours=hours) for n, (title, hours) in enumerate(made, 1)]
    layers, whole = Layers(MemoryWindow(told[:cut]), MemoryWindow(told[cut:])), MemoryWindow(told)
    stems = {stem for one in told for stem in read_wording(one.title).stems}
    assert layers.count() == whole.count()
    assert layers.spread(stems) == whole.spread(stems)
    assert layers.members(range(1, 11)) == whole.members(range(1, 11))
    assert {stem: sorted(found) for stem, found in layers.holders(stems, 99).items()} == whole.holders(stems, 99)


@given(_MADE)
def test_the_order_in_which_a_window_is_told_does_not_matter(made: list[tuple[list[str], int]]) -> None:
    told = [replace(known(n, " ".join(title)), story_id=1 + n // 2) for n, (title, _) in enumerate(made, 1)]
    one, other = MemoryWindow(told), MemoryWindow(reversed(told))
    stems = {stem for headline in told for stem in read_wording(headline.title).stems}
    assert one.members(range(9)) == other.members(range(9))
    assert (one.spread(stems), one.holders(stems, 9)) == (other.spread(stems), other.holders(stems, 9))


def test_a_word_is_worth_the_less_the_more_stories_hold_it() -> None:
    rarity = Rarity(1000, {"a": 1, "b": 10, "c": 500, "d": 5000})
    assert 1 == rarity["a"] == rarity["never told"] > rarity["b"] > rarity["c"] > rarity["d"] > 0


def test_a_word_that_says_when_is_worth_less_than_another_as_rare() -> None:
    rarity = Rarity(1000, {"12": 3, "port": 3})
    assert 0 < rarity["12"] < rarity["port"]


def test_in_a_window_of_few_stories_no_word_is_common() -> None:
    assert Rarity(3, {"port": 3})["port"] > 0.7
