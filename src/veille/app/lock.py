"""The run lock: one veille fetches into a database at a time."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.waiting import UNKNOWN, read_holder, tell_wait
from veille.errors import LockedError, StoreError
from veille.store.db import make_directories
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAUSE = 0.05
# A wait of so many seconds is told.
_LONG = 5.0


@contextlib.contextmanager
def hold_lock(path: Path, *, command: str, patience: float = 0.0, advice: str = "wait for it to end") -> Iterator[None]:
    """Hold the lock at `path`; raises LockedError when another does for so many seconds.

    That says who holds it, then the `advice`. The system lets go of it when the process ends, however it ends: it
    cannot be left behind.
    """
    try:
        make_directories(path.parent)
        # No link is followed: what it is of would be emptied.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}: check that the directory can be written to") from None
    try:
        try:
            _take(handle, patience=patience)
        except BlockingIOError:
            raise LockedError(f"another veille is at work here ({_holder(handle)}): {advice}") from None
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}: choose a place where files can be locked") from None
        os.ftruncate(handle, 0)
        holder = {"pid": os.getpid(), "command": command, "since": to_stored(read_clock())}
        os.pwrite(handle, json.dumps(holder).encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _take(handle: int, *, patience: float) -> None:
    begun, told = time.monotonic(), False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - begun
            if waited >= patience:
                raise
            if waited >= _LONG and not told:
                told = True
                tell_wait(f"waiting for another veille at work here ({_holder(handle)})")
            time.sleep(_PAUSE)
        else:
            return


def _holder(handle: int) -> str:
    return read_holder(os.pread(handle, 1000, 0)) or UNKNOWN
