"""Signals that end a program, heard as Ctrl-C is: what is half written is taken back, and one line says so."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

# A terminal that is closed, `kill` and a system that shuts down. Where they are ignored (nohup), they stay so.
_HEARD = (signal.SIGTERM, signal.SIGHUP)
# What a shell reports of a program that a signal has ended.
_BASE = 128


class Stopped(BaseException):
    """The program is to end, for a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.name = signal.Signals(number).name
        self.exit_code = _BASE + number


def hear_signals() -> None:
    """Raise Stopped where the program is when a signal comes."""
    for one in _HEARD:
        if signal.getsignal(one) is signal.SIG_DFL:
            signal.signal(one, _stop)


def end_at_once(code: int) -> None:
    """From now on a signal ends the program with this code: Python itself would end with a traceback."""
    for one in (signal.SIGINT, *_HEARD):
        if signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, lambda *_: os._exit(code))


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(number)
