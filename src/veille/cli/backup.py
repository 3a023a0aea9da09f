"""`veille backup` and `veille restore`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.show.phrases import count
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veille.app.kept import Backup, Rotated


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(
        short_help="Copy everything that is yours, and check the copy.",
        epilog=examples(
            "veille backup                     into the directory of [backup] dir",
            "veille backup /mnt/usb/veille --keep 30",
            "veille backup --list",
        ),
    )(backup)
    app.command(
        short_help="Put a backup back; the old files are kept aside.",
        epilog=examples(
            "veille restore veille-20261121-070000",
            "veille restore /mnt/usb/veille/veille-20261121-070000 --force",
            "veille restore ~/.local/share/veille/veille.db.before-5 --force",
        ),
    )(restore)


def backup(
    ctx: typer.Context,
    directory: Annotated[
        str | None, typer.Argument(metavar="[DIR]", help="Where to; [backup] dir of config.toml by default.")
    ] = None,
    *,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, max=10_000, help="How many backups stay there (14).")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Make none: list those that are there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy the database, subscriptions (OPML), rules and settings into a directory of their own, and check it.

    Other commands may run meanwhile. The backup gets its name when it is whole; then the oldest of this
    veille's are removed, so that 14 stay. Secrets are not in it: settings name where they are.
    """
    from veille.errors import UsageError
    from veille.places import expand_home

    if directory is not None and not directory.strip():
        raise UsageError("no directory is named: give one, or leave it out for [backup] dir of config.toml")
    place = expand_home(directory) if directory else None
    if list_:
        _list_kept(ctx.obj, place, as_json=as_json)
        return
    from veille.app.backup import make_backup

    with open_home(ctx.obj) as home:
        made = make_backup(home, place, keep=keep)
    record = _record(made.backup)
    if as_json:
        print_json(record | _record_rotated(made.rotated))
        return
    typer.echo(f"{clean_line(str(made.backup.path))}: {_tell(record['counts'])}, {_size(record['bytes'])}, checked")
    _tell_rotated(made.rotated)
    if made.backup.manifest.emptied:
        say(f"{count(made.backup.manifest.emptied, 'value')} of config.toml that may be secret: left out")


def restore(
    ctx: typer.Context,
    backup: Annotated[str, typer.Argument(metavar="BACKUP", help="Its directory, its name, or a database alone.")],
    *,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace what is there; it is kept aside.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put the database, rules and settings of a backup in the place of those in use.

    A backup that is not to the byte what it was is refused. What is replaced stays beside it, as
    NAME.replaced-DATE.
    """
    from veille.app.restoring import restore_backup
    from veille.config import find_places

    done = restore_backup(find_places(db=ctx.obj), backup, force=force)
    if as_json:
        print_json(
            {
                "backup": str(done.source),
                "made_at": done.made_at or None,
                "counts": dict(done.counts),
                "files": [str(path) for path in done.files],
                "kept": [str(path) for path in done.kept],
                "stayed": [str(path) for path in done.stayed],
            }
        )
        return
    typer.echo(f"restored from {clean_line(str(done.source))}: {_tell(done.counts)}")
    for path in done.kept:
        say(f"kept aside: {clean_line(str(path))}")
    for path in done.stayed:
        say(f"left as it is: {clean_line(str(path))} (the backup has none)")
    if done.emptied:
        say(f"{count(done.emptied, 'value')} of config.toml that may be secret: not in the backup, write it anew")


def _list_kept(db: Path | None, place: Path | None, *, as_json: bool) -> None:
    """Without a database: one that is damaged or gone is why backups are looked for."""
    from veille.app.kept import find_kept, list_all
    from veille.config import find_places

    places = find_places(db=db)
    _print_list(list_all(places, place or find_kept(places)), as_json=as_json)


def _print_list(backups: Sequence[Backup], *, as_json: bool) -> None:
    records = [_record(one) for one in backups]
    if as_json:
        print_json(records)
        return
    if not records:
        say("no backup there yet: `veille backup` makes one")
    for one in records:
        how = "  weekly" if one["auto"] else ""
        if not one["own"]:
            how += f"  of another: {clean_line(one['database'])} on {clean_line(one['machine'])}"
        typer.echo(f"{clean_line(one['backup'])}  {_tell(one['counts'])}, {_size(one['bytes'])}{how}")


def _tell_rotated(rotated: Rotated) -> None:
    for path in rotated.removed:
        say(f"removed: {clean_line(path.name)}")
    for path in rotated.left:
        say(f"left alone: {clean_line(path.name)}: it is not as it was made")
    if rotated.others:
        say(f"left alone: {count(len(rotated.others), 'backup')} of other machines or databases")
    if rotated.fuller:
        name = clean_line(rotated.fuller.name)
        say(f"veille: WARNING: this one is empty and {name} is not: none was removed; `veille doctor` says what to do")


def _record_rotated(rotated: Rotated) -> dict[str, Any]:
    return {
        "removed": [str(path) for path in rotated.removed],
        "left": [str(path) for path in rotated.left],
        "others": [str(path) for path in rotated.others],
        "fuller": str(rotated.fuller) if rotated.fuller else None,
    }


def _record(backup: Backup) -> dict[str, Any]:
    manifest = backup.manifest
    return {
        "backup": str(backup.path),
        "made_at": manifest.made_at,
        "auto": manifest.auto,
        "own": backup.own,
        "machine": manifest.machine,
        "database": manifest.database,
        "schema": manifest.schema,
        "bytes": manifest.bytes,
        "counts": dict(manifest.counts),
        "files": {name: dict(one) for name, one in manifest.files.items()},
    }


def _tell(counts: Mapping[str, int]) -> str:
    return f"{count(counts.get('feeds', 0), 'feed')}, {count(counts.get('entries', 0), 'entry', 'entries')}"


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
