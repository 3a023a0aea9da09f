"""A message to a program's standard input, or to the end of a file: bytes in, taken or a DeliveryError out.

No shell is run. The words of a command are the user's own, from config.toml: what feeds say comes by standard input.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from typing import TYPE_CHECKING

from veille.send.trouble import DeliveryError, quote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from pathlib import Path

_KILLED = 5.0  # seconds for a program to end that was killed
_QUOTED = 2000  # bytes of its complaints
_HEAD = 64
_SOUGHT = 4_000_000  # bytes of what others may have added since


def run_command(words: tuple[str, ...], body: bytes, *, timeout: timedelta, known: Mapping[str, str]) -> None:
    """Run a program to its end; `known` is added to its environment. Raises DeliveryError unless it ends with 0."""
    name = words[0]
    # What it complains of may be long, and what it leaves running may hold a pipe open: a file takes both.
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, and no word of a feed
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=os.environ | known,
                start_new_session=True,
            )
        except OSError as error:
            raise DeliveryError(f"{name}: {error.strerror or error}: write the whole path of the program") from None
        with process:
            try:
                process.communicate(body, timeout=timeout.total_seconds())
            except subprocess.TimeoutExpired:
                raise DeliveryError(
                    f"{name}: it took longer than {timeout.total_seconds():g} s and was ended"
                ) from None
            finally:
                _end(process)
        if process.returncode:
            said.seek(max(0, said.tell() - _QUOTED))
            told = quote(said.read(_QUOTED))
            raise DeliveryError(f"{name}: it ended with {process.returncode}{f': {told}' if told else ''}")


def append_file(path: Path, body: bytes, *, again: bool) -> None:
    """Add a message to the end of a file, whole or not at all.

    With `again` its sender was stopped at an earlier try: what stands there already is not written twice.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError as error:
        raise DeliveryError(f"{path}: {error.strerror}: check the directory and its permissions", whole=True) from None
    try:
        size = os.fstat(handle).st_size
        kept = _kept(handle, body, size) if again else 0
        _write(handle, body[kept:], size)
    except OSError as error:
        raise DeliveryError(f"{path}: {error.strerror}: check the disk", whole=True) from None
    finally:
        os.close(handle)


def _kept(handle: int, body: bytes, size: int) -> int:
    """How many bytes of a message stand there: all, also above later ones, the part that a kill has left, or none."""
    span = len(body) + _SOUGHT
    tail = os.pread(handle, span, max(0, size - span))
    if body in tail:
        return len(body)
    start = tail.find(body[:_HEAD], max(0, len(tail) - len(body)))
    while start >= 0:
        if body.startswith(tail[start:]):
            return len(tail) - start
        start = tail.find(body[:_HEAD], start + 1)
    return 0


def _write(handle: int, body: bytes, size: int) -> None:
    written = 0
    try:
        while written < len(body):
            written += os.write(handle, body[written:])
        os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, size)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a program and of what it has started, in the session that was made for it."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_KILLED)
