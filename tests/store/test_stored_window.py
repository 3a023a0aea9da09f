"""The window in tables answers as the one in memory does, whatever has been put in, merged, purged or forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stored import NOW, entry, store, subscribe
from veille.model import Placement
from veille.rank.window import MemoryWindow
from veille.rank.wording import read_wording
from veille.store.db import open_store
from veille.store.decisions import put_together, set_apart
from veille.store.entries import purge_entries
from veille.store.headlines import load_headlines, load_members
from veille.store.stories import merge_stories, place_entries
from veille.store.window import (
    StoredWindow,
    add_to_window,
    drop_from_window,
    enter_stories,
    fill_window,
    find_newest_begin,
    forget_before,
)

if TYPE_CHECKING:
    from pathlib import Path

    from veille.model import Headline
    from veille.store.db import Db

HOUR = timedelta(hours=1)
WORDS = "port Lorient dockers grève maire Nantes orage Nice loup 12 2024 lundi".split()
SINCE = NOW - timedelta(days=365)


def add(db: Db, feed_id: int, story: int | None, title: str, **fields: Any) -> int:
    """Store an entry, place it in a story (its own for None) and enter it into the window; its number."""
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()
    store(db, feed_id, entry(f"after {last}", title, **fields))
    (entry_id,) = db.execute("SELECT max(id) FROM entries").fetchone()
    place_entries(db, [Placement(entry_id=entry_id, story_id=story or entry_id)])
    add_to_window(db, load_headlines(db, [entry_id]), {entry_id: story or entry_id})
    return int(entry_id)


def merge(db: Db, gone: int, kept: int) -> None:
    drop_from_window(db, {gone, kept})
    merge_stories(db, {gone: kept})
    enter_stories(db, {kept})


def in_stories(db: Db) -> list[Headline]:
    """All that is stored."""
    ids = [entry_id for (entry_id,) in db.execute("SELECT id FROM entries WHERE story_id IS NOT NULL")]
    return load_headlines(db, ids)


def assert_alike(db: Db, memory: MemoryWindow) -> None:
    """Count, spread, holders and members are those of the window in memory."""
    kept = StoredWindow(db, since=SINCE)
    stored = in_stories(db)
    wordings = [read_wording(one.title, one.summary) for one in stored]
    stems = {stem for wording in wordings for stem in (*wording.stems, *wording.summary)} | {"absent"}
    known = {one.story_id for one in stored if one.story_id}
    assert kept.count() == memory.count()
    assert kept.spread(stems) == memory.spread(stems)
    for most in (1, 2, 100):
        found = {stem: sorted(stories) for stem, stories in memory.holders(stems, most).items()}
        assert {stem: list(stories) for stem, stories in kept.holders(stems, most).items()} == found
    members = {story: sorted(row, key=lambda one: one.entry_id) for story, row in memory.members(known).items()}
    assert dict(kept.members(members)) == members


# --- as in memory -----------------------------------------------------------

_TITLES = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
_STEPS = st.one_of(
    st.tuples(st.just("found"), st.integers(0, 2), _TITLES, _TITLES),
    st.tuples(st.just("join"), st.integers(0, 2), _TITLES, _TITLES),
    st.tuples(st.just("merge"), st.integers(0, 50), st.just(""), st.just("")),
    st.tuples(st.just("purge"), st.integers(0, 2), st.just(""), st.just("")),
    st.tuples(st.just("forget"), st.integers(0, 20), st.just(""), st.just("")),
)


class _Pair:
    """A database and, beside it, what a window in memory holds of it."""

    def __init__(self, db: Db) -> None:
        self.db = db
        self.feeds = [subscribe(db, name) for name in "abc"]
        self.began: dict[int, datetime] = {}
        self.clock = NOW

    def stories(self) -> list[int]:
        return sorted(self.began)

    def take(self, kind: str, number: int, title: str, summary: str) -> None:
        """Do one thing to the database."""
        known = self.stories()
        self.clock += HOUR
        if kind == "found" or (kind == "join" and not known):
            story = add(self.db, self.feeds[number], None, title, published_at=self.clock, summary=summary)
            self.began[story] = self.clock
        elif kind == "join":
            add(
                self.db, self.feeds[number], known[number % len(known)], title, published_at=self.clock, summary=summary
            )
        elif kind == "merge" and len(known) > 1:
            kept, gone = sorted((known[0], known[1 + number % (len(known) - 1)]))
            merge(self.db, gone, kept)
            self.began[kept] = min(self.began[kept], self.began.pop(gone))
        elif kind == "purge":
            purge_entries(self.db, self.feeds[number])
            first = {story: min(one.published_at for one in row) for story, row in self.members().items()}
            self.began = {story: first[story] for story in known if story in first}
        elif kind == "forget":
            moment = NOW + number * HOUR
            forget_before(self.db, moment)
            self.began = {story: at for story, at in self.began.items() if at >= moment}

    def members(self) -> dict[int, list[Headline]]:
        return {story: list(row) for story, row in load_members(self.db, self.stories()).items()}

    def memory(self) -> MemoryWindow:
        """A window in memory of the stories that are in this one."""
        return MemoryWindow(one for row in self.members().values() for one in row)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEPS, max_size=14))
def test_the_tables_hold_what_memory_does(tmp_path: Path, steps: list[tuple[str, int, str, str]]) -> None:
    path = tmp_path / "veille.db"
    path.unlink(missing_ok=True)
    with open_store(path, busy_timeout=timedelta(seconds=1)) as db:
        pair = _Pair(db)
        for step in steps:
            pair.take(*step)
            assert_alike(db, pair.memory())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEPS, max_size=14))
def test_nothing_is_left_in_the_tables_of_what_was_forgotten(
    tmp_path: Path, steps: list[tuple[str, int, str, str]]
) -> None:
    path = tmp_path / "veille.db"
    path.unlink(missing_ok=True)
    with open_store(path, busy_timeout=timedelta(seconds=1)) as db:
        pair = _Pair(db)
        for step in steps:
            pair.take(*step)
        add(db, pair.feeds[0], None, "Orage sur Nice", published_at=NOW - HOUR)
        forget_before(db, NOW + timedelta(days=30))
        assert [db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES] == [0, 0, 0]


TABLES = ("fold_stories", "fold_stems", "fold_spread")


# --- what each does ---------------------------------------------------------


def test_a_story_counts_once_however_often_it_says_a_word(db: Db) -> None:
    feed_id = subscribe(db, "a")
    story = add(db, feed_id, None, "Orage sur Nice", summary="La grêle")
    add(db, feed_id, story, "Orage sur Nice et Menton")
    add(db, feed_id, None, "Nice bat Lens")
    window = StoredWindow(db, since=SINCE)
    assert window.count() == 2
    asked = read_wording("orage nice grêle menton absent").stems
    assert [window.spread(asked).get(stem) for stem in asked] == [1, 2, 1, 1, None]


def test_a_word_finds_the_stories_that_have_it_in_a_title(db: Db) -> None:
    feed_id = subscribe(db, "a")
    one = add(db, feed_id, None, "Orage sur Nice", summary="La grêle")
    other = add(db, feed_id, None, "Nice bat Lens")
    window = StoredWindow(db, since=SINCE)
    asked = nice, orage, grele = read_wording("Nice orage grêle").stems
    assert dict(window.holders(asked, 2)) == {nice: [one, other], orage: [one]}
    assert dict(window.holders([nice, orage, grele], 1)) == {orage: [one]}


def test_pages_are_found_among_what_is_recent_and_in_a_story(db: Db) -> None:
    feed_id = subscribe(db, "a")
    page = "http://x.example/port"
    for guid, at in (("old", NOW - timedelta(days=9)), ("new", NOW), ("pending", NOW)):
        store(db, feed_id, entry(guid, url=page, published_at=at))
    store(db, feed_id, entry("home", url="http://x.example/"))
    place_entries(db, [Placement(entry_id=number, story_id=number) for number in (1000, 1001, 1003)])
    window = StoredWindow(db, since=NOW - timedelta(days=3))
    assert [one.entry_id for one in window.pages(["x.example/port", ""])] == [1001]


def test_an_earlier_entry_that_joins_does_not_enter_its_story_twice(db: Db) -> None:
    feed_id = subscribe(db, "a")
    story = add(db, feed_id, None, "Orage sur Nice")
    add(db, feed_id, story, "Orage sur Nice", published_at=NOW - HOUR)
    assert StoredWindow(db, since=SINCE).count() == 1
    drop_from_window(db, [story])
    assert StoredWindow(db, since=SINCE).spread(read_wording("orage nice").stems) == {}


def test_a_story_begins_with_the_earliest_of_its_entries_whenever_that_came(db: Db) -> None:
    feed_id = subscribe(db, "a")
    story = add(db, feed_id, None, "Orage sur Nice")
    add(db, feed_id, story, "Orage sur Nice", published_at=NOW - HOUR)
    assert find_newest_begin(db) == NOW - HOUR
    forget_before(db, NOW - HOUR / 2)
    assert StoredWindow(db, since=SINCE).count() == 0


def test_what_is_not_in_the_window_is_not_taken_out_of_it(db: Db) -> None:
    feed_id = subscribe(db, "a")
    story = add(db, feed_id, None, "Orage sur Nice")
    add(db, feed_id, None, "Orage sur Lens")
    drop_from_window(db, [story])
    drop_from_window(db, [story, 4242])
    asked = orage, _, lens = read_wording("orage nice lens").stems
    assert StoredWindow(db, since=SINCE).spread(asked) == {orage: 1, lens: 1}


def test_the_newest_begin_is_that_of_the_last_story_begun(db: Db) -> None:
    assert find_newest_begin(db) is None
    feed_id = subscribe(db, "a")
    story = add(db, feed_id, None, "Orage sur Nice")
    add(db, feed_id, None, "Nice bat Lens", published_at=NOW - HOUR)
    add(db, feed_id, story, "Orage sur Nice", published_at=NOW + HOUR)
    assert find_newest_begin(db) == NOW


def test_forgetting_ends_sharply(db: Db) -> None:
    feed_id = subscribe(db, "a")
    add(db, feed_id, None, "Orage sur Nice")
    forget_before(db, NOW)
    assert StoredWindow(db, since=SINCE).count() == 1
    forget_before(db, NOW + timedelta(seconds=1))
    assert StoredWindow(db, since=SINCE).count() == 0


def test_a_database_without_a_window_is_given_one_of_its_latest_days(db: Db) -> None:
    fill_window(db)
    assert StoredWindow(db, since=SINCE).count() == 0
    feed_id = subscribe(db, "a")
    for number, at in enumerate((NOW, NOW - HOUR, NOW - timedelta(days=4))):
        store(db, feed_id, entry(str(number), f"Orage sur {WORDS[number]}", published_at=at))
    place_entries(db, [Placement(entry_id=number, story_id=number) for number in (1000, 1001, 1002)])
    fill_window(db)
    assert_alike(db, MemoryWindow(load_headlines(db, [1000, 1001])))


def test_a_word_of_a_summary_that_a_later_title_says_finds_its_story(db: Db) -> None:
    feed_id = subscribe(db, "a")
    story = add(db, feed_id, None, "Orage sur Nice", summary="La grêle")
    add(db, feed_id, story, "La grêle tombe")
    asked = read_wording("grêle").stems
    assert dict(StoredWindow(db, since=SINCE).holders(asked, 9)) == {asked[0]: [story]}


def test_an_old_story_of_a_purged_feed_does_not_come_back_into_the_window(db: Db) -> None:
    feed_id, other = subscribe(db, "a"), subscribe(db, "b")
    old = add(db, feed_id, None, "Orage sur Nice", published_at=NOW - timedelta(days=40))
    add(db, other, old, "Orage sur Nice", published_at=NOW - timedelta(days=40))
    forget_before(db, NOW - timedelta(days=3))
    add(db, other, None, "Nice bat Lens")
    purge_entries(db, feed_id)
    assert StoredWindow(db, since=SINCE).count() == 1


def test_an_edited_title_is_told_by_its_new_words(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, entry("1", "Orage sur Nice"))
    place_entries(db, [Placement(entry_id=1000, story_id=1000)])
    add_to_window(db, load_headlines(db, [1000]), {1000: 1000})
    store(db, feed_id, entry("1", "Nice bat Lens", published_at=NOW - HOUR))
    assert_alike(db, MemoryWindow(in_stories(db)))
    assert find_newest_begin(db) == NOW - HOUR


def test_a_purged_feed_s_stories_keep_their_scope(db: Db) -> None:
    feed_id, other = subscribe(db, "a"), subscribe(db, "b")
    story = add(db, feed_id, None, "Orage sur Nice")
    add(db, other, story, "Orage sur Nice")
    drop_from_window(db, [story])
    enter_stories(db, [story], scope="Presse")
    purge_entries(db, feed_id)
    asked = read_wording("orage").stems
    assert dict(StoredWindow(db, since=SINCE, scope="Presse").holders(asked, 9)) == {asked[0]: [story]}
    assert dict(StoredWindow(db, since=SINCE, scope="").holders(asked, 9)) == {}


# --- what the user decided --------------------------------------------------


def test_stories_with_entries_set_apart_are_apart(db: Db) -> None:
    feed_id = subscribe(db, "a")
    one, other, third = (add(db, feed_id, None, title) for title in ("Orage sur Nice", "Nice bat Lens", "Un loup"))
    set_apart(db, [other], [one], now=NOW)
    window = StoredWindow(db, since=SINCE)
    assert window.apart([one, other, third]) == {(one, other)}
    assert window.apart([one, third]) == window.apart([]) == frozenset()


def test_a_verdict_follows_its_entries_and_the_last_one_counts(db: Db) -> None:
    feed_id = subscribe(db, "a")
    one, other, third = (add(db, feed_id, None, title) for title in ("Orage sur Nice", "Nice bat Lens", "Un loup"))
    set_apart(db, [one], [other], now=NOW)
    merge(db, other, third)
    window = StoredWindow(db, since=SINCE)
    assert window.apart([one, third]) == {(one, third)}
    put_together(db, [other], [one], now=NOW + HOUR)
    assert window.apart([one, third]) == frozenset()


@pytest.mark.parametrize("sides", [([1000], [1000]), ([], [1000]), ([1000], [])])
def test_an_entry_is_never_set_apart_from_itself(db: Db, sides: tuple[list[int], list[int]]) -> None:
    set_apart(db, *sides, now=NOW)
    assert db.execute("SELECT count(*) FROM verdicts").fetchone()[0] == 0
