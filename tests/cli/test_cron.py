"""cron install, show, remove: with a stand-in for the crontab command."""

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crontabs import put_crontab, put_program, put_veille, split_job
from publisher import Answer, Publisher
from running import end_veille, rss, start_veille
from veille.app.crontab import put_block

if TYPE_CHECKING:
    from cli.conftest import Run

OTHERS = b"# d\xe9j\xe0 l\xe0\n5 4 * * * autre\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = put_crontab(tmp_path / "cron", monkeypatch)
    put_veille(tmp_path / "cron" / "bin" / "veille")
    return place


def jobs(table: Path) -> list[str]:
    return [line for line in table.read_text("utf-8").splitlines() if not line.startswith("#")]


def test_install_show_remove(run: "Run", table: Path) -> None:
    table.write_bytes(OTHERS)
    assert run("cron", "show").code == 1
    installed = run("cron", "install", "--at", "7:00", "--days", "1-5", "--digest", "matin")
    assert (installed.code, installed.out.count("\n")) == (0, 1)
    text = table.read_bytes()
    assert text.startswith(OTHERS)
    assert run("cron", "show").out.encode() == text.removeprefix(OTHERS)
    assert "installed already" in run("cron", "install", "--days", "mon-fri", "--digest", "matin").err
    assert table.read_bytes() == text
    assert run("cron", "remove").code == 0
    assert table.read_bytes() == OTHERS
    assert run("cron", "remove").err == "nothing of veille's is in your crontab\n"


def test_a_user_without_a_crontab_gets_one(run: "Run", table: Path) -> None:
    assert run("cron", "install").code == 0
    (line,) = jobs(table)
    assert line.startswith("0 7 * * * ")
    assert line.endswith("digest -q digest")


def test_the_digests_of_the_settings_are_installed(run: "Run", table: Path, home: Path) -> None:
    (home / "config.toml").write_text("[digest.matin]\n[digest.soir]\n", "utf-8")
    assert run("cron", "install").code == 0
    (line,) = jobs(table)
    assert "digest -q matin;" in line
    assert line.endswith("digest -q soir")


def test_the_alerts_of_the_settings_are_installed_unless_something_is_said(run: "Run", table: Path, home: Path) -> None:
    alerts = "[alert.crise]\nquery = 'crise'\nfile = '/x'\n[alert.ia]\nquery = 'ia'\nfile = '/x'\n"
    (home / "config.toml").write_text(f"[digest.matin]\n{alerts}", "utf-8")
    assert run("cron", "install").code == 0
    digests, sending = jobs(table)
    assert digests.endswith("digest -q matin")
    assert sending.startswith("*/15 * * * * ")
    assert sending.endswith("alert -q --send --all")
    assert run("cron", "install", "--at", "7:00").code == 0
    assert len(jobs(table)) == 1
    assert "--all" in run("cron", "show", "--systemd").out


def test_a_digest_that_is_not_configured_is_refused(run: "Run", table: Path, home: Path) -> None:
    (home / "config.toml").write_text("[digest.matin]\n", "utf-8")
    result = run("cron", "install", "--digest", "matni")
    assert (result.code, result.out) == (2, "")
    assert "no [digest.matni] in " in result.err
    assert result.err.endswith("config.toml: did you mean matin?\n")
    assert not table.exists()
    assert run("cron", "install", "--digest", "matin", "--digest", "digest").code == 0


def test_what_is_installed_runs_from_nowhere(run: "Run", table: Path, home: Path, demo_feeds: str) -> None:
    """As cron runs it: by sh, with next to no environment, elsewhere."""
    assert run("import", f"{demo_feeds}/feeds.opml").code == 0
    assert run("cron", "install", "--digest", "matin").code == 0
    (line,) = jobs(table)
    environment = {"HOME": "/", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "moi"}
    done = subprocess.run(
        ["/bin/sh", "-c", split_job(line)], env=environment, cwd="/", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (written,) = (home / "digests").glob("matin*")
    assert "Morvellec" in written.read_text("utf-8")
    fetched, digested = (home / "cron.log").read_text("utf-8").splitlines()
    assert " exit=3 " in fetched
    assert " veille fetch -q" in fetched
    assert " exit=0 " in digested


def test_the_digest_waits_for_a_fetch_that_is_running(
    run: "Run", table: Path, home: Path, publisher: Publisher
) -> None:
    """At 7:00 every line with a fetch starts: the news of the first are in the digest of the second."""
    told, now = {"1": "Crise de minuit"}, datetime.now(UTC)
    run("add", "--as-is", publisher.serve("/feed", Answer(body=rss(told, at=now))))
    publisher.serve("/feed", Answer(body=rss(told | {"2": "Boycott de dernière minute"}, at=now), wait=3))
    assert run("cron", "install", "--at", "7:00", "--every", "15m", "--digest", "matin").code == 0
    line, often = jobs(table)
    assert "fetch -q --wait 10m" in often
    running = start_veille("fetch", "-q", "--force", home=home)
    while not (home / "veille.db.lock").exists() or not (home / "veille.db.lock").read_bytes():
        assert running.poll() is None
        time.sleep(0.02)
    done = subprocess.run(["/bin/sh", "-c", split_job(line)], capture_output=True, text=True, check=False)
    assert (done.returncode, end_veille(running)[0]) == (0, 0)
    (written,) = (home / "digests").glob("matin*")
    assert "Boycott de dernière minute" in written.read_text("utf-8")


def test_lines_that_come_often_do_not_wait_for_one_another(run: "Run", table: Path) -> None:
    assert run("cron", "install", "--every", "5m").code == 0
    (line,) = jobs(table)
    assert "--wait" not in line


def test_nothing_is_written_on_a_dry_run(run: "Run", table: Path) -> None:
    result = run("cron", "install", "--dry-run", "--every", "30m")
    assert result.out.startswith("*/30 * * * * ")
    assert not table.exists()


def test_alerts_need_somebody_to_reach(run: "Run", table: Path, home: Path) -> None:
    result = run("cron", "install", "--alert", "crise")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "[alert.crise]" in result.err
    (home / "config.toml").write_text("[alert.crise]\nquery = 'crise'\nfile = '/x'\n", "utf-8")
    assert run("cron", "install", "--alert", "crise").code == 0
    (line,) = jobs(table)
    assert line.startswith("*/15 * * * * ")
    assert line.endswith("alert -q --send crise")


@pytest.mark.parametrize(
    "options",
    [
        ("install", "--at", "25:00"),
        ("install", "--days", "9"),
        ("install", "--every", "7m"),
        ("install", "--digest", "a/b"),
        ("install", "--digest", "a\nb"),
        ("show", "--at", "7:00"),
        ("show", "--systemd", "--launchd"),
    ],
)
def test_what_cannot_be_is_one_line(run: "Run", table: Path, options: tuple[str, ...]) -> None:
    result = run("cron", *options)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert not table.exists()


@pytest.mark.parametrize("command", ["install", "remove", "show"])
def test_an_odd_block_is_refused(run: "Run", table: Path, command: str) -> None:
    odd = put_block(b"", []).splitlines(keepends=True)[0] + b"0 7 * * * x\n"
    table.write_bytes(odd)
    result = run("cron", command)
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "crontab:1:1:" in result.err
    assert table.read_bytes() == odd


@pytest.mark.parametrize("command", ["install", "remove", "show"])
def test_without_a_crontab_command_it_is_said(
    run: "Run", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("cron", command)
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "there is no `crontab` command here" in result.err


def test_a_crontab_that_cannot_be_read_is_not_replaced(run: "Run", table: Path) -> None:
    put_program(table.parent / "bin" / "crontab", 'echo "you are not allowed to use cron" >&2; exit 1')
    result = run("cron", "install")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "you are not allowed to use cron" in result.err


def test_a_crontab_that_is_refused_is_told(run: "Run", table: Path) -> None:
    script = '[ "$1" = -l ] && exit 0; cat >/dev/null; echo "errors in crontab file, can\'t install" >&2; exit 1'
    put_program(table.parent / "bin" / "crontab", script)
    result = run("cron", "install")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "can't install" in result.err


def test_units_and_property_lists_need_no_cron(run: "Run", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 07:00:00\n" in run("cron", "show", "--systemd", "--days", "1-5").out
    assert run("cron", "show", "--launchd").out.startswith("<?xml")
