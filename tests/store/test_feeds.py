"""Subscriptions and what fetching has taught about them, stored and found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stored import NOW, entry, fold, store, subscribe
from veille.errors import UnknownError
from veille.feed import FeedState, Subscription, Validators
from veille.store.entries import purge_entries
from veille.store.feeds import (
    add_feed,
    count_entries,
    find_feed,
    list_feeds,
    remove_feed,
    save_state,
    set_tags,
    update_feed,
)

if TYPE_CHECKING:
    from veille.store.db import Db

FULL = Subscription(
    url="http://a.example/feed?x=1",
    title="L’Été [bold]",
    site_url="http://a.example/",
    folder="Presse/Régions",
    tags=("à lire", "b"),
)


def test_a_subscription_comes_back_as_it_was(db: Db) -> None:
    assert add_feed(db, FULL, now=NOW)
    (feed,) = list_feeds(db)
    assert feed.subscription == FULL
    assert feed.state == FeedState()
    assert (feed.title, feed.muted, feed.status, feed.name) == ("", False, "new", FULL.title)


def test_an_address_is_subscribed_once_and_keeps_what_it_had(db: Db) -> None:
    add_feed(db, FULL, now=NOW)
    assert not add_feed(db, replace(FULL, title="other", folder="", tags=()), now=NOW)
    assert [feed.subscription for feed in list_feeds(db)] == [FULL]


def test_a_removed_feed_comes_back_with_its_entries_and_state(db: Db) -> None:
    feed_id = subscribe(db, "a", title="old", tags=("x",))
    store(db, feed_id, entry("1"))
    known = FeedState(status="failing", reason="refused", validators=Validators(etag='"1"'), failures=3)
    save_state(db, feed_id, known)
    remove_feed(db, find_feed(db, str(feed_id)), now=NOW, purge=False)
    assert list_feeds(db) == []
    with pytest.raises(UnknownError):
        find_feed(db, "http://a.example/feed")
    assert subscribe(db, "a", title="new", folder="F") == feed_id
    (feed,) = list_feeds(db)
    assert (feed.subscription.title, feed.subscription.folder, feed.subscription.tags) == ("new", "F", ())
    assert feed.state == known
    assert count_entries(db, since=NOW) == {feed_id: (1, 1, NOW)}


def test_one_who_subscribes_again_to_a_feed_that_was_gone_wants_it_asked(db: Db) -> None:
    feed_id = subscribe(db, "a")
    save_state(db, feed_id, FeedState(status="gone", reason="gone for good (410)", validators=Validators(etag='"1"')))
    remove_feed(db, find_feed(db, str(feed_id)), now=NOW, purge=False)
    subscribe(db, "a")
    assert find_feed(db, str(feed_id)).state == FeedState(validators=Validators(etag='"1"'))


def test_a_purged_feed_leaves_nothing(db: Db) -> None:
    gone, kept = subscribe(db, "a"), subscribe(db, "b")
    store(db, gone, entry("1"), entry("2", content="<p>words</p>"))
    store(db, kept, entry("3", "Something else entirely"))
    fold(db)
    purge_entries(db, gone)
    remove_feed(db, find_feed(db, str(gone)), now=NOW, purge=True)
    counts = {
        table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("feeds", "feed_states", "entries", "contents", "stories", "entries_fts")
    }
    assert counts == {"feeds": 1, "feed_states": 1, "entries": 1, "contents": 0, "stories": 1, "entries_fts": 1}
    assert subscribe(db, "a") != gone or find_feed(db, str(gone)).state == FeedState()


@pytest.mark.parametrize(
    "state",
    [
        FeedState(),
        FeedState(
            status="degraded",
            reason="not well-formed",
            validators=Validators(etag='W/"\xe9\xff"', last_modified="vendredi"),
            body_hash="00ff",
            failures=12,
            last_fetch_at=NOW,
            last_ok_at=NOW - timedelta(days=1),
            next_fetch_at=NOW + timedelta(hours=1),
            moved_to="https://b.example/",
            moved_seen=2,
        ),
    ],
)
def test_a_state_comes_back_as_it_was(db: Db, state: FeedState) -> None:
    feed_id = subscribe(db, "a")
    save_state(db, feed_id, replace(state, failures=99, reason="before"))
    save_state(db, feed_id, state)
    assert find_feed(db, str(feed_id)).state == state


def test_only_the_columns_named_are_changed(db: Db) -> None:
    add_feed(db, FULL, now=NOW)
    (feed,) = list_feeds(db)
    update_feed(db, feed.id, feed_title="Own title", muted=1)
    set_tags(db, feed, ["é", "z"])
    changed = find_feed(db, str(feed.id))
    assert changed.subscription == replace(FULL, tags=("é", "z"))
    assert (changed.title, changed.muted, changed.status) == ("Own title", True, "muted")
    update_feed(db, feed.id, title="")
    assert find_feed(db, str(feed.id)).name == "Own title"


def test_feeds_of_a_folder_and_of_those_below(db: Db) -> None:
    for name, folder in (("a", "Presse"), ("b", "presse/Régions"), ("c", "Presses"), ("d", ""), ("e", "Autre/Presse")):
        subscribe(db, name, folder=folder)
    assert [feed.subscription.folder for feed in list_feeds(db, folder="PRESSE/")] == ["Presse", "presse/Régions"]
    assert [feed.subscription.folder for feed in list_feeds(db, folder="presse/regions")] == ["presse/Régions"]
    assert len(list_feeds(db)) == 5


def test_a_feed_is_found_by_number_address_or_part_of_its_title(db: Db) -> None:
    first = subscribe(db, "a", title="Le Monde")
    second = subscribe(db, "b", title="Le Monde diplomatique")
    third = subscribe(db, "c")
    update_feed(db, third, feed_title="Libération")
    found = {
        str(second): second,
        "http://B.example:80/feed#x": second,
        "diplo": second,
        "LE MONDE": first,
        "liberation": third,
        "  Libération ": third,
    }
    assert {name: find_feed(db, name).id for name in found} == found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("99", "no feed is called “99”: see `veille feeds`"),
        ("9" * 5000, "no feed is called “999"),
        ("http://nowhere.example/", "no feed is called “http://nowhere.example/”"),
        ("xyz\x1b[31m\n", "no feed is called “xyz[31m”"),
        ("", "no feed is called “”"),
        ("le m", "“le m” is the name of 7 feeds: say which by number (1 Le Monde 0, 2 Le Monde 1, "),
    ],
)
def test_a_name_that_means_no_feed_or_several_is_told(db: Db, name: str, said: str) -> None:
    for number in range(7):
        subscribe(db, f"f{number}", title=f"Le Monde {number}")
    with pytest.raises(UnknownError) as caught:
        find_feed(db, name)
    assert str(caught.value).startswith(said)


def test_entries_are_counted_by_feed(db: Db) -> None:
    first, second, empty = (subscribe(db, name) for name in "abc")
    store(db, first, entry("1"), entry("2", published_at=NOW - timedelta(days=9)))
    store(db, second, entry("1"))
    counts = count_entries(db, since=NOW - timedelta(days=1))
    assert {feed_id: count[:2] for feed_id, count in counts.items()} == {first: (2, 1), second: (1, 1)}
    assert empty not in counts
