"""Who had a story when; which copies are of what; which folders fold apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from make import NOW, make_source, make_story
from veille.rank.coverage import find_originals, survey_story
from veille.rank.scope import scope_of

MINUTE = timedelta(minutes=1)


def test_the_first_outlet_and_its_lead_on_the_next() -> None:
    story = make_story(
        make_source(3, url="https://b.example/3", published_at=NOW + 30 * MINUTE),
        make_source(1, url="https://a.example/1"),
        make_source(2, url="https://a.example/2", published_at=NOW + 5 * MINUTE),
        make_source(4, url="https://c.example/4", published_at=NOW + 90 * MINUTE),
    )
    found = survey_story(story)
    assert (found.first.entry_id, found.second and found.second.entry_id) == (1, 3)
    assert (found.ahead, found.spread, found.outlets) == (30 * MINUTE, 90 * MINUTE, 3)
    assert [source.entry_id for source in found.rows] == [1, 2, 3, 4]


def test_one_outlet_is_before_nobody() -> None:
    found = survey_story(make_story(make_source(1), make_source(2, published_at=NOW + MINUTE)))
    assert (found.second, found.ahead, found.spread, found.outlets) == (None, timedelta(0), MINUTE, 1)


def test_copies_come_under_the_original_that_is_no_copy() -> None:
    """An original that proved a copy later: what copied it copies its original."""
    story = make_story(
        make_source(1),
        make_source(2, published_at=NOW + MINUTE),
        make_source(3, published_at=NOW + 2 * MINUTE, duplicate_of=1),
        make_source(4, published_at=NOW + 3 * MINUTE, duplicate_of=3),
        make_source(5, published_at=NOW + 4 * MINUTE, duplicate_of=99),
    )
    assert find_originals(story) == {3: 1, 4: 1}
    assert [source.entry_id for source in survey_story(story).rows] == [1, 3, 4, 2, 5]


def test_a_copy_dated_before_its_original_is_under_it_and_yet_the_first() -> None:
    story = make_story(make_source(1), make_source(2, published_at=NOW - MINUTE, duplicate_of=1))
    found = survey_story(story)
    assert [source.entry_id for source in found.rows] == [1, 2]
    assert found.first.entry_id == 2


@pytest.mark.parametrize(
    ("folder", "scope"),
    [("Presse/Locale/Nantes", "Presse"), ("PRESSE", "Presse"), ("Blogs", "Blogs"), ("Presses", ""), ("", "")],
)
def test_a_feeds_scope_is_the_folder_set_apart_that_it_is_in(folder: str, scope: str) -> None:
    assert scope_of(folder, ("Presse", "Blogs")) == scope


def test_nothing_is_set_apart_by_default() -> None:
    assert scope_of("Presse", ()) == ""
