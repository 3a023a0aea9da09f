"""Opening the database: made when it is not there, refused in one line when it is not veille's."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from veille.errors import BusyError, StoreError
from veille.store.db import checkpoint, defer_sync, open_store, save_point, write
from veille.store.schema import FIRST_ID, SCHEMA_VERSION, migrate

if TYPE_CHECKING:
    from pathlib import Path

    from veille.store.db import Db

SHORT = timedelta(seconds=0.2)


def refusal(path: Path) -> str:
    with pytest.raises(StoreError) as caught, open_store(path, busy_timeout=SHORT):
        pass
    said = str(caught.value)
    assert said.startswith(str(path))
    assert "\n" not in said
    return said


def run(path: Path, *statements: str) -> None:
    """One statement after the other on an opened database."""
    with open_store(path, busy_timeout=SHORT) as db:
        for statement in statements:
            db.execute(statement)


def run_together(db: Db, *statements: str) -> None:
    """All statements in one transaction."""
    with write(db):
        for statement in statements:
            db.execute(statement)


def columns(db: Db) -> dict[str, list[tuple[object, ...]]]:
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name: [tuple(row) for row in db.execute(f"PRAGMA table_info('{name}')")] for (name,) in tables}


def test_a_new_database_is_made_with_its_directories(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "veille.db"
    with open_store(path, busy_timeout=SHORT) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("SELECT count(*) FROM entries").fetchone()[0] == 0
        assert db.execute("SELECT seq FROM sqlite_sequence").fetchall()[0][0] == FIRST_ID - 1
        made = columns(db)
    with open_store(path, busy_timeout=SHORT) as db:
        assert columns(db) == made


def test_a_known_schema_opens_without_loading_sqlite_utils(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    program = (
        "import sys; from pathlib import Path; from datetime import timedelta; from veille.store.db import open_store\n"
        "with open_store(Path(sys.argv[1]), busy_timeout=timedelta(seconds=1)): print('sqlite_utils' in sys.modules)"
    )
    said = [subprocess.check_output([sys.executable, "-c", program, path], text=True) for _ in range(2)]
    assert said == ["True\n", "False\n"]


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    path.touch()
    with open_store(path, busy_timeout=SHORT) as db:
        assert db.execute("SELECT count(*) FROM feeds").fetchone()[0] == 0


def test_a_half_made_database_is_finished(tmp_path: Path) -> None:
    """The tables are there, the number of their schema is not: the process was killed in between."""
    path = tmp_path / "veille.db"
    with open_store(path, busy_timeout=SHORT) as db:
        made = columns(db)
        db.execute("PRAGMA user_version = 0")
    with open_store(path, busy_timeout=SHORT) as db:
        assert columns(db) == made
        assert db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        migrate(db)
        assert columns(db) == made


@pytest.mark.parametrize("processes", [2, 4])
def test_several_may_make_it_at_the_same_moment(tmp_path: Path, processes: int) -> None:
    program = (
        "import sys; from pathlib import Path; from datetime import timedelta; from veille.store.db import open_store\n"
        "import sqlite_utils; sys.stdin.read()\n"
        "with open_store(Path(sys.argv[1]), busy_timeout=timedelta(seconds=20)) as db:\n"
        "    print(db.execute('SELECT count(*) FROM sqlite_sequence').fetchone()[0])"
    )
    path = tmp_path / "veille.db"
    command = [sys.executable, "-c", program, str(path)]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(processes)]
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    assert [process.communicate(timeout=60)[0] for process in running] == [b"1\n"] * processes
    with open_store(path, busy_timeout=SHORT) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_one_who_makes_it_for_too_long_is_not_waited_for(tmp_path: Path, how: str) -> None:
    path = tmp_path / "veille.db"
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute(f"BEGIN {how}")
        assert "another program has been writing to it for long" in refusal(path)
        other.execute("ROLLBACK")
    other.close()


# --- refused -----------------------------------------------------------------


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    with open_store(path, busy_timeout=SHORT) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    assert f"made by a newer veille (schema {SCHEMA_VERSION + 1}, this one knows {SCHEMA_VERSION})" in refusal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION, 77])
def test_another_program_s_database_is_refused_and_left_alone(tmp_path: Path, version: int) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE places (url TEXT)")
        other.execute(f"PRAGMA user_version = {version}")
    other.close()
    before = path.read_bytes()
    assert "a database, but not veille's: choose another file with --db" in refusal(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["other.db"]  # noqa: PTH208


@pytest.mark.parametrize("content", [b"hello, I am a text\n" * 200, b"<html>", b"SQLite format 3\0" + b"\xff" * 500])
def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "veille.db"
    path.write_bytes(content)
    assert "choose another file with --db, or restore a backup" in refusal(path)
    assert path.read_bytes() == content


def test_a_file_where_the_directory_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file/below: Not a directory: choose another place with VEILLE_HOME"):
        run(tmp_path / "file" / "below" / "veille.db")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert "unable to open database file: check that the directory" in refusal(tmp_path)


def test_a_damaged_database_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    with open_store(path, busy_timeout=SHORT) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"database disk image is malformed: the database is damaged: `veille doctor`"):
        run(path, "SELECT count(*) FROM feeds")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert "check that the directory" in refusal(tmp_path / "veille.db")
        with pytest.raises(StoreError, match="Permission denied: choose another place with VEILLE_HOME"):
            run(tmp_path / "below" / "veille.db")
    finally:
        tmp_path.chmod(0o700)


ADD = "INSERT INTO feeds (url, added_at) VALUES ('{}', 'y')"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        # Root may write to any file, so that the database itself is told to be read-only...
        (["PRAGMA query_only = 1", ADD], "attempt to write a readonly database: check the permissions"),
        # ... or full.
        (["PRAGMA max_page_count = 1", ADD.format("x" * 200_000)], "database or disk is full: make room on the disk"),
        (["SELECT * FROM places"], "veille.db: no such table: places"),
    ],
)
def test_errors_of_sqlite_are_one_line_with_advice(tmp_path: Path, statements: list[str], said: str) -> None:
    path = tmp_path / "veille.db"
    run(path, ADD.format("kept"))
    with pytest.raises(StoreError, match=said):
        run(path, *statements)
    with open_store(path, busy_timeout=SHORT) as db:
        assert [url for (url,) in db.execute("SELECT url FROM feeds")] == ["kept"]


# --- transactions ------------------------------------------------------------


def test_a_transaction_is_stored_whole_or_not_at_all(db: Db) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        run_together(db, ADD.format("half"), ADD.format("twice"), ADD.format("twice"))
    run_together(db, ADD.format("whole"))
    assert [url for (url,) in db.execute("SELECT url FROM feeds")] == ["whole"]


def test_a_transaction_that_cannot_be_ended_leaves_the_way_free(db: Db) -> None:
    """Foreign keys are checked at the end: COMMIT itself fails."""
    db.execute("CREATE TABLE child (id INTEGER REFERENCES feeds(id) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(sqlite3.IntegrityError), write(db):
        db.execute("INSERT INTO child VALUES (12345)")
    assert not db.in_transaction
    with write(db):
        db.execute("INSERT INTO child VALUES (NULL)")


def test_trouble_of_a_transaction_is_told_while_the_database_stays_open(tmp_path: Path) -> None:
    """A session goes on after it."""
    path = tmp_path / "veille.db"
    with open_store(path, busy_timeout=timedelta(0)) as db, open_store(path, busy_timeout=SHORT) as other:
        with write(other), pytest.raises(BusyError, match="another program has been writing"):
            run_together(db, ADD.format("no"))
        db.execute("PRAGMA query_only = 1")
        with pytest.raises(StoreError, match="check the permissions"):
            run_together(db, ADD.format("no"))
        db.execute("PRAGMA query_only = 0")
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
        with pytest.raises(StoreError, match="make room on the disk"):
            run_together(db, ADD.format("x" * 200_000))
        db.execute("PRAGMA max_page_count = 100000")
        run_together(db, ADD.format("yes"))
        assert [url for (url,) in other.execute("SELECT url FROM feeds")] == ["yes"]


def test_an_error_that_has_ended_the_transaction_comes_through(db: Db) -> None:
    db.execute("CREATE TABLE guarded (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK)")
    with pytest.raises(sqlite3.IntegrityError):
        run_together(db, "INSERT INTO guarded VALUES (1)", "INSERT INTO guarded VALUES (1)")
    assert db.execute("SELECT count(*) FROM guarded").fetchone()[0] == 0


def test_one_writer_waits_for_another_and_readers_for_none(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    with open_store(path, busy_timeout=timedelta(seconds=10)) as one, open_store(path, busy_timeout=SHORT) as reader:
        held = threading.Event()

        def hold() -> None:
            with open_store(path, busy_timeout=SHORT) as other, write(other):
                other.execute("INSERT INTO feeds (url, added_at) VALUES ('first', 'y')")
                held.set()
                threading.Event().wait(0.3)

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait()
        assert reader.execute("SELECT count(*) FROM feeds").fetchone()[0] == 0
        with write(one):
            one.execute("INSERT INTO feeds (url, added_at) VALUES ('second', 'y')")
        holder.join()
        assert [url for (url,) in reader.execute("SELECT url FROM feeds ORDER BY id")] == ["first", "second"]


def test_a_writer_who_waits_in_vain_says_who_may_be_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    with (
        open_store(path, busy_timeout=SHORT) as one,
        write(one),
        pytest.raises(StoreError, match="another program has been writing to it for long"),
    ):
        run(path, "BEGIN IMMEDIATE")


def test_a_checkpoint_syncs_the_log_when_another_reads_an_old_state(tmp_path: Path) -> None:
    """What a fetch reports is on the disk, though nothing of it can be moved into the file."""
    path = tmp_path / "veille.db"
    synced: list[str] = []

    def note(_frame: object, event: str, called: object) -> None:
        if event == "c_call" and getattr(called, "__name__", "") == "fsync":
            synced.append("log")

    with open_store(path, busy_timeout=SHORT) as db, open_store(path, busy_timeout=SHORT) as reader:
        checkpoint(db)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM feeds").fetchone()
        defer_sync(db)
        db.execute("INSERT INTO feeds (url, added_at) VALUES ('safe', 'y')")
        sys.setprofile(note)
        try:
            checkpoint(db)
        finally:
            sys.setprofile(None)
        reader.execute("ROLLBACK")
        assert synced == ["log"]
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_trouble_inside_a_save_point_is_told_and_the_transaction_goes_on(db: Db) -> None:
    def fail() -> None:
        with save_point(db):
            db.execute("INSERT INTO feeds (url, added_at) VALUES ('undone', 'y')")
            db.execute("INSERT INTO absent VALUES (1)")

    with write(db):
        db.execute("INSERT INTO feeds (url, added_at) VALUES ('kept', 'y')")
        with pytest.raises(StoreError, match=r"veille\.db: no such table: absent"):
            fail()
    assert [url for (url,) in db.execute("SELECT url FROM feeds")] == ["kept"]


def test_a_checkpoint_brings_everything_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    with open_store(path, busy_timeout=SHORT) as db:
        with write(db):
            db.execute("INSERT INTO feeds (url, added_at) VALUES ('safe', 'y')")
        checkpoint(db)
        shutil.copy(path, tmp_path / "copy.db")
    with open_store(tmp_path / "copy.db", busy_timeout=SHORT) as copy:
        assert copy.execute("SELECT url FROM feeds").fetchone()[0] == "safe"
