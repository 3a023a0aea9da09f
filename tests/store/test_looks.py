"""What has been looked at and told of, kept by name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stored import NOW, entry, fold, store, subscribe
from veille.store.db import write
from veille.store.looks import add_told, load_look, load_told, save_look

if TYPE_CHECKING:
    from veille.store.db import Db


def test_a_look_keeps_the_newest_entry_and_its_time_under_its_name(db: Db) -> None:
    assert load_look(db, "top") is None
    feed_id = subscribe(db, "a")
    for number in range(2):
        store(db, feed_id, entry(str(number)))
        with write(db):
            save_look(db, "top", entry_id=1000 + number, now=NOW + timedelta(hours=number))
    assert load_look(db, "top") == (1001, NOW + timedelta(hours=1))
    with write(db):
        save_look(db, "top", entry_id=1000, now=NOW)
    assert load_look(db, "top") == (1001, NOW + timedelta(hours=1)), "a look never goes back"
    assert load_look(db, "alert:x") is None


def test_each_alert_knows_what_it_has_told(db: Db) -> None:
    store(db, subscribe(db, "a"), entry("0", "Grève"), entry("1", "Beau temps"))
    fold(db)
    with write(db):
        add_told(db, "alert:x", [1000], entry_id=1005)
        add_told(db, "alert:x", [1000], entry_id=1003)
    assert load_told(db, "alert:x") == {1000: 1005}
    assert load_told(db, "alert:y") == {}
