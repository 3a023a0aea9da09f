"""Reading commands over a large archive, as whole processes, beside a bare start of Python.

In: how many feeds and entries; the archive is built by veille itself, from a loopback server. Out:
Markdown. A command that fails or finds nothing is void.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from measure import Cost, describe, describe_machine, run_measured, write_table
from peers import find_programs, program_environment, veille_command
from serving import run_server

if TYPE_CHECKING:
    from collections.abc import Iterator

BARE = "python -c pass"
_KEYWORDS = ("--kw", "régulateur^5", "--kw", '"faux avis"^3')
_COMMANDS = {
    "veille top": ("top",),
    "veille top --kw (two)": ("top", *_KEYWORDS),
    "veille top --kw (two) --why": ("top", *_KEYWORDS, "--why"),
    "veille search (two words)": ("search", "régulateur polémique"),
    "veille search (a phrase)": ("search", '"moteur de recherche"'),
}
_DAYS = 30.0
_STALE_SECONDS = 6 * 3600


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=100)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--cache", type=Path, help="keep the archive here and use it again while it is fresh")
    options = parser.parse_args()
    with _find_home(options.cache, f"{options.feeds}x{options.entries}") as home:
        built = _build_archive(home, feeds=options.feeds, entries=options.entries)
        faults = {name: _find_fault(home, arguments) for name, arguments in _COMMANDS.items()}
        costs = _measure(home, runs=options.runs)
    print(f"## Reading {options.feeds * options.entries} entries of the last {_DAYS:.0f} days\n")
    print(f"{describe_machine()}. Median of {options.runs} interleaved runs (least-most). {built}\n")
    print(write_table(("command", "ms", "x bare Python, median", "least", "peak MB"), _list_rows(costs, faults)))


@contextmanager
def _find_home(cache: Path | None, key: str) -> Iterator[Path]:
    """The archive's directory: a temporary one, unless it is to be kept."""
    if cache is None:
        with tempfile.TemporaryDirectory(prefix="veille-top-") as directory:
            yield Path(directory)
        return
    home = cache / f"archive-{key}"
    home.mkdir(parents=True, exist_ok=True)
    yield home


def _build_archive(home: Path, *, feeds: int, entries: int) -> str:
    """Have veille fetch the archive, unless a fresh one is there; says which."""
    veille = find_programs(["veille"], reader_python="")[0]
    database = home / veille.database
    whole = veille.count(home) == feeds * entries
    if whole and time.time() - database.stat().st_mtime < _STALE_SECONDS:
        return f"The archive was there already ({database.stat().st_size / 1e6:.0f} MB)."
    shutil.rmtree(home)
    home.mkdir()
    with run_server(feeds=feeds, entries=entries, days=_DAYS) as server:
        veille.prepare(home, server.urls)
        cost = run_measured(veille.fetch(home, False), environment=program_environment(home), log=home / "log")
    if cost.code or veille.count(home) != feeds * entries:
        stored = f"{veille.count(home)} of {feeds * entries} entries are stored"
        sys.exit(f"the archive is not whole: {stored}, exit code {cost.code}")
    size = database.stat().st_size / 1e6
    return f"veille stored them in {cost.wall:.0f} s, {cost.peak_mb:.0f} MB at most, {size:.0f} MB on disk."


def _find_fault(home: Path, arguments: tuple[str, ...]) -> str:
    """Why a command's time would say nothing; "" when it does its work. Warms it up by the way."""
    command = veille_command(*arguments, "--json")
    done = subprocess.run(command, env=program_environment(home), capture_output=True, check=False)
    if done.returncode:
        return f"exit code {done.returncode}"
    try:
        return "" if json.loads(done.stdout) else "nothing found"
    except ValueError:
        return "no JSON"


def _measure(home: Path, *, runs: int) -> dict[str, list[Cost]]:
    commands = {BARE: [sys.executable, "-c", "pass"]}
    commands |= {name: veille_command(*arguments) for name, arguments in _COMMANDS.items()}
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            cost = run_measured(command, environment=program_environment(home), log=home / "log")
            costs[name].append(cost)
    return costs


def _list_rows(costs: dict[str, list[Cost]], faults: dict[str, str]) -> Iterator[list[str]]:
    bare = [cost.wall for cost in costs[BARE]]
    for name, samples in costs.items():
        walls = [cost.wall for cost in samples]
        fault = faults.get(name) or next((f"exit code {each.code}" for each in samples if each.code), "")
        if fault:
            yield [f"`{name}`", f"void: {fault}", "", "", ""]
            continue
        yield [
            f"`{name}`",
            describe((wall * 1000 for wall in walls), digits=0),
            f"{median(walls) / median(bare):.1f}",
            f"{min(walls) / min(bare):.1f}",
            describe((cost.peak_mb for cost in samples), digits=0),
        ]


if __name__ == "__main__":
    main()
