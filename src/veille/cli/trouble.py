"""What goes wrong, told in one line to standard error, and the exit code that it ends with."""

from __future__ import annotations

import os
import re

import typer

from veille.cli.output import say
from veille.cli.stopping import Stopped
from veille.errors import VeilleError
from veille.text import clean_line

INTERRUPTED = 130
# What else is said where there is none left.
_NO_MEMORY = re.compile("failed to map segment|can't start new thread|annot allocate memory")
_CTRL_C = ("interrupted", INTERRUPTED)


def tell_error(error: BaseException) -> int:
    """Say what went wrong; the exit code. Nothing else comes out of trouble, but with VEILLE_DEBUG faults of ours."""
    match error:
        case VeilleError():
            say(f"veille: {clean_line(str(error))}")
            return error.exit_code
        case KeyboardInterrupt() | typer.Abort() | Stopped():
            by, code = (f"stopped by {error.name}", error.exit_code) if isinstance(error, Stopped) else _CTRL_C
            say(f"veille: {by}")
            return code
        case OSError():
            place = error.filename or "writing the result"
            say(f"veille: {clean_line(str(place))}: {error.strerror or error}: check the disk and the permissions")
            return 1
        case _ if hasattr(error, "format_message"):
            return _tell_usage(error)
        case _:
            return _tell_fault(error)


def _tell_usage(error: BaseException) -> int:
    """What typer says of the command line."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "veille"
    message = error.format_message()  # type: ignore[attr-defined]
    said = clean_line(message) if message else "something is missing"
    if said.startswith("No such option"):
        said += "; words that begin with - go after --"
    say(f"{command}: {said} (see `{command} --help`)")
    return int(getattr(error, "exit_code", 2))


def _tell_fault(error: BaseException) -> int:
    if os.environ.get("VEILLE_DEBUG"):
        raise error
    if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
        say("veille: there is not enough memory: close other programs, or raise the limit (`ulimit -v`)")
        return 1
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno}" if where else "?"  # noqa: PTH119
    name = type(error).__name__
    say(
        f"veille: a fault in veille itself: {name}: {clean_line(str(error))} ({place}); VEILLE_DEBUG=1 shows it in full"
    )
    return 1
