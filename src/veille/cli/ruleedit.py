"""`veille rules add`, `edit`, `remove`, `disable` and `enable`: one change to rules.toml each."""

from __future__ import annotations

import shlex
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veille.app.home import read_clock
from veille.cli.output import examples, open_home, say
from veille.cli.rules import group
from veille.cli.rulevalues import SEVERAL, SINGLE, read_values
from veille.errors import UsageError
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veille.app.home import Home
    from veille.app.rulebook import Edit


class Kind(StrEnum):
    """What a rule does with what it matches."""

    boost = "boost"
    kill = "kill"
    pin = "pin"
    note = "note"


RuleArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Its name, or a beginning that only it has; case does not count.")
]
NameOption = Annotated[str | None, typer.Option("--name", help="What explanations call it.")]
WeightOption = Annotated[
    str | None,
    typer.Option("--weight", "-w", metavar="NUMBER", help="Points when a title matches; may be negative."),
]
GroupOption = Annotated[str | None, typer.Option("--group", help="For `top --group`, such as marque or crise.")]
KindOption = Annotated[
    Kind | None, typer.Option("--kind", help="boost (the default), kill: hidden, pin: first, note: says --note.")
]
FieldOption = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="FIELD", help="Look there only: title, text, author; several: title,text."),
]
FolderOption = Annotated[
    list[str] | None, typer.Option("--folder", metavar="FOLDER", help="Count for it only; may be repeated.")
]
FeedOption = Annotated[
    list[str] | None, typer.Option("--feed", metavar="FEED", help="Number, address or title; may be repeated.")
]
LangOption = Annotated[
    list[str] | None, typer.Option("--lang", metavar="CODE", help="fr, or français; several: fr,en.")
]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DAY", help="Its last day, such as 2026-12-31.")]
NoteOption = Annotated[str | None, typer.Option("--note", help="What to say of its stories: makes it a note.")]


def register(_app: typer.Typer) -> None:
    """Add this file's commands to those of `veille rules`."""
    group.command(
        "add",
        epilog=examples(
            "veille rules add 'e-réputation OR \"avis clients\"' --name marque --weight 5",
            "veille rules add 'horoscope' --kind kill",
            "veille rules add 'rappel produit' --kind pin --until 2026-12-31",
            "veille rules add 'acme' --note 'our client' --folder Presse --lang fr",
            "veille rules add --kind kill -- '-lang:fr'",
            "",
            "An expression that begins with - comes last, after --.",
        ),
    )(add)
    group.command(
        "edit",
        epilog=examples(
            "veille rules edit marque --weight 8",
            "veille rules edit marque --match 'e-réputation OR \"bad buzz\"' --name image",
            "veille rules edit marque --until '' --folder ''",
            "",
            "An empty value takes a key away; --kind boost takes kind away.",
        ),
    )(edit)
    group.command("remove", epilog=examples("veille rules remove marque"))(remove)
    group.command("disable", epilog=examples("veille rules disable marque"))(disable)
    group.command("enable", epilog=examples("veille rules enable marque"))(enable)


def add(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="What to look for, as in `search`.")],
    *,
    name: NameOption = None,
    weight: WeightOption = None,
    group_: GroupOption = None,
    kind: KindOption = None,
    field: FieldOption = None,
    folder: FolderOption = None,
    feed: FeedOption = None,
    lang: LangOption = None,
    until: UntilOption = None,
    note: NoteOption = None,
) -> None:
    """Add a rule to rules.toml, which is made if there is none."""
    from veille.app.rulebook import add_rule

    with open_home(ctx.obj) as home:
        values = read_values(
            home,
            {"name": name, "weight": weight, "group": group_, "kind": kind, "until": until, "note": note},
            {"fields": field, "folders": folder, "feeds": feed, "lang": lang},
        )
        named = {"name": values.pop("name")} if values.get("name") else {}
        kept = {key: value for key, value in values.items() if value is not None}
        done = add_rule(home.places, named | {"match": expression} | kept)
        _tell(home, done, ["remove", *_words(done.name)])


def edit(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    rule: RuleArgument,
    *,
    match: Annotated[str | None, typer.Option("--match", metavar="EXPR", help="What to look for.")] = None,
    name: NameOption = None,
    weight: WeightOption = None,
    group_: GroupOption = None,
    kind: KindOption = None,
    field: FieldOption = None,
    folder: FolderOption = None,
    feed: FeedOption = None,
    lang: LangOption = None,
    until: UntilOption = None,
    note: NoteOption = None,
) -> None:
    """Change a rule of rules.toml: what is not named stays."""
    from veille.app.rulebook import edit_rule

    with open_home(ctx.obj) as home:
        changes = read_values(
            home,
            {"name": name, "weight": weight, "group": group_, "kind": kind, "until": until, "note": note},
            {"fields": field, "folders": folder, "feeds": feed, "lang": lang},
        )
        changes |= {"match": match} if match is not None else {}
        if not changes:
            raise UsageError("nothing to change: say what, such as --weight 5 (see `veille rules edit --help`)")
        done = edit_rule(home.places, rule, changes)
        _tell(home, done, ["edit", *_restoring(done), *_words(done.name)])


def remove(ctx: typer.Context, rule: RuleArgument) -> None:
    """Take a rule out of rules.toml, with the comments right above it, and print what was taken out."""
    from veille.app.rulebook import remove_rule

    with open_home(ctx.obj) as home:
        done = remove_rule(home.places, rule)
        typer.echo("\n".join(map(clean_line, done.removed.splitlines())) or f"removed {done.name}")
        undo = ["add", *_options(done.before), *_words(str(done.before.get("match", "")))]
        off = done.before.get("disabled") or not done.before.get("enabled", True)
        _hint(home, undo, ["disable", *_words(done.name)] if off else [])


def disable(ctx: typer.Context, rule: RuleArgument) -> None:
    """Put a rule out of force; it stays in rules.toml."""
    _switch(ctx, rule, disabled=True)


def enable(ctx: typer.Context, rule: RuleArgument) -> None:
    """Put a disabled rule in force again."""
    _switch(ctx, rule, disabled=False)


def _switch(ctx: typer.Context, rule: str, *, disabled: bool) -> None:
    from veille.app.rulebook import disable_rule

    with open_home(ctx.obj) as home:
        done = disable_rule(home.places, rule, disabled=disabled)
        if done.before == done.after:
            say(f"“{done.name}” is {'disabled' if disabled else 'in force'} already")
            return
        _tell(home, done, ["enable" if disabled else "disable", *_words(done.name)])


def _tell(home: Home, done: Edit, undo: Sequence[str]) -> None:
    """The rule as it is now, where it is, and how to take this back."""
    from veille.app.idle import find_idle_parts
    from veille.app.rulebook import load_rules
    from veille.show.rules import print_rule
    from veille.show.terminal import open_console

    rules = load_rules(home.places)
    rule = next(one for one in rules.rules if one.name == done.name)
    print_rule(open_console(), rule, now=read_clock())
    for what in find_idle_parts(home, rule, rules.searches):
        say(f"has no effect: rule “{rule.name}”: {what}")
    _hint(home, undo)


def _hint(home: Home, *undo: Sequence[str]) -> None:
    commands = " && ".join(f"veille rules {shlex.join(map(_show, one))}" for one in undo if one)
    say(f"written to {home.places.rules}; undo: {commands}")


def _show(word: str) -> str:
    """A word as it is, blanks included, where it can be printed."""
    return word if word.isprintable() else clean_line(word)


def _words(word: str) -> list[str]:
    """A word as it is typed after options."""
    return ["--", word] if word.startswith("-") else [word]


def _restoring(done: Edit) -> list[str]:
    """The options that bring back what an edit changed."""
    changed = {key for key in (*done.before, *done.after) if done.before.get(key) != done.after.get(key)}
    before = {key: done.before[key] for key in done.before if key in changed}
    gone = [f"{_flag(key)}=" for key in done.after if key in changed and key not in before and key != "kind"]
    gone += ["--kind=boost"] if "kind" in changed and "kind" not in before else []
    match = [f"--match={before.pop('match')}"] if "match" in before else []
    return [*match, *_options(before), *gone]


def _options(table: Mapping[str, Any]) -> list[str]:
    """A table of the file as options of `add` and `edit`."""
    told: list[str] = []
    for key, value in table.items():
        if key in SINGLE or key in SEVERAL:
            values = value if isinstance(value, list) else [value]
            told += [f"{_flag(key)}={one}" for one in values]
    return told


def _flag(key: str) -> str:
    return SEVERAL.get(key, f"--{key}")
