"""A loopback server of generated feeds that is much faster than the programs that read it.

In: a `Spec` on the command line. Out: one line of JSON once it listens, then HTTP answers made
before they are asked for. Feeds live on hosts of their own (127.1.x.y), since a polite reader opens
few connections a host. With `--latency`, answers take the time and the accidents of real life.

Control, on 127.0.0.1: `/control/stats` tells what was served since the last look, `/control/round/N`
sets the round (at each, 30 % of the feeds have three new entries).
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import random
import resource
import socket
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Literal, NamedTuple

from newsroom import FRESH_ENTRIES, Spec, is_atom, is_fresh, render_feed

Kind = Literal["plain", "slow", "hangs", "fails", "moved"]

MEDIAN_SECONDS = 0.120
_SPREAD = 0.6  # sigma of the log-normal delay: 95 % of answers within 0.04 to 0.39 s
_SLOW_SECONDS = (3.0, 5.0)
# Shares of feeds when latency is on; the rest answer after a log-normal delay.
_ACCIDENTS: dict[Kind, float] = {"slow": 0.02, "hangs": 0.01, "fails": 0.02, "moved": 0.01}
_FAILURES = ((404, "Not Found"), (500, "Internal Server Error"), (503, "Service Unavailable"))
_HOSTS_AT_MOST = 2000
_FIRST_HOST = 127 << 24 | 1 << 16 | 1


class Manner(NamedTuple):
    """How a feed answers: `seconds` of delay before anything is sent."""

    kind: Kind
    seconds: float


@dataclass(frozen=True, slots=True)
class Resource:
    """A document as it goes on the wire, whole or not modified."""

    etag: bytes
    last_modified: bytes
    full: bytes
    not_modified: bytes


def host_of(feed: int, hosts: int) -> str:
    """The loopback address that serves a feed."""
    return socket.inet_ntoa((_FIRST_HOST + feed % hosts).to_bytes(4, "big"))


def list_urls(*, feeds: int, hosts: int, port: int) -> list[str]:
    """The address of every feed, in order."""
    return [f"http://{host_of(feed, hosts)}:{port}/feed/{feed}" for feed in range(feeds)]


def plan_manners(spec: Spec, *, latency: bool) -> list[Manner]:
    """How each feed answers; the number of accidents is exact, who has them is drawn."""
    if not latency:
        return [Manner("plain", 0.0)] * spec.feeds
    draw = random.Random(f"{spec.seed}/manners")
    manners = [Manner("plain", MEDIAN_SECONDS * draw.lognormvariate(0.0, _SPREAD)) for _ in range(spec.feeds)]
    order = iter(draw.sample(range(spec.feeds), spec.feeds))
    for kind, share in _ACCIDENTS.items():
        for _ in range(round(share * spec.feeds)):
            feed = next(order)
            seconds = draw.uniform(*_SLOW_SECONDS) if kind == "slow" else manners[feed].seconds
            manners[feed] = Manner(kind, seconds)
    return manners


def count_stored(spec: Spec, manners: list[Manner], *, rounds: int = 0) -> int:
    """How many entries a reader must have stored in the end, once it has seen so many later rounds."""
    reached = [feed for feed, manner in enumerate(manners) if manner.kind not in ("hangs", "fails")]
    fresh = sum(is_fresh(spec, feed) for feed in reached)
    return spec.entries * len(reached) + FRESH_ENTRIES * fresh * rounds


class Shop:
    """What is served now, and what has been since the last look."""

    def __init__(self, spec: Spec, *, latency: bool) -> None:
        self.spec = spec
        self.manners = plan_manners(spec, latency=latency)
        self.served: Counter[str] = Counter()
        self.resources = [_render_resource(spec, feed, number=0) for feed in range(spec.feeds)]

    def set_round(self, number: int) -> None:
        """Render anew the feeds that change between rounds."""
        for feed in filter(lambda feed: is_fresh(self.spec, feed), range(self.spec.feeds)):
            self.resources[feed] = _render_resource(self.spec, feed, number=number)

    def answer(self, request: bytes) -> tuple[bytes, float] | None:
        """The bytes for a request and the delay before them; None when none will ever come."""
        path = request.split(b" ", 2)[1].decode("ascii", "replace")
        _, _, rest = path.partition("/")
        place, _, number = rest.partition("/")
        if place == "control":
            return self._obey(number), 0.0
        feed = int(number) if number.isascii() and number.isdigit() else self.spec.feeds
        if place not in ("feed", "moved") or feed >= self.spec.feeds:
            return _write_answer(404, "Not Found"), 0.0
        self.served["requests"] += 1
        manner = self.manners[feed]
        if manner.kind == "hangs":
            self.served["hung"] += 1
            return None
        if manner.kind == "fails":
            self.served["failed"] += 1
            return _write_answer(*_FAILURES[feed % len(_FAILURES)]), manner.seconds
        if manner.kind == "moved" and place == "feed":
            return _write_answer(301, "Moved Permanently", f"Location: /moved/{feed}\r\n"), manner.seconds
        return self._send(self.resources[feed], request), manner.seconds

    def _send(self, resource: Resource, request: bytes) -> bytes:
        known = _holds(resource, request)
        self.served["not_modified" if known else "full"] += 1
        data = resource.not_modified if known else resource.full
        self.served["bytes"] += len(data)
        return data

    def _obey(self, order: str) -> bytes:
        verb, _, argument = order.partition("/")
        if verb == "round":
            self.set_round(int(argument))
        told, self.served = self.served, Counter()
        return _write_answer(200, "OK", "Content-Type: application/json\r\n", json.dumps(told).encode())


class Connection(asyncio.Protocol):
    """One client: requests in, answers out, in order."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_server makes
        self.transport = transport
        self.shop.served["connections"] += 1

    def data_received(self, data: bytes) -> None:
        """Answer every whole request; the bodies of requests are not expected."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            request, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            answer = self.shop.answer(request)
            if answer is None:
                return
            body, seconds = answer
            if seconds:
                asyncio.get_running_loop().call_later(seconds, self._write, body)
            else:
                self.transport.write(body)

    def _write(self, body: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(body)


def _render_resource(spec: Spec, feed: int, *, number: int) -> Resource:
    body = render_feed(spec, feed, number=number)
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    modified = formatdate(spec.now.timestamp() + number, usegmt=True)
    validators = f"ETag: {etag}\r\nLast-Modified: {modified}\r\n"
    kind = "atom" if is_atom(spec, feed) else "rss"
    return Resource(
        etag=etag.encode(),
        last_modified=modified.encode(),
        full=_write_answer(200, "OK", f"Content-Type: application/{kind}+xml\r\n{validators}", body),
        not_modified=f"HTTP/1.1 304 Not Modified\r\n{validators}\r\n".encode(),
    )


def _write_answer(status: int, reason: str, headers: str = "", body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status} {reason}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def _holds(resource: Resource, request: bytes) -> bool:
    """Whether the copy a request tells of still holds; the tag comes before the date (RFC 9110)."""
    lines = (line.partition(b":") for line in request.split(b"\r\n")[1:])
    asked = {name.lower(): value.strip() for name, _, value in lines}
    if b"if-none-match" in asked:
        return resource.etag in asked[b"if-none-match"]
    return asked.get(b"if-modified-since") == resource.last_modified


def _listen(hosts: int) -> list[socket.socket]:
    """A socket for the control address and one for each host, all on one free port."""
    first = socket.create_server(("127.0.0.1", 0), backlog=256)
    port = first.getsockname()[1]
    return [first, *(socket.create_server((host_of(host, hosts), port), backlog=64) for host in range(hosts))]


async def serve(shop: Shop, *, hosts: int) -> None:
    """Listen, say so on one line, then answer until cancelled or until the standard input closes."""
    loop = asyncio.get_running_loop()
    sockets = _listen(hosts)
    for each in sockets:
        await loop.create_server(lambda: Connection(shop), sock=each)
    port = sockets[0].getsockname()[1]
    facts = {
        "port": port,
        "hosts": hosts,
        "stored": [count_stored(shop.spec, shop.manners, rounds=rounds) for rounds in (0, 1)],
    }
    print(json.dumps(facts), flush=True)
    gc.collect()
    gc.freeze()
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--entries", type=int, default=30)
    parser.add_argument("--hosts", type=int, default=0, help="how many addresses; 0: one a feed, 2000 at most")
    parser.add_argument("--days", type=float, default=10.0, help="how far back entries go")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency", action="store_true", help="answer as slowly and as badly as the real web")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    spec = Spec(
        feeds=options.feeds,
        entries=options.entries,
        seed=options.seed,
        days=options.days,
        now=datetime.now(UTC).replace(microsecond=0),
    )
    hosts = min(options.hosts or options.feeds, options.feeds, _HOSTS_AT_MOST)
    asyncio.run(serve(Shop(spec, latency=options.latency), hosts=hosts))


if __name__ == "__main__":
    main()
