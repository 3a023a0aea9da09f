"""`veille digest`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veille.cli.output import JsonOption, examples, open_home, say
from veille.digestconfig import (
    FORMS,
    MOST_STORIES,
    ORDERS,
    RUBRICS,
    TONGUES,
    DigestSettings,
    check_form,
    check_mail,
    check_name,
    check_output,
    check_word,
)
from veille.errors import UsageError
from veille.show.phrases import count
from veille.text import clean_line
from veille.times import parse_duration

if TYPE_CHECKING:
    from veille.app.publish import Published

PARTIAL = 3
_NAME, _SINCE = "digest", "24h"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(
        short_help="Write the best stories as a numbered issue.",
        epilog=examples(
            "veille digest         Markdown, to the digests directory (`veille where`)",
            "veille digest matin   as [digest.matin] of config.toml says",
            "veille digest matin --since last -o ~/veille/%Y-%m-%d.html",
            "veille digest --since yesterday -n 10 --format json -o -",
            "veille digest marque --group marque --lang fr --mail moi@x.org",
            "veille digest matin --budget 20m --format html --format txt",
            "veille digest matin --issue 12 --format eml -o 12.eml     once more",
            "veille digest --list  all issues so far",
            "veille digest --eject ~/veille/templates     our templates, to change",
            "",
            "[digest.NAME] in config.toml: query, keywords, groups, folders, since,",
            "size, budget, order, rubrics, language, formats, output, mail, excerpt,",
            "title, templates, charts, left_out, problems. Options come before it.",
            "",
            "A file of that name is replaced in one step, with all you wrote into it:",
            "a second `veille digest` of the day is a new edition of the first. Only",
            "with --since last does each keep its own file (-2, -3...), where the name",
            "has a date: veille's own, or one with a % sign.",
            "",
            "Exit codes: 0 done, nothing new too; 1 failed; 2 usage; 3 written, but by",
            "the last rules that were right, or its mail is not sent yet; 4 another is",
            "at work.",
        ),
    )(digest)


def digest(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Each name remembers where it stopped.", show_default=False)
    ] = None,
    *,
    forms: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORM", help=f"{', '.join(FORMS)}; several if repeated."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="Where to write; may hold %Y-%m-%d, {name}, {number}, {format}; - is standard output.",
        ),
    ] = None,
    mail: Annotated[
        list[str] | None, typer.Option("--mail", metavar="ADDRESS", help="Send it there (may be repeated).")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="WHEN", help=f"last, or a start: {_SINCE} (as it is), yesterday, 2026-11-20."),
    ] = None,
    number: Annotated[
        int | None, typer.Option("-n", "--number", min=1, max=MOST_STORIES, help="How many stories in full; 30.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="TIME", help="What can be read in that time: 20m, 1h.")
    ] = None,
    keywords: Annotated[
        list[str] | None, typer.Option("--kw", metavar="EXPR", help="Rank by this expression (may be repeated).")
    ] = None,
    query: Annotated[str | None, typer.Option("--query", metavar="EXPR", help="Only stories that match.")] = None,
    groups: Annotated[
        list[str] | None, typer.Option("--group", metavar="NAME", help="Only stories that rules of this group match.")
    ] = None,
    folders: Annotated[
        list[str] | None, typer.Option("--folder", metavar="FOLDER", help="Only this folder and those inside it.")
    ] = None,
    order: Annotated[
        str | None, typer.Option("--order", metavar="ORDER", help="score (as it is), date or outlet.")
    ] = None,
    rubrics: Annotated[
        str | None, typer.Option("--rubrics", metavar="BY", help="none (as it is), group, folder or tag.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--lang", metavar="LANG", help="Of headings and dates: en, fr.")
    ] = None,
    templates: Annotated[
        Path | None, typer.Option("--template-dir", metavar="DIR", help="Your templates, in place of ours.")
    ] = None,
    issue: Annotated[
        int | None, typer.Option("--issue", metavar="N", min=1, help="Write issue N once more, as it was.")
    ] = None,
    repeat: Annotated[bool, typer.Option("--repeat", help="Carry again what earlier issues carried.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the issues so far, and write nothing.")] = False,
    eject: Annotated[
        Path | None, typer.Option("--eject", metavar="DIR", help="Copy our templates there, and write nothing.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something fails.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the best stories of a window as a numbered issue, read or not, those left out listed by title.

    What an earlier issue of that NAME carried is not carried again, unless something new has come of it.
    `--since last` takes what came after the last issue of that NAME (the first time, 24 hours), and moves on only
    once all is safely written; with -o - once it is printed. When nothing came, no file is touched. An issue that
    was cut off is completed by the next run.
    While rules.toml is wrong, the last rules that were right are used, and it ends with 3.
    """
    from veille.app.configured import check_digest
    from veille.app.home import read_clock
    from veille.app.outbox import flush
    from veille.app.outputs import Wish
    from veille.app.publish import publish_digest, reissue
    from veille.app.rulebook import load_rulebook
    from veille.cli.digestlist import doubt_series, eject_templates, list_digests
    from veille.cli.outbox import say_sent

    if as_json and not listed:
        raise UsageError("--json goes with --list; an issue is written as JSON by --format json")
    if eject is not None:
        eject_templates(eject)
        return
    if name is not None:
        check_name(name)
    output = check_output("-o", output)
    if listed:
        list_digests(ctx, name, as_json=as_json)
        return
    asked: dict[str, Any] = {
        "query": query,
        "keywords": keywords,
        "groups": groups,
        "folders": folders,
        "since": since,
        "size": number,
        "budget": _read_budget(budget),
        "order": check_word("--order", order, ORDERS),
        "rubrics": check_word("--rubrics", rubrics, RUBRICS),
        "language": check_word("--lang", language, TONGUES),
        "formats": [check_form("--format", one) for one in forms or ()],
        "mail": check_mail("--mail", tuple(mail or ())),
        "templates": str(templates) if templates else None,
    }
    with open_home(ctx.obj, unattended=True) as home:
        if issue is not None:
            # As it was written, unless the command line says otherwise: config.toml may have changed since.
            settings = _override(DigestSettings(since=_SINCE), asked)
            warning = ""
            published = reissue(home, Wish(name=name or _NAME, settings=settings, output=output), issue, emit=_print)
        else:
            warning = load_rulebook(home).warning
            if warning:
                say(f"veille: WARNING: {warning}")
            settings = _override(home.settings.digests.get(name or _NAME, DigestSettings(since=_SINCE)), asked)
            check_digest(home, name or _NAME, settings)
            wish = Wish(name=name or _NAME, settings=settings, output=output, repeat=repeat)
            doubt = doubt_series(home, name) if name and not quiet else ""
            published = publish_digest(home, wish, emit=_print)
            if doubt and published.issue:
                say(doubt)
        _tell(published, quiet=quiet)
        # What fails stays queued: the next run, or `veille outbox`, tries again.
        sent = say_sent(flush(home, now=read_clock()), own=f"digest:{name or _NAME}:")
    raise typer.Exit(PARTIAL if warning or not sent else 0)


def _override(settings: DigestSettings, asked: dict[str, Any]) -> DigestSettings:
    """The settings with what the command line says in their place; it is no longer from config.toml."""
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in asked.items() if value
    }
    given["sources"] = {key: source for key, source in settings.sources.items() if key not in given}
    return replace(settings, **given)


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _tell(published: Published, *, quiet: bool) -> None:
    for notice in published.notices:
        say(notice)
    if quiet:
        return
    if published.issue is None:
        since = f" since {published.since_at.astimezone():%Y-%m-%d %H:%M}" if published.since_at else ""
        say(f"nothing new{since}: no digest written")
        return
    for path in published.paths:
        typer.echo(path)
    if not published.paths and not published.queued:
        return
    issue = published.issue
    left = len(issue.left_out) + issue.left_out_more
    said = f"issue {issue.number}: {count(len(issue.items), 'story', 'stories')}"
    said += f", {left} left out" if left else ""
    said += f", queued for {', '.join(published.queued)}" if published.queued else ""
    say(said)


def _read_budget(text: str | None) -> Any:
    if text is None:
        return None
    span = parse_duration(text)
    if span.total_seconds() < 60:  # noqa: PLR2004 - a minute
        raise UsageError(f"--budget “{clean_line(text)}”: nothing can be read in less than a minute: write 20m or 1h")
    return span
