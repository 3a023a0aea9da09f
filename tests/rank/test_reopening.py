"""Stories that nobody has seen: the window without them, the numbers of what comes of them, folding them again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW, make_headline
from veille.model import Placement
from veille.rank.cluster import fold
from veille.rank.reopening import Without, number_stories
from veille.rank.window import MemoryWindow
from veille.rank.wording import read_wording

if TYPE_CHECKING:
    from veille.model import Headline

HOUR = timedelta(hours=1)
PORT = "Le port de Lorient bloqué par les dockers"
LOUP = "Un loup aperçu près de Guéret"
TITLES = (
    PORT, "Grève : le port de Lorient bloqué par les dockers", "Lorient : les dockers bloquent le port",
    LOUP, "Guéret : un loup aperçu près d'une école", "Orage violent sur Nice et Menton",
    "Un incendie ravage l'usine Lubrizol de Rouen", "Rouen : l'usine Lubrizol ravagée par un incendie",
)  # fmt: skip


def known(entry_id: int, title: str, story: int = 0, *, hours: float = 0, page: str = "") -> Headline:
    at = NOW + hours * HOUR
    return make_headline(entry_id, title, feed_id=entry_id, published_at=at, story_id=story or entry_id, page=page)


def opened(**stories: str) -> dict[int, list[Headline]]:
    """The entries of stories: `s5="5 9"`."""
    return {
        int(name[1:]): [known(int(one), PORT, int(name[1:])) for one in entries.split()]
        for name, entries in stories.items()
    }


def placed(groups: dict[int, str]) -> list[Placement]:
    return [Placement(entry_id=int(one), story_id=story) for story, row in groups.items() for one in row.split()]


@pytest.mark.parametrize(
    ("before", "after", "standing", "told", "merges"),
    [
        pytest.param({"s5": "5 9"}, {5: "5 9 12"}, {}, {5: "5 9 12"}, {}, id="one grows"),
        pytest.param({"s5": "5 9"}, {5: "5 9", 12: "12"}, {}, {12: "12"}, {}, id="what stays as it was is not told"),
        pytest.param({"s5": "5 9"}, {5: "5", 9: "9 12"}, {}, {5: "5", 9: "9 12"}, {}, id="the oldest keeps the number"),
        pytest.param({"s5": "5", "s9": "9"}, {5: "5 9 12"}, {}, {5: "5 9 12"}, {9: 5}, id="two are one"),
        pytest.param({"s2": "5 9"}, {5: "5", 9: "9 12"}, {}, {2: "5", 9: "9 12"}, {}, id="the founder was purged"),
        pytest.param({"s5": "5 9"}, {7: "5 9 12"}, {}, {5: "5 9 12"}, {7: 5}, id="a younger one that stands joins"),
        pytest.param({"s5": "5 9"}, {3: "5 9 12"}, {}, {3: "5 9 12"}, {5: 3}, id="an older one that stands stays"),
        pytest.param({"s5": "5 9"}, {3: "9 12", 5: "5"}, {8: 3}, {3: "9 12", 5: "5"}, {8: 3}, id="other merges stay"),
        pytest.param({"s2": "9"}, {3: "9"}, {8: 3}, {2: "9"}, {3: 2, 8: 2}, id="merges are followed"),
    ],
)
def test_the_number_goes_where_the_oldest_entry_is(
    before: dict[str, str],
    after: dict[int, str],
    standing: dict[int, int],
    told: dict[int, str],
    merges: dict[int, int],
) -> None:
    assert number_stories(placed(after), standing, opened(**before)) == (placed(told), merges)


@given(
    st.lists(st.tuples(st.sampled_from(TITLES), st.sampled_from(["", "a.example/1"])), max_size=8), st.integers(0, 8)
)
def test_a_window_without_stories_is_that_of_the_others(told: list[tuple[str, str]], cut: int) -> None:
    rows = [known(at, title, at - at % 2 + 1, page=page) for at, (title, page) in enumerate(told)]
    gone = {one.story_id for one in rows[:cut] if one.story_id is not None}
    without = Without(MemoryWindow(rows), {story: [one for one in rows if one.story_id == story] for story in gone})
    rest = MemoryWindow([one for one in rows if one.story_id not in gone])
    stems = {stem for title in TITLES for stem in read_wording(title).stems}
    numbers = range(10)
    assert without.count() == rest.count()
    assert without.spread(stems) == rest.spread(stems)
    assert {stem: row for stem, row in without.holders(stems, 99).items() if row} == rest.holders(stems, 99)
    assert without.members(numbers) == rest.members(numbers)
    assert without.pages(["a.example/1"]) == rest.pages(["a.example/1"])


@given(st.lists(st.tuples(st.sampled_from(TITLES), st.integers(0, 20)), max_size=10), st.integers(1, 4))
def test_what_nobody_sees_comes_out_the_same_in_any_batches(told: list[tuple[str, int]], size: int) -> None:
    rows = [
        make_headline(at, title, feed_id=at, published_at=NOW + hours * HOUR)
        for at, (title, hours) in enumerate(told, 1)
    ]
    at_once = {one.entry_id: one.story_id for one in fold(rows, MemoryWindow()).placements}
    window = MemoryWindow(seen=())
    stories: dict[int, int] = {}
    for start in range(0, len(rows), size):
        batch = rows[start : start + size]
        folded = fold(batch, window)
        window.place(batch, folded.placements, folded.merges)
        stories |= {one.entry_id: one.story_id for one in folded.placements}
        stories = {entry_id: folded.merges.get(story, story) for entry_id, story in stories.items()}
    assert stories == at_once
    assert all(one.story_id == stories[one.entry_id] for row in window.members(range(99)).values() for one in row)


@pytest.mark.parametrize(("seen", "original"), [(None, {8: 3}), ((3,), {8: 3}), ((), {3: 8}), ((5,), {3: 8})])
def test_of_what_has_been_seen_the_original_stays(seen: tuple[int, ...] | None, original: dict[int, int]) -> None:
    window = MemoryWindow([known(3, PORT, hours=2), known(5, LOUP)], seen=seen)
    new = make_headline(8, PORT, feed_id=8, published_at=NOW)
    found = fold([new], window).placements
    assert {one.entry_id: one.duplicate_of for one in found if one.duplicate_of is not None} == original


def test_what_new_headlines_say_nothing_of_is_left_alone() -> None:
    window = MemoryWindow([known(3, PORT), known(5, LOUP), known(6, TITLES[4], 5)], seen=())
    new = make_headline(8, TITLES[1], feed_id=8, published_at=NOW + HOUR)
    assert {one.entry_id for one in fold([new], window).placements} == {3, 8}
