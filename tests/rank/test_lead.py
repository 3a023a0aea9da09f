"""The lead of a story: weight, then a fuller text, then the earliest; copies after their original."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW, make_source
from veille.rank.lead import Weights, order_sources

if TYPE_CHECKING:
    from veille.model import Source

A, B = "https://a.example/rss", "https://b.example/rss"
HOUR = timedelta(hours=1)


def order(*sources: Source, weights: Weights | None = None) -> list[int]:
    return [source.entry_id for source in order_sources(sources, weights or Weights())]


def test_the_earliest_leads_where_nothing_else_decides() -> None:
    late, early = make_source(1, published_at=NOW), make_source(2, published_at=NOW - HOUR)
    assert order(late, early) == [2, 1]
    assert order(make_source(4), make_source(3)) == [3, 4]


def test_weight_comes_before_length_and_length_before_date() -> None:
    first = make_source(1, feed_url=A, words=20, published_at=NOW - HOUR)
    longer = make_source(2, feed_url=A, words=800)
    dear = make_source(3, feed_url=B, words=0, published_at=NOW + HOUR)
    assert order(first, longer, dear) == [2, 1, 3]
    assert order(first, longer, dear, weights=Weights(feeds={B: 1.0})) == [3, 1, 2]
    assert order(first, longer, dear, weights=Weights(feeds={A: -1.0})) == [3, 1, 2]


def test_weights_of_folders_count_and_add_to_those_of_feeds() -> None:
    local = make_source(1, feed_url=A, folder="Presse/Locale")
    blog = make_source(2, feed_url=B, folder="Blogs", published_at=NOW + HOUR)
    assert order(local, blog, weights=Weights(folders={"blogs": 1.0})) == [2, 1]
    assert order(local, blog, weights=Weights(folders={"Blogs": 1.0, "Presse": 1.0})) == [1, 2]
    assert order(local, blog, weights=Weights(feeds={A: 2.0}, folders={"Blogs": 1.0})) == [1, 2]


@pytest.mark.parametrize(
    ("early", "late", "leads"),
    [(0, 9, 1), (30, 60, 1), (9, 10, 2), (60, 150, 2), (150, 290, 1), (290, 300, 2), (300, 5000, 1), (5000, 300, 1)],
)
def test_a_teaser_leads_before_no_full_text_and_length_counts_in_steps(early: int, late: int, leads: int) -> None:
    one, other = make_source(1, words=early, published_at=NOW - HOUR), make_source(2, words=late)
    assert order(one, other)[0] == leads


def test_a_copy_never_leads_before_its_original() -> None:
    original = make_source(1, feed_url=A, words=5)
    copy = make_source(2, feed_url=B, words=900, published_at=NOW - HOUR, duplicate_of=1)
    other = make_source(3, feed_url=A, words=5, published_at=NOW + HOUR)
    assert order(copy, original, other, weights=Weights(feeds={B: 10.0})) == [1, 3, 2]


def test_what_copies_an_entry_of_another_story_may_lead() -> None:
    assert order(make_source(1, words=5), make_source(2, words=500, duplicate_of=99)) == [2, 1]


def test_originals_come_by_date_and_copies_last() -> None:
    rows = [make_source(n, published_at=NOW + n * HOUR, duplicate_of=1 if n % 2 == 0 else None) for n in range(1, 7)]
    assert order(*rows) == [1, 3, 5, 2, 4, 6]


@given(st.permutations(range(1, 8)), st.lists(st.integers(0, 600), min_size=8, max_size=8))
def test_the_order_in_which_sources_come_changes_nothing(places: list[int], words: list[int]) -> None:
    made = [make_source(n, words=words[n], feed_url=(A, B)[n % 2], duplicate_of=3 if n > 5 else None) for n in places]
    found = order(*made, weights=Weights(feeds={B: 0.5}))
    assert sorted(found) == list(range(1, 8))
    again = order(*sorted(made, key=lambda one: one.entry_id), weights=Weights(feeds={B: 0.5}))
    assert found == again
