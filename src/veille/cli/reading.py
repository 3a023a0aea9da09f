"""Triage: `top`, `search`, `show`, `open`, `mark`, `note`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import open_home, read_clock
from veille.cli.output import FolderOption, JsonOption, examples, print_json, say
from veille.errors import UsageError, VeilleError
from veille.show.phrases import count
from veille.store.schema import FIRST_ID
from veille.text import clean_line, clean_text
from veille.times import parse_moment
from veille.urls import is_web

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.model import Ranked

StoryArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A story's id (1042), or its rank in the last list shown (1, 2...).")
]
LimitOption = Annotated[int, typer.Option("-n", "--number", min=1, max=FIRST_ID - 1, help="How many stories.")]


class Mark(StrEnum):
    """What `veille mark` can do to a story."""

    read = "read"
    unread = "unread"
    star = "star"
    unstar = "unstar"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(
        epilog=examples(
            "veille top                                  the last 24 hours, best first",
            "veille top --kw 'e-réputation^5' --kw '\"community manager\" OR CM'",
            "veille top --since 3d --folder Presse --why",
            "veille top --json | jq -r '.[].url'",
            "",
            'Expressions: words match any form and accents; "exact words"; communi*;',
            "-without; A OR B; (groups); ^5 weighs the whole expression.",
        ),
    )(top)
    app.command(
        short_help="Find stories in the whole archive.",
        epilog=examples("veille search 'réseaux sociaux -tiktok'", "veille search '\"bad buzz\"' -n 5 --json"),
    )(search)
    app.command(short_help="One story in full.", epilog=examples("veille show 1", "veille show 1042 --json"))(show)
    app.command("open", short_help="Open a story in your browser.", epilog=examples("veille open 1"))(open_story)
    app.command(
        short_help="Mark stories read, unread, starred or not.",
        epilog=examples("veille mark read 1 2 5-9", "veille mark star 1042", "veille top --starred"),
    )(mark)
    app.command(epilog=examples("veille note 1 'à reprendre dans la revue de presse'", "veille note 1 ''"))(note)


def top(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    *,
    keywords: Annotated[
        list[str] | None,
        typer.Option("--kw", metavar="EXPR", help="Rank by this expression (may be repeated, may end in ^WEIGHT)."),
    ] = None,
    number: LimitOption = 30,
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help="Start of the window: 24h, 3d, yesterday, 2026-11-20.")
    ] = "24h",
    folder: FolderOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Read stories too.")] = False,
    starred: Annotated[bool, typer.Option("--starred", help="Your starred stories, of any date.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Say in one line what gave each story its score.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The unread stories of the window, ranked.

    A story's score is the sum of what your rules give it, how many outlets carry it, the weight of
    its feed, and its freshness. With --kw the expressions alone make the score, and all of that
    settles ties. Afterwards the ranks shown (1, 2...) can be typed wherever an ID is asked for.
    """
    from veille.app.triage import Window, explain_nothing, keep_list, rank_window

    now = read_clock()
    window = Window(since=parse_moment(since, now=now), folder=folder, everything=everything, starred=starred)
    with open_home(ctx.obj) as home:
        ranking = rank_window(home, window, keywords=keywords or [])
        shown = ranking.stories[:number]
        if as_json:
            _print_stories(shown)
            return
        keep_list(home, shown)
        nothing = "" if shown else explain_nothing(home)
    if not shown:
        what = "no story is starred" if starred else f"nothing unread since {since}"
        say(nothing or (what if starred else f"{what}: `--since 3d` looks further back, `--all` shows what is read"))
        if ranking.hidden:
            say(f"{count(ranking.hidden, 'story', 'stories')} hidden by your kill rules")
        return
    from veille.show.terminal import open_console, print_ranked

    print_ranked(open_console(), shown, now=now, why=why)
    more = len(ranking.stories) - len(shown)
    if more:
        say(f"{more} more: -n {min(len(ranking.stories), FIRST_ID - 1)} shows them")
    if ranking.hidden:
        say(f"{count(ranking.hidden, 'story', 'stories')} hidden by your kill rules")


def search(
    ctx: typer.Context,
    expression: Annotated[
        list[str], typer.Argument(metavar="EXPR", help="What to look for (see `veille top --help`).")
    ],
    *,
    number: LimitOption = 30,
    as_json: JsonOption = False,
) -> None:
    """Find stories in the whole archive, read or not: the latest that match, best first."""
    from veille.app.triage import find_stories, keep_list

    with open_home(ctx.obj) as home:
        found, total = find_stories(home, " ".join(expression), limit=number)
        if as_json:
            _print_stories(found)
            return
        keep_list(home, found)
    from veille.show.terminal import open_console, print_ranked

    print_ranked(open_console(), found, now=read_clock())
    say(
        f"{count(total, 'story', 'stories')} found" + (f", the latest {len(found)} shown" if total > len(found) else "")
    )


def show(ctx: typer.Context, story: StoryArgument, *, as_json: JsonOption = False) -> None:
    """One story in full: text, sources, note, and its score by your rules."""
    from veille.app.triage import read_story

    with open_home(ctx.obj) as home:
        reading = read_story(home, story)
    if as_json:
        from veille.show.records import reading_record

        print_json(reading_record(reading))
        return
    from veille.show.terminal import open_console, print_story

    print_story(open_console(), reading, now=read_clock())


def open_story(ctx: typer.Context, story: StoryArgument) -> None:
    """Open a story in your browser; the id of one of its copies opens that copy."""
    import webbrowser

    from veille.app.triage import find_address

    with open_home(ctx.obj) as home:
        url = find_address(home, story)
    if not is_web(url):
        raise UsageError(
            f"story {clean_line(story)} has no web address: `veille show {clean_line(story)}` has its text"
        )
    if not webbrowser.open(url):
        raise VeilleError(f"no browser could be started: open {clean_line(url)} yourself, or set BROWSER")


def mark(
    ctx: typer.Context,
    as_what: Annotated[Mark, typer.Argument(metavar="read|unread|star|unstar", help="What to mark them.")],
    stories: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids, or ranks in the last list (3, 5-9).")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Mark stories read, unread, starred or not; all of their sources follow."""
    from veille.app.triage import mark_stories

    with open_home(ctx.obj) as home:
        marked = mark_stories(home, as_what.value, stories)
    if as_json:
        print_json([{"id": story.id, "read": story.read, "starred": story.starred} for story in marked])
        return
    from veille.show.phrases import title_of

    for story in marked:
        typer.echo(f"{as_what.value}: {title_of(story)} (id {story.id})")


def note(
    ctx: typer.Context,
    story: StoryArgument,
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="Your note; '' takes it away.")],
) -> None:
    """Write a note on a story; it goes into digests."""
    from veille.app.triage import write_note
    from veille.show.phrases import title_of

    with open_home(ctx.obj) as home:
        noted = write_note(home, story, clean_text(" ".join(text)))
    typer.echo(f"{'noted' if noted.note else 'note removed'}: {title_of(noted)} (id {noted.id})")


def _print_stories(ranked: Sequence[Ranked]) -> None:
    from veille.show.records import ranked_record

    print_json([ranked_record(one) for one in ranked])
