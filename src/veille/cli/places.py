"""`veille where`, `veille config` and `veille demo`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from veille.cli.output import JsonOption, examples, print_json
from veille.config import find_places, list_settings, load_settings


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(epilog=examples("veille where", 'cp "$(veille where --json | jq -r .database)" backup.db'))(where)
    app.command(epilog=examples("veille config", "veille config --json"))(config)
    app.command(
        short_help="Show the whole morning on bundled feeds.", epilog=examples("veille demo", "veille demo --keep")
    )(demo)


def where(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """Print the paths in use. VEILLE_HOME puts them all in one directory."""
    places = find_places(db=ctx.obj)
    paths = {name: getattr(places, name) for name in ("home", "config", "rules", "database", "digests")}
    if as_json:
        print_json({name: str(path) for name, path in paths.items()})
        return
    for name, path in paths.items():
        typer.echo(f"{name:<9} {path}{'' if path.exists() else '  (not there yet)'}")


def config(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """Print the settings in force and where each comes from. They are set in config.toml."""
    rows = list_settings(load_settings(find_places(db=ctx.obj)))
    if as_json:
        print_json(rows)
        return
    width = max(len(row["key"]) for row in rows)
    for row in rows:
        value = str(row["value"]).lower() if isinstance(row["value"], bool) else row["value"]
        typer.echo(f"{row['key']:<{width}}  {value!s:<10}  {row['source']}")


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the directory made for it, to look around.")] = False,
) -> None:
    """Show the whole morning on bundled feeds, in a temporary directory and without the network.

    Imports, fetches twice, ranks with two keywords, explains a rank and writes a digest, with the
    ordinary commands. Nothing of yours is touched.
    """
    from veille.demo.play import play_demo

    raise typer.Exit(play_demo(keep=keep, out=sys.stdout))
