"""--log: a line for each run, without secrets; and the mail of a failure."""

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from running import end_veille, query, start_veille
from veille.cli.journal import describe_command

if TYPE_CHECKING:
    from cli.conftest import Run

EXACT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d) exit=(\d+) (\d+\.\d)s veille ([^\n]*)\n")


def test_each_run_adds_a_line(run: "Run", tmp_path: Path) -> None:
    log = tmp_path / "logs" / "veille.log"
    assert run("--log", str(log), "fetch", "-q").code == 0
    assert run(f"--log={log}", "digest", "--format", "zut").code == 2
    first, second = log.read_text("utf-8").splitlines(keepends=True)
    found = EXACT.fullmatch(first)
    assert found
    assert found.group(2, 4) == ("0", "fetch -q: no feeds yet: `veille import FILE` or `veille add ADDRESS`")
    found = EXACT.fullmatch(second)
    assert found
    assert found[2] == "2"
    assert found[4].startswith("digest --format zut: ")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_log_of_a_run_is_one_line_whatever_is_said(run: "Run", tmp_path: Path) -> None:
    log = tmp_path / "log"
    run("--log", str(log), "digest", "a\nb\x1b[2J" + "x" * 5000)
    (line,) = log.read_text("utf-8").splitlines()
    assert "\x1b" not in line
    assert len(line) < 1000


def test_many_at_once_keep_their_lines_apart(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    running = [start_veille("--log", str(log), "where", home=home) for _ in range(8)]
    assert [end_veille(one)[0] for one in running] == [0] * 8
    lines = log.read_text("utf-8").splitlines(keepends=True)
    assert len(lines) == 8
    assert all(EXACT.fullmatch(line) for line in lines)


@pytest.mark.parametrize("place", ["a directory", "a file above", "a pipe"])
def test_a_log_that_cannot_be_written_costs_a_line_not_the_run(run: "Run", tmp_path: Path, place: str) -> None:
    log = tmp_path / "x"
    if place == "a directory":
        log.mkdir()
    elif place == "a pipe":
        os.mkfifo(log)
    else:
        log.write_text("")
        log /= "log"
    result = run("--log", str(log), "where", "--json")
    assert result.code == 0
    assert result.json
    assert result.err.count("\n") == 1
    assert "this run is not logged" in result.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_costs_a_line_not_the_run(run: "Run") -> None:
    result = run("--log", "/dev/full", "where")
    assert (result.code, result.err.count("\n")) == (0, 1)
    assert "No space left" in result.err


def test_no_secret_reaches_the_log(run: "Run", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "hunter2hunter2")
    log = tmp_path / "log"
    run("--log", str(log), "fetch", "http://moi:sesame@127.0.0.1:1/feed?key=sesame")
    run("--log", str(log), "note", "1", "sesame")
    run("--log", str(log), "fetch", "hunter2hunter2")
    text = log.read_text("utf-8")
    assert text.count("\n") == 3
    assert "sesame" not in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "(no command)"),
        (["fetch", "-q"], "fetch -q"),
        (["note", "1", "x"], "note"),
        (["review", "add", "1", "--comment", "secret"], "review add"),
        (["review"], "review"),
        (["add", "https://x/y"], "add"),
        (["fetch", "https://a:b@x.org/y?z"], "fetch https://x.org/…"),
    ],
)
def test_commands_are_told_without_what_is_private(words: list[str], told: str) -> None:
    assert describe_command(words) == told


CONFIG = """\
[mail]
host = "127.0.0.1"
port = 1
security = "none"
from = "veille@example.org"
failures = ["moi@example.org"]
"""


def test_a_failure_is_mailed_once_a_day(run: "Run", home: Path, tmp_path: Path) -> None:
    (home / "config.toml").write_text(CONFIG, "utf-8")
    log = str(tmp_path / "log")
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    for _ in range(2):
        assert run("--log", log, "digest", "-o", str(blocked / "x.md")).code == 1
    ((way, target, subject, body),) = query(home, "SELECT way, target, subject, body FROM outbox")
    assert (way, target) == ("mail", "moi@example.org")
    assert "veille digest" in subject
    assert b"ended with 1" in body
    assert run("--log", log, "digest", "-o", str(blocked / "y.md")).code == 1
    assert len(query(home, "SELECT 1 FROM outbox")) == 2


def test_what_is_usual_is_not_mailed(run: "Run", home: Path, tmp_path: Path) -> None:
    (home / "config.toml").write_text(CONFIG, "utf-8")
    assert run("--log", str(tmp_path / "log"), "alert", "zut").code == 1
    assert run("--log", str(tmp_path / "log"), "fetch", "-q").code == 0
    assert query(home, "SELECT 1 FROM outbox") == []


def test_settings_that_are_wrong_are_still_one_failure(run: "Run", home: Path, tmp_path: Path) -> None:
    (home / "config.toml").write_text("zut", "utf-8")
    result = run("--log", str(tmp_path / "log"), "digest")
    assert result.code == 1
    assert "config.toml:1:" in (tmp_path / "log").read_text("utf-8")
    assert result.err.splitlines()[-1].startswith("veille: nobody was mailed of this: ")
