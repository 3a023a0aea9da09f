"""`veille why`: a story's rank, explained in full."""

from __future__ import annotations

from typing import Annotated

import typer

from veille.app.home import read_clock
from veille.cli.output import JsonOption, examples, open_home, print_json
from veille.times import parse_moment

StoryArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A story's id (1042), or its rank in the last list shown (1, 2...).")
]


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        short_help="Why a story has its rank, and what would have changed it.",
        epilog=examples(
            "veille why 3                     the third of the last list shown",
            "veille why 1042 --since 3d       among the stories of three days",
            "veille why 1042 --json | jq '.would_raise'",
        ),
    )(why)


def why(
    ctx: typer.Context,
    story: StoryArgument,
    *,
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help="Rank it among the unread since: 24h, 3d, yesterday.")
    ] = "24h",
    as_json: JsonOption = False,
) -> None:
    """Every point of a story's score: its rule, where it matched, in which words.

    Then what would have raised or lowered it (a rule that matched only in the text, looks elsewhere, has ended,
    or lacks one word), and the points that the first 10 and 20 of the list ask for.
    """
    from veille.app.why import account_for

    now = read_clock()
    with open_home(ctx.obj) as home:
        account = account_for(home, story, since=parse_moment(since, now=now))
    if as_json:
        from veille.show.why import account_record

        print_json(account_record(account))
        return
    from veille.show.terminal import open_console
    from veille.show.why import print_account

    print_account(open_console(), account, now=now)
