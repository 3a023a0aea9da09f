"""Records whose table is not known, told apart by how many values they have and of what kind."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from veille.store.schema import FIRST_ID, make_model
from veille.store.values import Column, is_right, list_fitting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from veille.store.pages import Record

# Tables with numbered rows, what is alike one after the other: the first that a record fits has it.
_NUMBERED = (
    "entries", "feeds", "feed_states", "contents", "stories", "kept_rules", "notes", "marks", "review_items",
    "articles", "sessions", "session_actions", "issues", "outbox", "digests",
)  # fmt: skip
# Numbers of stories begin there, those of these tables are such.
_OF_STORIES = {"entries", "contents", "stories", "notes", "marks", "review_items", "articles"}
# How many values the first release wrote, where columns were added later: old rows have no more.
_SHORTEST = {"feeds": 10, "feed_states": 12, "entries": 17, "marks": 3}
_ADDRESS = "://"


def recognise(records: Iterable[Record]) -> dict[str, list[dict[str, Any]]]:
    """Rows by table. Of two with one number, the first that was found."""
    with contextlib.closing(make_model()) as model:
        tables = {table: list_fitting(model, table) for table in _NUMBERED}
    rows: dict[str, dict[Any, dict[str, Any]]] = {table: {} for table in (*_NUMBERED, "story_tags")}
    addresses: dict[int, str] = {}
    for number, values in records:
        if number is None:
            _take_unnumbered(values, rows["story_tags"], addresses)
            continue
        for table, columns in tables.items():
            if _fits(table, columns, number, values):
                row = dict(zip((column.name for column in columns), values, strict=False))
                key = next((column.name for column in columns if column.key and column.kind == "INTEGER"), None)
                rows[table].setdefault(number, row | ({key: number} if key else {}))
                break
    for number, url in addresses.items():
        rows["feeds"].setdefault(number, {"id": number, "url": url})
    return {table: [*found.values()] for table, found in rows.items()}


def _fits(table: str, columns: Sequence[Column], number: int, values: Sequence[Any]) -> bool:
    if not _SHORTEST.get(table, len(columns)) <= len(values) <= len(columns):
        return False
    if number < (FIRST_ID if table in _OF_STORIES else 1) or (table == "kept_rules" and number != 1):
        return False
    return all(_is_possible(column, value) for column, value in zip(columns, values, strict=False))


def _is_possible(column: Column, value: Any) -> bool:
    if column.key and column.kind == "INTEGER":
        return value is None  # the number of the row stands for it
    return not column.needed if value is None else is_right(column, value)


def _take_unnumbered(values: Sequence[Any], tags: dict[Any, dict[str, Any]], addresses: dict[int, str]) -> None:
    """Tags of stories, and what the index of feeds says of their addresses."""
    match values:
        case (int(story_id), str(tag)) if story_id >= FIRST_ID:
            tags.setdefault((story_id, tag), {"story_id": story_id, "tag": tag})
        case (str(url), int(number)) if _ADDRESS in url and 0 < number < FIRST_ID:
            addresses.setdefault(number, url)
        case _:
            return
