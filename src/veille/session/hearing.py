"""What reaches a session from outside: signals that end it as `q` does, others who write to the database."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import TYPE_CHECKING

from veille.app.waiting import tell_busy
from veille.store.waiting import tell_waits

if TYPE_CHECKING:
    from collections.abc import Callable

    from veille.app.home import Home

# A terminal that is closed, `kill`, a system that shuts down.
_LEAVING = (signal.SIGTERM, signal.SIGHUP)
# Reversed, on the first line, the cursor where it was: what is drawn there waits too.
_BANNER = "\x1b7\x1b[1;1H\x1b[7m {} \x1b[0m\x1b8"


def hear_signals(leave: Callable[[], None]) -> None:
    """Call `leave` when the program is to end. What is ignored stays so; only a main thread hears."""
    for number in _LEAVING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(ValueError, RuntimeError):
                asyncio.get_running_loop().add_signal_handler(number, leave)


def show_waits(home: Home, redraw: Callable[[], object]) -> None:
    """Say on the screen that an action waits for another who writes; `redraw` is called for when it is done."""

    def show() -> None:
        if sys.__stderr__ is not None and sys.__stderr__.isatty():
            sys.__stderr__.write(_BANNER.format(tell_busy(home.places.lock)))
            sys.__stderr__.flush()
            redraw()

    tell_waits(home.db, show)
