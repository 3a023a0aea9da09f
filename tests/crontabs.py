"""A `crontab` command that keeps its table in a file, and a `veille` on a PATH of its own, as cron would find them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SOURCE = Path(__file__).parents[1] / "src"


def put_program(path: Path, script: str) -> Path:
    """A program of sh."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return path


def put_veille(path: Path) -> Path:
    """A `veille` that needs nothing of its environment, as an installed one does."""
    return put_program(path, f'PYTHONPATH="{SOURCE}" exec "{sys.executable}" -m veille "$@"')


def put_crontab(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `crontab` first on the PATH; the file that it keeps, absent until something is written."""
    table = directory / "table"
    script = (
        'case "$1" in\n'
        f'-l) [ -f "{table}" ] || {{ echo "no crontab for moi" >&2; exit 1; }}; cat "{table}";;\n'
        f'-) cat > "{table}";;\n'
        "*) exit 2;;\nesac"
    )
    put_program(directory / "bin" / "crontab", script)
    monkeypatch.setenv("PATH", f"{directory / 'bin'}:/usr/bin:/bin")
    return table


def split_job(line: str) -> str:
    """What cron gives to sh of a line: without its five times, its per cent signs as they were."""
    command = line.split(None, 5)[5]
    assert "%" not in command.replace(r"\%", "")
    return command.replace(r"\%", "%")
