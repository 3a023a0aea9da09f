"""Backups: an open veille in, a directory out that holds all of it and says so; old ones taken away.

A backup is made under a temporary name and gets its own when it is whole and has been looked over. A name that
is no temporary one is a whole backup, whenever the process or the machine stops.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from veille import __version__
from veille.app.home import Home, read_clock
from veille.app.lock import hold_lock
from veille.app.manifest import (
    DATABASE,
    MANIFEST,
    Manifest,
    check_files,
    describe_file,
    read_manifest,
    write_manifest,
)
from veille.app.subscribe import export_list
from veille.config import read_text
from veille.errors import ConfigError, LockedError, OutputError, StoreError, VeilleError
from veille.places import expand_home
from veille.references import blank_secrets
from veille.store.backup import copy_database, count_rows, drop_copy, open_copy, read_schema, sync_file
from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from veille.config import Places, Settings

EVERY = timedelta(days=7)
RULES, CONFIG, OPML = "rules.toml", "config.toml", "feeds.opml"
_FILES = (DATABASE, OPML, RULES, CONFIG, MANIFEST)
_ROOM = 10_000_000  # beside the database
_AT = r"\d{8}-\d{6}(?:-\d+)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One that is whole: where it is and what it says of itself."""

    path: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What making a backup did; `removed` are older ones, `left` those that are not as they were made."""

    backup: Backup
    removed: tuple[Path, ...] = ()
    left: tuple[Path, ...] = ()


def make_backup(home: Home, directory: Path | None = None, *, keep: int | None = None, auto: bool = False) -> Made:
    """Make a backup in `directory`, then take away the oldest of this veille's there beyond `keep`.

    Raises LockedError while another makes one, StoreError for a damaged database, OutputError.
    """
    place = expand_home(directory) if directory else find_directory(home.places, home.settings)
    with hold_lock(home.places.lock_for("backup"), command="backup"):
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            _clean(home.places, place)
            _check_room(home, place)
            path = _make(home, place, auto=auto)
        except OSError as error:
            said = f"{error.filename or place}: {error.strerror or error}"
            raise OutputError(f"{said}: make room, or choose another directory") from None
        removed, left = _rotate(home.places, path, keep=keep or home.settings.backup.keep)
    return Made(backup=Backup(path=path, manifest=read_manifest(path)), removed=removed, left=left)


def back_up_when_due(home: Home) -> str:
    """Make the week's backup when it is time; what went wrong, in one line, "" when nothing did.

    Time is a week after the last one there, or after the first subscription.
    """
    if not home.settings.backup.auto:
        return ""
    now = read_clock()
    try:
        place = find_directory(home.places, home.settings)
    except ConfigError as error:
        return f"no backup could be made: [backup] dir: {error}"
    since = find_last(home, list_backups(home.places, place), now=now)
    if since is None or now - since < EVERY:
        return ""
    try:
        make_backup(home, auto=True)
    except LockedError:  # it is being made
        return ""
    except VeilleError as error:
        return f"no backup could be made: {error}"
    return ""


def find_last(home: Home, made: Sequence[Backup], *, now: datetime) -> datetime | None:
    """Since when nothing was backed up: the last backup, else the first subscription, None without one."""
    # A date in the future is that of a clock that went wrong.
    past = [one.manifest.made_at for one in made if one.manifest.made_at <= to_stored(now)]
    return from_stored(max(past, default=None) or home.db.execute("SELECT min(added_at) FROM feeds").fetchone()[0])


def list_backups(places: Places, directory: Path) -> list[Backup]:
    """This veille's whole backups in a directory, the oldest first; what is not one is passed over."""
    named = re.compile(rf"{re.escape(places.database.stem)}-{_AT}")
    found = []
    with contextlib.suppress(OSError):
        for path in directory.iterdir():
            if named.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
                with contextlib.suppress(StoreError):
                    found.append(Backup(path=path, manifest=read_manifest(path)))
    mine = _whose(places)
    own = [one for one in found if (one.manifest.machine, one.manifest.database) == mine]
    return sorted(own, key=lambda one: (one.manifest.made_at, len(one.path.name), one.path.name))


def find_directory(places: Places, settings: Settings) -> Path:
    """Where backups go."""
    return places.home / expand_home(Path(settings.backup.dir))


def write_private(path: Path, content: bytes) -> None:
    """A new file that only its owner reads, synced."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)


def _make(home: Home, place: Path, *, auto: bool) -> Path:
    now = read_clock()
    name = f"{home.places.database.stem}-{now.astimezone():%Y%m%d-%H%M%S}"
    half = place / f"{_half_name(home.places)}{now:%Y%m%d%H%M%S}-{os.getpid()}"
    half.mkdir(mode=0o700)
    try:
        manifest = _fill(home, half, now=now, auto=auto)
        check_files(half, manifest)
        write_private(half / MANIFEST, write_manifest(manifest).encode())
        sync_file(half)
        path = place / _spare_name(name, [one.name for one in place.iterdir()])
        half.rename(path)
        sync_file(place)
    except BaseException:
        with contextlib.suppress(OSError):
            _remove(half)
        raise
    return path


def _spare_name(name: str, there: Sequence[str]) -> str:
    """A name of its own for each backup of one second: after the last, as a name set free is that of an older one."""
    numbered = (re.fullmatch(rf"{re.escape(name)}(?:-(\d+))?", one) for one in there)
    last = max((int(found[1] or 1) for found in numbered if found), default=0)
    return f"{name}-{last + 1}" if last else name


def _fill(home: Home, half: Path, *, now: datetime, auto: bool) -> Manifest:
    """Write all but the manifest."""
    copy_database(home.db, half / DATABASE)
    machine, database = _whose(home.places)
    with open_copy(half / DATABASE) as copy:
        # Of the copy, so that all of it is of one moment.
        write_private(half / OPML, export_list(replace(home, db=copy)).encode())
        schema, counts = read_schema(copy), count_rows(copy)
    emptied = 0
    if home.places.rules.exists():
        write_private(half / RULES, home.places.rules.read_bytes())
    if home.places.config.exists():
        text, emptied = blank_secrets(read_text(home.places.config))
        write_private(half / CONFIG, text.encode())
    return Manifest(
        version=__version__,
        schema=schema,
        made_at=to_stored(now),
        auto=auto,
        machine=machine,
        database=database,
        counts=counts,
        emptied=emptied,
        files={name: describe_file(half / name) for name in _FILES if (half / name).exists()},
    )


def _check_room(home: Home, place: Path) -> None:
    """Tell beforehand what cannot fit."""
    there = os.statvfs(place)
    free, wanted = there.f_bavail * there.f_frsize, home.places.database.stat().st_size
    if free < wanted + min(_ROOM, wanted):
        raise OutputError(
            f"{place}: {free // 1_000_000} MB free, {wanted // 1_000_000 + 1} MB to write: make room, or choose"
            " another directory"
        )


def _rotate(places: Places, made: Path, *, keep: int) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Take away all but the latest backups of this veille: those removed, and those that are not as they were made.

    The one that was just made stays, whatever the clock said when the others were.
    """
    removed, left, place = [], [], made.parent
    others = [one for one in list_backups(places, place) if one.path != made]
    for backup in others[: max(0, len(others) + 1 - keep)]:
        # A file that somebody has put there is not ours to delete.
        if {one.name for one in backup.path.iterdir()} != {MANIFEST, *backup.manifest.files}:
            left.append(backup.path)
            continue
        try:
            going = place / f"{_half_name(places)}{backup.path.name}"
            backup.path.rename(going)
            _remove(going)
            removed.append(backup.path)
        except OSError:
            left.append(backup.path)
    return tuple(removed), tuple(left)


def _clean(places: Places, place: Path) -> None:
    """Take away what backups of this veille have left that were killed: the lock says that none is being made."""
    for path in place.glob(f"{_half_name(places)}*"):
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError):
                _remove(path)


def _remove(half: Path) -> None:
    """Delete the files that we make, and the directory if that leaves it empty; never more."""
    drop_copy(half / DATABASE)
    for name in _FILES:
        (half / name).unlink(missing_ok=True)
    half.rmdir()


def _half_name(places: Places) -> str:
    """How temporary names of this veille begin: two that share a directory leave each other's alone."""
    own = hashlib.sha256("\0".join(_whose(places)).encode()).hexdigest()[:8]
    return f".{places.database.stem}-{own}-"


def _whose(places: Places) -> tuple[str, str]:
    return os.uname().nodename, str(places.database.resolve())
