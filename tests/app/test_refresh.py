"""A fetch from a real server into a real database: what is asked, stored, counted and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from publisher import Answer, Publisher
from running import QUICK, Run, fetch, force, query, rss, state, subscribe_all, titles
from veille.app.home import open_home
from veille.app.subscribe import mute
from veille.store.db import write

if TYPE_CHECKING:
    from pathlib import Path

    from veille.app.refresh import Tally

NEWS = {"1": "First things", "2": "Second thoughts", "3": "Third time lucky"}
pytestmark = pytest.mark.usefixtures("home")


def conditions(publisher: Publisher, path: str) -> list[tuple[bytes | None, bytes | None]]:
    """The validators that each request for a path carried."""
    return [(request.header("if-none-match"), request.header("if-modified-since")) for request in publisher.asked(path)]


# --- a morning ---------------------------------------------------------------


def test_what_is_published_is_stored_folded_and_counted(publisher: Publisher, home: Path) -> None:
    copied = "Le maire de Nantes annonce sa démission du conseil municipal"
    urls = [
        publisher.serve("/a", Answer(body=rss(NEWS | {"9": copied}, title="Feed A"), etag='"a"')),
        publisher.serve("/b", Answer(body=rss({"1": "Same guid, other feed", "8": copied}, title="Feed B"))),
    ]
    subscribe_all(urls)
    receipt = fetch()
    assert (receipt.total, receipt.fetched, receipt.failed, receipt.waiting) == (2, 2, 0, 0)
    assert (receipt.new, receipt.edited, receipt.duplicate) == (6, 0, 1)
    assert (receipt.problems, receipt.interrupted) == ((), False)
    assert len(titles(home)) == 6
    assert query(home, "SELECT count(*), count(DISTINCT story_id) FROM entries") == [(6, 5)]
    assert query(home, "SELECT feed_title, site_url FROM feeds ORDER BY id") == [
        ("Feed A", "http://feed-a.example/"), ("Feed B", "http://feed-b.example/"),
    ]  # fmt: skip
    assert state(home, "/a")["etag"] == '"a"'
    assert state(home, "/a")["status"] == "ok"


def test_what_is_not_due_is_not_asked(publisher: Publisher) -> None:
    subscribe_all([publisher.serve("/a", Answer(body=rss(NEWS)))])
    first = fetch()
    second = fetch()
    assert (second.total, second.waiting, second.fetched, second.new) == (1, 1, 0, 0)
    assert second.next_due_at is not None
    assert timedelta(minutes=59) < second.next_due_at - first.started_at < timedelta(minutes=63)
    assert len(publisher.requests) == 1


def test_a_second_fetch_finds_nothing_new_with_or_without_validators(publisher: Publisher, home: Path) -> None:
    body = rss(NEWS)
    subscribe_all([publisher.serve("/a", Answer(body=body, etag='"1"', last_modified="Monday"))])
    force()
    before = query(home, "SELECT * FROM entries")
    not_modified = force()
    publisher.validates = False
    same_bytes = force()
    publisher.serve("/a", Answer(body=body + b"<!-- written at 8:01 -->"))
    read_again = force()
    receipts = [not_modified, same_bytes, read_again]
    assert [(one.fetched, one.not_modified) for one in receipts] == [(0, 1), (1, 0), (1, 0)]
    assert {(one.new, one.edited, one.duplicate) for one in receipts} == {(0, 0, 0)}
    assert query(home, "SELECT * FROM entries") == before


def test_an_edited_title_or_date_is_an_edit_under_the_same_number(publisher: Publisher, home: Path) -> None:
    subscribe_all([publisher.serve("/a", Answer(body=rss(NEWS)), Answer(body=rss(NEWS | {"2": "Second, corrected"})))])
    force()
    numbers = query(home, "SELECT guid, id FROM entries")
    edited = force()
    assert (edited.new, edited.edited) == (0, 1)
    publisher.serve("/a", Answer(body=rss(NEWS | {"2": "Second, corrected"}, day=19)))
    redated = force()
    assert (redated.new, redated.edited) == (0, 3)
    assert query(home, "SELECT guid, id FROM entries") == numbers
    assert ("2", "Second, corrected") in titles(home)
    assert query(home, "SELECT DISTINCT published_at FROM entries") == [("2026-11-19T08:00:00Z",)]


def test_validators_are_replaced_each_time_and_refreshed_on_304(publisher: Publisher, home: Path) -> None:
    body = rss(NEWS)
    publisher.serve(
        "/a",
        Answer(body=body, etag='W/"1"', last_modified="Lundi, \xe0 8 h"),
        Answer(body=body, etag='W/"1"', last_modified="never", again=(("ETag", '"2"'),)),
        Answer(body=body + b" ", etag='"3"'),
        Answer(body=body + b"  "),
        Answer(body=body),
    )
    subscribe_all([publisher.url("/a")])
    for _ in range(5):
        force()
    assert conditions(publisher, "/a") == [
        (None, None),
        (b'W/"1"', b"Lundi, \xe0 8 h"),
        (b'"2"', b"Lundi, \xe0 8 h"),
        (b'"3"', None),
        (None, None),
    ]
    assert (state(home)["etag"], state(home)["last_modified"]) == ("", "")


def test_muted_feeds_are_left_alone_unless_named(publisher: Publisher) -> None:
    subscribe_all([publisher.serve("/a", Answer(body=rss(NEWS)))])
    with open_home() as opened:
        mute(opened, "1", muted=True)
    assert force().total == 0
    assert publisher.requests == []
    assert fetch(Run(names=("1",))).new == 3


def test_progress_is_told_feed_by_feed(publisher: Publisher) -> None:
    urls = [publisher.serve(f"/{number}", Answer(body=rss({"1": f"Number {number}"}))) for number in range(20)]
    subscribe_all(urls)
    seen = []

    def note(tally: Tally) -> None:
        seen.append((tally.done, tally.due, tally.new))

    fetch(Run(settings=replace(QUICK, jobs=3, per_host=3), on_progress=note))
    assert [done for done, *_ in seen] == list(range(1, 21))
    assert {due for _, due, _ in seen} == {20}
    assert seen[-1][2] == 20


def test_nothing_more_is_asked_while_too_much_waits_to_be_read(publisher: Publisher) -> None:
    """32 MB are four bodies of 8 MB; the one that is being sent makes five."""
    padding = b"<!--" + b" " * 8_000_000 + b"-->"
    body = rss(NEWS).replace(b"<channel>", b"<channel>" + padding)
    subscribe_all([publisher.serve(f"/{number}", Answer(body=body + b" " * number)) for number in range(12)])
    held = []
    on_progress = lambda tally: held.append(len(publisher.requests) - tally.done)  # noqa: E731 - one line says it
    receipt = fetch(Run(settings=replace(QUICK, jobs=1), on_progress=on_progress))
    assert (receipt.fetched, receipt.new) == (12, 36)
    assert max(held) <= 5


def test_a_host_with_many_feeds_is_asked_two_at_a_time(publisher: Publisher) -> None:
    urls = [publisher.serve(f"/{number}", Answer(body=rss(NEWS), wait=0.02)) for number in range(9)]
    subscribe_all(urls + [url.replace("127.0.0.1", "localhost") for url in urls])
    assert fetch().fetched == 18
    assert (publisher.most_at_once("127.0.0.1"), publisher.most_at_once("localhost")) == (2, 2)


def test_the_feed_s_own_site_does_not_replace_the_user_s(publisher: Publisher, home: Path) -> None:
    subscribe_all([publisher.serve("/a", Answer(body=rss(NEWS, title="Own")), Answer(body=rss(NEWS, title="Renamed")))])
    with open_home() as opened, write(opened.db):
        opened.db.execute("UPDATE feeds SET site_url = 'http://mine.example/', title = 'Mine'")
    force()
    force()
    assert query(home, "SELECT title, feed_title, site_url FROM feeds") == [("Mine", "Renamed", "http://mine.example/")]
