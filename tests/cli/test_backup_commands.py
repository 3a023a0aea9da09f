"""backup and restore, as commands: what they say, what they refuse."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from veille.app.restoring import restore_backup
from veille.config import find_places
from veille.store.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from cli.conftest import Run

RULES = '[[rule]]\nname = "marque"\nmatch = "e-réputation"\nweight = 5\n'
SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"


def back_up(run: Run, *arguments: str) -> Path:
    result = run("backup", *arguments, "--json")
    assert result.code == 0, result.err
    return Path(result.json["backup"])


def test_a_backup_says_what_it_holds_and_only_its_owner_reads_it(morning: Run, home: Path) -> None:
    (home / "rules.toml").write_text(RULES, "utf-8")
    (home / "config.toml").write_text("[fetch]\njobs = 8\n", "utf-8")
    said = morning("backup")
    assert said.code == 0
    assert ": 13 feeds, " in said.out
    assert said.out.endswith("MB, checked\n")
    (path,) = (home / "backups").iterdir()
    assert sorted(one.name for one in path.iterdir()) == [
        "config.toml", "feeds.opml", "manifest.json", "rules.toml", "veille.db",
    ]  # fmt: skip
    assert {one.stat().st_mode & 0o777 for one in path.iterdir()} == {0o600}
    assert path.stat().st_mode & 0o777 == 0o700
    assert (home / "backups").stat().st_mode & 0o777 == 0o700
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    assert manifest["schema"] == SCHEMA_VERSION
    assert manifest["counts"]["feeds"] == 13
    assert (path / "rules.toml").read_text("utf-8") == RULES
    listed = morning("backup", "--list", "--json").json
    assert [one["backup"] for one in listed] == [str(path)]
    assert f"{path}  13 feeds" in morning("backup", "--list").out


def test_secrets_of_a_wrong_config_are_not_in_a_backup(morning: Run, home: Path, tmp_path: Path) -> None:
    """What veille refuses to run with, it may still have to leave out: the file may be right in another part."""
    text = '[fetch]\njobs = 8\n# token = "hunter2"\n[feeds."https://x.example/rss"]\nauth = "bearer:$TOKEN"\n'
    (home / "config.toml").write_text(text, "utf-8")
    result = morning("backup", str(tmp_path / "there"))
    assert "1 value of config.toml that may be secret: left out" in result.err
    (path,) = (tmp_path / "there").iterdir()
    kept = (path / "config.toml").read_text("utf-8")
    assert kept == text.replace('"hunter2"', '""')
    assert all(b"hunter2" not in one.read_bytes() for one in path.iterdir())


def test_restore_brings_back_what_was_and_keeps_the_old_aside(morning: Run, home: Path) -> None:
    (home / "rules.toml").write_text(RULES, "utf-8")
    # What is fresh is less so a second later.
    (home / "config.toml").write_text("[weights]\nfreshness = 0\n", "utf-8")
    before = morning("top", "--json").out, morning("feeds", "--json").out
    path = back_up(morning)
    (home / "rules.toml").write_text(RULES.replace("5", "9"), "utf-8")
    morning("remove", "3", "--purge")
    old = (home / "rules.toml").read_text("utf-8")
    refused = morning("restore", str(path))
    assert refused.code == 2
    assert refused.err.count("\n") == 1
    assert "veille.db" in refused.err
    assert "rules.toml: there already: `veille restore --force` replaces it and keeps the old aside" in refused.err
    done = morning("restore", path.name, "--force")
    assert done.code == 0, done.err
    assert done.out == f"restored from {path}: 13 feeds, {morning('backup', '--list').out.split(', ')[1]}\n"
    assert (morning("top", "--json").out, morning("feeds", "--json").out) == before
    (aside,) = home.glob("rules.toml.replaced-*")
    assert aside.read_text("utf-8") == old
    (old_db,) = home.glob("veille.db.replaced-*")
    with closing(sqlite3.connect(old_db)) as db:
        assert db.execute("SELECT count(*) FROM feeds").fetchone() == (12,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with closing(sqlite3.connect(home / "veille.db")) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert (home / "veille.db").stat().st_mode & 0o777 == 0o600


def test_restore_into_an_empty_home_asks_nothing(morning: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = morning("feeds", "--json").out
    path = back_up(morning)
    new = home.parent / "new" / "veille"
    monkeypatch.setenv("VEILLE_HOME", str(new))
    assert morning("restore", str(path)).code == 0
    assert morning("feeds", "--json").out == before
    assert not list(new.glob("*replaced*"))


def test_restore_leaves_rules_and_settings_of_which_the_backup_has_none(morning: Run, home: Path) -> None:
    path, settings = back_up(morning), '[backup]\ndir = "elsewhere"\n'
    (home / "rules.toml").write_text(RULES, "utf-8")
    (home / "config.toml").write_text(settings, "utf-8")
    done = restore_backup(find_places(), str(path), force=True)
    assert done.stayed == (home / "rules.toml", home / "config.toml")
    assert (home / "rules.toml").read_text("utf-8") == RULES
    assert (home / "config.toml").read_text("utf-8") == settings
    assert {one.name.split(".replaced-")[0] for one in home.glob("*.replaced-*")} == {"veille.db"}
    told = morning("restore", str(path), "--force").err
    assert f"left as it is: {home / 'config.toml'} (the backup has none)\n" in told
    (home / "veille.db").unlink()
    # There is nothing to replace then.
    assert restore_backup(find_places(), str(path), force=False).kept == ()


def test_restore_of_a_database_alone_leaves_rules_and_settings(run: Run, home: Path) -> None:
    (home / "rules.toml").write_text(RULES, "utf-8")
    old = home / "veille.db.before-1"
    shutil.copy(SCHEMAS / "1.db", old)
    assert run("restore", str(old)).code == 0
    assert (home / "rules.toml").read_text("utf-8") == RULES
    assert [feed["title"] for feed in run("feeds", "--json").json] == ["Feed A", "http://b.example/feed"]
    assert old.exists()


def test_what_is_in_the_log_beside_a_copy_is_restored(
    morning: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = str(morning("top", "--json").json[0]["id"])
    with closing(sqlite3.connect(home / "veille.db")) as other:
        other.execute("SELECT count(*) FROM feeds").fetchone()
        assert morning("note", story, "à suivre").code == 0
        for name in ("veille.db", "veille.db-wal"):
            shutil.copy(home / name, tmp_path / name)
    monkeypatch.setenv("VEILLE_HOME", str(tmp_path / "new"))
    done = morning("restore", str(tmp_path / "veille.db"), "--json")
    assert (done.code, done.json["counts"]["notes"]) == (0, 1)
    assert morning("show", story, "--json").json["note"] == "à suivre"


def test_a_home_of_nobody_is_one_line_and_keeps_no_fetch_from_telling(morning: Run, home: Path) -> None:
    nobody = "~nobody-of-that-name/x"
    for arguments in (
        ("backup", nobody),
        ("backup", "--list", nobody),
        ("restore", nobody),
        ("doctor", "--offline", "--salvage", nobody),
        ("export", "--all", "-o", nobody),
        ("export", nobody),
        ("import", nobody),
    ):
        refused = morning(*arguments)
        assert (refused.code, refused.err.count("\n")) == (1, 1), arguments
        assert "nobody of that name has a home here" in refused.err
    (home / "config.toml").write_text(f'[backup]\ndir = "{nobody}"\n', "utf-8")
    fetched = morning("fetch")
    assert fetched.code == 3
    assert "13 feeds" in fetched.out
    assert "WARNING: no backup could be made: [backup] dir: ~nobody-of-that-name/x: nobody of that name" in fetched.err


def test_the_log_of_a_database_that_is_gone_is_kept(morning: Run, home: Path) -> None:
    path = back_up(morning)
    with closing(sqlite3.connect(home / "veille.db", isolation_level=None)) as db:
        db.execute("UPDATE feeds SET title = 'in the log alone'")
        log = (home / "veille.db-wal").read_bytes()
    (home / "veille.db").unlink()
    (home / "veille.db-wal").write_bytes(log)
    done = morning("restore", str(path), "--json")
    (aside,) = home.glob("veille.db.replaced-*-wal")
    assert (done.code, done.json["kept"]) == (0, [str(aside)])
    assert aside.read_bytes() == log
    assert len(morning("feeds", "--json").json) == 13


def test_a_broken_database_is_replaced_and_kept(morning: Run, home: Path) -> None:
    path = back_up(morning)
    (home / "veille.db").write_bytes(b"no database")
    assert morning("restore", str(path), "--force").code == 0
    assert len(morning("feeds", "--json").json) == 13
    assert [one.read_bytes() for one in home.glob("veille.db.replaced-*")] == [b"no database"]


def test_restore_while_another_has_the_database_open_is_refused(morning: Run, home: Path) -> None:
    path = back_up(morning)
    with closing(sqlite3.connect(home / "veille.db")) as other:
        other.execute("SELECT count(*) FROM feeds").fetchone()
        result = morning("restore", str(path), "--force")
        assert (result.code, result.err.count("\n")) == (4, 1)
        assert "another veille has it open (a session?): end it and try again" in result.err
    assert not list(home.glob("*replaced*"))
    assert not list(home.glob("*restoring*"))
    assert morning("restore", str(path), "--force").code == 0


@pytest.mark.parametrize("name", ["veille.db", "feeds.opml", "rules.toml", "config.toml", "manifest.json"])
def test_a_backup_with_a_flipped_bit_is_refused(morning: Run, home: Path, name: str) -> None:
    (home / "rules.toml").write_text(RULES, "utf-8")
    (home / "config.toml").write_text("[fetch]\njobs = 8\n", "utf-8")
    path = back_up(morning)
    whole = (path / name).read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 12)):
        content = bytearray(whole)
        content[place] ^= 1 << (place % 8)
        (path / name).write_bytes(content)
        result = morning("restore", str(path), "--force")
        assert (result.code, result.err.count("\n")) == (1, 1), (place, result.err)
        assert str(path / name) in result.err
    (path / name).write_bytes(whole[:-1])
    assert morning("restore", str(path), "--force").code == 1
    (path / name).unlink()
    assert morning("restore", str(path), "--force").code == 1
    assert not list(home.glob("*replaced*"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "there is no such backup: `veille backup --list` names those in"),
        ("", "no backup of veille's: it has no manifest.json"),
        ("text", "file is not a database"),
        ("other.db", "no database of veille's"),
        ("newer.db", f"made by a newer veille (schema {SCHEMA_VERSION + 1}"),
    ],
)
def test_restore_of_what_is_no_backup_is_one_line(run: Run, tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "text").write_text("hello, I am a text\n" * 200, "utf-8")
    for path, statement in (("other.db", "CREATE TABLE t (x)"), ("newer.db", "CREATE TABLE _sqlite_migrations (x)")):
        with closing(sqlite3.connect(tmp_path / path)) as db:
            db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    result = run("restore", str(tmp_path / name))
    assert result.code in (1, 2)
    assert result.err.count("\n") == 1
    assert said in result.err


def test_a_damaged_database_makes_no_backup_and_costs_none(morning: Run, home: Path) -> None:
    kept = back_up(morning)
    with closing(sqlite3.connect(home / "veille.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'stories_by_date'").fetchone()
    content = bytearray((home / "veille.db").read_bytes())
    content[4096 * (page - 1) + 100 : 4096 * page] = b"\xff" * 3996
    (home / "veille.db").write_bytes(content)
    result = morning("backup", "--keep", "1")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "it is damaged" in result.err
    assert os.listdir(home / "backups") == [kept.name]  # noqa: PTH208
