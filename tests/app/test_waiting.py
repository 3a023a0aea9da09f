"""Others who write: nobody is told of a lock, a long wait is told, and what waited is done."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from publisher import Answer, Publisher
from running import end_veille, force, query, rss, start_veille, subscribe_all, veille, veille_json
from veille.store.waiting import LONG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


OLD = rss({"1": "First", "2": "Second"}).replace(b"20 Nov 2026", b"20 Nov 2023")


@contextmanager
def writing(home: Path) -> Iterator[sqlite3.Connection]:
    """Another program that is in the middle of writing to the database."""
    with closing(sqlite3.connect(home / "veille.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other
        if other.in_transaction:
            other.execute("ROLLBACK")


@pytest.fixture
def story(home: Path, publisher: Publisher) -> str:
    subscribe_all([publisher.serve("/a", Answer(body=OLD))])
    assert force().new == 2
    assert home.exists()
    return "1000"


def test_a_mark_waits_for_a_writer_says_so_after_five_seconds_and_is_kept(home: Path, story: str) -> None:
    holder = {"pid": 12, "command": "fetch", "since": "2026-11-20T08:00:00Z"}
    (home / "veille.db.lock").write_text(json.dumps(holder))
    with writing(home) as other:
        running = start_veille("mark", "star", story)
        time.sleep(LONG + 2)
        assert running.poll() is None
        other.execute("ROLLBACK")
        code, _, err = end_veille(running)
    assert code == 0
    assert err.count("\n") == 1
    assert err.startswith("veille: waiting for another that is writing to the database (fetch, process 12, since ")
    assert query(home, "SELECT count(*) FROM marks WHERE starred_at IS NOT NULL") == [(1,)]


def test_a_short_wait_is_not_told(home: Path, story: str) -> None:
    with writing(home) as other:
        running = start_veille("mark", "star", story)
        time.sleep(1.5)
        other.execute("ROLLBACK")
        assert end_veille(running)[::2] == (0, "")


def test_a_wait_can_be_given_up(home: Path, story: str) -> None:
    with writing(home):
        running = start_veille("mark", "star", story)
        time.sleep(1.5)
        begun = time.monotonic()
        code, _, err = end_veille(running, by=signal.SIGINT)
        assert time.monotonic() - begun < 3
    assert (code, err) == (130, "veille: interrupted\n")


def test_who_writes_for_ever_is_told_in_one_line(home: Path, story: str) -> None:
    (home / "config.toml").write_text('[store]\nbusy_timeout = "1s"\n')
    with writing(home):
        code, out, err = veille("mark", "star", story)
    assert (code, out, err.count("\n")) == (4, "", 1)
    assert "veille.db: another program has been writing to it for long: try again when it is done" in err
    assert "locked" not in err


def test_reading_does_not_wait_for_a_writer(home: Path, story: str) -> None:
    assert story
    with writing(home):
        begun = time.monotonic()
        assert len(veille_json("feeds", "--json")) == 1
        assert "/a" in veille("export")[1]
        assert time.monotonic() - begun < LONG


def test_a_fetch_waits_for_a_writer_and_stores_all(home: Path, story: str, publisher: Publisher) -> None:
    assert story
    publisher.serve("/a", Answer(body=rss({str(number): f"Item {number}" for number in range(9)})))
    with writing(home) as other:
        running = start_veille("fetch", "--force", "--json")
        time.sleep(LONG + 2.5)
        other.execute("ROLLBACK")
        code, out, err = end_veille(running)
    assert (code, json.loads(out)["feeds"]["failed"]) == (0, 0)
    assert err.count("waiting for another that is writing") == 1
    assert query(home, "SELECT count(*) FROM entries") == [(9,)]


def test_a_reader_who_never_ends_stops_nobody(home: Path, story: str, publisher: Publisher) -> None:
    """As Datasette may: a read transaction that stays open, while others fetch, mark and prune."""
    with closing(sqlite3.connect(f"file:{home}/veille.db?mode=ro", uri=True, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM entries").fetchone() == (2,)
        publisher.serve("/a", Answer(body=rss({"3": "Third"})))
        begun = time.monotonic()
        assert veille("fetch", "--force", "-q")[::2] == (0, "")
        assert veille("mark", "star", story)[0] == 0
        assert veille_json("prune", "--older", "365d", "--json")["entries"] == 1
        assert time.monotonic() - begun < 3 * LONG
        assert reader.execute("SELECT count(*) FROM entries").fetchone() == (2,)
        reader.execute("ROLLBACK")


def test_marks_and_digests_during_a_fetch_meet_no_lock(home: Path, publisher: Publisher) -> None:
    items = [{f"{feed}-{number}": f"Sujet{feed} mot{number}" for number in range(30)} for feed in range(40)]
    urls = [publisher.serve(f"/{feed}", Answer(body=rss(items[feed]), wait=0.05)) for feed in range(40)]
    subscribe_all(urls)
    assert force(names=("1",)).new == 30
    running = start_veille("fetch", "--json")
    done: list[tuple[int, str, str]] = []
    commands = [("mark", "read", "1000"), ("note", "1001", "vu"), ("digest", "-o", "-"), ("top", "--json")]
    threads = [threading.Thread(target=lambda one=one: done.append(veille(*one))) for one in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    code, out, err = end_veille(running)
    assert (code, json.loads(out)["entries"]["new"], err) == (0, 39 * 30, "")
    assert {code for code, _, _ in done} == {0}
    assert not [err for _, _, err in done if "lock" in err or "waiting" in err]
    assert query(home, "PRAGMA integrity_check") == [("ok",)]


def test_a_digest_that_waits_for_another_says_so(home: Path, story: str) -> None:
    assert story
    (home / "config.toml").write_text('[digest.matin]\noutput = "matin.md"\n')
    code, _, err = veille("digest", "matin")
    assert code == 0, err
    (lock,) = [path for path in home.glob("*.lock") if "digest" in path.name]
    handle = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        running = start_veille("digest", "matin")
        time.sleep(LONG + 2)
        fcntl.flock(handle, fcntl.LOCK_UN)
        code, _, err = end_veille(running)
    finally:
        os.close(handle)
    assert code == 0
    assert "veille: waiting for another veille at work here (" in err


def test_waiting_costs_nothing_where_nobody_writes(home: Path, story: str) -> None:
    """A patient connection is as quick as a plain one, but for what calling it costs."""
    assert story
    script = (
        "import time\nfrom veille.app.home import open_home\n"
        "with open_home() as home:\n    begun = time.perf_counter()\n"
        "    for _ in range(20000): home.db.execute('SELECT 1')\n    print(time.perf_counter() - begun)"
    )
    assert home.exists()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 2
