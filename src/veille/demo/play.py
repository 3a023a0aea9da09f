"""The demonstration: the ordinary commands, run one by one over feeds served from loopback.

In: where to write. Out: what a user would type and what each command answers, in a temporary
VEILLE_HOME; then an exit code. Knows no way into veille but its command line.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from veille.demo.server import OPML_PATH, serve_feeds

if TYPE_CHECKING:
    from typing import TextIO

_PARTIAL = 3
_DIGEST_LINES = 14
_KEYWORDS = ("--kw", "e-réputation^5", "--kw", '"intelligence artificielle"^3')
_SOME_FEEDS_FAILED = "Exit code 3, partial, as expected: one of the feeds is a 404. The others are stored."

# What a user writes in rules.toml to see no more of something.
_RULES = """\
[[rule]]
name = "no sport"
match = "football OR handball"
kind = "kill"
"""

# Variables that would send the commands to the user's own database, or loopback to a proxy.
_FOREIGN = ("VEILLE_DB", "VEILLE_HOME", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of the demonstration; `partial` says what exit code 3 means when it is expected."""

    remark: str
    arguments: tuple[str, ...]
    partial: str = ""


def play_demo(*, keep: bool, out: TextIO) -> int:
    """Run the demonstration; 0 when every command did what it should, else 1.

    The commands share the terminal when `out` is one. The directory used is removed unless `keep`.
    """
    home = Path(tempfile.mkdtemp(prefix="veille-demo-"))
    try:
        (home / "rules.toml").write_text(_RULES, encoding="utf-8")
        with serve_feeds() as base:
            played = all(_play_step(step, home=home, out=out) for step in _list_steps(base, home))
        played = played and _show_digest(home / "digests", out)
        return 0 if played else 1
    finally:
        _say(out, _part_with(home, keep=keep))


def _list_steps(base: str, home: Path) -> tuple[Step, ...]:
    digest = str(home / "digests" / "demo-%Y-%m-%d.md")
    return (
        Step(remark="A list of thirteen feeds, in folders:", arguments=("import", f"{base}{OPML_PATH}")),
        Step(
            remark="The morning's fetch. One feed is slow, one is cut short, one has moved, one is gone:",
            arguments=("fetch",),
            partial=_SOME_FEEDS_FAILED,
        ),
        Step(
            remark="Again at once: what has not changed is not sent, and nothing is stored twice:",
            arguments=("fetch", "--force"),
            partial=_SOME_FEEDS_FAILED,
        ),
        Step(remark="How the feeds are:", arguments=("feeds",)),
        Step(remark="rules.toml hides what is not wanted, here sport:", arguments=("rules",)),
        Step(
            remark="What matters first, by two weighted keywords; copies are folded into one story:",
            arguments=("top", *_KEYWORDS, "-n", "10"),
        ),
        Step(remark="Why the first is first:", arguments=("top", *_KEYWORDS, "-n", "1", "--why")),
        Step(remark="A digest to share:", arguments=("digest", "--format", "md", "-o", digest)),
    )


def _play_step(step: Step, *, home: Path, out: TextIO) -> bool:
    typed = " ".join(["veille", *map(quote, step.arguments)])
    _say(out, f"\n# {step.remark}\n$ {typed}")
    code = _run_veille(step.arguments, home=home, out=out)
    if code == _PARTIAL and step.partial:
        _say(out, f"# {step.partial}")
    elif code:
        _say(out, f"# The demonstration stops: “{typed}” ended with exit code {code}.")
        return False
    return True


def _run_veille(arguments: tuple[str, ...], *, home: Path, out: TextIO) -> int:
    # -P: a directory of the user's that holds a `veille` of its own must not be taken for this one.
    command = [sys.executable, "-P", "-m", "veille", *arguments]
    environment = {name: value for name, value in os.environ.items() if name.upper() not in _FOREIGN}
    environment["VEILLE_HOME"] = str(home)
    try:
        descriptor = out.fileno()
    except io.UnsupportedOperation:
        return _run_aside(command, environment=environment, out=out)
    return subprocess.run(command, env=environment, check=False, stdout=descriptor).returncode


def _run_aside(command: list[str], *, environment: dict[str, str], out: TextIO) -> int:
    """For an `out` that is no file: what the command wrote, once it has ended."""
    done = subprocess.run(
        command,
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    _say(out, done.stdout.rstrip("\n"))
    return done.returncode


def _show_digest(folder: Path, out: TextIO) -> bool:
    written = sorted(folder.glob("demo-*.md"))
    if not written:
        _say(out, f"# The demonstration stops: no digest was written in {folder}.")
        return False
    with written[-1].open(encoding="utf-8") as lines:
        head = [line.rstrip("\n") for line in islice(lines, _DIGEST_LINES)]
    _say(out, "\n".join([f"\n# {written[-1]} begins:", *(f"    {line}".rstrip() for line in head)]))
    return True


def _part_with(home: Path, *, keep: bool) -> str:
    if keep:
        return f"\n# Everything is kept in {home}. To look around: VEILLE_HOME={quote(str(home))} veille top"
    shutil.rmtree(home, ignore_errors=True)
    return f"\n# The demonstration ran in {home}, removed now (veille demo --keep keeps it)."


def _say(out: TextIO, text: str) -> None:
    print(text, file=out, flush=True)
