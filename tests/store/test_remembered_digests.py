"""What each digest has carried."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stored import NOW, entry, fold, store, subscribe
from veille.store.digests import last_digest, newest_story, remember_digest

if TYPE_CHECKING:
    from veille.store.db import Db


def test_each_name_remembers_its_own_last_digest(db: Db) -> None:
    assert last_digest(db, "daily") is None
    remember_digest(db, "daily", written_at=NOW, last_story_id=1000, path="a.md")
    remember_digest(db, "weekly", written_at=NOW - timedelta(days=1), last_story_id=990, path="b.md")
    assert last_digest(db, "daily") == (NOW, 1000)
    remember_digest(db, "daily", written_at=NOW + timedelta(days=1), last_story_id=1010, path="c.md")
    assert last_digest(db, "daily") == (NOW + timedelta(days=1), 1010)
    assert last_digest(db, "weekly") == (NOW - timedelta(days=1), 990)


def test_the_newest_story(db: Db) -> None:
    assert newest_story(db) == 0
    store(db, subscribe(db, "a"), entry("1", "One thing"), entry("2", "Another altogether"))
    assert newest_story(db) == 0
    fold(db)
    assert newest_story(db) == 1001
