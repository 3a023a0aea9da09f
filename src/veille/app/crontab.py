"""The user's crontab: one marked block of it is veille's, every other byte is not.

Bytes in, bytes out: other lines may be in any encoding. The `crontab` command reads and writes, by its words and its
standard input; never a shell, never the file itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from veille.errors import ConfigError, OutputError
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

# Whole lines: another's block may begin with the same word (`# >>> veille concurrentielle`).
_HEAD = b"# >>> veille (by `veille cron install`, which replaces what is between; `veille cron remove`)"
_TAIL = b"# <<< veille"
# What crontabs of all kinds say of a user who has none.
_NONE = re.compile(r"no crontab for|can't open .*: no such file", re.IGNORECASE)
_PATIENCE = 60.0


class Parts(NamedTuple):
    """A crontab cut at veille's block, whose markers are in `block`; that is empty where there is none."""

    before: bytes
    block: bytes
    after: bytes


def split_crontab(text: bytes) -> Parts:
    """Raises ConfigError `crontab:line:1: ...` for markers that do not enclose one block."""
    lines = text.splitlines(keepends=True)
    begins = [number for number, line in enumerate(lines) if line.rstrip() == _HEAD]
    ends = [number for number, line in enumerate(lines) if line.rstrip() == _TAIL]
    if not begins and not ends:
        return Parts(text, b"", b"")
    if len(begins) == len(ends) == 1 and begins[0] < ends[0]:
        first, last = begins[0], ends[0] + 1
        return Parts(b"".join(lines[:first]), b"".join(lines[first:last]), b"".join(lines[last:]))
    if not ends or (begins and begins[0] < ends[0] and len(begins) > len(ends)):
        at, what = begins[-1], f"veille's block begins here and never ends: write `{_TAIL.decode()}` where it does"
    elif not begins or ends[0] < begins[0]:
        at, what = ends[0], "veille's block ends here and never began: take this line out"
    else:
        at, what = begins[1] if len(begins) > 1 else ends[1], "a second block of veille's: take it out"
    raise ConfigError(f"crontab:{at + 1}:1: {what} with `crontab -e` (nothing was changed)")


def put_block(text: bytes, lines: Sequence[str]) -> bytes:
    """The crontab with these lines as veille's block: in the place of the one there is, else at its end."""
    block = b"\n".join((_HEAD, *(os.fsencode(line) for line in lines), _TAIL, b""))
    parts = split_crontab(text)
    if parts.block:
        return parts.before + block + parts.after
    # Cron does not read a last line that is not ended.
    ended = text if text.endswith(b"\n") or not text else text + b"\n"
    return ended + block


def take_block(text: bytes) -> bytes:
    """The crontab without veille's block."""
    parts = split_crontab(text)
    return parts.before + parts.after


def read_crontab() -> bytes:
    """All of it, nothing where the user has none. Raises OutputError when it cannot be read."""
    done = _run_crontab("-l")
    if done.returncode == 0:
        return done.stdout
    said = _said(done.stderr)
    if _NONE.search(said):
        return b""
    # One that cannot be read must not be replaced.
    raise OutputError(f"crontab -l: {said or f'it ended with {done.returncode}'}: see whether cron is yours to use")


def write_crontab(text: bytes) -> None:
    """Put it in the place of the one there is. Raises OutputError."""
    done = _run_crontab("-", text)
    if done.returncode:
        said = _said(done.stderr) or f"it ended with {done.returncode}"
        raise OutputError(f"crontab: {said}: the crontab is as it was")


def _run_crontab(argument: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("crontab")
    if program is None:
        raise OutputError(
            "there is no `crontab` command here: install cron, or see `veille cron show --systemd` or --launchd"
        )
    environment = os.environ | {"LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - no shell, and no word of it is the user's
            [program, argument], input=text, capture_output=True, check=False, timeout=_PATIENCE, env=environment
        )
    except subprocess.TimeoutExpired:
        raise OutputError(f"{program}: no answer within {_PATIENCE:.0f} s: try `crontab -l` yourself") from None
    except OSError as error:
        raise OutputError(f"{program}: {error.strerror or error}: see whether cron is yours to use") from None


def _said(stderr: bytes) -> str:
    return clean_line(stderr.decode("utf-8", "replace"))[:300]
