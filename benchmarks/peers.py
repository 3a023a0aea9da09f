"""The programs that are compared: how each is set up, started and checked.

In: a directory and the feeds' addresses. Out: command lines, and how many entries a program has stored.
Every program gets a directory of its own and a time-out of 10 s; peers get 20 workers.
"""

from __future__ import annotations

import importlib.metadata
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from measure import clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

WORKERS = 20
TIMEOUT = 10
_PARTIAL = 3

# reader has no option for time-outs on its command line: its own interface is used instead.
_READER = f"""
import sys
from reader import make_reader
reader = make_reader(sys.argv[1], session_timeout=({TIMEOUT}, {TIMEOUT}))
if len(sys.argv) > 2:
    for line in open(sys.argv[2]):
        reader.add_feed(line.strip())
else:
    reader.update_feeds(workers={WORKERS}, scheduled=False)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program: `prepare` is not timed; `fetch` gives the command, the first time or again."""

    name: str
    version: str
    prepare: Callable[[Path, Sequence[str]], None]
    fetch: Callable[[Path, bool], list[str]]
    database: str
    table: str
    partial: int = 0

    def count(self, home: Path) -> int:
        """How many entries it has stored so far; 0 while there is no database."""
        path = home / self.database
        if not path.exists():
            return 0
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as database:
                found: int = database.execute(f"SELECT count(*) FROM {self.table}").fetchone()[0]
        except sqlite3.OperationalError:
            return 0
        return found


def run_veille(home: Path, *arguments: str) -> None:
    """Run a veille command that must succeed, untimed; its words are told only when it fails."""
    command = veille_command(*arguments)
    done = subprocess.run(command, env=program_environment(home), capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")


def veille_command(*arguments: str) -> list[str]:
    """The command line of this project's program."""
    return [sys.executable, "-m", "veille", *arguments]


def program_environment(home: Path) -> dict[str, str]:
    """What every program is started with."""
    return clean_environment(home) | {"VEILLE_HOME": str(home)}


def find_programs(names: Sequence[str], *, reader_python: str) -> list[Program]:
    """The programs asked for that are installed, veille first."""
    finders: dict[str, Callable[[], Program | None]] = {
        "veille": _find_veille,
        "newsboat": _find_newsboat,
        "reader": partial(_find_reader, reader_python),
    }
    found = [finder() for name, finder in finders.items() if name in names]
    return [program for program in found if program is not None]


def _find_veille() -> Program:
    def prepare(home: Path, urls: Sequence[str]) -> None:
        outlines = "".join(f'<outline type="rss" text="{n}" xmlUrl="{url}"/>\n' for n, url in enumerate(urls))
        (home / "feeds.opml").write_text(f'<opml version="2.0"><body>\n{outlines}</body></opml>\n')
        (home / "config.toml").write_text(f'[fetch]\ntimeout = "{TIMEOUT}s"\n')
        run_veille(home, "import", str(home / "feeds.opml"))

    return Program(
        name="veille",
        version=importlib.metadata.version("veille"),
        prepare=prepare,
        fetch=lambda _, again: veille_command("fetch", "-q", *(["--force"] if again else [])),
        database="veille.db",
        table="entries",
        partial=_PARTIAL,
    )


def _find_newsboat() -> Program | None:
    path = shutil.which("newsboat")
    if path is None:
        return None

    def prepare(home: Path, urls: Sequence[str]) -> None:
        (home / "urls").write_text("".join(f"{url}\n" for url in urls))
        settings = f"reload-threads {WORKERS}\ndownload-timeout {TIMEOUT}\nauto-reload no\n"
        (home / "config").write_text(settings)

    def fetch(home: Path, again: bool) -> list[str]:  # noqa: ARG001, FBT001 - the same command both times
        return [path, "-C", f"{home}/config", "-u", f"{home}/urls", "-c", f"{home}/cache.db", "-x", "reload"]

    said = subprocess.run([path, "-v"], capture_output=True, text=True, check=True).stdout.split()
    return Program(
        name="newsboat",
        version=said[1],
        prepare=prepare,
        fetch=fetch,
        database="cache.db",
        table="rss_item",
    )


def _find_reader(python: str) -> Program | None:
    ask = "import importlib.metadata as m; print(m.version('reader'))"
    said = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    if said.returncode:
        return None

    def prepare(home: Path, urls: Sequence[str]) -> None:
        (home / "urls").write_text("".join(f"{url}\n" for url in urls))
        command = [python, "-c", _READER, str(home / "reader.db"), str(home / "urls")]
        subprocess.run(command, env=program_environment(home), check=True)

    return Program(
        name="reader",
        version=said.stdout.strip(),
        prepare=prepare,
        fetch=lambda home, _: [python, "-c", _READER, str(home / "reader.db")],
        database="reader.db",
        table="entries",
    )
