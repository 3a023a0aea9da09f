"""Stories that no two words join, and the script of a child process that writes digests until it is killed."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stored import entry, fold, store, subscribe
from veille.app.home import open_home, read_clock
from veille.store.feeds import list_feeds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.store.db import Db

# It starts a child for each line that it reads: arguments of veille, and before which step (the n-th call of SQLite,
# or of the system to change a file) the child kills itself, 0 for never. Everything is imported by then.
DRIVER = """
import json, os, signal, sys
from veille.cli.main import run_command
from veille.app import compose, health, letters, outputs, publish  # noqa: F401
from veille.cli import digestlist, digests, outbox  # noqa: F401
from veille.show import issuerecord, phrases, records, rendering  # noqa: F401

QUERIES, CHANGES = {"execute", "executemany"}, {"fsync", "replace", "rename", "unlink", "chmod"}
STEPS = {(name, "sqlite3") for name in QUERIES} | {(name, "posix") for name in CHANGES}

def say(*words):
    # One write for a line: a pipe takes it whole or not at all, however Python is told to buffer.
    os.write(real, (" ".join(map(str, words)) + "\\n").encode())

def is_step(call):
    if call.__name__ in QUERIES:
        return any((call.__name__, kind.__module__) in STEPS for kind in type(call.__self__).__mro__)
    return (call.__name__, call.__module__) in STEPS

def work(arguments, last):
    done = [0]
    def count(frame, event, arg):
        if event == "c_call" and is_step(arg):
            done[0] += 1
            if done[0] == last:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(count)
    code = run_command(arguments)
    sys.setprofile(None)
    say("ended", code, done[0])
    os._exit(0)

real = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
for line in sys.stdin:
    arguments, last = json.loads(line)
    child = os.fork()
    if not child:
        work(arguments, last)
    say("child", child)
    os.waitpid(child, 0)
    say("gone")
"""

_LETTERS = "bcdfgklmnprstvz", "aeiou"


def make_titles(seed: int) -> Iterator[str]:
    """Titles without end, of words that no language has and that come once."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    while True:
        words = ("".join(chance.choice(_LETTERS[place % 2]) for place in range(9)) for _ in range(5))
        yield " ".join(words).capitalize()


def publish(db: Db, *titles: str, feed: str = "gazette", hours: float = 0, **values: Any) -> list[int]:
    """Store a story of one feed for each title, published now or some hours ago; the numbers of their entries."""
    known = {one.subscription.url: one.id for one in list_feeds(db)}
    feed_id = known.get(f"http://{feed}.example/feed") or subscribe(db, feed)
    now = read_clock()
    given = {"published_at": now - timedelta(hours=hours), "language": "fr", "content": f"<p>{'mot ' * 100}</p>"}
    made = [entry(f"{feed}-{title}", title, **(given | values)) for title in titles]
    store(db, feed_id, *made, now=now)
    fold(db)
    guids = json.dumps([one.guid for one in made])
    rows = db.execute("SELECT id FROM entries WHERE guid IN (SELECT value FROM json_each(?)) ORDER BY id", (guids,))
    return [number for (number,) in rows]


def add_stories(*titles: str, **values: Any) -> list[int]:
    """The same in the veille of the environment."""
    with open_home() as home:
        return publish(home.db, *titles, **values)


def read_issues(folder: Path) -> dict[str, list[int]]:
    """The JSON issues of a folder by file name, each with its stories: every file is whole, or this fails."""
    return {
        path.name: [story["id"] for story in json.loads(path.read_text("utf-8"))["stories"]]
        for path in sorted(folder.glob("*.json"))
    }
