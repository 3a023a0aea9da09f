"""The run lock: one at a time, told by name, never left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from veille.app.lock import hold_lock
from veille.errors import LockedError, StoreError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_holder_is_told_who_is_first(tmp_path: Path) -> None:
    path = tmp_path / "veille.db.lock"
    with (
        hold_lock(path, command="fetch"),
        pytest.raises(LockedError, match=rf"\(fetch, process {os.getpid()}, since \d\d:\d\d\)") as caught,
        hold_lock(path, command="digest"),
    ):
        pass
    assert caught.value.exit_code == 4
    assert "\n" not in str(caught.value)


def test_it_is_free_again_after_use_and_after_trouble(tmp_path: Path) -> None:
    path = tmp_path / "new" / "veille.db.lock"
    for trouble in (KeyboardInterrupt, ValueError):
        with pytest.raises(trouble), hold_lock(path, command="fetch"):
            raise trouble
        with hold_lock(path, command="fetch"):
            pass
    assert path.read_bytes() == b""


def test_a_process_that_is_killed_leaves_no_lock_behind(tmp_path: Path) -> None:
    path = tmp_path / "veille.db.lock"
    program = (
        "import sys, time; from pathlib import Path; from veille.app.lock import hold_lock\n"
        "with hold_lock(Path(sys.argv[1]), command='fetch'): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with (
            pytest.raises(LockedError, match=f"process {process.pid},"),
            hold_lock(path, command="fetch"),
        ):
            pass
        process.kill()
        process.wait()
        with hold_lock(path, command="fetch"):
            assert str(os.getpid()) in path.read_text()


@pytest.mark.parametrize("content", ["", "garbage", "{}", "[1]", "null"])
def test_a_holder_that_has_not_said_its_name_yet(tmp_path: Path, content: str) -> None:
    path = tmp_path / "veille.db.lock"
    with hold_lock(path, command="fetch"):
        path.write_text(content)
        with pytest.raises(LockedError, match="it is just starting"), hold_lock(path, command="fetch"):
            pass


def test_a_place_where_no_lock_can_be_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "lock"):
        with (
            pytest.raises(StoreError, match="check that the directory can be written to"),
            hold_lock(path, command="fetch"),
        ):
            pass
