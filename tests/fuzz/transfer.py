"""The fuzz target of `import` of an export of everything. Bytes in, an AssertionError for a breach."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import zlib
from functools import cache
from typing import TYPE_CHECKING

from fuzz.invariants import check_error
from fuzz.rooms import make_place
from veille.app.exporting import write_export
from veille.app.home import Home
from veille.app.importing import import_export
from veille.cli.main import run_command
from veille.config import Places, Settings
from veille.errors import ReadError
from veille.read.archive_kinds import KINDS
from veille.store.db import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What reads all that was brought; one of them for each file, as each takes a while.
_COMMANDS = (
    "top --since 9999d|top --json --starred|top --hidden --json|feeds|feeds --health --json|feeds set 1|search title|"
    "why 1000|ledger --since 9999d|session --plan --budget 1h|story 1000 --json|story why 1000 1001|story 1|show 1000|"
    "review list|digest --list|outbox|export|rules|rules suggest|prune --older 1d --dry-run|mark 1 --read|mark 1 --star"
).split("|")
# What no command says of a database that an import has filled.
_NEVER = ("fault in veille", "damaged", "malformed", "Traceback")


def fuzz_import(data: bytes) -> None:
    """A file is refused in one line and leaves nothing, or what it brought comes out again, the same, and can be read.

    So it is with the bytes as they are, and with a first and a last line that fit.
    """
    for file in (data, _frame(data)):
        if _try_import(file):
            break


def _frame(data: bytes) -> bytes:
    lines = [line for line in data.split(b"\n") if line]
    if lines and lines[0].startswith(b'{"veille":'):
        del lines[0]
    lines = [line for line in lines if not line.startswith(b'{"record": "end"')]
    end = json.dumps({"record": "end", "lines": len(lines) + 2}).encode()
    return b"\n".join([b'{"veille": 6}', *lines, end, b""])


def _try_import(file: bytes) -> bool:
    """Whether an import brought something."""
    with _empty_home("one") as home:
        source = home.places.home / "all.jsonl"
        source.write_bytes(file)
        try:
            import_export(home, str(source))
        except ReadError as error:
            check_error(error, says=str(source))
            _check_nothing(home)
            return False
        first = _export(home)
    with _empty_home("other") as other:
        source = other.places.home / "all.jsonl"
        source.write_bytes(first)
        import_export(other, str(source))
        again = _export(other)
    assert again.splitlines()[1:] == first.splitlines()[1:], "an export of an import is another"
    _run(_COMMANDS[zlib.crc32(file) % len(_COMMANDS)], home.places.home)
    return True


def _check_nothing(home: Home) -> None:
    left = [kind.table for kind in KINDS if home.db.execute(f"SELECT 1 FROM {kind.table} LIMIT 1").fetchone()]
    assert not left, f"left in {left}"
    assert not home.places.rules.exists(), "rules are left"


def _export(home: Home) -> bytes:
    file = io.BytesIO()
    write_export(home, file)
    return file.getvalue()


def _run(command: str, home: Path) -> None:
    said, told = io.StringIO(), io.StringIO()
    before = dict(os.environ)
    os.environ.update(VEILLE_HOME=str(home), VEILLE_DEBUG="1")
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
            code = run_command(command.split())
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert code in {0, 1, 2}, (command, code)
    assert not any(word in told.getvalue() for word in _NEVER), (command, told.getvalue())
    assert "\x1b" not in said.getvalue() + told.getvalue(), command


@cache
def _template() -> Path:
    """An empty database, made once."""
    path = make_place() / "empty.db"
    with open_store(path, busy_timeout=Settings().store.busy_timeout):
        pass
    return path


@contextlib.contextmanager
def _empty_home(name: str) -> Iterator[Home]:
    """A veille of that name in which nothing is."""
    place = make_place() / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    names = {"config": "config.toml", "rules": "rules.toml", "database": "veille.db", "digests": "digests"}
    places = Places(home=place, **{kind: place / file for kind, file in names.items()})
    shutil.copyfile(_template(), places.database)
    settings = Settings()
    with open_store(places.database, busy_timeout=settings.store.busy_timeout) as db:
        yield Home(places=places, settings=settings, db=db)
