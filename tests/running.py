"""Whole fetches in tests: documents to publish, a run of `refresh` or of the program itself, what is stored after."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from veille.app.home import open_home
from veille.app.refresh import Choice, refresh
from veille.app.subscribe import add_address, choose_feeds
from veille.settings import FetchSettings

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from veille.app.refresh import Tally
    from veille.outcome import Receipt

QUICK = FetchSettings(timeout=timedelta(seconds=3), connect_timeout=timedelta(seconds=1))
# An interrupt reaches a program that a shell has started in the background only if it listens.
_PROGRAM = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    " from veille.cli.main import run; sys.argv[0] = 'veille'; run()"
)


def rss(items: Mapping[str, str], *, title: str = "A feed", day: int = 20, at: datetime | None = None) -> bytes:
    """An RSS document of items (guid to title), all of one moment: on a day of November 2026 where none is given."""
    moment = format_datetime(at or datetime(2026, 11, day, 8, tzinfo=UTC))
    site = f"http://{title.lower().replace(' ', '-')}.example"
    parts = [
        f"<item><guid isPermaLink='false'>{escape(guid)}</guid><title>{escape(text)}</title>"
        f"<link>{site}/{escape(guid)}</link><description>Text of {escape(text)}</description>"
        f"<pubDate>{moment}</pubDate></item>"
        for guid, text in items.items()
    ]
    head = f"<?xml version='1.0'?>\n<rss version='2.0'><channel><title>{escape(title)}</title>"
    return f"{head}<link>{site}/</link>{''.join(parts)}</channel></rss>".encode()


def subscribe_all(urls: Sequence[str]) -> None:
    with open_home() as home:
        for url in urls:
            assert add_address(home, url)


@dataclass(frozen=True, kw_only=True)
class Run:
    """How to fetch: by force, named feeds only, with these settings."""

    force: bool = False
    names: tuple[str, ...] = ()
    settings: FetchSettings = QUICK
    on_progress: Callable[[Tally], None] | None = None


def fetch(run: Run | None = None) -> Receipt:
    """One fetch in this process."""
    run = run or Run()
    with open_home() as home:
        return refresh(
            home,
            feeds=choose_feeds(home, run.names, folder=None),
            settings=run.settings,
            choice=Choice(force=run.force, named=bool(run.names)),
            on_progress=run.on_progress,
        )


def force(**values: Any) -> Receipt:
    """One fetch of everything, due or not."""
    return fetch(Run(force=True, **values))


def start_veille(*arguments: str, home: Path | None = None) -> subprocess.Popen[bytes]:
    """The program itself, running; in the home of the environment unless another is given."""
    command = [sys.executable, "-c", _PROGRAM, *arguments]
    environment = os.environ | ({"VEILLE_HOME": str(home)} if home else {})
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def end_veille(process: subprocess.Popen[bytes], *, by: signal.Signals | None = None) -> tuple[int, str, str]:
    """Its exit code, output and messages; `by` a signal if one is given."""
    if by is not None:
        process.send_signal(by)
    out, err = process.communicate(timeout=300)
    assert b"Traceback" not in err
    return process.returncode, out.decode(), err.decode()


def veille(*arguments: str, home: Path | None = None) -> tuple[int, str, str]:
    """Run the program to its end."""
    return end_veille(start_veille(*arguments, home=home))


def veille_json(*arguments: str, home: Path | None = None) -> Any:
    code, out, err = veille(*arguments, home=home)
    assert code in (0, 3), err
    return json.loads(out)


def query(home: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """What the database of a home holds."""
    db = sqlite3.connect(home / "veille.db", timeout=10)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def titles(home: Path) -> list[tuple[str, str]]:
    """Every stored entry's guid and title, in the order of their numbers."""
    return [(guid, title) for guid, title in query(home, "SELECT guid, title FROM entries ORDER BY id")]


def state(home: Path, path: str = "") -> dict[str, Any]:
    """What is known of the feed whose address ends so."""
    names = "status reason etag last_modified body_hash failures next_fetch_at last_ok_at moved_to moved_seen".split()
    ((*values,),) = query(
        home,
        f"SELECT {', '.join(names)} FROM feed_states JOIN feeds ON feeds.id = feed_id WHERE url LIKE ?",
        f"%{path}",
    )
    return dict(zip(names, values, strict=True))
