"""An export of everything, line by line: what a record may say; a line in, a checked record out.

Each line is a JSON object, and `record` says what it is of (`archive_kinds.py`). A field whose value is its default
is left out. A hostile line is refused, and markup is made safe again.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from veille.errors import ReadError, UsageError
from veille.read.archive_kinds import KINDS, Field, Kind
from veille.read.normalise import clean_markup
from veille.read.shapes import LOST_FEED, check_shapes
from veille.text import clean_line
from veille.times import from_stored, to_stored
from veille.toml import show_value
from veille.urls import is_web, normalise_feed_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GREATEST = 2**53 - 1  # what every reader of JSON takes for a whole number
RECORD = "record"
RULES, END = "rules", "end"
_BY_NAME = {kind.name: kind for kind in KINDS}
_LEAST_NUMBER = 1000  # of entries and stories: what is less is a rank


class Header(NamedTuple):
    """The first line: the schema, and the least number that what comes next may have, by table."""

    schema: int
    next_ids: Mapping[str, int]


def write_header(*, schema: int, version: str, made_at: str, next_ids: Mapping[str, int]) -> str:
    """The first line."""
    return write_line({"veille": schema, "version": version, "made_at": made_at, "next_ids": dict(next_ids)})


def write_record(kind: Kind, row: Mapping[str, Any]) -> str:
    """A row as its line. Raises ValueError for a row that is damaged."""
    values = {RECORD: kind.name}
    for field in (*kind.fields, *kind.others):
        value = _WRITE.get(field.kind, _same)(row[field.name])
        if field.needed or (value is not None and value != _WRITE.get(field.kind, _same)(field.default)):
            values[field.name] = value
    return write_line(values)


def write_line(values: Mapping[str, Any]) -> str:
    """One line of JSON; letters are kept readable where they are letters."""
    line = json.dumps(values, ensure_ascii=False, allow_nan=False)
    return line + "\n" if line.isascii() or _is_text(line) else json.dumps(values, allow_nan=False) + "\n"


def read_header(line: bytes, *, newest: int) -> Header:
    """The first line; raises ReadError when it is no export, or of a schema that this veille does not know."""
    values = _read_object(line)
    schema = values.get("veille")
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise ReadError('the first line of an export begins with {"veille": and its schema')
    if schema > newest:
        raise ReadError(f"made by a newer veille (schema {schema}, this one knows {newest}): upgrade")
    next_ids = values.get("next_ids", {})
    if not isinstance(next_ids, dict):
        raise ReadError(f"next_ids: it takes an object, not {show_value(next_ids)}")
    return Header(schema, {name: _read_whole(value, 0, f"next_ids.{name}") for name, value in next_ids.items()})


def read_record(line: bytes) -> tuple[str, dict[str, Any]]:
    """What a line is of and its values, as they are stored; "rules" and "end" have theirs as they are written.

    Raises ReadError.
    """
    values = _read_object(line)
    name = values.pop(RECORD, None)
    if name in (RULES, END):
        wanted, type_ = ("text", str) if name == RULES else ("lines", int)
        if values.keys() != {wanted} or not isinstance(values[wanted], type_) or not _is_text(str(values[wanted])):
            raise ReadError(f"{name}: it takes {wanted} alone")
        return str(name), values
    kind = _BY_NAME.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ReadError(f"no kind of record: {show_value(name)}")
    fields = (*kind.fields, *kind.others)
    unknown = values.keys() - {field.name for field in fields}
    if unknown:
        raise ReadError(f"{name}: unknown field {show_value(min(unknown))}")
    checked = {field.name: _read_field(field, values, kind) for field in fields}
    try:
        check_shapes(kind.name, checked)
    except UsageError as error:
        raise ReadError(f"{name}: {error}") from None
    for field in fields:
        if field.kind in ("list", "object"):
            checked[field.name] = json.dumps(checked[field.name], ensure_ascii=False)
            if not _is_text(checked[field.name]):
                raise ReadError(f"{name}.{field.name}: it holds what is no text")
    return kind.name, checked


def _read_object(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise ReadError("it is not UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        raise ReadError(f"it is not JSON: {clean_line(str(error))[:80]}") from None
    if not isinstance(values, dict):
        raise ReadError(f"it is no JSON object: {show_value(values)}")
    return values


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _read_field(field: Field, values: Mapping[str, Any], kind: Kind) -> Any:
    where = f"{kind.name}.{field.name}"
    if field.name not in values:
        if field.needed:
            raise ReadError(f"{where} is missing")
        return field.default
    value = values[field.name]
    if value is None and field.default is None and not field.needed:
        return None
    return _READ[field.kind](value, where)


def _read_whole(value: Any, least: int, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= GREATEST:
        raise ReadError(f"{where}: it takes a whole number from {least}, not {show_value(value)}")
    return value


def _read_real(value: Any, where: str) -> float:
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not math.isfinite(value)
        or abs(value) > GREATEST
    ):
        raise ReadError(f"{where}: it takes a number, not {show_value(value)}")
    return float(value)


def _read_flag(value: Any, where: str) -> int:
    if not isinstance(value, bool):
        raise ReadError(f"{where}: it takes true or false, not {show_value(value)}")
    return int(value)


def _read_text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not _is_text(value):
        raise ReadError(f"{where}: it takes a text, not {show_value(value)}")
    return value


def _read_link(value: Any, where: str) -> str:
    if value != "" and not (isinstance(value, str) and is_web(value)):
        raise ReadError(f"{where}: it takes a web address, not {show_value(value)}")
    return str(value)


def _read_time(value: Any, where: str) -> str:
    try:
        moment = from_stored(value) if isinstance(value, str) else None
        if moment and moment.tzinfo and to_stored(moment) == value:
            return str(value)
    except ValueError:
        pass
    raise ReadError(f"{where}: it takes a time such as 2026-11-20T08:00:00Z, not {show_value(value)}")


def _read_bytes(value: Any, where: str) -> bytes:
    try:
        return base64.b64decode(_read_text(value, where), validate=True)
    except (binascii.Error, ValueError):
        raise ReadError(f"{where}: it takes bytes in base64, not {show_value(value)}") from None


def _read_line(value: Any, where: str) -> str:
    return clean_line(_read_text(value, where))


def _read_feed_address(value: Any, where: str) -> str:
    if isinstance(value, str) and LOST_FEED.fullmatch(value):
        return value
    address = _read_link(value, where)
    try:
        if address and normalise_feed_url(address) == address:
            return address
    except ValueError:
        pass
    raise ReadError(f"{where}: it takes the address of a feed as veille writes it, not {show_value(value)}")


def _read_markup(value: Any, where: str) -> str:
    """Markup as veille keeps it: what was made safe before stays as it is."""
    return clean_markup(_read_text(value, where))


def _is_text(text: str) -> bool:
    """Whether a text can be stored."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


_READ: dict[str, Callable[[Any, str], Any]] = {
    "id": lambda value, where: _read_whole(value, 1, where),
    "number": lambda value, where: _read_whole(value, _LEAST_NUMBER, where),
    "int": lambda value, where: _read_whole(value, 0, where),
    "real": _read_real,
    "flag": _read_flag,
    "text": _read_text,
    "line": _read_line,
    "link": _read_link,
    "feed": _read_feed_address,
    "markup": _read_markup,
    "time": _read_time,
    "bytes": _read_bytes,
    # What `check_shapes` looks into.
    "list": lambda value, _: value,
    "object": lambda value, _: value,
}
_WRITE: dict[str, Callable[[Any], Any]] = {
    "flag": lambda value: None if value is None else bool(value),
    "bytes": lambda value: None if value is None else base64.b64encode(value).decode(),
    "list": lambda value: json.loads(value) if isinstance(value, str) else value,
    "object": lambda value: json.loads(value) if isinstance(value, str) else value,
}


def _same(value: Any) -> Any:
    return value
