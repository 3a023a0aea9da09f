"""`veille feeds set` and `veille feeds unset`: settings of one feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import open_home
from veille.cli.feeds import group
from veille.cli.output import FeedArgument, JsonOption, examples, print_json, say
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.app.feedset import Row
    from veille.feed import Feed

_TRYING = ("interval", "weight", "muted")  # what a failing feed gains nothing from


def register(_app: typer.Typer) -> None:
    """Add this file's commands to those of `veille feeds`."""
    group.command(
        "set",
        short_help="Set how one feed is fetched and weighed, or list that.",
        epilog=examples(
            "veille feeds set 12                                  what is in force, and where it comes from",
            "veille feeds set 12 interval=6h weight=2 timeout=60s",
            "veille feeds set 12 user_agent='Mozilla/5.0 (reader)' header.Accept-Language=fr",
            "veille feeds set 12 auth=netrc",
            "veille feeds set 12 'auth=bearer:$TOKEN'             the variable's name, never the secret",
            "veille feeds set 12 'auth=basic:me:$PASSWORD' 'header.X-Api-Key=$KEY'",
            "veille feeds set 12 'proxy=http://me:$PASSWORD@proxy.example:8080'",
            "veille feeds set 12 interval= muted=true             an empty value takes a setting away",
        ),
    )(set_)
    group.command("unset", epilog=examples("veille feeds unset 12 interval weight header.X-Api-Key"))(unset)


def set_(
    ctx: typer.Context,
    feed: FeedArgument,
    pairs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE...]",
            help="interval, timeout, weight, user_agent, auth, proxy, muted, header.NAME; without any, list them.",
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Set how one feed is fetched and weighed: all of the settings, or none when one is wrong.

    Secrets are told by where they are: netrc, or the name of an environment variable. config.toml may say the
    same under [feeds."ADDRESS"], and wins.
    """
    _change(ctx, feed, pairs or [], as_json=as_json)


def unset(
    ctx: typer.Context,
    feed: FeedArgument,
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", help="Settings to take away.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Take settings of one feed away: what holds for all feeds holds for it again."""
    _change(ctx, feed, [f"{key}=" for key in keys], as_json=as_json)


def _change(ctx: typer.Context, name: str, pairs: Sequence[str], *, as_json: bool) -> None:
    from veille.app.feedset import change_settings, find_idle_tables, find_overruled, list_feed_settings

    with open_home(ctx.obj) as home:
        changed = change_settings(home, name, pairs) if pairs else []
        feed, rows = list_feed_settings(home, name)
        warnings = [*find_overruled(home, feed, changed), *find_idle_tables(home)]
    if as_json:
        values = [{"key": row.key, "value": row.value, "source": row.source} for row in rows]
        print_json({"id": feed.id, "url": feed.subscription.url, "title": feed.name, "settings": values})
    else:
        _print(feed, [row for row in rows if not changed or row.key in changed])
    for warning in warnings:
        say(warning)
    if feed.state.failures and any(key not in _TRYING for key in changed):
        say(f"it has been failing: `veille fetch {feed.id} --force` tries it now")


def _print(feed: Feed, rows: Sequence[Row]) -> None:
    typer.echo(f"{feed.id} {clean_line(feed.name)}")
    shown = [(row.key, _show(row.value), row.source) for row in rows]
    width = max((len(key) for key, *_ in shown), default=0)
    wide = max((len(value) for _, value, _ in shown), default=0)
    for key, value, source in shown:
        typer.echo(f"  {key:<{width}}  {value:<{min(wide, 40)}}  {source}")


def _show(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value) or "-"
