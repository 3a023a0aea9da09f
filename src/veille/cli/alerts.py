"""`veille alert`: what is new, once, for cron jobs and notifiers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from veille.app.home import read_clock
from veille.cli.listing import FIELDS_HELP, Form, FormatOption, UrlsOption, choose_writer
from veille.cli.output import JsonOption, examples, open_home, say
from veille.cli.trouble import tell_error
from veille.times import parse_moment

_NONE, _TROUBLE, _PARTIAL = 1, 2, 3
_LAST = "last"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        short_help="Print new matches once, for cron and notifiers.",
        epilog=examples(
            "veille alert crise               `veille search --save crise ...` saves it",
            "veille alert '\"bad buzz\" sources:>=3'     when three outlets have it",
            "veille alert crise --format '{new_title} {new_url}' |",
            '  while read -r line; do notify-send "$line"; done',
            "veille alert crise --urls && echo 'du nouveau'",
            "veille alert crise --since 24h   all of the last day, told before or not",
            "*/15 * * * *  veille fetch -q; veille alert crise | mail -E -s crise me@x",
            "",
            "Where a story has grown, `new:` says what has come; {title}, {url} and",
            "--urls are always those of the story.",
            "",
            *FIELDS_HELP,
            "",
            "Exit codes: 0 something new, 1 nothing new (and nothing printed), 2 an",
            "error, 3 nothing new by the last rules that were right (rules.toml is",
            "wrong), 4 another alert is still printing.",
        ),
    )(alert)


def alert(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    expression: Annotated[list[str], typer.Argument(metavar="NAME|EXPR", help="A saved search, or an expression.")],
    *,
    since: Annotated[
        str,
        typer.Option("--since", metavar="WHEN", help="last, or a start (24h, yesterday): then nothing is remembered."),
    ] = _LAST,
    template: FormatOption = None,
    urls: UrlsOption = False,
    as_json: JsonOption = False,
) -> int:
    """Print the stories that match and have not been told yet, read or not, best first.

    Each alert has its own memory: it tells a story once, when something of it arrives, and looks at what
    has come since it last ran (the first time, 24 hours). A story is remembered only once it is printed:
    after a broken pipe or a full disk it is told again. What kill rules hide is not told.
    """
    try:
        form = Form(as_json=as_json, template=template, urls=urls)
        return _tell(ctx, " ".join(expression), since=since, form=form)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - 1 means that there is nothing new
        return max(_TROUBLE, tell_error(error))


def _tell(ctx: typer.Context, text: str, *, since: str, form: Form) -> int:
    from veille.app.alerts import find_alert, hold_alerts, remember_alert
    from veille.app.rulebook import load_rulebook
    from veille.rank.listing import list_ranked
    from veille.show.ranked import View, tell_alert

    now = read_clock()
    start = None if since == _LAST else parse_moment(since, now=now)
    write = choose_writer(form, tell_alert)
    with open_home(ctx.obj, unattended=True) as home:
        warning = load_rulebook(home).warning
        if warning:
            say(f"veille: WARNING: {warning}")
        with hold_alerts(home):
            alert = find_alert(home, text, since=start)
            for doubt in alert.doubts:
                say(doubt)
            listed = list_ranked(alert.found.stories, back_for=alert.found.back_for, arrivals=alert.arrivals)
            if listed:
                write(listed, View(now=now, lit=alert.found.lit))
                sys.stdout.flush()
            remember_alert(home, alert)
    if listed:
        return 0
    return _PARTIAL if warning else _NONE
