"""Due feeds fetched, read and stored, side by side: what each worker does, and what they share.

As many workers as `jobs` ask; what they bring is read and stored while they go on, and they wait when
that falls behind: slow servers hold up nobody, and memory is bounded. Documents are read in processes
of their own (`readers.py`). One thread writes, what is ready at that moment in one transaction
(`writing.py`): a feed's entries are saved together with the validators they came with, so that a run
may be stopped at any moment and goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from veille.app.fold import fold_pending
from veille.app.home import read_clock
from veille.app.intake import Arrival, fault, take_in
from veille.app.readers import open_readers
from veille.app.storing import Delivery, Stored, find_hold, plan_delivery
from veille.app.writing import open_writer
from veille.fetch.http import open_fetcher
from veille.fetch.schedule import Force, is_due
from veille.fetch.turns import Turns
from veille.outcome import Failed, Fetched, NotModified, Problem
from veille.store.waiting import is_hopeless

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from veille.app.home import Home
    from veille.app.readers import Readers
    from veille.app.writing import Writer
    from veille.feed import Feed
    from veille.fetch.http import Fetcher
    from veille.outcome import Outcome

    Progress = Callable[["Tally"], None]

STOPPING = (signal.SIGTERM, signal.SIGHUP)
_STATUS = {Fetched: 200, NotModified: 304}
# Reading takes most of a cold run's work, a writer and the network the rest.
_READERS = min(4, max(1, os.cpu_count() or 1))
# Files that are open beside connections; one connection may be closing while the next one opens.
_OTHER_FILES = 40
# Bytes of answers that wait to be read and stored, each counted for what it takes beside its body.
_MOST_WAITING, _LEAST_WEIGHT = 32_000_000, 10_000


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
    """Counts of a running fetch; `done` of `due` feeds have been dealt with, `unreached` gave no HTTP answer."""

    due: int = 0
    done: int = 0
    fetched: int = 0
    not_modified: int = 0
    failed: int = 0
    unreached: int = 0
    gone: int = 0
    new: int = 0
    edited: int = 0
    duplicate: int = 0
    problems: list[Problem] = field(default_factory=list)


class _Backlog:
    """How much has come that is not stored yet: nothing more is asked for while that is too much."""

    def __init__(self) -> None:
        self._bytes = 0
        self._room = asyncio.Event()
        self._room.set()

    async def wait_for_room(self) -> None:
        await self._room.wait()

    def add(self, outcome: Outcome) -> None:
        self._change(_weigh(outcome))

    def drop(self, outcome: Outcome) -> None:
        self._change(-_weigh(outcome))

    def _change(self, size: int) -> None:
        self._bytes += size
        if self._bytes < _MOST_WAITING:
            self._room.set()
        else:
            self._room.clear()


def _weigh(outcome: Outcome) -> int:
    return _LEAST_WEIGHT + (len(outcome.body) if isinstance(outcome, Fetched) else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What the workers share.

    `holds` are the hosts that have asked for peace, `met` those that did so in this run, whom nobody forces;
    `held_back` are the feeds that then wait.
    """

    home: Home
    tally: Tally
    choice: Choice
    on_progress: Progress | None
    fetcher: Fetcher
    readers: Readers
    writer: Writer
    holds: dict[str, datetime]
    met: dict[str, datetime]
    held_back: set[int]
    backlog: _Backlog = field(default_factory=_Backlog)


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
    """Fetch, read and store every due feed; True when stopped by a signal.

    While only slow servers are waited for, what has come is folded.
    """
    met: dict[str, datetime] = {}

    def peace(host: str) -> timedelta | None:
        until = met.get(host) or (None if choice.ignore_retry_after else holds.get(host))
        return until - read_clock() if until else None

    def fold() -> None:
        tally.duplicate += fold_pending(home.db, home.settings.fold)

    _hear_signals(asyncio.current_task())
    settings = replace(home.settings.fetch, jobs=_spare_files(home.settings.fetch.jobs))
    turns = Turns(due, per_host=settings.per_host)
    try:
        async with contextlib.AsyncExitStack() as stack:
            run = _Run(
                home=home,
                tally=tally,
                choice=choice,
                on_progress=on_progress,
                writer=await stack.enter_async_context(open_writer(home.db, when_idle=fold)),
                readers=await stack.enter_async_context(open_readers(_READERS)),
                fetcher=await stack.enter_async_context(open_fetcher(settings, peace)),
                holds=holds,
                met=met,
                held_back=back,
            )
            settling = await stack.enter_async_context(asyncio.TaskGroup())
            workers = await stack.enter_async_context(asyncio.TaskGroup())
            for _ in range(min(settings.jobs, len(due))):
                workers.create_task(_work(run, turns, settling))
    except asyncio.CancelledError:
        return True
    except ExceptionGroup as group:
        # Only the store's errors come so far: they are told as they are.
        raise group.exceptions[0] from None
    return False


def _spare_files(jobs: int) -> int:
    """As many exchanges at a time as there may be files open, beside those of the database and the readers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    # A soft limit of -1 is none.
    return jobs if soft < 0 else max(1, min(jobs, (soft - _OTHER_FILES) // 2))


def _hear_signals(task: asyncio.Task[bool] | None) -> None:
    """What would end the program ends the fetch, which then says what it has done; what is ignored stays so."""
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, _cancel, task)


def _cancel(task: asyncio.Task[bool] | None) -> None:
    if task is not None:
        task.cancel()


async def _work(run: _Run, turns: Turns, settling: asyncio.TaskGroup) -> None:
    """Ask one feed after the other; what comes back is read and stored meanwhile."""
    while turn := turns.take():
        host, feed = turn
        await run.backlog.wait_for_room()
        if host not in run.met and run.choice.takes(feed, now=read_clock(), held_until=run.holds.get(host)):
            outcome = await _ask(run, feed)
            if isinstance(outcome, Failed):
                # Before the host is given back: no other feed of it is asked then.
                _note_hold(run, feed, outcome)
            run.backlog.add(outcome)
            settling.create_task(_settle(run, feed, outcome, read_clock()))
        else:
            run.held_back.add(feed.id)
            _tell_done(run)
        turns.give_back(host)


async def _ask(run: _Run, feed: Feed) -> Outcome:
    try:
        return await run.fetcher.fetch(feed.subscription.url, feed.state.validators, feed.settings)
    except Exception as error:  # noqa: BLE001 - the other feeds go on
        return fault(error)


async def _settle(run: _Run, feed: Feed, outcome: Outcome, now: datetime) -> None:
    """Read and store. What goes wrong with that is stored as the feed's failure, if that can be."""
    try:
        arrival = await take_in(run.readers, feed, outcome, now=now)
        delivery = plan_delivery(run.home, feed, arrival, now=now)
        stored = await run.writer.store(delivery)
    except Exception as error:
        if is_hopeless(error):
            raise
        # The other feeds go on.
        delivery = plan_delivery(run.home, feed, Arrival(outcome=fault(error)), now=now)
        stored = await run.writer.store(delivery)
    finally:
        run.backlog.drop(outcome)
    _count(run.tally, delivery, stored)
    _tell_done(run)


def _tell_done(run: _Run) -> None:
    run.tally.done += 1
    if run.on_progress:
        run.on_progress(run.tally)


def _note_hold(run: _Run, feed: Feed, outcome: Failed) -> None:
    """Hold the host from this moment on, when it asks for peace: the feeds of it that have not been asked wait."""
    state = plan_delivery(run.home, feed, Arrival(outcome=outcome), now=read_clock()).state
    found = find_hold(feed.subscription.url, outcome, state)
    if found:
        host, until = found
        run.holds[host] = run.met[host] = until


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
        case Failed(status=status, asked=asked):
            tally.failed += 1
            tally.unreached += asked and not status
    tally.problems += [_problem(delivery.feed, outcome, stored, notice) for notice in stored.notices]


def _problem(feed: Feed, outcome: Outcome, stored: Stored, notice: str) -> Problem:
    failed = isinstance(outcome, Failed)
    return Problem(
        feed_url=feed.subscription.url,
        title=feed.name,
        status=outcome.status if isinstance(outcome, Failed) else _STATUS[type(outcome)],
        reason=notice,
        retry_at=stored.state.next_fetch_at if failed else None,
        feed_id=feed.id,
        failed=failed or stored.state.status == "degraded",
    )
