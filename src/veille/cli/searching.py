"""`veille search`: the whole archive, and searches saved under a name."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from veille.app.home import read_clock
from veille.cli.listing import (
    FIELDS_HELP,
    Form,
    FormatOption,
    LimitOption,
    MarkdownOption,
    UrlsOption,
    WhyOption,
    choose_writer,
)
from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.config import find_places
from veille.errors import UsageError
from veille.show.phrases import count
from veille.text import clean_line


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        short_help="Find stories in the whole archive; save searches.",
        epilog=examples(
            "veille search 'réseaux sociaux -tiktok'",
            "veille search '\"bad buzz\"' -n 5 --json",
            "veille search 'title:amende site:lemonde.fr since:30d'",
            "veille search --save crise 'polémique OR \"bad buzz\" OR boycott'",
            "veille search '@crise NOT football'    @NAME stands in any expression",
            "veille top --kw @crise; veille alert crise",
            "veille search --list; veille search --forget crise",
            "",
            *FIELDS_HELP,
            "",
            "Exit codes: 0 also when nothing is found (`veille alert` tells);",
            "1 a wrong rules.toml; 2 usage.",
        ),
    )(search)


def search(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    expression: Annotated[
        list[str] | None, typer.Argument(metavar="[EXPR]", help="What to look for (see `veille top --help`).")
    ] = None,
    *,
    number: LimitOption = 30,
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help="Save the expression: @NAME stands for it.")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="The saved searches.")] = False,
    forget: Annotated[str | None, typer.Option("--forget", metavar="NAME", help="Forget a saved search.")] = None,
    why: WhyOption = False,
    template: FormatOption = None,
    urls: UrlsOption = False,
    markdown: MarkdownOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find stories in the whole archive, read or not: the latest that match, best first.

    Saved searches are in rules.toml, under [searches].
    """
    text = " ".join(expression or [])
    asked = [
        option
        for option, on in (("--save", save), ("--list", listing), ("--forget", forget))
        if on not in (None, False)
    ]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)}: one at a time")
    if save is not None:
        _save(ctx, save, text)
    elif listing or forget is not None:
        if text:
            raise UsageError(f"{asked[0]} takes no expression: {clean_line(text)}")
        _list(ctx, as_json=as_json) if forget is None else _forget(ctx, forget)
    elif not expression:
        raise UsageError(
            "search what? veille search EXPR, or --list for your saved searches (see `veille search --help`)"
        )
    else:
        form = Form(as_json=as_json, template=template, urls=urls, markdown=markdown)
        _find(ctx, text, number=number, why=why, form=form)


def _find(ctx: typer.Context, text: str, *, number: int, why: bool, form: Form) -> None:
    from veille.app.hints import doubt_names, explain_miss
    from veille.app.marking import keep_list
    from veille.app.ranking import find_stories
    from veille.rank.listing import list_ranked
    from veille.show.ranked import View

    write = choose_writer(form)
    with open_home(ctx.obj) as home:
        found = find_stories(home, text, limit=number)
        listed = list_ranked(found.stories, back_for=found.back_for)
        keep_list(home, listed, ranks=form.is_for_people)
        write(listed, View(now=read_clock(), why=why, lit=found.lit))
        sys.stdout.flush()
        said = doubt_names(home, [text])
        said += [] if listed else explain_miss(home, [text])
    for one in said:
        say(one)
    if form.is_for_people:
        shown = f", the latest {len(listed)} shown" if found.total > len(listed) else ""
        say(f"{count(found.total, 'story', 'stories')} found{shown}")


def _save(ctx: typer.Context, name: str, text: str) -> None:
    from veille.app.rulebook import save_search

    places = find_places(db=ctx.obj)
    name = name.removeprefix("@")
    before = save_search(places, name, text)
    changed = "" if before in ("", text) else f" (it was {clean_line(before)})"
    typer.echo(f"saved: @{name} is {clean_line(text)}{changed}")


def _forget(ctx: typer.Context, name: str) -> None:
    from veille.app.searches import forget_search

    name = name.removeprefix("@")
    before = forget_search(find_places(db=ctx.obj), name)
    typer.echo(f"forgotten: @{clean_line(name)} was {clean_line(before)}")


def _list(ctx: typer.Context, *, as_json: bool) -> None:
    from veille.app.rulebook import load_rules

    places = find_places(db=ctx.obj)
    searches = load_rules(places).searches
    if as_json:
        print_json([{"name": name, "match": text} for name, text in searches.items()])
        return
    if not searches:
        say("no searches are saved yet: `veille search --save NAME 'EXPR'`")
    width = max(map(len, searches), default=0)
    for name, text in searches.items():
        typer.echo(f"@{clean_line(name):<{width}}  {clean_line(text)}")
