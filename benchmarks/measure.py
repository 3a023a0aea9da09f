"""What a command costs: wall time, processor time and peak memory of a process from start to end.

In: a command. Out: a `Cost`, and the words and tables that tell of several.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall and of processor (user and system, children waited for included), peak megabytes.

    The peak is that of all its processes together (`launcher.py`).
    """

    wall: float
    cpu: float
    peak_mb: float
    code: int


def run_measured(command: Sequence[str], *, environment: Mapping[str, str], log: Path, seconds: int = 900) -> Cost:
    """Run a command to its end, its output going to `log`; it is killed after `seconds`."""
    reading, writing = os.pipe()
    launcher = Path(__file__).with_name("launcher.py")
    with log.open("ab") as output, os.fdopen(reading) as report:
        try:
            subprocess.run(
                [sys.executable, "-I", "-S", str(launcher), str(writing), str(seconds), *command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(writing,),
                check=True,
            )
        finally:
            os.close(writing)
        wall, cpu, peak, code = report.read().split()
    return Cost(float(wall), float(cpu), int(peak) / 1024, int(code))


def clean_environment(home: Path) -> dict[str, str]:
    """An environment with nothing of the user's but where programs are: no proxy, no settings, a home."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb"} | kept


def describe(values: Iterable[float], *, digits: int = 2) -> str:
    """The median and, between brackets, the least and the most: the noise."""
    known = sorted(values)
    if len(known) == 1:
        return f"{known[0]:.{digits}f}"
    return f"{median(known):.{digits}f} ({known[0]:.{digits}f}-{known[-1]:.{digits}f})"


def write_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def describe_machine() -> str:
    """What the figures were taken on, and when."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {os.uname().sysname} {os.uname().machine}, "
        f"Python {sys.version.split()[0]}"
    )
