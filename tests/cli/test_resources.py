"""What the system refuses: closed and full outputs, signals, no home, no locale, few files, little memory."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from publisher import Answer, Publisher
from running import end_veille, force, query, rss, start_veille, subscribe_all, veille_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Run

VEILLE = f"{sys.executable} -m veille"
SOURCES = str(Path(__file__).parents[2] / "src")
MEGABYTE = 1 << 20


def shell(script: str, **values: Any) -> tuple[int, str, str]:
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=120, **values)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def bare_environment() -> dict[str, str]:
    """Without what has a program measured: that writes files of its own, which a limit is not meant for."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


@pytest.fixture
def archive(home: Path, publisher: Publisher) -> Publisher:
    now = datetime.now(UTC)
    feeds = [Answer(body=rss({"1": f"Item {number}"}, at=now)) for number in range(12)]
    subscribe_all([publisher.serve(f"/{number}", answer) for number, answer in enumerate(feeds)])
    assert force().new == 12
    assert home.exists()
    return publisher


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("top >&-", 0),
        ("top 2>&-", 0),
        ("top <&- >&- 2>&-", 0),
        ("nope 2>&-", 2),
        ("nope >&- 2>&-", 2),
        ("--help >&-", 0),
        ("nope 2> /dev/full", 2),
        ("--help > /dev/full", 1),
        ("--version > /dev/full", 1),
    ],
)
def test_outputs_that_are_closed_or_full_end_with_the_right_code(archive: Publisher, command: str, code: int) -> None:
    assert archive
    assert shell(f"{VEILLE} {command}")[0] == code


def test_a_closed_output_does_not_become_the_database(archive: Publisher, home: Path) -> None:
    assert shell(f"{VEILLE} fetch --force <&- >&- 2>&-")[0] == 0
    assert len(archive.requests) == 24
    assert query(home, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize(
    "command", ["top -n 99", "feeds", "top --json", "export", "digest -o -", "search item --json", "config"]
)
def test_head_ends_every_list_without_a_word(archive: Publisher, command: str) -> None:
    assert archive
    code, out, err = shell(f"{VEILLE} {command} | head -c 1 > /dev/null; echo ${{PIPESTATUS[0]}}")
    assert (code, out, err) == (0, "0\n", "")


def test_a_pipe_of_errors_that_closes_is_no_trouble(archive: Publisher) -> None:
    assert archive
    assert shell(f"{VEILLE} nope 2> >(exec true); echo $?")[1] == "2\n"


@pytest.mark.parametrize(("by", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_a_command_with_one_line(archive: Publisher, home: Path, by: signal.Signals, code: int) -> None:
    assert archive
    with closing(sqlite3.connect(home / "veille.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        running = start_veille("mark", "star", "1000")
        time.sleep(2)
        assert end_veille(running, by=by)[::2] == (
            code,
            "veille: interrupted\n" if by is signal.SIGINT else f"veille: stopped by {by.name}\n",
        )
        other.execute("ROLLBACK")
    assert query(home, "SELECT count(*) FROM marks") == [(0,)]


def test_nohup_is_believed(archive: Publisher, home: Path) -> None:
    assert archive
    with closing(sqlite3.connect(home / "veille.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        command = f"trap '' HUP; exec {VEILLE} mark star 1000"
        with subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE) as running:
            time.sleep(1.5)
            running.send_signal(signal.SIGHUP)
            time.sleep(0.5)
            assert running.poll() is None
            other.execute("ROLLBACK")
            assert running.wait(30) == 0
    assert query(home, "SELECT count(*) FROM marks") == [(1,)]


def test_32_files_are_enough_for_a_fetch(archive: Publisher) -> None:
    assert archive
    code, out, err = shell(f"ulimit -n 32; {VEILLE} fetch --force --json", env=bare_environment())
    assert (code, err) == (0, "")
    assert '"failed": 0' in out


@pytest.mark.parametrize("megabytes", [150, 95, 60])
@pytest.mark.parametrize("command", [("top", "--json"), ("fetch", "--force", "-q")])
def test_little_memory_ends_well_or_in_one_line(
    archive: Publisher, home: Path, megabytes: int, command: tuple[str, ...]
) -> None:
    assert archive
    limit = f"import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({megabytes * MEGABYTE},) * 2)\n"
    script = f"{limit}from veille.__main__ import main\nsys.argv[1:] = {list(command)!r}\nmain()"
    command_line = [sys.executable, "-c", script]
    done = subprocess.run(command_line, capture_output=True, text=True, check=False, timeout=60, env=bare_environment())
    if done.returncode:
        # Before the first line of ours Python itself may fail.
        assert done.stderr
        assert "Traceback" not in done.stderr or "veille" not in done.stderr.splitlines()[-2]
    assert query(home, "PRAGMA integrity_check") == [("ok",)]
    assert veille_json("feeds", "--json")


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become nobody")
def test_nobody_without_a_home_is_told_to_set_one() -> None:
    script = f"setpriv --reuid 54321 --clear-groups {VEILLE} feeds"
    code, out, err = shell(script, env={"PATH": os.environ["PATH"], "PYTHONPATH": SOURCES})
    assert (code, out) == (1, "")
    assert "set HOME, or VEILLE_HOME to a directory" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("locale", ["C", "POSIX", "xx_YY.nonsense", ""])
def test_no_locale_is_no_trouble(archive: Publisher, locale: str) -> None:
    archive.serve("/0", Answer(body=rss({"2": "Élection à l’œuvre — 選挙"})))
    environment = os.environ | {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    for name in ("LANG", "LC_CTYPE"):
        environment.pop(name, None)
    assert (
        shell(f"{VEILLE} fetch --force -q && {VEILLE} top && {VEILLE} search élection --json", env=environment)[0] == 0
    )


def test_what_veille_makes_is_for_the_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, publisher: Publisher
) -> None:
    place = tmp_path / "new" / "veille"
    monkeypatch.setenv("VEILLE_HOME", str(place))
    before = os.umask(0o022)
    try:
        # Whatever is made first makes the directory.
        assert run("search", "--save", "crise", "a OR b").code == 0
        subscribe_all([publisher.serve("/a", Answer(body=rss({"1": "One"})))])
        assert run("fetch", "--force").code == 0
        with closing(sqlite3.connect(place / "veille.db")) as other:
            other.execute("SELECT count(*) FROM feeds").fetchone()
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()}
    finally:
        os.umask(before)
    assert {stat.S_IMODE(one.stat().st_mode) for one in (place, place.parent)} == {0o700}
    assert {"veille.db", "veille.db.lock", "rules.toml"} <= modes.keys()
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_a_directory_that_is_there_keeps_its_permissions(home: Path, run: Run) -> None:
    home.chmod(0o755)
    assert run("feeds").code == 0
    assert stat.S_IMODE(home.stat().st_mode) == 0o755


def limit_size(size: int) -> Callable[[], None]:
    """As a quota does: files may not grow beyond `size`."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def test_a_quota_that_is_used_up_is_one_line_and_loses_nothing(archive: Publisher, home: Path) -> None:
    feed = {str(number): "Un titre " + "mot " * 400 for number in range(60)}
    archive.serve("/0", Answer(body=rss(feed)))
    before = query(home, "SELECT id, title FROM entries ORDER BY id")
    size = (home / "veille.db").stat().st_size + 8192
    done = subprocess.run(
        [sys.executable, "-m", "veille", "fetch", "--force"],
        preexec_fn=limit_size(size),
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "make room on the disk" in done.stderr
    assert query(home, "SELECT id, title FROM entries ORDER BY id")[: len(before)] == before
    assert query(home, "PRAGMA integrity_check") == [("ok",)]
    assert force().failed == 0
    assert query(home, "SELECT count(*) FROM entries")[0][0] == len(before) + 59
