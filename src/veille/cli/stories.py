"""`veille story`: one story's sources, why two headlines are one, splitting and putting together."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperGroup

from veille.app.home import read_clock
from veille.cli.output import JsonOption, examples, open_home, print_json

_DEFAULT = "show"
_EXAMPLES = (
    "veille story 1                      who had it, when, and what is a copy",
    "veille story why 1 2                why they are, or are not, one story",
    "veille story split 1042 1050 1061   these two leave, together",
    "veille story merge 1 2              they are one; the older number stays",
)


class _StoryGroup(TyperGroup):
    """`veille story 1` means `veille story show 1`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        first = args[0] if args else ""
        if first not in self.commands and first not in ctx.help_option_names:
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


group = typer.Typer(cls=_StoryGroup, rich_markup_mode=None)

StoryArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A story's id (1042), or its rank in the last list shown (1, 2...).")
]
_EITHER = "A story or one of its entries, by id, or by rank; a story means its lead."


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(
        group,
        name="story",
        help="One story: its sources, why two are one, splitting and putting together.",
        epilog=examples(*_EXAMPLES),
    )
    group.command(epilog=examples("veille story 1", "veille story 1042 --json"))(show)
    group.command(epilog=examples("veille story why 1 2", "veille story why 1042 1061 --json"))(why)
    group.command(epilog=examples("veille story split 1042 1061", "veille story split 1 1050 1061"))(split)
    group.command(epilog=examples("veille story merge 1 2", "veille story merge 1042 1061 1077"))(merge)


def show(ctx: typer.Context, story: StoryArgument, *, as_json: JsonOption = False) -> None:
    """The sources by date: who was first and by how much, copies under their original."""
    from veille.app.comparing import read_coverage

    with open_home(ctx.obj) as home:
        found, coverage = read_coverage(home, story)
    if as_json:
        from veille.show.records import coverage_record

        print_json(coverage_record(found, coverage))
        return
    from veille.show.stories import print_coverage
    from veille.show.terminal import open_console

    print_coverage(open_console(), found, coverage, now=read_clock())


def why(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A", help=_EITHER)],
    b: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """What speaks for and against one story, in one line.

    The figure after a word is its worth: 1 for one that a single story has. "chance" is that of the two headlines
    alone: a story asks for agreement among all of its headlines. Where others brought the two together, they are
    named, with how far each agrees with the next.
    """
    from veille.app.comparing import compare_two

    with open_home(ctx.obj) as home:
        compared = compare_two(home, (a, b))
    if as_json:
        from veille.show.records import comparison_record

        print_json(comparison_record(compared))
        return
    from veille.show.terminal import open_console, print_wrapped
    from veille.text import clean_line

    print_wrapped(open_console(), clean_line(compared.line()), "", "")


def split(
    ctx: typer.Context,
    story: StoryArgument,
    entries: Annotated[list[str], typer.Argument(metavar="ENTRY...", help="Entries of it, by the id that each has.")],
) -> None:
    """Let entries leave for a story of their own, for ever: several stay together."""
    from veille.app.stories import split_story

    with open_home(ctx.obj) as home:
        done = split_story(home, story, entries)
    from veille.show.stories import print_split
    from veille.show.terminal import open_console

    print_split(open_console(), *done.stories)
    _say_undo(done.undo)


def merge(
    ctx: typer.Context,
    stories: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Stories, by id or by rank; the oldest id stays.")
    ],
) -> None:
    """Make one story of several, for ever."""
    from veille.app.stories import put_stories_together

    with open_home(ctx.obj) as home:
        done = put_stories_together(home, stories)
    from veille.show.stories import print_merge
    from veille.show.terminal import open_console

    print_merge(open_console(), done.story, done.gone)
    _say_undo(done.undo, " (what is split stays apart for ever)")


def _say_undo(commands: str, warning: str = "") -> None:
    """On a line that the terminal breaks, so that it is whole when it is copied."""
    typer.echo(f"to undo{warning}: {commands}")
