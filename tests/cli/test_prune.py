"""`veille prune` and `[store] keep`: what goes, what is told, and what a feed that still shows it brings."""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from publisher import Answer
from running import force, query, rss, subscribe_all

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run
    from publisher import Publisher

OLD = b"20 Nov 2023"
TITLES = {"a": "Grève des éboueurs", "b": "La comète traverse Orion", "c": "Hausse du prix du cacao"}
NEW = {"n": "Une loutre revient en Bresse"}


def old(items: dict[str, str]) -> bytes:
    return rss(items).replace(b"20 Nov 2026", OLD)


@pytest.fixture
def archive(home: Path, publisher: Publisher) -> str:
    """Three old stories of one feed and a new one of another, the first of them starred."""
    publisher.serve("/old", Answer(body=old(TITLES)))
    today = f"{datetime.now(UTC):%d %b %Y}".encode()
    publisher.serve("/new", Answer(body=rss(NEW).replace(b"20 Nov 2026", today)))
    subscribe_all([publisher.url("/old"), publisher.url("/new")])
    assert force().new == 4
    return str(query(home, "SELECT id FROM entries WHERE guid = 'a'")[0][0])


def guids(home: Path) -> list[str]:
    return [guid for (guid,) in query(home, "SELECT guid FROM entries ORDER BY guid")]


def test_a_trial_tells_and_writes_nothing(home: Path, run: Run, archive: str) -> None:
    assert run("mark", "star", archive).code == 0
    told = run("prune", "--older", "365d", "--dry-run")
    assert told.code == 0
    assert "would take out: 2 stories (2 entries) published before" in told.out
    # To the minute: of that day it takes some and leaves some.
    assert re.search(r"published before \d{4}-\d\d-\d\d \d\d:\d\d$", told.out, re.MULTILINE)
    assert "would stay: 1 starred" in told.out
    assert len(guids(home)) == 4
    tried = run("prune", "--older", "365d", "--dry-run", "--json").json
    assert (tried["dry_run"], tried["stories"], tried["entries"], tried["held"]["starred"]) == (True, 2, 2, 1)


def test_a_trial_counts_what_is_in_no_story_yet(home: Path, run: Run, archive: str) -> None:
    """As after `add`, or a fetch that was killed."""
    assert archive
    with closing(sqlite3.connect(home / "veille.db")) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("UPDATE entries SET story_id = NULL")
        db.execute("DELETE FROM stories")
        for table in ("fold_stories", "fold_stems", "fold_spread"):
            db.execute(f"DELETE FROM {table}")
        db.commit()
    tried = run("prune", "--older", "365d", "--dry-run", "--json").json
    assert query(home, "SELECT count(*) FROM entries WHERE story_id IS NULL") == [(4,)]
    done = run("prune", "--older", "365d", "--json").json
    assert (tried["stories"], tried["entries"]) == (done["stories"], done["entries"]) == (3, 3)


def test_what_is_old_goes_and_a_fetch_does_not_bring_it_back(
    home: Path, run: Run, archive: str, publisher: Publisher
) -> None:
    assert run("mark", "star", archive).code == 0
    done = run("prune", "--older", "365d", "--json").json
    assert (done["dry_run"], done["stories"], done["entries"], done["held"]["starred"]) == (False, 2, 2, 1)
    assert done["bytes_given_back"] == max(0, done["bytes_before"] - done["bytes_after"])
    assert guids(home) == ["a", "n"]
    # Another document with the same entries, and one more.
    publisher.serve("/old", Answer(body=old({**TITLES, "d": "Le tunnel du Brenner percé"})))
    receipt = force()
    assert (receipt.new, receipt.failed) == (1, 0)
    publisher.serve("/old", Answer(body=old({guid: f"{title}, bis" for guid, title in TITLES.items()})))
    assert force().new == 0
    assert guids(home) == ["a", "d", "n"]
    assert run("search", "cacao", "--json").json == []
    again = run("prune", "--older", "3000d")
    assert (again.code, again.out[:28]) == (0, "nothing was published before")


def test_keep_prunes_with_the_first_fetch_of_a_day(home: Path, run: Run, archive: str) -> None:
    assert run("note", archive, "à suivre").code == 0
    (home / "config.toml").write_text('[store]\nkeep = "365d"\n[fetch]\nallow_private = true\n')
    first = run("fetch", "--force")
    assert "2 entries have left the archive" in first.err
    assert guids(home) == ["a", "n"]
    assert "left the archive" not in run("fetch", "--force").err


def test_most_of_an_archive_does_not_go_by_a_setting_alone(home: Path, run: Run, archive: str) -> None:
    """As after `keep` was set by mistake, or with a clock that is years ahead."""
    assert archive
    (home / "config.toml").write_text('[store]\nkeep = "1d"\n[fetch]\nallow_private = true\n')
    with closing(sqlite3.connect(home / "veille.db")) as db:
        db.execute("UPDATE entries SET first_seen_at = published_at")
        db.commit()
    held_back = run("fetch", "--force", "-q")
    assert held_back.code == 3
    assert "[store] keep = 1d would take 3 of 4 entries out of the archive at once, and has taken none" in held_back.err
    assert guids(home) == ["a", "b", "c", "n"]
    assert run("prune", "--older", "1d").code == 0
    assert guids(home) == ["n"]
    assert run("fetch", "--force", "-q").code == 0


def test_a_first_keep_takes_most_of_no_archive_however_newly_that_was_fetched(
    home: Path, run: Run, archive: str
) -> None:
    assert archive
    (home / "config.toml").write_text('[store]\nkeep = "30d"\n[fetch]\nallow_private = true\n')
    with closing(sqlite3.connect(home / "veille.db")) as db:
        db.execute("UPDATE entries SET first_seen_at = ?", (f"{datetime.now(UTC) - timedelta(minutes=1):%FT%TZ}",))
        db.commit()
    held_back = run("fetch", "--force", "-q")
    assert held_back.code == 3
    assert "[store] keep = 30d would take 3 of 4 entries out of the archive at once" in held_back.err
    assert run("prune", "--older", "30d").code == 0
    assert guids(home) == ["n"]
    assert run("fetch", "--force", "-q").code == 0


def test_who_begins_with_a_keep_is_asked_nothing(home: Path, run: Run, publisher: Publisher) -> None:
    (home / "config.toml").write_text('[store]\nkeep = "30d"\n[fetch]\nallow_private = true\n')
    subscribe_all([publisher.serve("/old", Answer(body=old(TITLES)))])
    assert run("fetch", "-q").code == 0
    assert guids(home) == []


def test_nothing_is_pruned_by_itself_without_a_setting(home: Path, run: Run, archive: str) -> None:
    assert archive
    assert "left the archive" not in run("fetch", "--force").err
    assert len(guids(home)) == 4
    assert {"key": "store.keep", "value": "36525d", "source": "default"} in run("config", "--json").json


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "say how old: `veille prune --older 365d`"),
        (("--older", "12m"), "--older: less than a day: write it in days, as 365d (m is minutes)"),
        (("--older", "soon"), "“soon” is not a duration"),
    ],
)
def test_what_cannot_be_is_one_line(run: Run, arguments: tuple[str, ...], told: str) -> None:
    done = run("prune", *arguments)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_it_waits_for_no_fetch(home: Path, run: Run, archive: str) -> None:
    assert archive
    handle = os.open(home / "veille.db.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert run("prune", "--older", "365d").code == 4
        assert run("prune", "--older", "365d", "--dry-run").code == 0
    finally:
        os.close(handle)
    assert len(guids(home)) == 4


def test_killed_in_between_it_goes_on_the_next_time(home: Path, run: Run, publisher: Publisher) -> None:
    publisher.serve("/old", Answer(body=old({f"g{number}": f"Objet{number}" for number in range(900)})))
    subscribe_all([publisher.url("/old")])
    assert force().new == 900
    # Each a story of its own: then there are several transactions.
    script = (
        "import os, sqlite3, sys\nfrom datetime import timedelta\nfrom veille.app.home import open_home, read_clock\n"
        "from veille.store.db import write\nfrom veille.store.pruning import find_old, prune_stories\n"
        "with open_home() as home:\n"
        "    with write(home.db):\n"
        "        home.db.execute('DELETE FROM stories')\n"
        "        home.db.execute('UPDATE entries SET story_id = id')\n"
        "        home.db.execute('INSERT INTO stories SELECT id, published_at, published_at FROM entries')\n"
        "    done = []\n"
        "    def kill(sql):\n"
        "        done.append(sql) if sql == 'COMMIT' else None\n"
        "        os.kill(os.getpid(), 9) if len(done) == 2 and sql.startswith('DELETE FROM entries') else None\n"
        "    home.db.set_trace_callback(kill)\n"
        "    before = read_clock() - timedelta(365)\n"
        "    prune_stories(home.db, find_old(home.db, before=before).stories, before=before)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    left = len(guids(home))
    assert 0 < left < 900
    assert query(home, "SELECT count(*) FROM pruned")[0][0] == 900 - left
    assert run("prune", "--older", "365d", "--json").json["entries"] == left
    assert query(home, "PRAGMA integrity_check") == [("ok",)]
    assert query(home, "SELECT count(*) FROM pruned")[0][0] == 900
