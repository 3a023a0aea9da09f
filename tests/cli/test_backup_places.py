"""Directories that backups cannot go to: told by the doctor beforehand, and by `backup` with what helps."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from disks import mounted
from stored import subscribe
from veille.app.home import open_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.conftest import Run


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A directory that nobody can write to, the superuser neither."""
    with mounted(tmp_path / "locked", "ro") as place:
        yield place


def configure(home: Path, place: str) -> None:
    (home / "config.toml").write_text(f"[backup]\ndir = '{place}'\n", "utf-8")
    with open_home() as opened:
        subscribe(opened.db, "gazette")


def tell(run: Run) -> list[dict[str, Any]]:
    said = run("doctor", "--offline", "--json")
    assert said.code == 1
    return [one for one in said.json["findings"] if one["severity"] == "error"]


def test_a_directory_that_cannot_be_made_is_told(run: Run, home: Path) -> None:
    configure(home, "/dev/null/x")
    (one,) = tell(run)
    assert (one["id"], "/dev/null is no directory" in one["what"]) == ("backups", True)
    refused = run("backup")
    assert (refused.code, "make room" in refused.err) == (1, False)
    assert "Not a directory: choose another directory" in refused.err


def test_a_directory_that_cannot_be_written_to_is_told(run: Run, home: Path, locked: Path) -> None:
    configure(home, str(locked))
    (one,) = tell(run)
    assert (one["id"], f"{locked} cannot be written to" in one["what"]) == ("backups", True)
    refused = run("backup")
    assert refused.code == 1
    assert f"{locked}: Read-only file system: make its disk writable, or choose another directory" in refused.err


def test_a_file_in_its_place_and_rules_that_are_a_directory_ask_for_no_room(
    run: Run, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert "make room" not in run("backup", str(tmp_path / "file")).err
    (home / "rules.toml").mkdir()
    refused = run("backup")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert f"{home / 'rules.toml'}: Is a directory: move it away" in refused.err


def test_a_damaged_database_is_named_and_not_its_copy(morning: Run, home: Path) -> None:
    with closing(sqlite3.connect(home / "veille.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'stories_by_date'").fetchone()
    content = bytearray((home / "veille.db").read_bytes())
    content[4096 * (page - 1) + 100 : 4096 * page] = b"\xff" * 3996
    (home / "veille.db").write_bytes(content)
    refused = morning("backup")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert refused.err.startswith(f"veille: {home / 'veille.db'}: it is damaged")
    assert "`veille doctor` says what can be done" in refused.err
