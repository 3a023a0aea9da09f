"""Senders killed at random instants: nothing is lost, and what comes twice can be told to be the same."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from postbox import Hook, Postbox
from veille.app.home import open_home
from veille.app.outbox import Delivery, list_queued, queue
from veille.show.mail import Letter, render_notice
from veille.store.db import write
from veille.store.outbox import UNDER_WAY

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
KILLS, MESSAGES = 40, 150
# Sends all that waits; says when it begins, so that a kill falls between there and its end.
SENDER = """
import sys
from veille.app.delivering import Deliverer
from veille.app.home import open_home, read_clock
from veille.app.outbox import flush, retry
import veille.send.smtp, veille.send.post, veille.send.command
with open_home() as home:
    print("ready", flush=True)
    retry(home, now=read_clock())
    done = flush(home, now=read_clock())
sys.exit(0 if all(one.delivered for one in done) else 3)
"""


def mail(number: int) -> Delivery:
    key, to = f"digest:matin:{number}:a@example.org", "a@example.org"
    head = Letter(key=key, series="matin", subject=f"n° {number}", sender="v@example.org", to=to, written_at=NOW)
    return Delivery(key=key, way="mail", target=to, subject=head.subject, body=render_notice(head, "Bonjour.\n" * 500))


def others(number: int) -> list[Delivery]:
    return [
        Delivery(key=f"alert:{number}:webhook", way="webhook", target="x", subject="s", body=b'{"n": %d}' % number),
        Delivery(key=f"alert:{number}:file", way="file", target="x", subject="s", body=b"message %d\n" % number * 50),
    ]


def start() -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", SENDER], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def kill_some(home: Path, chance: random.Random) -> int:
    """Kill senders until so many died of it; how many rows were under way then."""
    killed = caught = 0
    while killed < KILLS:
        with open_home() as opened:
            if not list_queued(opened):
                break
        process = start()
        time.sleep(chance.uniform(0, 0.08))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode == -signal.SIGKILL:
            killed += 1
        with open_home() as opened:
            # Tries are counted anew by each sender: what was claimed once was claimed by this one.
            caught += any((one.reason, one.tries) == (UNDER_WAY, 1) for one in list_queued(opened))
    assert killed == KILLS, f"all was sent after {killed} kills"
    assert home.exists()
    return caught


def test_nothing_is_lost_and_doubles_are_known_at_forty_kills(home: Path) -> None:
    seed = time.time_ns() % 10**6
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    with Postbox() as box, Hook() as hook:
        (home / "config.toml").write_text(
            f'[mail]\nhost = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nfrom = "v@example.org"\n'
            f'[alert.x]\nwebhook = "{hook.url}/x"\nfile = "alerts.txt"\n'
        )
        with open_home() as opened, write(opened.db):
            for number in range(MESSAGES):
                queue(opened.db, [mail(number), *others(number)], now=NOW)
        caught = kill_some(home, random.Random(seed))  # noqa: S311 - instants, not secrets
        last = start()
        last.communicate(timeout=120)
        assert last.returncode == 0
        by_id = Counter(str(one["Message-ID"]) for one in box.messages)
        posted = Counter(headers["Idempotency-Key"] for _, headers, _ in hook.taken)
    with open_home() as opened:
        assert [one.state for one in list_queued(opened, sent=True)] == ["sent"] * 3 * MESSAGES
    subjects = {str(one["Subject"]) for one in box.messages}
    assert subjects == {f"n° {number}" for number in range(MESSAGES)}
    assert len(by_id) == len(posted) == MESSAGES
    # The file can be looked at before it is written to: there nothing comes twice.
    lines = Counter((home / "alerts.txt").read_text().splitlines())
    assert lines == Counter({f"message {number}": 50 for number in range(MESSAGES)})
    doubled = sum(by_id.values()) + sum(posted.values()) - 2 * MESSAGES
    print(f"{KILLS} kills, {caught} of them while a message was under way, {doubled} messages came twice")  # noqa: T201
    # Without a kill in the midst of a sending this would show nothing.
    assert caught
    assert doubled <= KILLS
