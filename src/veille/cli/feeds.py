"""`veille feeds`: the list of subscriptions."""

from __future__ import annotations

from typing import Annotated

import typer

from veille.app.home import open_home
from veille.cli.output import FolderOption, JsonOption, examples, print_json, say

# A group: what it does without a subcommand is to list.
group = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(
        group,
        name="feeds",
        short_help="List subscriptions with their state, entries and weekly pace.",
        epilog=examples("veille feeds", "veille feeds --urls", "veille feeds --folder Presse --json"),
    )


@group.callback()
def feeds(
    ctx: typer.Context,
    *,
    folder: FolderOption = None,
    urls: Annotated[bool, typer.Option("--urls", help="Print each feed's address too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List subscriptions with their state, entries and weekly pace."""
    if ctx.invoked_subcommand is not None:
        return
    from veille.app.subscribe import survey_feeds

    with open_home(ctx.obj) as home:
        found = survey_feeds(home, folder=folder)
    if as_json:
        from veille.show.records import feed_record

        print_json([feed_record(feed) for feed in found])
        return
    if not found:
        say("no feeds yet: `veille import FILE` or `veille add URL`")
        return
    from veille.show.terminal import open_console, print_feeds

    print_feeds(open_console(), found, addresses=urls)
