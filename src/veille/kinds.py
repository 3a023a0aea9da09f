"""The kinds of values that settings take: as written in TOML or typed as a word in, as veille holds them out.

Knows what people may write and within which bounds; not what a setting is for. Pure.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from veille.errors import UsageError
from veille.text import clean_line
from veille.times import DURATION_EXAMPLES, parse_duration
from veille.toml import show_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from veille.toml import ConfigText

Kind = Literal["duration", "size", "count", "number", "switch", "names", "path"]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMG]?)[Bo]?", re.IGNORECASE)
_SIZES = {"": 1, "k": 1000, "m": 1_000_000, "g": 1_000_000_000}
_WANTED: dict[Kind, str] = {
    "duration": f'a duration between quotes, such as "10s" ({DURATION_EXAMPLES})',
    "size": 'a size, such as 10000000 or "10MB"',
    "count": "a whole number",
    "number": "a number",
    "switch": "true or false",
    "names": "a list of names between quotes, such as",
    "path": 'the path of a directory between quotes, such as "~/backups"',
}
_MAKE: dict[Kind, Callable[[float], Any]] = {
    "duration": lambda seconds: timedelta(seconds=seconds),
    "size": int,
    "count": int,
    "number": float,
    "switch": bool,
}


@dataclass(frozen=True, slots=True)
class Range:
    """A kind with its bounds: durations in seconds, sizes in bytes, lists in names, paths in characters.

    `example` is a list of names.
    """

    kind: Kind
    lowest: float
    highest: float
    example: str = '["Presse", "Blogs"]'


def read_value(key: str, value: Any, wanted: Range) -> Any:
    """A TOML value as veille holds it; raises UsageError, after the key's name, with what is wanted instead."""
    if wanted.kind == "names":
        return _read_names(key, value, wanted)
    if wanted.kind == "path":
        return _read_path(key, value, wanted)
    number, unit = _read_number(wanted.kind, value, key)
    if number is None:
        raise UsageError(f"{key}: it takes {_WANTED[wanted.kind]}, not {show_value(value)}")
    if not wanted.lowest <= number <= wanted.highest:  # also refuses NaN
        lowest, highest = (_show_bound(wanted.kind, bound, unit) for bound in (wanted.lowest, wanted.highest))
        raise UsageError(f"{key}: {show_value(value)} is too much or too little: it goes from {lowest} to {highest}")
    return _MAKE[wanted.kind](number)


def read_table(
    table: Mapping[str, Any], path: tuple[str, ...], keys: Mapping[str, Callable[[str, Any], Any]], file: ConfigText
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of a table, each read by what its key has in `keys`, and the line of each. Raises ConfigError."""
    values, sources = {}, {}
    for key, value in table.items():
        at = (*path, key)
        if key not in keys:
            raise file.error(at, f"unknown key “{clean_line(key)}”: {hint_at(key, keys)}")
        try:
            values[key] = keys[key](key, value)
        except UsageError as error:
            raise file.error(at, str(error)) from None
        sources[key] = file.line(at)
    return values, sources


def read_word(word: str, kind: Kind) -> Any:
    """What a word of the command line would be in TOML; the word itself when it is not of its kind."""
    if kind == "switch":
        return {"true": True, "yes": True, "false": False, "no": False}.get(word.lower(), word)
    if kind in ("duration", "names", "path"):
        return word
    for read in (int, float):
        try:
            return read(word)
        except ValueError:
            continue
    return word


def show_setting(value: Any) -> Any:
    """A value as it may be written: a duration as a text, names as a list, anything else as it is."""
    if isinstance(value, tuple):
        return list(value)
    return _show_duration(value) if isinstance(value, timedelta) else value


def hint_at(name: str, known: Iterable[str]) -> str:
    """The known name that was meant, or all of them."""
    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    return f"did you mean {close[0]}?" if close else f"known here are {', '.join(names)}"


def _read_names(key: str, value: Any, wanted: Range) -> tuple[str, ...]:
    """Names, each once; a name alone is no list of names."""
    names = [clean_line(one) for one in value if isinstance(one, str)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(names) < len(value) or not all(names):
        raise UsageError(f"{key}: it takes {_WANTED['names']} {wanted.example}, not {show_value(value)}")
    if not wanted.lowest <= len(names) <= wanted.highest:
        raise UsageError(f"{key}: it takes {wanted.lowest:g} to {wanted.highest:g} names, not {len(names)}")
    return tuple(dict.fromkeys(names))


def _read_path(key: str, value: Any, wanted: Range) -> str:
    """A path as it is written; which directory that is depends on the machine."""
    if not isinstance(value, str) or not wanted.lowest <= len(value) <= wanted.highest or not value.isprintable():
        raise UsageError(f"{key}: it takes {_WANTED['path']}, not {show_value(value)}")
    return value


def _read_number(kind: Kind, value: Any, key: str) -> tuple[float | None, str]:
    """A value as a number with the unit of its bounds; None when it is not of its kind."""
    match kind, value:
        case ("switch", bool()) | ("count" | "number" | "size", int()) | ("number", float()) if isinstance(
            value, bool
        ) == (kind == "switch"):
            return value, " bytes" if kind == "size" else ""
        case "duration", str():
            try:
                return parse_duration(value).total_seconds(), ""
            except UsageError as error:
                raise UsageError(f"{key}: {error}") from None
        case "size", str():
            size = _SIZE.fullmatch(value.strip())
            return (float(size[1]) * _SIZES[size[2].lower()] if size else None), " bytes"
    return None, ""


def _show_bound(kind: Kind, bound: float, unit: str) -> str:
    """A bound as the value itself may be written."""
    if kind == "duration":
        return _show_duration(timedelta(seconds=bound))
    return f"{bound:,.12g}{unit}".replace(",", " ")


def _show_duration(span: timedelta) -> str:
    seconds = span.total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
