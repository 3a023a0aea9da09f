"""`veille feeds`: the list of subscriptions, and how each of them is doing."""

from __future__ import annotations

from typing import Annotated

import typer

from veille.app.home import open_home
from veille.cli.output import FolderOption, JsonOption, examples, print_json, say

_NONE = "no feeds yet: `veille import FILE` or `veille add URL`"

# A group: what it does without a subcommand is to list.
group = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(
        group,
        name="feeds",
        short_help="List subscriptions with their state, entries and weekly pace.",
        epilog=examples(
            "veille feeds",
            "veille feeds --urls",
            "veille feeds --folder Presse --json",
            "veille feeds --health             what is wrong with which, and what to do",
            "veille feeds --health --json |",
            "  jq -r '.[] | select(.verdict == \"gone\") | .url'",
        ),
    )


@group.callback()
def feeds(
    ctx: typer.Context,
    *,
    folder: FolderOption = None,
    health: Annotated[
        bool, typer.Option("--health", help="Give each feed a verdict: what is wrong with it, and what to do.")
    ] = False,
    urls: Annotated[bool, typer.Option("--urls", help="Print each feed's address too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List subscriptions with their state, entries and weekly pace; with --health, what is wrong with them."""
    if ctx.invoked_subcommand is not None:
        return
    if health:
        _show_health(ctx, folder=folder, addresses=urls, as_json=as_json)
        return
    from veille.app.subscribe import survey_feeds

    with open_home(ctx.obj) as home:
        found = survey_feeds(home, folder=folder)
    if as_json:
        from veille.show.records import feed_record

        print_json([feed_record(feed) for feed in found])
        return
    if not found:
        say(_NONE)
        return
    from veille.show.terminal import open_console, print_feeds

    print_feeds(open_console(), found, addresses=urls)


def _show_health(ctx: typer.Context, *, folder: str | None, addresses: bool, as_json: bool) -> None:
    from veille.app.health import examine_feeds

    with open_home(ctx.obj) as home:
        examined = examine_feeds(home, folder=folder)
    if as_json:
        from veille.show.records import health_record

        print_json([health_record(one) for one in examined])
        return
    if not examined:
        say(_NONE)
        return
    from veille.show.health import print_health
    from veille.show.terminal import open_console

    print_health(open_console(), examined, addresses=addresses)
