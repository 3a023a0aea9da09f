"""The program as a process: pipes that close, disks that fill, terminals, and what it loads to start."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.conftest import Run

VEILLE = (sys.executable, "-m", "veille")


def test_a_pipe_that_closes_early_is_no_error(morning: "Run") -> None:
    assert morning("top").code == 0
    script = f"{sys.executable} -m veille top -n 999 | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0"
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", [("top",), ("top", "--json"), ("export",), ("digest", "-o", "-")])
def test_a_full_disk_is_one_line(morning: "Run", command: tuple[str, ...]) -> None:
    assert morning("top").code == 0
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*VEILLE, *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_latin_1_terminal_is_no_error(morning: "Run") -> None:
    assert morning("top").code == 0
    environment = os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = subprocess.run([*VEILLE, "top"], env=environment, capture_output=True, check=True)
    assert "E-réputation".encode("latin-1") in done.stdout


def test_on_a_terminal_there_is_a_progress_bar_and_no_feed_can_write_to_it(run: "Run", demo_feeds: str) -> None:
    run("import", f"{demo_feeds}/feeds.opml")
    seen = b""
    for command in ("fetch", "top"):
        parent, child = pty.openpty()
        environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        with subprocess.Popen([*VEILLE, command], stdin=child, stdout=child, stderr=child, env=environment) as process:
            os.close(child)
            while True:
                try:
                    piece = os.read(parent, 65536)
                except OSError:  # Linux: the other end is closed
                    break
                if not piece:
                    break
                seen += piece
            os.close(parent)
            assert process.wait() in (0, 3)
    assert b"/13" in seen
    text = seen.decode()
    assert "\x1b[1m" in text  # bold titles: it knew the terminal
    assert "\x1b[2J" not in text  # what the piégé title asks for
    assert "\x9b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("command", "absent"),
    [
        (("top",), {"httpx", "feedparser", "sqlite_utils", "jinja2", "lark", "nh3", "rapidfuzz"}),
        (("feeds",), {"httpx", "feedparser", "sqlite_utils", "jinja2", "lark", "nh3", "rapidfuzz"}),
        (("where",), {"httpx", "feedparser", "sqlite_utils", "jinja2", "lark", "nh3", "rapidfuzz", "rich"}),
        (("--help",), {"httpx", "feedparser", "sqlite_utils", "jinja2", "lark", "nh3", "rapidfuzz", "rich"}),
    ],
)
def test_commands_that_need_no_network_load_no_network_library(
    morning: "Run", command: tuple[str, ...], absent: set[str]
) -> None:
    assert morning("top").code == 0
    code = (
        "import sys\nfrom veille.cli.main import run_command\n"
        f"code = run_command({list(command)!r})\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.splitlines()[-1].strip("[]").replace("'", "").split(", "))
    assert absent.isdisjoint(loaded), absent & loaded
