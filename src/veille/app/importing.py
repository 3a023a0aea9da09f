"""`import` of what `export --all` wrote: a file in, an empty veille filled with it, or nothing changed."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veille.config import read_text
from veille.errors import OutputError, ReadError, UsageError
from veille.places import expand_home
from veille.read.archive import END, read_header, read_record
from veille.read.archive_kinds import KINDS
from veille.store.db import make_directories, write
from veille.store.schema import SCHEMA_VERSION
from veille.store.transfer import add_row, clear, finish, holds_anything
from veille.text import clean_line
from veille.urls import is_web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from veille.app.home import Home

_BEGINS = b'{"veille":'
_LONGEST = 64_000_000  # of a line
_KINDS = {kind.name: kind for kind in KINDS}


@dataclass(slots=True, kw_only=True)
class Taken:
    """What an import brought: records by kind; `rules` is "" or says what became of the rules."""

    counts: Counter[str] = field(default_factory=Counter)
    rules: str = ""


def is_export(source: str) -> bool:
    """Whether a file, or standard input, begins as an export of everything does. What cannot be read does not."""
    if source == "-":
        peek = getattr(sys.stdin.buffer, "peek", None)
        return peek is not None and bool(peek(len(_BEGINS))[: len(_BEGINS)] == _BEGINS)
    if is_web(source):
        return False
    with contextlib.suppress(OSError, ValueError, RuntimeError), Path(source).expanduser().open("rb") as file:
        return file.read(len(_BEGINS)) == _BEGINS
    return False


def import_export(home: Home, source: str) -> Taken:
    """Fill an empty veille with an export, in one transaction; its rules too, where there are none.

    Raises UsageError when this veille is in use, ReadError `file:line: ...` for a line it cannot take.
    """
    name = "standard input" if source == "-" else clean_line(source)
    taken = Taken()
    with _open(source) as file, write(home.db):
        if holds_anything(home.db):
            raise UsageError(
                f"{name}: this veille is in use, and an export goes into an empty one:"
                " set VEILLE_HOME to a new directory"
            )
        clear(home.db)
        rules = _take(home, file, name, taken)
        if rules:
            # Before all is stored: a second import, into a veille that is in use, could not bring them.
            taken.rules = _keep_rules(home, rules)
    return taken


def _take(home: Home, file: BinaryIO, name: str, taken: Taken) -> str:
    """Store what every line says; the text of the rules."""
    rules, ended, number = "", False, 0
    window: dict[int, str] = {}
    ids: dict[str, int] = {}
    for number, line in _number_lines(file, name):
        try:
            if number == 1:
                ids.update(read_header(line, newest=SCHEMA_VERSION).next_ids)
                continue
            kind, values = _read_next(line, number, ended=ended)
            match kind:
                case "rules":
                    rules = values["text"]
                case "end":
                    ended = True
                case "window":
                    window[values["story_id"]] = values["scope"]
                case _:
                    add_row(home.db, _KINDS[kind], values)
            taken.counts[kind] += 1
        except ReadError as error:
            raise ReadError(f"{name}:{number}: {error}: nothing was imported") from None
    if not ended:
        raise ReadError(f"{name}:{number}: the file ends before its last line: nothing was imported")
    try:
        finish(home.db, ids=ids, window=window)
    except ReadError as error:
        raise ReadError(f"{name}: {error}: nothing was imported") from None
    return rules


def _read_next(line: bytes, number: int, *, ended: bool) -> tuple[str, dict[str, Any]]:
    if ended:
        raise ReadError("there is more after the last line")
    kind, values = read_record(line)
    if kind == END and values["lines"] != number:
        raise ReadError(f"this is line {values['lines']} of the file as it was written: lines are missing, or too many")
    return kind, values


def _number_lines(file: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(_LONGEST + 1):
        number += 1
        if len(line) > _LONGEST:
            raise ReadError(f"{name}:{number}: longer than {_LONGEST // 1_000_000} MB: nothing was imported")
        yield number, line


@contextlib.contextmanager
def _open(source: str) -> Iterator[BinaryIO]:
    if source == "-":
        yield sys.stdin.buffer
        return
    with expand_home(Path(source)).open("rb") as file:
        yield file


def _keep_rules(home: Home, text: str) -> str:
    from veille.app.publish import write_atomically

    path = home.places.rules
    if path.exists() and read_text(path) != text:
        return f"the rules of the file are left out: there are some in {path}"
    try:
        make_directories(path.parent)
        write_atomically(path, text, mode=0o600)
    except (OSError, OutputError) as error:
        said = getattr(error, "strerror", None) or str(error).removesuffix(": choose another place with -o")
        raise OutputError(f"{said}: check {path} and its permissions: nothing was imported") from None
    return f"rules: {path}"
