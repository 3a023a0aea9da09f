"""Faults that can be put to any reader of feeds: each to veille, newsboat and reader alike, on the same feeds.

In: a program (`peers.py`) and a directory. Out: a Toll. After each fault the database is looked at by SQLite, the
program's own fetch runs once more, and what is published must be there once.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from killing import LostError, Toll, expect, must
from ordeals import Stand
from peers import program_environment
from publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from peers import Program

_FEEDS = 8
_WAIT = 120
_GUIDS = {"veille": "guid", "newsboat": "guid", "reader": "id"}


@dataclass(kw_only=True)
class Rival:
    """A program with a home, and what it has stored when all was well."""

    program: Program
    home: Path
    stand: Stand
    kept: set[str] = field(default_factory=set)

    @property
    def database(self) -> Path:
        """Its file."""
        return self.home / self.program.database

    def start(self) -> subprocess.Popen[bytes]:
        """Its fetch, running."""
        return subprocess.Popen(
            self.program.fetch(self.home, True),
            env=program_environment(self.home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def fetch(self) -> tuple[int, str, float]:
        """One whole fetch: exit code (-9 when it never ended), what it said, seconds."""
        began = time.monotonic()
        code, said = finish(self.start())
        return code, said, time.monotonic() - began

    def read(self) -> set[str]:
        """What is stored, once each; sqlite3.Error when SQLite finds a fault in it."""
        with closing(sqlite3.connect(self.database, timeout=10)) as db:
            found = db.execute("PRAGMA integrity_check").fetchall()
            if found != [("ok",)]:
                raise sqlite3.DatabaseError(str(found[0][0]))
            guids = [guid for (guid,) in db.execute(f"SELECT {_GUIDS[self.program.name]} FROM {self.program.table}")]
        must(len(guids) == len(set(guids)), "entries are there twice")
        must(self.kept <= set(guids), f"{len(self.kept - set(guids))} entries of an earlier fetch are gone")
        return set(guids)

    def recover(self) -> float:
        """One more fetch after a fault; seconds. Raises LostError, AssertionError, sqlite3.Error."""
        self.read()
        code, said, seconds = self.fetch()
        expect(code == 0, f"exit code {code}: {said[-200:]}")
        missing = self.stand.wanted() - self.read()
        must(not missing, f"{len(missing)} entries do not come with the next fetch")
        self.kept = self.read()
        return seconds


@contextlib.contextmanager
def prepare(program: Program, home: Path) -> Iterator[Rival]:
    """A home of its own that has fetched its feeds, with a server of its own."""
    home.mkdir(exist_ok=True)
    with Publisher() as publisher:
        rival = Rival(program=program, home=home, stand=Stand(publisher, feeds=_FEEDS))
        program.prepare(home, rival.stand.urls)
        # newsboat keeps validators from its second fetch on.
        for _ in range(2):
            rival.fetch()
        rival.recover()
        yield rival


def finish(process: subprocess.Popen[bytes], after: float = _WAIT) -> tuple[int, str]:
    """Its exit code and its words; killed when it has not ended after so many seconds."""
    try:
        said, _ = process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    return process.returncode, said.decode("utf-8", "replace").strip()


def judge(toll: Toll, rival: Rival) -> None:
    """Count one fault by what comes after it: one more fetch, and everything is there."""
    toll.tried += 1
    try:
        toll.longest = max(toll.longest, rival.recover())
    except LostError as error:
        toll.lost += 1
        toll.troubles.append(str(error))
    except (AssertionError, sqlite3.Error) as error:
        toll.troubles.append(str(error))
    else:
        toll.survived += 1
        return
    _settle(rival)


def kill_fetches(rival: Rival, kills: int) -> Toll:
    """SIGKILL at random instants of a whole fetch, the start of the program included."""
    chance = random.Random(1)
    rival.stand.turn()
    toll = Toll(usual=rival.recover())
    while toll.tried < kills:
        rival.stand.turn()
        code, _ = finish(rival.start(), chance.uniform(0, toll.usual))
        if code == -signal.SIGKILL:
            judge(toll, rival)
        else:
            rival.recover()
    return toll


def fetch_twice(rival: Rival, times: int) -> Toll:
    """Two fetches started at once."""
    toll = Toll()
    for _ in range(times):
        rival.stand.turn()
        both = [rival.start(), rival.start()]
        ends = [finish(one) for one in both]
        _check_ends(toll, ends)
        judge(toll, rival)
    return toll


def hold_reading(rival: Rival, times: int) -> Toll:
    """A foreign reader (as Datasette is) that keeps a read transaction open during the whole fetch."""
    toll = Toll()
    for _ in range(times):
        rival.stand.turn()
        with closing(sqlite3.connect(f"file:{rival.database}?mode=ro", uri=True, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute(f"SELECT count(*) FROM {rival.program.table}").fetchone()
            _check_ends(toll, [finish(rival.start())])
            reader.execute("ROLLBACK")
        judge(toll, rival)
    return toll


def hold_writing(rival: Rival, times: int, *, seconds: float) -> Toll:
    """A foreign writer that holds its lock for so long, from the moment at which the fetch starts."""
    toll = Toll()
    for _ in range(times):
        rival.stand.turn()
        with closing(sqlite3.connect(rival.database, isolation_level=None, check_same_thread=False)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            timer = threading.Timer(seconds, writer.execute, ["ROLLBACK"])
            timer.start()
            _check_ends(toll, [finish(rival.start())])
            timer.join()
        judge(toll, rival)
    return toll


def fill_disk(rival: Rival, times: int) -> Toll:
    """A disk with less and less room left; room is made after. `rival` lives on a tmpfs."""
    toll = Toll()
    for number in range(times):
        rival.stand.turn()
        used = _used(rival.home)
        resize(rival.home, used + (number * 8 << 10))
        code, said = finish(rival.start())
        resize(rival.home, 64 << 20)
        _check_ends(toll, [(code, said)])
        judge(toll, rival)
    return toll


def make_read_only(rival: Rival, times: int) -> Toll:
    """A file system that nothing can be written to."""
    toll = Toll()
    for _ in range(times):
        rival.stand.turn()
        _remount(rival.home, "ro")
        ends = [finish(rival.start())]
        _remount(rival.home, "rw")
        _check_ends(toll, ends)
        judge(toll, rival)
    return toll


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[bool]:
    """A file system in memory; False where none can be made."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)]
    made = subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", "-l", place], check=True)


def resize(place: Path, size: int) -> None:
    """Give a file system in memory another size, in bytes."""
    _remount(place, f"size={size}")


def _remount(place: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", place], check=True, capture_output=True)


def _settle(rival: Rival) -> None:
    """After a loss, let the feeds change until all is there: the next fault is not to pay for this one."""
    for _ in range(4):
        rival.stand.turn()
        rival.fetch()
        with contextlib.suppress(AssertionError, sqlite3.Error):
            found = rival.read()
            if rival.stand.wanted() <= found:
                rival.kept = found
                return
    raise SystemExit(f"{rival.program.name} does not come back: {rival.home}")


def _used(place: Path) -> int:
    return shutil.disk_usage(place).used


def _check_ends(toll: Toll, ends: list[tuple[int, str]]) -> None:
    """A crash or a traceback is told of beside the figures; so is a failure without a word, or a lock that is named."""
    for code, said in ends:
        last = said.splitlines()[-1][:160] if said else "not a word"
        if code < 0 or (code and not said) or ("Traceback" in said and "reader" not in last and "sqlite3" not in last):
            toll.troubles.append(f"ended with {code}: {last}")
        elif "is locked" in said:
            toll.troubles.append(f"said: {last}")
