"""Folding what has arrived, against what is stored near it in time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stored import NOW, entry, fold, store, subscribe

if TYPE_CHECKING:
    from veille.store.db import Db

COPIED = "Le maire de Nantes annonce sa démission du conseil"


def stories(db: Db) -> dict[int, int]:
    return dict(db.execute("SELECT id, story_id FROM entries").fetchall())


def test_copies_join_their_story_on_any_of_the_days_that_arrived(db: Db) -> None:
    """New entries of several years meet the stored ones of their own days, and only those."""
    first, second = subscribe(db, "a"), subscribe(db, "b")
    days = [NOW - timedelta(days=number) for number in (0, 2, 400, 4000)]
    for number, day in enumerate(days):
        store(db, first, entry(f"{number}", f"{COPIED} {number}", published_at=day))
    assert fold(db) == 0
    for number, day in enumerate(days):
        copy = entry(f"{number}", f"{COPIED} {number}", url=f"http://b.example/{number}", published_at=day)
        store(db, second, copy)
    store(db, second, entry("late", f"{COPIED} 2", url="http://b.example/late", published_at=NOW - timedelta(days=300)))
    assert fold(db) == 4
    assert stories(db) == {
        1000: 1000, 1001: 1001, 1002: 1002, 1003: 1003, 1004: 1000, 1005: 1001, 1006: 1002, 1007: 1003, 1008: 1008,
    }  # fmt: skip


def test_a_story_does_not_creep_beyond_its_founders_window(db: Db) -> None:
    """A copy within reach of a later copy, but not of the entry that founded the story."""
    for number, hours in enumerate((0, 60, 120)):
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
    spans = [statement.partition("BETWEEN ")[2].partition(")")[0] for statement in asked if "BETWEEN" in statement]
    assert list(dict.fromkeys(spans)) == [
        "'2024-01-02T08:00:00Z' AND '2024-01-08T08:00:00Z'",
        "'2026-11-17T08:00:00Z' AND '2026-11-23T08:00:00Z'",
    ]
