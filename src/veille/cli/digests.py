"""`veille digest`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - used by name only
from typing import Annotated

import typer

from veille.app.home import read_clock
from veille.cli.output import examples, open_home, say
from veille.errors import UsageError
from veille.show.phrases import count
from veille.text import clean_line

PARTIAL = 3


class Format(StrEnum):
    """What a digest can be written as; the names are file endings too."""

    md = "md"
    html = "html"
    json = "json"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(
        short_help="Write the best stories to a file.",
        epilog=examples(
            "veille digest         Markdown, to the digests directory (`veille where`)",
            "veille digest matin --since last -o ~/veille/%Y-%m-%d.html",
            "veille digest --since yesterday -n 10 --format json -o -",
            "",
            "A file of that name is replaced in one step, with all you wrote into it:",
            "a second `veille digest` of the day takes the place of the first. Only",
            "with --since last does each keep its own file (-2, -3...), where the name",
            "has a date: veille's own, or one with a % sign.",
        ),
    )(digest)


def digest(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Each name remembers where it stopped.")] = "digest",
    *,
    form: Annotated[
        Format | None, typer.Option("--format", help="md unless the path ends otherwise.", show_default=False)
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="PATH", help="Where to write; may hold %Y-%m-%d; - is standard output."),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help="last, or a start: 24h, yesterday, 2026-11-20.")
    ] = "24h",
    number: Annotated[int, typer.Option("-n", "--number", min=1, max=10_000, help="How many stories in full.")] = 30,
) -> None:
    """Write the best stories of a window to a file, read or not, those left out listed by title.

    A file of that name is replaced in one step. `--since last` takes what came after the last digest of
    that NAME (the first time, 24 hours), and moves on only once the file is safely written; with -o - once
    it is printed. When nothing came, no file is touched; where the file's name has a date, a second one of
    the same day gets a name of its own (-2) and replaces nothing.
    While rules.toml is wrong, the last rules that were right are used, and it ends with 3.
    """
    from veille.app.publish import (
        compose_digest,
        digest_path,
        record_digest,
        render_digest,
        spare_path,
        write_atomically,
    )
    from veille.app.rulebook import load_rulebook

    _check_name(name)
    now = read_clock()
    path = digest_path(output, now=now) if output not in (None, "-") else None
    kind = form or _by_ending(path)
    dated = output is None or "%" in output
    with open_home(ctx.obj, unattended=True) as home:
        warning = load_rulebook(home).warning
        if warning:
            say(f"veille: WARNING: {warning}")
        if path is None and output != "-":
            path = home.places.digests / f"{name}-{now.astimezone():%Y-%m-%d}.{kind.value}"
        composed, newest = compose_digest(home, name=name, since=since, limit=number)
        if path is not None and since == "last":
            if not composed.stories:
                say(f"nothing new since {composed.since_at.astimezone():%Y-%m-%d %H:%M}: no digest written")
                raise typer.Exit(PARTIAL if warning else 0)
            path = spare_path(path) if dated else path
        text = render_digest(composed, kind.value)
        if path is None:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            write_atomically(path, text)
        record_digest(home, composed, last_story_id=newest, path=str(path or "-"))
    if path is not None:
        typer.echo(str(path))
        left = f", {len(composed.left_out)} left out" if composed.left_out else ""
        say(f"{count(len(composed.stories), 'story', 'stories')}{left}")
    raise typer.Exit(PARTIAL if warning else 0)


def _by_ending(path: Path | None) -> Format:
    ending = path.suffix.lower().removeprefix(".") if path else ""
    return {"html": Format.html, "htm": Format.html, "json": Format.json}.get(ending, Format.md)


def _check_name(name: str) -> None:
    if not name or name != clean_line(name) or "/" in name or name.startswith("."):
        raise UsageError(f"“{clean_line(name)}” cannot name a digest: use a plain word, such as matin")
