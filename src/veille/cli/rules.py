"""`veille rules`: what rules.toml says, and whether it is right."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from veille.app.home import load_rules, open_home
from veille.cli.output import JsonOption, examples, print_json, say
from veille.config import find_places, read_text
from veille.errors import UsageError
from veille.rank.rules import Rules, read_rules
from veille.show.phrases import count
from veille.text import clean_line

_SAMPLE = """\
  [[rule]]
  name = "marque"
  match = 'e-réputation OR "avis clients"'
  weight = 5"""


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(
        "rules",
        epilog=examples("veille rules", "veille rules --json", "veille rules ~/brouillon.toml    check another file"),
    )(rules)


def rules(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Check and list this file instead.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List your rules and weights, and check that they are right.

    rules.toml (see `veille where`) holds [[rule]] tables with a name, a match, a weight and a kind
    (boost, or kill to hide), [weights.feeds] by address and [weights.folders] by folder. An error is
    told with its line and column, and ends with 1.
    """
    from veille.app.subscribe import find_idle_weights

    places = find_places(db=ctx.obj)
    found = load_rules(places) if file is None else _check_file(file)
    with open_home(ctx.obj) as home:
        idle = find_idle_weights(home, found)
    if as_json:
        from veille.show.records import rule_record

        weights = {"feeds": dict(found.feed_weights), "folders": dict(found.folder_weights)}
        print_json({"rules": [rule_record(rule) for rule in found.rules], "weights": weights})
        return
    if not found.rules and not found.feed_weights and not found.folder_weights:
        say(f"no rules yet: write some in {places.rules}, such as\n{_SAMPLE}")
        return
    from veille.show.terminal import open_console, print_rules

    print_rules(open_console(), found)
    for what in idle:
        say(f"has no effect: {what}")
    say(f"{count(len(found.rules), 'rule')}" + ("" if idle else ", all right"))


def _check_file(file: Path) -> Rules:
    if not file.is_file():
        raise UsageError(f"{clean_line(str(file))}: no such file")
    return read_rules(read_text(file), name=str(file))
