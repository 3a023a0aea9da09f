"""Known vulnerabilities of what is installed, asked of pip-audit: a line each, and exit code 1; no word of them, 0.

    python tools/audit.py [OPTION OF PIP-AUDIT...]

Whatever keeps it from being asked (no index, no service, no answer in time) is one line and no failure: a machine
without the network must be able to check its work. Never takes longer than PATIENCE.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE = 40.0  # seconds in all; installing it takes half of them
PROGRAM = "pip-audit"
_OPTIONS = ("--format", "json", "--progress-spinner", "off", "--timeout", "5", "--skip-editable")
_INSTALL = ("-m", "pip", "install", "--quiet", "--timeout", "5", "--retries", "0", "--group", "audit")
_LONGEST = 200


class _Said(NamedTuple):
    """What a program said; `code` is None when it did not end in time."""

    code: int | None
    out: str = ""
    err: str = ""


def main(options: Sequence[str], *, patience: float = PATIENCE) -> int:
    """The exit code; what is found is printed."""
    until = time.monotonic() + patience
    # Beside this Python first: it is the environment of that one that it looks through.
    places = os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", "")))  # noqa: PTH120
    program = shutil.which(PROGRAM, path=places)
    if not program:
        said = _run((sys.executable, *_INSTALL), until=until)
        program = shutil.which(PROGRAM, path=places)
        if said.code or not program:
            return _tell_nothing(f"pip-audit cannot be installed ({_why(said)})")
    said = _run((program, *_OPTIONS, *options), until=until)
    found = _read(said.out)
    if found is None:
        return _tell_nothing(f"the service of vulnerabilities cannot be reached ({_why(said)})")
    return _judge(found)


def _judge(dependencies: Sequence[dict[str, Any]]) -> int:
    known = [one for one in dependencies if "vulns" in one]
    if not known:
        return _tell_nothing("the service knows none of these packages")
    bad = [one for one in known if one["vulns"]]
    for one in bad:
        for hole in one["vulns"]:
            mended = ", ".join(hole.get("fix_versions") or ()) or "no version yet"
            _tell(f"{one['name']} {one['version']}: {hole['id']}: mended in {mended}")
    unknown = f", {len(dependencies) - len(known)} unknown to the service" if len(known) < len(dependencies) else ""
    _tell(f"{len(known)} packages looked up{unknown}: {len(bad) or 'none'} with known vulnerabilities")
    return 1 if bad else 0


def _read(text: str) -> list[dict[str, Any]] | None:
    """The packages of an answer, None for what is none."""
    try:
        dependencies = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    return dependencies if isinstance(dependencies, list) else None


def _run(command: Sequence[str], *, until: float) -> _Said:
    """Run a program, and end it and all that it has started when time is up."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return _Said(None)
    return _Said(process.returncode, out, err)


def _why(said: _Said) -> str:
    lines = [line.strip() for line in said.err.splitlines() if line.strip()]
    return "no answer in time" if said.code is None else lines[-1][:_LONGEST] if lines else f"it ended with {said.code}"


def _tell_nothing(why: str) -> int:
    _tell(f"nothing was looked up: {why}")
    return 0


def _tell(line: str) -> None:
    print(f"audit: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
