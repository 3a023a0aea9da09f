"""The places in use: whether they can be written to, who else can read them, and the room there is."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from veille.rank.ailments import Ailment, Room, judge_room
from veille.store.header import log_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.config import Places

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_places(places: Places) -> Iterator[Ailment]:
    """Findings on directories, files and the disk."""
    for path in dict.fromkeys((places.database.parent, places.home, places.config.parent, places.digests)):
        yield from _check_directory(path)
    for path in (places.database, log_of(places.database), places.config, places.rules):
        yield from _check_file(path)
    yield from _check_owners(places)
    yield from _check_room(places.database)


def mend_places(places: Places) -> list[str]:
    """Take the permissions of others away from files that are the user's own; what was done, a line each."""
    done = []
    for path in _list_open(places):
        try:
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)
        except OSError:
            continue  # the next look tells it again
        done.append(f"{path}: nobody else can read it any more")
    return done


def find_there(path: Path) -> Path:
    """The path, or the nearest above it that is there: what will be made is made in it."""
    for one in (path, *path.parents):
        if os.path.lexists(one):
            return one
    return path


def _check_directory(path: Path) -> Iterator[Ailment]:
    there = find_there(path)
    if not there.is_dir():
        what = f"{there} is no directory"
        yield Ailment(check="places", severity="error", what=what, remedy="choose another place with VEILLE_HOME")
    elif not os.access(there, os.W_OK | os.X_OK):
        what = f"{there} cannot be written to"
        remedy = "check its permissions and its file system, or choose another place with VEILLE_HOME"
        yield Ailment(check="places", severity="error", what=what, remedy=remedy)


def _check_file(path: Path) -> Iterator[Ailment]:
    try:
        there = path.is_file()
    except OSError:
        return  # its directory is told of
    if not there:
        return
    wanted = os.R_OK | (os.W_OK if path.suffix != ".toml" else 0)
    if not os.access(path, wanted):
        what = f"{path} cannot be {'read' if path.suffix == '.toml' else 'read and written'}"
        yield Ailment(check="places", severity="error", what=what, remedy="check its permissions and its owner")


def _check_owners(places: Places) -> Iterator[Ailment]:
    shared = list(_list_open(places))
    if shared:
        yield Ailment(
            check="permissions",
            severity="warning",
            what="what you read and note can be read by others of this machine",
            remedy="`veille doctor --fix` takes their permissions away",
            mendable=True,
            details=[f"{path}: {stat.S_IMODE(path.stat().st_mode):04o}" for path in shared],
        )


def _check_room(database: Path) -> Iterator[Ailment]:
    try:
        found = os.statvfs(find_there(database.parent))
        size = database.stat().st_size if database.exists() else 0
    except OSError:
        return  # the directory is told of
    # A file system without a limit of files says that it has none.
    files = found.f_favail if found.f_files else None
    yield from judge_room(Room(free=found.f_bavail * found.f_frsize, files=files, database=size))


def _list_open(places: Places) -> Iterator[Path]:
    """Private files that others can read or write, through every directory above them or not."""
    for path in (places.database, log_of(places.database), places.database.with_name(places.database.name + "-shm")):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if stat.S_ISREG(mode) and mode & _OTHERS and not _is_closed(path.parent):
            yield path


def _is_closed(directory: Path) -> bool:
    """Whether nobody else comes into the directory."""
    return not directory.stat().st_mode & _OTHERS
