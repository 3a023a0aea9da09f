"""The backups: whether there is one of late, and whether the last is to the byte what it was made."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from veille.app.backup import EVERY, find_directory, find_last, list_backups
from veille.app.home import read_clock
from veille.app.manifest import check_files
from veille.errors import ConfigError, StoreError
from veille.rank.ailments import Ailment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veille.app.home import Home
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


def name_backup(places: Places, settings: Settings) -> Iterator[Ailment]:
    """A note on what a database that is not sound can be replaced by."""
    with contextlib.suppress(ConfigError):
        for one in list_backups(places, find_directory(places, settings))[-1:]:
            what = f"the latest backup is {one.path.name}, schema {one.manifest.schema}"
            yield _find(
                "note", what, f"`veille restore {one.path.name} --force` puts it in the place; this one stays aside"
            )


def _find(severity: Severity, what: str, remedy: str) -> Ailment:
    return Ailment(check="backups", severity=severity, what=what, remedy=remedy)
