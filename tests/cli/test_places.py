"""where, config, and what every command does with bad files."""

import os
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.conftest import Run

COMMANDS = [
    "import", "export", "add", "remove", "feeds", "tag", "folder", "rename", "mute", "unmute", "fetch", "top",
    "search", "show", "open", "mark", "note", "rules", "digest", "where", "config", "demo",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(run: "Run", command: str) -> None:
    result = run(command, "--help")
    assert result.code == 0
    assert "Examples:" in result.out
    assert f"veille {command}" in result.out


def test_help_lists_every_command(run: "Run") -> None:
    for result in (run(), run("--help"), run("-h")):
        assert result.code == 0
        assert all(f"  {command} " in result.out for command in COMMANDS)
    assert run("--version").out.startswith("veille 0.")


def test_where_prints_the_places(run: "Run", home: Path) -> None:
    places = run("where", "--json").json
    assert places["database"] == str(home / "veille.db")
    assert "not there yet" in run("where").out
    other = str(home / "other.db")
    assert run("--db", other, "where", "--json").json["database"] == other


def test_veille_db_overrides_the_database_alone(run: "Run", home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILLE_DB", str(home / "elsewhere" / "x.db"))
    places = run("where", "--json").json
    assert places["database"].endswith("elsewhere/x.db")
    assert places["rules"] == str(home / "rules.toml")
    run("add", "--as-is", "https://a.example/rss")
    assert (home / "elsewhere" / "x.db").exists()


def test_without_veille_home_the_places_are_those_of_the_system(
    run: "Run", home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VEILLE_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "d"))
    places = run("where", "--json").json
    assert places["config"] == str(home / "c" / "veille" / "config.toml")
    assert places["database"] == str(home / "d" / "veille" / "veille.db")


def test_config_tells_values_and_where_they_come_from(run: "Run", home: Path) -> None:
    (home / "config.toml").write_text('[fetch]\ntimeout = "1m30s"\njobs = 7\n')
    rows = {row["key"]: row for row in run("config", "--json").json}
    assert rows["fetch.jobs"] == {"key": "fetch.jobs", "value": 7, "source": f"{home / 'config.toml'}:3"}
    assert rows["fetch.per_host"]["source"] == "default"
    assert "\nfetch.timeout  " in run("config").out
    assert "  90s  " in run("config").out


def test_config_tells_tables_and_lists_as_they_are_written(run: "Run", home: Path) -> None:
    said = 'reserve = { marque = "10m", "presse \u00e9crite" = "5m" }'
    (home / "config.toml").write_text(f'[session]\n{said}\n[fold]\napart = ["Blogs"]\n', "utf-8")
    out = run("config").out
    assert '  { marque = "10m", "presse \u00e9crite" = "5m" }  ' in out
    assert '  ["Blogs"]  ' in out
    (home / "config.toml").unlink()
    assert re.search(r"^session.reserve +\{\} +default$", run("config").out, re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[fetch\n", "config.toml:1:"),
        ("[fetch]\njobz = 3\n", "config.toml:2:1: unknown key “jobz”: did you mean jobs?"),
        ("[fetsch]\n", "config.toml:1:1: unknown section “fetsch”: did you mean fetch?"),
        ('[fetch]\njobs = "3"\n', "config.toml:2:1: jobs: it takes a whole number, not '3'"),
        ("[fetch]\n  timeout = 10\n", "config.toml:2:3: timeout: it takes a duration between quotes"),
        ("[fetch]\njobs = 0\n", "config.toml:2:1: jobs: 0 is too much or too little: it goes from 1 to 500"),
    ],
)
def test_a_wrong_config_stops_every_command_with_its_place(run: "Run", home: Path, text: str, said: str) -> None:
    (home / "config.toml").write_text(text)
    for command in (["top"], ["fetch"], ["config"], ["feeds"]):
        result = run(*command)
        assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
        assert said in result.err


def test_a_database_that_cannot_be_used_is_one_line(run: "Run", home: Path) -> None:
    (home / "veille.db").write_bytes(b"not a database at all, whatever its name says" * 100)
    for command in (["top"], ["feeds"], ["fetch"]):
        result = run(*command)
        assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
        assert "file is not a database" in result.err


def test_a_newer_database_is_refused(run: "Run", home: Path) -> None:
    run("feeds")
    with sqlite3.connect(home / "veille.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    result = run("top")
    assert result.code == 1
    assert "made by a newer veille" in result.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_directory_that_cannot_be_written_is_one_line(run: "Run", home: Path) -> None:
    home.chmod(0o500)
    result = run("feeds")
    home.chmod(0o700)
    assert (result.code, result.err.count("\n")) == (1, 1)


def test_a_home_that_cannot_be_made_is_one_line(run: "Run", home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("in the way")
    monkeypatch.setenv("VEILLE_HOME", str(home / "file" / "home"))
    for command in (["feeds"], ["fetch"]):
        result = run(*command)
        assert (result.code, result.err.count("\n")) == (1, 1)
