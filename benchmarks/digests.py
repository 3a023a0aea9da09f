"""What writing a digest costs as a whole process: 200 stories of a large archive, in each form.

In: how many entries. Out: Markdown, in ratios to a bare start of Python in the same run; exit code 1 when a target is
missed. The window is a day: some 5,000 entries are ranked for it. A digest without its 200 stories is void.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from archive import fill_archive, write_rules
from measure import describe, describe_machine, run_measured, write_table
from peers import program_environment, veille_command

_RULES, _STORIES = 50, 200
# Starts of bare Python asked of each form; None: nothing is.
_TARGETS = {"md": 40.0, "html": 60.0, "txt": None, "json": None, "atom": None, "jsonfeed": None, "eml": None}
_BARE = "python -c pass"


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="veille-digests-") as directory:
        home = Path(directory)
        fill_archive(home, entries=options.entries)
        write_rules(home, count=_RULES)
        environment = program_environment(home)
        commands = {_BARE: [sys.executable, "-c", "pass"]}
        commands |= {form: _write_command(form) for form in _TARGETS}
        # The rules are matched once, by what comes first.
        _check(commands["json"], environment)
        costs: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.runs):
            for name, command in commands.items():
                cost = run_measured(command, environment=environment, log=home / "log")
                if cost.code:
                    sys.exit(f"{name}: exit code {cost.code}")
                costs[name].append(cost.wall)
    bare = median(costs[_BARE])
    missed = False
    rows = []
    for name, walls in costs.items():
        target = _TARGETS.get(name)
        missed = missed or (target is not None and median(walls) > target * bare)
        times = describe([wall * 1000 for wall in walls], digits=0)
        rows.append([name, times, f"{median(walls) / bare:.1f}", f"{target:g}" if target else ""])
    print(f"## A digest of {_STORIES} stories: {options.entries:,} entries, {_RULES} rules\n\n{describe_machine()}.\n")
    print(write_table(("form", f"ms, median of {options.runs} (least-most)", "x bare Python", "asked"), rows))
    sys.exit("a target is missed" if missed else 0)


def _write_command(form: str) -> list[str]:
    """The digest on standard output, with what earlier ones have carried: each run does the same work."""
    return veille_command("digest", "mesure", "-n", str(_STORIES), "--repeat", "--format", form, "-o", "-")


def _check(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    stories = len(json.loads(done.stdout)["stories"])
    if stories != _STORIES:
        sys.exit(f"{stories} stories instead of {_STORIES}: nothing to measure")


if __name__ == "__main__":
    main()
