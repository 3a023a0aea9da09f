"""Entries as folding sees them: those in no story, those of a span, of stories, of pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stored import NOW, entry, store, subscribe
from veille.model import Headline, Placement
from veille.store.headlines import (
    find_newest_date,
    has_pending,
    load_headlines,
    load_members,
    load_pages,
    load_pending,
    load_span,
)
from veille.store.stories import place_entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.store.db import Db

DAY = timedelta(days=1)


def ids(headlines: Iterable[Headline]) -> list[int]:
    return [headline.entry_id for headline in headlines]


def archive(db: Db) -> None:
    """Entries 1000 to 1004, a day apart, the newest first; 1000 and 1002 are one story, 1001 its own."""
    feed_id = subscribe(db, "a")
    store(db, feed_id, *(entry(str(number), published_at=NOW - number * DAY) for number in range(5)))
    place_entries(db, [Placement(entry_id=number, story_id=story) for number, story in PLACES.items()])


PLACES = {1000: 1000, 1001: 1001, 1002: 1000}


def test_a_headline_holds_what_folding_needs(db: Db) -> None:
    feed_id = subscribe(db, "a")
    url = "https://www.x.example/été/?utm_source=rss"
    store(db, feed_id, entry("1", "L’été", url=url, summary="Il fait chaud", language="fr"))
    wanted = Headline(
        entry_id=1000, feed_id=feed_id, title="L’été", url=url, published_at=NOW, language="fr",
        summary="Il fait chaud", page="x.example/%C3%A9t%C3%A9",
    )  # fmt: skip
    assert load_pending(db, span=timedelta(days=9999), some=1, most=9) == load_headlines(db, [1000]) == [wanted]


def test_pending_entries_are_in_no_story_the_earliest_first(db: Db) -> None:
    assert not has_pending(db)
    archive(db)
    assert has_pending(db)
    assert ids(load_pending(db, span=timedelta(days=9999), some=1, most=9)) == [1004, 1003]
    assert ids(load_pending(db, span=timedelta(days=9999), some=1, most=1)) == [1004]
    place_entries(db, [Placement(entry_id=number, story_id=number) for number in (1003, 1004)])
    assert not has_pending(db)
    assert load_pending(db, span=timedelta(days=9999), some=1, most=9) == []


def test_a_span_brings_its_stories_whole_and_nothing_pending(db: Db) -> None:
    archive(db)
    assert ids(load_span(db, since=NOW - 9 * DAY, until=NOW - 2 * DAY)) == [1000, 1002]
    assert ids(load_span(db, since=NOW - DAY, until=NOW - DAY)) == [1001]
    assert load_span(db, since=NOW + DAY, until=NOW + 2 * DAY) == []


def test_members_come_by_story(db: Db) -> None:
    archive(db)
    assert {story: ids(row) for story, row in load_members(db, [1000, 1001, 4242]).items()} == {
        1000: [1000, 1002], 1001: [1001],
    }  # fmt: skip
    assert load_members(db, []) == {}


def test_pages_are_looked_up_among_what_is_in_a_story_and_recent(db: Db) -> None:
    archive(db)
    pages = [f"x.example/{number}" for number in range(5)]
    assert ids(load_pages(db, [*pages, ""], since=NOW - DAY)) == [1000, 1001]
    assert load_pages(db, [""], since=NOW - 9 * DAY) == []


def test_an_edit_moves_an_entry_to_its_new_page(db: Db) -> None:
    archive(db)
    store(db, 1, entry("0", url="http://x.example/moved"))
    assert ids(load_pages(db, ["x.example/moved", "x.example/0"], since=NOW)) == [1000]


def test_headlines_come_in_the_order_of_their_numbers(db: Db) -> None:
    archive(db)
    assert ids(load_headlines(db, [1003, 1000, 4242])) == [1000, 1003]


def test_the_newest_date_is_that_of_any_entry(db: Db) -> None:
    assert find_newest_date(db) is None
    archive(db)
    assert find_newest_date(db) == NOW
