"""The doctor: each trouble found with what to do, the safe ones mended, what is damaged saved into a new file."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from damaged import EACH, FEEDS, make_lived_in
from disks import mounted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.conftest import Run

SOURCE = Path(__file__).parents[2] / "src"


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_lived_in(tmp_path_factory.mktemp("lived") / "veille.db")


@pytest.fixture
def database(home: Path, lived_in: bytes) -> Path:
    path = home / "veille.db"
    path.write_bytes(lived_in)
    path.chmod(0o600)
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            db.execute(statement)


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def found(run: Run, *options: str) -> dict[str, dict[str, Any]]:
    """The findings by their id."""
    result = run("doctor", "--offline", "--json", *options)
    assert result.code == (0 if result.json["ok"] else 1)
    return {one["id"]: one for one in result.json["findings"]}


def assert_mended(run: Run, check: str) -> None:
    """It is found, said to be mendable, mended, and not found any more."""
    before = found(run)
    assert before[check]["fixable"]
    assert "veille doctor --fix" in before[check]["remedy"]
    result = run("doctor", "--offline", "--fix")
    assert (result.code, "mended: " in result.out) == (0, True), result
    assert check not in found(run)


def test_all_is_well_in_a_veille_that_has_been_lived_in(run: Run, database: Path) -> None:
    assert database.exists()
    result = run("doctor", "--offline")
    assert result.code == 0
    assert result.err.startswith("all is well")
    assert ": sound, schema " in result.out


def test_nothing_is_there_yet(run: Run, home: Path) -> None:
    assert found(run)["database"]["severity"] == "note"
    assert list(home.iterdir()) == []


# --- the file ------------------------------------------------------------------


def test_a_file_that_is_no_database(run: Run, home: Path) -> None:
    (home / "veille.db").write_text("hello\n" * 1000)
    one = found(run)["database"]
    assert "is no database, or its first bytes are damaged" in one["what"]
    assert "--db" in one["remedy"]


def test_another_program_s_database(run: Run, home: Path) -> None:
    change(home / "veille.db", "CREATE TABLE places (url TEXT)")
    assert "not veille's" in found(run)["database"]["what"]


def test_a_database_of_a_newer_and_of_an_older_veille(run: Run, database: Path) -> None:
    change(database, "PRAGMA user_version = 99")
    assert "made by a newer veille (schema 99)" in found(run)["database"]["what"]
    change(database, "PRAGMA user_version = 4")
    assert found(run)["database"]["severity"] == "note"


def test_a_file_emptied_is_not_taken_for_a_new_one(run: Run, database: Path) -> None:
    database.with_name("veille.db.lock").touch()
    database.write_bytes(b"")
    assert "it was truncated, or its log is missing" in found(run)["database"]["what"]
    result = run("top")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "`veille doctor`" in result.err
    assert database.read_bytes() == b""


def test_a_log_whose_database_is_gone_is_not_thrown_away(run: Run, home: Path, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("UPDATE feeds SET title = 'Changed'")
        log = (home / "veille.db-wal").read_bytes()
        shutil.copy(home / "veille.db-wal", home / "kept")
    database.unlink()
    (home / "veille.db-wal").write_bytes(log)
    assert "its log holds" in found(run)["database"]["what"]
    for command in (["top"], ["feeds"], ["fetch"]):
        result = run(*command)
        assert (result.code, "its log veille.db-wal is not" in result.err) == (1, True)
    assert (home / "veille.db-wal").read_bytes() == log


def test_a_log_that_is_missing_where_all_was_in_it(run: Run, home: Path, database: Path) -> None:
    with closing(sqlite3.connect(home / "new.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        shutil.copy(home / "new.db", database)
    database.with_name("veille.db.lock").touch()
    assert "its log is missing" in found(run)["database"]["what"]
    assert "`veille doctor`" in run("feeds").err


@pytest.mark.parametrize("cut", [10, 33, 3000, -1, -2000])
def test_a_log_that_is_cut(run: Run, home: Path, database: Path, lived_in: bytes, cut: int) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("UPDATE feeds SET title = title || '!'")
        db.execute("UPDATE entries SET author = 'x'")
        log = (home / "veille.db-wal").read_bytes()
    for one in home.iterdir():
        one.unlink()
    database.write_bytes(lived_in)
    database.chmod(0o600)
    (home / "veille.db-wal").write_bytes(log[:cut])
    (home / "veille.db-wal").chmod(0o600)
    assert found(run)["log"]["severity"] == "warning"
    assert run("feeds").code == 0


def test_a_database_cut_short(run: Run, database: Path, lived_in: bytes) -> None:
    database.write_bytes(lived_in[: len(lived_in) // 2 // 4096 * 4096])
    one = found(run)["integrity"]
    assert "is cut short" in one["what"]
    assert "--salvage" in one["remedy"]


# --- tables and indexes -----------------------------------------------------------


def test_an_index_out_of_step_is_made_anew(run: Run, database: Path) -> None:
    # The index is put out of the schema while rows are taken away, and in again.
    (row,) = ask(database, "SELECT rootpage, sql FROM sqlite_master WHERE name = 'entries_by_date'")
    change(
        database,
        "DELETE FROM sqlite_master WHERE name = 'entries_by_date'",
    )
    change(database, "UPDATE entries SET published_at = '2026-11-19T08:00:00Z' WHERE id < 1010")
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("INSERT INTO sqlite_master VALUES ('index', 'entries_by_date', 'entries', ?, ?)", row)
    assert_mended(run, "indexes")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO entries_fts (entries_fts) VALUES ('delete-all')",
        "DELETE FROM entries_stems_docsize WHERE id = 1003",
        "INSERT INTO entries_fts (rowid, title, body, author) VALUES (99999, 'nothing', 'x', '')",
        "UPDATE entries SET title = 'Tout autre chose que ce qui est dans les index'",
        "DELETE FROM entries_fts_data WHERE id > 10",
    ],
)
def test_indexes_of_words_out_of_step_are_made_anew(run: Run, database: Path, statement: str) -> None:
    change(database, statement)
    assert_mended(run, "words")
    assert run("search", "mot5", "--json").json


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM stories WHERE id = 1040",
        "DELETE FROM feeds WHERE id = 3",
        "DELETE FROM feed_states WHERE feed_id = 4",
        "INSERT INTO contents (entry_id, html) VALUES (77777, '<p>x</p>')",
        "INSERT INTO stories (id, first_at, last_at) VALUES (99999, '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z')",
        "UPDATE entries SET duplicate_of = 77777 WHERE id = 1003",
        "INSERT INTO matches (key, entry_id, field) VALUES ('k', 77777, 'title')",
        "UPDATE sqlite_sequence SET seq = 1000",
    ],
)
def test_rows_that_refer_to_nothing_are_mended(run: Run, database: Path, statement: str) -> None:
    notes = ask(database, "SELECT * FROM notes")
    change(database, statement)
    assert_mended(run, "orphans")
    assert ask(database, "SELECT * FROM notes") == notes
    assert ask(database, "SELECT count(*) FROM entries") == [(FEEDS * EACH,)]
    assert ask(database, "PRAGMA foreign_key_check") == []


def test_commands_that_meet_such_rows_name_the_doctor(run: Run, database: Path) -> None:
    change(database, "DELETE FROM feeds WHERE id = 3")
    result = run("top", "--since", "2026-11-01")
    assert (result.code, result.err.count("\n"), "`veille doctor`" in result.err) == (1, 1, True)


def test_what_the_user_wrote_is_never_taken_away(run: Run, database: Path) -> None:
    change(database, "INSERT INTO notes VALUES (77777, 'à garder', '2026-11-20T08:00:00Z')")
    assert found(run, "--fix")["own"]["severity"] == "note"
    assert ask(database, "SELECT text FROM notes WHERE story_id = 77777") == [("à garder",)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE feeds SET tags = '[' WHERE id = 2",
        "UPDATE entries SET published_at = '2026-02-31T08:00:00Z' WHERE id = 1003",
        "UPDATE entries SET title = CAST(x'ff41' AS TEXT) WHERE id = 1003",
        "UPDATE feed_states SET failures = 'many' WHERE feed_id = 1",
        "DROP TABLE hosts",
        "UPDATE entries_fts_data SET block = x'00112233445566' WHERE id = 10",
    ],
)
def test_values_that_cannot_be_read_are_a_damage_that_is_left_alone(
    run: Run, home: Path, database: Path, statement: str
) -> None:
    change(database, statement, "PRAGMA wal_checkpoint(TRUNCATE)")
    before = database.read_bytes()
    assert not found(run, "--fix")["integrity"]["fixable"]
    assert database.read_bytes() == before
    saved = str(home / "saved.db")
    assert run("doctor", "--salvage", saved).code in {0, 1}
    assert run("--db", saved, "doctor", "--offline").code == 0
    assert run("--db", saved, "top").code == 0


# --- salvage ---------------------------------------------------------------------


def test_a_salvage_of_a_sound_database_keeps_everything(run: Run, home: Path, database: Path) -> None:
    result = run("doctor", "--salvage", str(home / "saved.db"), "--json")
    assert result.code == 0
    tables = result.json["tables"]
    assert tables["entries"] == {"kept": FEEDS * EACH, "mended": 0, "lost": 0}
    for table in tables:
        assert ask(home / "saved.db", f"SELECT * FROM {table}") == ask(database, f"SELECT * FROM {table}"), table
    for command in (["top", "--json"], ["feeds", "--json"], ["search", "mot5", "--json"], ["export"]):
        here, there = (run(*given, *command).out for given in ((), ("--db", str(home / "saved.db"))))
        assert _undated(here) == _undated(there)
    assert (home / "saved.db").stat().st_mode & 0o777 == 0o600


def _undated(out: str) -> str:
    """Without the second at which an OPML was written."""
    return re.sub("<dateCreated>[^<]+", "", out)


def test_a_salvage_loses_only_the_page_that_is_damaged(run: Run, home: Path, database: Path, lived_in: bytes) -> None:
    content = bytearray(lived_in)
    where = content.index(b"Sujet 5-13 sur") // 4096 * 4096
    content[where : where + 4096] = os.urandom(4096)
    database.write_bytes(content)
    result = run("doctor", "--salvage", str(home / "saved.db"), "--json")
    assert result.code == 1
    entries = result.json["tables"]["entries"]
    assert entries["kept"] + entries["lost"] == FEEDS * EACH
    assert 0 < entries["lost"] < 20
    assert result.json["tables"]["feeds"]["kept"] == FEEDS
    assert database.read_bytes() == content


def test_a_salvage_tells_what_is_left_in_the_end_and_names_backups(
    run: Run, home: Path, database: Path, lived_in: bytes
) -> None:
    database.write_bytes(lived_in)
    (root,) = ask(database, "SELECT rootpage FROM sqlite_master WHERE name = 'entries'")[0]
    content = bytearray(lived_in)
    content[(root - 1) * 4096 : root * 4096] = bytes(4096)
    database.write_bytes(content)
    told = run("doctor", "--salvage", str(home / "saved.db"))
    assert told.code == 1
    assert "fold_" not in told.out
    assert "`veille backup --list`" in told.err.splitlines()[0]
    tables = run("doctor", "--salvage", str(home / "again.db"), "--json").json["tables"]
    assert tables["stories"]["lost"] > 0
    for table in ("stories", "contents"):
        assert ask(home / "again.db", f"SELECT count(*) FROM {table}") == [(tables[table]["kept"],)], table
    assert tables["entries"]["kept"] == 0


def test_what_was_salvaged_takes_the_place_of_a_database_with_a_log(run: Run, home: Path, database: Path) -> None:
    crash = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
        " db.execute('UPDATE entries SET summary = summary || 1'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", crash, str(database)], check=False)
    with database.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xa5" * 4 * 4096)
    assert database.with_name("veille.db-wal").stat().st_size
    told = run("doctor", "--salvage", str(home / "saved.db")).err
    command = shlex.split(told.partition("To go on with the new one: `veille ")[2].partition("`")[0])
    assert run(*command).code == 0
    assert run("doctor", "--offline", "--json").json["about"]["state"] == "sound"
    assert len(list(home.glob("veille.db.replaced-*"))) == 1


def test_rows_are_recognised_where_the_schema_is_lost(run: Run, home: Path, database: Path, lived_in: bytes) -> None:
    database.write_bytes(bytes(4096) + lived_in[4096:])
    result = run("doctor", "--salvage", str(home / "saved.db"), "--json")
    assert result.json["tables"]["entries"] == {"kept": FEEDS * EACH, "mended": 0, "lost": None}
    database.write_bytes(lived_in)
    for table in ("feeds", "feed_states", "entries", "contents", "stories", "marks", "notes", "story_tags"):
        assert ask(home / "saved.db", f"SELECT * FROM {table}") == ask(database, f"SELECT * FROM {table}"), table


def test_what_holds_nothing_of_veille_s_cannot_be_salvaged(run: Run, home: Path, database: Path) -> None:
    for content in (b"hello\n" * 2000, b"x", bytes(50_000)):
        database.write_bytes(content)
        result = run("doctor", "--salvage", str(home / "saved.db"))
        assert (result.code, result.err.count("\n")) == (1, 1)
        assert "restore a backup" in result.err
        assert not (home / "saved.db").exists()


def test_addresses_outlive_their_table(run: Run, home: Path, database: Path, lived_in: bytes) -> None:
    (root,) = ask(database, "SELECT rootpage FROM sqlite_master WHERE name = 'feeds'")[0]
    content = bytearray(lived_in)
    content[(root - 1) * 4096 : root * 4096] = bytes(4096)
    database.write_bytes(content)
    run("doctor", "--salvage", str(home / "saved.db"))
    urls = [one["url"] for one in run("--db", str(home / "saved.db"), "feeds", "--json").json]
    assert sorted(urls) == sorted(f"http://feed{number}.example/feed" for number in range(FEEDS))


def test_notes_and_stars_on_lost_entries_are_kept(run: Run, home: Path, database: Path) -> None:
    change(database, "DELETE FROM entries WHERE id = 1000", "DELETE FROM stories WHERE id = 1000")
    before = ask(database, "SELECT * FROM notes")
    run("doctor", "--salvage", str(home / "saved.db"))
    assert ask(home / "saved.db", "SELECT * FROM notes") == before
    assert "lost entry 1000" in run("--db", str(home / "saved.db"), "show", "1000").out


def test_a_salvage_overwrites_nothing(run: Run, home: Path, database: Path) -> None:
    (home / "saved.db").write_text("mine")
    for target in (home / "saved.db", database):
        result = run("doctor", "--salvage", str(target))
        assert (result.code, "nothing is overwritten" in result.err) == (1, True)
    assert (home / "saved.db").read_text() == "mine"
    assert run("doctor", "--salvage", str(home / "no" / "where.db")).code == 1
    assert sorted(one.name for one in home.iterdir()) == ["saved.db", "veille.db"]
    assert run("doctor", "--fix", "--salvage", "x").code == 2


# --- around the database -----------------------------------------------------------


def test_wrong_settings_and_rules_are_told_with_their_line(run: Run, home: Path, database: Path) -> None:
    assert database.exists()
    (home / "rules.toml").write_text('[[rule]]\nmatch = "(("\n')
    assert "rules.toml:2:" in found(run)["rules"]["details"][0]
    (home / "config.toml").write_text("[fetch]\njobs = 0\n")
    assert "config.toml:2:1" in found(run)["settings"]["what"]


def test_a_clock_in_the_future(run: Run, database: Path) -> None:
    later = f"{datetime.now(UTC) + timedelta(days=900):%Y-%m-%dT%H:%M:%SZ}"
    change(database, f"UPDATE feed_states SET last_fetch_at = '{later}' WHERE feed_id = 1")
    one = found(run)["clock"]
    assert "the last fetch of a feed is dated" in one["what"]
    assert "fetch --force" in one["remedy"]


def test_a_database_that_others_can_read_is_closed(run: Run, home: Path, database: Path) -> None:
    home.chmod(0o755)
    database.chmod(0o644)
    assert_mended(run, "permissions")
    assert database.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB, where one may be made."""
    with mounted(tmp_path / "small", "size=2m,nr_inodes=40") as place:
        yield place


def test_a_disk_that_is_nearly_full(run: Run, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILLE_HOME", str(small_disk))
    result = run("doctor", "--offline")
    assert result.code == 1
    assert "the disk is full" in result.out
    assert "files more" in result.out


def test_a_disk_without_room_for_a_salvage_is_one_line(run: Run, small_disk: Path, database: Path) -> None:
    assert database.exists()
    (small_disk / "ballast").write_bytes(bytes(1_800_000))
    result = run("doctor", "--salvage", str(small_disk / "saved.db"))
    assert (result.code, result.err.count("\n")) == (1, 1), result.err
    assert [one.name for one in small_disk.iterdir()] == ["ballast"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_places_that_cannot_be_written_to(tmp_path: Path, lived_in: bytes) -> None:
    place = tmp_path / "theirs"
    place.mkdir()
    (place / "veille.db").write_bytes(lived_in)
    for one in (place, *place.parents[:4]):
        one.chmod(0o755)
    program = (
        "import os, sys; from veille.cli.main import run_command; make = __import__('veille.cli.doctor')\n"
        "import veille.app.doctor, veille.show.doctor, veille.app.rulelab, encodings.idna, tomllib, platformdirs\n"
        "os.setgid(65534); os.setuid(65534); sys.exit(run_command(['doctor', '--offline', '--json']))"
    )
    environment = os.environ | {"VEILLE_HOME": str(place), "PYTHONPATH": str(SOURCE)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "cannot be written to" in done.stdout
    assert "cannot be read and written" in done.stdout


def test_a_network_that_does_not_answer(run: Run, database: Path) -> None:
    change(database, "UPDATE feeds SET url = 'http://127.0.0.1:1/' || id")
    result = run("doctor", "--json")
    assert [one["id"] for one in result.json["findings"] if one["severity"] != "note"] == ["network"]


def test_a_network_that_answers(morning: Run, home: Path) -> None:
    (home / "veille.db").chmod(0o600)
    result = morning("doctor", "--json")
    assert "network" not in [one["id"] for one in result.json["findings"]]
    assert result.code == 0
