"""Every benchmark, one after the other, on the standard output as Markdown.

In: nothing, or `--quick` for a small run that only shows that they run. Out: tables; exit code 1 when a
benchmark fails.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
_READER = ("--reader-python", "{reader}")

# Each benchmark: its file, its options, and those of the quick run (None: left out of it).
_BENCHMARKS: tuple[tuple[str, tuple[str, ...], tuple[str, ...] | None], ...] = (
    ("morning.py", _READER, (*_READER, "--feeds", "50", "--entries", "10", "--runs", "1")),
    ("morning.py", ("--latency", "--runs", "1", "--programs", "veille,newsboat"), None),
    ("desk.py", ("--full",), ("--entries", "20000", "--runs", "3")),
    ("parsing.py", (), ("--runs", "1")),
    ("stages.py", (), ("--feeds", "50", "--entries", "10")),
    ("folding.py", ("--full",), ("--quick",)),
    ("folding_speed.py", ("--full",), ("--quick",)),
    ("ranking.py", (), ()),
    ("session.py", (), ("--quick",)),
    ("session_screen.py", (), ("--entries", "20000", "--runs", "1")),
    ("digests.py", (), ("--entries", "20000", "--runs", "1")),
)


def main() -> None:
    """Run what the command line asks for; each benchmark is a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small run, for a look")
    parser.add_argument(
        "--reader-python",
        default=os.environ.get("READER_PYTHON", sys.executable),
        help="an interpreter that has `reader`; $READER_PYTHON without this option",
    )
    options = parser.parse_args()
    failed = [
        name
        for name, full, quick in _BENCHMARKS
        for chosen in [quick if options.quick else full]
        if chosen is not None and not _run(name, [option.format(reader=options.reader_python) for option in chosen])
    ]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _run(name: str, options: list[str]) -> bool:
    path = HERE / name
    if not path.exists():
        print(f"{name} is not there.\n", flush=True)
        return True
    print(f"<!-- {shlex.join([name, *options])} -->", flush=True)
    code = subprocess.run([sys.executable, str(path), *options], check=False).returncode
    print(flush=True)
    return code == 0


if __name__ == "__main__":
    main()
