"""Subscriptions: importing and exporting lists, adding, removing and tidying feeds."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from veille.app.feedset import with_settings
from veille.app.home import read_clock
from veille.errors import FetchError, OpmlError, UsageError
from veille.feed import Subscription
from veille.outcome import Failed, NotModified
from veille.places import expand_home
from veille.read.opml import read_subscriptions, write_opml
from veille.store.db import write
from veille.store.entries import purge_entries
from veille.store.feeds import add_feed, count_entries, find_feed, list_feeds, remove_feed, set_tags, update_feed
from veille.text import clean_line
from veille.urls import is_web, normalise_feed_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.app.home import Home
    from veille.feed import Feed
    from veille.read.opml import Skipped

_LARGEST_LIST = 50_000_000
_PACE = timedelta(weeks=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did: addresses added and already there, lines repeated and skipped."""

    added: int
    present: int
    repeated: tuple[Skipped, ...]
    skipped: tuple[Skipped, ...]


def import_list(home: Home, source: str, *, folder: str = "") -> Imported:
    """Subscribe to every address of a file, an address or standard input ("-"); all in one transaction."""
    document, name = _read_source(home, source)
    outlines = read_subscriptions(document, name=name)
    added = 0
    now = read_clock()
    with write(home.db):
        for subscription in outlines.subscriptions:
            path = "/".join(filter(None, (clean_folder(folder), subscription.folder)))
            added += add_feed(home.db, replace(subscription, folder=path), now=now)
    return Imported(
        added=added,
        present=len(outlines.subscriptions) - added,
        repeated=outlines.repeated,
        skipped=outlines.skipped,
    )


def export_list(home: Home) -> str:
    """All subscriptions as an OPML document."""
    subscriptions = []
    for feed in list_feeds(home.db):
        title = feed.subscription.title or feed.title
        subscriptions.append(replace(feed.subscription, title=title))
    return write_opml(subscriptions, title="veille", created_at=read_clock())


def add_address(home: Home, url: str, *, title: str = "", folder: str = "", tags: Sequence[str] = ()) -> bool:
    """Subscribe to one address as it is; False when it was already. Raises UsageError for what is no web address."""
    if not is_web(url):
        raise UsageError(f"“{clean_line(url)}” is not a web address: write it in full, as https://example.org/feed")
    subscription = Subscription(
        url=normalise_feed_url(url),
        title=clean_line(title),
        folder=clean_folder(folder),
        tags=clean_tags(tags),
    )
    with write(home.db):
        return add_feed(home.db, subscription, now=read_clock())


def remove(home: Home, name: str, *, purge: bool) -> Feed:
    """Unsubscribe from a feed; with `purge` its entries leave the archive too. `entries` says how many."""
    feed = find_feed(home.db, name)
    entries = count_entries(home.db, since=read_clock()).get(feed.id, (0,))[0] if purge else 0
    with write(home.db):
        if purge:
            purge_entries(home.db, feed.id)
        remove_feed(home.db, feed, now=read_clock(), purge=purge)
    return replace(feed, entries=entries)


def rename(home: Home, name: str, title: str) -> Feed:
    """Give a feed a title of the user's; an empty one brings the feed's own back."""
    feed = find_feed(home.db, name)
    with write(home.db):
        update_feed(home.db, feed.id, title=clean_line(title))
    return find_feed(home.db, str(feed.id))


def move(home: Home, name: str, folder: str) -> Feed:
    """Put a feed into a folder."""
    feed = find_feed(home.db, name)
    with write(home.db):
        update_feed(home.db, feed.id, folder=clean_folder(folder))
    return find_feed(home.db, str(feed.id))


def tag(home: Home, name: str, tags: Sequence[str]) -> Feed:
    """Add tags to a feed; a tag that starts with "-" is taken away."""
    feed = find_feed(home.db, name)
    dropped = {one.removeprefix("-") for one in tags if one.startswith("-")}
    kept = [one for one in feed.subscription.tags if one not in dropped]
    with write(home.db):
        set_tags(home.db, feed, clean_tags([*kept, *(one for one in tags if not one.startswith("-"))]))
    return find_feed(home.db, str(feed.id))


def mute(home: Home, name: str, *, muted: bool) -> Feed:
    """Stop fetching and showing a feed, or start again."""
    feed = find_feed(home.db, name)
    with write(home.db):
        update_feed(home.db, feed.id, muted=int(muted))
    return find_feed(home.db, str(feed.id))


def survey_feeds(home: Home, *, folder: str | None = None) -> list[Feed]:
    """Subscribed feeds with their counts of entries, in all and a week.

    The pace is that of the last eight weeks, or of the time that the entries stored cover, a day at least.
    """
    now = read_clock()
    counts = count_entries(home.db, since=now - _PACE)
    feeds = []
    for feed in choose_feeds(home, [], folder=folder):
        total, recent, first_at = counts.get(feed.id, (0, 0, None))
        weeks = max(now - (first_at or now), timedelta(days=1)) / timedelta(weeks=1)
        feeds.append(replace(feed, entries=total, per_week=round(recent / weeks, 1)))
    return feeds


def choose_feeds(home: Home, names: Sequence[str], *, folder: str | None) -> list[Feed]:
    """The feeds that a command was asked for: by name, of a folder, or all. Raises UnknownError.

    Their settings are those in force: what config.toml says of them is laid over what is stored.
    """
    if names:
        feeds = list({feed.id: feed for feed in (find_feed(home.db, name) for name in names)}.values())
    else:
        feeds = list_feeds(home.db, folder=folder)
    if folder is not None and not names and not feeds:
        raise UsageError(f"no feed is in a folder “{clean_line(folder)}”: see `veille feeds`")
    return [with_settings(feed, home.settings) for feed in feeds]


def clean_folder(folder: str) -> str:
    """A folder's path as it is stored: no empty name in it."""
    return "/".join(filter(None, (clean_line(part) for part in folder.split("/"))))


def clean_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags in one line each, once each; commas separate."""
    parts = (clean_line(part) for one in tags for part in one.split(","))
    return tuple(dict.fromkeys(filter(None, parts)))


def _read_source(home: Home, source: str) -> tuple[bytes, str]:
    """The document and how to call it in messages."""
    if source == "-":
        return _within_limit(sys.stdin.buffer.read(_LARGEST_LIST + 1), "standard input"), "standard input"
    if is_web(source):
        return _download(home, source), clean_line(source)
    path = expand_home(Path(source))
    try:
        with path.open("rb") as file:
            return _within_limit(file.read(_LARGEST_LIST + 1), source), clean_line(source)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise OpmlError(f"{clean_line(source)}: {said}: give a file, an address or - for standard input") from None


def _download(home: Home, url: str) -> bytes:
    from veille.fetch.http import fetch_once

    outcome = asyncio.run(fetch_once(url, home.settings.fetch))
    match outcome:
        case Failed(reason=reason):
            raise FetchError(f"{clean_line(url)}: {reason}: check the address, or save the file and import it")
        case NotModified():
            raise FetchError(f"{clean_line(url)}: the server sent nothing")
        case _:
            return _within_limit(outcome.body, url)


def _within_limit(document: bytes, name: str) -> bytes:
    if len(document) > _LARGEST_LIST:
        raise OpmlError(f"{clean_line(name)}: larger than {_LARGEST_LIST // 1_000_000} MB: split the list")
    return document
