"""The morning fetch: due feeds -> fetch -> Outcome -> read -> changes -> store, then fold and match.

As many workers as `jobs`, each taking a feed through all of it: what waits to be read is then never
more than they hold. One thread writes, one transaction a feed: entries are saved together with the
validators they came with, so that a run may be stopped at any moment and goes on from there.
"""

from __future__ import annotations

import asyncio
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from veille.app.fold import fold_pending
from veille.app.home import load_rules, read_clock
from veille.app.intake import Arrival, fault, next_state, take_in
from veille.errors import ConfigError
from veille.fetch.http import open_fetcher
from veille.fetch.schedule import is_due
from veille.fetch.turns import Turns
from veille.outcome import Failed, Fetched, NotModified, Problem, Receipt
from veille.read.changes import decide_changes
from veille.store.db import checkpoint, defer_sync, write
from veille.store.entries import known_entries, store_changes
from veille.store.feeds import save_state, update_feed
from veille.store.matches import update_matches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.feed import Feed, FeedState
    from veille.fetch.http import Fetcher
    from veille.model import ParsedFeed
    from veille.outcome import Outcome
    from veille.settings import FetchSettings
    from veille.store.db import Db

    Progress = Callable[["Tally"], None]


_STATUS = {Fetched: 200, NotModified: 304}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user asked for.

    `force` overrides the clock; feeds `named` one by one are fetched
    though muted and, by force, though gone.
    """

    force: bool = False
    named: bool = False

    def takes(self, feed: Feed, *, now: datetime) -> bool:
        """Whether this feed is to be fetched."""
        return is_due(feed.state, now=now) or (self.force and (self.named or feed.state.status != "gone"))


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of a running fetch; `done` of `due` feeds have been dealt with."""

    due: int = 0
    done: int = 0
    fetched: int = 0
    not_modified: int = 0
    failed: int = 0
    gone: int = 0
    new: int = 0
    edited: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What the workers share. `reading` lets one document be read at a time: feedparser holds the interpreter."""

    home: Home
    settings: FetchSettings
    tally: Tally
    on_progress: Progress | None
    fetcher: Fetcher
    reading: asyncio.Semaphore
    writer: ThreadPoolExecutor


def refresh(
    home: Home,
    *,
    feeds: Sequence[Feed],
    settings: FetchSettings,
    choice: Choice,
    on_progress: Progress | None = None,
) -> Receipt:
    """Fetch what is due among `feeds`, fold, match; say what was done.

    Ctrl-C and SIGTERM stop it cleanly: what is done is kept, and the receipt is marked interrupted.
    Wrong rules stop nothing: what is fetched waits for them, and the receipt warns. The caller holds
    the run lock. Raises StoreError, through the open store, when nothing can be written any more.
    """
    started_at = read_clock()
    defer_sync(home.db)
    chosen = [feed for feed in feeds if choice.named or not feed.muted]
    due = [feed for feed in chosen if choice.takes(feed, now=started_at)]
    tally = Tally(due=len(due))
    interrupted = asyncio.run(_fetch_all(home, due, settings, tally, on_progress)) if due else False
    duplicate = fold_pending(home.db, home.settings.fold)
    offline = not interrupted and _seem_offline(due, tally)
    if offline:
        _put_nothing_off(home, due, tally)
    warning = _match_new(home)
    checkpoint(home.db)
    attempted = {feed.id for feed in due}
    rest = [feed for feed in chosen if feed.id not in attempted]
    gone = tally.gone + sum(feed.state.status == "gone" for feed in rest)
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
        duplicate=duplicate,
        problems=tuple(tally.problems),
        next_due_at=min((feed.state.next_fetch_at for feed in rest if feed.state.next_fetch_at), default=None),
        interrupted=interrupted,
        offline=offline,
        warning=warning,
    )


def _seem_offline(due: Sequence[Feed], tally: Tally) -> bool:
    """Whether nothing at all answered: then it is the network here that is missing, not the feeds."""
    return len(due) > 1 and tally.failed == len(due) and not any(problem.status for problem in tally.problems)


def _put_nothing_off(home: Home, due: Sequence[Feed], tally: Tally) -> None:
    """Take back what was learned of each feed: it is due as it was before."""
    with write(home.db):
        for feed in due:
            save_state(home.db, feed.id, feed.state)
    tally.problems[:] = [replace(problem, retry_at=None) for problem in tally.problems]


def _match_new(home: Home) -> str:
    """Run the rules over what is new; what is wrong with them, if they cannot be."""
    try:
        update_matches(home.db, load_rules(home.places).rules)
    except ConfigError as error:
        return str(error)
    return ""


async def _fetch_all(
    home: Home, due: Sequence[Feed], settings: FetchSettings, tally: Tally, on_progress: Progress | None
) -> bool:
    """Fetch, read and store every due feed; True when stopped by a signal."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _cancel, asyncio.current_task())
    turns = Turns(due, per_host=settings.per_host)
    try:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="writing") as writer:
            async with open_fetcher(settings) as fetcher, asyncio.TaskGroup() as workers:
                run = _Run(
                    home=home,
                    settings=settings,
                    tally=tally,
                    on_progress=on_progress,
                    fetcher=fetcher,
                    reading=asyncio.Semaphore(1),
                    writer=writer,
                )
                for _ in range(min(settings.jobs, len(due))):
                    workers.create_task(_work(run, turns))
    except asyncio.CancelledError:
        return True
    except ExceptionGroup as group:
        # Only the store's errors come so far: they are told as they are.
        raise group.exceptions[0] from None
    return False


def _cancel(task: asyncio.Task[bool] | None) -> None:
    if task is not None:
        task.cancel()


async def _work(run: _Run, turns: Turns) -> None:
    while turn := turns.take():
        host, feed = turn
        await _fetch_one(run, feed)
        turns.give_back(host)


async def _fetch_one(run: _Run, feed: Feed) -> None:
    """Take one feed through everything. What goes wrong with it is stored as its failure, if that can be."""
    try:
        outcome = await run.fetcher.fetch(feed.subscription.url, feed.state.validators)
        now = read_clock()
        async with run.reading:
            arrival = await take_in(feed, outcome, now=now)
        await _write(run, feed, arrival, now)
    except Exception as error:  # noqa: BLE001 - the other feeds go on
        await _write(run, feed, Arrival(outcome=fault(error)), read_clock())
    run.tally.done += 1
    if run.on_progress:
        run.on_progress(run.tally)


async def _write(run: _Run, feed: Feed, arrival: Arrival, now: datetime) -> None:
    """Store from the writing thread: a large document, or another veille's lock, must not hold up the network."""
    await asyncio.get_running_loop().run_in_executor(run.writer, _store, run, feed, arrival, now)


def _store(run: _Run, feed: Feed, arrival: Arrival, now: datetime) -> None:
    """Save entries, titles and state together, then count."""
    db, tally = run.home.db, run.tally
    jitter = random.random()  # noqa: S311 - spreads requests, hides nothing
    state = next_state(feed, arrival, now=now, interval=run.settings.interval, jitter=jitter)
    new = edited = 0
    with write(db):
        if arrival.parsed:
            known = known_entries(db, feed.id, arrival.parsed.entries)
            new, edited = store_changes(db, feed.id, decide_changes(arrival.parsed.entries, known), now=now)
            _store_titles(db, feed, arrival.parsed)
        save_state(db, feed.id, state)
    tally.new += new
    tally.edited += edited
    match arrival.outcome:
        case Fetched():
            tally.fetched += 1
        case NotModified():
            tally.not_modified += 1
        case Failed() if state.status == "gone":
            tally.gone += 1
        case Failed():
            tally.failed += 1
    if state.reason:
        tally.problems.append(_problem(feed, arrival.outcome, state))


def _problem(feed: Feed, outcome: Outcome, state: FeedState) -> Problem:
    failed = isinstance(outcome, Failed)
    return Problem(
        feed_url=feed.subscription.url,
        title=feed.name,
        status=outcome.status if isinstance(outcome, Failed) else _STATUS[type(outcome)],
        reason=state.reason,
        retry_at=state.next_fetch_at if failed else None,
    )


def _store_titles(db: Db, feed: Feed, parsed: ParsedFeed) -> None:
    """Keep the feed's own title and site, the user's coming first when shown."""
    if parsed.title and parsed.title != feed.title:
        update_feed(db, feed.id, feed_title=parsed.title)
    if parsed.site_url and not feed.subscription.site_url:
        update_feed(db, feed.id, site_url=parsed.site_url)
