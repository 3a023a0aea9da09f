"""The doctor: every check in its order, what `--fix` mends, and a salvage. Only `mend` and `rescue` write.

Each check looks by itself: settings that are wrong keep nobody from hearing that the database is damaged.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veille import __version__
from veille.app.checks.backups import check_backups, check_directory, find_latest, name_backup
from veille.app.checks.feeds import check_feeds, check_rules, check_time
from veille.app.checks.file import check_file
from veille.app.checks.network import check_network
from veille.app.checks.places import check_places, mend_places
from veille.app.home import Home
from veille.config import Settings, find_places, load_settings
from veille.errors import ConfigError, StoreError, VeilleError
from veille.rank.ailments import SEVERITIES, Ailment, Salvage
from veille.store.db import open_store, write
from veille.store.features import VERSION, list_missing
from veille.store.inspection import Inspection, inspect
from veille.store.instep import check_words, mend_indexes, mend_words
from veille.store.orphans import mend_orphans
from veille.store.salvage import salvage
from veille.store.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from veille.config import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is known of this veille, and what is wrong with it, the worst first."""

    about: dict[str, Any]
    ailments: Sequence[Ailment]

    @property
    def is_well(self) -> bool:
        """Whether nothing needs the user."""
        return all(one.severity == "note" for one in self.ailments)


def diagnose(db: Path | None = None, *, offline: bool = False) -> Diagnosis:
    """Look at everything and write nothing. Raises ConfigError when not even the places can be told."""
    places = find_places(db=db)
    ailments = [*check_places(places), *_check_features()]
    settings, wrong = _load_settings(places)
    ailments += wrong
    seen = inspect(places.database)
    latest = find_latest(places, settings or Settings())
    if seen.state == "absent" and (latest or places.lock_for("backup").exists()):
        seen.state = "gone"
    ailments += check_directory(places, settings or Settings())
    ailments += check_file(places.database, seen, backup=latest.path.name if latest else "")
    if seen.state == "sound" and settings is not None:
        ailments += _check_inside(places, settings, seen, offline=offline)
    elif seen.state != "sound" and seen.file.kind != "missing" and latest:
        ailments += name_backup(latest)
    about = {
        "veille": __version__,
        "python": platform.python_version(),
        "sqlite": VERSION,
        "schema": seen.version or SCHEMA_VERSION,
        "home": str(places.home),
        "database": str(places.database),
        "state": seen.state,
        "bytes": seen.file.size,
    }
    return Diagnosis(about=about, ailments=sorted(ailments, key=lambda one: SEVERITIES.index(one.severity)))


def mend(db: Path | None = None) -> list[str]:
    """Mend what can be mended without a loss: permissions, indexes, orphans; what was done, a line each.

    A damaged file is not touched.
    """
    places = find_places(db=db)
    done = mend_places(places)
    seen = inspect(places.database)
    settings, _ = _load_settings(places)
    if seen.state != "sound":
        return done
    patience = (settings or Settings()).store.busy_timeout
    with open_store(places.database, busy_timeout=patience) as store:
        if seen.structure.indexes:
            mend_indexes(store)
            done.append("made the indexes of the tables anew")
        if seen.orphans:
            with write(store):
                mended = mend_orphans(store)
            done += [f"{one.table}: {one.rows} {one.what}" for one in mended]
        if seen.words or seen.structure.full_text or check_words(store):
            mend_words(store)
            done.append("made the indexes of words anew")
    return done


def rescue(target: Path, db: Path | None = None) -> Salvage:
    """Read what can be read of the database into a new one at `target`. Raises OutputError, StoreError."""
    places = find_places(db=db)
    if not places.database.exists():
        raise StoreError(f"{places.database}: there is no such file: choose the damaged one with --db")
    return salvage(places.database, target)


def _load_settings(places: Places) -> tuple[Settings | None, list[Ailment]]:
    try:
        return load_settings(places), []
    except ConfigError as error:
        return None, [
            Ailment(
                check="settings", severity="error", what=str(error), remedy="mend that line; `veille config` shows all"
            )
        ]


def _check_features() -> Iterator[Ailment]:
    missing = list_missing()
    if missing:
        yield Ailment(
            check="sqlite",
            severity="error",
            what=f"SQLite {VERSION} lacks {', '.join(missing)}",
            remedy="use a Python whose SQLite has them (3.35 or later, with FTS5)",
        )


def _check_inside(places: Places, settings: Settings, seen: Inspection, *, offline: bool) -> list[Ailment]:
    """What only an open database tells."""
    found: list[Ailment] = []
    try:
        with open_store(places.database, busy_timeout=settings.store.busy_timeout) as store:
            home = Home(places=places, settings=settings, db=store)
            if not seen.words and (words := check_words(store)):
                found.append(_tell_words(words))
            # Rows that refer to nothing make stories that nobody can read.
            stories = () if seen.orphans else (check_rules, check_feeds)
            for check in (check_time, check_backups, *stories, *(() if offline else (check_network,))):
                found += _try(check, home)
    except VeilleError as error:
        found.append(Ailment(check="database", severity="error", what=str(error), remedy="do what this line says"))
    return found


def _try(check: Callable[[Home], Iterable[Ailment]], home: Home) -> list[Ailment]:
    """What a check finds; that it could not be made is a finding too, and the others are made all the same."""
    try:
        return list(check(home))
    except Exception as error:  # noqa: BLE001 - a doctor who faints helps nobody
        name = check.__name__.removeprefix("check_")
        what = f"the check of {name} could not be made: {type(error).__name__}: {error}"
        return [
            Ailment(check=name, severity="error", what=what, remedy="see what the other findings say of the database")
        ]


def _tell_words(words: Sequence[str]) -> Ailment:
    return Ailment(
        check="words",
        severity="warning",
        what="the indexes of words are not in order: searches and rules miss entries",
        remedy="`veille doctor --fix` makes them anew",
        mendable=True,
        details=words,
    )
