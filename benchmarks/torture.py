"""Faults put to veille, and the same to other readers where they can be: tried, survived, lost, longest recovery.

Out: Markdown, and with `--write FILE` the part of FILE between its two markers. Ends with 1 when veille has lost
anything or has not come back from a fault. The aids of the tests must be on PYTHONPATH, as `make torture` does.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from damages import Count, harm, replace_by_others, take_log_away
from measure import describe_machine, write_table
from peers import find_programs
from rivals import (
    fetch_twice,
    fill_disk,
    hold_reading,
    hold_writing,
    kill_fetches,
    make_read_only,
    prepare,
    small_disk,
)
from torments import KILLS, TOGETHER, do_together, kill_work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from killing import Toll
    from peers import Program
    from rivals import Rival

_BEGIN, _END = "<!-- torture: begin -->\n", "<!-- torture: end -->\n"
_NAMES = ("veille", "newsboat", "reader")
# A row: its name, its share of the times, and what is done; the last two need a disk of their own.
_ROWS: tuple[tuple[str, float, Callable[[Rival, int], Toll]], ...] = (
    ("a whole fetch killed, start of the program included", 1, kill_fetches),
    ("two fetches at once", 0.2, fetch_twice),
    ("a foreign reader all the while", 0.1, hold_reading),
    ("a foreign writer for 3 s", 0.1, partial(hold_writing, seconds=3)),
    ("a foreign writer for 20 s", 0.05, partial(hold_writing, seconds=20)),
)
_DISK_ROWS: tuple[tuple[str, float, Callable[[Rival, int], Toll]], ...] = (
    ("a disk that fills up", 0.4, fill_disk),
    ("a read-only file system", 0.1, make_read_only),
)
_DAMAGE_HEADS = ("damage", "program", "tried", "no harm", "told", "unaware", "crashed", "entries salvaged")


class Report:
    """The rows as they come: cells by fault and program, damages, and what is worth a remark."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self.programs = programs
        self.cells: dict[str, dict[str, str]] = {}
        self.damages: list[tuple[str, ...]] = []
        self.remarks: Counter[tuple[str, str, str]] = Counter()
        self.fell_short = False

    def add(self, fault: str, program: str, toll: Toll) -> None:
        """One row of one program."""
        longest = f"{toll.longest:.1f} s" if toll.longest else "-"
        self.cells.setdefault(fault, {})[program] = f"{toll.tried} / {toll.survived} / {toll.lost} / {longest}"
        self._remark(fault, program, toll.troubles)
        self.fell_short |= program == "veille" and toll.survived < toll.tried
        print(f"{time.strftime('%H:%M:%S')} {program}: {fault}: {self.cells[fault][program]}", file=sys.stderr)

    def add_damage(self, damage: str, program: str, count: Count) -> None:
        """One row of the second table."""
        self.damages.append((damage, *count.row(program)))
        self._remark(damage, program, count.troubles)
        self.fell_short |= program == "veille" and bool(count.crashed)
        print(f"{time.strftime('%H:%M:%S')} {' '.join(self.damages[-1])}", file=sys.stderr)

    def write(self, *, began: float, command: str) -> str:
        """All of it as Markdown."""
        here = {program.name for program in self.programs}
        rows = [
            (fault, *(self.cells[fault].get(name, "" if name in here else "not here") for name in _NAMES))
            for fault in _list_faults()
            if fault in self.cells
        ]
        told = [
            f"- {program}, {fault}: {what}{f' ({times} times)' if times > 1 else ''}"
            for (program, fault, what), times in self.remarks.items()
        ]
        versions = "; ".join(f"{program.name} {program.version}" for program in self.programs)
        head = (
            f"{describe_machine()}, SQLite {sqlite3.sqlite_version}. {versions}. `{command}`, "
            f"{(time.monotonic() - began) / 60:.0f} minutes.\n"
        )
        parts = [head, "Tried / survived / lost / longest recovery.\n", write_table(("fault", *_NAMES), rows), ""]
        parts += ["Damaged databases, one fetch over each:\n", write_table(_DAMAGE_HEADS, self.damages), ""]
        parts += ["What was said or seen beside:\n", *(told or ["- nothing"]), ""]
        return "\n".join(parts)

    def _remark(self, fault: str, program: str, troubles: Sequence[str]) -> None:
        self.remarks.update((program, fault, what.strip().splitlines()[0][:200]) for what in troubles if what.strip())


def _list_faults() -> list[str]:
    """The rows of the first table, in order."""
    killed = [f"{name} killed at work" for name, _, _ in KILLS]
    return [*killed, *(name for name, _ in TOGETHER), *(name for name, _, _ in (*_ROWS, *_DISK_ROWS))]


def main() -> None:
    """Put all faults, print the report, and say by the exit code whether veille held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="how many of each kind; other faults in proportion")
    parser.add_argument("--programs", default=",".join(_NAMES))
    parser.add_argument("--reader-python", default=sys.executable, help="an interpreter that has `reader`")
    parser.add_argument("--write", type=Path, help="put the report between the markers of this file")
    options = parser.parse_args()
    began = time.monotonic()
    report = Report(find_programs(options.programs.split(","), reader_python=options.reader_python))
    with tempfile.TemporaryDirectory(prefix="veille-torture-") as directory:
        base = Path(directory)
        # Side by side: most of the time is spent waiting.
        with ThreadPoolExecutor(max_workers=2) as pool:
            here = any(program.name == "veille" for program in report.programs)
            alone = pool.submit(_torment_veille, report, base, options.kills if here else 0)
            for program in report.programs:
                _try_program(report, program, base, options.kills)
            alone.result()
    written = report.write(began=began, command=f"make torture KILLS={options.kills}")
    print(written)
    if options.write:
        put_between(options.write, written)
    sys.exit(report.fell_short)


def put_between(path: Path, written: str) -> None:
    """Replace what stands between the markers of a file."""
    before, begin, rest = path.read_text("utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        sys.exit(f"{path}: there is no place between {_BEGIN.strip()} and {_END.strip()}")
    path.write_text(f"{before}{begin}\n{written}\n{end}{after}", "utf-8")


def _torment_veille(report: Report, base: Path, kills: int) -> None:
    if not kills:
        return
    for number, (name, share, make) in enumerate(KILLS):
        toll = kill_work(make, base / f"kill-{number}", round(kills * share))
        report.add(f"{name} killed at work", "veille", toll)
    for name, work in TOGETHER:
        report.add(name, "veille", do_together(work, base / work.__name__, max(1, kills // 10)))


def _try_program(report: Report, program: Program, base: Path, kills: int) -> None:
    with prepare(program, base / program.name) as rival:
        for name, share, fault in _ROWS:
            report.add(name, program.name, fault(rival, max(1, round(kills * share))))
        report.add_damage("bits, pages or the end of the file", program.name, harm(rival, max(6, kills // 2)))
        report.add_damage("another file in its place", program.name, replace_by_others(rival))
        if program.name == "veille":
            report.add_damage("its log gone", program.name, take_log_away(rival.home, base))
    place = base / f"{program.name}-disk"
    with small_disk(place) as made:
        if not made:
            print("no small disk can be made here (root only): those faults are left out", file=sys.stderr)
            return
        with prepare(program, place) as rival:
            for name, share, fault in _DISK_ROWS:
                report.add(name, program.name, fault(rival, max(1, round(kills * share))))


if __name__ == "__main__":
    main()
