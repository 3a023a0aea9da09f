"""Where backups are kept: a directory in, those that are whole out, whose they are; old ones of this veille taken away.

Needs no database: backups are looked for where that is damaged or gone.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from veille.app.manifest import DATABASE, MANIFEST, Manifest, read_manifest
from veille.config import Settings, load_settings
from veille.errors import ConfigError, StoreError
from veille.places import expand_home
from veille.store.backup import drop_copy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.config import Places

RULES, CONFIG, OPML = "rules.toml", "config.toml", "feeds.opml"
FILES = (DATABASE, OPML, RULES, CONFIG, MANIFEST)
_NAMED = re.compile(r".+-\d{8}-\d{6}(?:-\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One that is whole: where it is and what it says of itself; `own` is that of this very database."""

    path: Path
    manifest: Manifest
    own: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether there is no feed and no entry in it."""
        return not (self.manifest.counts.get("feeds") or self.manifest.counts.get("entries"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What became of older backups.

    `left` are not as they were made, `others` are of other machines or databases. `fuller` is the latest that holds
    something while the new one holds nothing: then none was removed.
    """

    removed: tuple[Path, ...] = ()
    left: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    fuller: Path | None = None


def find_directory(places: Places, settings: Settings) -> Path:
    """Where backups go. Raises ConfigError for the home of nobody."""
    return places.home / expand_home(Path(settings.backup.dir))


def find_kept(places: Places) -> Path:
    """The same, whatever is wrong with config.toml: that is one of the things to restore."""
    settings = Settings()
    with contextlib.suppress(ConfigError):
        settings = load_settings(places)
    return find_directory(places, settings)


def list_all(places: Places, directory: Path) -> list[Backup]:
    """The whole backups in a directory, of whatever veille, the oldest first; what is not one is passed over."""
    mine, found = whose(places), []
    with contextlib.suppress(OSError):
        for path in directory.iterdir():
            if (
                _NAMED.fullmatch(path.name)
                and not path.name.startswith(".")
                and path.is_dir()
                and not path.is_symlink()
            ):
                with contextlib.suppress(StoreError):
                    manifest = read_manifest(path)
                    is_own = (manifest.machine, manifest.database) == mine
                    found.append(Backup(path=path, manifest=manifest, own=is_own))
    return sorted(found, key=lambda one: (one.manifest.made_at, len(one.path.name), one.path.name))


def list_backups(places: Places, directory: Path) -> list[Backup]:
    """Those of this very database."""
    return [one for one in list_all(places, directory) if one.own]


def choose_latest(backups: Sequence[Backup]) -> Backup | None:
    """The one to go back to: the latest that holds something."""
    full = [one for one in backups if not one.is_empty]
    return full[-1] if full else None


def rotate(places: Places, made: Path, *, keep: int) -> Rotated:
    """Take away all but the latest backups of this veille.

    The one that was just made stays, whatever the clock said when the others were. One that holds nothing takes
    the place of none that does: its database may have been lost.
    """
    there = list_all(places, made.parent)
    others = tuple(one.path for one in there if not one.own)
    older = [one for one in there if one.own and one.path != made]
    fuller = choose_latest(older)
    if fuller and any(one.path == made and one.is_empty for one in there):
        return Rotated(others=others, fuller=fuller.path)
    removed: list[Path] = []
    left: list[Path] = []
    for backup in older[: max(0, len(older) + 1 - keep)]:
        (removed if _take_away(places, backup) else left).append(backup.path)
    return Rotated(removed=tuple(removed), left=tuple(left), others=others)


def clean(places: Places, place: Path) -> None:
    """Take away what backups of this veille have left that were killed: the lock says that none is being made."""
    for path in place.glob(f"{half_name(places)}*"):
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError):
                remove_files(path)


def remove_files(half: Path) -> None:
    """Delete the files that we make, and the directory if that leaves it empty; never more."""
    drop_copy(half / DATABASE)
    for name in FILES:
        (half / name).unlink(missing_ok=True)
    half.rmdir()


def half_name(places: Places) -> str:
    """How temporary names of this veille begin: two that share a directory leave each other's alone."""
    own = hashlib.sha256("\0".join(whose(places)).encode()).hexdigest()[:8]
    return f".{places.database.stem}-{own}-"


def whose(places: Places) -> tuple[str, str]:
    """This machine and this database."""
    return os.uname().nodename, str(places.database.resolve())


def _take_away(places: Places, backup: Backup) -> bool:
    # A file that somebody has put there is not ours to delete.
    try:
        if {one.name for one in backup.path.iterdir()} != {MANIFEST, *backup.manifest.files}:
            return False
        going = backup.path.parent / f"{half_name(places)}{backup.path.name}"
        backup.path.rename(going)
        remove_files(going)
    except OSError:
        return False
    return True
