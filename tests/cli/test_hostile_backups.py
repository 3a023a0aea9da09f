"""A backup that somebody else has made: its checksums are right, for whoever writes a file can reckon them."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from veille.app.manifest import DATABASE, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cli.conftest import Run


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    """Whoever reads a device reads for ever."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def forge(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a manifest, and seal it again."""
    values = json.loads((path / MANIFEST).read_text("utf-8"))
    del values["checksum"]
    change(values)
    digest = hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    text = json.dumps(values | {"checksum": digest}, ensure_ascii=False, indent=2) + "\n"
    (path / MANIFEST).write_text(text, "utf-8")


NAMES = ["/dev/zero", "../../rules.toml", "/etc/hostname", "x/../veille.db", "..", "", "missing", "\x1b[31mred"]
WRONG: list[tuple[str, Any]] = [
    ("files", []), ("files", {}), ("files", {DATABASE: 3}), ("files", {DATABASE: {"bytes": "many"}}),
    ("counts", []), ("counts", {"feeds": "x"}), ("made_at", 7), ("machine", None), ("emptied", "\x1b[31m"),
]  # fmt: skip


@pytest.fixture
def backup(morning: Run) -> Path:
    return Path(morning("backup", "--json").json["backup"])


@pytest.mark.parametrize("name", NAMES)
def test_a_manifest_that_names_what_is_elsewhere_is_refused(morning: Run, backup: Path, name: str) -> None:
    forge(backup, lambda values: values["files"].update({name: {"bytes": 1, "sha256": ""}}))
    refuse(morning, backup)


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_a_manifest_of_other_kinds_of_values_is_refused(morning: Run, backup: Path, key: str, value: object) -> None:
    forge(backup, lambda values: values.update({key: value}))
    refuse(morning, backup)
    assert morning("backup", "--list").code == 0


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(morning: Run, backup: Path) -> None:
    (backup / "feeds.opml").unlink()
    os.mkfifo(backup / "feeds.opml")
    refuse(morning, backup)


def refuse(run: Run, backup: Path) -> None:
    result = run("restore", str(backup), "--force")
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "damaged" in result.err
    assert "\x1b" not in result.err
