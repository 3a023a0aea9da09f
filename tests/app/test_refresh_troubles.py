"""What is no feed, does not come or cannot be stored: told, counted, and no loss to the rest."""

from __future__ import annotations

import gzip
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from publisher import Answer, Publisher, redirect
from running import QUICK, Run, fetch, force, query, rss, state, subscribe_all, titles
from veille.app.home import open_home
from veille.errors import StoreError
from veille.store.db import write
from veille.store.feeds import list_feeds

if TYPE_CHECKING:
    from pathlib import Path


NEWS = {"1": "First things", "2": "Second thoughts", "3": "Third time lucky"}
pytestmark = pytest.mark.usefixtures("home")


def conditions(publisher: Publisher, path: str) -> list[tuple[bytes | None, bytes | None]]:
    """The validators that each request for a path carried."""
    return [(request.header("if-none-match"), request.header("if-modified-since")) for request in publisher.asked(path)]


# --- what is not a whole feed ------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE html><html><body>Cookies?</body></html>", "it is a web page, not a feed"),
        (b"", "the document is empty"),
        (b"\n \n", "the document is empty"),
        (b"<note/>", "it is XML, but not a feed"),
        (b'{"items": 1}', "it is JSON, but not a feed (no items)"),
        (gzip.compress(gzip.compress(b"<rss/>")), "it is not a feed"),
    ],
)
def test_what_is_no_feed_is_a_failure_that_loses_nothing(
    publisher: Publisher, home: Path, body: bytes, reason: str
) -> None:
    good = Answer(body=rss(NEWS), etag='"1"')
    subscribe_all([publisher.serve("/a", good, Answer(body=body, etag='"bad"'), good)])
    force()
    known = titles(home)
    failed = force()
    assert (failed.failed, failed.fetched, failed.new) == (1, 0, 0)
    (problem,) = failed.problems
    assert (problem.status, problem.reason) == (200, reason)
    assert problem.retry_at is not None
    assert titles(home) == known
    degraded = state(home)
    assert (degraded["status"], degraded["reason"], degraded["failures"]) == ("degraded", reason, 1)
    assert degraded["etag"] == '"1"'
    recovered = force()
    assert (recovered.not_modified, recovered.problems) == (1, ())
    assert (state(home)["status"], state(home)["reason"], state(home)["failures"]) == ("ok", "", 0)


def test_a_cut_document_gives_its_entries_and_is_asked_for_again_whole(publisher: Publisher, home: Path) -> None:
    whole = rss(NEWS)
    cut = whole[: whole.index(b"<item><guid isPermaLink='false'>3") + 20]
    publisher.serve(
        "/a",
        Answer(body=cut, etag='"cut"', last_modified="Monday"),
        Answer(body=cut, etag='"cut"', last_modified="Monday"),
        Answer(body=whole, etag='"whole"'),
        Answer(body=cut + b" ", etag='"cut again"'),
        Answer(body=whole, etag='"whole"'),
    )
    subscribe_all([publisher.url("/a")])
    first = force()
    assert (first.fetched, first.failed, first.new) == (1, 0, 2)
    assert first.problems[0].reason.startswith("the document is cut short")
    assert first.problems[0].retry_at is None
    assert (state(home)["status"], state(home)["etag"], state(home)["body_hash"]) == ("degraded", "", "")
    second, third, fourth, fifth = (force() for _ in range(4))
    assert [(one.new, one.edited, len(one.problems)) for one in (second, third, fourth)] == [
        (0, 0, 1), (1, 0, 0), (0, 0, 1),
    ]  # fmt: skip
    assert (fifth.not_modified, fifth.problems) == (1, ())
    assert [etag for etag, _ in conditions(publisher, "/a")] == [None, None, None, b'"whole"', b'"whole"']


def test_a_malformed_document_stays_degraded_until_it_changes(publisher: Publisher, home: Path) -> None:
    malformed = rss(NEWS).replace(b"Second", b"A & B")
    publisher.serve(
        "/a", Answer(body=malformed, etag='"1"'), Answer(body=malformed, etag='"1"'), Answer(body=malformed)
    )
    subscribe_all([publisher.url("/a")])
    first, not_modified, same_bytes = force(), force(), force()
    assert (first.fetched, first.new) == (1, 3)
    assert not_modified.not_modified == same_bytes.fetched == 1
    reasons = {one.problems[0].reason for one in (first, not_modified, same_bytes)}
    assert len(reasons) == 1
    assert reasons.pop().startswith("not well-formed XML")
    assert state(home)["status"] == "degraded"
    publisher.serve("/a", Answer(body=rss(NEWS)))
    assert force().problems == ()
    assert state(home)["status"] == "ok"


# --- what does not come ------------------------------------------------------


def test_a_feed_that_is_gone_stays_so_until_it_is_named_by_force(publisher: Publisher, home: Path) -> None:
    subscribe_all([publisher.serve("/a", Answer(body=rss(NEWS)), Answer(status=410), Answer(body=rss(NEWS)))])
    force()
    gone = force()
    assert (gone.gone, gone.failed, gone.problems[0].reason) == (1, 0, "gone for good (410)")
    assert len(titles(home)) == 3
    asked = len(publisher.requests)
    later = [fetch(), force(), fetch(Run(names=("1",)))]
    assert [(one.gone, one.waiting, one.total) for one in later] == [(1, 0, 1)] * 3
    assert len(publisher.requests) == asked
    back = force(names=("1",))
    assert (back.fetched, back.gone, state(home)["status"]) == (1, 0, "ok")


def test_retry_after_is_waited_for(publisher: Publisher, home: Path) -> None:
    clock = format_datetime(datetime(2001, 1, 1, 8, tzinfo=UTC), usegmt=True)
    until = format_datetime(datetime(2001, 1, 1, 13, tzinfo=UTC), usegmt=True)
    dated = (("Retry-After", until), ("Date", clock))
    publisher.serve("/seconds", Answer(status=429, headers=(("Retry-After", "7200"),)))
    publisher.serve("/date", Answer(status=503, headers=dated))
    subscribe_all([publisher.url("/seconds"), publisher.url("/date")])
    receipt = fetch()
    waits = {
        problem.feed_url.rpartition("/")[2]: problem.retry_at - receipt.finished_at
        for problem in receipt.problems
        if problem.retry_at
    }
    assert timedelta(hours=2) <= waits["seconds"] < timedelta(hours=2.1)
    assert timedelta(hours=5) <= waits["date"] < timedelta(hours=5.1)
    assert {state(home, path)["status"] for path in waits} == {"waiting"}
    assert {state(home, path)["failures"] for path in waits} == {0}
    assert fetch().waiting == 2
    assert len(publisher.requests) == 2


def test_failures_back_off_and_a_success_forgets_them(publisher: Publisher, home: Path) -> None:
    subscribe_all([publisher.serve("/a", *[Answer(status=500)] * 3, Answer(body=rss(NEWS)))])
    waits = []
    for number in range(1, 4):
        with open_home() as opened, write(opened.db):
            opened.db.execute("UPDATE feed_states SET next_fetch_at = NULL")
        receipt = fetch()
        assert (receipt.failed, state(home)["failures"], state(home)["status"]) == (1, number, "failing")
        assert receipt.problems[0].retry_at is not None
        waits.append((receipt.problems[0].retry_at - receipt.started_at) / timedelta(hours=1))
    assert [round(wait, 1) // step for wait, step in zip(waits, (1, 2, 4), strict=True)] == [1, 1, 1], waits
    assert force().new == 3
    assert (state(home)["failures"], state(home)["reason"]) == (0, "")


def test_a_permanent_move_is_remembered_and_the_feed_still_read(publisher: Publisher, home: Path) -> None:
    publisher.serve("/old", redirect("/new", 301))
    publisher.serve("/other", redirect("/new", 302))
    publisher.serve("/new", Answer(body=rss(NEWS), etag='"1"'))
    subscribe_all([publisher.url("/old"), publisher.url("/other")])
    first, second = force(), force()
    assert (first.fetched, first.new, second.not_modified) == (2, 6, 2)
    assert [problem.reason for problem in second.problems] == [f"moved to {publisher.url('/new')}"]
    moved = state(home, "/old")
    assert (moved["status"], moved["moved_to"], moved["moved_seen"]) == ("moved", publisher.url("/new"), 2)
    assert (state(home, "/other")["status"], state(home, "/other")["moved_to"]) == ("ok", "")


def test_a_bad_lot_does_not_keep_the_good_ones_from_being_stored(publisher: Publisher, home: Path) -> None:
    bad = {
        "/404": Answer(status=404),
        "/500": Answer(status=500),
        "/garbage": Answer(raw=b"\xff\xfe\r\n\r\n"),
        "/cut": Answer(body=rss(NEWS), length=10**6, cut=True),
        "/slow": Answer(body=rss(NEWS), piece=1, pace=0.2),
        "/endless": Answer(endless=b" " * 60_000, chunked=True),
        "/bomb": Answer(body=bytes(50_000_000), encoding="gzip"),
        "/zstd": Answer(body=b"x", headers=(("Content-Encoding", "zstd"),)),
        "/loop": redirect("/loop"),
        "/file": redirect("file:///etc/passwd"),
        "/page": Answer(body=b"<html></html>"),
    }
    urls = [publisher.serve(path, answer) for path, answer in bad.items()]
    good = [publisher.serve(f"/good/{number}", Answer(body=rss({str(number): "Good"}))) for number in range(5)]
    nowhere = ["http://nowhere.invalid/feed", "http://[::1]:1/feed", publisher.url("/tls", scheme="https")]
    subscribe_all([*urls, *good, *nowhere])
    receipt = fetch(Run(settings=replace(QUICK, per_host=20, timeout=timedelta(seconds=2))))
    assert (receipt.total, receipt.failed, receipt.fetched, receipt.new) == (19, 14, 5, 5)
    assert len(receipt.problems) == 14
    assert all(problem.reason and "\n" not in problem.reason for problem in receipt.problems)
    assert sorted(guid for guid, _ in titles(home)) == list("01234")


# --- faults of our own -------------------------------------------------------


def spoil(sql: str) -> None:
    with open_home() as opened:
        opened.db.execute(sql)


def test_a_feed_that_cannot_be_stored_fails_alone(publisher: Publisher, home: Path) -> None:
    urls = [publisher.serve(f"/{number}", Answer(body=rss({"1": f"News {number}"}), etag='"1"')) for number in range(9)]
    subscribe_all(urls)
    spoil(
        "CREATE TRIGGER spoilt BEFORE INSERT ON entries WHEN new.title = 'News 4'"
        " BEGIN SELECT raise(ABORT, 'spoilt'); END"
    )
    receipt = fetch(Run(settings=replace(QUICK, jobs=2)))
    assert (receipt.fetched, receipt.failed, receipt.new) == (8, 1, 8)
    assert receipt.problems[0].reason == "a fault in veille itself: IntegrityError: spoilt"
    assert len(titles(home)) == 8
    assert (state(home, "/4")["status"], state(home, "/4")["etag"]) == ("failing", "")


def test_a_database_that_takes_nothing_more_ends_the_run_in_one_line(publisher: Publisher, home: Path) -> None:
    urls = [publisher.serve(f"/{number}", Answer(body=rss({"1": f"News {number}"}))) for number in range(9)]
    subscribe_all(urls)
    spoil(
        "CREATE TRIGGER spoilt BEFORE UPDATE ON feed_states WHEN (SELECT count(last_ok_at) FROM feed_states) >= 4"
        " BEGIN SELECT raise(ABORT, 'database or disk is full'); END"
    )
    with pytest.raises(StoreError, match="database or disk is full: make room on the disk"):
        fetch()
    assert len(titles(home)) == 4


def test_wrong_rules_are_told_and_run_once_they_are_right(publisher: Publisher, home: Path) -> None:
    rules = home / "rules.toml"
    rules.write_text("[[rule]]\nname = 'luck'\nmatch = 'lucky'\nweihgt = 2\n")
    subscribe_all([publisher.serve("/a", Answer(body=rss(NEWS)))])
    receipt = fetch()
    assert "rules.toml:4:1" in receipt.warning
    assert receipt.new == 3
    assert query(home, "SELECT count(*) FROM matches") == [(0,)]
    rules.write_text("[[rule]]\nname = 'luck'\nmatch = 'lucky'\n")
    assert fetch().warning == ""
    assert query(home, "SELECT guid FROM matches JOIN entries ON entries.id = entry_id") == [("3",)]


def test_rules_are_run_over_what_arrives(publisher: Publisher, home: Path) -> None:
    (home / "rules.toml").write_text("[[rule]]\nname = 'luck'\nmatch = 'lucky'\n")
    subscribe_all([publisher.serve("/a", Answer(body=rss(NEWS)))])
    fetch()
    assert query(home, "SELECT guid, field FROM matches JOIN entries ON entries.id = entry_id") == [("3", "title")]


def test_waiting_for_another_writer_does_not_cost_the_feeds_their_time(publisher: Publisher) -> None:
    """Another veille holds the database for longer than an exchange may take."""
    urls = [publisher.serve(f"/{number}", Answer(body=rss(NEWS), wait=0.1)) for number in range(6)]
    subscribe_all(urls)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with open_home() as opened, write(opened.db):
            held.set()
            done.wait(1.2)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    receipt = fetch(Run(settings=replace(QUICK, timeout=timedelta(seconds=0.6))))
    done.set()
    holder.join()
    assert (receipt.fetched, receipt.failed, receipt.new) == (6, 0, 18)


def test_nothing_to_fetch_is_an_empty_receipt() -> None:
    receipt = fetch()
    assert (receipt.total, receipt.fetched, receipt.new, receipt.next_due_at) == (0, 0, 0, None)


def test_a_run_counts_every_feed_once(publisher: Publisher) -> None:
    """Fetched, not modified, waiting, failed and gone make up the total."""
    answers = [
        Answer(body=rss(NEWS)), Answer(body=rss(NEWS), etag='"1"'), Answer(status=404), Answer(status=410),
        Answer(status=429, headers=(("Retry-After", "9"),)), Answer(body=b"<html>"),
    ]  # fmt: skip
    subscribe_all([publisher.serve(f"/{number}", answer) for number, answer in enumerate(answers)])
    for receipt in (fetch(), force(), fetch()):
        parts = (receipt.fetched, receipt.not_modified, receipt.waiting, receipt.failed, receipt.gone)
        assert sum(parts) == receipt.total == 6, parts
    with open_home() as opened:
        assert [feed.state.status for feed in list_feeds(opened.db)] == [
            "ok", "ok", "failing", "gone", "waiting", "degraded",
        ]  # fmt: skip
