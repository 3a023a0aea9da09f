"""`make audit`: vulnerabilities fail it; a service that cannot be asked is one line, in time, and no failure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOL = Path(__file__).parents[1] / "tools" / "audit.py"
REAL = shutil.which("pip-audit")
HOLE = {"id": "TEST-1", "fix_versions": ["2.0"], "aliases": [], "description": ""}
FOUND = {"name": "thing", "version": "1.0", "vulns": [HOLE]}
CLEAN = {"name": "other", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "strange", "skip_reason": "not found"}


def audit(*options: str, path: str, seconds: float = 40) -> tuple[int, list[str]]:
    """The tool as make runs it, with another pip-audit in its path; its code and its lines."""
    program = f"import sys; sys.path.insert(0, {str(TOOL.parent)!r}); import audit; "
    program += f"sys.exit(audit.main(sys.argv[1:], patience={seconds}))"
    # A Python of its own place: there is no pip-audit beside it.
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.executable = '/nowhere/python'; {program}", *options],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def stand_in(place: Path, script: str) -> str:
    """A path with a pip-audit that does this."""
    place.mkdir(exist_ok=True)
    program = place / "pip-audit"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    return f"{place}:/usr/bin:/bin"


def answer(*dependencies: dict[str, Any]) -> str:
    return f"echo '{json.dumps({'dependencies': dependencies, 'fixes': []})}'"


@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        (f"{answer(FOUND, CLEAN)}; exit 1", 1, "thing 1.0: TEST-1: mended in 2.0"),
        (answer(CLEAN), 0, "1 packages looked up: none with known vulnerabilities"),
        (answer(CLEAN, UNKNOWN), 0, "1 packages looked up, 1 unknown to the service: none"),
        (answer(UNKNOWN), 0, "nothing was looked up: the service knows none of these packages"),
        ("echo 'long story' >&2; echo 'no route to host' >&2; exit 1", 0, "cannot be reached (no route to host)"),
        ("echo '[1]'; exit 3", 0, "cannot be reached (it ended with 3)"),
    ],
)
def test_what_is_found_is_told_and_only_that_fails(tmp_path: Path, script: str, code: int, told: str) -> None:
    ended, lines = audit(path=stand_in(tmp_path, script))
    assert ended == code
    assert told in lines[0]
    assert all(line.startswith("audit: ") for line in lines)


def test_one_that_hangs_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    begun = time.monotonic()
    code, lines = audit(path=stand_in(tmp_path, "sleep 300 & sleep 300"), seconds=1)
    assert (code, len(lines)) == (0, 1)
    assert "no answer in time" in lines[0]
    assert time.monotonic() - begun < 30


def test_a_machine_on_which_it_cannot_be_installed_is_one_line(tmp_path: Path) -> None:
    """Nothing of that name is in the path, and this Python has no pip that could bring it."""
    program = f"import sys; sys.path.insert(0, {str(TOOL.parent)!r}); import audit; audit._INSTALL = ('-c', 'exit(1)');"
    program += " sys.exit(audit.main([]))"
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.executable = {str(python)!r}; {program}"],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "audit: nothing was looked up: pip-audit cannot be installed (it ended with 1)\n"


@contextmanager
def service(said: dict[str, Any]) -> Iterator[str]:
    """A service that answers all packages so, as osv.dev does; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
        server.shutdown()


def installed(place: Path) -> Path:
    """A directory with one package in it."""
    (place / "thing-1.0.dist-info").mkdir(parents=True)
    (place / "thing-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n", "utf-8"
    )
    return place


VULNERABLE = {
    "id": "GHSA-test", "summary": "a hole", "details": "a hole", "published": "2026-01-01T00:00:00Z", "aliases": [],
    "affected": [{"package": {"name": "thing", "ecosystem": "PyPI"},
                  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]}],
}  # fmt: skip


@pytest.mark.skipif(REAL is None, reason="pip-audit is installed by `make audit`")
@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        ({"vulns": [VULNERABLE]}, 1, "thing 1.0: GHSA-test: mended in 2.0"),
        ({}, 0, "1 packages looked up: none with known vulnerabilities"),
        (None, 0, "nothing was looked up: the service of vulnerabilities cannot be reached"),
    ],
)
def test_the_real_one_and_a_service_on_loopback(
    tmp_path: Path, said: dict[str, Any] | None, code: int, told: str
) -> None:
    place = installed(tmp_path / "site")
    with service(said or {}) as url:
        asked = url if said is not None else "http://127.0.0.1:9/"
        options = ("-s", "osv", "--osv-url", asked, "--path", str(place))
        ended, lines = audit(*options, path=os.environ["PATH"])
    assert ended == code
    assert told in lines[0]
