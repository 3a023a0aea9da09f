"""Finding the feed behind what was pasted, and subscribing to it: no request where the table knows, else one.

A feed that this request brings is kept, so that it is not asked for twice. Addresses are never guessed
by trying them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from veille.app.advice import AS_IS, explain_failure, show_moment
from veille.app.feedset import effective_settings
from veille.app.home import read_clock
from veille.app.subscribe import add_address
from veille.errors import FetchError, UnknownError, UsageError
from veille.feed import Feed, FeedState, Subscription
from veille.outcome import Failed, Fetched, Outcome
from veille.read.addresses import Candidate, complete_address, find_known_feeds, has_scheme
from veille.read.addresses_names import name_feed
from veille.store.db import write
from veille.store.feeds import find_feed, update_feed
from veille.store.hosts import load_holds
from veille.store.moves import adopt_address
from veille.text import clean_line
from veille.urls import host_of, normalise_feed_url, without_user

if TYPE_CHECKING:
    from veille.app.home import Home
    from veille.app.intake import Arrival
    from veille.read.addresses_searches import Edition

Way = Literal["known", "as-is", "table", "feed", "page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is behind an address: candidates, the best first, and the `way` they were found.

    `known` are those of them that are subscribed already, by address. `arrival` is the document that came
    for the only candidate, `address` what was asked for it.
    """

    way: Way
    candidates: tuple[Candidate, ...]
    known: dict[str, Feed]
    address: str = ""
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user wants of a new subscription."""

    title: str = ""
    folder: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A subscription made, or found to be there (`added` is False); `entries` of it have been stored."""

    feed: Feed
    added: bool
    entries: int = 0


def find_feeds(home: Home, pasted: str, *, edition: Edition, as_is: bool = False) -> Finding:
    """What to subscribe to for what was pasted. Raises UsageError for what is no address, FetchError without a feed."""
    address = complete_address(pasted)
    if as_is and address:
        return _describe(home, "as-is", (Candidate(url=normalise_feed_url(address)),))
    if address and (feed := _find(home, address)):
        return _describe(home, "known", (Candidate(url=feed.subscription.url, title=feed.name),))
    if candidates := find_known_feeds(pasted, edition):
        return _describe(home, "table", candidates)
    if not address:
        raise UsageError(_no_address(pasted))
    return _ask(home, normalise_feed_url(address), bare=not has_scheme(pasted))


def subscribe_to(home: Home, finding: Finding, candidate: Candidate, wish: Wish) -> Added:
    """Subscribe to one of the candidates, keeping the document that came for it."""
    if feed := _find(home, candidate.url):
        return Added(feed=feed, added=False)
    asked = finding.address or candidate.url
    add_address(home, asked, title=wish.title, folder=wish.folder, tags=wish.tags)
    feed = find_feed(home.db, asked)
    now = read_clock()
    if asked != candidate.url:
        # What was asked has moved for good: it stays known as a former address.
        with write(home.db):
            adopt_address(home.db, feed, candidate.url, now=now)
        feed = find_feed(home.db, candidate.url)
    if finding.arrival is None:
        return Added(feed=_name(home, feed, finding, candidate), added=True)
    from veille.app.storing import store_arrival

    stored = store_arrival(home, feed, finding.arrival, now=now)
    return Added(feed=find_feed(home.db, str(feed.id)), added=True, entries=stored.new)


def has_credentials(url: str) -> bool:
    """Whether a name or password is written in an address."""
    return "@" in urlsplit(url).netloc


def _describe(home: Home, way: Way, candidates: tuple[Candidate, ...]) -> Finding:
    found = ((one.url, _find(home, one.url)) for one in candidates)
    return Finding(way=way, candidates=candidates, known={url: feed for url, feed in found if feed})


def _find(home: Home, address: str) -> Feed | None:
    """The feed subscribed under this address, now or formerly."""
    try:
        return find_feed(home.db, address)
    except UnknownError:
        return None


def _name(home: Home, feed: Feed, finding: Finding, candidate: Candidate) -> Feed:
    """The feed with a title to know it by until its own comes with its first fetch."""
    title = {"page": candidate.title, "table": name_feed(candidate.url)}.get(finding.way, "")
    if feed.title or not title:
        return feed
    with write(home.db):
        update_feed(home.db, feed.id, feed_title=clean_line(title))
    return find_feed(home.db, str(feed.id))


def _ask(home: Home, address: str, *, bare: bool) -> Finding:
    """One request, and what it says."""
    now = read_clock()
    shown = clean_line(without_user(address))
    held_until = load_holds(home.db, now=now).get(host_of(address))
    if held_until:
        when = show_moment(held_until, now=now)
        raise FetchError(f"{shown}: its host asked not to be asked before {when}: try again then; {AS_IS}")
    outcome, arrival = asyncio.run(_fetch_and_read(home, address))
    if isinstance(outcome, Failed):
        _keep_hold(home, address, outcome)
        raise FetchError(f"{shown}: {explain_failure(outcome, address, bare=bare, now=read_clock())}")
    return _understand(home, address, outcome, arrival)


def _keep_hold(home: Home, address: str, outcome: Failed) -> None:
    """Remember a host that asks for peace: no other feed of it is asked before then."""
    from veille.app.storing import find_hold, store_hold
    from veille.fetch.schedule import Plan, after_failure

    now = read_clock()
    state = after_failure(FeedState(), outcome, plan=Plan(now=now, interval=home.settings.fetch.interval, jitter=0))
    if find_hold(address, outcome, state):
        with write(home.db):
            store_hold(home.db, address, outcome, state)


def _understand(home: Home, address: str, outcome: Outcome, arrival: Arrival | None) -> Finding:
    """The feed that came, or those that a page names."""
    from veille.read.page import find_page_feeds

    shown = clean_line(without_user(address))
    if not isinstance(outcome, Fetched):
        raise FetchError(f"{shown}: the server sent nothing: nothing was added: check the address")
    if arrival and arrival.document:
        url = outcome.moved_to or address
        finding = _describe(home, "feed", (Candidate(url=url, title=arrival.document.title),))
        # Where it has moved is where it is subscribed: nothing is left to be adopted.
        settled = replace(arrival, outcome=replace(outcome, body=b"", moved_to=""))
        return replace(finding, address=address, arrival=settled)
    candidates = find_page_feeds(outcome.body, url=outcome.url)
    if not candidates:
        reason = f" ({arrival.outcome.reason})" if arrival and isinstance(arrival.outcome, Failed) else ""
        raise FetchError(f"{shown}: it names no feed{reason}: paste the address of the feed itself")
    return _describe(home, "page", candidates)


async def _fetch_and_read(home: Home, address: str) -> tuple[Outcome, Arrival | None]:
    from veille.app.intake import take_in
    from veille.app.readers import open_readers
    from veille.fetch.http import fetch_once
    from veille.read.page import is_page

    nobody = Feed(id=0, subscription=Subscription(url=address), state=FeedState())
    # config.toml may say already how this address is asked.
    outcome = await fetch_once(address, home.settings.fetch, effective_settings(nobody, home.settings))
    if not isinstance(outcome, Fetched) or is_page(outcome.body):
        return outcome, None
    async with open_readers() as readers:
        return outcome, await take_in(readers, nobody, outcome, now=read_clock())


def _no_address(pasted: str) -> str:
    said = clean_line(pasted)
    if said.lower().endswith(".opml"):
        return f"“{said}” is a list of feeds: `veille import` takes it"
    return f"“{said}” is not a web address: write it in full, as https://example.org/feed"
