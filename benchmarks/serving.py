"""A feed server in a process of its own, seen from the benchmark that drives it.

In: what to serve. Out: its addresses, what must be stored in the end, what it served. The server ends
with the block, or with the benchmark, whichever is first.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feedserver import list_urls

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that listens. `stored` counts the entries to find stored after round 0 and after round 1."""

    port: int
    urls: list[str]
    stored: list[int]

    def set_round(self, number: int) -> None:
        """At each round, 30 % of the feeds have three new entries."""
        self._order(f"round/{number}")

    def take_stats(self) -> dict[str, int]:
        """What was served since the last look: connections, requests, full, not_modified, bytes..."""
        return self._order("stats")

    def _order(self, order: str) -> dict[str, int]:
        with _OPENER.open(f"http://127.0.0.1:{self.port}/control/{order}", timeout=120) as answer:
            told: dict[str, int] = json.load(answer)
        return told


@contextmanager
def run_server(
    *, feeds: int, entries: int, days: float = 10.0, hosts: int = 0, latency: bool = False
) -> Iterator[Running]:
    """Start a server and give it once everything is rendered and it listens."""
    numbers = {"--feeds": feeds, "--entries": entries, "--days": days, "--hosts": hosts}
    options = [text for name, value in numbers.items() for text in (name, str(value))]
    command = [sys.executable, str(Path(__file__).with_name("feedserver.py")), *options]
    with subprocess.Popen(
        [*command, *(["--latency"] if latency else [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the feed server has no pipes")
        facts = json.loads(process.stdout.readline())
        urls = list_urls(feeds=feeds, hosts=facts["hosts"], port=facts["port"])
        try:
            yield Running(port=facts["port"], urls=urls, stored=facts["stored"])
        finally:
            process.stdin.close()
