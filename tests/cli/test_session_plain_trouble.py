"""`veille session --plain` when something goes wrong meanwhile: a line for each trouble, nothing unheard marked."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from sittings import fill
from veille.app.home import open_home
from veille.app.subscribe import remove
from veille.store.db import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.conftest import Run

pytestmark = pytest.mark.usefixtures("home")


class Talk:
    """A session in a process of its own, asked and answered line by line."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "veille", "session", "--plain"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def hear(self) -> str:
        """What is said until the next question, or the end."""
        assert self.process.stdout
        said = b""
        while not said.endswith(b"> ") and (one := self.process.stdout.read(1)):
            said += one
        return said.decode()

    def say(self, line: str) -> str:
        """Answer, and hear what comes."""
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()
        return self.hear()


@contextlib.contextmanager
def talking() -> Iterator[Talk]:
    """A session by lines, at its first question."""
    talk = Talk()
    try:
        assert talk.hear().endswith("> ")
        yield talk
    finally:
        talk.process.kill()
        talk.process.communicate()


def purge(feed: str) -> None:
    with open_home() as home:
        remove(home, f"http://{feed}.example/feed", purge=True)


def read_titles() -> set[str]:
    with open_home() as home:
        rows = home.db.execute(
            "SELECT e.title FROM entries AS e JOIN marks AS m ON m.story_id = e.story_id WHERE m.read_at IS NOT NULL"
        )
        return {title for (title,) in rows}


def test_the_story_after_one_that_has_gone_is_told_before_anything_is_asked() -> None:
    for feed in ("aaa", "bbb", "ccc"):
        fill(1, feed=feed)
    with talking() as talk:
        titles = [line.partition(": ")[2] for line in talk.say("p").splitlines()[1:3]]
        purge(titles[0].split()[1])
        said = talk.say("j")
        assert "has gone with its feed" in said
        assert "story 2 of 2" in said
        assert titles[1] in said
        assert talk.say("").startswith(f"done: {titles[1]}\n")
        assert read_titles() == {titles[1]}


def test_the_story_before_the_last_that_has_gone_is_told_again() -> None:
    for feed in ("aaa", "bbb"):
        fill(1, feed=feed)
    with talking() as talk:
        titles = [line.partition(": ")[2] for line in talk.say("p").splitlines()[:2]]
        purge(titles[1].split()[1])
        said = talk.say("j")
        assert "story 1 of 1" in said
        assert titles[0].removesuffix(", in hand") in said


@pytest.mark.parametrize("line", ["", "j", "a"])
def test_a_plan_that_has_gone_as_a_whole_ends_the_session_well(line: str) -> None:
    fill(2)
    with talking() as talk:
        purge("gazette")
        said = talk.say(line)
        assert said.endswith("nothing of the plan is left: `veille session` plans another\n")
        assert talk.process.wait(10) == 0


def test_a_locked_database_is_told_and_the_session_goes_on(home: Path) -> None:
    (home / "config.toml").write_text('[store]\nbusy_timeout = "0s"\n', "utf-8")
    fill(2)
    with talking() as talk:
        with open_home() as other, write(other.db):
            said = talk.say("s")
            # Time is stored every two seconds: a clock that cannot be is told before what was asked for.
            time.sleep(2.1)
            plan = talk.say("p")
        locked = "another program has been writing to it for long: try again when it is done"
        assert locked in said
        assert said.endswith("> ")
        assert locked in plan.splitlines()[0]
        assert plan.splitlines()[1].startswith("1, ")
        assert talk.say("s").startswith("starred: ")


def test_a_locked_database_is_one_line_for_a_mark(run: Run, home: Path) -> None:
    (home / "config.toml").write_text('[store]\nbusy_timeout = "0s"\n', "utf-8")
    fill(2)
    with open_home() as other, write(other.db):
        result = run("mark", "read", "1000")
    said = "another program has been writing to it for long: try again when it is done"
    assert (result.code, result.out, result.err) == (4, "", f"veille: {home / 'veille.db'}: {said}\n")


def test_rules_that_broke_meanwhile_are_told_and_the_session_is_ended(home: Path) -> None:
    fill(2)
    with talking() as talk:
        (home / "rules.toml").write_text("[[rule]\n", "utf-8")
        assert f"no scores: {home / 'rules.toml'}:1:" in talk.say("w")
        assert "mot mot" in talk.say("a")
        said = talk.say("e")
        assert said.startswith("session over: ")
        assert f"no scores: {home / 'rules.toml'}:1:" in said
        assert talk.process.wait(10) == 0
