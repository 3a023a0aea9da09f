"""Files put in place whole: texts and paths in; a reader sees the old file or the new one, whenever we are killed.

A file is prepared beside its place, synced, and only then renamed: what can go wrong goes wrong before.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from veille.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that is whole and on disk, but not in its place yet: `put` it there, or `discard` it."""

    path: Path
    temporary: Path

    def put(self) -> None:
        """Replace the file in one step. Raises OutputError."""
        try:
            self.temporary.replace(self.path)
        except OSError as error:
            self.discard()
            raise _output_error(self.path, error) from None
        _sync_directory(self.path.parent)

    def discard(self) -> None:
        """Leave everything as it was."""
        with contextlib.suppress(OSError):
            self.temporary.unlink()


def write_atomically(path: Path, text: str, *, mode: int | None = None) -> None:
    """Replace a file in one step: a reader sees the old one or the new one. Raises OutputError."""
    prepare_file(path, text, mode=mode).put()


def prepare_files(texts: Iterable[tuple[Path, str]], *, own: Path) -> list[Prepared]:
    """Several files beside their places, what a run that was killed has left there removed.

    Those in veille's `own` directory are for the user alone. Raises OutputError, and leaves nothing then.
    """
    prepared: list[Prepared] = []
    try:
        for path, text in texts:
            clear_parts(path)
            prepared.append(prepare_file(path, text, mode=mode_in(path, own)))
    except BaseException:
        discard_files(prepared)
        raise
    return prepared


def discard_files(files: Iterable[Prepared]) -> None:
    """Leave everything as it was."""
    for one in files:
        one.discard()


def prepare_file(path: Path, text: str, *, mode: int | None = None) -> Prepared:
    """The file beside its place, synced, with the permissions it is to have: a new one those of `mode`, if given.

    Raises OutputError.
    """
    temporary = None
    try:
        path = find_target(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o777 if mode is None else 0o700)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=_prefix(path), suffix=_PART, delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(path, mode))
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise _output_error(path, error) from None
    return Prepared(path, temporary)


def mode_in(path: Path, own: Path) -> int | None:
    """The permissions of a new file: in a directory of veille's `own` its user's alone, elsewhere as the umask says."""
    return 0o600 if path.absolute().is_relative_to(own.absolute()) else None


def find_target(path: Path) -> Path:
    """The file that a path means, through symbolic links: they stay. Raises OutputError for what is no file."""
    if path.is_dir():
        raise OutputError(f"{path}: it is a directory: add a file name")
    if path.exists() and not path.is_file():
        raise OutputError(f"{path}: it is a device or a pipe, no file: print with -o - and redirect that")
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def clear_parts(path: Path) -> None:
    """Remove what a run that was killed has prepared for a path and not put there: while no other can be preparing."""
    with contextlib.suppress(OSError, OutputError):
        path = find_target(path)
    with contextlib.suppress(OSError):
        for part in path.parent.iterdir():
            if part.name.startswith(_prefix(path)) and part.name.endswith(_PART):
                part.unlink()


def name_path(pattern: str, *, now: datetime, names: Mapping[str, str] | None = None) -> Path:
    """The path that a pattern means: dates as strftime writes them, then {name}, {number}... by their names.

    Raises UsageError for what is no file name.
    """
    try:
        # Bytes of a file name that are no UTF-8 are lone surrogates here, which strftime refuses.
        text = _SPEAKABLE.sub(lambda found: now.astimezone().strftime(found[0]), pattern)
        for name, value in (names or {}).items():
            text = text.replace(f"{{{name}}}", value)
        path = Path(text).expanduser()
    except (ValueError, RuntimeError):
        raise UsageError(f"“{pattern}” is not a date pattern: write it as digests/%Y-%m-%d.md") from None
    if "\x00" in pattern or not path.name:
        raise UsageError(f"“{pattern}” names no file: write it as digests/%Y-%m-%d.md")
    return path


def spare_path(path: Path) -> Path:
    """`path`, or the first of `NAME-2`, `NAME-3`... that is free.

    For what is written once: a second digest of the day must not take the place of the first.
    """
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return path if not path.exists() else next(one for one in numbered if not one.exists())


_PART = ".part"
_SPEAKABLE = re.compile(r"[^\ud800-\udfff]+")


def _prefix(path: Path) -> str:
    return f".{path.name[:50]}."


def _output_error(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: {error.strerror or error}: choose another place with -o")


def _mode(path: Path, new: int | None) -> int:
    """Keep the permissions of the file replaced; a new one gets `new`, or what the user's umask gives."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    if new is not None:
        return new
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_directory(directory: Path) -> None:
    """Make the renaming itself last; not every file system lets a directory be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
