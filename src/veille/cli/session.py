"""`veille session`: reading against the clock, on a screen, line by line, or the plan alone."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import read_clock
from veille.cli.listing import print_lines
from veille.cli.output import JsonOption, examples, is_terminal, open_home, print_json, say
from veille.errors import UsageError, VeilleError
from veille.rank.plan import read_budget
from veille.text import clean_line

if TYPE_CHECKING:
    from datetime import timedelta

    from veille.app.home import Home

_LEAST_COLUMNS, _LEAST_LINES = 60, 16
_MOST_REASONS = 3
_INSTEAD = "use `veille session --plain` line by line, or `veille session --plan`"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        short_help="Read the best of the day against the clock.",
        epilog=examples(
            "veille session                   go on, or plan what fits into your time",
            "veille session --budget 45m      less time today",
            "veille session --plan            what fits, in which order, and what not",
            "veille show 3                    a rank of that plan; so too in open, why",
            "veille session --plan --json | jq -r '.[].url'",
            "veille session --plain           line by line: screen readers, pipes",
            "veille session --new             close that of today and plan another",
            "",
            "[session] in config.toml: budget, glance, reserve, discovery, per_feed,",
            "window, words_a_minute.",
            "",
            "Exit codes: 0 done; 1 nothing to read; 2 usage, or no terminal to draw on;",
            "4 a session is open in another terminal.",
        ),
    )(session)


def session(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Only print the plan; nothing begins.")] = False,
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="TIME", help="The time there is: 1h45, 45m (1m to 24h).")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Plan another, whatever is open.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Line by line, no screen; ? lists the letters.")] = False,
    prefetch: Annotated[bool, typer.Option("--prefetch", help="Fetch the articles of the plan in full first.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read what fits into your time, the best first; every action is kept at once.

    A plan costs each story a glance and its reading time. Pins come first, then what you put off, the reserves
    of your groups, and the best of the rest with a share for discoveries; what does not fit is listed. The session
    of today goes on where you left it, with its clock as it stood; that of another day is closed.
    """
    span = None if budget is None else read_budget(budget)
    if as_json and not plan:
        raise UsageError("--json prints a plan: `veille session --plan --json`")
    if plan and plain:
        raise UsageError("--plan and --plain: --plan begins nothing: choose one")
    if not plan and not plain:
        _check_terminal()
    with open_home(ctx.obj) as home:
        _warn(home)
        if plan:
            _print_plan(home, span, as_json=as_json, prefetch=prefetch)
            return
        if prefetch:
            _prefetch_session(home, span, new=new)
            new = False
        if plain:
            from veille.cli.plain import read_plainly

            read_plainly(home, budget=span, fresh=new)
            return
        from veille.session.screen import run_session

        summary = run_session(home, budget=span, fresh=new)
    if summary:
        from veille.show.session import tell_summary

        for line in tell_summary(summary):
            typer.echo(line)


def _print_plan(home: Home, budget: timedelta | None, *, as_json: bool, prefetch: bool) -> None:
    from veille.app.marking import keep_list
    from veille.app.planning import check_plan, plan_stories
    from veille.app.standing import tell_open
    from veille.app.triage import catch_up
    from veille.rank.listing import list_ranked
    from veille.show.phrases import count
    from veille.show.session import plan_record, span_within, tell_plan

    catch_up(home)
    planned = plan_stories(home, budget)
    found = planned.plan
    if prefetch:
        _prefetch(home, [slot.ranked.story.lead.entry_id for slot in found.slots])
    keep_list(home, list_ranked(slot.ranked for slot in found.slots), ranks=not as_json)
    if as_json:
        print_json(plan_record(found))
    elif is_open := tell_open(home):
        say(is_open)
    try:
        check_plan(home, planned)
    except VeilleError as nothing:
        # Nothing to read is no trouble for a list.
        say(str(nothing))
        return
    if not as_json:
        aside = {"crowded": planned.crowded, "let_go": planned.let_go}
        print_lines(tell_plan(found, now=read_clock(), width=_measure_line(), **aside))
    fit = count(len(found.slots), "story", "stories")
    out = {"do not fit": len(found.tail), "let go": len(found.let_go)}
    left = "".join(f", {number} {what}" for what, number in out.items() if number)
    rest = left or ("" if planned.crowded else ": all there is")
    say(f"{fit}, {span_within(found.seconds, found.budget.total_seconds())}{rest}")
    for line in (*planned.short, *filter(None, [planned.crowded])):
        say(line)
    if planned.hidden:
        say(f"{planned.hidden} hidden by your kill rules: `veille top --hidden` lists them")


def _prefetch_session(home: Home, budget: timedelta | None, *, new: bool) -> None:
    """Begin the session, or go on with it, and fetch the articles that it has still to read."""
    from veille.app.session import leave, open_session

    opened = open_session(home, budget=budget, fresh=new)
    try:
        for notice in opened.notices:
            say(notice)
        if not opened.resumed:
            # Whoever opens it after this goes on with it, and no longer says what its plan left out.
            tail = f"{len(opened.tail)} more do not fit: `veille session --plan` lists them" if opened.tail else ""
            for line in filter(None, [tail, opened.let_go]):
                say(line)
        _prefetch(home, [slot.story.lead.entry_id for slot in opened.slots if slot.state == "todo"])
    finally:
        leave(opened)


def _prefetch(home: Home, entry_ids: list[int]) -> None:
    from veille.app.articles import prefetch
    from veille.show.progress import show_progress

    with show_progress(shown=sys.stderr.isatty()) as show:

        def tell(done: int, total: int) -> None:
            if show:
                show(done, total, f"{done} of {total} articles")

        articles = prefetch(home, entry_ids, tell)
    missing = [article.reason for article in articles.values() if not article.readable]
    reasons = Counter(missing).most_common(_MOST_REASONS)
    why = "; ".join(f"{number} not: {clean_line(reason)}" for reason, number in reasons)
    rest = len(missing) - sum(number for _, number in reasons)
    more = f"; {rest} for other reasons" if rest else ""
    read = len(articles) - len(missing)
    say(f"{read} of {len(entry_ids)} articles are here in full{f' ({why}{more})' if why else ''}")


def _warn(home: Home) -> None:
    from veille.app.standing import find_idle_reserves

    for line in find_idle_reserves(home):
        say(f"veille: {line}")


def _measure_line() -> int | None:
    """How wide a terminal is, None for what is none."""
    if not is_terminal():
        return None
    from veille.show.terminal import open_console

    return open_console().width


def _check_terminal() -> None:
    """Raises UsageError where no screen can be drawn, with what to use instead."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"a session draws on a terminal, and this is none: {_INSTEAD}")
    if os.environ.get("TERM", "") in {"", "dumb"}:
        raise UsageError(f"this terminal cannot be drawn on (TERM={os.environ.get('TERM', '')}): {_INSTEAD}")
    size = os.get_terminal_size(sys.stdout.fileno())
    if size.columns < _LEAST_COLUMNS or size.lines < _LEAST_LINES:
        least = f"a session needs {_LEAST_COLUMNS}x{_LEAST_LINES}"
        raise UsageError(f"this terminal is {size.columns}x{size.lines}, {least}: make it larger, or {_INSTEAD}")
