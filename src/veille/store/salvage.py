"""A damaged database in, a new sound one out: every table row by row, with what was read and what was lost.

The damaged file is only read. What is worked on is a copy; its header is mended there when it has to be.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veille.errors import OutputError, StoreError
from veille.rank.ailments import Rescued, Salvage
from veille.store.db import Db, open_store, write
from veille.store.header import log_of, mend_header
from veille.store.integrity import find_damage, list_tables
from veille.store.orphans import mend_orphans
from veille.store.pages import read_records
from veille.store.placeholders import keep_own
from veille.store.recognise import recognise
from veille.store.reindex import fill_pages, rebuild_indexes
from veille.store.rescue import UNREADABLE, Source, count_known, list_keys, read_addresses, read_rows
from veille.store.values import Column, fit_row, list_fitting
from veille.store.window import fill_window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PATIENCE = timedelta(seconds=5)
# Other trees that know how many rows a table has.
_WITNESSES = {
    "entries": ("entries_fts_docsize", "entries_stems_docsize"),
    "feeds": ("feed_states",),
    "feed_states": ("feeds",),
}
# What the window of folding keeps can be made again.
_WINDOW = ("fold_stories", "fold_stems", "fold_spread")
# Without these the schema is lost.
_NEEDED = {"feeds", "entries", "stories"}


def salvage(source: Path, target: Path) -> Salvage:
    """Read what can be read of `source` into a new database at `target`, which must not be there yet.

    Raises OutputError when `target` is there or cannot be written, StoreError when nothing can be read at all.
    """
    if target.exists() or target.is_symlink():
        raise OutputError(f"{target}: it is there already, and nothing is overwritten: choose another file")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as place:
            copy, made = Path(place) / "damaged.db", Path(place) / "veille.db"
            _copy(source, copy)
            with _open_copy(copy) as old:
                done = _fill(old, copy, made)
            made.chmod(0o600)
            made.rename(target)
    except StoreError as error:
        raise StoreError(f"{source}: {error}") from None
    except OSError as error:
        raise OutputError(f"{error.filename or target}: {error.strerror or error}: choose another place") from None
    return done


def _copy(source: Path, copy: Path) -> None:
    for one, other in ((source, copy), (log_of(source), log_of(copy))):
        if one.exists():
            shutil.copyfile(one, other)
            other.chmod(0o600)


@contextlib.contextmanager
def _open_copy(copy: Path) -> Iterator[Db | None]:
    """The copy as SQLite takes it, its header mended when it does not; None when its schema cannot be read."""
    for mended in (False, True):
        if mended and not mend_header(copy):
            break
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as conn:
            try:
                conn.execute("PRAGMA cell_size_check = ON")
                tables = list_tables(conn)
            except UNREADABLE:
                continue
            if not _NEEDED.issubset(tables):
                continue
            conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
            yield conn
            return
    yield None


def _fill(old: Db | None, copy: Path, made: Path) -> Salvage:
    with open_store(made, busy_timeout=_PATIENCE) as new:
        new.execute("PRAGMA foreign_keys = OFF")
        new.execute("PRAGMA synchronous = OFF")
        with write(new):
            tables = _move_records(new, copy) if old is None else _move_tables(old, new)
            if not any(one.kept for one in tables):
                raise StoreError("nothing of veille's can be read from it: restore a backup, and keep the file")
            kept_notes = keep_own(new)
            righted = [one for one in mend_orphans(new) if one.table not in _WINDOW]
            mended = [f"{one.table}: {one.rows} {one.what}" for one in righted]
            _derive(new, tables, old_columns=[] if old is None else _list_names(old, "entries"))
            tables = [_recount(new, one, hurt=_is_hurt(tables)) for one in tables if one.table not in _WINDOW]
        new.execute("PRAGMA foreign_keys = ON")
        if find_damage(new).pages or new.execute("PRAGMA foreign_key_check").fetchone():
            raise StoreError("what was salvaged is not sound: restore a backup, and keep the damaged file")
        new.execute("PRAGMA synchronous = FULL")
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Salvage(tables=tables, mended=mended, kept_notes=kept_notes)


def _move_tables(old: Db, new: Db) -> list[Rescued]:
    there = set(list_tables(old))
    tables = [_move(old, new, table) for table in list_tables(new) if table in there]
    _set_numbers(old, new)
    return tables


def _move_records(new: Db, copy: Path) -> list[Rescued]:
    """What the pages hold, whatever table they are of. Nothing tells how much is lost."""
    found = recognise(read_records(copy.read_bytes()))
    tables = []
    for table, rows in found.items():
        kept, mended = _insert(new, table, list_fitting(new, table), iter(rows))
        tables.append(Rescued(table=table, kept=kept, mended=mended, lost=None))
    return tables


def _move(old: Db, new: Db, table: str) -> Rescued:
    """Every row of a table that can be read and kept."""
    columns = list_fitting(new, table)
    there = set(_list_names(old, table))
    shared = [one.name for one in columns if one.name in there]
    source = Source(db=old, table=table, columns=shared, key=list_keys(old, table))
    kept, mended = _insert(new, table, columns, read_rows(source))
    if table == "feeds":
        known = {feed_id for (feed_id,) in new.execute("SELECT id FROM feeds")}
        rest = [{"id": feed_id, "url": url} for feed_id, url in read_addresses(old) if feed_id not in known]
        more, _ = _insert(new, table, columns, iter(rest))
        kept, mended = kept + more, mended + more
    known_rows = count_known(old, table, _WITNESSES.get(table, ()))
    lost = None if known_rows is None and source.stopped else max((known_rows or 0) - kept, 0)
    if source.stopped and not lost:
        # A tree that is damaged counts what is left of it.
        lost = lost or None
    return Rescued(table=table, kept=kept, mended=mended + source.partial, lost=lost)


def _insert(new: Db, table: str, columns: Sequence[Column], rows: Iterator[dict[str, Any]]) -> tuple[int, int]:
    """Put rows that fit into a table; how many, and how many of them with a value replaced."""
    kept = mended = 0
    for row in rows:
        fitted, changed = fit_row(row, columns)
        if fitted is None:
            continue
        names = ", ".join(f'"{name}"' for name in fitted)
        marks = ", ".join("?" * len(fitted))
        with contextlib.suppress(*UNREADABLE):
            added = new.execute(
                f'INSERT OR IGNORE INTO "{table}" ({names}) VALUES ({marks})', [*fitted.values()]
            ).rowcount
            kept += added
            mended += bool(added and changed)
    return kept, mended


def _set_numbers(old: Db, new: Db) -> None:
    """Numbers that were given are never given again, nor are those of what was lost."""
    with contextlib.suppress(*UNREADABLE):
        for name, seq in old.execute("SELECT name, seq FROM sqlite_sequence").fetchall():
            if isinstance(seq, int) and 0 < seq < 1 << 53:
                new.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (seq, name))


def _derive(new: Db, tables: Sequence[Rescued], *, old_columns: Sequence[str]) -> None:
    """What follows from the entries: pages, the words of both indexes, the window where any of it was lost."""
    if "page" not in old_columns:
        fill_pages(new)
    rebuild_indexes(new)
    whole = {one.table for one in tables if not one.mended and one.lost == 0}
    if not {"entries", "stories", *_WINDOW} <= whole:
        for table in _WINDOW:
            new.execute(f"DELETE FROM {table}")
        fill_window(new)


def _is_hurt(tables: Sequence[Rescued]) -> bool:
    return any(one.mended or one.lost != 0 for one in tables)


def _recount(new: Db, one: Rescued, *, hurt: bool) -> Rescued:
    """What is left of a table after all: rows that belonged to what is lost have gone with it."""
    left = min(one.kept, new.execute(f'SELECT count(*) FROM "{one.table}"').fetchone()[0])
    lost = one.lost + one.kept - left if hurt and one.lost is not None else one.lost
    return replace(one, kept=left, mended=min(one.mended, left), lost=lost)


def _list_names(db: Db, table: str) -> list[str]:
    with contextlib.suppress(*UNREADABLE):
        return [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
    return []
