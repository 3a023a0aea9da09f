"""A feed's settings as they are stored: read back as they were, and what becomes of them when feeds move or merge."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stored import subscribe
from veille.feed import FeedSettings
from veille.store.db import write
from veille.store.feeds import find_feed, update_feed
from veille.store.overrides import former_addresses, stored_weights
from veille.store.stored_feed import (
    merge_feed_settings,
    move_feed_settings,
    read_feed_settings,
    write_feed_settings,
)

if TYPE_CHECKING:
    from veille.store.db import Db

SECRETIVE = FeedSettings(
    interval=timedelta(hours=2),
    weight=0.0,
    headers=(("Accept-Language", "fr"), ("X-Api-Key", "$KEY")),
    auth="basic:é:$TOKEN",
    proxy="$PROXY",
)


@pytest.mark.parametrize(
    "settings",
    [FeedSettings(), SECRETIVE, FeedSettings(interval=timedelta(0)), FeedSettings(timeout=timedelta(seconds=0.5))],
)
def test_settings_are_read_back_as_they_were(settings: FeedSettings) -> None:
    assert read_feed_settings(write_feed_settings(settings)) == settings


@pytest.mark.parametrize(
    ("target", "kept"),
    [("https://one.example/new", True), ("https://two.example/rss", False), ("http://one.example/rss", False)],
)
def test_credentials_stay_behind_when_a_feed_moves_to_another_site(target: str, *, kept: bool) -> None:
    text = write_feed_settings(SECRETIVE)
    moved = read_feed_settings(move_feed_settings(text, source="https://one.example/rss", target=target))
    assert (moved.interval, moved.weight, moved.proxy) == (timedelta(hours=2), 0.0, "$PROXY")
    assert (moved.auth, moved.headers) == ((SECRETIVE.auth, SECRETIVE.headers) if kept else ("", ()))


def test_of_two_feeds_that_become_one_each_key_is_the_winner_s_where_it_has_one() -> None:
    winner = write_feed_settings(FeedSettings(weight=3.0, headers=(("X-Api-Key", "$MINE"),)))
    merged = read_feed_settings(merge_feed_settings(winner, write_feed_settings(SECRETIVE)))
    assert merged == FeedSettings(
        interval=timedelta(hours=2),
        weight=3.0,
        headers=(("Accept-Language", "fr"), ("X-Api-Key", "$MINE")),
        auth=SECRETIVE.auth,
        proxy="$PROXY",
    )


def test_weights_are_found_by_address(db: Db) -> None:
    one, two, _ = (subscribe(db, name) for name in ("one", "two", "three"))
    with write(db):
        update_feed(db, one, settings=write_feed_settings(FeedSettings(weight=0.0)))
        update_feed(db, two, settings=write_feed_settings(FeedSettings(interval=timedelta(hours=1))))
    assert stored_weights(db) == {"http://one.example/feed": 0.0}
    assert find_feed(db, str(one)).settings.weight == 0.0


def test_former_addresses_lead_to_those_of_now(db: Db) -> None:
    feed_id = subscribe(db, "one")
    with write(db):
        db.execute("INSERT INTO former_addresses (url, feed_id) VALUES ('http://old.example/', ?)", (feed_id,))
    assert former_addresses(db) == {"http://old.example/": "http://one.example/feed"}
