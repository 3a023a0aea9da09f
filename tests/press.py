"""The press: publishers who ask for everything that the twelve points of a well-behaved fetcher are about.

Each case is one feed, or one feed and the addresses it leads to, played by the hour. What a publisher thinks
of those who fetch it is not known here (`judge.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import plays
from plays import between, feed, gives, in_hours, leads, once, status
from publisher import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plays import Play

ADDRESSES = tuple(f"127.0.0.{number}" for number in range(1, 13))
PAPER, PATIENT, LIMITED, DATED, CROWDED, TROUBLED, MOVING, ELSEWHERE, STERN, SLOW, TRICKLING, HEAVY = ADDRESSES
# A public address by its number: it is reached by way of a proxy that is this very server.
PUBLIC = "93.184.216.34"
LONG_ETAG = '"' + "x" * 100_000 + '"'
_SYNDICATION = b"xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A feed of `host`, its address the first of `pages` (path to play).

    `rest` is the least time it asks to be left between two visits, after any answer or after those of one status
    only; `feeds` how many feeds its pages are. `added` feeds are subscribed by the program, at the `door`, the
    others are there already.
    """

    name: str
    host: str
    pages: dict[str, Play]
    rest: timedelta = timedelta(hours=1)
    rest_after: int = 0
    feeds: int = 1
    added: bool = False
    user: str = ""

    @property
    def door(self) -> str:
        """The path that is subscribed."""
        return next(iter(self.pages))


# The hours of the first day during which a feed asks to be left alone, after the first hour of all.
SKIPPED = (3, 7)


def cases(start: datetime) -> Iterator[Case]:
    """All that is played, from that moment on."""
    yield from _validating()
    yield from _resting(start)
    yield from _limiting()
    yield from _failing()
    yield from _moving()


def _validating() -> Iterator[Case]:
    cookies = (("Set-Cookie", "id=1; Path=/; Max-Age=99999"), ("Set-Cookie", "other=2"))
    dropped = between(0, 8, feed('"kept"', "then"), otherwise=feed(""))
    played = {
        "both": feed('"{}"', "Fri, 20 Nov 2026 0{}:00:00 GMT"),
        "weak": feed('W/"{}"'),
        "unquoted": feed("edition {} of the paper"),
        "dates-only": feed("", "Friday, 20-Nov-26 0{}:00:00 +0100"),
        "bytes": feed('"caf\xe9 \xa7 {}"'),
        "long": feed(LONG_ETAG, "edition {}"),
        "refreshing": plays.refreshing,
        "unsaid": plays.unsaid_on_304,
        "dropped": dropped,
        "replaced": feed('"{}"', "the same day"),
        "none": feed(""),
        "cookies": feed(headers=cookies),
        "gzip": plays.compressed("gzip"),
        "brotli": plays.compressed("br"),
    }
    for name, play in played.items():
        yield Case(name=name, host=PAPER, pages={f"/{name}/feed": play})
    yield Case(name="query", host=PAPER, pages={"/query/feed?b=2&a=1&utm_source=rss&a=%2F": feed()})
    yield Case(name="direct", host=PAPER, pages={"/direct/feed": feed()}, added=True)
    yield Case(name="site", host=PAPER, pages={"/site/": plays.site, "/site/feed": feed()}, added=True)


def _resting(start: datetime) -> Iterator[Case]:
    twice_a_day = b"<sy:updatePeriod %b>daily</sy:updatePeriod><sy:updateFrequency %b>2</sy:updateFrequency>"
    asked: list[tuple[str, float, Play]] = [
        ("ttl", 3, feed(channel=b"<ttl>180</ttl>")),
        ("sy", 12, feed(channel=twice_a_day % (_SYNDICATION, _SYNDICATION))),
        ("max-age", 2, feed(headers=(("Cache-Control", "max-age=7200"),))),
        ("max-age-304", 4, plays.fresh_on_304),
        ("expires", 5, plays.expiring),
        ("years", 24, feed(headers=(("Cache-Control", "max-age=315360000"),))),
        ("no-cache", 1, feed(headers=(("Cache-Control", "no-cache, max-age=7200"),))),
        ("skips", 1, plays.skipping(start.hour + SKIPPED[0], SKIPPED[1])),
    ]
    for name, hours, play in asked:
        after = 304 if name.endswith("304") else 0
        yield Case(
            name=name, host=PATIENT, pages={f"/{name}/feed": play}, rest=timedelta(hours=hours), rest_after=after
        )


def _limiting() -> Iterator[Case]:
    hosts: dict[str, Play] = {
        LIMITED: once(5, status(429, ("Retry-After", "10800"))),
        DATED: once(5, in_hours(429, 4, wrong_by=timedelta(days=1000))),
        STERN: once(5, status(429, ("Retry-After", "2592000"))),
    }
    for host, play in hosts.items():
        name = {STERN: "month"}.get(host, f"limit-{host[-1]}")
        yield Case(name=name, host=host, pages={f"/{name}/feed": play})
        for number in range(3):
            yield Case(name=f"{name}-{number}", host=host, pages={f"/{name}-{number}/feed": feed()})
    for number in range(4):
        # The whole host, and without a word about when.
        play = between(4.5, 18.5, status(429, ("Retry-After", ("-1", "soon", "", "1e3")[number])))
        yield Case(name=f"crowd-{number}", host=CROWDED, pages={f"/crowd-{number}/feed": play})


def _failing() -> Iterator[Case]:
    played: dict[str, Play] = {
        "busy-date": once(5, in_hours(503, 5, wrong_by=timedelta(days=-700))),
        "busy-seconds": once(5, status(503, ("Retry-After", "18000"))),
        "errors": between(0.5, 20, lambda moment: Answer(status=(500, 502, 504, 503)[moment.visit % 4])),
        "missing": between(0.5, 999, status(404)),
        "password": between(0.5, 999, status(401)),
        "refused": between(0.5, 999, status(403)),
        "gone": between(5.5, 999, status(410)),
        "empty": between(5.5, 12, gives(b" ")),
        "page": between(5.5, 12, gives(b"<!DOCTYPE html><html><body>We are moving house</body></html>")),
        "cut": between(5.5, 12, plays.cut),
        "slow": plays.slow,
        "trickle": plays.trickling,
        "bomb": between(0.5, 999, plays.bomb),
        "neighbour": feed(),
    }
    # Each of those that are hung up on has a host of its own: a server is late to know that it has been left.
    hosts = {"slow": SLOW, "trickle": TRICKLING, "bomb": HEAVY}
    for name, play in played.items():
        yield Case(name=name, host=hosts.get(name, TROUBLED), pages={f"/{name}/feed": play})


def _moving() -> Iterator[Case]:
    for code in (301, 308):
        name = f"moved-{code}"
        host = {308: ELSEWHERE}.get(code, "")
        pages = {f"/{name}/feed": leads(f"/{name}/new", code, host=host), f"/{name}/new": feed('"{}"', "day {}")}
        yield Case(name=name, host=MOVING, pages=pages)
    for code in (302, 303, 307):
        name = f"lent-{code}"
        pages = {f"/{name}/feed": leads(f"/{name}/new", code), f"/{name}/new": feed()}
        yield Case(name=name, host=MOVING, pages=pages)
    chain = {"/chain/feed": leads("/chain/b", 302), "/chain/b": leads("/chain/new", 301), "/chain/new": feed()}
    yield Case(name="chain", host=MOVING, pages=chain)
    flapping = {"/flapping/feed": plays.flapping, "/flapping/a": feed('"a"'), "/flapping/b": feed('"b"')}
    yield Case(name="flapping", host=MOVING, pages=flapping)
    portal = between(5.5, 7.7, leads("/portal/login", 301))
    yield Case(name="portal", host=MOVING, pages={"/portal/feed": portal, "/portal/login": gives(b"<html></html>")})
    merged = {"/merged/feed": between(2.5, 999, leads("/followed/feed", 301), otherwise=feed('"1"'))}
    yield Case(name="merged", host=MOVING, pages=merged)
    yield Case(name="followed", host=MOVING, pages={"/followed/feed": feed('"1"')}, feeds=2)
    secret = {"/secret/feed": leads("/secret/new", 302, host=ELSEWHERE), "/secret/new": feed()}
    yield Case(name="secret", host=MOVING, pages=secret, user="ann:secret")
    private = {f"http://{PUBLIC}/private/feed": leads("/private/inside", 301, host=PAPER), "/private/inside": feed()}
    yield Case(name="private", host=PUBLIC, pages=private, added=True)
