"""Verdicts: few rows that say what the full product of the entries of both sides would."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stored import NOW, entry, store, subscribe
from veille.model import Placement
from veille.store.decisions import (
    date_merge,
    date_split,
    divide_verdicts,
    hand_over_verdicts,
    load_apart,
    put_together,
    set_apart,
)
from veille.store.entries import purge_entries
from veille.store.stories import merge_stories, place_entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.store.db import Db

HOUR = timedelta(hours=1)


@pytest.fixture
def feeds(db: Db) -> list[int]:
    """Eight feeds of an entry each, every entry a story: 1000 to 1007."""
    return fill(db)


def fill(db: Db) -> list[int]:
    ids = []
    for number in range(8):
        ids.append(subscribe(db, f"f{number}"))
        store(db, ids[-1], entry("1", url=f"http://f{number}.example/1"))
    place(db, {1000 + number: [1000 + number] for number in range(8)})
    return ids


def place(db: Db, stories: dict[int, list[int]]) -> None:
    place_entries(db, [Placement(entry_id=one, story_id=story) for story, row in stories.items() for one in row])


def count(db: Db) -> int:
    return int(db.execute("SELECT count(*) FROM verdicts").fetchone()[0])


def test_two_large_stories_take_as_many_rows_as_they_have_entries(db: Db) -> None:
    set_apart(db, range(1000, 2000), range(2000, 3000), now=NOW)
    assert count(db) == 1999
    put_together(db, range(1000, 2000), range(2000, 3000), now=NOW)
    assert count(db) == 1999
    assert db.execute("SELECT count(*) FROM verdicts WHERE same").fetchone()[0] == 1999


def test_entries_that_were_on_two_sides_are_put_together_and_those_of_one_side_were_not(db: Db) -> None:
    sides = ([1000, 1001, 1002], [1003, 1004, 1005], [1006, 1007])
    put_together(db, *sides, now=NOW)
    side = {one: at for at, row in enumerate(sides) for one in row}
    for one, other in combinations(side, 2):
        assert date_merge(db, one, other) == (NOW if side[one] != side[other] else None)
    assert date_merge(db, 1000, 1999) is None


def test_the_latest_decision_gives_the_date(db: Db, feeds: list[int]) -> None:
    assert feeds
    set_apart(db, [1000], [1001], now=NOW)
    set_apart(db, [1002], [1001], now=NOW + HOUR)
    assert date_split(db, [1000, 1002], [1001]) == NOW + HOUR
    assert date_split(db, [1000], [1002]) is None
    put_together(db, [1000], [1001], now=NOW + 2 * HOUR)
    put_together(db, [1002, 1000], [1001, 1003], now=NOW + 3 * HOUR)
    assert date_merge(db, 1000, 1001) == NOW + 3 * HOUR
    assert date_split(db, [1000, 1002], [1001]) is None


def test_decisions_of_one_moment_are_two(db: Db, feeds: list[int]) -> None:
    """1002 and 1004 were on the one side of different decisions: nothing was said of the two."""
    assert feeds
    set_apart(db, [1000], [1001, 1004], now=NOW)
    set_apart(db, [1001], [1002, 1003], now=NOW)
    hand_over_verdicts(db, [1000])
    place(db, {1002: [1002], 1004: [1004]})
    assert load_apart(db, [1002, 1004]) == frozenset()


def test_what_joined_a_story_later_is_free_once_it_is_split_off(db: Db, feeds: list[int]) -> None:
    """The user set 1000 and 1001 apart from 1002; of 1003, which joined them, nothing was said."""
    assert feeds
    place(db, {1000: [1000, 1001, 1003]})
    set_apart(db, [1000, 1001], [1002], now=NOW)
    assert load_apart(db, [1000, 1002]) == {(1000, 1002)}
    place(db, {1001: [1001], 1003: [1003]})
    divide_verdicts(db, [1000], [1001, 1003])
    assert load_apart(db, [1000, 1001, 1002, 1003]) == {(1000, 1002), (1001, 1002)}


@pytest.mark.parametrize("gone", [[1000], [1003], [1000, 1003], [1000, 1001, 1003], [1002, 1005, 1000, 1003]])
def test_sides_stay_apart_when_those_that_stood_for_them_are_purged(db: Db, feeds: list[int], gone: list[int]) -> None:
    place(db, {1000: [1000, 1001, 1002], 1003: [1003, 1004, 1005]})
    set_apart(db, [1000, 1001, 1002], [1003, 1004, 1005], now=NOW)
    for entry_id in gone:
        purge_entries(db, feeds[entry_id - 1000])
    assert load_apart(db, [1000, 1003]) == {(1000, 1003)}
    rows = db.execute("SELECT one, other FROM verdicts").fetchall()
    assert not {one for row in rows for one in row} & {*gone}


def test_verdicts_stored_as_the_full_product_count_as_before(db: Db, feeds: list[int]) -> None:
    """As databases of this schema may hold them."""
    place(db, {1000: [1000, 1001], 1002: [1002, 1003]})
    pairs = list(product([1000, 1001], [1002, 1003]))
    db.executemany("INSERT INTO verdicts VALUES (?, ?, 0, '2026-11-20T08:00:00Z')", pairs)
    place(db, {1000: [1000], 1001: [1001]})
    divide_verdicts(db, [1000], [1001])
    purge_entries(db, feeds[2])
    assert load_apart(db, [1000, 1001, 1002]) == {(1000, 1002), (1001, 1002)}
    put_together(db, [1001], [1003], now=NOW)
    assert load_apart(db, [1000, 1001, 1002]) == {(1000, 1002)}


# --- against the full product --------------------------------------------------


class Product:
    """Every pair that was decided, as the user meant it, and the stories as they are."""

    def __init__(self, db: Db, feeds: Iterable[int]) -> None:
        self.db = db
        self.feeds = dict(zip(range(1000, 1008), feeds, strict=True))
        self.stories = {one: {one} for one in self.feeds}
        self.apart: set[frozenset[int]] = set()

    def split(self, at: int, share: int, hours: int) -> None:
        story = sorted(self.stories)[at % len(self.stories)]
        row = sorted(self.stories[story])
        moved = {one for place, one in enumerate(row) if share >> place & 1}
        rest = set(row) - moved
        if not moved or not rest:
            return
        number = max(self.stories) + 5000
        self.stories |= {story: rest, number: moved}
        self.apart |= {frozenset(pair) for pair in product(moved, rest)}
        set_apart(self.db, moved, rest, now=NOW + hours * HOUR)
        place(self.db, {story: sorted(rest), number: sorted(moved)})
        divide_verdicts(self.db, rest, moved)

    def merge(self, at: int, share: int, hours: int) -> None:
        names = sorted(self.stories)
        chosen = sorted({names[at % len(names)], names[share % len(names)], names[(at + share) % len(names)]})
        if len(chosen) == 1:
            return
        sides = [self.stories.pop(name) for name in chosen]
        for some, others in combinations(sides, 2):
            self.apart -= {frozenset(pair) for pair in product(some, others)}
        self.stories[chosen[0]] = set().union(*sides)
        put_together(self.db, *sides, now=NOW + hours * HOUR)
        merge_stories(self.db, dict.fromkeys(chosen[1:], chosen[0]))

    def purge(self, at: int, share: int, hours: int) -> None:
        """Keeps two entries at least, and uses `share` and `hours` for nothing."""
        assert share >= 0 <= hours
        if len(self.feeds) > 2:
            entry_id = sorted(self.feeds)[at % len(self.feeds)]
            purge_entries(self.db, self.feeds.pop(entry_id))
            self.stories = {story: row - {entry_id} for story, row in self.stories.items() if row != {entry_id}}

    def expected(self) -> frozenset[tuple[int, int]]:
        pairs = combinations(sorted(self.stories), 2)
        return frozenset(pair for pair in pairs if self._are_apart(*pair))

    def _are_apart(self, one: int, other: int) -> bool:
        return any(frozenset(pair) in self.apart for pair in product(self.stories[one], self.stories[other]))


STEPS = st.lists(
    st.tuples(st.sampled_from(["split", "merge", "merge", "purge"]), st.integers(0, 9), st.integers(0, 255)),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(steps=STEPS)
def test_whatever_is_split_merged_and_purged_the_same_stories_are_apart(
    db: Db, feeds: list[int], steps: list[Any]
) -> None:
    db.execute("BEGIN")
    try:
        model = Product(db, feeds)
        for hours, (kind, at, share) in enumerate(steps):
            getattr(model, kind)(at, share, hours // 2)
            assert load_apart(db, model.stories) == model.expected(), (kind, at, share)
    finally:
        db.execute("ROLLBACK")
