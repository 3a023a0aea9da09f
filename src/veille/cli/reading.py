"""One story at a time: `show`, `open`, `mark`, `note`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veille.app.home import read_clock
from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.errors import UsageError, VeilleError
from veille.text import clean_line, clean_text
from veille.urls import is_web

if TYPE_CHECKING:
    from veille.model import Story

PARTIAL = 3

StoryArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A story's id (1042), or its rank in the last list shown (1, 2...).")
]


class Mark(StrEnum):
    """What `veille mark` can do to a story."""

    read = "read"
    unread = "unread"
    star = "star"
    unstar = "unstar"
    kill = "kill"
    unkill = "unkill"
    later = "later"
    unlater = "unlater"
    pick = "pick"
    unpick = "unpick"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(
        short_help="One story in full.",
        epilog=examples(
            "veille show 1",
            "veille show 1 --full          its article, fetched from its page and kept",
            "veille show 1042 --json",
        ),
    )(show)
    app.command("open", short_help="Open a story in your browser.", epilog=examples("veille open 1"))(open_story)
    app.command(
        short_help="Mark stories read, starred, killed, for later, for the press review.",
        epilog=examples(
            "veille mark read 1 2 5-9           ranks of the last list; so too 1,2,5-9",
            "veille mark star 1042              an id",
            "veille top --starred",
            "veille mark kill 3-7               hidden for good",
            "veille mark later 4                first in the next session; unlater: not",
            "",
            "Of a range that goes past the end of the list, what is there is marked.",
        ),
    )(mark)
    app.command(
        short_help="Write a note on a story, or show it.",
        epilog=examples(
            "veille note 1 'à reprendre dans la revue de presse'",
            "veille note 1                      shows the note",
            "veille note 1 ''                   takes it away",
        ),
    )(note)


def show(
    ctx: typer.Context,
    story: StoryArgument,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Fetch the whole article from its page, once; 3 if it cannot be had.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """One story in full: text, sources, note, and its score by your rules."""
    from veille.app.opening import read_story

    article = None
    with open_home(ctx.obj) as home:
        if full:
            from veille.app.articles import read_full

            found = read_full(home, story)
            opened, article = found.opened, found.article
        else:
            opened = read_story(home, story)
    if as_json:
        from veille.show.records import article_record, reading_record

        record = reading_record(opened.reading, back_for=opened.back_for)
        print_json(record | (article_record(article, opened.reading) if article else {}))
    else:
        from veille.show.terminal import open_console, print_story

        print_story(open_console(), opened.reading, now=read_clock(), lit=opened.lit, back_for=opened.back_for)
    if article and article.status != "ok":
        from veille.show.articles import tell_article

        say(tell_article(article, opened.reading.story.id, now=read_clock()))
        if not article.readable:
            raise typer.Exit(PARTIAL)


def open_story(ctx: typer.Context, story: StoryArgument) -> None:
    """Open a story in your browser; the id of one of its copies opens that copy."""
    import webbrowser

    from veille.app.marking import find_address

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
    as_what: Annotated[Mark, typer.Argument(metavar="MARK", help=f"What to mark them: {', '.join(Mark)}.")],
    stories: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Ids, or ranks in the last list: 3 5-9, or 3,5-9.")
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Mark stories; all of their sources follow.

    kill hides a story as read ones are, for good; later puts it first in the next session; pick chooses it for the
    press review. unread, unstar, unkill, unlater and unpick take these back.
    """
    from veille.app.marking import mark_stories

    with open_home(ctx.obj) as home:
        marked, beyond = mark_stories(home, as_what.value, stories)
    if beyond:
        say(f"not in the last list shown: {beyond} (the rest is marked)")
    if as_json:
        print_json([_mark_record(story) for story in marked])
        return
    from veille.show.phrases import title_of

    for story in marked:
        typer.echo(f"{as_what.value}: {title_of(story)} (id {story.id})")


def note(
    ctx: typer.Context,
    story: StoryArgument,
    text: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]", help="Your note, in place of the one there is; '' for none.")
    ] = None,
) -> None:
    """Write a note on a story, or show it when no text is given; it goes into digests."""
    from veille.app.marking import find_noted, write_note
    from veille.show.phrases import title_of

    if not text:
        with open_home(ctx.obj) as home:
            found = find_noted(home, story)
        if found.note:
            typer.echo(clean_text(found.note))
        else:
            say(f"no note yet on: {title_of(found)} (id {found.id})")
        return
    with open_home(ctx.obj) as home:
        noted = write_note(home, story, clean_text(" ".join(text)))
    typer.echo(f"{'noted' if noted.note else 'note removed'}: {title_of(noted)} (id {noted.id})")


def _mark_record(story: Story) -> dict[str, Any]:
    """What a story is marked with now; beside read and starred only what it is."""
    more = {"killed": story.killed, "later": story.later, "picked": story.picked}
    said = {name: True for name, is_so in more.items() if is_so}
    return {"id": story.id, "read": story.read, "starred": story.starred, **said}
