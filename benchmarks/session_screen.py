"""How long the screen of a session takes to be there, and to answer a key, over an archive in a real pseudo-terminal.

In: how many entries. Out: Markdown; exit code 1 when a time is missed. The first paint is the clock's line, from the
start of the process; a key's time runs until what it has changed begins to be drawn.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from fcntl import ioctl
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from archive import fill_archive, write_rules
from measure import describe, describe_machine, write_table
from peers import program_environment, veille_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RULES = 50
_PAINT, _KEY = 0.6, 0.05  # seconds asked of the first paint and of a key
_CLOCK = b"of the score"
_KEYS = b"jjjjkksd jj "
# A key's answer has come when nothing more has been drawn for so long; after which wait one gives up.
_QUIET, _PATIENCE = 0.15, 60.0


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="veille-session-") as directory:
        home = Path(directory)
        fill_archive(home, entries=options.entries)
        write_rules(home, count=RULES)
        environment = program_environment(home) | {"VEILLE_HOME": str(home), "TERM": "xterm-256color"}
        # The rules are matched once, by what comes first.
        subprocess.run([*veille_command("session", "--plan")], env=environment, capture_output=True, check=True)
        planned, resumed, keys = [], [], []
        for _ in range(options.runs):
            paint, answers = _sit(["session", "--new"], environment, keys=_KEYS)
            planned.append(paint)
            keys += answers
            resumed.append(_sit(["session"], environment)[0])
    rows = [
        ["first paint, planned anew", describe([one * 1000 for one in planned], digits=0), f"{_PAINT * 1000:.0f}"],
        ["first paint, resumed", describe([one * 1000 for one in resumed], digits=0), f"{_PAINT * 1000:.0f}"],
        ["a key", describe([one * 1000 for one in keys], digits=0), f"{_KEY * 1000:.0f}"],
    ]
    print(f"## The screen of a session: {options.entries:,} entries, {RULES} rules, 80x24\n\n{describe_machine()}.\n")
    print(write_table(("work", f"wall ms, median of {options.runs} sessions (least-most)", "asked"), rows))
    missed = median(planned) > _PAINT or median(resumed) > _PAINT or max(keys) > _KEY
    sys.exit("a target is missed" if missed else 0)


def _sit(words: Sequence[str], environment: Mapping[str, str], *, keys: bytes = b"") -> tuple[float, list[float]]:
    """Seconds to the first paint, and of each key."""
    with _open_terminal() as (parent, child):
        start = time.perf_counter()
        process = subprocess.Popen(
            veille_command(*words), stdin=child, stdout=child, stderr=child, env=dict(environment),
            start_new_session=True,
        )  # fmt: skip
        try:
            paint = _wait_for(parent, _CLOCK) - start
            _drain(parent)
            answers = [_press(parent, bytes([key])) for key in keys]
            os.write(parent, b"q")
            _drain_until_gone(parent, process)
        finally:
            process.kill()
            process.wait()
    return paint, answers


@contextlib.contextmanager
def _open_terminal() -> Iterator[tuple[int, int]]:
    parent, child = pty.openpty()
    ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    try:
        yield parent, child
    finally:
        os.close(child)
        os.close(parent)


def _wait_for(terminal: int, wanted: bytes) -> float:
    """The moment when something has been drawn."""
    seen, limit = b"", time.perf_counter() + _PATIENCE
    while wanted not in seen:
        if not select.select([terminal], [], [], 1)[0]:
            if time.perf_counter() > limit:
                sys.exit(f"nothing was drawn: {seen[-400:]!r}")
            continue
        seen += os.read(terminal, 65536)
    return time.perf_counter()


def _press(terminal: int, key: bytes) -> float:
    """Seconds from a key to what it draws first."""
    start = time.perf_counter()
    os.write(terminal, key)
    if not select.select([terminal], [], [], _PATIENCE)[0]:
        sys.exit(f"the key {key!r} draws nothing")
    taken = time.perf_counter() - start
    _drain(terminal)
    return taken


def _drain(terminal: int) -> None:
    """Read until nothing more is drawn."""
    while select.select([terminal], [], [], _QUIET)[0]:
        os.read(terminal, 65536)


def _drain_until_gone(terminal: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.perf_counter() + _PATIENCE
    while process.poll() is None:
        if time.perf_counter() > limit:
            sys.exit("the session does not end")
        _drain(terminal)


if __name__ == "__main__":
    main()
