"""Plays: what one page of a publisher answers, by the hour and by the visit; a moment in, an answer out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from publisher import Answer, redirect
from running import rss

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher import Request

    Play = Callable[["Moment"], Answer]

_NEWS_EVERY = 6  # hours


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What a play may look at: the request, hours since the first day began, and earlier visits to the page.

    `skew` are the hours that the fetcher's clock, which does not move, is behind ours.
    """

    request: Request
    hour: float
    visit: int
    skew: int
    port: int


def document(moment: Moment, *, channel: bytes = b"") -> bytes:
    """Three items of the feed as it is at that hour, `channel` among what it says of itself."""
    edition = int(moment.hour // _NEWS_EVERY)
    name = moment.request.path.rpartition("/")[0].replace("/", " ").strip() or "paper"
    body = rss({str(number): f"News {number} of {name}" for number in range(edition, edition + 3)}, title=name)
    return body.replace(b"</title><link>", b"</title>" + channel + b"<link>", 1)


def feed(
    etag: str = '"{}"', last_modified: str = "", *, headers: tuple[tuple[str, str], ...] = (), channel: bytes = b""
) -> Play:
    """A feed in good order, with something new every six hours; `{}` in its validators is the edition."""

    def play(moment: Moment) -> Answer:
        edition = int(moment.hour // _NEWS_EVERY)
        return Answer(
            body=document(moment, channel=channel),
            etag=etag.format(edition),
            last_modified=last_modified.format(edition),
            headers=headers,
            wait=0.01,
        )

    return play


def between(start: float, end: float, then: Play, *, otherwise: Play | None = None) -> Play:
    """One play between two hours, another before and after."""
    rest = otherwise or feed()
    return lambda moment: (then if start <= moment.hour < end else rest)(moment)


def once(after: float, then: Play, *, otherwise: Play | None = None) -> Play:
    """One play at the first visit after an hour, another at the rest."""
    rest, seen = otherwise or feed(), set[str]()

    def play(moment: Moment) -> Answer:
        if moment.hour < after or seen:
            return rest(moment)
        seen.add(moment.request.path)
        return then(moment)

    return play


def status(code: int, *headers: tuple[str, str]) -> Play:
    """No feed, but a status."""
    return lambda _: Answer(status=code, headers=headers)


def gives(body: bytes) -> Play:
    """Something that is no feed, with a validator that is not worth keeping."""
    return lambda _: Answer(body=body, etag='"no-feed"')


def leads(to: str, code: int, *, host: str = "") -> Play:
    """A redirect, to another host if one is named."""
    return lambda moment: redirect(f"http://{host}:{moment.port}{to}" if host else to, code)


def in_hours(code: int, hours: int, *, wrong_by: timedelta) -> Play:
    """A status with Retry-After as a date, by a server's clock that is wrong."""

    def play(_: Moment) -> Answer:
        clock = datetime.now(UTC) - wrong_by
        told = (("Date", _http(clock)), ("Retry-After", _http(clock + timedelta(hours=hours))))
        return Answer(status=code, headers=told)

    return play


def _http(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def refreshing(moment: Moment) -> Answer:
    """Each 304 gives a new validator, and only the newest is known."""
    if moment.request.header("if-none-match") == f'"v{moment.visit - 1}"'.encode():
        return Answer(status=304, headers=(("ETag", f'"v{moment.visit}"'),))
    return Answer(body=document(moment), headers=(("ETag", f'"v{moment.visit}"'),))


def unsaid_on_304(moment: Moment) -> Answer:
    return replace(feed('"{}"', "edition {}")(moment), again=())


def fresh_on_304(moment: Moment) -> Answer:
    """Only the 304 says for how long it is good."""
    return replace(feed()(moment), again=(("Cache-Control", "public, max-age=14400"),))


def expiring(moment: Moment) -> Answer:
    clock = datetime.now(UTC) - timedelta(days=400)
    headers = (("Date", _http(clock)), ("Expires", _http(clock + timedelta(hours=5))))
    return replace(feed()(moment), headers=headers)


def skipping(start: int, hours: int) -> Play:
    """Asks to be left alone from an hour of the day on; told by the fetcher's clock."""

    def play(moment: Moment) -> Answer:
        told = b"".join(b"<hour>%d</hour>" % ((hour - moment.skew) % 24) for hour in range(start, start + hours))
        return feed('"skips"', channel=b"<skipHours>" + told + b"</skipHours>")(moment)

    return play


def flapping(moment: Moment) -> Answer:
    return redirect(f"/flapping/{'ab'[moment.visit % 2]}", 301)


def site(_: Moment) -> Answer:
    head = b"<link rel='alternate' type='application/rss+xml' href='/site/feed' title='News'>"
    return Answer(body=b"<!DOCTYPE html><html><head><title>A site</title>" + head + b"</head></html>")


def cut(moment: Moment) -> Answer:
    return Answer(body=document(moment)[:-60], etag='"cut"')


def slow(moment: Moment) -> Answer:
    return replace(feed()(moment), wait=30) if moment.visit == 0 else feed()(moment)


def trickling(moment: Moment) -> Answer:
    return replace(feed()(moment), piece=1, pace=0.5) if moment.visit == 0 else feed()(moment)


def compressed(encoding: str) -> Play:
    return lambda moment: replace(feed()(moment), encoding=encoding)


def bomb(_: Moment) -> Answer:
    return Answer(body=bytes(30_000_000), encoding="gzip", etag='"bomb"')
