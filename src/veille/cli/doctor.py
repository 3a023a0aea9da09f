"""`veille doctor`: what is wrong here and what to do; mended where that is safe, saved where it is not."""

from __future__ import annotations

import shlex
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from veille.cli.output import JsonOption, examples, print_json, say
from veille.errors import UsageError
from veille.places import expand_home

_FOUND = 1


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        short_help="What is wrong here, and what to do about it.",
        epilog=examples(
            "veille doctor                      look at everything; writes nothing",
            "veille doctor --fix                mend what can be mended without a loss",
            "veille doctor --salvage saved.db   save what can be read of a damaged one",
            "veille doctor --json | jq -r '.findings[] | .what'",
        ),
    )(doctor)


def doctor(
    ctx: typer.Context,
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what is safe: indexes, rows that refer to nothing, permissions.")
    ] = False,
    salvage: Annotated[
        Path | None,
        typer.Option("--salvage", metavar="NEWFILE", help="Read what can be read into a new database, and stop."),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not try whether the network answers.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at places, permissions, SQLite, the database, its indexes, clock, network, rules, feeds and disk.

    Each finding comes with what to do. Ends with 0 when nothing needs you, with 1 when something does. Nothing is
    written without --fix, and a damaged database is never written to: --salvage reads it into a new file.
    """
    if salvage is not None:
        if fix:
            raise UsageError("--salvage and --fix do not go together: --fix does not touch what is damaged")
        _salvage(ctx.obj, expand_home(salvage), as_json=as_json)
        return
    from veille.app.doctor import diagnose, mend
    from veille.show.doctor import diagnosis_record, sum_up, tell_ailments

    mended = mend(ctx.obj) if fix else None
    found = diagnose(ctx.obj, offline=offline)
    if as_json:
        print_json(diagnosis_record(found.about, found.ailments, mended=mended))
    else:
        for line in mended or ():
            typer.echo(f"mended: {line}")
        for line in tell_ailments(found.about, found.ailments):
            typer.echo(line)
        say(sum_up(found.ailments))
    raise typer.Exit(0 if found.is_well else _FOUND)


def _salvage(db: Path | None, target: Path, *, as_json: bool) -> None:
    """Exit code 0 when all could be kept, 1 when something is lost."""
    from veille.app.doctor import rescue
    from veille.config import find_places
    from veille.show.doctor import salvage_record, tell_salvage

    done = rescue(target, db)
    source = find_places(db=db).database
    if as_json:
        print_json(salvage_record(done, source=str(source), target=str(target)))
    else:
        for line in tell_salvage(done):
            typer.echo(line)
        if any(one.table == "entries" and one.lost != 0 for one in done.tables):
            say(
                "entries are lost: a backup may have more of them: `veille backup --list`, then `veille restore NAME"
                " --force` instead"
            )
        # Not by hand: SQLite would put the log of the old one, which stays beside it, into the new one.
        which = "" if db is None else f"--db {shlex.quote(str(db))} "
        going_on = f"veille {which}restore {shlex.quote(str(target))} --force"
        say(f"written: {target}; {source} is as it was. To go on with the new one: `{going_on}` keeps the old aside")
    raise typer.Exit(_FOUND if any(one.lost != 0 for one in done.tables) else 0)
