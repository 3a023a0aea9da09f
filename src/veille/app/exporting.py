"""`export --all`: an open veille in, everything it holds out as JSON Lines, of one moment and in little memory."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from veille import __version__
from veille.app.home import Home, read_clock
from veille.config import read_text
from veille.errors import OutputError, StoreError
from veille.read.archive import END, RECORD, RULES, write_header, write_line, write_record
from veille.read.archive_kinds import KINDS
from veille.store.schema import SCHEMA_VERSION
from veille.store.transfer import find_lost, list_rows, next_ids
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO


def write_export(home: Home, file: IO[bytes]) -> int:
    """Write every record; how many lines. Others may write meanwhile: all is of one moment."""
    lines = 0
    home.db.execute("BEGIN")
    try:
        if lost := find_lost(home.db):
            raise StoreError(
                f"{lost}: no export could be imported: `veille doctor` says what to do (a backup holds it all the same)"
            )
        for line in _list_lines(home):
            file.write(line.encode())
            lines += 1
    finally:
        home.db.execute("ROLLBACK")
    file.write(write_line({RECORD: END, "lines": lines + 1}).encode())
    return lines + 1


def export_to(home: Home, path: Path) -> int:
    """Write an export into a file that only its owner reads, in one step; how many lines. Raises OutputError."""
    half = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name[:50]}.", delete=False) as file:
            half = Path(file.name)
            lines = write_export(home, file)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}: choose another place with -o") from None
    finally:
        if half:
            with contextlib.suppress(OSError):
                half.unlink(missing_ok=True)
    return lines


def _list_lines(home: Home) -> Iterator[str]:
    ids = next_ids(home.db)
    yield write_header(schema=SCHEMA_VERSION, version=__version__, made_at=to_stored(read_clock()), next_ids=ids)
    rules = read_text(home.places.rules)
    if rules.strip():
        yield write_line({RECORD: RULES, "text": rules})
    for kind in KINDS:
        for row in list_rows(home.db, kind):
            try:
                yield write_record(kind, row)
            except (ValueError, TypeError):
                where = f"a {kind.name} ({kind.fields[0].name} {row[kind.fields[0].name]})"
                raise StoreError(f"{where} is damaged in the database: see `veille doctor`") from None
