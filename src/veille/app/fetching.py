"""Due feeds fetched, read and stored, side by side: what each worker does, and what they share.

As many workers as `jobs`, each taking a feed through all of it: what waits to be read is then never
more than they hold. Documents are read in processes of their own (`reading.py`). One thread writes, what
is ready at that moment in one transaction (`writing.py`): a feed's entries are saved together with the
validators they came with, so that a run may be stopped at any moment and goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.intake import Arrival, fault, take_in
from veille.app.readers import open_readers
from veille.app.storing import Delivery, Stored, plan_delivery
from veille.app.writing import open_writer
from veille.fetch.http import open_fetcher
from veille.fetch.schedule import Force, hold_host, is_due
from veille.fetch.turns import Turns
from veille.outcome import Failed, Fetched, NotModified, Problem
from veille.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.app.readers import Readers
    from veille.app.writing import Writer
    from veille.feed import Feed
    from veille.fetch.http import Fetcher
    from veille.outcome import Outcome

    Progress = Callable[["Tally"], None]


_STATUS = {Fetched: 200, NotModified: 304}
# Reading takes most of a cold run's work, a writer and the network the rest.
_READERS = min(4, max(1, os.cpu_count() or 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user asked for.

    `force` overrides the clock, `ignore_retry_after` what servers asked for too; feeds `named` one by
    one are fetched though muted and, by force, though gone.
    """

    force: bool = False
    ignore_retry_after: bool = False
    named: bool = False

    def takes(self, feed: Feed, *, now: datetime, held_until: datetime | None) -> bool:
        """Whether this feed is to be fetched."""
        force = Force(clock=self.force, retry_after=self.ignore_retry_after, gone=self.named)
        return is_due(feed, now=now, held_until=held_until, force=force)


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
    """What the workers share. `holds` grows when a host asks for peace; `held_back` are the feeds that then wait."""

    home: Home
    tally: Tally
    choice: Choice
    on_progress: Progress | None
    fetcher: Fetcher
    readers: Readers
    writer: Writer
    holds: dict[str, datetime]
    held_back: set[int]


async def fetch_all(  # noqa: PLR0913 - all that one run needs
    home: Home,
    due: Sequence[Feed],
    *,
    choice: Choice,
    tally: Tally,
    on_progress: Progress | None,
    holds: dict[str, datetime],
    back: set[int],
) -> bool:
    """Fetch, read and store every due feed; True when stopped by a signal."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _cancel, asyncio.current_task())
    settings = home.settings.fetch
    turns = Turns(due, per_host=settings.per_host)
    try:
        async with contextlib.AsyncExitStack() as stack:
            run = _Run(
                home=home,
                tally=tally,
                choice=choice,
                on_progress=on_progress,
                writer=await stack.enter_async_context(open_writer(home.db)),
                readers=await stack.enter_async_context(open_readers(_READERS)),
                fetcher=await stack.enter_async_context(open_fetcher(settings)),
                holds=holds,
                held_back=back,
            )
            workers = await stack.enter_async_context(asyncio.TaskGroup())
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
        held_until = run.holds.get(host)
        if run.choice.takes(feed, now=read_clock(), held_until=held_until):
            await _fetch_one(run, feed)
        else:
            run.held_back.add(feed.id)
        turns.give_back(host)
        run.tally.done += 1
        if run.on_progress:
            run.on_progress(run.tally)


async def _fetch_one(run: _Run, feed: Feed) -> None:
    """Take one feed through everything. What goes wrong with it is stored as its failure, if that can be."""
    try:
        outcome = await run.fetcher.fetch(feed.subscription.url, feed.state.validators)
        now = read_clock()
        arrival = await take_in(run.readers, feed, outcome, now=now)
        delivery = plan_delivery(run.home, feed, arrival, now=now)
        _note_hold(run, delivery)
        stored = await run.writer.store(delivery)
    except Exception as error:  # noqa: BLE001 - the other feeds go on
        delivery = plan_delivery(run.home, feed, Arrival(outcome=fault(error)), now=read_clock())
        stored = await run.writer.store(delivery)
    _count(run.tally, delivery, stored)


def _note_hold(run: _Run, delivery: Delivery) -> None:
    """Hold the host from this moment on: the feeds of it that have not been asked wait."""
    outcome = delivery.arrival.outcome
    until = hold_host(outcome, delivery.state) if isinstance(outcome, Failed) else None
    if until and isinstance(outcome, Failed):
        run.holds[outcome.host or host_of(delivery.feed.subscription.url)] = until


def _count(tally: Tally, delivery: Delivery, stored: Stored) -> None:
    tally.new += stored.new
    tally.edited += stored.edited
    outcome = delivery.arrival.outcome
    match outcome:
        case Fetched():
            tally.fetched += 1
        case NotModified():
            tally.not_modified += 1
        case Failed() if stored.state.status == "gone":
            tally.gone += 1
        case Failed():
            tally.failed += 1
    tally.problems += [_problem(delivery.feed, outcome, stored, notice) for notice in stored.notices]


def _problem(feed: Feed, outcome: Outcome, stored: Stored, notice: str) -> Problem:
    failed = isinstance(outcome, Failed)
    return Problem(
        feed_url=feed.subscription.url,
        title=feed.name,
        status=outcome.status if isinstance(outcome, Failed) else _STATUS[type(outcome)],
        reason=notice,
        retry_at=stored.state.next_fetch_at if failed else None,
    )
