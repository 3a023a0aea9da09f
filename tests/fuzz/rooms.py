"""The files that targets ask, which live as long as the process: a directory, a database of a few stories."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from stored import entry, fold, store, subscribe
from veille.store.db import open_store

if TYPE_CHECKING:
    from veille.store.db import Db

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
_OPEN = ExitStack()
atexit.register(_OPEN.close)


def keep_place() -> Path:
    """A new directory, gone when the process ends."""
    place = Path(tempfile.mkdtemp(prefix="veille-fuzz-"))
    _OPEN.callback(shutil.rmtree, place, ignore_errors=True)
    return place


@cache
def make_place() -> Path:
    """The directory of the targets."""
    return keep_place()


def leave_rooms() -> None:
    """Close and take away everything, for a process that does not end as others do."""
    _OPEN.close()


def open_at(path: Path) -> Db:
    """The database there, closed at the end."""
    return _OPEN.enter_context(open_store(path, busy_timeout=timedelta(seconds=5)))


@cache
def open_archive() -> Db:
    """A few stories, in two languages and two folders, with what expressions look for."""
    db = open_at(make_place() / "archive.db")
    press = subscribe(db, "press", folder="Presse/Régions", tags=("q", "r"))
    blog = subscribe(db, "blog", title="Un blog")
    html = "<p>Le texte de l'œuvre, en entier : crise, crises et C++.</p>" * 3
    store(
        db,
        press,
        entry("1", "L'e-réputation d'ACME en crise", summary="Un résumé court.", content=html, language="fr"),
        entry("2", "Sport : la finale à 10:30", summary="", author="Zoë", tags=("sport",), language="fr"),
        entry("3", "", summary="no title at all " * 30, language="en"),
    )
    store(db, blog, entry("4", "ACME's e-reputation in a crisis", summary="a b c " * 50, language="en"))
    fold(db)
    return db
