"""`veille rules suggest`: rules to add, each accepted by the user or not."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.cli.rules import group
from veille.errors import UsageError
from veille.show.phrases import count
from veille.text import clean_line

if TYPE_CHECKING:
    from veille.app.home import Home
    from veille.rank.suggest import Advice, Suggestion


def register(_app: typer.Typer) -> None:
    """Add this file's command to those of `veille rules`."""
    group.command(
        "suggest",
        short_help="Rules to add, from what you star, read and hide.",
        epilog=examples(
            "veille rules suggest                 each is accepted or not, one by one",
            "veille rules suggest -n 5 | cat      only listed, with the commands",
            "veille rules suggest --json",
        ),
    )(suggest)


def suggest(
    ctx: typer.Context,
    *,
    number: Annotated[int, typer.Option("-n", "--number", min=1, max=100, help="At most so many.")] = 12,
    as_json: JsonOption = False,
) -> None:
    """Look for words that tell what you star and note from what you read without keeping it, or hide.

    On a terminal each is asked for, one by one, and only what you accept is written to rules.toml. Elsewhere they are
    listed, with the commands that would add them.
    """
    from veille.app.rulelab import advise

    with open_home(ctx.obj) as home:
        advice = advise(home, most=number)
        if as_json:
            from veille.show.labrecords import advice_record

            print_json(advice_record(advice))
        elif not advice.suggestions:
            say(_tell_shortage(advice))
        elif sys.stdin.isatty() and sys.stdout.isatty():
            _ask_all(home, advice)
        else:
            _list_all(advice)


def _tell_shortage(advice: Advice) -> str:
    from veille.rank.suggest import FEWEST_KEPT, FEWEST_PASSED

    kept = count(advice.kept, "story is", "stories are")
    told = f"{kept} starred or noted, {advice.passed} were read or hidden without being kept"
    steps = []
    if advice.kept < FEWEST_KEPT:
        steps.append(f"star {FEWEST_KEPT - advice.kept} more that you want to see (`veille mark star ID`)")
    if advice.passed < FEWEST_PASSED:
        steps.append(
            f"mark {FEWEST_PASSED - advice.passed} more as read that were not worth it (`veille mark read ID`)"
        )
    if not steps:
        return f"{told}: no word tells them apart for sure yet; star more of what you want to see"
    return f"too little to go by yet: {told}; {', and '.join(steps)}"


def _list_all(advice: Advice) -> None:
    from veille.show.rulelab import command_for, tell_suggestion

    for one in advice.suggestions:
        for line in tell_suggestion(one):
            typer.echo(line.text)
        typer.echo(f"         {command_for(one)}")
    say(f"from {advice.kept} kept and {advice.passed} passed over; nothing was written")


def _ask_all(home: Home, advice: Advice) -> None:
    from veille.show.rulelab import tell_suggestion
    from veille.show.terminal import open_console, print_lines

    console = open_console()
    say(f"from {advice.kept} kept and {advice.passed} passed over: y adds a rule, n goes on, q stops")
    added = 0
    for number, one in enumerate(advice.suggestions, 1):
        print_lines(console, tell_suggestion(one))
        answer = _ask(f"add it ({number} of {len(advice.suggestions)})? [y/N/q]", default="n").casefold()
        if answer in ("q", "quit"):
            break
        if answer in ("y", "yes", "o", "oui"):
            added += _add(home, one)
    say(f"{count(added, 'rule')} added to {home.places.rules}" if added else "nothing was added")


def _add(home: Home, one: Suggestion) -> bool:
    """Ask for a name until one is free; an empty answer takes the one that is proposed."""
    from veille.app.rulebook import add_rule
    from veille.show.rulelab import name_of

    while True:
        name = _ask(f"its name? [{name_of(one)}] (q: do not add it)", default=name_of(one))
        if name.casefold() == "q":
            return False
        try:
            done = add_rule(home.places, {"name": name, "match": one.words, "weight": one.weight})
        except UsageError as error:
            say(clean_line(str(error)))
            continue
        say(f"added “{clean_line(done.name)}”; undo: veille rules remove {shlex.quote(clean_line(done.name))}")
        return True


def _ask(question: str, *, default: str) -> str:
    """An answer from the terminal; its end is a q."""
    try:
        return str(typer.prompt(question, default=default, show_default=False, prompt_suffix=" ", err=True)).strip()
    except typer.Abort:
        say("")
        return "q"
