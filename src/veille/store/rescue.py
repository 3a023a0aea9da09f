"""What can still be read of one table of a damaged database: rows in the order of their keys, around what is damaged.

A page that cannot be read costs the rows on it and no others. Nothing is written.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veille.store.db import Db

# What reading damaged rows, and the messages about them, can end in.
UNREADABLE = (sqlite3.Error, OverflowError, ValueError, MemoryError)
_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
# Beyond a damaged place the next row is looked for by doubling steps, then its page is tried row by row.
_STEPS, _ROW_BY_ROW = 40, 20_000
_ABSENT = object()


@dataclass(slots=True, kw_only=True)
class Source:
    """A table to be read: its columns, and those of its key where rows have no number.

    `stopped` becomes true when something could not be read, `partial` counts rows that lack a value.
    """

    db: Db
    table: str
    columns: Sequence[str]
    key: Sequence[str] = ()
    stopped: bool = False
    partial: int = 0

    @property
    def listed(self) -> str:
        """The columns as SQL takes them."""
        return ", ".join(f'"{name}"' for name in self.columns)


def read_rows(source: Source) -> Iterator[dict[str, Any]]:
    """Every row that can be read."""
    return _read_keyed(source) if source.key else _read_numbered(source)


def count_known(db: Db, table: str, witnesses: Sequence[str]) -> int | None:
    """How many rows there were, by the tree that holds most: the table's, an index's, a witness's; None if none can."""
    counts = []
    for tree in (f'"{table}" NOT INDEXED', *_list_indexed(db, table), *(f'"{one}"' for one in witnesses)):
        try:
            counts.append(int(db.execute(f"SELECT count(*) FROM {tree}").fetchone()[0]))
        except UNREADABLE:
            continue
    return max(counts, default=None)


def read_addresses(db: Db) -> Iterator[tuple[int, str]]:
    """The number and address of every feed as their index has them, for those that the table has lost."""
    for order in ("ASC", "DESC"):
        try:
            yield from db.execute(f"SELECT id, url FROM feeds INDEXED BY sqlite_autoindex_feeds_1 ORDER BY url {order}")
        except UNREADABLE:
            continue
        return


def list_keys(db: Db, table: str) -> list[str]:
    """The columns of the key of a table whose rows have no number, none for another."""
    info = db.execute(f'PRAGMA table_info("{table}")').fetchall()
    try:
        db.execute(f'SELECT rowid FROM "{table}" LIMIT 0')
    except UNREADABLE:
        return [row[1] for row in sorted(info, key=lambda row: row[5]) if row[5]]
    return []


def _list_indexed(db: Db, table: str) -> list[str]:
    try:
        names = [row[1] for row in db.execute(f'PRAGMA index_list("{table}")') if not row[4]]
    except UNREADABLE:
        return []
    return [f'"{table}" INDEXED BY "{name}"' for name in names]


def _read_numbered(source: Source) -> Iterator[dict[str, Any]]:
    after = _LOWEST
    sql = f'SELECT rowid, {source.listed} FROM "{source.table}" NOT INDEXED WHERE rowid > ? ORDER BY rowid'
    while True:
        try:
            for row in source.db.execute(sql, (after,)):
                # A damaged page can give the same numbers again, or none in order.
                if row[0] > after:
                    after = row[0]
                    yield dict(zip(source.columns, row[1:], strict=True))
        except UNREADABLE:
            source.stopped = True
        else:
            return
        broken = _find_next(source, after)
        if broken is None:
            first = _leap(source, after)
            yield from _read_one_by_one(source, after, first)
            if first is None:
                return
            after = first - 1
            continue
        row = _read_parts(source, broken)
        if row is not None:
            yield row
        after = broken


def _find_next(source: Source, after: int) -> int | None:
    """The number of the next row, without its values; None when its page cannot be read, or none is left."""
    if after >= _HIGHEST:
        return None
    sql = f'SELECT rowid FROM "{source.table}" NOT INDEXED WHERE rowid > ? ORDER BY rowid LIMIT 1'
    try:
        row = source.db.execute(sql, (after,)).fetchone()
    except UNREADABLE:
        return None
    return int(row[0]) if row and row[0] > after else None


def _leap(source: Source, after: int) -> int | None:
    """The first row beyond a damaged place."""
    start = max(after, 0)
    low, high = 0, None
    for power in range(_STEPS):
        found = _find_next(source, start + (1 << power))
        if found is not None:
            low, high = (1 << power) >> 1, 1 << power
            break
    if high is None:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _find_next(source, start + middle) is None:
            low = middle
        else:
            high = middle
    return _find_next(source, start + high)


def _read_one_by_one(source: Source, after: int, first: int | None) -> Iterator[dict[str, Any]]:
    """Rows of a damaged place that can be read when asked for by number."""
    start = max(after + 1, 0)
    end = start + _ROW_BY_ROW if first is None else min(first, start + _ROW_BY_ROW)
    for number in range(start, end):
        row = _read_parts(source, number, partial=False)
        if row is not None:
            yield row


def _read_parts(source: Source, number: int, *, partial: bool = True) -> dict[str, Any] | None:
    """A row by its number, without the values that cannot be read; None when there is none."""
    values: dict[str, Any] = {}
    for name in source.columns:
        value = _read_value(source, name, number)
        if value is not _ABSENT:
            values[name] = value
        elif not partial:
            return None
    if values:
        source.partial += len(values) < len(source.columns)
    return values or None


def _read_value(source: Source, name: str, number: int) -> Any:
    try:
        row = source.db.execute(
            f'SELECT "{name}" FROM "{source.table}" NOT INDEXED WHERE rowid = ?', (number,)
        ).fetchone()
    except UNREADABLE:
        return _ABSENT
    return _ABSENT if row is None else row[0]


def _read_keyed(source: Source) -> Iterator[dict[str, Any]]:
    """From both ends of the key to what is damaged."""
    seen: set[tuple[Any, ...]] = set()
    for order in ("ASC", "DESC"):
        by = ", ".join(f'"{name}" {order}' for name in source.key)
        try:
            for row in source.db.execute(f'SELECT {source.listed} FROM "{source.table}" ORDER BY {by}'):
                values = dict(zip(source.columns, row, strict=True))
                key = tuple(values[name] for name in source.key)
                if key not in seen:
                    seen.add(key)
                    yield values
        except UNREADABLE:
            source.stopped = True
        else:
            return
