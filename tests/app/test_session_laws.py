"""Laws of sessions: whatever is done and undone, the state before comes back; what was acknowledged survives a kill."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sittings import DRIVER, dump, fill
from veille.app.home import open_home
from veille.app.session import Action, act, leave, open_session, undo

if TYPE_CHECKING:
    from pathlib import Path

_KILLS = 100
_VALUES = {
    "note": st.sampled_from(["", "à suivre", "deux\nlignes", "  "]),
    "tag": st.sampled_from(["marque", "-marque", "crise"]),
    "move": st.sampled_from(["up", "down"]),
}
_ACTIONS = st.sampled_from(get_args(Action)).flatmap(
    lambda what: st.tuples(st.just(what), st.integers(0, 3), _VALUES.get(what, st.just("")))
)


@pytest.mark.usefixtures("home")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(_ACTIONS, max_size=6), then=st.lists(_ACTIONS, min_size=1, max_size=12))
def test_as_many_undos_as_actions_bring_back_the_state_before(
    first: list[tuple[Action, int, str]], then: list[tuple[Action, int, str]]
) -> None:
    with open_home() as home:
        if not home.db.execute("SELECT count(*) FROM stories").fetchone()[0]:
            fill(4)
        for table in ("sessions", "marks", "notes", "story_tags"):
            home.db.execute(f"DELETE FROM {table}")
        session = open_session(home)
        for what, index, value in first:
            act(session, what, session.slots[index].story_id, value)
        before = dump(home.db)
        for what, index, value in then:
            act(session, what, session.slots[index].story_id, value)
        for _ in then:
            undo(session)
        assert dump(home.db) == before
        leave(session)


def test_no_action_is_lost_at_a_hundred_kills(home: Path) -> None:
    """Each child is killed at a moment of its own; what it had said to be done must be there, whole."""
    fill(6)
    chance = random.Random(6)  # noqa: S311 - moments, no secrets
    done = 0
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdin
        assert driver.stdout
        for number in range(_KILLS):
            driver.stdin.write(f"{number}\n")
            driver.stdin.flush()
            said: list[list[str]] = []
            child = 0
            while not (child and said):
                line = driver.stdout.readline().split()
                assert line, "the driver ended"
                if line[0] == "child":
                    child = int(line[1])
                else:
                    said.append(line)
            time.sleep(chance.random() * 0.03)
            os.kill(child, signal.SIGKILL)
            while (line := driver.stdout.readline().split()) != ["gone"]:
                assert line, "the driver ended"
                said.append(line)
            done += check_stored(home, number, said)
        driver.stdin.close()
    assert done > _KILLS


def check_stored(home: Path, number: int, said: list[list[str]]) -> int:
    """Every action that was acknowledged is stored with its mark, and at most one more; how many there were."""
    acknowledged = [tuple(line) for line in said if len(line) == 3 and line[2].startswith(f"{number}-")]
    db = sqlite3.connect(home / "veille.db")
    try:
        stored = db.execute(
            "SELECT what, story_id, value FROM session_actions WHERE value LIKE ? ORDER BY id", (f"{number}-%",)
        ).fetchall()
        told = [(what, str(story_id), value) for what, story_id, value in stored]
        assert told[: len(acknowledged)] == acknowledged
        assert len(told) <= len(acknowledged) + 1
        for what, story_id, value in stored[-1:]:
            check_last(db, what, story_id, value)
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    finally:
        db.close()
    return len(acknowledged)


def check_last(db: sqlite3.Connection, what: str, story_id: int, value: str) -> None:
    """The mark and the slot of the last action are there with it."""
    marks = "SELECT {} FROM marks WHERE story_id = ?"
    wanted = {
        "star": (marks.format("starred_at IS NOT NULL"), 1),
        "unstar": (marks.format("starred_at IS NULL"), 1),
        "read": (marks.format("read_at IS NOT NULL"), 1),
        "done": (marks.format("read_at IS NOT NULL"), 1),
        "unread": (marks.format("read_at IS NULL"), 1),
        "kill": (marks.format("killed_at IS NOT NULL"), 1),
        "later": (marks.format("later_at IS NOT NULL"), 1),
        "note": ("SELECT text FROM notes WHERE story_id = ?", value),
        "tag": ("SELECT max(tag = ?2) FROM story_tags WHERE story_id = ?1", 1),
        "pick": (marks.format("1"), 1),
    }
    sql, expected = wanted[what]
    assert db.execute(sql, (story_id, value)[: 2 if "?2" in sql else 1]).fetchone() == (expected,)
    states = {"read": "done", "done": "done", "unread": "todo", "kill": "killed", "later": "later"}
    if what in states:
        rows = db.execute("SELECT state FROM session_slots WHERE story_id = ?", (story_id,)).fetchall()
        assert rows == [(states[what],)]


def test_the_book_of_actions_holds_what_each_replaced(home: Path) -> None:
    fill(2)
    with open_home() as opened:
        session = open_session(opened, budget=timedelta(minutes=30))
        act(session, "star", session.slots[0].story_id)
        leave(session)
    db = sqlite3.connect(home / "veille.db")
    (before,) = db.execute("SELECT before FROM session_actions").fetchone()
    db.close()
    assert json.loads(before) == {"starred_at": None, "row": False, "slots": [], "place": 0}
