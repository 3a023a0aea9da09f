"""What servers ask for is done: hosts left in peace, moves followed, two feeds of one address made one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from publisher import Answer, Publisher, redirect
from running import QUICK, Run, fetch, force, query, rss, state, subscribe_all, titles
from veille.app.fetching import Choice
from veille.app.home import open_home, read_clock
from veille.app.refresh import refresh
from veille.app.subscribe import add_address, choose_feeds, mute, remove, tag
from veille.store.db import write
from veille.store.feeds import find_feed

if TYPE_CHECKING:
    from pathlib import Path

    from veille.outcome import Receipt

NEWS = {"1": "First things", "2": "Second thoughts"}
LIMITED = Answer(status=429, headers=(("Retry-After", "7200"),))
pytestmark = pytest.mark.usefixtures("home")


def everything_by_force() -> Receipt:
    with open_home() as home:
        choice = Choice(force=True, ignore_retry_after=True)
        return refresh(home, feeds=choose_feeds(home, [], folder=None), settings=QUICK, choice=choice)


# --- hosts that ask for peace ------------------------------------------------


def test_429_holds_the_whole_host_at_once_and_the_next_time(publisher: Publisher, home: Path) -> None:
    """One connection a host, so that the others are still waiting when the first is told."""
    one_by_one = Run(settings=QUICK.__class__(timeout=QUICK.timeout, per_host=1), force=True)
    urls = [publisher.serve(f"/{number}", Answer(body=rss(NEWS))) for number in range(4)]
    elsewhere = publisher.url("/else", host="localhost")
    publisher.serve("/else", Answer(body=rss(NEWS)))
    publisher.serve("/0", LIMITED)
    subscribe_all([*urls, elsewhere])
    receipt = fetch(one_by_one)
    assert [request.path for request in publisher.requests if request.host == "127.0.0.1"] == ["/0"]
    assert (receipt.total, receipt.fetched, receipt.failed, receipt.waiting) == (5, 1, 1, 3)
    (hold,) = receipt.holds
    assert (hold.host, hold.feeds) == ("127.0.0.1", 3)
    assert timedelta(hours=1.9) < hold.until - read_clock() < timedelta(hours=2.1)
    assert state(home, "/0")["failures"] == 0
    publisher.requests.clear()
    again = fetch(one_by_one)
    assert {request.path for request in publisher.requests} == {"/else"}
    assert (again.waiting, again.not_modified + again.fetched, again.failed) == (4, 1, 0)
    assert again.next_due_at == hold.until


def test_only_force_upon_force_asks_a_host_before_its_time(publisher: Publisher, home: Path) -> None:
    url = publisher.serve("/a", LIMITED, Answer(body=rss(NEWS)))
    subscribe_all([url, publisher.serve("/b", Answer(body=rss(NEWS)))])
    force()
    publisher.requests.clear()
    force()
    assert publisher.requests == []
    receipt = everything_by_force()
    assert (receipt.fetched, receipt.waiting, receipt.holds) == (2, 0, ())
    assert state(home, "/a")["status"] == "ok"


def test_503_holds_its_feed_alone(publisher: Publisher) -> None:
    busy = Answer(status=503, headers=(("Retry-After", "7200"),))
    subscribe_all([publisher.serve("/a", busy), publisher.serve("/b", Answer(body=rss(NEWS)))])
    force()
    publisher.requests.clear()
    receipt = force()
    assert [request.path for request in publisher.requests] == ["/b"]
    assert (receipt.waiting, receipt.holds) == (1, ())


# --- moves -------------------------------------------------------------------


def test_a_permanent_move_is_adopted_the_third_time(publisher: Publisher, home: Path) -> None:
    old = publisher.serve("/old", redirect("/new", 301))
    new = publisher.serve("/new", Answer(body=rss(NEWS), etag='"1"'))
    subscribe_all([old])
    receipts = [force() for _ in range(4)]
    assert len(publisher.asked("/old")) == 3
    assert len(publisher.asked("/new")) == 4
    assert [[problem.reason for problem in receipt.problems] for receipt in receipts] == [
        [f"moved to {new}"], [f"moved to {new}"], [f"moved for good: its address is now {new}"], [],
    ]  # fmt: skip
    assert query(home, "SELECT url FROM feeds") == [(new,)]
    assert (state(home)["status"], state(home)["moved_seen"]) == ("ok", 0)
    assert len(titles(home)) == 2
    with open_home() as opened:
        assert find_feed(opened.db, old).subscription.url == new
        assert not add_address(opened, old)


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_move_is_never_adopted(publisher: Publisher, home: Path, status: int) -> None:
    old = publisher.serve("/old", redirect("/new", status))
    publisher.serve("/new", Answer(body=rss(NEWS)))
    subscribe_all([old])
    for _ in range(5):
        assert force().problems == ()
    assert query(home, "SELECT url FROM feeds") == [(old,)]
    assert len(publisher.asked("/old")) == 5


def test_a_move_to_what_is_no_feed_is_not_adopted(publisher: Publisher, home: Path) -> None:
    old = publisher.serve("/old", redirect("/portal", 301))
    publisher.serve("/portal", Answer(body=b"<html><body>Log in</body></html>"))
    subscribe_all([old])
    for _ in range(5):
        force()
    assert query(home, "SELECT url FROM feeds") == [(old,)]


def test_a_move_to_a_feed_that_is_followed_makes_the_two_one(publisher: Publisher, home: Path) -> None:
    old = publisher.serve("/old", Answer(body=rss(NEWS | {"9": "Of the old one only"})))
    new = publisher.serve("/new", Answer(body=rss(NEWS | {"8": "Of the new one only"})))
    subscribe_all([old, new])
    with open_home() as opened:
        tag(opened, old, ["presse"])
    force()
    publisher.serve("/old", redirect("/new", 301))
    for _ in range(3):
        receipt = force()
    assert [problem.reason for problem in receipt.problems] == [
        f"moved for good to {new}, which you follow already: the two are one feed now"
    ]
    assert query(home, "SELECT url FROM feeds WHERE removed_at IS NULL") == [(new,)]
    followed = "SELECT guid FROM entries JOIN feeds ON feeds.id = feed_id WHERE removed_at IS NULL ORDER BY guid"
    assert [guid for (guid,) in query(home, followed)] == ["1", "2", "8", "9"]
    assert query(home, "SELECT count(*) FROM entries") == [(7,)]
    publisher.requests.clear()
    assert force().total == 1
    with open_home() as opened:
        merged = find_feed(opened.db, old)
        assert (merged.subscription.url, merged.subscription.tags) == (new, ("presse",))
        assert not add_address(opened, old)


def test_a_move_to_an_address_that_was_left_takes_it(publisher: Publisher, home: Path) -> None:
    old = publisher.serve("/old", Answer(body=rss(NEWS)))
    new = publisher.serve("/new", Answer(body=rss(NEWS | {"8": "Of the new one only"})))
    subscribe_all([new])
    force()
    with open_home() as opened:
        remove(opened, new, purge=False)
    subscribe_all([old])
    publisher.serve("/old", redirect("/new", 301))
    for _ in range(3):
        force()
    assert query(home, "SELECT url FROM feeds WHERE removed_at IS NULL") == [(new,)]
    assert force().not_modified + force().fetched == 1
    assert query(home, "SELECT count(*) FROM entries") == [(6,)]


# --- what documents ask ------------------------------------------------------


def test_the_ttl_of_a_document_holds_after_a_304_too(publisher: Publisher, home: Path) -> None:
    body = rss(NEWS).replace(b"</title><link>", b"</title><ttl>300</ttl><link>", 1)
    subscribe_all([publisher.serve("/a", Answer(body=body, etag='"1"'))])
    for _ in range(2):
        force()
        wait = state(home)["next_fetch_at"]
        assert query(home, "SELECT ? > strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+295 minutes')", wait) == [(1,)]
    assert publisher.requests[-1].header("if-none-match") == b'"1"'


# --- what is left to itself, and what comes back ------------------------------


def test_a_held_host_is_not_asked_through_a_redirect_either(publisher: Publisher, home: Path) -> None:
    other = publisher.url("/limited", host="localhost")
    publisher.serve("/limited", LIMITED)
    urls = [publisher.serve(f"/{number}", redirect(other)) for number in range(4)]
    subscribe_all(urls)
    receipt = fetch(Run(settings=QUICK.__class__(timeout=QUICK.timeout, per_host=1), force=True))
    assert len(publisher.asked("/limited")) == 1
    assert receipt.failed == 4
    assert {state(home, f"/{number}")["status"] for number in range(4)} == {"waiting"}


def test_what_is_met_in_a_run_is_obeyed_whatever_was_forced(publisher: Publisher) -> None:
    subscribe_all([publisher.serve(f"/{number}", LIMITED) for number in range(8)])
    everything_by_force()
    assert len(publisher.requests) <= 2


def test_a_move_to_a_feed_that_was_given_up_or_muted_brings_it_back(publisher: Publisher, home: Path) -> None:
    old = publisher.serve("/old", Answer(body=rss(NEWS)))
    new = publisher.serve("/new", Answer(status=410), Answer(body=rss(NEWS)))
    subscribe_all([old, new])
    force()
    assert state(home, "/new")["status"] == "gone"
    with open_home() as opened:
        mute(opened, new, muted=True)
    publisher.serve("/old", redirect("/new", 301))
    for _ in range(3):
        force()
    publisher.requests.clear()
    receipt = force()
    assert (receipt.total, len(publisher.asked("/new")), receipt.gone) == (1, 1, 0)


def test_feeds_that_failed_before_are_no_outage(publisher: Publisher, home: Path) -> None:
    dead = ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"]
    subscribe_all([publisher.serve("/a", Answer(body=rss(NEWS))), *dead])
    force()
    with open_home() as opened, write(opened.db):
        opened.db.execute("UPDATE feed_states SET next_fetch_at = NULL WHERE failures > 0")
    receipt = fetch()
    assert (receipt.failed, receipt.offline) == (2, False)
    assert state(home, ":1/a")["failures"] == 2
