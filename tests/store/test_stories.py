"""Stories: entries put into them, marks and notes that outlive their growing, numbers that name them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from stored import NOW, entry, fold, store, subscribe
from veille.errors import UnknownError
from veille.model import Placement, Source
from veille.store.feeds import find_feed, remove_feed, update_feed
from veille.store.schema import FIRST_ID
from veille.store.stories import (
    find_story,
    list_starred,
    list_window,
    load_stories,
    mark_story,
    merge_stories,
    note_story,
    place_entries,
    remember_list,
)

if TYPE_CHECKING:
    from veille.model import Story
    from veille.store.db import Db

COPIED = "Le maire de Nantes annonce sa démission du conseil"
HOUR = timedelta(hours=1)


def load(db: Db, story_id: int) -> Story:
    (story,) = load_stories(db, [story_id])
    return story


def one_story(db: Db) -> int:
    """A story of one entry, published at NOW; its number."""
    store(
        db, subscribe(db, "a", title="A", folder="Presse"), entry("1", COPIED, summary="s", author="Ann", language="fr")
    )
    fold(db)
    return 1000


def add_copy(db: Db, name: str, published_at: datetime) -> None:
    """A copy of the same article in another feed."""
    store(db, subscribe(db, name), entry("copy", COPIED, url=f"http://{name}.example/c", published_at=published_at))
    assert fold(db) == 1


def test_a_story_holds_its_sources_the_original_first(db: Db) -> None:
    story_id = one_story(db)
    # What has been seen stays the original, whatever was published before it.
    remember_list(db, [story_id])
    add_copy(db, "b", NOW - HOUR)
    add_copy(db, "c", NOW + HOUR)
    story = load(db, story_id)
    assert [(source.feed, source.entry_id, source.duplicate_of) for source in story.sources] == [
        ("A", 1000, None),
        ("http://b.example/feed", 1001, 1000),
        ("http://c.example/feed", 1002, 1000),
    ]
    assert story.lead == Source(
        entry_id=1000, feed_id=1, feed="A", feed_url="http://a.example/feed", folder="Presse", title=COPIED,
        url="http://x.example/1", published_at=NOW, words=1,
    )  # fmt: skip
    assert (story.summary, story.author, story.language, story.words) == ("s", "Ann", "fr", 1)


def test_a_feed_is_named_by_the_user_then_by_itself_then_by_its_address(db: Db) -> None:
    story_id = one_story(db)
    add_copy(db, "b", NOW)
    update_feed(db, 2, feed_title="Its own")
    assert [source.feed for source in load(db, story_id).sources] == ["A", "Its own"]


def test_marks_and_notes_outlive_the_growing_of_their_story(db: Db) -> None:
    story_id = one_story(db)
    mark_story(db, story_id, "read", now=NOW)
    mark_story(db, story_id, "star", now=NOW)
    note_story(db, story_id, "à suivre", now=NOW)
    for number in range(3):
        add_copy(db, f"copy{number}", NOW + number * HOUR)
    store(db, 1, entry("1", COPIED + " municipal"))
    story = load(db, story_id)
    assert (len(story.sources), story.read, story.starred, story.note) == (4, True, True, "à suivre")


def test_each_mark_is_set_and_taken_away_without_the_other(db: Db) -> None:
    story_id = one_story(db)
    shown = []
    for mark in ("read", "star", "unread", "read", "read", "unstar", "unread", "unstar"):
        mark_story(db, story_id, mark, now=NOW)
        story = load(db, story_id)
        shown.append((story.read, story.starred))
    assert shown == [
        (True, False), (True, True), (False, True), (True, True), (True, True), (True, False), (False, False),
        (False, False),
    ]  # fmt: skip


def test_a_note_is_replaced_and_taken_away(db: Db) -> None:
    story_id = one_story(db)
    for text in ("first", "second\nline", ""):
        note_story(db, story_id, text, now=NOW)
        assert load(db, story_id).note == text
    assert db.execute("SELECT count(*) FROM notes").fetchone()[0] == 0


def test_stories_come_in_the_order_asked_for_and_unknown_ones_are_passed_over(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, *(entry(str(number), f"{word} alone") for number, word in enumerate(["Sun", "Moon", "Star"])))
    fold(db)
    assert [story.id for story in load_stories(db, [1002, 7, 1000, 1001])] == [1002, 1000, 1001]
    assert load_stories(db, []) == []


# --- the window --------------------------------------------------------------


def test_the_window_holds_stories_with_an_entry_since(db: Db) -> None:
    story_id = one_story(db)
    assert list_window(db, since=NOW, unread_only=False) == [story_id]
    assert list_window(db, since=NOW + HOUR, unread_only=False) == []
    add_copy(db, "b", NOW + 2 * HOUR)
    assert list_window(db, since=NOW + HOUR, unread_only=False) == [story_id]


def test_read_stories_leave_the_unread_window(db: Db) -> None:
    story_id = one_story(db)
    mark_story(db, story_id, "star", now=NOW)
    assert list_window(db, since=NOW, unread_only=True) == [story_id]
    mark_story(db, story_id, "read", now=NOW)
    assert list_window(db, since=NOW, unread_only=True) == []
    assert list_window(db, since=NOW, unread_only=False) == [story_id]


def test_starred_stories_are_listed_whatever_became_of_their_feed(db: Db) -> None:
    story_id = one_story(db)
    store(db, 1, entry("2", "Something else entirely"))
    fold(db)
    assert list_starred(db) == []
    for mark in ("star", "read"):
        mark_story(db, story_id, mark, now=NOW)
    mark_story(db, 1001, "read", now=NOW)
    remove_feed(db, find_feed(db, "1"), now=NOW, purge=False)
    assert list_starred(db) == [story_id]


def test_an_edited_date_moves_the_story_in_the_window(db: Db) -> None:
    story_id = one_story(db)
    store(db, 1, entry("1", COPIED, published_at=NOW - timedelta(days=9)))
    assert list_window(db, since=NOW - HOUR, unread_only=False) == []
    store(db, 1, entry("1", COPIED, published_at=NOW + HOUR))
    assert list_window(db, since=NOW, unread_only=False) == [story_id]
    dates = db.execute("SELECT first_at, last_at FROM stories").fetchone()
    assert tuple(dates) == ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z")


def test_muted_and_removed_feeds_bring_nothing_into_the_window(db: Db) -> None:
    story_id = one_story(db)
    update_feed(db, 1, muted=1)
    assert list_window(db, since=NOW, unread_only=False) == []
    add_copy(db, "b", NOW)
    assert list_window(db, since=NOW, unread_only=False) == [story_id]
    remove_feed(db, find_feed(db, "2"), now=NOW, purge=False)
    assert list_window(db, since=NOW, unread_only=False) == []
    update_feed(db, 1, muted=0)
    assert list_window(db, since=NOW, unread_only=False) == [story_id]


# --- numbers -----------------------------------------------------------------


def test_a_story_is_named_by_its_rank_its_number_or_that_of_any_entry(db: Db) -> None:
    story_id = one_story(db)
    add_copy(db, "b", NOW)
    store(db, 1, entry("2", "Something else entirely"))
    fold(db)
    remember_list(db, [1002, story_id])
    found = {"1": 1002, "2": story_id, "#2": story_id, " 1000 ": 1000, "#1001": 1000, "1002": 1002}
    assert {name: find_story(db, name) for name in found} == found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x", "“x” is not a story number: see the numbers that `veille top` shows"),
        ("", "“” is not a story number"),
        ("-1", "“-1” is not a story number"),
        ("٣", "“٣” is not a story number"),
        ("9" * 19, "“9999999999999999999” is not a story number"),
        ("3", "the last list shown has no rank 3: run `veille top`, or give an id such as 1042"),
        ("0", "the last list shown has no rank 0"),
        ("4242", "no story has the id 4242: see `veille top --all` or `veille search`"),
        ("1001", "no story has the id 1001"),
    ],
)
def test_a_number_of_nothing_is_told(db: Db, name: str, said: str) -> None:
    story_id = one_story(db)
    remember_list(db, [story_id])
    store(db, 1, entry("2", "In no story yet"))
    with pytest.raises(UnknownError) as caught:
        find_story(db, name)
    assert str(caught.value).startswith(said)


def test_a_story_keeps_its_number_when_its_founder_is_purged(db: Db) -> None:
    story_id = one_story(db)
    add_copy(db, "b", NOW)
    db.execute("DELETE FROM entries WHERE id = 1000")
    assert find_story(db, "1000") == find_story(db, "1001") == story_id


def test_a_rank_whose_story_is_gone_means_nothing(db: Db) -> None:
    remember_list(db, [one_story(db), 1234])
    with pytest.raises(UnknownError, match="no rank 2"):
        find_story(db, "2")


def test_a_new_list_replaces_the_last_and_never_reaches_the_numbers(db: Db) -> None:
    story_id = one_story(db)
    remember_list(db, [story_id] * (FIRST_ID + 50))
    assert find_story(db, str(FIRST_ID - 1)) == story_id
    assert db.execute("SELECT max(rank) FROM last_list").fetchone()[0] == FIRST_ID - 1
    remember_list(db, [])
    with pytest.raises(UnknownError):
        find_story(db, "1")


def test_placing_says_how_many_are_copies(db: Db) -> None:
    store(db, subscribe(db, "a"), entry("1"), entry("2"), entry("3"))
    placed = place_entries(
        db,
        [
            Placement(entry_id=1000, story_id=1000),
            Placement(entry_id=1001, story_id=1000, duplicate_of=1000),
            Placement(entry_id=1002, story_id=1002),
        ],
    )
    assert placed == 1
    assert [len(story.sources) for story in load_stories(db, [1000, 1002])] == [2, 1]
    assert place_entries(db, []) == 0


# --- merges ------------------------------------------------------------------


def two_stories(db: Db) -> None:
    """Stories 1000 and 1001, of an entry each."""
    store(db, subscribe(db, "a"), entry("1"), entry("2", published_at=NOW + HOUR))
    place_entries(db, [Placement(entry_id=number, story_id=number) for number in (1000, 1001)])


def test_a_merge_keeps_one_number_and_both_name_it(db: Db) -> None:
    two_stories(db)
    remember_list(db, [1001, 1000])
    merge_stories(db, {1001: 1000})
    assert [source.entry_id for source in load(db, 1000).sources] == [1000, 1001]
    assert load_stories(db, [1001]) == []
    assert [find_story(db, name) for name in ("1000", "1001", "1", "2")] == [1000] * 4
    dates = db.execute("SELECT first_at, last_at FROM stories").fetchall()
    assert [tuple(row) for row in dates] == [("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z")]


@pytest.mark.parametrize(
    ("kept", "gone", "read", "starred"),
    [
        ((), (), False, False),
        (("read",), (), False, False),
        ((), ("read",), False, False),
        (("read",), ("read",), True, False),
        (("star",), (), False, True),
        ((), ("star",), False, True),
        (("read", "star"), ("read",), True, True),
        (("read",), ("read", "star"), True, True),
        (("star",), ("read",), False, True),
        (("read",), ("star",), False, True),
    ],
)
def test_what_is_merged_is_read_where_both_were_and_starred_where_one_was(
    db: Db, kept: tuple[str, ...], gone: tuple[str, ...], *, read: bool, starred: bool
) -> None:
    two_stories(db)
    for story_id, marks in ((1000, kept), (1001, gone)):
        for mark in marks:
            mark_story(db, story_id, mark, now=NOW)
    merge_stories(db, {1001: 1000})
    story = load(db, 1000)
    assert (story.read, story.starred) == (read, starred)
    assert db.execute("SELECT count(*) FROM marks WHERE story_id != 1000").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("kept", "gone", "note"), [("", "", ""), ("one", "", "one"), ("", "two", "two"), ("one", "two", "one\ntwo")]
)
def test_notes_of_what_is_merged_are_put_together(db: Db, kept: str, gone: str, note: str) -> None:
    two_stories(db)
    note_story(db, 1000, kept, now=NOW)
    note_story(db, 1001, gone, now=NOW)
    merge_stories(db, {1001: 1000})
    assert load(db, 1000).note == note


def test_several_stories_are_merged_at_once(db: Db) -> None:
    store(db, subscribe(db, "a"), *(entry(str(number)) for number in range(4)))
    place_entries(db, [Placement(entry_id=number, story_id=number) for number in range(1000, 1004)])
    merge_stories(db, {1001: 1000, 1003: 1000})
    merge_stories(db, {})
    assert [len(story.sources) for story in load_stories(db, [1000, 1001, 1002, 1003])] == [3, 1]
