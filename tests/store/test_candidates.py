"""Candidates of a ranking: the same stories as in full, without their texts; what has arrived; paces."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stored import NOW, entry, fold, store, subscribe
from veille.rank.lead import Weights
from veille.store.candidates import (
    find_newest,
    list_arrived,
    list_folders,
    load_candidates,
    load_paces,
    load_returns,
    load_window,
)
from veille.store.db import write
from veille.store.feeds import find_feed, remove_feed, update_feed
from veille.store.stories import list_window, load_stories, mark_story

if TYPE_CHECKING:
    from veille.model import Story
    from veille.store.db import Db


def fill(db: Db) -> None:
    """Three feeds: one story that two of them tell, and one of each."""
    one, two, three = (subscribe(db, name, folder=f"Dossier {name}") for name in ("un", "deux", "trois"))
    told = "Incendie à l’usine de galettes Morvellec de Brest"
    store(db, one, entry("a", told, summary="Un long récit. " * 30, language="fr"), entry("b", "Un autre sujet"))
    store(db, two, entry("c", told, language="fr"), entry("d", "Les marées de la semaine"))
    store(db, three, entry("e", "Ancien", published_at=NOW - timedelta(days=9)))
    fold(db)


def without_texts(story: Story) -> tuple[object, ...]:
    sources = [
        (one.entry_id, one.feed_id, one.feed, one.feed_url, one.folder, one.url, one.published_at, one.duplicate_of)
        for one in story.sources
    ]
    return story.id, sources, story.language, story.words


def test_candidates_are_the_stories_but_their_texts(db: Db) -> None:
    fill(db)
    ids = [story_id for (story_id,) in db.execute("SELECT id FROM stories ORDER BY id DESC")]
    weights = Weights(feeds={"http://deux.example/feed": 3.0})
    for given in (Weights(), weights):
        full, candidates = load_stories(db, ids, given), load_candidates(db, ids, given)
        assert list(map(without_texts, candidates)) == list(map(without_texts, full))
    assert load_candidates(db, [1]) == []


def test_a_window_holds_what_its_list_does(db: Db) -> None:
    fill(db)
    since = NOW - timedelta(days=1)

    def listed(*, unread_only: bool = True, muted: dict[str, bool] | None = None) -> set[int]:
        found = load_window(db, since=since, unread_only=unread_only, muted=muted)
        ids = {story.id for story in found}
        assert ids == set(list_window(db, since=since, unread_only=unread_only, muted=muted))
        return ids

    assert len(listed()) == 3
    first = min(listed())
    with write(db):
        mark_story(db, first, "read", now=NOW)
    assert listed() == listed(unread_only=False) - {first}
    assert len(listed(unread_only=False, muted={"http://un.example/feed": True})) == 2
    with write(db):
        update_feed(db, find_feed(db, "http://un.example/feed").id, muted=1)
        remove_feed(db, find_feed(db, "http://deux.example/feed"), now=NOW, purge=False)
    assert listed(unread_only=False) == set()
    assert len(listed(unread_only=False, muted={"http://un.example/feed": False})) == 2
    assert list_folders(db) == ["Dossier un", "Dossier trois"]


def test_what_has_arrived_is_counted_once_it_is_in_a_story(db: Db) -> None:
    assert find_newest(db) == 0
    fill(db)
    newest = find_newest(db)
    feed = find_feed(db, "http://trois.example/feed").id
    store(db, feed, entry("f", "Incendie à l’usine de galettes Morvellec de Brest"), entry("g", "Tout autre chose"))
    assert find_newest(db) == newest
    fold(db)
    assert find_newest(db) == newest + 2
    assert len(list_arrived(db, after=newest, to=newest + 2)) == 2
    assert list_arrived(db, after=newest, to=newest + 1) == {1000}


def test_the_pace_of_a_feed_is_that_of_two_weeks(db: Db) -> None:
    feed, _ = subscribe(db, "un"), subscribe(db, "deux")
    store(db, feed, *(entry(str(day), published_at=NOW - timedelta(days=day)) for day in range(20)))
    assert load_paces(db, now=NOW) == {feed: 15 * 7 / 14, feed + 1: 0.0}
    assert load_paces(db, now=NOW, feeds=[feed + 1]) == {feed + 1: 0.0}


@pytest.mark.parametrize(("hours", "per_week"), [(1, 70.0), (24, 70 / 9), (48, 4.0)])
def test_the_pace_of_a_new_feed_is_that_of_the_time_its_entries_cover(db: Db, hours: int, per_week: float) -> None:
    """Ten entries so many hours apart, the last one now."""
    feed = subscribe(db, "un")
    store(db, feed, *(entry(str(n), published_at=NOW - timedelta(hours=n * hours)) for n in range(10)))
    assert load_paces(db, now=NOW) == {feed: pytest.approx(per_week)}


def test_a_story_says_why_it_came_back_until_it_is_read_again(db: Db) -> None:
    fill(db)
    ids = [story_id for (story_id,) in db.execute("SELECT id FROM stories ORDER BY id")]
    with write(db):
        mark_story(db, ids[0], "unread", now=NOW)
        mark_story(db, ids[1], "unread", now=NOW)
        db.execute("UPDATE marks SET back_for = 'un bilan' WHERE story_id = ?", (ids[0],))
    assert load_returns(db, ids) == {ids[0]: "un bilan"}
    with write(db):
        mark_story(db, ids[0], "read", now=NOW)
    assert load_returns(db, ids) == {}
