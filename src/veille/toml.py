"""TOML with places: text in, a table out, and where in the text a key stands.

Knows nothing of what the keys mean.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from veille.errors import ConfigError
from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
# The tokens of TOML 1.0 that tell where a key stands; numbers and dates are read as bare keys.
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<text>"{3}(?:[^\\]|\\.)*?"{3,5} | '{3}.*?'{3,5} | "(?:[^"\\\n]|\\.)*" | '[^'\n]*')
  | (?P<bare>[^\s\[\]{},=.\#"']+)
  | (?P<sign>[\[\]{},=.\n])
    """,
    re.VERBOSE | re.DOTALL,
)

# tomllib takes a time that grows with the square of the parts of a key: for 20,000 of them, seconds.
_MOST_PARTS = 1000
_ENDLESS_KEY = re.compile(
    rf"""(?:^|[\[{{,])[ \t]*+(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{_MOST_PARTS}}}""", re.MULTILINE
)
_DECLARED = re.compile(r"^Cannot declare \((.*)\) twice$")
_QUOTED = r"'([^']*)'"
_KEY = r"""^\s*["']?([^\s=\[\]"'][^=\[\]"']*?)["']?\s*"""
_CURLY = "“”„«»‘’"
# What tomllib says, the line that it says it of, and what to write there; the first row that fits is told.
_SLIPS: tuple[tuple[str, str, str], ...] = (
    ("Invalid value", rf"=\s*\[?\s*[{_CURLY}]", "texts stand between straight quotes, \"...\" or '...'"),
    ("Illegal character", rf"[{_CURLY}]\s*[\]}}]*\s*(?:#.*)?$", "end the text with the straight quote it begins with"),
    ("Expected \"'\"", rf"[{_CURLY}]\s*[\]}}]*\s*(?:#.*)?$", "end the text with the straight quote it begins with"),
    ("Expected '='", _KEY + ":", r"write \1 = ..., with = in place of the colon"),
    ("Expected newline", r"=\s*([+-]?\d+),(\d+)", r"write \1.\2, with a point in place of the comma"),
    ("Expected newline", r"=\s*(\d\d)[/.](\d\d)[/.](\d{4})", r"write the day as \3-\2-\1"),
    ("Expected newline", r"=\s*\d+[/.-]\d+[/.-]\d", "write a day as 2026-12-31"),
    ("Invalid date", "", "write a day that there is, such as 2026-12-31"),
    ("Expected newline", r"=\s*'[^']*'\s*[^\s#]", "the text ends at the second ': put \"...\" around one with a '"),
    ("Expected newline", r'=\s*"[^"]*"\s*[^\s#]', "the text ends at the second \": put '...' around one with a \""),
    ("Expected newline", r"^\s*\[([^\[\]]+)\]\]", r"write [[\1]], with two brackets on each side"),
    ("Expected newline", r"=\s*[+-]?[\d.]+\s*[^\s#]", "write the number alone, such as 1000 or 5.5"),
    ("Expected ']]'", r"\[\[([\w.-]+)\]?\s*(?:#.*)?$", r"write [[\1]], with two brackets on each side"),
    ("Invalid value", r"(?i)=\s*(?:true|vrai|oui|yes)\b", "write true, in small letters"),
    ("Invalid value", r"(?i)=\s*(?:false|faux|non|no)\b", "write false, in small letters"),
    ("Invalid value", r"=\s*(?:#.*)?$", "write a value after the ="),
    ("Invalid value", _KEY + r"=\s*[^\W\d]", r'a text stands between quotes: \1 = "..."'),
    ("Unescaped", "", "put '...' around a text that holds a \\\\"),
    ("Unclosed array", "", "end the list that begins above with a ]"),
    ("Cannot overwrite", r"^\s*\[\[([^\[\]]+)\]\]", r"[\1] is there before: write [[\1]], in two brackets, each time"),
    ("Cannot overwrite", r"^\s*\[([^\[\]]+)\]", r"“\1” stands there before: keep one of them"),
    ("Cannot overwrite", _KEY + "=", r"“\1” stands there before: keep one of them"),
)  # fmt: skip
_UNCLOSED = ("Illegal character", 'Expected "\'"', "Unterminated string")
_LONGEST_LINE = 300
_ELSEWHERE = "check the signs there; names with accents or blanks stand between quotes"


def load_toml(text: str, *, name: str) -> dict[str, Any]:
    """The table that `text` holds; raises ConfigError `name:line:column: ...` when it is not TOML."""
    if endless := _ENDLESS_KEY.search(text):
        line, _ = _line_and_column(text, endless.end())
        raise ConfigError(f"{name}:{line}:1: a key of more than {_MOST_PARTS} parts: write it flat")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{name}:1:1: nested too deep: write it flat") from None
    except ValueError as error:  # TOMLDecodeError, and what an endless number raises
        message = clean_line(str(error))
        at = _AT.search(message)
        lines = text.removesuffix("\n").split("\n")
        line, column = (int(at[1]), int(at[2])) if at and at[1] else (len(lines), len(lines[-1]) + 1)
        what = _AT.sub("", message)
        advice = _advise(what, text, "".join(lines[line - 1 : line])[:_LONGEST_LINE])
        # What Python prints of a table's name is nobody's to read.
        what = _DECLARED.sub(lambda found: f"a second [{'.'.join(re.findall(_QUOTED, found[1]))}]", what)
        raise ConfigError(f"{name}:{line}:{column}: not valid TOML: {what[:1].lower()}{what[1:]}{advice}") from None


def locate_key(text: str, table: str | tuple[str, ...], key: str = "", *, index: int = 0) -> tuple[int, int]:
    """Line and column (from 1) of a key of a table, or of the table for key "".

    `text` is valid TOML; `table` is dotted, "" for the top, or a path of names that may hold dots; `index`
    counts the tables of an array. What stands nowhere is where its table is, or (1, 1).
    """
    return locate_keys(text, [(table, key, index)])[0]


def locate_keys(text: str, wanted: Iterable[tuple[str | tuple[str, ...], str, int]]) -> list[tuple[int, int]]:
    """`locate_key` for many (table, key, index), in one reading of the text."""
    sought = [(_path_of(table), key, index) for table, key, index in wanted]
    deepest = max((len(path) for path, _, _ in sought), default=0)
    tables: dict[tuple[tuple[str, ...], int], int] = {}
    keys: dict[tuple[tuple[str, ...], int, str], int] = {}
    seen: dict[tuple[str, ...], int] = {}
    for place in _find_places(text):
        if place.starts:
            seen[place.path] = seen.get(place.path, -1) + 1
        for depth in range(min(deepest, len(place.path)) + 1):
            path, index = place.path[:depth], seen.get(place.path[:depth], 0)
            if path:
                tables.setdefault((path, index), place.offset)
            if depth < len(place.path):
                keys.setdefault((path, index, place.path[depth]), place.offset)
    at_tables = [tables.get((path, index), 0) for path, _, index in sought]
    at_keys = [keys.get((path, index, key)) if key else None for path, key, index in sought]
    offsets = [at_table if at_key is None else at_key for at_table, at_key in zip(at_tables, at_keys, strict=True)]
    return [_line_and_column(text, offset) for offset in offsets]


@dataclass(frozen=True, slots=True)
class ConfigText:
    """A settings file that is being read, its text valid TOML; `name` is what errors call it.

    A `path` is that of a key, or of a table, from the top of the file.
    """

    text: str
    name: str

    def line(self, path: tuple[str, ...]) -> str:
        """Where it stands, as `name:line`."""
        line, _ = locate_key(self.text, path[:-1], path[-1])
        return f"{self.name}:{line}"

    def error(self, path: tuple[str, ...], message: str) -> ConfigError:
        """What is wrong there, as `name:line:column: message`."""
        line, column = locate_key(self.text, path[:-1], path[-1])
        return ConfigError(f"{self.name}:{line}:{column}: {message}")


class Statement(NamedTuple):
    """A header, [a.b] or [[a.b]] with its path, or a key with its value (None); where it begins and ends."""

    header: tuple[str, ...] | None
    start: int
    end: int


def list_statements(text: str) -> list[Statement]:
    """All that a text says, in order: comments and blanks are between. `text` is valid TOML."""
    found = []
    for tokens in _split_statements(text):
        path = tuple(_unquote(one) for one in tokens if not one["sign"]) if tokens[0]["sign"] == "[" else None
        found.append(Statement(path, tokens[0].start(), tokens[-1].end()))
    return found


def show_value(value: Any) -> str:
    """A value as an error quotes it: short and on one line."""
    # Python refuses to print numbers of more than 4,300 digits; nobody reads those of 60.
    return "that number" if isinstance(value, int) and abs(value) >= 10**60 else shorten(clean_line(repr(value)), 60)


def _advise(what: str, text: str, line: str) -> str:
    """What to write in place of a line that is not TOML, after a colon; "" where what is said of it tells."""
    if declared := re.match(r"\s*\[([^\[\]]+)\]", line) if _DECLARED.match(what) else None:
        several = re.search(rf"^\s*\[\[\s*{re.escape(declared[1].strip())}\s*\]\]", text, re.MULTILINE)
        many = f"write [[{declared[1]}]], with two brackets, each time"
        return f": {many if several else 'put what is under it under the first'}"
    for said, shape, advice in _SLIPS:
        if said in what and (found := re.search(shape, line)):
            return f": {shorten(clean_line(found.expand(advice)), 120)}"
    opened = _find_open_quote(line) if any(said in what for said in _UNCLOSED) else None
    if opened is not None:
        return f": the quote at column {opened + 1} is not closed: end the text with a {line[opened]}"
    return "" if ":" in what else f": {_ELSEWHERE}"


def _find_open_quote(line: str) -> int | None:
    """Where the quote stands that nothing closes on its line."""
    opened, escaped = None, False
    for place, sign in enumerate(line):
        if opened is None:
            if sign == "#":
                return None
            opened = place if sign in "\"'" else None
        elif escaped:
            escaped = False
        elif sign == "\\" and line[opened] == '"':
            escaped = True
        elif sign == line[opened]:
            opened = None
    return opened


def _path_of(table: str | tuple[str, ...]) -> tuple[str, ...]:
    return table if isinstance(table, tuple) else tuple(table.split(".")) if table else ()


class _Place(NamedTuple):
    """A table or key by its whole path; `starts` where a header or a table of an array opens."""

    path: tuple[str, ...]
    offset: int
    starts: bool = False


def _find_places(text: str) -> Iterator[_Place]:
    """Every header, every key before its "=" and every inline table of an array, in order."""
    header: tuple[str, ...] = ()
    for tokens in _split_statements(text):
        if tokens[0]["sign"] == "[":
            header = tuple(_unquote(token) for token in tokens if not token["sign"])
            yield _Place(header, tokens[0].start(), starts=True)
        else:
            yield from _find_keys(tokens, header)


def _split_statements(text: str) -> Iterator[list[re.Match[str]]]:
    """The tokens of each header and of each key with its value, whatever lines that takes."""
    statement: list[re.Match[str]] = []
    depth = 0
    for token in _TOKEN.finditer(f"{text}\n"):
        sign = token["sign"]
        depth += (sign in ("[", "{")) - (sign in ("]", "}"))
        if sign == "\n" and depth == 0 and statement:
            yield statement
            statement = []
        elif sign != "\n" and not token["comment"]:
            statement.append(token)


def _find_keys(statement: list[re.Match[str]], header: tuple[str, ...]) -> Iterator[_Place]:
    path = header  # of the key whose value is being read
    around = [(header, "{")]  # the tables and arrays around it
    words: list[re.Match[str]] = []
    for token in statement:
        sign = token["sign"]
        match sign:
            case None:
                words.append(token)
            case "=":
                path = (*around[-1][0], *map(_unquote, words))
                yield _Place(path, words[0].start())
            case "[" | "{":
                if (around[-1][1], sign) == ("[", "{"):
                    yield _Place(path, token.start(), starts=True)
                around.append((path, sign))
            case "]" | "}":
                around.pop()
                path = around[-1][0]
        if sign not in (None, "."):
            words = []


def _unquote(token: re.Match[str]) -> str:
    return token["bare"] or token["text"][1:-1]


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
