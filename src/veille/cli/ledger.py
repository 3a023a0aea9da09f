"""`veille ledger`: what the time given to sessions has brought."""

from __future__ import annotations

from typing import Annotated

import typer

from veille.app.home import read_clock
from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.times import parse_moment


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        short_help="What the time given to sessions has brought.",
        epilog=examples(
            "veille ledger                    the last 30 days, by rule, group and feed",
            "veille ledger --since 7d",
            "veille ledger --json | jq -r '.feeds[] | select(.kept == 0) | .name'",
        ),
    )(ledger)


def ledger(
    ctx: typer.Context,
    *,
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help="Sessions begun since: 30d, 2w, 2026-11-20.")
    ] = "30d",
    as_json: JsonOption = False,
) -> None:
    """Minutes given against what was kept: stars, notes and picks for the press review.

    A story that two rules match counts for both. Reading speeds are learned from what you read in sessions, and the
    next plan goes by them.
    """
    from veille.app.ledger import read_ledger
    from veille.show.ledger import ledger_record, tell_ledger

    start = parse_moment(since, now=read_clock())
    with open_home(ctx.obj) as home:
        books = read_ledger(home, since=start)
    if as_json:
        print_json(ledger_record(books))
        return
    if not books.sessions:
        say("no session since then: `veille session` begins one, `--since 90d` looks further back")
        return
    for line in tell_ledger(books):
        typer.echo(line)
