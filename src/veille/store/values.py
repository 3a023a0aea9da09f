"""Values of a damaged row made such that its column can hold them, or the row refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from veille.store.integrity import JSON_COLUMNS, is_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veille.store.db import Db

_KINDS: dict[str, tuple[type, ...]] = {"INTEGER": (int,), "TEXT": (str,), "REAL": (int, float), "BLOB": (bytes, str)}
# What a column that must say something says when that was lost. Where nothing stands for it the row is.
_UNKNOWN = {
    ("feeds", "url"): "lost:{id}",
    ("entries", "guid"): "lost:{id}",
    ("entries", "fingerprint"): "",
    ("contents", "html"): "",
    ("notes", "text"): "\N{REPLACEMENT CHARACTER}",
    ("sessions", "budget"): 0,
}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Column(NamedTuple):
    """A column of the new table: what it takes, and whether it may be empty or has a value of its own."""

    table: str
    name: str
    kind: str
    needed: bool
    key: bool


def list_fitting(db: Db, table: str) -> list[Column]:
    """The columns of a table."""
    return [
        Column(table, row[1], str(row[2]).upper(), bool(row[3]) and row[4] is None, bool(row[5]))
        for row in db.execute(f'PRAGMA table_info("{table}")')
    ]


def fit_row(row: Mapping[str, Any], columns: Sequence[Column]) -> tuple[dict[str, Any] | None, bool]:
    """The row as the table takes it, None when it cannot; whether a value was replaced."""
    fitted: dict[str, Any] = {}
    changed = False
    for column in columns:
        value = row.get(column.name)
        if value is not None and is_right(column, value):
            changed = changed or "\N{REPLACEMENT CHARACTER}" in str(value)[:1000]
            fitted[column.name] = value
            continue
        if value is None and not column.needed and not column.key:
            # The default of the table, or nothing: both may be.
            if column.name in row:
                fitted[column.name] = None
            continue
        changed = True
        if column.key and column.kind == "INTEGER":
            return None, True
        replacement = _replace(column, row)
        if replacement is not None:
            fitted[column.name] = replacement
        elif column.needed or column.key:
            return None, True
    # A column that may not be empty and has a value of its own takes that.
    return {name: value for name, value in fitted.items() if value is not None}, changed


def is_right(column: Column, value: Any) -> bool:
    """Whether a column can hold a value: its type, JSON where it is JSON, a moment where it is one."""
    if not isinstance(value, _KINDS[column.kind]):
        return False
    if not isinstance(value, str):
        return True
    if (column.table, column.name) in JSON_COLUMNS:
        return _is_json(value, JSON_COLUMNS[column.table, column.name])
    return not is_time(column.name) or value == "" or _is_moment(value)


def _replace(column: Column, row: Mapping[str, Any]) -> Any:
    if (column.table, column.name) in JSON_COLUMNS:
        return JSON_COLUMNS[column.table, column.name]
    if (column.table, column.name) in _UNKNOWN:
        unknown = _UNKNOWN[column.table, column.name]
        return unknown.format(id=row.get("id")) if isinstance(unknown, str) else unknown
    if is_time(column.name) and column.needed:
        # An entry without its date has the one on which it was seen, and the other way round.
        others = (row.get(name) for name in row if is_time(name))
        return next((one for one in others if isinstance(one, str) and one and _is_moment(one)), f"{_NEVER:%FT%TZ}")
    return None


def _is_json(text: str, default: str) -> bool:
    try:
        return isinstance(json.loads(text), type(json.loads(default)))
    except (ValueError, RecursionError):
        return False


def _is_moment(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    # Other ways to write a moment are none of ours, and are not in order as text.
    return moment.tzinfo is not None and f"{moment:%Y-%m-%dT%H:%M:%S}" == text[:19]
