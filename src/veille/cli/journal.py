"""`--log FILE`: one line for each run, for those whom nobody watches; and a mail where one fails.

What is logged is the command, how it ended and the last line that it said. It holds no secret: of addresses only the
host stays, and of most commands only their name.
"""

from __future__ import annotations

import os
import re
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from veille.cli.output import say
from veille.errors import VeilleError
from veille.text import clean_line, shorten
from veille.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Commands whose words are logged: those that a timetable runs. Of others the words may be private, as a note is.
_TOLD = ("fetch", "digest", "alert", "outbox", "cron", "feeds", "top")
# Of these, what is done, but not what is said: a comment may be private until it is published.
_BEGUN = {"review": 2}
# What is no failure: of fetch that some feeds failed, or that another fetches; of alert that there is nothing new.
_USUAL = {"fetch": (0, 3, 4), "alert": (0, 1, 4)}
_FINE = (0, 4)
_LONGEST = 300
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)
_SECRET = re.compile(r"auth|cookie|token|secret|key|passw|credential|hook", re.IGNORECASE)
_SHORTEST_SECRET = 6


def run_logged(log: str, words: Sequence[str], run: Callable[[], int], *, db: str = "") -> int:
    """Run a command and log it; its exit code. What cannot be logged is said, and changes nothing.

    `words` are the command's, without the options before it; `db` is what it was told with --db.
    """
    place = Path(log).expanduser()
    handle = _open_log(place)
    ear = _Ear(sys.stderr)
    sys.stderr = ear
    begun = time.monotonic()
    try:
        code = run()
    finally:
        sys.stderr = ear.stream
    command, summary = describe_command(words), _hide(_last_line(ear.heard).removeprefix("veille: "))
    now = datetime.now().astimezone()
    seconds = time.monotonic() - begun
    line = f"{now.isoformat(timespec='seconds')} exit={code} {seconds:.1f}s veille {command}"
    _write_line(handle, place, f"{line}: {summary}\n" if summary else f"{line}\n")
    if code not in _USUAL.get(words[0] if words else "", _FINE):
        _mail_failure(command, code, summary, now=now, db=db)
    return code


def describe_command(words: Sequence[str]) -> str:
    """The command on one line, without what may be private or secret."""
    told = words if words and words[0] in _TOLD else words[: _BEGUN.get(words[0], 1) if words else 0]
    return shorten(_hide(clean_line(" ".join(told))), _LONGEST) or "(no command)"


class _Ear:
    """A stream that passes on what is written, and remembers its end."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.heard = ""

    def write(self, text: str) -> int:
        self.heard = (self.heard + text)[-4 * _LONGEST :]
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _last_line(text: str) -> str:
    lines = [clean_line(line) for line in text.splitlines()]
    return shorten(next((line for line in reversed(lines) if line), ""), _LONGEST)


def _hide(text: str) -> str:
    """A line without secrets: of an address the host stays, of the environment's secrets nothing."""
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST_SECRET and _SECRET.search(name):
            text = text.replace(value, "***")
    return _ADDRESS.sub(lambda found: f"{found[0].partition('://')[0]}://{host_of(found[0])}/…", text)


def _open_log(place: Path) -> int | None:
    """Opened before the run, so that what is wrong with it is said whatever becomes of the run."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # O_NONBLOCK: nobody may be reading a pipe of that name.
        return os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
    except OSError as error:
        _tell(place, error)
        return None


def _write_line(handle: int | None, place: Path, line: str) -> None:
    if handle is None:
        return
    try:
        # At once: two veilles that end together must not share a line.
        os.write(handle, line.encode("utf-8", "replace"))
    except OSError as error:
        _tell(place, error)
    finally:
        os.close(handle)


def _tell(place: Path, error: OSError) -> None:
    said = error.strerror or error
    say(f"veille: {clean_line(str(place))}: {said}: this run is not logged; choose another file with --log")


def _mail_failure(command: str, code: int, summary: str, *, now: datetime, db: str) -> None:
    """Mail those whom [mail] failures names, once a day for the same failure; trouble with that is only said."""
    try:
        from veille.app.failing import tell_failure

        tell_failure(f"veille {command}", code, summary, now=now, db=Path(db) if db else None)
    except (VeilleError, OSError) as error:
        say(f"veille: nobody was mailed of this: {clean_line(str(error))}")
