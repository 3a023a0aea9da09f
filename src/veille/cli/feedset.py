"""`veille feeds set` and `veille feeds unset`: settings of one feed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import open_home, read_clock
from veille.cli.feeds import group
from veille.cli.output import FeedArgument, JsonOption, examples, print_json, say
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veille.app.feedset import Changes, Row
    from veille.feed import Feed

_TRYING = ("interval", "weight", "muted")  # what a failing feed gains nothing from
_OFTEN = timedelta(minutes=5)


def register(_app: typer.Typer) -> None:
    """Add this file's commands to those of `veille feeds`."""
    group.command(
        "set",
        short_help="Set how one feed is fetched and weighed, or list that.",
        epilog=examples(
            "veille feeds set 12                       what is in force, and from where",
            "veille feeds set 12 interval=6h weight=2 timeout=60s",
            "veille feeds set 12 user_agent='Mozilla/5.0' header.Accept-Language=fr",
            "veille feeds set 12 auth=netrc",
            "veille feeds set 12 'auth=bearer:$TOKEN'  the variable, never the secret",
            "veille feeds set 12 'auth=basic:me:$PASSWORD' 'header.X-Api-Key=$KEY'",
            "veille feeds set 12 'proxy=http://me:$PASSWORD@proxy.example:8080'",
            "veille feeds set 12 interval= muted=true  an empty value takes one away",
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
    from veille.app.feedset import Changes, change_settings, find_idle_tables, find_overruled, list_feed_settings

    with open_home(ctx.obj) as home:
        changes = change_settings(home, name, pairs) if pairs else Changes()
        feed, rows = list_feed_settings(home, name)
        told = [key for key in changes.keys if key not in changes.idle]
        warnings = [*find_overruled(home, feed, told), *find_idle_tables(home)]
    if as_json:
        values = [{"key": row.key, "value": row.value, "source": row.source} for row in rows]
        print_json({"id": feed.id, "url": feed.subscription.url, "title": feed.name, "settings": values})
    else:
        _print(feed, [row for row in rows if not changes.keys or row.key in told])
        if "interval" in told:
            _print_next(feed)
    for line in (*warnings, *_remarks(feed, changes, told)):
        say(line)


def _remarks(feed: Feed, changes: Changes, told: Sequence[str]) -> Iterator[str]:
    """What the user may not expect."""
    for key in changes.idle:
        yield f"{key} was not set"
    interval = feed.settings.interval
    if "interval" in told and interval is not None and interval < _OFTEN:
        yield "interval: publishers may not welcome to be asked more often than every 5 minutes"
    if (feed.state.failures or feed.state.status == "failing") and any(key not in _TRYING for key in told):
        yield f"it has been failing: `veille fetch {feed.id} --force` tries it now"


def _print_next(feed: Feed) -> None:
    from veille.show.phrases import local_time

    moment, now = feed.state.next_fetch_at, read_clock()
    if moment and not feed.muted:
        typer.echo(f"next fetch at {local_time(moment, now=now)}" if moment > now else "it is due: `veille fetch`")


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
