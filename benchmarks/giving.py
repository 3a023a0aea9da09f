"""What it costs to back up, restore, export and import an archive: a number of entries in, a table out.

python benchmarks/giving.py [--entries 100000]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from archive import fill_archive
from measure import clean_environment, describe_machine, run_measured, write_table

VEILLE = (sys.executable, "-m", "veille")


def main() -> None:
    """Make the archive, run each command once, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory)
        home, other, backups, lines = base / "home", base / "other", base / "backups", base / "all.jsonl"
        home.mkdir()
        fill_archive(home, entries=entries)
        commands = {
            "nothing (`feeds`)": (home, ("feeds", "--json")),
            "`backup`": (home, ("backup", str(backups))),
            "`restore --force`": (home, ("restore", "--force")),
            "`export --all`": (home, ("export", "--all", "-o", str(lines))),
            "`import` of it": (other, ("import", str(lines))),
        }
        rows = []
        for name, (place, arguments) in commands.items():
            last = [str(next(backups.iterdir()))] if arguments[0] == "restore" else []
            environment = clean_environment(base) | {"VEILLE_HOME": str(place)}
            cost = run_measured((*VEILLE, *arguments, *last), environment=environment, log=base / "log")
            if cost.code:
                sys.exit((base / "log").read_text("utf-8"))
            rows.append((name, f"{cost.wall:.1f} s", f"{cost.cpu:.1f} s", f"{cost.peak_mb:.0f} MB"))
        sizes = (home / "veille.db").stat().st_size, lines.stat().st_size
    print(describe_machine())
    print(f"{entries:,} entries: a database of {sizes[0] / 1e6:.0f} MB, an export of {sizes[1] / 1e6:.0f} MB")
    print(write_table(("command", "wall", "processor", "peak"), rows))


if __name__ == "__main__":
    main()
