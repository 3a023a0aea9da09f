"""`veille rules doctor`, `try` and `test`: what rules do, and what others would do."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import read_clock
from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.cli.ruleedit import Kind
from veille.cli.rules import group
from veille.cli.rulevalues import read_points
from veille.errors import UsageError
from veille.show.phrases import count
from veille.text import clean_line

if TYPE_CHECKING:
    from veille.app.home import Home
    from veille.rank.diagnosis import Checkup
    from veille.rank.rules import Rule, Rules

_FAILED = 1
_MOST_DAYS = 30
_FIRST = 20

NumberOption = Annotated[
    int, typer.Option("-n", "--number", min=1, max=999, help="How many of the first of a list to compare.")
]


def register(_app: typer.Typer) -> None:
    """Add this file's commands to those of `veille rules`."""
    group.command(
        "doctor",
        short_help="What is wrong with your rules, from what they did in 30 days.",
        epilog=examples(
            "veille rules doctor",
            "veille rules doctor --json | jq '.rules[] | select(.findings != [])'",
        ),
    )(doctor)
    group.command(
        "try",
        short_help="What a rule would have changed in the last days.",
        epilog=examples(
            "veille rules try '\"bad buzz\" OR boycott' --weight 5",
            "veille rules try horoscope --kind kill",
            "veille rules try 'title:crise^3' --days 3 -n 10 --json",
        ),
    )(try_)
    group.command(
        "test",
        short_help="Preview a whole file of rules without installing it.",
        epilog=examples("veille rules test ~/brouillon.toml", "veille rules test ~/brouillon.toml --json"),
    )(preview)


def doctor(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """Say what is wrong with your rules, from what each did in the last 30 days, and what to do about it.

    Silent rules and noisy ones (over a quarter of all entries); those that changed no rank in 7 days, do what another
    does, match one feed only or are slow; other forms of their words that would add to what they match. Ends with 0
    whatever is found.
    """
    from veille.app.rulelab import examine
    from veille.show.progress import show_progress

    with open_home(ctx.obj) as home, show_progress(shown=_is_watched(as_json=as_json)) as on_progress:
        found = examine(home, on_progress=on_progress)
    if as_json:
        from veille.show.labrecords import examination_record

        print_json(examination_record(found))
        return
    from veille.show.rulelab import print_examination
    from veille.show.terminal import open_console

    print_examination(open_console(), found, now=read_clock())
    ill = sum(map(_needs_a_look, found.checkups))
    period = f"{count(found.entries, 'entry', 'entries')} of 30 days"
    if not found.checkups:
        say("no rules yet: `veille rules add EXPR` makes one, `veille rules suggest` looks for some")
    elif not found.entries:
        say("nothing was published in 30 days: there is nothing to judge rules by (`veille fetch`)")
    else:
        say(f"{ill or 'none'} of {count(len(found.checkups), 'rule')} {_need(ill)} a look, by {period}")


def try_(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="What to look for, as in `search`.")],
    *,
    weight: Annotated[
        str | None,
        typer.Option("--weight", "-w", metavar="NUMBER", help="Points when a title matches; 1 if not given."),
    ] = None,
    kind: Annotated[Kind, typer.Option("--kind", help="boost, kill (hidden) or pin (first).")] = Kind.boost,
    number: NumberOption = _FIRST,
    days: Annotated[int, typer.Option("--days", min=1, max=_MOST_DAYS, help="How many days to replay.")] = 7,
    as_json: JsonOption = False,
) -> None:
    """Replay the last days with one more rule: what enters, leaves or moves inside the first 20, with both ranks.

    Each day is ranked as it stood at this hour: the stories of its 24 hours, read or not, by the rules in force now.
    Nothing is written.
    """
    from veille.app.trial import try_rule
    from veille.show.progress import show_progress

    if kind is Kind.note:
        raise UsageError("a note changes no rank: try boost, kill or pin")
    with open_home(ctx.obj) as home, show_progress(shown=_is_watched(as_json=as_json)) as on_progress:
        rule = _make_rule(home, expression, weight=weight, kind=kind)
        trial = try_rule(home, rule, days=days, most=number, on_progress=on_progress)
    if as_json:
        from veille.show.labrecords import trial_record

        print_json(trial_record(trial))
        return
    from veille.show.rulelab import print_trial, shorten_list
    from veille.show.terminal import open_console

    print_trial(open_console(), trial, most=number, now=read_clock())
    entered = sum(len(day.entered) for day in trial.days)
    left = sum(len(day.left) for day in trial.days)
    moved = sum(len(day.moved) for day in trial.days)
    inside = f", moved inside: {moved}" if moved else ""
    hides = f", hides {trial.hidden}" if kind is Kind.kill else ""
    matches = f"matches {count(trial.touched, 'story', 'stories')} of {count(days, 'day')}{hides}"
    say(f"{matches}; into the first {number}: {entered}, out of them: {left}{inside}")
    if trial.already:
        off = " (not in force)" if set(trial.already) == set(trial.out_of_force) else ""
        say(f"the rule {shorten_list(trial.already)} looks for this already{off}: this one would come on top")


def preview(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file as rules.toml is written.")],
    *,
    number: NumberOption = _FIRST,
    as_json: JsonOption = False,
) -> None:
    """Preview a file of rules: what each matches in 7 days, with samples, and what all make of today's first 20.

    Mistakes are told as file:line:column, and end with 1. Nothing is installed.
    """
    from veille.app.trial import preview_rules
    from veille.config import read_text
    from veille.rank.rulereader import find_mistakes, read_rules
    from veille.show.progress import show_progress

    path = file.expanduser()
    if not path.is_file():
        raise UsageError(f"{clean_line(str(path))}: no such file")
    text = read_text(path)
    mistakes = find_mistakes(text, name=str(path))
    if mistakes:
        for line in () if as_json else mistakes:
            typer.echo(clean_line(line))
        if as_json:
            print_json({"file": str(path), "mistakes": mistakes})
        raise typer.Exit(_FAILED)
    rules = read_rules(text, name=str(path))
    # A draft is tested while rules.toml itself is wrong: it is then compared with the last that was right.
    with open_home(ctx.obj, unattended=True) as home, show_progress(shown=_is_watched(as_json=as_json)) as on_progress:
        found = preview_rules(home, rules, days=7, most=number, on_progress=on_progress)
        warning, idle = _find_trouble(home, rules)
    if warning:
        say(f"veille: {clean_line(warning)}")
    if as_json:
        from veille.show.labrecords import preview_record

        print_json({"file": str(path), "mistakes": []} | preview_record(found) | {"no_effect": idle})
        return
    from veille.show.rulelab import print_preview
    from veille.show.terminal import open_console

    print_preview(open_console(), found, most=number, now=read_clock())
    for what in idle:
        say(f"has no effect: {clean_line(what)}")
    entered, left = len(found.today.entered), len(found.today.left)
    say(f"{count(len(rules.rules), 'rule')}; into today's first {number}: {entered}, out of them: {left}")


def _is_watched(*, as_json: bool) -> bool:
    return sys.stderr.isatty() and not as_json


def _needs_a_look(one: Checkup) -> bool:
    """A rule that is switched off is so by the user's choice."""
    return any(finding.kind != "disabled" for finding in one.findings)


def _need(number: int) -> str:
    return "needs" if number == 1 else "need"


def _make_rule(home: Home, expression: str, *, weight: str | None, kind: Kind) -> Rule:
    from veille.app.rulebook import load_rulebook
    from veille.rank.rulekeys import read_rule

    points = None if weight is None else read_points(weight)
    table = {"match": expression, "kind": str(kind)} | ({} if points is None else {"weight": points})
    rule, mistakes = read_rule(table, load_rulebook(home).rules.searches)
    if rule is None:
        raise UsageError(mistakes[0][1])
    return rule


def _find_trouble(home: Home, rules: Rules) -> tuple[str, list[str]]:
    """What is wrong with the rules in use, and what those of the file say in vain."""
    from veille.app.idle import find_idle
    from veille.app.rulebook import load_rulebook

    return load_rulebook(home).warning, find_idle(home, rules)
