"""`veille cron`: let cron run veille, through one marked block of the user's crontab."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from veille.cli.output import examples, say
from veille.config import Places, find_places, load_settings
from veille.digestconfig import check_name
from veille.errors import UsageError
from veille.kinds import hint_at

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from veille.app.timetable import Errand, Program

NOTHING = 1
# Where veille's files are, as far as it is not in a place of its own: cron does not know what a shell exports.
_VARIABLES = ("VEILLE_HOME", "VEILLE_DB", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
_AT, _EVERY, _DIGEST = "7:00", "15m", "digest"
# In place of the name of an alert.
_ALL = ("--all",)
# Lines of one minute meet: the one that comes second waits for the news of the first, and not into its own next time.
_WAIT, _WAIT_MINUTES = "10m", 10

group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

AtOption = Annotated[
    list[str] | None, typer.Option("--at", metavar="TIME", help=f"Fetch and write digests then; {_AT} if none is said.")
]
DaysOption = Annotated[
    str | None, typer.Option("--days", metavar="DAYS", help="On these days only: 1-5, mon-fri, 1,3,5 (7 is Sunday).")
]
DigestOption = Annotated[
    list[str] | None,
    typer.Option("--digest", metavar="NAME", help="Write this digest; if none is said, those of config.toml."),
]
EveryOption = Annotated[
    str | None, typer.Option("--every", metavar="TIME", help="Fetch this often too: 5m, 10m, 15m, 30m, 1h, 2h.")
]
AlertOption = Annotated[
    list[str] | None,
    typer.Option(
        "--alert", metavar="NAME", help=f"Send this alert after each of those; every {_EVERY} if none is said."
    ),
]
LogOption = Annotated[
    Path | None, typer.Option("--log", metavar="FILE", help="The log of what ran; cron.log beside the database.")
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(
        group,
        name="cron",
        help="Let cron fetch, write digests and send alerts. docs/cron.md has recipes to write by hand.",
        epilog=examples(
            "veille cron install --at 7:00 --days 1-5 --digest matin", "veille cron show", "veille cron remove"
        ),
    )
    group.command(
        epilog=examples(
            "veille cron install                    each day at 7:00; alerts all day",
            "veille cron install --at 7:00 --at 18:30 --days mon-fri --digest matin",
            "veille cron install --every 15m --alert crise",
            "veille cron install --dry-run          only print what would be written",
        )
    )(install)
    group.command(
        epilog=examples(
            "veille cron show                       veille's lines in your crontab",
            "veille cron show --systemd --at 7:00   a service and a timer instead",
            "veille cron show --launchd             a property list for macOS",
        )
    )(show)
    group.command(epilog=examples("veille cron remove"))(remove)


def install(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    *,
    at: AtOption = None,
    days: DaysOption = None,
    digest: DigestOption = None,
    every: EveryOption = None,
    alert: AlertOption = None,
    log: LogOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the lines, and change nothing.")] = False,
) -> None:
    """Write a marked block into your crontab, in the place of the one there is; every other line stays as it is.

    The lines name veille by its whole path and say where its files are: they do not depend on what your
    shell sets. Passwords that [mail] takes from the environment must be set in the crontab, above the block.
    """
    from veille.app.crontab import put_block, read_crontab, write_crontab
    from veille.app.timetable import write_lines

    places = find_places(db=ctx.obj)
    errands = _plan(places, _Wanted(at, days, digest, every, alert))
    program = _find_program(ctx, places, log)
    lines = write_lines(errands, program)
    if dry_run:
        _print_lines(lines)
        return
    old = read_crontab()
    new = put_block(old, lines)
    if new != old:
        write_crontab(new)
    _print_lines(lines)
    say(f"{'installed' if new != old else 'installed already'}: what runs is logged in {program.log}")


def show(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    *,
    systemd: Annotated[bool, typer.Option("--systemd", help="Print systemd units for these times instead.")] = False,
    launchd: Annotated[bool, typer.Option("--launchd", help="Print launchd property lists instead.")] = False,
    at: AtOption = None,
    days: DaysOption = None,
    digest: DigestOption = None,
    every: EveryOption = None,
    alert: AlertOption = None,
    log: LogOption = None,
) -> None:
    """Print veille's block of your crontab (1 when there is none), or files for systemd or launchd.

    Only these two take the other options, as install does; they are printed, nothing is written.
    """
    if systemd and launchd:
        raise UsageError("--systemd and --launchd are two answers: ask for one at a time")
    if not systemd and not launchd:
        if any((at, days, digest, every, alert, log)):
            raise UsageError("show prints what is installed: other options go with --systemd, --launchd or install")
        raise typer.Exit(_show_block())
    from veille.app.timetable import write_launchd, write_systemd

    places = find_places(db=ctx.obj)
    errands = _plan(places, _Wanted(at, days, digest, every, alert))
    program = _find_program(ctx, places, log)
    typer.echo((write_systemd if systemd else write_launchd)(errands, program), nl=False)


def remove() -> None:
    """Take veille's block out of your crontab; every other line stays as it is."""
    from veille.app.crontab import read_crontab, take_block, write_crontab

    old = read_crontab()
    new = take_block(old)
    if new == old:
        say("nothing of veille's is in your crontab")
        return
    write_crontab(new)
    say("removed from your crontab: veille's block")


def _show_block() -> int:
    from veille.app.crontab import read_crontab, split_crontab

    block = split_crontab(read_crontab()).block
    if not block:
        say("nothing of veille's is in your crontab: `veille cron install` writes it")
        return NOTHING
    typer.echo(block.decode("utf-8", "replace"), nl=False)
    return 0


def _print_lines(lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(os.fsencode(line).decode("utf-8", "replace"))


class _Wanted(NamedTuple):
    """What was said on the command line."""

    at: list[str] | None
    days: str | None
    digest: list[str] | None
    every: str | None
    alert: list[str] | None


def _plan(places: Places, wanted: _Wanted) -> list[Errand]:
    """What is to run when: without a word all that is configured, with one of alerts and none of digests only these."""
    settings = load_settings(places)
    often = wanted.every or wanted.alert
    errands = []
    if wanted.at or wanted.days or wanted.digest or not often:
        for name in wanted.digest or ():
            _check_digest(name, settings.digests, places)
        errands.append(_plan_digests(wanted, wanted.digest or list(settings.digests) or [_DIGEST]))
    for name in wanted.alert or ():
        if name not in settings.alerts:
            raise UsageError(f"no [alert.{name}] in {places.config}: it says whom the alert reaches")
    if often:
        errands.append(_plan_alerts(wanted, [_name(name) for name in wanted.alert or ()]))
    elif settings.alerts and not any(wanted):
        errands.append(_plan_alerts(wanted, [_ALL]))
    return errands


def _check_digest(name: str, known: Collection[str], places: Places) -> None:
    """Refuse a name that is written otherwise in config.toml: each morning it would go on with a series of its own."""
    check_name(name)
    if known and name not in known and name != _DIGEST:
        raise UsageError(f"--digest: no [digest.{name}] in {places.config}: {hint_at(name, known)}")


def _plan_digests(wanted: _Wanted, names: Sequence[str]) -> Errand:
    from veille.app.timetable import Errand, read_days, read_times

    writing = [("digest", "-q", *_name(name)) for name in names]
    return Errand(
        name="digest",
        commands=(("fetch", "-q", "--wait", _WAIT), *writing),
        times=read_times(wanted.at or [_AT]),
        days=read_days(wanted.days) if wanted.days else (),
    )


def _plan_alerts(wanted: _Wanted, names: Sequence[tuple[str, ...]]) -> Errand:
    from veille.app.timetable import Errand, read_every

    sending = [("alert", "-q", "--send", *name) for name in names]
    every = read_every(wanted.every or _EVERY)
    waiting = ("--wait", _WAIT) if every > _WAIT_MINUTES else ()
    return Errand(name="alert" if names else "fetch", commands=(("fetch", "-q", *waiting), *sending), every=every)


def _name(name: str) -> tuple[str, ...]:
    return ("--", name) if name.startswith("-") else (name,)


def _find_program(ctx: typer.Context, places: Places, log: Path | None) -> Program:
    from veille.app.timetable import Program

    environment = {name: _absolute(os.environ[name]) for name in _VARIABLES if os.environ.get(name)}
    database = ("--db", _absolute(str(ctx.obj))) if ctx.obj else ()
    words = (*_find_words(), *database)
    return Program(
        words=words,
        environment=environment,
        log=_absolute(str(log or places.database.with_name("cron.log"))),
    )


def _find_words() -> tuple[str, ...]:
    """What starts this veille, from anywhere."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        return (sys.executable, "-m", "veille")
    if started.name == "veille":
        found = shutil.which(sys.argv[0])
        if found:
            return (os.path.abspath(found),)  # noqa: PTH100 - not resolved: pipx and uv move what their links lead to
    found = shutil.which("veille")
    return (os.path.abspath(found),) if found else (sys.executable, "-m", "veille")  # noqa: PTH100 - as above


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 - as above
