"""What is waited for, told in one line to standard error, whatever is being done."""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = "it is just starting"


def describe_holder(lock: Path) -> str:
    """Who holds a run lock by what is written in it: `fetch, process 12, since 08:00`; "" when that is not told."""
    try:
        return read_holder(lock.read_bytes()[:1000])
    except OSError:
        return ""


def read_holder(text: bytes) -> str:
    """The same of what is written in a lock."""
    try:
        holder = json.loads(text)
        since = datetime.fromisoformat(holder["since"]).astimezone()
        return f"{holder['command']}, process {holder['pid']}, since {since:%H:%M}"
    except (ValueError, KeyError, TypeError):
        return ""


def tell_wait(what: str) -> None:
    """One line; nowhere to write it is no trouble."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            print(f"veille: {what} (Ctrl-C gives up)", file=sys.stderr, flush=True)  # noqa: T201


def tell_busy(lock: Path) -> str:
    """Why a database cannot be written to at this moment."""
    holder = describe_holder(lock)
    return f"waiting for another that is writing to the database{f' ({holder})' if holder else ''}"
