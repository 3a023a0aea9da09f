"""The morning fetch: feeds in, what is due among them fetched, folded and matched; a receipt out."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from veille.app.fetching import STOPPING, Choice, Tally, fetch_all
from veille.app.fold import fold_pending
from veille.app.home import read_clock
from veille.app.rulebook import load_rulebook
from veille.errors import ConfigError
from veille.fetch.schedule import next_chance
from veille.outcome import Hold, Receipt
from veille.store.db import checkpoint, defer_sync, write
from veille.store.feeds import save_state
from veille.store.hosts import forget_holds, load_holds
from veille.store.matches import update_matches
from veille.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from veille.app.fetching import Progress
    from veille.app.home import Home
    from veille.feed import Feed
    from veille.settings import FetchSettings

__all__ = ["Choice", "Tally", "refresh"]


def refresh(
    home: Home,
    *,
    feeds: Sequence[Feed],
    settings: FetchSettings,
    choice: Choice,
    on_progress: Progress | None = None,
) -> Receipt:
    """Fetch what is due among `feeds`, fold, match; say what was done.

    Ctrl-C, SIGTERM and SIGHUP stop it cleanly: what is done is kept, and the receipt is marked interrupted.
    Wrong rules stop nothing: the last that were right are run, or what is fetched waits for them, and the
    receipt warns. The caller holds the run lock. Raises StoreError, through the open store, when nothing can be
    written any more.
    """
    started_at = read_clock()
    home = replace(home, settings=replace(home.settings, fetch=settings))
    defer_sync(home.db)
    forget_holds(home.db, now=started_at)
    holds = load_holds(home.db, now=started_at)
    chosen = [feed for feed in feeds if choice.named or not feed.muted]
    due = [
        feed
        for feed in chosen
        if choice.takes(feed, now=started_at, held_until=holds.get(host_of(feed.subscription.url)))
    ]
    tally = Tally(due=len(due))
    held_back: set[int] = set()
    interrupted = False
    if due:
        work = fetch_all(home, due, choice=choice, tally=tally, on_progress=on_progress, holds=holds, back=held_back)
        with _keep_handlers():
            interrupted = asyncio.run(work)
    tally.duplicate += fold_pending(home.db, home.settings.fold)
    offline = not interrupted and _seem_offline(due, tally)
    if offline:
        _put_nothing_off(home, due, tally)
    warning = _match_new(home)
    checkpoint(home.db)
    attempted = {feed.id for feed in due} - held_back
    rest = [feed for feed in chosen if feed.id not in attempted]
    gone = tally.gone + sum(feed.state.status == "gone" for feed in rest)
    settled = tally.fetched + tally.not_modified + tally.failed + tally.gone
    return Receipt(
        started_at=started_at,
        finished_at=read_clock(),
        total=len(chosen),
        fetched=tally.fetched,
        not_modified=tally.not_modified,
        # Those that were not due, and those that an interrupted run did not come to.
        waiting=len(chosen) - tally.fetched - tally.not_modified - tally.failed - gone,
        failed=tally.failed,
        gone=gone,
        new=tally.new,
        edited=tally.edited,
        duplicate=tally.duplicate,
        problems=tuple(tally.problems),
        holds=_list_holds(rest, holds),
        asked=sum(_asks_to_wait(feed, holds, now=started_at) for feed in rest),
        next_due_at=_next_due(rest, holds, now=started_at),
        interrupted=interrupted,
        cut_off=max(len(attempted) - settled, 0) if interrupted else 0,
        forced=choice.force,
        offline=offline,
        warning=warning,
    )


@contextlib.contextmanager
def _keep_handlers() -> Iterator[None]:
    """A loop that ends leaves a signal that it has heard to the system."""
    before = {number: signal.getsignal(number) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _list_holds(rest: Sequence[Feed], holds: dict[str, datetime]) -> tuple[Hold, ...]:
    waiting: dict[str, int] = {}
    for feed in rest:
        host = host_of(feed.subscription.url)
        if host in holds and feed.state.status != "gone":
            waiting[host] = waiting.get(host, 0) + 1
    return tuple(Hold(host=host, until=holds[host], feeds=count) for host, count in waiting.items())


def _asks_to_wait(feed: Feed, holds: dict[str, datetime], *, now: datetime) -> bool:
    """Whether a feed's own server, not its host as a whole, asks for patience."""
    until = feed.state.asked_until
    return until is not None and until > now and host_of(feed.subscription.url) not in holds


def _next_due(rest: Sequence[Feed], holds: dict[str, datetime], *, now: datetime) -> datetime | None:
    """When the first of the feeds that were not asked is due."""
    times = []
    for feed in rest:
        chance = next_chance(feed.state, now=now)
        held_until = holds.get(host_of(feed.subscription.url))
        if chance:
            times.append(max(chance, held_until or chance))
        elif held_until and feed.state.status != "gone":
            times.append(held_until)
    return min(times, default=None)


def _seem_offline(due: Sequence[Feed], tally: Tally) -> bool:
    """Whether nothing at all answered: then it is the network here that is missing, not the feeds.

    Unless most of these feeds were failing before: an outage hits feeds that were well.
    """
    well = sum(not feed.state.failures for feed in due)
    return len(due) > 1 and tally.unreached == len(due) and 2 * well >= len(due)


def _put_nothing_off(home: Home, due: Sequence[Feed], tally: Tally) -> None:
    """Take back what was learned of each feed: it is due as it was before."""
    with write(home.db):
        for feed in due:
            save_state(home.db, feed.id, feed.state)
    tally.problems[:] = [replace(problem, retry_at=None) for problem in tally.problems]


def _match_new(home: Home) -> str:
    """Run the rules over what is new; what is wrong with the file, if they are not those of it."""
    try:
        book = load_rulebook(home, strict=False)
    except ConfigError as error:
        return f"{error}: no rule is run until it is right"
    update_matches(home.db, book.rules.rules, now=read_clock())
    return book.warning
