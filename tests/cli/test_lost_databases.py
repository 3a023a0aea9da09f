"""A database that is gone where veille has been in use: told, never taken for a new one, and no backup goes for it."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from running import query
from stored import subscribe
from veille.app.backup import back_up_when_due
from veille.app.home import open_home, read_clock
from veille.app.manifest import read_manifest, write_manifest
from veille.times import to_stored

if TYPE_CHECKING:
    from cli.conftest import Run


@pytest.fixture
def kept(run: Run, home: Path) -> Path:
    """A veille with one feed and one backup; the backup."""
    with open_home() as opened:
        subscribe(opened.db, "gazette")
    made = run("backup", "--json")
    assert made.code == 0, made.err
    assert (home / "veille.db").exists()
    return Path(made.json["backup"])


def lose(home: Path) -> None:
    for path in home.glob("veille.db*"):
        if not path.name.endswith("lock"):
            path.unlink()


def diagnose(run: Run) -> tuple[bool, str, dict[str, Any]]:
    """Whether all is well, the state, and the first finding on the database or its backups."""
    said = run("doctor", "--offline", "--json").json
    first: dict[str, Any] = next((one for one in said["findings"] if one["id"] in ("database", "backups")), {})
    return said["ok"], said["about"]["state"], first


def test_the_doctor_tells_a_database_that_is_gone_and_names_the_backup(run: Run, home: Path, kept: Path) -> None:
    lose(home)
    is_well, state, first = diagnose(run)
    assert (is_well, state, first["severity"]) == (False, "gone", "error")
    assert "is not there, though veille has been in use here" in first["what"]
    assert f"`veille restore {kept.name} --force`" in first["remedy"]
    assert run("doctor", "--offline").out.count(kept.name) == 1
    assert not (home / "veille.db").exists()


@pytest.mark.parametrize("trace", ["veille.db.lock", "veille.db.backup.lock"])
def test_a_lock_alone_tells_that_there_was_a_database(run: Run, home: Path, trace: str) -> None:
    (home / trace).touch()
    is_well, state, first = diagnose(run)
    assert (is_well, state, first["severity"]) == (False, "gone", "error")
    assert "restore a backup" in first["remedy"]


def test_backups_of_another_do_not_make_a_new_veille_a_lost_one(
    run: Run, home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = home.parent / "new"
    new.mkdir()
    kept.parent.rename(new / "backups")
    monkeypatch.setenv("VEILLE_HOME", str(new))
    is_well, state, _ = diagnose(run)
    assert (is_well, state) == (True, "absent")


def test_the_first_command_tells_that_it_has_made_a_new_one(run: Run, home: Path, kept: Path) -> None:
    lose(home)
    first, second = run("top"), run("top")
    assert (first.code, second.code) == (0, 0)
    assert f"WARNING: {home / 'veille.db'} was not there: a new one was made; `veille restore {kept.name}" in first.err
    assert "WARNING" not in second.err


def test_the_doctor_tells_of_an_empty_database_that_took_the_place_of_a_full_one(
    run: Run, home: Path, kept: Path
) -> None:
    lose(home)
    assert run("top").code == 0
    is_well, state, first = diagnose(run)
    assert (is_well, state, first["severity"]) == (False, "sound", "warning")
    assert f"`veille restore {kept.name} --force`" in first["remedy"]
    assert run("restore", kept.name, "--force").code == 0
    assert diagnose(run) == (True, "sound", {})
    assert query(home, "SELECT count(*) FROM feeds") == [(1,)]


def test_an_empty_backup_takes_no_fuller_one_away(run: Run, home: Path, kept: Path) -> None:
    lose(home)
    assert run("top").code == 0
    for _ in range(2):
        said = run("backup", "--keep", "1")
        assert said.code == 0
        assert f"this one is empty and {kept.name} is not: none was removed" in said.err
        assert "removed: " not in said.err
    machine = run("backup", "--keep", "1", "--json").json
    assert (machine["removed"], machine["fuller"]) == ([], str(kept))
    # The empty ones are the latest; the one to go back to is named all the same.
    lose(home)
    assert f"`veille restore {kept.name} --force`" in diagnose(run)[2]["remedy"]
    with open_home() as opened:
        subscribe(opened.db, "gazette")
    full = run("backup", "--keep", "1", "--json").json
    assert len(full["removed"]) == 4
    assert full["fuller"] is None


def test_the_weekly_backup_tells_it_too(run: Run, home: Path, kept: Path) -> None:
    manifest = replace(read_manifest(kept), made_at=to_stored(read_clock() - timedelta(days=8)))
    (kept / "manifest.json").write_text(write_manifest(manifest), "utf-8")
    lose(home)
    assert run("top").code == 0
    with open_home() as opened:
        assert f"backup is empty and {kept.name} is not: none was removed" in back_up_when_due(opened)
        assert back_up_when_due(opened) == ""
    assert kept.exists()


def break_head(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("trouble", [break_head, empty, Path.unlink])
def test_backups_are_listed_without_a_database_and_nothing_is_written(
    run: Run, home: Path, kept: Path, trouble: Any
) -> None:
    lose(home)
    (home / "veille.db").touch()
    (home / "veille.db.lock").touch()
    trouble(home / "veille.db")
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    for arguments in ((), (str(kept.parent),)):
        said = run("backup", "--list", *arguments)
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith(f"{kept}  1 feed, ")
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
    assert run("restore", kept.name, "--force").code == 0


def test_wrong_settings_keep_nobody_from_the_list(run: Run, home: Path, kept: Path) -> None:
    (home / "config.toml").write_text("[backup\n", "utf-8")
    assert run("backup", "--list").out.startswith(str(kept))


def test_backups_of_another_database_are_listed_as_such_and_left_alone(
    run: Run, home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = home.parent / "new"
    new.mkdir()
    moved = kept.parent.rename(new / "backups") / kept.name
    monkeypatch.setenv("VEILLE_HOME", str(new))
    said = run("backup", "--list")
    assert said.out.rstrip().endswith(f"of another: {home / 'veille.db'} on {socket.gethostname()}")
    (one,) = run("backup", "--list", "--json").json
    assert (one["own"], one["database"], one["backup"]) == (False, str(home / "veille.db"), str(moved))
    made = run("backup", "--keep", "1")
    assert (made.code, "left alone: 1 backup of other machines or databases" in made.err) == (0, True)
    assert json.loads((moved / "manifest.json").read_text("utf-8"))["database"] == str(home / "veille.db")
    assert [one["own"] for one in run("backup", "--list", "--json").json] == [False, True]


def test_a_backup_that_is_not_there_tells_the_latest(run: Run, kept: Path) -> None:
    refused = run("restore", "nope", "--force")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert f"the latest is {kept.name}" in refused.err


def test_a_slash_at_the_end_of_a_name_is_none_of_its_own(run: Run, home: Path, kept: Path) -> None:
    assert run("restore", f"{kept.name}/", "--force").code == 0
    assert query(home, "SELECT count(*) FROM feeds") == [(1,)]


@pytest.mark.parametrize("arguments", [("backup", ""), ("backup", "", "--list"), ("restore", ""), ("restore", " ")])
def test_no_name_is_refused(run: Run, home: Path, arguments: tuple[str, ...]) -> None:
    refused = run(*arguments)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert list(home.iterdir()) == []
