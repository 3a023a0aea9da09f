"""A whole session in a real terminal (tmux): played by keys, resized, killed, resumed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from running import query
from sitting import lay_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")

_PATIENCE = 60.0


class Terminal:
    """A tmux of one's own, with one window."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def run(self, *arguments: str) -> str:
        command = ["tmux", "-f", os.devnull, "-S", str(self._socket), *arguments]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    def open(self, *command: str, environment: dict[str, str]) -> None:
        settings = [part for name, value in environment.items() for part in ("-e", f"{name}={value}")]
        self.run("new-session", "-d", "-x", "80", "-y", "24", *settings, *command)
        self.run("set-option", "-g", "remain-on-exit", "on")

    def press(self, *keys: str) -> None:
        self.run("send-keys", *keys)

    def look(self, *options: str) -> str:
        return self.run("capture-pane", "-p", *options)

    def until(self, so: Callable[[str], bool]) -> str:
        """Wait for what is to be seen."""
        limit = time.monotonic() + _PATIENCE
        while not so(seen := self.look()):
            assert time.monotonic() < limit, seen
            time.sleep(0.05)
        return seen

    def pid(self) -> int:
        return int(self.run("display-message", "-p", "#{pane_pid}"))

    def is_dead(self) -> bool:
        return self.run("display-message", "-p", "#{pane_dead}").strip() == "1"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path / "tmux")
    yield opened
    subprocess.run(["tmux", "-S", str(tmp_path / "tmux"), "kill-server"], capture_output=True, check=False)


@pytest.fixture
def laid(home: Path) -> list[int]:
    return lay_home(home)


_FAULTY = """
import sys
from veille.app.home import open_home
from veille.app.session import open_session
from veille.cli.trouble import tell_error
from veille.session.screen import SessionScreen, run_screen

class Faulty(SessionScreen):
    def action_star(self):
        secret = "a local secret"
        raise IndexError("out of step")

with open_home() as home:
    try:
        run_screen(Faulty(open_session(home)))
    except Exception as error:
        sys.exit(tell_error(error))
"""


def start_told(terminal: Terminal, home: Path, *command: str) -> None:
    """The same, with the exit code written to a file: tmux may see the terminal close first, and then not tell it."""
    environment = {"VEILLE_HOME": str(home), "TZ": "UTC", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    script = '"$@"; echo $? > "$VEILLE_HOME/code"'
    terminal.open("sh", "-c", script, "sh", sys.executable, *command, environment=environment)


def start(terminal: Terminal, home: Path, *command: str, **environment: str) -> None:
    # What a shell exported of a size says nothing about the terminal.
    environment |= {"COLUMNS": "80", "LINES": "24"}
    environment = {"VEILLE_HOME": str(home), "TZ": "UTC", "PYTHONPATH": os.environ.get("PYTHONPATH", "")} | environment
    terminal.open(sys.executable, *(command or ("-m", "veille", "session")), environment=environment)


def wait_for(so: Callable[[], bool]) -> None:
    limit = time.monotonic() + _PATIENCE
    while not so():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_a_session_is_played_resized_killed_and_resumed(terminal: Terminal, home: Path, laid: list[int]) -> None:
    start(terminal, home)
    terminal.until(lambda seen: "8 left" in seen and "score 4.50" in seen)
    terminal.press("s")
    terminal.until(lambda seen: "starred" in seen)
    terminal.press("Space")
    terminal.until(lambda seen: "7 left" in seen)
    terminal.press("n", "à relire", "Enter")
    terminal.until(lambda seen: "noted" in seen)
    terminal.run("resize-window", "-x", "200", "-y", "50")
    terminal.until(lambda seen: "La Gazette" in seen.splitlines()[1])
    terminal.run("resize-window", "-x", "40", "-y", "10")
    terminal.until(lambda seen: "60x16 at least" in seen)
    terminal.run("resize-window", "-x", "80", "-y", "24")
    seen = terminal.until(lambda seen: "7 left" in seen)
    # Wide, joined and right-to-left characters move nothing: the edge stands in one column.
    assert all(line[_column(line)] == "│" for line in seen.splitlines()[1:6])
    terminal.press("l")
    wait_for(lambda: query(home, "SELECT count(*) FROM session_actions") == [(4,)])
    os.kill(terminal.pid(), signal.SIGKILL)
    wait_for(terminal.is_dead)
    assert query(home, "SELECT text FROM notes") == [("à relire",)]
    terminal.run("kill-server")

    start(terminal, home)
    terminal.until(lambda seen: "6 left" in seen)
    terminal.press("z")
    terminal.until(lambda seen: "7 left" in seen)
    terminal.press(*["Space"] * 7)
    terminal.until(lambda seen: "All is read" in seen)
    terminal.press("q")
    wait_for(terminal.is_dead)
    assert "Traceback" not in terminal.look("-S", "-")
    assert query(home, "SELECT ended_at IS NULL FROM sessions") == [(0,)]
    assert query(home, "SELECT count(*) FROM marks WHERE read_at IS NOT NULL") == [(len(laid),)]


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_session_as_q_does(
    terminal: Terminal, home: Path, laid: list[int], by: signal.Signals
) -> None:
    assert laid
    start(terminal, home)
    terminal.until(lambda seen: "8 left" in seen)
    terminal.press("s")
    terminal.until(lambda seen: "starred" in seen)
    os.kill(terminal.pid(), by)
    wait_for(terminal.is_dead)
    seen = terminal.look("-S", "-")
    assert "Traceback" not in seen
    assert query(home, "SELECT count(*) FROM marks WHERE starred_at IS NOT NULL") == [(1,)]
    assert query(home, "SELECT ended_at IS NULL FROM sessions") == [(1,)]


def _column(line: str) -> int:
    """Where the 33rd cell of a line is: tmux gives a wide character once."""
    from rich.cells import cell_len

    return next(at for at in range(len(line)) if cell_len(line[:at]) >= 32)


def test_without_colours_no_colour_reaches_the_terminal(terminal: Terminal, home: Path, laid: list[int]) -> None:
    start(terminal, home, NO_COLOR="1")
    terminal.until(lambda seen: "score 4.50" in seen)
    coloured = terminal.look("-e")
    codes = {code for part in coloured.split("\x1b[")[1:] for code in part.partition("m")[0].split(";")}
    assert codes <= {"0", "1", "2", "4", "7", "39", "49", ""}
    assert laid


def test_in_colours_they_are_the_terminals_own(terminal: Terminal, home: Path, laid: list[int]) -> None:
    start(terminal, home)
    terminal.until(lambda seen: "score 4.50" in seen)
    coloured = terminal.look("-e")
    codes = {code for part in coloured.split("\x1b[")[1:] for code in part.partition("m")[0].split(";")}
    assert "33" in codes
    assert "38" not in codes
    assert laid


def test_a_screen_that_fails_says_so_in_one_line_and_the_session_goes_on(
    terminal: Terminal, home: Path, laid: list[int]
) -> None:
    start_told(terminal, home, "-c", _FAULTY)
    terminal.until(lambda seen: "score 4.50" in seen)
    terminal.press("d", "s")
    wait_for(terminal.is_dead)
    seen = terminal.look("-S", "-")
    assert "the screen has failed (IndexError: out of step)" in seen.replace("\n", "")
    assert "secret" not in seen
    assert "Traceback" not in seen
    assert (home / "code").read_text().strip() == "1"
    assert query(home, "SELECT ended_at FROM sessions") == [(None,)]
    assert query(home, "SELECT story_id FROM marks WHERE picked_at IS NOT NULL") == [(laid[0],)]


def test_a_screen_that_is_asked_to_end_keeps_the_clock_and_gives_the_terminal_back(
    terminal: Terminal, home: Path, laid: list[int]
) -> None:
    start_told(terminal, home, "-m", "veille", "session")
    terminal.until(lambda seen: "score 4.50" in seen)
    terminal.press("s")
    terminal.until(lambda seen: "starred" in seen)
    (child,) = subprocess.run(
        ["pgrep", "-P", str(terminal.pid())], capture_output=True, text=True, check=True
    ).stdout.split()
    os.kill(int(child), signal.SIGTERM)
    wait_for(terminal.is_dead)
    assert (home / "code").read_text().strip() == "143"
    assert terminal.run("display-message", "-p", "#{alternate_on}#{mouse_any_flag}").strip() == "00"
    assert query(home, "SELECT spent > 0, ended_at IS NULL FROM sessions") == [(1, 1)]
    assert laid
