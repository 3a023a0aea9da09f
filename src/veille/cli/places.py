"""`veille where`, `veille config` and `veille demo`."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from typing import Annotated, Any

import typer

from veille.cli.output import JsonOption, examples, print_json, say
from veille.config import Places, Settings, find_places, list_settings, load_settings
from veille.errors import StoreError

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


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
    """Print the settings in force and where each comes from. They are set in config.toml.

    Those of [fold] count for entries that are folded from now on: what is in a story stays there, but for
    `veille story split` and `veille story merge`.
    """
    places = find_places(db=ctx.obj)
    settings = load_settings(places)
    rows = list_settings(settings)
    if as_json:
        print_json(rows)
    else:
        _print_settings(rows)
        if any(key.startswith("fold.") for key in settings.sources):
            say("[fold] counts for entries that are folded from now on; what is in a story stays there")
    _warn_of_scopes(ctx, settings, places)


def _print_settings(rows: list[dict[str, Any]]) -> None:
    width = max(len(row["key"]) for row in rows)
    for row in rows:
        typer.echo(f"{row['key']:<{width}}  {_show(row['value']):<10}  {row['source']}")


def _show(value: Any) -> str:
    """A value as config.toml takes it; a text alone goes without its quotes."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{_show_key(key)} = {_quote(one)}" for key, one in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return _quote(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _show_key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _quote(key)


def _quote(value: Any) -> str:
    """Texts and lists of them are written in TOML as in JSON."""
    return json.dumps(value, ensure_ascii=False)


def _warn_of_scopes(ctx: typer.Context, settings: Settings, places: Places) -> None:
    """Tell of folders kept apart that no feed is in, where there is a database to know it from."""
    if not settings.fold.apart or not places.database.exists():
        return
    from veille.app.home import open_home
    from veille.app.scopes import find_idle_scopes

    # The settings are shown whatever the state of the database: other commands tell of that.
    with contextlib.suppress(StoreError), open_home(ctx.obj) as home:
        for line in find_idle_scopes(home):
            say(f"veille: {line}")


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
