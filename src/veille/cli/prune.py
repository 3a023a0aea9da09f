"""`veille prune`: what is old leaves the archive."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer

from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.errors import UsageError
from veille.times import parse_duration


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        short_help="Take out of the archive what is old.",
        epilog=examples(
            "veille prune --older 365d --dry-run   what would go, what stays and why",
            "veille prune --older 365d             take it out, make the file smaller",
        ),
    )(prune)


def prune(
    ctx: typer.Context,
    *,
    older: Annotated[
        str | None, typer.Option("--older", metavar="SPAN", help="What was published longer ago: 365d, 104w.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would go; write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take stories out of which every entry is older, and give their room on the disk back.

    What you have starred, noted, tagged, picked or put off stays, as does what is in a press review, in an issue of a
    digest or in a session that is not ended. What has gone does not come back as new, even while its feed still shows
    it. There is no way back but a backup. `keep = "365d"` under [store] in config.toml does so with the first fetch of
    each day.
    """
    if older is None:
        raise UsageError("say how old: `veille prune --older 365d`, with --dry-run to see first")
    from veille.app.lock import hold_lock
    from veille.app.prune import prune as prune_archive
    from veille.show.prune import pruned_record, tell_pruned

    span = parse_duration(older)
    with open_home(ctx.obj) as home:
        lock = contextlib.nullcontext() if dry_run else hold_lock(home.places.lock, command="prune")
        with lock:
            pruned = prune_archive(home, older=span, dry_run=dry_run)
    if as_json:
        print_json(pruned_record(pruned))
    else:
        for line in tell_pruned(pruned):
            typer.echo(line)
    if pruned.trouble:
        say(f"veille: WARNING: {pruned.trouble}")
