"""Coverage-guided fuzzing of one target, for as long as is asked: `python tests/fuzz/guided.py TARGET --seconds N`.

In: the seeds. Out: a line of figures, and the inputs that broke a promise, in `--findings`, one of each kind. It
goes on after a finding, so that one does not hide another; it ends with 1 when there were any.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

try:
    import atheris
except ImportError:
    sys.exit("guided fuzzing needs atheris: pip install --group fuzz (it has wheels for some versions of Python only)")

with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(include=["veille"]):
    from fuzz.mutations import mutate
    from fuzz.rooms import keep_place, leave_rooms
    from fuzz.targets import (
        PATIENCE,
        TARGETS,
        SlowError,
        dictionary_of,
        judge,
        list_corpus,
        list_kept,
        list_seeds,
        list_tokens,
    )

# Instrumented code is slower: what is slow is run again without, in a process of its own.
_AGAIN = """
import sys
sys.path.insert(0, sys.argv[1])
from fuzz.targets import judge
judge(sys.argv[2], b"")
judge(sys.argv[2], open(sys.argv[3], "rb").read())
"""
_SLOWER = 1.5  # than what was found not to be slow, to be worth another look
_LARGEST = 60_000


class Run:
    """What a run has met so far."""

    def __init__(self, name: str, findings: Path, seconds: float) -> None:
        self.name = name
        self.findings = findings
        self.started = time.monotonic()
        self.until = self.started + seconds
        self.slowest = 0.0
        self.patience = PATIENCE
        self.executions = 0
        self.kinds: dict[str, str] = {}

    def try_input(self, data: bytes) -> None:
        """Judge an input, and keep it when it is the first of its kind that breaks a promise."""
        start = time.monotonic()
        if start > self.until:
            self.end()
        self.executions += 1
        try:
            judge(self.name, data, patience=self.patience)
        except SlowError as error:
            self._try_again(error, data, time.monotonic() - start)
        except Exception as error:  # noqa: BLE001 - whatever a target raises is a finding
            kind = _kind_of(error)
            if kind not in self.kinds:
                self._keep(kind, data)
                traceback.print_exc(limit=-6)
        self.slowest = max(self.slowest, time.monotonic() - start)

    def end(self) -> None:
        """One line of figures, and out: libFuzzer would end the process without a word of ours."""
        figures = {
            "target": self.name,
            "executions": self.executions,
            "seconds": round(time.monotonic() - self.started),
            "slowest": round(self.slowest, 2),
            "findings": self.kinds,
        }
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        leave_rooms()
        os._exit(1 if self.kinds else 0)

    def _try_again(self, error: SlowError, data: bytes, seconds: float) -> None:
        path = self._keep("slow", data)
        tests = str(Path(__file__).parents[1])
        asked = [sys.executable, "-c", _AGAIN, tests, self.name, str(path)]
        if subprocess.run(asked, check=False, capture_output=True, timeout=600).returncode:
            sys.stderr.write(f"{error}\n")
        else:
            self.patience = seconds * _SLOWER
            del self.kinds["slow"]
            path.unlink()

    def _keep(self, kind: str, data: bytes) -> Path:
        self.findings.mkdir(parents=True, exist_ok=True)
        path = self.findings / f"{self.name}-{hashlib.sha256(data).hexdigest()[:12]}"
        path.write_bytes(data)
        self.kinds[kind] = path.name
        return path


def main() -> None:
    """Read the command line and fuzz."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--memory", type=int, default=1500, help="MB")
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="what libFuzzer says on the way")
    asked = parser.parse_args()
    kept = (path.read_bytes() for path in list_kept(asked.target))
    seeds = [*list_seeds(asked.target), *kept, *list_corpus(asked.target)]
    run = Run(asked.target, asked.findings, asked.seconds)
    with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(include=["veille"]):
        # What is loaded when it is first needed is loaded here, to be counted too.
        for seed in list_seeds(asked.target):
            run.try_input(seed)
    known = keep_place()
    for number, seed in enumerate(seeds):
        (known / str(number)).write_bytes(seed)
    options = [
        f"-max_total_time={asked.seconds + 120}",
        f"-rss_limit_mb={asked.memory}",
        f"-max_len={_LARGEST}",
        f"-dict={dictionary_of(asked.target)}",
        f"-seed={asked.seed}",
        f"-artifact_prefix={asked.findings}/{asked.target}-",
        "-timeout=60",
        "-print_final_stats=1",
        "-reload=0",
        f"-verbosity={int(asked.verbose)}",
    ]

    def change(data: bytes, most: int, seed: int) -> bytes:
        draw = random.Random(seed)  # noqa: S311 - not for secrets
        if draw.random() < 1 / 2:
            return mutate(data, draw, tokens=list_tokens(asked.target), others=seeds)[:most]
        changed: Any = atheris.Mutate(data, most)
        return bytes(changed)

    asked.findings.mkdir(parents=True, exist_ok=True)
    atheris.Setup([sys.argv[0], *options, str(known)], run.try_input, custom_mutator=change)
    atheris.Fuzz()


def _kind_of(error: Exception) -> str:
    """Its type and where it comes from; of a broken promise, its first words too."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    said = str(error).partition(":")[0][:60] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} {Path(at.filename).name}:{at.lineno} {said}".strip()


if __name__ == "__main__":
    main()
