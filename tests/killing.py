"""Commands of veille that are killed, what is left looked over, and the next run measured.

In: an ordeal (`ordeals.py`), which knows what to run and what must be there after, and a way to strike. Out: a Toll.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

from running import query

if TYPE_CHECKING:
    import random
    from pathlib import Path

# It starts a child for each line that it reads, with everything imported: a kill falls on work, not on a start.
DRIVER = """
import importlib, json, os, pkgutil, sys
import sqlite_utils, veille
from veille.cli.main import run_command

for one in pkgutil.walk_packages(veille.__path__, "veille."):
    if one.name.split(".")[1] not in ("__main__", "session", "demo"):
        importlib.import_module(one.name)

def work(order):
    os.environ["VEILLE_HOME"] = order["home"]
    files = (order["stdin"], os.O_RDONLY), (order["said"], os.O_WRONLY), (order["said"], os.O_WRONLY)
    for number, (path, way) in enumerate(files):
        os.dup2(os.open(path, way | os.O_APPEND), number)
    sys.stdin = open(0, encoding="utf-8")
    code = run_command(order["arguments"])
    sys.stdout.flush()
    os._exit(code)

real = os.dup(1)
for line in sys.stdin:
    child = os.fork()
    if not child:
        work(json.loads(line))
    os.write(real, f"{child}\\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(real, f"{os.waitstatus_to_exitcode(status)}\\n".encode())
"""
_MOST_RUNS = 40


class LostError(AssertionError):
    """Something acknowledged is missing, or there twice."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A command to run, with what is typed into it."""

    arguments: tuple[str, ...]
    typed: str = ""


@dataclass(frozen=True, kw_only=True)
class Blow:
    """How it ended, and all that it said until then."""

    code: int
    said: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Strike(Protocol):
    """Run a command in a home, killed after so many seconds if they are given."""

    def __call__(self, home: Path, attempt: Attempt, *, after: float | None = None) -> Blow: ...


class Ordeal(Protocol):
    """Work that is killed again and again: `home` may change with each preparation.

    `look` is told of a run that was killed, `complete` of one that was not; both raise AssertionError.
    """

    name: str
    home: Path

    def prepare(self) -> Attempt: ...
    def look(self, blow: Blow) -> None: ...
    def complete(self, blow: Blow) -> None: ...


@dataclass
class Toll:
    """Faults tried, survived, lost; seconds of the longest recovery and of an undisturbed run; what was wrong."""

    tried: int = 0
    survived: int = 0
    lost: int = 0
    longest: float = 0.0
    usual: float = 0.0
    troubles: list[str] = field(default_factory=list)


class Victims:
    """A process that starts commands to be killed."""

    def __init__(self, scratch: Path) -> None:
        self.typed, self.said = scratch / "typed", scratch / "said"
        self.process = subprocess.Popen([sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:
            assert self.process.stdin
            self.process.stdin.close()

    def strike(self, home: Path, attempt: Attempt, *, after: float | None = None) -> Blow:
        assert self.process.stdin
        self.typed.write_text(attempt.typed, "utf-8")
        self.said.write_bytes(b"")
        order = {
            "home": str(home),
            "arguments": attempt.arguments,
            "stdin": str(self.typed),
            "said": str(self.said),
        }
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        child = self._read()
        if after is not None:
            time.sleep(after)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        code = self._read()
        said = self.said.read_text("utf-8", "replace")
        assert "Traceback" not in said, said
        return Blow(code=code, said=said)

    def _read(self) -> int:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the process that starts commands has ended"
        return int(line)


def strike_program(home: Path, attempt: Attempt, *, after: float | None = None) -> Blow:
    """The same of the program as users start it, Python's own start included."""
    with subprocess.Popen(
        [sys.executable, "-m", "veille", *attempt.arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"VEILLE_HOME": str(home)},
    ) as process:
        said = b""
        try:
            said, _ = process.communicate(attempt.typed.encode(), timeout=after)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
    assert b"Traceback" not in said, said
    return Blow(code=process.returncode, said=said.decode("utf-8", "replace"))


def check_database(home: Path) -> None:
    """It opens, and SQLite finds no fault in it."""
    with closing(sqlite3.connect(home / "veille.db", timeout=10)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def check_all_is_well(home: Path, strike: Strike) -> None:
    """The doctor finds nothing wrong: indexes, words, orphans."""
    blow = strike(home, Attempt(arguments=("doctor", "--offline", "--json")))
    findings = json.loads(blow.said)["findings"]
    bad = [one for one in findings if one["severity"] == "error" or one["id"] in ("indexes", "words", "orphans")]
    assert not bad, bad


def endure(ordeal: Ordeal, strike: Strike, chance: random.Random, *, kills: int, recover: Strike | None = None) -> Toll:
    """Kill the ordeal's command at so many random instants, each followed by a run that is let live (`recover`).

    What is wrong after a kill is counted and told, and the next kill is tried.
    """
    recover = recover or strike
    toll = Toll(usual=_measure(ordeal, strike))
    for _ in range(kills * _MOST_RUNS):
        if toll.tried == kills:
            break
        attempt = ordeal.prepare()
        blow = strike(ordeal.home, attempt, after=chance.uniform(0, toll.usual))
        toll.tried += blow.killed
        try:
            if blow.killed:
                toll.longest = max(toll.longest, _recover(ordeal, attempt, blow, recover))
            else:
                ordeal.complete(blow)
        except (AssertionError, sqlite3.Error) as error:
            toll.lost += isinstance(error, LostError)
            toll.troubles.append(f"{ordeal.name}: {error}")
        else:
            toll.survived += blow.killed
    assert toll.tried == kills, f"only {toll.tried} runs were killed"
    check_all_is_well(ordeal.home, strike)
    return toll


def _measure(ordeal: Ordeal, strike: Strike) -> float:
    """How long an undisturbed run takes: the second one, for the first may have more to do."""
    seconds = 0.0
    for _ in range(2):
        attempt = ordeal.prepare()
        began = time.monotonic()
        blow = strike(ordeal.home, attempt)
        seconds = time.monotonic() - began
        ordeal.complete(blow)
    return seconds


def _recover(ordeal: Ordeal, attempt: Attempt, blow: Blow, recover: Strike) -> float:
    """Look at what a kill left, and run the same again: the seconds until the work is done."""
    if (ordeal.home / "veille.db").exists():
        check_database(ordeal.home)
    ordeal.look(blow)
    began = time.monotonic()
    again = recover(ordeal.home, attempt)
    seconds = time.monotonic() - began
    check_database(ordeal.home)
    ordeal.complete(again)
    return seconds


def expect(so: object, what: object) -> None:
    """Raise AssertionError unless it is so: something went wrong, and nothing was lost."""
    if not so:
        raise AssertionError(what)


def must(so: object, what: object) -> None:
    """Raise LostError unless it is so."""
    if not so:
        raise LostError(what)


def must_equal(found: object, wanted: object, what: str) -> None:
    """Raise LostError unless both are the same."""
    must(found == wanted, f"{what}: {found!r} instead of {wanted!r}")


def column(home: Path, sql: str, *values: object) -> list[object]:
    """The first column of what a database answers."""
    return [row[0] for row in query(home, sql, *values)]
