"""`veille fetch`."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import open_home, read_clock
from veille.cli.outbox import flush_and_say
from veille.cli.output import FolderOption, JsonOption, examples, print_json, say
from veille.errors import UsageError, VeilleError
from veille.times import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from veille.app.home import Home
    from veille.app.refresh import Tally
    from veille.outcome import Receipt

PARTIAL = 3
_WAIT = "wait for it to end, or let `veille fetch --wait 10m` do so"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(
        short_help="Fetch what is due and fold copies into stories.",
        epilog=examples(
            "veille fetch                    everything that is due",
            "veille fetch --force            everything, due or not",
            "veille fetch 12 'le monde'      two feeds only",
            "veille fetch --folder Presse -q from cron",
            "veille fetch -q --wait 10m      after one that is running, at most so long",
        ),
    )(fetch)


def fetch(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    feeds: Annotated[
        list[str] | None, typer.Argument(metavar="[FEED]...", help="Only these: number, address or part of a title.")
    ] = None,
    *,
    folder: FolderOption = None,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, max=500, help="Exchanges at a time.")] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Fetch feeds that are not due too.")] = False,
    ignore_retry_after: Annotated[
        bool, typer.Option("--ignore-retry-after", help="With --force: ask servers that asked for peace, too.")
    ] = False,
    wait: Annotated[
        str | None,
        typer.Option("--wait", metavar="TIME", help="Wait so long for another veille that is fetching: 10m."),
    ] = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something fails.")] = False,
) -> None:
    """Fetch the feeds that are due, fold copies into stories, and say what was done.

    A feed is due once an hour, or when its server says. What cannot be fetched is told and tried
    again later by itself. Ends with 3 when some feeds failed, 4 when another veille is fetching
    (still, with --wait).
    """
    if ignore_retry_after and not force:
        raise UsageError("--ignore-retry-after goes with --force: `veille fetch --force --ignore-retry-after`")
    patience = parse_duration(wait).total_seconds() if wait else 0.0
    from veille.app.lock import hold_lock
    from veille.app.refresh import Choice, refresh
    from veille.app.scopes import find_idle_scopes
    from veille.app.subscribe import choose_feeds

    with open_home(ctx.obj) as home:
        with hold_lock(home.places.lock, command="fetch", patience=patience, advice=_WAIT):
            settings = home.settings.fetch if jobs is None else replace(home.settings.fetch, jobs=jobs)
            chosen = choose_feeds(home, feeds or [], folder=folder)
            warnings = [] if quiet else find_idle_scopes(home)
            if not chosen and not as_json:
                say("no feeds yet: `veille import FILE` or `veille add ADDRESS`")
            with _progress_bar(shown=not quiet and sys.stderr.isatty()) as on_progress:
                choice = Choice(force=force, ignore_retry_after=ignore_retry_after, named=bool(feeds))
                receipt = refresh(home, feeds=chosen, settings=settings, choice=choice, on_progress=on_progress)
            pruned, troubles = (0, []) if receipt.interrupted else _tidy(home, receipt.started_at)
        # What digests and alerts could not send is tried again, when nobody waits for the lock.
        if not receipt.interrupted:
            flush_and_say(home)
    if as_json:
        from veille.show.records import receipt_record

        print_json(receipt_record(receipt))
    elif chosen and (not quiet or receipt.failed):
        from veille.show.terminal import open_console, print_receipt

        print_receipt(open_console(stderr=quiet), receipt, now=read_clock())
    if pruned and not quiet:
        say(f"{pruned:,} entries have left the archive for their age ([store] keep)".replace(",", " "))
    for line in warnings:
        say(f"veille: {line}")
    if receipt.warning:
        say(f"veille: WARNING: {receipt.warning} (what was fetched is kept)")
    for trouble in troubles:
        say(f"veille: WARNING: {trouble}")
    raise typer.Exit(_exit_code(receipt) or (PARTIAL if troubles else 0))


def _tidy(home: Home, started_at: datetime) -> tuple[int, list[str]]:
    """The week's backup, then what is kept no longer: how many entries have gone, and what went wrong.

    What has been fetched is told whatever becomes of these.
    """
    from veille.app.backup import back_up_when_due
    from veille.app.prune import prune_when_due

    unsaved = back_up_when_due(home)
    try:
        pruned, untaken = prune_when_due(home, fetched_since=started_at)
    except VeilleError as error:
        pruned, untaken = 0, f"what is kept no longer could not be taken out: {error}"
    return pruned, [one for one in (unsaved, untaken) if one]


def _exit_code(receipt: Receipt) -> int:
    if receipt.interrupted or (receipt.warning and not receipt.failed):
        return PARTIAL
    if not receipt.failed:
        return 0
    return PARTIAL if receipt.fetched or receipt.not_modified or receipt.waiting else 1


@contextlib.contextmanager
def _progress_bar(*, shown: bool) -> Iterator[Callable[[Tally], None] | None]:
    """A bar with counts on a terminal, nothing elsewhere."""
    if not shown:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(tally: Tally) -> None:
            failed = f", {tally.failed} failed" if tally.failed else ""
            bar.update(task, total=tally.due, completed=tally.done, description=f"{tally.new} new{failed}")

        yield show
