"""Where a cold fetch's work goes: each stage alone, on the same feeds, in processor seconds of one process.

In: how many feeds and entries. Out: Markdown. Beside each stage the floor: what the same bytes and rows
cost with nothing of veille's on top (a bare client, expat, plain rows).
"""

from __future__ import annotations

import argparse
import asyncio
import pickle
import sqlite3
import tempfile
import time
import xml.parsers.expat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from measure import describe_machine, write_table
from newsroom import Spec, render_feed
from serving import run_server
from veille.app.fold import fold_pending
from veille.app.reading import Request, read_document
from veille.feed import Subscription, Validators
from veille.fetch.http import open_fetcher
from veille.read.changes import decide_changes
from veille.read.parse import parse_feed
from veille.settings import FetchSettings, FoldSettings
from veille.store.db import open_store, write
from veille.store.entries import known_entries, store_changes
from veille.store.feeds import add_feed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from veille.app.reading import Document
    from veille.store.db import Db

_BATCH = 8  # feeds to a transaction, as a fetch has them


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--entries", type=int, default=30)
    options = parser.parse_args()
    now = datetime.now(UTC).replace(microsecond=0)
    spec = Spec(feeds=options.feeds, entries=options.entries, now=now)
    bodies = [render_feed(spec, feed, number=0) for feed in range(options.feeds)]
    rows = [_measure_network(options.feeds, options.entries), *_measure_rest(bodies, now)]
    print(f"## Stages of a cold fetch: {options.feeds} feeds x {options.entries} entries\n")
    size = sum(map(len, bodies)) / 1e6
    print(f"{describe_machine()}. {size:.1f} MB in {options.feeds} answers; processor seconds, one process, one run.\n")
    print(write_table(("stage", "s", "ms a feed", "floor s", "what the floor is"), rows))


def _row(stage: str, seconds: float, feeds: int, floor: tuple[float, str] | None = None) -> list[str]:
    known = (f"{floor[0]:.2f}", floor[1]) if floor else ("", "")
    return [stage, f"{seconds:.2f}", f"{seconds / feeds * 1000:.2f}", *known]


def _time(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _measure_network(feeds: int, entries: int) -> list[str]:
    with run_server(feeds=feeds, entries=entries) as server:
        spent = _time(lambda: asyncio.run(_fetch_all(server.urls)))
        floor = _time(lambda: asyncio.run(_fetch_bare(server.urls)))
    return _row("network: httpx, decoding", spent, feeds, (floor, "asyncio streams, one connection a request"))


async def _fetch_all(urls: Sequence[str]) -> None:
    async with open_fetcher(FetchSettings()) as fetcher:
        turns = asyncio.Semaphore(20)

        async def fetch(url: str) -> None:
            async with turns:
                await fetcher.fetch(url, Validators())

        await asyncio.gather(*(fetch(url) for url in urls))


async def _fetch_bare(urls: Sequence[str]) -> None:
    turns = asyncio.Semaphore(20)

    async def fetch(url: str) -> None:
        host, _, path = url.removeprefix("http://").partition("/")
        name, _, port = host.partition(":")
        async with turns:
            reader, writer = await asyncio.open_connection(name, int(port))
            writer.write(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            writer.close()

    await asyncio.gather(*(fetch(url) for url in urls))


def _measure_rest(bodies: Sequence[bytes], now: datetime) -> list[list[str]]:
    feeds = len(bodies)
    requests = [Request(body=body, url="http://x.example/feed", headers={}, now=now) for body in bodies]
    documents: list[Document] = []
    parsing = _time(lambda: [parse_feed(body, url="http://x.example/feed", now=now) for body in bodies])
    reading = _time(lambda: documents.extend(one for one in map(read_document, requests) if not isinstance(one, str)))
    passing = _time(lambda: [pickle.loads(pickle.dumps(one, protocol=-1)) for one in documents])  # noqa: S301 - ours
    expat = _time(lambda: [xml.parsers.expat.ParserCreate().Parse(body, True) for body in bodies])
    with (
        tempfile.TemporaryDirectory(prefix="veille-stages-") as directory,
        open_store(Path(directory) / "veille.db", busy_timeout=timedelta(seconds=5)) as db,
    ):
        db.execute("PRAGMA synchronous = NORMAL")
        with write(db):
            for number in range(feeds):
                add_feed(db, Subscription(url=f"http://x.example/{number}"), now=now)
        storing = _time(lambda: _store(db, documents, now))
        folding = _time(lambda: fold_pending(db, FoldSettings()))
        plain = _time(lambda: _store_plainly(Path(directory) / "plain.db", documents))
    return [
        _row("parse: from bytes to entries made safe", parsing, feeds, (expat, "expat alone")),
        _row("prepare: words, stems, columns", reading - parsing, feeds),
        _row("pass from one process to another", passing, feeds),
        _row("store and index", storing, feeds, (plain, "the same rows, one table, one transaction")),
        _row("fold", folding, feeds),
    ]


def _store(db: Db, documents: Sequence[Document], now: datetime) -> None:
    for start in range(0, len(documents), _BATCH):
        with write(db):
            for number, document in enumerate(documents[start : start + _BATCH], start + 1):
                known = known_entries(db, number, document.entries)
                store_changes(db, number, decide_changes(document.entries, known), now=now)


def _store_plainly(path: Path, documents: Sequence[Document]) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE entries (guid, a, b, c, d, e, f, g, h, i, j, k, html)")
    rows = ((one.guid, *one.values, one.html) for document in documents for one in document.entries)
    db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    db.commit()
    db.close()


if __name__ == "__main__":
    main()
