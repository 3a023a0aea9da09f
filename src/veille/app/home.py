"""The ground every use case stands on: places, settings and the open database."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from veille.app.waiting import tell_busy, tell_wait
from veille.config import Places, Settings, find_places, load_settings
from veille.store.db import Db, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One user's veille, open. `unattended`: nobody looks, and wrong rules must not stop it (`rulebook`).

    `is_new`: there was no database.
    """

    places: Places
    settings: Settings
    db: Db
    unattended: bool = False
    is_new: bool = False


@contextlib.contextmanager
def open_home(db: Path | None = None, *, unattended: bool = False) -> Iterator[Home]:
    """Read the settings and open the database; `db` overrides where it is. A long wait for others is told."""
    places = find_places(db=db)
    settings = load_settings(places)

    def tell() -> None:
        tell_wait(tell_busy(places.lock))

    is_new = not os.path.lexists(places.database)
    patience, keep_old = settings.store.busy_timeout, settings.backup.auto
    with open_store(places.database, busy_timeout=patience, on_wait=tell, keep_old=keep_old) as store:
        yield Home(places=places, settings=settings, db=store, unattended=unattended, is_new=is_new)


def read_clock() -> datetime:
    """The present, to the second, in UTC: what is stored is what was compared."""
    return datetime.now(UTC).replace(microsecond=0)
