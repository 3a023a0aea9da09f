"""Marks taken down and put back, put together and handed on; slots, clocks and books as stored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stored import NOW, entry, fold, store, subscribe
from veille.store.db import write
from veille.store.ledger import list_given, list_paces, list_sittings
from veille.store.marks import list_later, load_tags, put_back, tag_story, take_down, untag_story
from veille.store.session import (
    StoredAction,
    StoredSlot,
    add_action,
    add_reading,
    end_sessions,
    find_last_action,
    find_last_use,
    follow_story,
    list_acted,
    list_titles,
    load_open,
    load_slots,
    mark_undone,
    save_clock,
    start_session,
    write_slots,
)
from veille.store.stories import (
    follow_reading,
    list_window,
    load_stories,
    mark_story,
    merge_stories,
    note_story,
    rename_story,
)

if TYPE_CHECKING:
    from veille.store.db import Db

_WORDS = "usine decret crise boycott".split()


@pytest.fixture
def stories(db: Db) -> list[int]:
    """Four stories of one feed."""
    feed_id = subscribe(db, "gazette")
    text = "<p>" + "mot " * 120
    store(db, feed_id, *[entry(word, word, language="fr", content=text) for word in _WORDS])
    fold(db)
    return sorted(story_id for (story_id,) in db.execute("SELECT id FROM stories"))


def begin(db: Db, stories: list[int]) -> int:
    slots = [
        StoredSlot(place=place, story_id=story_id, seconds=60.0, points=2.0, why="score")
        for place, story_id in enumerate(stories)
    ]
    with write(db):
        return start_session(db, slots, budget=timedelta(minutes=10), told={"tail": [7]}, now=NOW)


def test_what_is_taken_down_can_be_put_back_exactly(db: Db, stories: list[int]) -> None:
    one = stories[0]
    empty = take_down(db, one)
    for mark in ("read", "star", "later", "pick", "kill"):
        mark_story(db, one, mark, now=NOW)
    note_story(db, one, "à suivre", now=NOW)
    tag_story(db, one, "crise")
    full = take_down(db, one)
    assert full != empty
    put_back(db, one, empty)
    assert take_down(db, one) == empty
    assert not db.execute("SELECT count(*) FROM marks").fetchone()[0]
    put_back(db, one, full)
    assert take_down(db, one) == full


def test_a_part_put_back_leaves_the_rest(db: Db, stories: list[int]) -> None:
    mark_story(db, stories[0], "star", now=NOW)
    put_back(db, stories[0], {"read_at": "2026-11-20T08:00:00Z"})
    (story,) = load_stories(db, stories[:1])
    assert (story.read, story.starred) == (True, True)
    # Marks that came meanwhile keep the row that there was none of.
    put_back(db, stories[0], {"read_at": None, "row": False})
    assert load_stories(db, stories[:1])[0].starred


def test_a_killed_story_is_hidden_as_a_read_one_is(db: Db, stories: list[int]) -> None:
    mark_story(db, stories[1], "kill", now=NOW)
    since = NOW - timedelta(days=1)
    assert stories[1] not in list_window(db, since=since, unread_only=True)
    assert stories[1] in list_window(db, since=since, unread_only=False)
    mark_story(db, stories[1], "unkill", now=NOW)
    assert stories[1] in list_window(db, since=since, unread_only=True)


def test_what_is_put_off_waits_until_it_is_read_or_killed(db: Db, stories: list[int]) -> None:
    for number, story_id in enumerate(stories[:3]):
        mark_story(db, story_id, "later", now=NOW - timedelta(hours=number))
    assert list_later(db) == stories[2::-1]
    mark_story(db, stories[0], "read", now=NOW)
    mark_story(db, stories[1], "kill", now=NOW)
    assert list_later(db) == [stories[2]]
    mark_story(db, stories[0], "later", now=NOW)
    assert not load_stories(db, stories[:1])[0].read


def test_stories_put_together_keep_what_was_thought_of_both(db: Db, stories: list[int]) -> None:
    kept, gone = stories[:2]
    mark_story(db, kept, "kill", now=NOW)
    for mark in ("pick", "later"):
        mark_story(db, gone, mark, now=NOW)
    tag_story(db, kept, "a")
    tag_story(db, gone, "a")
    tag_story(db, gone, "b")
    untag_story(db, kept, "zzz")
    session = begin(db, stories)
    for story_id in (kept, gone):
        add_reading(db, session, story_id, 30.0)
    add_action(db, session, StoredAction(id=0, story_id=gone, what="pick", value="", before={}), now=NOW)
    merge_stories(db, {gone: kept})
    (story,) = load_stories(db, [kept])
    assert (story.killed, story.picked, story.later) == (False, True, True)
    assert load_tags(db, [kept, gone]) == {kept: ("a", "b")}
    assert [tuple(row) for row in db.execute("SELECT story_id, seconds, words FROM reading")] == [(kept, 60.0, 240)]
    assert [slot.story_id for slot in load_slots(db, session)] == [kept, kept, *stories[2:]]
    assert list_acted(db, session) == {"pick": {kept}}
    assert follow_story(db, gone) == kept


def test_both_killed_stay_killed_together_and_a_part_that_leaves_follows(db: Db, stories: list[int]) -> None:
    for story_id in stories[:2]:
        mark_story(db, story_id, "kill", now=NOW)
    merge_stories(db, {stories[1]: stories[0]})
    assert load_stories(db, stories[:1])[0].killed
    follow_reading(db, stories[0], stories[2])
    assert load_stories(db, [stories[2]])[0].killed


def test_a_story_that_is_gone_is_followed_nowhere(db: Db) -> None:
    assert follow_story(db, 4711) is None


def test_the_open_session_and_its_clock(db: Db, stories: list[int]) -> None:
    assert load_open(db) is None
    assert find_last_use(db, now=NOW) is None
    session = begin(db, stories)
    save_clock(db, session, spent=12.5, place=2, now=NOW + timedelta(minutes=1))
    stored = load_open(db)
    assert stored
    assert (stored.id, stored.spent, stored.place, stored.budget) == (session, 12.5, 2, timedelta(minutes=10))
    assert stored.told == {"tail": [7]}
    later = NOW + timedelta(minutes=1)
    assert find_last_use(db, now=later) is None  # nothing was done in it
    add_action(db, session, StoredAction(id=0, story_id=stories[0], what="open", value="", before={}), now=NOW)
    assert find_last_use(db, now=later) == later
    assert find_last_use(db, now=NOW) is None  # a clock that was ahead
    end_sessions(db, now=NOW)
    assert load_open(db) is None


def test_slots_are_written_over_in_their_places(db: Db, stories: list[int]) -> None:
    session = begin(db, stories)
    done = StoredSlot(place=1, story_id=stories[1], seconds=60.0, points=2.0, why="score", state="done")
    write_slots(db, session, [done])
    assert [slot.state for slot in load_slots(db, session)] == ["todo", "done", "todo", "todo"]


def test_the_last_action_is_the_last_that_stands(db: Db, stories: list[int]) -> None:
    session = begin(db, stories)
    assert find_last_action(db, session) is None
    for what in ("star", "open"):
        action = StoredAction(id=0, story_id=stories[0], what=what, value="", before={"place": 0})
        add_action(db, session, action, now=NOW)
    last = find_last_action(db, session)
    assert last
    assert (last.what, last.before) == ("open", {"place": 0})
    mark_undone(db, last.id, now=NOW)
    before = find_last_action(db, session)
    assert before
    assert before.what == "star"
    assert list_acted(db, session) == {"star": {stories[0]}}


def test_the_books_hold_time_openings_and_speeds(db: Db, stories: list[int]) -> None:
    session = begin(db, stories)
    add_reading(db, session, stories[0], 40.0)
    add_reading(db, session, stories[0], 20.0)
    add_reading(db, session, 4711, 5.0)
    action = StoredAction(id=0, story_id=stories[1], what="open", value="", before={})
    add_action(db, session, action, now=NOW)
    assert list_given(db, since=NOW) == [(stories[0], 60.0, 0), (4711, 5.0, 0), (stories[1], 0, 1)]
    assert list_given(db, since=NOW + timedelta(seconds=1)) == []
    assert list_paces(db, most=10) == []  # nothing was read to its end
    done = StoredSlot(place=0, story_id=stories[0], seconds=60.0, points=2.0, why="score", state="done")
    write_slots(db, session, [done])
    assert list_paces(db, most=10) == [(120, 60.0, "fr")]
    (sitting,) = list_sittings(db, since=NOW)
    assert (sitting.planned, sitting.done) == (4, 1)


def test_the_words_of_an_article_fetched_in_full_count(db: Db, stories: list[int]) -> None:
    session = begin(db, stories)
    (entry_id,) = db.execute("SELECT id FROM entries WHERE story_id = ?", (stories[0],)).fetchone()
    db.execute(
        "INSERT INTO articles (entry_id, url, fetched_at, status, words) VALUES (?, '', '', 'ok', 900)", (entry_id,)
    )
    add_reading(db, session, stories[0], 40.0)
    assert db.execute("SELECT words FROM reading").fetchone()[0] == 900


def test_the_latest_titles_of_a_feed(db: Db, stories: list[int]) -> None:
    (feed_id,) = db.execute("SELECT DISTINCT feed_id FROM entries").fetchone()
    assert len(stories) == 4
    assert len(list_titles(db, feed_id, most=3)) == 3


@pytest.mark.parametrize(
    ("kept", "gone", "whole"),
    [
        (["read"], ["kill"], (True, False)),
        (["kill"], ["read"], (True, False)),
        (["kill"], ["kill"], (False, True)),
        (["kill", "read"], ["kill", "read"], (True, True)),
        (["read"], [], (False, False)),
        ([], ["kill"], (False, False)),
    ],
)
def test_what_is_put_together_is_dealt_with_where_both_were(
    db: Db, stories: list[int], kept: list[str], gone: list[str], whole: tuple[bool, bool]
) -> None:
    for story_id, marks in zip(stories, (kept, gone), strict=False):
        for mark in marks:
            mark_story(db, story_id, mark, now=NOW)
    merge_stories(db, {stories[1]: stories[0]})
    (story,) = load_stories(db, stories[:1])
    assert (story.read, story.killed) == whole


def test_time_given_to_both_numbers_of_a_story_is_added_up(db: Db, stories: list[int]) -> None:
    session = begin(db, stories)
    add_reading(db, session, stories[0], 40.0)
    add_reading(db, session, stories[1], 20.0)
    rename_story(db, stories[0], stories[1])
    assert list_given(db, since=NOW) == [(stories[1], 60.0, 0)]


def test_stories_are_looked_for_among_some(db: Db, stories: list[int]) -> None:
    mark_story(db, stories[1], "read", now=NOW)
    since = NOW - timedelta(days=1)
    assert list_window(db, since=since, unread_only=True, among=stories[:2]) == stories[:1]
    assert list_window(db, since=since, unread_only=True, among=[]) == []
