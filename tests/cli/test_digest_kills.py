"""A digest killed at any moment: each file is a whole issue, each story is in exactly one, none is skipped."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Self

from digesting import DRIVER, add_stories, make_titles, read_issues
from running import query, veille
from veille.app.home import open_home
from veille.store.db import write


class Victims:
    """A process that starts digests to be killed, and what it says of them."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:
            assert self.process.stdin
            self.process.stdin.close()

    def digest(self, *, before_step: int = 0, after_seconds: float | None = None) -> int:
        """Run one: its exit code, or -9 when it was killed."""
        assert self.process.stdin
        order = ["digest", "matin", "--since", "last", "-n", "1000", "--format", "json", "-o", str(self.out)]
        self.process.stdin.write(json.dumps([order, before_step]).encode() + b"\n")
        self.process.stdin.flush()
        code = -9
        while (line := self._read()) != ["gone"]:
            match line:
                case ["child", number]:
                    if after_seconds is not None:
                        time.sleep(after_seconds)
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(int(number), signal.SIGKILL)
                case ["ended", said, _]:
                    code = int(said)
        return code

    def _read(self) -> list[str]:
        assert self.process.stdout
        words = self.process.stdout.readline().decode().split()
        assert words, "the process that starts digests has ended"
        return words


def check(home: Path, out: Path, wanted: set[int]) -> None:
    """Every story is in one file, and what is remembered says the same."""
    files = read_issues(out.parent)
    told = [story for stories in files.values() for story in stories]
    assert sorted(told) == sorted(wanted)
    assert sorted(told) == [story for (story,) in query(home, "SELECT story_id FROM issue_stories ORDER BY story_id")]
    numbers = [number for (number,) in query(home, "SELECT number FROM issues ORDER BY number")]
    assert numbers == list(range(1, len(files) + 1))
    assert [path for path in out.parent.iterdir() if path.suffix != ".json"] == []
    assert query(home, "SELECT 1 FROM issues WHERE published_at IS NULL") == []


def test_a_digest_killed_before_any_of_its_steps_neither_skips_nor_repeats(home: Path, tmp_path: Path) -> None:
    """Each run is killed one step later than the last, until one lives to its end."""
    out, titles = tmp_path / "out" / "{name}-%Y-%m-%d.json", make_titles(7)
    wanted: set[int] = set()
    step, ended = 0, 0
    with Victims(out) as victims:
        while ended < 3:
            step += 1
            wanted.update(add_stories(next(titles)))
            ended += victims.digest(before_step=step) == 0
        assert step > 30
        wanted.update(add_stories(*islice(titles, 2)))
        assert victims.digest() == 0
    check(home, out, wanted)


def test_a_hundred_digests_killed_at_random_neither_skip_nor_repeat(home: Path, tmp_path: Path) -> None:
    out, titles, chance = tmp_path / "out" / "{name}-%Y-%m-%d.json", make_titles(11), random.Random(3)  # noqa: S311 - the same each time
    wanted = set(add_stories(next(titles)))
    killed, runs = 0, 0
    with Victims(out) as victims:
        begun = time.monotonic()
        assert victims.digest() == 0
        usual = time.monotonic() - begun
        while killed < 100:
            wanted.update(add_stories(*islice(titles, chance.randint(1, 3))))
            killed += victims.digest(after_seconds=chance.uniform(0, usual)) == -9
            runs += 1
            assert runs < 1000
        wanted.update(add_stories(next(titles)))
        assert victims.digest() == 0
    check(home, out, wanted)


def test_what_was_cut_off_is_completed_by_the_next_run_and_told(home: Path, tmp_path: Path) -> None:
    """The same bytes in the same place, by the program itself."""
    out = tmp_path / "out" / "{number}.md"
    (story,) = add_stories("Une usine ferme")
    code, said, _ = veille("digest", "matin", "--since", "last", "-o", str(out))
    assert code == 0
    path = Path(said.strip())
    written = path.read_bytes()
    path.unlink()
    with open_home() as opened, write(opened.db):
        opened.db.execute("UPDATE issues SET published_at = NULL")
    code, said, told = veille("digest", "matin", "--since", "last", "-o", str(tmp_path / "other.md"))
    assert (code, said) == (0, "")
    assert "issue 1 of “matin” had been cut off, and is written now" in told
    assert path.read_bytes() == written
    assert query(home, "SELECT story_id FROM issue_stories") == [(story,)]
