"""The backups: whether there is one of late, and whether the last is to the byte what it was made."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from veille.app.backup import EVERY, find_last
from veille.app.checks.places import find_there
from veille.app.home import read_clock
from veille.app.kept import choose_latest, find_directory, list_backups
from veille.app.manifest import check_files
from veille.errors import ConfigError, StoreError
from veille.rank.ailments import Ailment
from veille.store.backup import count_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veille.app.home import Home
    from veille.app.kept import Backup
    from veille.config import Places, Settings
    from veille.rank.ailments import Severity

# A backup by itself every week: after three something keeps it from being made.
_LATE = 3 * EVERY


def check_backups(home: Home) -> Iterator[Ailment]:
    """Findings on the latest backup, and on its age."""
    auto = home.settings.backup.auto
    try:
        place = find_directory(home.places, home.settings)
    except ConfigError as error:
        yield _find("error", f"[backup] dir: {error}", "mend that line of config.toml")
        return
    now, made = read_clock(), list_backups(home.places, place)
    yield from _check_emptied(home, made)
    if made:
        try:
            check_files(made[-1].path, made[-1].manifest)
        except StoreError as error:
            yield _find("warning", f"the latest backup is not what it was: {error}", "`veille backup` makes another")
    since = find_last(home, made, now=now)
    if since is not None and now - since > _LATE:
        last = f"the last one is of {since.astimezone():%Y-%m-%d}" if made else f"there is none in {place}"
        remedy = "`veille backup` makes one, or says what keeps it" if auto else "`veille backup` makes one"
        # Where making one fails, each fetch warns.
        yield _find("note", f"no backup for {(now - since).days} days: {last}", remedy)


def find_latest(places: Places, settings: Settings) -> Backup | None:
    """The backup to go back to, None without one."""
    with contextlib.suppress(ConfigError):
        made = list_backups(places, find_directory(places, settings))
        return choose_latest(made) or (made[-1] if made else None)
    return None


def name_backup(latest: Backup) -> Iterator[Ailment]:
    """A note on what a database that is not sound can be replaced by."""
    name, holds = latest.path.name, latest.manifest
    what = f"the latest backup is {name}, schema {holds.schema}, {holds.counts.get('entries', 0)} entries"
    yield _find("note", what, f"`veille restore {name} --force` puts it in the place; this one stays aside")


def check_directory(places: Places, settings: Settings) -> Iterator[Ailment]:
    """Findings on where backups go: whether one can be made there."""
    with contextlib.suppress(ConfigError):
        place = find_directory(places, settings)
        there = find_there(place)
        if there == find_there(places.home):
            return  # what is wrong with that is told
        remedy = "choose another directory ([backup] dir of config.toml)"
        if not there.is_dir():
            yield _find("error", f"no backup can be made in {place}: {there} is no directory", remedy)
        elif not os.access(there, os.W_OK | os.X_OK):
            what = f"no backup can be made in {place}: {there} cannot be written to"
            yield _find("error", what, f"check its permissions and its file system, or {remedy}")


def _check_emptied(home: Home, made: Sequence[Backup]) -> Iterator[Ailment]:
    """A database that holds nothing, though backups of it do, was made anew in the place of one that was lost."""
    latest = choose_latest(made)
    here = count_rows(home.db) if latest else {}
    if latest and not (here["feeds"] or here["entries"]):
        name, counts = latest.path.name, latest.manifest.counts
        what = f"{home.places.database} is empty, while its backup {name} holds {counts.get('entries', 0)} entries"
        remedy = f"`veille restore {name} --force` brings them back; no backup that is empty takes that one away"
        yield _find("warning", what, remedy)


def _find(severity: Severity, what: str, remedy: str) -> Ailment:
    return Ailment(check="backups", severity=severity, what=what, remedy=remedy)
