"""Folding what has arrived, against what is stored near it in time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stored import NOW, entry, fold, store, subscribe
from veille.store.db import open_store, write
from veille.store.decisions import set_apart
from veille.store.looks import add_seen
from veille.store.stories import date_stories, load_stories, mark_story, note_story, remember_list
from veille.store.window import drop_from_window, enter_stories

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from veille.store.db import Db

COPIED = "Le maire de Nantes annonce sa démission du conseil"


def stories(db: Db) -> dict[int, int]:
    return dict(db.execute("SELECT id, story_id FROM entries").fetchall())


def test_copies_join_their_story_on_any_of_the_days_that_arrived(db: Db) -> None:
    """New entries of several years meet the stored ones of their own days, and only those."""
    first, second = subscribe(db, "a"), subscribe(db, "b")
    days = [NOW - timedelta(days=number) for number in (0, 2, 400, 4000)]
    titles = [COPIED, "Orage violent sur Nice et Menton", "Un loup aperçu près de Guéret", COPIED]
    for number, (day, title) in enumerate(zip(days, titles, strict=True)):
        store(db, first, entry(f"{number}", title, published_at=day))
    assert fold(db) == 0
    for number, (day, title) in enumerate(zip(days, titles, strict=True)):
        store(db, second, entry(f"{number}", title, url=f"http://b.example/{number}", published_at=day))
    store(db, second, entry("late", titles[2], url="http://b.example/late", published_at=NOW - timedelta(days=300)))
    assert fold(db) == 4
    assert stories(db) == {
        1000: 1000, 1001: 1001, 1002: 1002, 1003: 1003, 1004: 1000, 1005: 1001, 1006: 1002, 1007: 1003, 1008: 1008,
    }  # fmt: skip


def test_a_story_does_not_creep_beyond_its_founders_window(db: Db) -> None:
    """A copy within reach of a later copy, but not of the entry that founded the story."""
    for number, hours in enumerate((0, 40, 80)):
        feed_id = subscribe(db, f"feed{number}")
        at = NOW - timedelta(days=30) + timedelta(hours=hours)
        store(db, feed_id, entry("1", COPIED, url=f"http://{number}.example/", published_at=at))
        fold(db)
    assert stories(db) == {1000: 1000, 1001: 1000, 1002: 1002}


def test_nothing_new_is_nothing_to_do(db: Db) -> None:
    assert fold(db) == 0
    store(db, subscribe(db, "a"), entry("1"))
    assert fold(db) == 0
    before = stories(db)
    changes = db.total_changes
    assert fold(db) == 0
    assert (stories(db), db.total_changes) == (before, changes)


def test_an_entry_alone_among_old_ones_brings_few_of_them_back(db: Db) -> None:
    """One entry of ten years ago among today's: the years between are not read."""
    feed_id = subscribe(db, "a")
    weeks = [entry(f"{n}", f"Week {n} of the archive", published_at=NOW - timedelta(weeks=n)) for n in range(200)]
    store(db, feed_id, *weeks)
    fold(db)
    asked: list[str] = []
    store(db, feed_id, entry("old", "Old news", published_at=NOW - timedelta(weeks=150)), entry("new", "New news"))
    db.set_trace_callback(asked.append)
    fold(db)
    db.set_trace_callback(None)
    spans = re.findall(r"published_at BETWEEN ('[^']*' AND '[^']*')", " ".join(asked))
    assert list(dict.fromkeys(spans)) == ["'2024-01-02T08:00:00Z' AND '2024-01-08T08:00:00Z'"]
    read = [tuple(row) for row in db.execute("SELECT story_id, first_at FROM fold_stories ORDER BY first_at")]
    assert read == [(1000, "2026-11-20T08:00:00Z"), (1201, "2026-11-20T08:00:00Z")]


# --- the window of what is told ---------------------------------------------

DOCKERS = (
    "Le port de Lorient bloqué par les dockers",
    "Lorient : les dockers bloquent le port",
    "Grève : le port de Lorient bloqué par les dockers",
)
ORAGE = "Orage violent sur Nice et Menton"


def fetch(db: Db, name: str, title: str, *, hours: float = 0) -> int:
    """An entry arrives in a feed of its own and is folded; its number."""
    feed_id = subscribe(db, name)
    store(db, feed_id, entry("1", title, url=f"http://{name}.example/1", published_at=NOW + timedelta(hours=hours)))
    fold(db)
    return int(db.execute("SELECT max(id) FROM entries").fetchone()[0])


def window_of(db: Db) -> tuple[object, ...]:
    """All that the tables of the window hold."""
    return tuple(
        [tuple(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]
        for table in ("fold_stories", "fold_stems", "fold_spread")
    )


def test_the_window_is_that_of_the_entries_as_they_are_now(db: Db) -> None:
    for number, title in enumerate((*DOCKERS, ORAGE, DOCKERS[0])):
        fetch(db, f"feed{number}", title, hours=number)
    before = window_of(db)
    drop_from_window(db, set(stories(db).values()))
    assert window_of(db)[:2] == ([], [])
    enter_stories(db, set(stories(db).values()))
    assert window_of(db) == before


def test_an_archive_leaves_the_window_as_it_is(db: Db) -> None:
    fetch(db, "new", ORAGE)
    before = window_of(db)
    fetch(db, "old", DOCKERS[0], hours=-24 * 90)
    fetch(db, "old-too", DOCKERS[2], hours=-24 * 90)
    assert stories(db) == {1000: 1000, 1001: 1001, 1002: 1001}
    assert window_of(db) == before


def test_an_archive_that_joins_a_story_of_the_window_is_in_the_window_with_it(db: Db) -> None:
    fetch(db, "a", DOCKERS[0])
    fetch(db, "b", ORAGE, hours=71)
    fetch(db, "c", DOCKERS[2], hours=-2)
    assert stories(db) == {1000: 1000, 1001: 1001, 1002: 1000}
    before = window_of(db)
    drop_from_window(db, {1000, 1001})
    enter_stories(db, {1000, 1001})
    assert window_of(db)[1] == before[1]


def test_a_copy_of_a_copy_is_one_of_the_original(db: Db) -> None:
    feeds = [subscribe(db, name) for name in "abc"]
    for number, hours in enumerate((2, 1)):
        at = NOW + timedelta(hours=hours)
        store(db, feeds[number], entry("1", COPIED, url=f"http://{number}.example/1", published_at=at))
    fold(db)
    store(db, feeds[2], entry("1", COPIED, url="http://c.example/1", published_at=NOW + timedelta(hours=3)))
    fold(db)
    originals = dict(db.execute("SELECT id, duplicate_of FROM entries").fetchall())
    assert originals == {1000: 1001, 1001: None, 1002: 1001}


def test_a_story_is_begun_once_and_forgotten_when_days_have_gone_by(db: Db) -> None:
    fetch(db, "a", DOCKERS[0])
    fetch(db, "b", ORAGE, hours=24 * 5)
    assert fetch(db, "c", DOCKERS[0], hours=24 * 5) == 1002
    assert stories(db) == {1000: 1000, 1001: 1001, 1002: 1002}
    assert [story for story, *_ in db.execute("SELECT story_id FROM fold_stories ORDER BY 1")] == [1001, 1002]


# --- what the user has decided, and what stays ------------------------------


def test_stories_set_apart_are_not_merged_by_a_later_entry(db: Db) -> None:
    """Two stories that a later headline would prove one, with the user's word against it and without."""
    fetch(db, "a", DOCKERS[0])
    with write(db):
        store_apart(db, DOCKERS[1])
        set_apart(db, [1000], [1001], now=NOW)
    third = fetch(db, "c", DOCKERS[2], hours=1)
    assert {stories(db)[1000], stories(db)[1001]} == {1000, 1001}
    assert stories(db)[third] in {1000, 1001}


def test_old_stories_set_apart_are_not_merged_by_an_archive(db: Db) -> None:
    fetch(db, "a", DOCKERS[0])
    with write(db):
        store_apart(db, DOCKERS[1])
        set_apart(db, [1000], [1001], now=NOW)
    fetch(db, "new", ORAGE, hours=24 * 90)
    fetch(db, "c", DOCKERS[2], hours=1)
    assert [stories(db)[1000], stories(db)[1001]] == [1000, 1001]


def test_without_a_verdict_a_later_entry_merges_two_stories_into_the_older(db: Db) -> None:
    fetch(db, "a", DOCKERS[0])
    with write(db):
        store_apart(db, DOCKERS[1])
    mark_story(db, 1001, "star", now=NOW)
    note_story(db, 1001, "à suivre", now=NOW)
    third = fetch(db, "c", DOCKERS[2], hours=1)
    assert set(stories(db).values()) == {1000}
    (story,) = load_stories(db, [1000])
    assert (len(story.sources), story.starred, story.note) == (3, True, "à suivre")
    assert third == 1002
    assert [story for story, *_ in db.execute("SELECT story_id FROM fold_stories")] == [1000]


def store_apart(db: Db, title: str) -> None:
    """An entry that stands as a story of its own, as after a split."""
    feed_id = int(db.execute("INSERT INTO feeds (url, added_at) VALUES ('http://apart.example/', '')").lastrowid or 0)
    values = {"story_id": 1001, "feed_id": feed_id, "published_at": "2026-11-20T08:00:00Z", "title": title}
    columns = ", ".join(values)
    db.execute(
        f"INSERT INTO entries ({columns}, first_seen_at, guid, fingerprint) VALUES (?, ?, ?, ?, '', '', '')",
        tuple(values.values()),
    )
    date_stories(db, [1001])
    enter_stories(db, [1001])


_TOLD = st.sampled_from(
    [*DOCKERS, ORAGE, "Nice et Menton sous l'orage", COPIED, f"{COPIED} municipal", "Nantes : le maire démissionne", ""]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fetches=st.lists(st.lists(st.tuples(_TOLD, st.integers(-90, 90)), max_size=4), max_size=5))
def test_what_is_in_a_story_that_was_shown_stays_together_in_it_or_in_an_older_one(
    tmp_path: Path, fetches: list[list[tuple[str, int]]]
) -> None:
    path = tmp_path / "veille.db"
    path.unlink(missing_ok=True)
    with open_store(path, busy_timeout=timedelta(seconds=1)) as db:
        feeds = [subscribe(db, name) for name in "abcd"]
        for number, arrived in enumerate(fetches):
            before = stories(db)
            # What has been shown: the rest may be taken apart.
            with write(db):
                remember_list(db, sorted(set(before.values())))
            for at, (title, hours) in enumerate(arrived):
                guid = f"{number}-{at}"
                store(db, feeds[at], entry(guid, title or " ", published_at=NOW + timedelta(hours=hours)))
            fold(db)
            after = stories(db)
            assert None not in after.values()
            moved = {(before[one], after[one]) for one in before}
            assert len(moved) == len(dict(moved)) == len(set(before.values()))
            assert all(new <= old for old, new in moved)
            originals = {row[0]: row[1] for row in db.execute("SELECT id, duplicate_of FROM entries")}
            assert all(after[one] == after[of] for one, of in originals.items() if of is not None)
            assert {story for (story,) in db.execute("SELECT id FROM stories")} == set(after.values())


# --- what has been seen -----------------------------------------------------


def digest(db: Db) -> None:
    """As digests remembered how far they had come before there were issues."""
    db.execute("INSERT INTO digests VALUES ('daily', '2026-11-20T08:00:00Z', 1001, 'x')")


_SEEN: dict[str, Callable[[Db], None]] = {
    "read": lambda db: mark_story(db, 1000, "read", now=NOW),
    "unread again": lambda db: mark_story(db, 1000, "unread", now=NOW),
    "starred": lambda db: mark_story(db, 1000, "star", now=NOW),
    "noted": lambda db: note_story(db, 1000, "mine", now=NOW),
    "listed": lambda db: remember_list(db, [1000]),
    "in a digest": digest,
    "in an issue": lambda db: add_seen(db, [1000]),
    "judged": lambda db: set_apart(db, [1000], [1001], now=NOW),
}


def originals(db: Db) -> dict[int, int | None]:
    return dict(db.execute("SELECT id, duplicate_of FROM entries WHERE id IN (1000, 1002)").fetchall())


@pytest.mark.parametrize("seen", _SEEN)
def test_what_the_user_has_seen_is_not_judged_again(db: Db, seen: str) -> None:
    """Of what nobody has seen the first published would be the original."""
    fetch(db, "a", COPIED)
    fetch(db, "b", ORAGE)
    with write(db):
        _SEEN[seen](db)
    fetch(db, "c", COPIED, hours=-1)
    assert originals(db) == {1000: None, 1002: 1000}
    assert stories(db)[1002] == 1000


def test_what_nobody_has_seen_is_judged_again_and_keeps_its_number(db: Db) -> None:
    fetch(db, "a", COPIED)
    fetch(db, "b", ORAGE)
    assert fetch(db, "c", COPIED, hours=-1) == 1002
    assert originals(db) == {1000: 1002, 1002: None}
    assert stories(db) == {1000: 1000, 1001: 1001, 1002: 1000}


def test_what_nobody_has_seen_is_judged_again_when_late_entries_come_too(db: Db) -> None:
    """Entries of several days at once are folded day by day."""
    fetch(db, "a", COPIED)
    for name, title, hours in (("b", "Un loup aperçu près de Guéret", -60), ("c", COPIED, -1)):
        at = NOW + timedelta(hours=hours)
        store(db, subscribe(db, name), entry("1", title, url=f"http://{name}.example/1", published_at=at))
    fold(db)
    assert originals(db) == {1000: 1002, 1002: None}
    assert stories(db) == {1000: 1000, 1001: 1001, 1002: 1000}


_DAY = (
    *DOCKERS, ORAGE, COPIED,
    "Orage violent sur Nice, deux blessés", "Nice et Menton sous un orage violent", "Nantes : le maire démissionne",
    "Démission du maire de Nantes : qui pour lui succéder ?", "Le préfet reçoit les dockers de Lorient",
)  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(_DAY)), max_size=4))
def test_a_day_in_any_batches_is_the_day_at_once(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    found = []
    for ends in ([len(_DAY)], [*sorted(cuts), len(_DAY)]):
        with open_store(tmp_path_factory.mktemp("day") / "veille.db", busy_timeout=timedelta(seconds=5)) as db:
            for at, title in enumerate(_DAY):
                at_hour = NOW + timedelta(minutes=at)
                store(
                    db, subscribe(db, f"f{at}"), entry("1", title, url=f"http://{at}.example/1", published_at=at_hour)
                )
                if at + 1 in ends:
                    fold(db)
            found.append((stories(db), window_of(db)))
    assert found[0] == found[1]
