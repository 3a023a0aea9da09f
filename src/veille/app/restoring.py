"""Restoring: a backup in, the user's files replaced by what it holds, and the old ones kept beside.

The database is replaced in one step: whoever looks finds the old one or the new one, and who waits to write goes on
with the new one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from veille.app.backup import write_private
from veille.app.home import read_clock
from veille.app.kept import CONFIG, RULES, choose_latest, find_kept, list_all
from veille.app.lock import hold_lock
from veille.app.manifest import DATABASE, Manifest, check_files, copy_checked, read_manifest
from veille.errors import LockedError, OutputError, StoreError, UsageError
from veille.places import expand_home
from veille.store.backup import (
    copy_database,
    count_rows,
    drop_copy,
    fill_from,
    hold_alone,
    open_copy,
    prepare_copy,
    sync_file,
)
from veille.store.header import log_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from veille.config import Places

_BESIDE = ("-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came back from `source`: counts by table, the files `kept` aside, secrets that the backup had not.

    `stayed` are the files that the backup has none of: they are in use as before.
    """

    source: Path
    made_at: str
    counts: Mapping[str, int]
    files: tuple[Path, ...]
    kept: tuple[Path, ...]
    stayed: tuple[Path, ...]
    emptied: int


def restore_backup(places: Places, name: str, *, force: bool) -> Restored:
    """Put back what a backup holds: its directory or the name of one, or a copy of a database alone.

    Raises StoreError for a backup that is damaged, UsageError when there is something to replace and `force`
    is not given, LockedError when another veille is at work.
    """
    source = _find(places, name)
    manifest = read_manifest(source) if source.is_dir() else None
    if manifest:
        check_files(source, manifest)
    database = source / DATABASE if manifest else source
    counts = _count(database)
    wanted = _list_wanted(places, source, manifest)
    differing = [path for path, content in wanted.items() if os.path.lexists(path) and content != _read(path)]
    there = [places.database, *differing] if os.path.lexists(places.database) else differing
    if there and not force:
        listed = ", ".join(str(path) for path in there)
        raise UsageError(f"{listed}: there already: `veille restore --force` replaces it and keeps the old aside")
    with (
        hold_lock(places.lock, command="restore"),
        hold_lock(places.lock_for("backup"), command="restore"),
    ):
        try:
            more, kept = _replace(places, database, manifest, wanted, there)
        except OSError as error:
            said = f"{error.filename or places.database}: {error.strerror or error}"
            raise OutputError(f"{said}: check the disk and the permissions; nothing is lost") from None
    return Restored(
        source=source,
        made_at=manifest.made_at if manifest else "",
        counts=more or counts,
        files=(places.database, *wanted),
        kept=kept,
        stayed=tuple(path for path in (places.rules, places.config) if path not in wanted and os.path.lexists(path)),
        emptied=manifest.emptied if manifest else 0,
    )


def _find(places: Places, name: str) -> Path:
    if not name.strip():
        raise UsageError("no backup is named: `veille backup --list` names those that are there")
    path = expand_home(Path(name))
    if os.path.lexists(path):
        return path
    known = find_kept(places)
    # A shell that completes names ends that of a directory so.
    bare = name.rstrip("/")
    if bare and "/" not in bare and (known / bare).is_dir():
        return known / bare
    latest = choose_latest(list_all(places, known))
    hint = f", the latest is {latest.path.name}" if latest else ""
    raise UsageError(f"{name}: there is no such backup: `veille backup --list` names those in {known}{hint}")


def _list_wanted(places: Places, source: Path, manifest: Manifest | None) -> dict[Path, bytes]:
    """What rules.toml and config.toml are to be. What the backup has none of stays as it is.

    Settings say where the next backup goes and what is kept: without them that changes behind their writer's back.
    """
    names = manifest.files if manifest else {}
    return {
        place: content
        for place, name in ((places.rules, RULES), (places.config, CONFIG))
        if name in names and (content := _read(source / name)) is not None
    }


def _replace(
    places: Places,
    database: Path,
    manifest: Manifest | None,
    wanted: Mapping[Path, bytes],
    there: list[Path],
) -> tuple[dict[str, int], tuple[Path, ...]]:
    """Bring everything under temporary names first, then change names; what a log adds up to, and the old files."""
    at = f"{read_clock().astimezone():%Y%m%d-%H%M%S}"
    place = places.database.resolve()
    half = place.with_name(f"{place.name}.restoring")
    drop_copy(half)
    counts: dict[str, int] = {}
    try:
        copy_checked(database, half, manifest.files[DATABASE] if manifest else None)
        if manifest is None and log_of(database).exists():
            # Copied with its log: what was stored last is there alone.
            copy_checked(log_of(database), log_of(half), None)
            prepare_copy(half)
            counts = _count(half)
        prepare_copy(half)
        kept = _change(place, half, at) if places.database.exists() else []
        if not kept:
            kept = [_set_aside(path, at) for path in there if path == places.database]
            kept += _keep_log(place, at)
            for beside in _BESIDE:
                place.with_name(place.name + beside).unlink(missing_ok=True)
            half.replace(place)
    finally:
        drop_copy(half)
    kept += [_set_aside(path, at) for path in there if path != places.database]
    for path, content in wanted.items():
        if _read(path) != content:
            _write(path, content)
    sync_file(place.parent)
    return counts, tuple(kept)


def _count(database: Path) -> dict[str, int]:
    """How much a copy holds. Raises StoreError for what is none, or damaged."""
    with open_copy(database) as copy:
        return count_rows(copy)


def _change(place: Path, half: Path, at: str) -> list[Path]:
    """Give the database in use the content of another, its own kept beside; none when it cannot be read as one.

    The file stays, and is held meanwhile: a command that begins at this moment waits, and would write into a file
    that has lost its name otherwise. Raises LockedError when another has it open.
    """
    with hold_alone(place) as (db, is_taken):
        if is_taken:
            raise LockedError(f"{place}: another veille has it open (a session?): end it and try again")
        if db is None:
            return []
        aside, copied = _name_aside(place, at), place.with_name(f"{place.name}.restoring-old")
        drop_copy(copied)
        try:
            copy_database(db, copied)
            copied.rename(aside)
            if fill_from(db, half):
                return [aside]
        except (StoreError, OSError):
            drop_copy(copied)
            drop_copy(aside)
            raise
        drop_copy(aside)
        return []


def _keep_log(place: Path, at: str) -> list[Path]:
    """The log of a database that is gone, under another name: all that was stored may be in it, and nowhere else."""
    log = log_of(place)
    if not log.exists() or not log.stat().st_size:
        return []
    aside = log_of(_name_aside(place, at))
    log.rename(aside)
    return [aside]


def _set_aside(path: Path, at: str) -> Path:
    """Give a file a second name, so that it is never missing; what belongs to a database goes with it."""
    aside = _name_aside(path, at)
    log = log_of(path)
    try:
        os.link(path.resolve(), aside)
    except OSError:
        path.rename(aside)
    if log.exists():
        log.rename(log_of(aside))
    return aside


def _name_aside(path: Path, at: str) -> Path:
    names = (path.with_name(f"{path.name}.replaced-{at}{tail}") for tail in ("", *(f"-{n}" for n in range(2, 100))))
    return next(one for one in names if not os.path.lexists(one))


def _write(path: Path, content: bytes) -> None:
    # A link, as people keep their settings in git, must stay one.
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.restoring")
    half.unlink(missing_ok=True)
    write_private(half, content)
    half.replace(path)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}: check the file and its permissions") from None
