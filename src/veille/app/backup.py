"""Backups: an open veille in, a directory out that holds all of it and says so; old ones taken away.

A backup is made under a temporary name and gets its own when it is whole and has been looked over. A name that
is no temporary one is a whole backup, whenever the process or the machine stops.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from veille import __version__
from veille.app.home import Home, read_clock
from veille.app.kept import (
    CONFIG,
    FILES,
    OPML,
    RULES,
    Backup,
    Rotated,
    clean,
    find_directory,
    half_name,
    list_backups,
    remove_files,
    rotate,
    whose,
)
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
from veille.errors import ConfigError, LockedError, OutputError, VeilleError
from veille.places import expand_home
from veille.references import blank_secrets
from veille.store.backup import copy_database, count_rows, open_copy, read_schema, sync_file
from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path


EVERY = timedelta(days=7)
_ROOM = 10_000_000  # beside the database
# What to do, by what the system says; there is one more thing for all: another directory.
_ADVICE = {
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room",
    errno.EACCES: "check its permissions",
    errno.EPERM: "check its permissions",
    errno.EROFS: "make its disk writable",
    errno.EISDIR: "move it away",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What making a backup did: the new one, and what became of older ones."""

    backup: Backup
    rotated: Rotated


def make_backup(home: Home, directory: Path | None = None, *, keep: int | None = None, auto: bool = False) -> Made:
    """Make a backup in `directory`, then take away the oldest of this veille's there beyond `keep`.

    Raises LockedError while another makes one, StoreError for a damaged database, OutputError.
    """
    place = expand_home(directory) if directory else find_directory(home.places, home.settings)
    with hold_lock(home.places.lock_for("backup"), command="backup"):
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            clean(home.places, place)
            _check_room(home, place)
            path = _make(home, place, auto=auto)
        except OSError as error:
            raise OutputError(_tell_trouble(error, home, place)) from None
        rotated = rotate(home.places, path, keep=keep or home.settings.backup.keep)
    return Made(backup=Backup(path=path, manifest=read_manifest(path)), rotated=rotated)


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
        fuller = make_backup(home, auto=True).rotated.fuller
    except LockedError:  # it is being made
        return ""
    except VeilleError as error:
        return f"no backup could be made: {error}"
    empty = "the week's backup is empty and {} is not: none was removed; `veille doctor` says what to do"
    return empty.format(fuller.name) if fuller else ""


def find_last(home: Home, made: Sequence[Backup], *, now: datetime) -> datetime | None:
    """Since when nothing was backed up: the last backup, else the first subscription, None without one."""
    # A date in the future is that of a clock that went wrong.
    past = [one.manifest.made_at for one in made if one.manifest.made_at <= to_stored(now)]
    return from_stored(max(past, default=None) or home.db.execute("SELECT min(added_at) FROM feeds").fetchone()[0])


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
    half = place / f"{half_name(home.places)}{now:%Y%m%d%H%M%S}-{os.getpid()}"
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
            remove_files(half)
        raise
    return path


def _spare_name(name: str, there: Sequence[str]) -> str:
    """A name of its own for each backup of one second: after the last, as a name set free is that of an older one."""
    numbered = (re.fullmatch(rf"{re.escape(name)}(?:-(\d+))?", one) for one in there)
    last = max((int(found[1] or 1) for found in numbered if found), default=0)
    return f"{name}-{last + 1}" if last else name


def _fill(home: Home, half: Path, *, now: datetime, auto: bool) -> Manifest:
    """Write all but the manifest."""
    copy_database(home.db, half / DATABASE, source=home.places.database)
    machine, database = whose(home.places)
    with open_copy(half / DATABASE, source=home.places.database) as copy:
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
        files={name: describe_file(half / name) for name in FILES if (half / name).exists()},
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


def _tell_trouble(error: OSError, home: Home, place: Path) -> str:
    """What the system refused and what to do; a name that is temporary is no help."""
    where = str(error.filename or place)
    if where.startswith(str(place / half_name(home.places))):
        where = str(place)
    advice = _ADVICE.get(error.errno or 0)
    return f"{where}: {error.strerror or error}: {f'{advice}, or ' if advice else ''}choose another directory"
