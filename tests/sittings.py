"""A veille with stories to read in a session, and the script of a child process that drives one until it is killed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stored import entry, fold, store, subscribe
from veille.app.home import open_home, read_clock

if TYPE_CHECKING:
    from pathlib import Path

    from veille.store.db import Db

# Words that no two titles share: each entry is a story of its own.
_WORDS = (
    "usine decret crise boycott plainte algue navire avion musique forage tramway horoscope piscine cantine verger"
    " glacier bourse grippe satellite voirie"
).split()

# It starts a child for each line that it reads: everything is imported by then. The child says what it has done, a
# line each, once that is on disk.
DRIVER = """
import os, random, sys
from datetime import timedelta
from veille.app.home import open_home
from veille.app.session import act, open_session, tick, undo
from veille.app import planning, ledger  # noqa: F401

def say(*words):
    # One write for a line: a pipe takes it whole or not at all, however Python is told to buffer.
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def work(seed):
    chance = random.Random(seed)
    with open_home() as home:
        session = open_session(home, budget=timedelta(hours=2))
        say("open")
        for number in range(100000):
            story = chance.choice(session.slots).story_id
            what = chance.choice(["star", "unstar", "note", "read", "unread", "kill", "later", "tag", "pick", "done"])
            tick(session, chance.random(), story)
            act(session, what, story, f"{seed}-{number}")
            say(what, story, f"{seed}-{number}")

for line in sys.stdin:
    child = os.fork()
    if not child:
        work(int(line))
    say("child", child)
    os.waitpid(child, 0)
    say("gone")
"""


def publish(db: Db, number: int = 8, *, feed: str = "gazette", hours: float = 0, words: int = 200) -> int:
    """Store so many stories of one feed, of as many words each; the feed's id."""
    feed_id = subscribe(db, feed)
    now = read_clock() - timedelta(hours=hours)
    texts = [f"<p>{'mot ' * words}</p>"] * number
    made = [
        entry(
            f"{feed}-{index}", f"{_WORDS[index].title()} {feed} {index}", published_at=now, language="fr", content=text
        )
        for index, text in enumerate(texts)
    ]
    store(db, feed_id, *made, now=now)
    fold(db)
    return feed_id


def fill(number: int = 8, **values: Any) -> None:
    """The same in the veille of the environment."""
    with open_home() as home:
        publish(home.db, number, **values)


def dump(db: Db) -> dict[str, list[tuple[Any, ...]]]:
    """All that a session can change of stories and of its own plan."""
    tables = {
        "marks": "SELECT * FROM marks ORDER BY story_id",
        "notes": "SELECT * FROM notes ORDER BY story_id",
        "tags": "SELECT * FROM story_tags ORDER BY story_id, tag",
        "slots": "SELECT * FROM session_slots ORDER BY session_id, place",
        "places": "SELECT id, place FROM sessions ORDER BY id",
    }
    return {name: [tuple(row) for row in db.execute(sql)] for name, sql in tables.items()}


def configure(home: Path, **values: object) -> None:
    """Write `[session]` of config.toml."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    (home / "config.toml").write_text("\n".join(["[session]", *lines]) + "\n", encoding="utf-8")
