"""The program stopped at any moment, by a signal or a kill: what is done is kept, and the next run goes on."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

from publisher import Answer, Publisher
from running import end_veille, query, rss, start_veille, subscribe_all, veille, veille_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FEEDS = 24


def wait_until(holds: Callable[[], bool], *, seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.01)


def count(home: Path, what: str) -> int:
    try:
        ((number,),) = query(home, f"SELECT count(*) FROM {what}")
    except sqlite3.OperationalError:  # not made yet
        return 0
    return int(number)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_with_a_receipt(publisher: Publisher, home: Path, by: signal.Signals) -> None:
    quick = [publisher.serve(f"/quick/{number}", Answer(body=rss({"1": f"Quick {number}"}))) for number in range(8)]
    slow = [publisher.serve(f"/slow/{number}", Answer(body=rss({"1": "Slow"}), wait=60)) for number in range(4)]
    subscribe_all(quick + [url.replace("127.0.0.1", "localhost") for url in slow])
    running = start_veille("fetch", "--json")
    wait_until(lambda: count(home, "entries") == 8)
    started = time.monotonic()
    code, out, err = end_veille(running, by=by)
    assert time.monotonic() - started < 5
    assert (code, err) == (3, "")
    receipt = json.loads(out)
    assert receipt["feeds"] == {
        "total": 12, "fetched": 8, "not_modified": 0, "waiting": 4, "failed": 0, "gone": 0,
    }  # fmt: skip
    assert receipt["entries"]["new"] == 8
    assert count(home, "entries WHERE story_id IS NULL") == 0
    for number in range(4):
        publisher.serve(f"/slow/{number}", Answer(body=rss({"1": f"No longer slow {number}"})))
    receipt = veille_json("fetch", "--json")
    assert (receipt["feeds"]["fetched"], receipt["feeds"]["waiting"], receipt["entries"]["new"]) == (4, 8, 4)


@pytest.mark.parametrize("forced", [True, False])
def test_what_is_said_of_feeds_that_were_cut_off_is_true_of_the_next_fetch(
    publisher: Publisher, home: Path, *, forced: bool
) -> None:
    quick = [publisher.serve(f"/quick/{number}", Answer(body=rss({"1": f"Quick {number}"}))) for number in range(2)]
    slow = [publisher.serve(f"/slow/{number}", Answer(body=rss({"1": "Slow"}))) for number in range(3)]
    slow = [url.replace("127.0.0.1", "localhost") for url in slow]
    subscribe_all(quick)
    veille("fetch")
    subscribe_all(slow)
    if forced:
        veille("fetch")
    for number in range(3):
        publisher.serve(f"/slow/{number}", Answer(body=rss({"1": "Slower"}), wait=60))
    for number in range(2):
        publisher.serve(f"/quick/{number}", Answer(body=rss({"1": f"Quick {number}", "2": f"Quicker {number}"})))
    publisher.requests.clear()
    running = start_veille("fetch", *["--force"] * forced)
    wait_until(lambda: len(publisher.requests) > 0)
    wait_until(lambda: count(home, "entries") == (7 if forced else 2))
    code, out, _ = end_veille(running, by=signal.SIGINT)
    line = "3 feeds not reached: `veille fetch --force` begins again" if forced else "3 wait for the next fetch"
    assert (code, out.splitlines()[-1]) == (3, f"interrupted: what was fetched is kept, {line}")
    for number in range(3):
        publisher.serve(f"/slow/{number}", Answer(body=rss({"1": "No longer slow"})))
    assert veille_json("fetch", "--json")["feeds"]["waiting"] == (5 if forced else 2)


def test_a_second_fetch_is_told_who_holds_the_lock(publisher: Publisher, home: Path) -> None:
    subscribe_all([publisher.serve("/slow", Answer(body=rss({"1": "Slow"}), wait=60))])
    running = start_veille("fetch")
    wait_until(lambda: len(publisher.requests) == 1)
    code, out, err = veille("fetch", "--json")
    assert (code, out) == (4, "")
    assert f"another veille is at work here (fetch, process {running.pid}, since " in err
    assert veille("top", "--json")[:2] == (0, "[]\n")
    assert end_veille(running, by=signal.SIGTERM)[0] == 3
    assert len(publisher.requests) == 1
    assert count(home, "entries") == 0


def edition(number: int, version: int) -> Answer:
    """Twelve entries of a feed; in the second version some are edited, some gone and some new."""
    guids = range(12) if version == 1 else range(4, 18)
    items = {str(guid): f"Feed {number} item {guid}" + (" edited" if version * guid % 3 == 2 else "") for guid in guids}
    return Answer(body=rss(items, title=f"Feed {number}"), etag=f'"{version}"', wait=0.01)


def stored_entries(home: Path) -> dict[str, dict[str, str]]:
    """For each feed's address, its entries by guid."""
    stored: dict[str, dict[str, str]] = {}
    rows = query(home, "SELECT f.url, e.guid, e.title FROM entries AS e JOIN feeds AS f ON f.id = e.feed_id")
    for url, guid, title in rows:
        feed = stored.setdefault(url, {})
        assert guid not in feed, "an entry is there twice"
        feed[guid] = title
    return stored


def expected_entries(number: int, etag: str) -> dict[str, str]:
    """What must be stored of a feed whose validator is this."""
    first = {str(guid): f"Feed {number} item {guid}" + (" edited" if guid % 3 == 2 else "") for guid in range(12)}
    second = {
        str(guid): f"Feed {number} item {guid}" + (" edited" if 2 * guid % 3 == 2 else "") for guid in range(4, 18)
    }
    return {"": {}, '"1"': first, '"2"': first | second}[etag]


def check(home: Path, urls: list[str]) -> list[str]:
    """Whether the database is sound and every feed's entries are those of its validator; the validators."""
    assert query(home, "PRAGMA integrity_check") == [("ok",)]
    for index in ("entries_fts", "entries_stems"):
        query(home, f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
    stored = stored_entries(home)
    etags = [etag for (etag,) in query(home, "SELECT etag FROM feed_states ORDER BY feed_id")]
    for number, (url, etag) in enumerate(zip(urls, etags, strict=True)):
        assert stored.get(url, {}) == expected_entries(number, etag)
    return etags


@pytest.mark.parametrize("requests", [3, 13, FEEDS - 1])
def test_a_kill_leaves_entries_and_validators_that_agree(publisher: Publisher, home: Path, requests: int) -> None:
    urls = [publisher.url(f"/{number}") for number in range(FEEDS)]
    subscribe_all(urls)
    for version in (1, 2):
        for number in range(FEEDS):
            publisher.serve(f"/{number}", edition(number, version))
        publisher.requests.clear()
        running = start_veille("fetch", "--force", "-q")
        wait_until(lambda: len(publisher.requests) >= requests)
        running.kill()
        end_veille(running)
        assert set(check(home, urls)) <= {"", '"1"', '"2"'}
        receipt = veille_json("fetch", "--force", "--json")
        assert receipt["feeds"]["fetched"] + receipt["feeds"]["not_modified"] == FEEDS
        assert check(home, urls) == [f'"{version}"'] * FEEDS
        assert count(home, "entries WHERE story_id IS NULL") == 0
    assert count(home, "entries") == FEEDS * 18


def test_top_works_while_a_fetch_is_writing(publisher: Publisher, home: Path) -> None:
    items = {str(number): f"Number {number} of a long list" for number in range(300)}
    urls = [publisher.serve(f"/{number}", Answer(body=rss(items, title=f"F{number}"))) for number in range(6)]
    subscribe_all(urls)
    running = start_veille("fetch", "--json")
    wait_until(lambda: count(home, "entries") > 0)
    assert veille("top", "--json", "--since", "90d")[0] == 0
    code, out, err = end_veille(running)
    assert (code, err) == (0, "")
    assert json.loads(out)["entries"]["new"] == 1800
    assert count(home, "entries WHERE story_id IS NULL") == 0
