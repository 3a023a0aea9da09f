"""Backups while others write, at kills, on full disks; which are taken away and which never."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from disks import mounted
from publisher import Answer
from running import end_veille, query, rss, start_veille, subscribe_all, veille
from sittings import fill
from veille.app.backup import back_up_when_due, make_backup
from veille.app.home import open_home, read_clock
from veille.app.kept import list_backups
from veille.app.lock import hold_lock
from veille.app.manifest import DATABASE, Manifest, check_files, read_manifest, write_manifest
from veille.errors import LockedError, OutputError, StoreError
from veille.store.db import open_store, write
from veille.store.schema import SCHEMA_VERSION
from veille.times import to_stored

if TYPE_CHECKING:
    from publisher import Publisher

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
_KILLS = 30
# It makes backups for ever, a child for each line that it reads; all is imported by then.
DRIVER = """
import os, sys
from veille.app.home import open_home
from veille.app.backup import make_backup

for line in sys.stdin:
    child = os.fork()
    if not child:
        with open_home() as home:
            os.write(1, b"open\\n")
            while True:
                make_backup(home, keep=3)
                os.write(1, b"made\\n")
    os.write(1, f"child {child}\\n".encode())
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


def check_whole(path: Path) -> None:
    """A backup is what its manifest says, and its database opens."""
    check_files(path, read_manifest(path))
    with closing(sqlite3.connect(path / DATABASE)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def make(directory: Path | None = None, *, keep: int | None = None) -> Path:
    with open_home() as home:
        return make_backup(home, directory, keep=keep).backup.path


def age(path: Path, days: float) -> None:
    """Date a backup back, as if it had been made then."""
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    del manifest["veille_backup"], manifest["checksum"]
    old = replace(Manifest(**manifest), made_at=to_stored(read_clock() - timedelta(days=days)))
    (path / "manifest.json").write_text(write_manifest(old), "utf-8")


def test_thirty_kills_leave_whole_backups_or_what_is_cleaned_later(home: Path) -> None:
    fill(20, words=2000)
    chance = random.Random(8)  # noqa: S311 - moments, no secrets
    halves = 0
    with subprocess.Popen([sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as driver:
        assert driver.stdin
        assert driver.stdout
        for _ in range(_KILLS):
            driver.stdin.write(b"go\n")
            driver.stdin.flush()
            said = [driver.stdout.readline().split(), driver.stdout.readline().split()]
            child = int(next(words[1] for words in said if words[0] == b"child"))
            time.sleep(chance.random() * 0.06)
            os.kill(child, signal.SIGKILL)
            while (line := driver.stdout.readline()) != b"gone\n":
                assert line, "the driver ended"
            for path in (home / "backups").iterdir() if (home / "backups").exists() else ():
                if path.name.startswith("."):
                    halves += 1
                else:
                    check_whole(path)
        driver.stdin.close()
    assert halves, "no kill met a backup in the making: nothing was tested"
    assert veille("backup", "--keep", "3")[0] == 0
    left = sorted(path.name for path in (home / "backups").iterdir())
    assert len(left) == 3
    assert all(name.startswith("veille-") for name in left)
    assert query(home, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.usefixtures("home")
def test_a_backup_while_another_marks_is_of_one_moment() -> None:
    """Each transaction of the writer stars one story and notes it: a copy has both or neither."""
    fill(20)
    stop = threading.Event()
    written = 0

    def mark() -> None:
        nonlocal written
        with open_home() as mine:
            stories = [one for (one,) in mine.db.execute("SELECT id FROM stories")]
            while not stop.is_set():
                with write(mine.db):
                    story = stories[written % len(stories)]
                    mine.db.execute(
                        "INSERT OR REPLACE INTO marks (story_id, starred_at) VALUES (?, ?)", (story, str(written))
                    )
                    mine.db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, '')", (story, str(written)))
                written += 1

    writer = threading.Thread(target=mark)
    writer.start()
    try:
        made = []
        for _ in range(8):
            before = written
            code, out, err = veille("backup", "--json")
            assert code == 0, err
            made.append((before, Path(json.loads(out)["backup"])))
    finally:
        stop.set()
        writer.join()
    assert written > 8
    for before, path in made:
        check_whole(path)
        with closing(sqlite3.connect(path / DATABASE)) as db:
            stars = dict(db.execute("SELECT story_id, starred_at FROM marks"))
            assert stars == dict(db.execute("SELECT story_id, text FROM notes"))
            assert max(map(int, stars.values()), default=0) >= before - 1


def test_backups_and_a_fetch_do_not_stop_each_other(home: Path, publisher: Publisher) -> None:
    """Whatever moment of the fetch a backup is of, its stories, entries and indexes agree."""
    for number in range(14):
        items = {f"{number}-{index}": f"Titre {number} {index}" for index in range(50)}
        subscribe_all([publisher.serve(f"/{number}", Answer(body=rss(items), wait=number * 0.06))])
    fetching = start_veille("fetch", "-q", "--jobs", "4")
    made = []
    while fetching.poll() is None:
        code, out, err = veille("backup", "--keep", "100", "--json")
        assert code == 0, err
        made.append(json.loads(out))
    assert end_veille(fetching) == (0, "", "")
    assert len({one["counts"]["entries"] for one in made}) > 1, "no backup met the fetch at work"
    for one in made:
        check_whole(Path(one["backup"]))
        with closing(sqlite3.connect(Path(one["backup"]) / DATABASE)) as db:
            ids = db.execute("SELECT id FROM entries ORDER BY id").fetchall()
            assert ids == db.execute("SELECT rowid FROM entries_fts ORDER BY rowid").fetchall()
            assert len(ids) == one["counts"]["entries"]
    assert query(home, "SELECT count(*) FROM entries") == [(700,)]


def test_rotation_keeps_fourteen_and_never_touches_what_is_not_ours(home: Path, tmp_path: Path) -> None:
    fill(2)
    place = tmp_path / "there"
    foreign = ["veille-20200101-000000", "holidays", "veille-20200102-000000x", ".veille-0-half"]
    for name in foreign:
        (place / name).mkdir(parents=True)
        (place / name / "photo.jpg").write_bytes(b"mine")
    made = [make(place) for _ in range(3)]
    for number, path in enumerate(made):
        age(path, 30 - number)
    mine = made[1] / "notes.txt"
    mine.write_text("I keep this", "utf-8")
    other = home.parent / "other"
    shutil.copytree(home, other)
    code, _, err = veille("backup", str(place), home=other)
    assert code == 0, err
    made += [make(place) for _ in range(14)]
    left = {path.name for path in place.iterdir()}
    assert made[0].name not in left
    assert mine.read_text("utf-8") == "I keep this"
    assert left.issuperset(foreign)
    with open_home() as opened:
        own = [one.path for one in list_backups(opened.places, place)]
        assert own == [made[1], *made[3:]]
        assert make_backup(opened, place, keep=2).rotated.left == (made[1],)
    assert len([name for name in os.listdir(place) if name not in foreign]) == 2 + 1 + 1  # noqa: PTH208
    for name in foreign:
        assert (place / name / "photo.jpg").read_bytes() == b"mine"


def test_a_link_to_a_backup_is_not_followed_by_rotation(home: Path, tmp_path: Path) -> None:
    assert home.exists()
    fill(2)
    path = make(tmp_path / "there")
    kept = path.rename(tmp_path / path.name)
    path.symlink_to(kept)
    make(tmp_path / "there", keep=1)
    assert path.is_symlink()
    check_whole(kept)


def test_two_backups_at_once_are_refused_in_one_line(home: Path) -> None:
    fill(2)
    with hold_lock(home / "veille.db.backup.lock", command="backup"), pytest.raises(LockedError, match="backup, proc"):
        make()


def test_an_interrupted_backup_leaves_nothing(home: Path) -> None:
    fill(20, words=20_000)
    for delay in (0.3, 0.5, 0.7):
        process = start_veille("backup")
        time.sleep(delay)
        code, _, _ = end_veille(process, by=signal.SIGINT)
        assert code in (0, 130, -signal.SIGINT)
    for path in (home / "backups").iterdir() if (home / "backups").exists() else ():
        check_whole(path)


RESTORER = """
import os, sys
from veille.config import find_places
from veille.app.restoring import restore_backup

for line in sys.stdin:
    child = os.fork()
    if not child:
        while True:
            restore_backup(find_places(), sys.argv[1], force=True)
    os.write(1, f"child {child}\\n".encode())
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


def test_thirty_kills_of_a_restore_leave_the_old_or_the_new_database(home: Path) -> None:
    fill(20, words=2000)
    backup = make()
    with open_home() as opened:
        opened.db.execute("UPDATE feeds SET title = 'of today'")
    chance = random.Random(9)  # noqa: S311 - moments, no secrets
    command = [sys.executable, "-c", RESTORER, str(backup)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as driver:
        assert driver.stdin
        assert driver.stdout
        for _ in range(_KILLS):
            driver.stdin.write(b"go\n")
            driver.stdin.flush()
            child = int(driver.stdout.readline().split()[1])
            time.sleep(chance.random() * 0.3)
            os.kill(child, signal.SIGKILL)
            assert driver.stdout.readline() == b"gone\n"
            assert query(home, "PRAGMA integrity_check") == [("ok",)]
            assert query(home, "SELECT title FROM feeds") in ([("of today",)], [("",)])
            assert query(home, "SELECT count(*) FROM entries") == [(20,)]
        driver.stdin.close()
    assert query(home, "SELECT title FROM feeds") == [("",)]
    kept = sorted(home.glob("veille.db.replaced-*"))
    with closing(sqlite3.connect(kept[0])) as db:
        assert db.execute("SELECT title FROM feeds").fetchone() == ("of today",)
    assert veille("restore", str(backup), "--force")[0] == 0
    assert not list(home.glob("*restoring*"))


WRITER = """
import time
from veille.app.home import open_home
from veille.store.db import write
for number in range(2_000_000):
    time.sleep(0.02)
    with open_home() as home, write(home.db):
        home.db.execute("INSERT INTO hosts VALUES (?, '2026-11-20T08:00:00Z', '')", (f"h{number}",))
    print(number, flush=True)
"""


def test_what_is_stored_while_a_restore_replaces_the_database_is_in_it_or_beside_it(home: Path) -> None:
    fill(20, words=2000)
    backup = make()
    with subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        stored = [int(writer.stdout.readline())]
        assert 0 in [veille("restore", str(backup), "--force")[0] for _ in range(8)]
        writer.kill()
        stored += [int(line) for line in writer.stdout if line.endswith("\n")]
    found = set()
    for path in (home / "veille.db", *home.glob("veille.db.replaced-*")):
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            found |= {int(host[1:]) for (host,) in db.execute("SELECT host FROM hosts")}
    assert len(stored) > 20
    assert set(stored) - found == set()


# --- full disks -----------------------------------------------------------------


def test_a_disk_too_small_is_told_beforehand(home: Path, tmp_path: Path) -> None:
    fill(20, words=5000)
    with mounted(tmp_path / "small", "size=300k") as place:
        with pytest.raises(OutputError, match="0 MB free, 2 MB to write: make room, or choose another directory"):
            make(place)
        assert not list(place.iterdir())
    assert query(home, "PRAGMA integrity_check") == [("ok",)]


def test_a_disk_that_fills_up_meanwhile_is_one_line_and_costs_no_backup(home: Path, tmp_path: Path) -> None:
    """The write-ahead log holds what the file has not: more is written than could be told beforehand."""
    fill(20)
    with mounted(tmp_path / "small", "size=1500k") as place:
        kept = make(place)
        with open_home() as opened:
            opened.db.execute("PRAGMA wal_autocheckpoint = 0")
            with write(opened.db):
                text = "x" * 2_000_000
                opened.db.execute("INSERT INTO kept_rules (id, text, kept_at) VALUES (1, ?, '')", (text,))
            with pytest.raises((OutputError, StoreError)) as caught:
                make_backup(opened, place, keep=1)
        assert "make room" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert list(place.iterdir()) == [kept]
        check_whole(kept)
    assert query(home, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.usefixtures("home")
def test_a_restore_onto_a_full_disk_leaves_what_was(tmp_path: Path) -> None:
    fill(20, words=5000)
    backup = make()
    with mounted(tmp_path / "small", "size=1M") as place:
        code, _, err = veille("add", "--as-is", "https://a.example/rss", home=place)
        assert code == 0, err
        code, _, err = veille("restore", str(backup), "--force", home=place)
        assert (code, err.count("\n")) == (1, 1)
        assert "No space left on device: check the disk and the permissions; nothing is lost" in err
        assert query(place, "SELECT url FROM feeds") == [("https://a.example/rss",)]
        assert not [path.name for path in place.iterdir() if "restoring" in path.name or "replaced" in path.name]


def test_a_directory_that_is_a_file_is_one_line(home: Path) -> None:
    fill(1)
    code, out, err = veille("backup", str(home / "veille.db"))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "choose another directory" in err


# --- by itself ------------------------------------------------------------------


def test_a_fetch_makes_a_backup_a_week_after_the_last(home: Path) -> None:
    fill(2)
    made = make()
    assert veille("fetch", "-q")[2].count("WARNING") == 0
    assert [path.name for path in (home / "backups").iterdir()] == [made.name]
    age(made, 6.9)
    with open_home() as opened:
        assert back_up_when_due(opened) == ""
        assert len(list_backups(opened.places, home / "backups")) == 1
    age(made, 7.1)
    with open_home() as opened:
        assert back_up_when_due(opened) == ""
        found = list_backups(opened.places, home / "backups")
        assert [one.manifest.auto for one in found] == [False, True]
        assert back_up_when_due(opened) == ""
        assert len(list_backups(opened.places, home / "backups")) == 2


def test_a_clock_that_was_wrong_costs_no_backup(home: Path) -> None:
    """Backups dated in the future neither hold up the week's one nor bring one at each fetch, nor push it out."""
    fill(2)
    with open_home() as opened:
        opened.db.execute("UPDATE feeds SET added_at = '2020-01-01T00:00:00Z'")
    ahead = [make() for _ in range(3)]
    for path in ahead:
        age(path, -400)
    (home / "config.toml").write_text("[backup]\nkeep = 3\n", "utf-8")
    for _ in range(2):
        with open_home() as opened:
            assert back_up_when_due(opened) == ""
    names = {path.name for path in (home / "backups").iterdir()}
    assert len(names) == 3
    assert len(names & {path.name for path in ahead}) == 2


def test_a_new_veille_is_backed_up_after_a_week(home: Path) -> None:
    with open_home() as opened:
        assert back_up_when_due(opened) == ""
        assert not (home / "backups").exists()
        fill(1)
        for days, expected in ((6, 0), (8, 1)):
            added = to_stored(read_clock() - timedelta(days=days))
            opened.db.execute("UPDATE feeds SET added_at = ?", (added,))
            assert back_up_when_due(opened) == ""
            assert len(list_backups(opened.places, home / "backups")) == expected


def test_who_wants_none_gets_none(home: Path) -> None:
    fill(1)
    (home / "config.toml").write_text("[backup]\nauto = false\n", "utf-8")
    with open_home() as opened:
        opened.db.execute("UPDATE feeds SET added_at = '2020-01-01T00:00:00Z'")
        assert back_up_when_due(opened) == ""
    assert not (home / "backups").exists()


def test_a_fetch_whose_backup_fails_warns_and_ends_with_3(home: Path) -> None:
    fill(1)
    (home / "backups").write_text("in the way", "utf-8")
    with open_home() as opened:
        opened.db.execute("UPDATE feeds SET added_at = '2020-01-01T00:00:00Z', muted = 1")
    code, _, err = veille("fetch", "-q")
    assert code == 3
    assert err.startswith("veille: WARNING: no backup could be made: ")
    assert err.count("\n") == 1


def test_backups_go_where_the_settings_say(home: Path) -> None:
    fill(1)
    (home / "config.toml").write_text('[backup]\ndir = "mine/here"\nkeep = 2\n', "utf-8")
    made = [make() for _ in range(3)]
    assert sorted(path.name for path in (home / "mine" / "here").iterdir()) == sorted(path.name for path in made[1:])


# --- before migrations ----------------------------------------------------------


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_copy_stays_beside_a_database_that_is_migrated(home: Path, version: int) -> None:
    shutil.copy(SCHEMAS / f"{version}.db", home / "veille.db")
    (home / "veille.db.before-0").write_text("of an earlier migration", "utf-8")
    (home / "veille.db.before-the-move").write_text("mine", "utf-8")
    for name in ("veille.db.before-1.7.half", "veille.db.before-1.7.half-wal", "x.half"):
        (home / name).touch()
        os.utime(home / name, (time.time() - 7200,) * 2)
    (home / "veille.db.before-1.8.half").touch()
    with closing(sqlite3.connect(home / "veille.db")) as db:
        before = list(db.iterdump())
    with open_home():
        pass
    with closing(sqlite3.connect(home / f"veille.db.before-{version}")) as db:
        assert list(db.iterdump()) == before
        assert db.execute("PRAGMA user_version").fetchone() == (version,)
    assert (home / f"veille.db.before-{version}").stat().st_mode & 0o777 == 0o600
    assert (home / "x.half").exists()
    left = {f"veille.db.before-{version}", "veille.db.before-1.8.half", "veille.db.before-the-move"}
    assert {path.name for path in home.glob("*.before-*")} == left
    with open_home():
        pass
    assert {path.name for path in home.glob("*.before-*")} == left


def test_an_interrupted_migration_does_not_overwrite_the_copy(home: Path) -> None:
    """Some of its steps are done, the number of the schema is not written."""
    shutil.copy(SCHEMAS / "1.db", home / "veille.db")
    with open_home():
        pass
    kept = (home / "veille.db.before-1").read_bytes()
    with closing(sqlite3.connect(home / "veille.db")) as db:
        db.execute("PRAGMA user_version = 1")
    with open_home() as opened:
        assert opened.db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    assert (home / "veille.db.before-1").read_bytes() == kept


def test_no_copy_is_kept_where_none_is_wanted_or_nothing_is(home: Path, tmp_path: Path) -> None:
    with open_home():
        pass
    path = tmp_path / "veille.db"
    shutil.copy(SCHEMAS / "1.db", path)
    with open_store(path, busy_timeout=timedelta(seconds=1)):
        pass
    assert not list(home.glob("*.before-*"))
    assert not list(tmp_path.glob("*.before-*"))


def test_a_disk_without_room_for_the_copy_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=250k") as place:
        path = place / "veille.db"
        shutil.copy(SCHEMAS / "1.db", path)
        (place / "filler").write_bytes(b"x" * (250 * 1024 - path.stat().st_size - 16 * 1024))
        with (
            pytest.raises(StoreError, match="make room, or set auto = false") as caught,
            open_store(path, busy_timeout=timedelta(seconds=1), keep_old=True),
        ):
            pass
        assert "\n" not in str(caught.value)
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert not list(place.glob("*.before-*"))
