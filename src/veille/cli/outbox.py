"""`veille outbox`: what waits to be delivered; and the lines that other commands tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import read_clock
from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.app.home import Home
    from veille.app.outbox import Sent

_PARTIAL = 3


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        short_help="What waits to be sent, and what could not be.",
        epilog=examples(
            "veille outbox                    what waits or was given up, and why",
            "veille outbox --send             send what is due",
            "veille outbox --retry            send all now, after settings are mended",
            "veille outbox --drop 12          never send message 12",
            "veille outbox --all --json | jq -r '.[] | .state + \" \" + .subject'",
            "",
            "What cannot be sent is tried again after 1, 2, 4 ... minutes, at most 6",
            "hours, by the next fetch, digest or alert; it is given up after 3 days.",
        ),
    )(outbox)


def outbox(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    *,
    send: Annotated[bool, typer.Option("--send", help="Send what is due now.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Send all that waits or was given up.")] = False,
    drop: Annotated[
        list[int] | None, typer.Option("--drop", metavar="ID", min=1, help="Forget this message; several times.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="List what was sent, too.")] = False,
    as_json: JsonOption = False,
) -> int:
    """List the messages that have not reached anybody yet, or send them.

    Digests by mail and alerts wait here until a server takes them. Ends with 3 when something was tried and is still
    here.
    """
    from veille.app.outbox import drop as drop_one
    from veille.app.outbox import list_queued
    from veille.app.outbox import retry as make_due
    from veille.show.outbox import queued_record, tell_queued, tell_target

    now = read_clock()
    with open_home(ctx.obj) as home:
        for number in drop or []:
            row = drop_one(home, number)
            say(f"dropped: “{clean_line(row.subject)}” → {tell_target(row)}")
        if retry:
            make_due(home, now=now)
        delivered = flush_and_say(home) if send or retry else True
        rows = list_queued(home, sent=every)
    if as_json:
        print_json([queued_record(row) for row in rows])
    elif rows:
        for row in rows:
            typer.echo(tell_queued(row, now=now))
    elif not (send or retry or drop):
        say("nothing waits to be sent")
    return 0 if delivered else _PARTIAL


def flush_and_say(home: Home, *, own: str = "") -> bool:
    """Send what is due, and tell what could not be; whether all of it was whose keys begin so."""
    from veille.app.outbox import flush

    return say_sent(flush(home, now=read_clock()), own=own)


def say_sent(sent: Iterable[Sent], *, own: str = "") -> bool:
    """A line for each message that was not delivered; whether there is none, of those whose keys begin so."""
    failed = [one.queued for one in sent if not one.delivered]
    if failed:
        from veille.show.outbox import tell_failure

        now = read_clock()
        for row in failed:
            say(f"veille: {tell_failure(row, now=now)}")
    return not any(row.key.startswith(own) for row in failed)
