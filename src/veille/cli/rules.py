"""`veille rules`: what rules.toml says, whether it is right, and edits of it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import read_clock
from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.errors import UsageError
from veille.text import clean_line

if TYPE_CHECKING:
    from veille.app.home import Home
    from veille.rank.rules import Rules

_SAMPLE = "`veille rules add 'e-réputation OR \"avis clients\"' --name marque --weight 5`"
_MOST_TOLD = 20
_FAILED = 1

# A group: what it does without a subcommand is to list.
group = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(
        group,
        name="rules",
        short_help="List your rules and weights; add, change and check them.",
        epilog=examples(
            "veille rules",
            "veille rules --json",
            "veille rules add 'e-réputation OR \"avis clients\"' --name marque --weight 5",
            "veille rules edit marque --weight 8 --folder Presse",
            "veille rules disable marque",
            "veille rules check ~/brouillon.toml",
        ),
    )
    group.command("list", epilog=examples("veille rules list", "veille rules list --json"))(list_)
    group.command(
        "check",
        short_help="Say whether rules.toml, or another file, is right.",
        epilog=examples("veille rules check", "veille rules check ~/brouillon.toml     before it takes its place"),
    )(check)


@group.callback()
def rules(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """List your rules, saved searches and weights, and say which of them have no effect.

    They are in rules.toml, which is yours to edit by hand and to keep in git; `add`, `edit`, `remove`, `disable` and
    `enable` change it for you and leave your comments and its order as they are. What is wrong is told with its line
    and column, and ends with 1.
    """
    if ctx.invoked_subcommand is None:
        _list(ctx, as_json=as_json)


def list_(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """List your rules, as `veille rules` does."""
    _list(ctx, as_json=as_json)


def check(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Another file than rules.toml.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Say whether rules.toml, or another file, is right: every mistake on a line of its own, as file:line:column.

    Ends with 1 when there is one. What is right and has no effect (a folder that no feed is in) is told too.
    """
    from veille.rank.rulereader import find_mistakes, read_rules

    with open_home(ctx.obj) as home:
        path = home.places.rules if file is None else file.expanduser()
        text = _read(path, must_exist=file is not None)
        mistakes = find_mistakes(text, name=str(path))
        found = None if mistakes else read_rules(text, name=str(path))
        idle = _find_idle(home, found) if found else []
    if as_json:
        counted = len(found.rules) if found else None
        print_json({"file": str(path), "rules": counted, "mistakes": mistakes, "no_effect": idle})
    else:
        for line in mistakes:
            typer.echo(clean_line(line))
        _conclude(found, idle, path=path)
    raise typer.Exit(_FAILED if mistakes else 0)


def _list(ctx: typer.Context, *, as_json: bool) -> None:
    from veille.app.rulebook import load_rulebook
    from veille.errors import ConfigError
    from veille.rank.rulereader import find_mistakes

    with open_home(ctx.obj) as home:
        path = home.places.rules
        try:
            found = load_rulebook(home).rules
        except ConfigError:
            mistakes = find_mistakes(_read(path, must_exist=False), name=str(path))
            for line in mistakes[:_MOST_TOLD]:
                say(f"veille: {clean_line(line)}")
            if len(mistakes) > _MOST_TOLD:
                say(f"and {len(mistakes) - _MOST_TOLD} more: `veille rules check` tells them all")
            raise typer.Exit(_FAILED) from None
        idle = _find_idle(home, found)
    if as_json:
        from veille.show.records import rules_record

        print_json({"file": str(path)} | rules_record(found))
        return
    if not (found.rules or found.searches or found.feed_weights or found.folder_weights or found.weights):
        say(f"no rules yet: {_SAMPLE},\nor write them in {path}")
        return
    from veille.show.rules import print_rules
    from veille.show.terminal import open_console

    print_rules(open_console(), found, now=read_clock())
    _conclude(found, idle, path=path)


def _read(path: Path, *, must_exist: bool) -> str:
    from veille.config import read_text

    if must_exist and not path.is_file():
        raise UsageError(f"{clean_line(str(path))}: no such file")
    return read_text(path)


def _find_idle(home: Home, found: Rules) -> list[str]:
    from veille.app.idle import find_idle

    return find_idle(home, found)


def _conclude(found: Rules | None, idle: list[str], *, path: Path) -> None:
    from veille.show.phrases import count

    for what in idle:
        say(f"has no effect: {what}")
    if found is not None:
        say(f"{count(len(found.rules), 'rule')} in {path}" + ("" if idle else ", all right"))
