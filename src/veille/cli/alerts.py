"""`veille alert`: what is new, once, for cron jobs and notifiers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import read_clock
from veille.cli.listing import FIELDS_HELP, Form, FormatOption, UrlsOption, choose_writer
from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.cli.trouble import tell_error
from veille.errors import UsageError, VeilleError
from veille.text import clean_line
from veille.times import parse_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.app.alerting import Queueing

_NONE, _TROUBLE, _PARTIAL = 1, 2, 3
_LAST = "last"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        short_help="Print or send new matches once, for cron and notifiers.",
        epilog=examples(
            "veille alert crise               `veille search --save crise ...` saves it",
            "veille alert '\"bad buzz\" sources:>=3'     when three outlets have it",
            "veille alert crise --format '{new_title} {new_url}' |",
            '  while read -r line; do notify-send "$line"; done',
            "veille alert crise --urls && echo 'du nouveau'",
            "veille alert crise --since 24h   all of the last day, told before or not",
            "veille alert crise --send        to whom [alert.crise] of config.toml says",
            "veille alert --send --all        every alert of config.toml, for cron",
            "",
            "Where a story has grown, `new:` says what has come; {title}, {url} and",
            "--urls are always those of the story.",
            "",
            *FIELDS_HELP,
            "",
            "Exit codes: 0 something new, 1 nothing new (and nothing printed), 2 an",
            "error, 3 nothing new by the last rules that were right (rules.toml is",
            "wrong), 4 another alert is still printing. With --send 3 also when",
            "something could not be sent yet: it waits in `veille outbox`.",
        ),
    )(alert)


def alert(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    expression: Annotated[
        list[str] | None, typer.Argument(metavar="NAME|EXPR", help="A saved search, or an expression.")
    ] = None,
    *,
    send: Annotated[bool, typer.Option("--send", help="Send them as [alert.NAME] of config.toml says.")] = False,
    every: Annotated[bool, typer.Option("--all", help="With --send: every alert of config.toml.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="With --send: say nothing unless something fails.")
    ] = False,
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
    after a broken pipe or a full disk it is told again. What kill rules hide is not told. With --send it is
    delivered by mail, to a webhook, by ntfy, to a program or to a file, and tried again until it is.
    """
    try:
        words = " ".join(expression or [])
        _check(words, send=send, every=every, printed=since != _LAST or template is not None or urls)
        if quiet:
            _check_sent("-q", send=send)
        if send:
            return _send(ctx, words, as_json=as_json, quiet=quiet)
        form = Form(as_json=as_json, template=template, urls=urls)
        return _tell(ctx, words, since=since, form=form)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - 1 means that there is nothing new
        return max(_TROUBLE, tell_error(error))


def _check(words: str, *, send: bool, every: bool, printed: bool) -> None:
    """Refuse options that do not go together."""
    if bool(words.strip()) == every:
        what = "one alert or all of them" if every else "Missing argument"
        raise UsageError(f"{what}: `veille alert NAME`, `veille alert --send --all`")
    if every:
        _check_sent("--all", send=send)
    if send and printed:
        raise UsageError("--send goes without --since, --format and --urls: config.toml says what is sent")


def _check_sent(option: str, *, send: bool) -> None:
    if not send:
        raise UsageError(f"{option} goes with --send: `veille alert --send --all`")


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


def _send(ctx: typer.Context, text: str, *, as_json: bool, quiet: bool) -> int:
    """Send what is new of one alert, or of all for ""; what is wrong with one keeps no other from being sent."""
    from veille.app.alerting import find_name, list_alerts, queue_alert
    from veille.app.rulebook import load_rulebook
    from veille.cli.outbox import flush_and_say

    now, worst, done = read_clock(), 0, []
    with open_home(ctx.obj, unattended=True) as home:
        warning = load_rulebook(home).warning
        if warning:
            say(f"veille: WARNING: {warning}")
        for name in [find_name(home, text)] if text else list_alerts(home):
            try:
                done.append(queue_alert(home, name, now=now))
            except VeilleError as error:
                worst = max(_TROUBLE, tell_error(error))
        delivered = flush_and_say(home)
    _say_queued(done, as_json=as_json, quiet=quiet)
    if worst:
        return worst
    if not delivered:
        return _PARTIAL
    if any(one.stories for one in done):
        return 0
    return _PARTIAL if warning else _NONE


def _say_queued(done: Sequence[Queueing], *, as_json: bool, quiet: bool) -> None:
    if as_json:
        print_json([{"alert": one.alert, "stories": one.stories, "ways": list(one.ways)} for one in done])
        return
    for one in done:
        for doubt in one.doubts:
            say(doubt)
        if one.stories and not quiet:
            say(f"{clean_line(one.alert)}: {one.stories} new, by {', '.join(one.ways)}")
