"""The morning's fetch: time and memory of a whole run, beside other programs on the same feeds.

In: how many feeds and entries, and with `--latency` the web's own slowness. Out: Markdown. A figure
counts only when the program ended well and stored every entry; otherwise the table says void.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from measure import Cost, describe, describe_machine, run_measured, write_table
from peers import Program, find_programs, program_environment
from serving import Running, run_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLD, SETTLE, WARM, USUAL = "cold", "settle", "all 304", "30 % with 3 new"
# Between cold and warm, a fetch that is not told: newsboat saves validators from its second reload on.
_PHASES = (COLD, SETTLE, WARM, USUAL)
_TOLD = (COLD, WARM, USUAL)
_HEADS = (
    "work",
    "program",
    "wall s",
    "CPU s",
    "peak MB",
    "requests (304)",
    "MB sent",
    "veille's wall / its",
)
_WATCH_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of one program in one phase; `void` says why it does not count, `stored_after` in seconds."""

    program: str
    phase: str
    cost: Cost
    served: dict[str, int]
    void: str = ""
    stored_after: float | None = None


def main() -> None:
    """Measure what the command line asks for and print it."""
    options = _read_options()
    programs = find_programs(options.programs.split(","), reader_python=options.reader_python)
    with (
        run_server(
            feeds=options.feeds, entries=options.entries, hosts=options.hosts, latency=options.latency
        ) as server,
        tempfile.TemporaryDirectory(prefix="veille-morning-") as directory,
    ):
        samples = [
            sample
            for turn in range(options.runs)
            # The order turns, so that no program always comes after the same one.
            for program in programs[turn % len(programs) :] + programs[: turn % len(programs)]
            for sample in _run_program(
                program, server, Path(directory) / f"{program.name}-{turn}", watched=options.latency
            )
        ]
    weather = "the web's latency" if options.latency else "no latency"
    print(f"## {options.feeds} feeds x {options.entries} entries, {weather}\n")
    print(f"{describe_machine()}. Median of {options.runs} interleaved runs (least-most).")
    print("; ".join(f"{program.name} {program.version}" for program in programs) + ".\n")
    print(write_table(_HEADS, _list_rows(programs, samples)))
    for line in _list_remarks(samples):
        print(f"\n{line}")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--entries", type=int, default=30)
    parser.add_argument("--hosts", type=int, default=0, help="addresses they are spread over; 0: one a feed")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency", action="store_true")
    parser.add_argument("--programs", default="veille,newsboat,reader")
    parser.add_argument("--reader-python", default=sys.executable, help="an interpreter that has `reader`")
    return parser.parse_args()


def _run_program(program: Program, server: Running, home: Path, *, watched: bool) -> Iterator[Sample]:
    home.mkdir()
    server.set_round(0)
    program.prepare(home, server.urls)
    for phase in _PHASES:
        number = 1 if phase == USUAL else 0
        if number:
            server.set_round(number)
        server.take_stats()
        command = program.fetch(home, phase != COLD)
        done = threading.Event()
        # Only where the question is asked: looking costs time, and makes newsboat (no WAL) lose entries.
        if not (watched and program.name == "veille" and phase == COLD):
            done.set()
        with ThreadPoolExecutor(max_workers=1) as pool:
            stored_after = pool.submit(_watch, program, home, expected=server.stored[number], done=done)
            cost = run_measured(command, environment=program_environment(home), log=home / "log")
            done.set()
        served = server.take_stats()
        stored = program.count(home)
        yield Sample(
            program=program.name,
            phase=phase,
            cost=cost,
            served=served,
            void=_find_fault(program, cost, stored=stored, expected=server.stored[number])
            or (f"{served['full']} feeds sent again" if phase == WARM and served.get("full") else ""),
            stored_after=stored_after.result(),
        )


def _find_fault(program: Program, cost: Cost, *, stored: int, expected: int) -> str:
    if cost.code not in (0, program.partial):
        return f"exit code {cost.code}"
    return "" if stored == expected else f"{stored} of {expected} entries stored"


def _watch(program: Program, home: Path, *, expected: int, done: threading.Event) -> float | None:
    """The seconds after which every entry was stored, or None when that never was before `done`."""
    start = time.perf_counter()
    while not done.wait(_WATCH_SECONDS):
        if program.count(home) >= expected:
            return time.perf_counter() - start
    return None


def _list_rows(programs: Sequence[Program], samples: Sequence[Sample]) -> Iterator[list[str]]:
    for phase in _TOLD:
        ours = _walls(samples, "veille", phase)
        for program in programs:
            of_one = [sample for sample in samples if (sample.program, sample.phase) == (program.name, phase)]
            faults = sorted({sample.void for sample in of_one if sample.void})
            if faults:
                yield [phase, program.name, f"void: {'; '.join(faults)}", "", "", "", "", ""]
                continue
            theirs, served = _walls(samples, program.name, phase), of_one[-1].served
            yield [
                phase,
                program.name,
                describe(theirs),
                describe(sample.cost.cpu for sample in of_one),
                describe((sample.cost.peak_mb for sample in of_one), digits=0),
                f"{served.get('requests', 0)} ({served.get('not_modified', 0)})",
                f"{served.get('bytes', 0) / 1e6:.1f}",
                f"{median(ours) / median(theirs):.2f}" if ours else "",
            ]


def _walls(samples: Sequence[Sample], program: str, phase: str) -> list[float]:
    chosen = [sample for sample in samples if (sample.program, sample.phase) == (program, phase)]
    return [] if any(sample.void for sample in chosen) else [sample.cost.wall for sample in chosen]


def _list_remarks(samples: Sequence[Sample]) -> Iterator[str]:
    ours = {phase: _walls(samples, "veille", phase) for phase in _TOLD}
    if ours[WARM] and ours[USUAL]:
        ratio = median(ours[USUAL]) / median(ours[WARM])
        yield f"veille, a usual morning against all 304: {ratio:.2f} x."
    stored = [
        sample.stored_after for sample in samples if sample.program == "veille" and sample.stored_after is not None
    ]
    if stored:
        yield f"veille, cold: every entry that can be had was stored after {describe(stored, digits=1)} s."


if __name__ == "__main__":
    main()
