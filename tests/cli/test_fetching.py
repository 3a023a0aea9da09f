"""fetch: receipts, exit codes, the lock."""

import fcntl
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.conftest import Run


def test_the_receipt_keeps_the_contract(run: "Run", demo_feeds: str) -> None:
    run("import", f"{demo_feeds}/feeds.opml")
    result = run("fetch", "--json")
    assert (result.code, result.err) == (3, "")
    receipt = result.json
    assert set(receipt) == {"started_at", "finished_at", "feeds", "entries", "problems"}
    assert receipt["feeds"] == {
        "total": 13, "fetched": 12, "not_modified": 0, "waiting": 0, "failed": 1, "gone": 0,
    }  # fmt: skip
    assert receipt["entries"]["new"] == sum(feed["entries"] for feed in run("feeds", "--json").json)
    assert receipt["entries"]["duplicate"] > 0
    missing = next(problem for problem in receipt["problems"] if problem["status"] == 404)
    assert set(missing) == {"feed_url", "title", "status", "reason", "retry_at"}
    assert missing["retry_at"].endswith("Z")


def test_a_second_fetch_waits_and_a_forced_one_finds_nothing_new(morning: "Run") -> None:
    waiting = morning("fetch", "--json").json
    assert waiting["feeds"]["waiting"] == 13
    assert "13 not due, next at" in morning("fetch").out
    forced = morning("fetch", "--force", "--json").json
    assert forced["entries"] == {"new": 0, "edited": 0, "duplicate": 0}
    assert forced["feeds"]["not_modified"] == 11


def test_chosen_feeds_and_folders_only(run: "Run", demo_feeds: str) -> None:
    run("import", f"{demo_feeds}/feeds.opml")
    assert run("fetch", "labo ia", "ondes", "--json").json["feeds"]["total"] == 2
    assert run("fetch", "--folder", "English", "--json", "--jobs", "1").json["feeds"]["total"] == 2
    assert run("fetch", "--folder", "Nulle part").code == 2
    assert run("fetch", "introuvable").code == 2


def test_quiet_says_nothing_unless_something_fails(run: "Run", demo_feeds: str) -> None:
    run("import", f"{demo_feeds}/feeds.opml")
    fine = run("fetch", "-q", "--folder", "English")
    assert (fine.code, fine.out, fine.err) == (0, "", "")
    failing = run("fetch", "-q")
    assert (failing.code, failing.out) == (3, "")
    assert "Le Fil disparu" in failing.err


def test_nothing_useful_done_is_exit_1(run: "Run") -> None:
    run("add", "--as-is", "http://127.0.0.1:9/rss")
    result = run("fetch")
    assert result.code == 1
    assert "the connection was refused" in result.out


def test_when_nothing_answers_the_network_is_suspected_and_nothing_is_put_off(run: "Run") -> None:
    for port in (9, 11):
        run("add", "--as-is", f"http://127.0.0.1:{port}/rss")
    result = run("fetch")
    assert result.code == 1
    assert "is the network there?" in result.out
    again = run("fetch", "--json").json
    assert again["feeds"] == {
        "total": 2, "fetched": 0, "not_modified": 0, "waiting": 0, "failed": 2, "gone": 0,
    }  # fmt: skip
    assert {feed["state"] for feed in run("feeds", "--json").json} == {"new"}


def test_wrong_rules_do_not_stop_fetching(run: "Run", demo_feeds: str, home: Path) -> None:
    run("import", f"{demo_feeds}/feeds.opml")
    (home / "rules.toml").write_text("[[rule]]\nmatch = 'marque OR'\n")
    result = run("fetch", "--folder", "English")
    assert result.code == 3
    assert "2 feeds: 2 fetched" in result.out
    assert "rules.toml:2:1: match, character 10" in result.err
    assert run("top").code == 1
    (home / "rules.toml").write_text("[[rule]]\nname = 'm'\nmatch = 'reputation OR press'\nweight = 9\n")
    assert run("top", "--json").json[0]["why"][0]["rule"] == "m"


def test_without_feeds_fetch_says_how_to_begin(run: "Run") -> None:
    result = run("fetch")
    assert result.code == 0
    assert "veille import" in result.err
    assert run("fetch", "--json").json["feeds"]["total"] == 0


def test_a_held_lock_is_exit_4_and_says_who_holds_it(run: "Run", home: Path) -> None:
    with (home / "veille.db.lock").open("w") as lock:
        lock.write('{"pid": 4242, "command": "fetch", "since": "2026-11-20T08:00:00Z"}')
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = run("fetch")
    assert result.code == 4
    since = datetime(2026, 11, 20, 8, tzinfo=UTC).astimezone()
    held = f"fetch, process 4242, since {since:%H:%M}"
    advice = "wait for it to end, or let `veille fetch --wait 10m` do so"
    assert result.err == f"veille: another veille is at work here ({held}): {advice}\n"


def test_waiting_for_a_held_lock_ends_with_4_when_it_is_still_held(run: "Run", home: Path) -> None:
    with (home / "veille.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        began = time.monotonic()
        assert run("fetch", "--wait", "1s").code == 4
        assert time.monotonic() - began >= 1
    assert run("fetch", "--wait", "1s").code == 0
    bad = run("fetch", "--wait", "un peu")
    assert (bad.code, bad.err.count("\n")) == (2, 1)
