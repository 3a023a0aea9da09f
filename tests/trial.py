"""A trial: days of cron played in seconds, veille against the press; what the server logged comes out.

Veille's clock is left alone. Between two runs every time that it has stored about fetching goes back by an
hour, which is the same as its clock going on by one; the press counts the hours, and stamps its log with them.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from plays import Moment
from press import ADDRESSES, cases
from publisher import Publisher
from running import QUICK, Run, fetch, query, subscribe_all, veille

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from plays import Play
    from press import Case
    from publisher import Answer, Request
    from veille.outcome import Receipt

HOUR, MINUTES = timedelta(hours=1), timedelta(minutes=5)
TIMEOUT = timedelta(seconds=4)
PER_HOST = 2
_HASTE = 36  # runs, five minutes apart, after the days of cron


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One line of the server's log, `at` by its own clock."""

    at: datetime
    request: Request
    answer: Answer

    @property
    def case(self) -> str:
        """The name of the case that was asked."""
        return self.request.path.removeprefix("http://").split("/")[1]

    @property
    def whole(self) -> bool:
        """Whether the answer was a whole feed, and came in time."""
        answer = self.answer
        in_time = answer.wait < TIMEOUT.total_seconds() and not answer.pace
        return answer.status == 200 and answer.body.endswith(b"</rss>") and in_time

    def sent(self, name: str) -> str:
        """A header of the answer, "" without one."""
        told = (*self.answer.headers, *self.answer.validators)
        return next((value.strip() for key, value in reversed(told) if key.lower() == name), "")

    def __str__(self) -> str:
        known = [name for name, _ in self.request.headers if name.startswith("if-")]
        said = ", ".join(f"{name}: {self.request.header(name)!r:.60}" for name in known) or "unconditional"
        return f"{self.at:%d %H:%M:%S} {self.request.host}{self.request.path} -> {self.answer.status} ({said})"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is judged: the log, and what the user was told.

    `hasty_at` is when the days of hourly cron were over, `slowest` the seconds that the longest run took, `refusal`
    what was told of a public feed that leads to a private address, `entries` those kept by case.
    """

    cases: dict[str, Case]
    log: list[Visit]
    receipts: list[Receipt]
    began_at: datetime
    hasty_at: datetime
    ended_at: datetime
    slowest: float
    refusal: str
    entries: dict[str, int]
    most_open: dict[str, int]
    most_at_once: int

    def visits(self, case: str, path: str = "") -> list[Visit]:
        """The log of one case, or of one page of it."""
        return [visit for visit in self.log if visit.case == case and path in ("", visit.request.path)]


class _Calendar:
    """The press's clock: the real one, and the hours that have been passed."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self.skew = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, home: Path, step: timedelta) -> None:
        """Let time pass: what is stored is that much older, and hours of the day that were told are others."""
        self.ahead += step
        hours = int(step / HOUR)
        self.skew += hours
        with closing(sqlite3.connect(home / "veille.db")) as db, db:
            for table in ("feed_states", "hosts"):
                names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
                times = [name for name in names if name.endswith(("_at", "_since", "_until"))]
                back = [f"{name} = strftime('%Y-%m-%dT%H:%M:%SZ', {name}, ?)" for name in times]
                db.execute(f"UPDATE {table} SET {', '.join(back)}", [f"-{step.total_seconds()} seconds"] * len(times))
            for feed_id, told in db.execute("SELECT feed_id, cadence FROM feed_states").fetchall():
                cadence = json.loads(told)
                skipped = [(hour - hours) % 24 for hour in cadence.get("skip_hours", ())]
                if skipped:
                    moved = json.dumps(cadence | {"skip_hours": skipped})
                    db.execute("UPDATE feed_states SET cadence = ? WHERE feed_id = ?", (moved, feed_id))


def hold_trial(home: Path, *, days: int) -> Trial:
    """So many days of hourly cron, then three hours of cron every five minutes. `home` is VEILLE_HOME."""
    calendar = _Calendar()
    began_at = calendar.now()
    played = {case.name: case for case in cases(began_at)}
    with Publisher(*ADDRESSES) as publisher:
        publisher.clock = lambda: calendar.now().timestamp()
        _open(publisher, played, calendar, began_at)
        walls, receipts = [], []
        for step in [HOUR] * (24 * days) + [MINUTES] * _HASTE:
            started = time.monotonic()
            receipts.append(fetch(Run(settings=replace(QUICK, timeout=TIMEOUT))))
            walls.append(time.monotonic() - started)
            calendar.advance(home, step)
        refusal = _lead_astray(publisher, played["private"], home.parent / "away")
        log = [
            Visit(at=datetime.fromtimestamp(one.at, UTC), request=one, answer=two) for one, two in publisher.answered
        ]
        return Trial(
            cases=played,
            log=log,
            receipts=receipts,
            began_at=began_at,
            hasty_at=began_at + days * 24 * HOUR,
            ended_at=calendar.now(),
            slowest=max(walls),
            refusal=refusal,
            entries=_count_entries(home),
            most_open={address: publisher.most_open(address) for address in ADDRESSES},
            most_at_once=publisher.most_at_once(),
        )


def _open(publisher: Publisher, played: dict[str, Case], calendar: _Calendar, began_at: datetime) -> None:
    """Put every page on, and subscribe to every feed."""
    visits: dict[str, int] = {}

    def perform(play: Play) -> Callable[[Request], Answer]:
        def answer(request: Request) -> Answer:
            visit = visits.get(request.path, 0)
            visits[request.path] = visit + 1
            hour = (calendar.now() - began_at) / HOUR
            return play(Moment(request=request, hour=hour, visit=visit, skew=calendar.skew, port=publisher.port))

        return answer

    for case in played.values():
        for path, play in case.pages.items():
            publisher.play(path, perform(play))
    subscribe_all([_address(publisher, case) for case in played.values() if not case.added])
    for case in played.values():
        if case.added and case.name != "private":
            code, _, said = veille("add", _address(publisher, case))
            assert code == 0, said


def _address(publisher: Publisher, case: Case) -> str:
    url = publisher.url(case.door, host=case.host)
    return url.replace("://", f"://{case.user}@") if case.user else url


def _lead_astray(publisher: Publisher, case: Case, home: Path) -> str:
    """Fetch a feed at a public address, reached by a proxy, that leads to a private one; what is told of it."""
    home.mkdir()
    proxy = {"HTTP_PROXY": publisher.url(""), "http_proxy": publisher.url(""), "NO_PROXY": "", "no_proxy": ""}
    told = ""
    for words in (("add", "--as-is", case.door), ("fetch", "--json")):
        command = [sys.executable, "-c", "from veille.cli.main import run; run()", *words]
        environment = os.environ | proxy | {"VEILLE_HOME": str(home)}
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
    return " ".join(problem["reason"] for problem in json.loads(told)["problems"])


def _count_entries(home: Path) -> dict[str, int]:
    """How many entries are kept, by case."""
    rows = query(home, "SELECT feeds.url, count(*) FROM entries JOIN feeds ON feeds.id = feed_id GROUP BY 1")
    return {url.split("/")[3]: count for url, count in rows}
