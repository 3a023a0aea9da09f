"""`veille alert --send` killed at random instants: each story reaches the file once."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arranging import arrange, tell
from veille.app.home import open_home
from veille.app.outbox import retry
from veille.times import from_stored

KILLS = 15
PROGRAM = (
    "import veille.cli.alerts, veille.app.alerting, veille.app.delivering, veille.send.command, veille.cli.outbox;"
    " import sys; from veille.cli.main import run; sys.argv = ['veille', 'alert', '--send', '--all'];"
    " print('ready', flush=True); run()"
)
WORDS = (
    "abricot balcon cactus dauphin écluse fanfare girafe hameau igloo jardin képi lavande manège navet orage".split()
)


def start() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("seed", [time.time_ns() % 10**6])
def test_each_story_is_sent_once_however_often_the_alert_is_killed(home: Path, seed: int) -> None:
    arrange(home)
    (home / "config.toml").write_text('[alert.x]\nquery = "enquête"\nfile = "alerts.txt"\ntogether = false\n')
    chance = random.Random(seed)  # noqa: S311 - instants, no secrets
    killed = 0
    for word in WORDS[:KILLS]:
        tell("blog", f"Enquête : {word}, le {word} et {word}s")
        process = start()
        time.sleep(chance.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
    settle = start()
    settle.communicate()
    assert settle.returncode in (0, 1, 3)
    with open_home() as opened:
        retry(opened, now=from_stored("2026-01-01T00:00:00Z"))  # type: ignore[arg-type]
    last = start()
    last.communicate()
    told = [line.partition(",")[0] for line in (home / "alerts.txt").read_text("utf-8").splitlines()]
    assert {word: told.count(f"Enquête : {word}") for word in WORDS[:KILLS]} == dict.fromkeys(WORDS[:KILLS], 1)
    assert killed > KILLS / 3
