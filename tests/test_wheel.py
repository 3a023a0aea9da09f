"""The built wheel, installed in an empty environment, is the whole program."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from veille import __version__

ROOT = Path(__file__).parents[1]


def call(*command: str | Path, cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("COV", "VEILLE", "PYTHON"))
    }
    environment["VEILLE_HOME"] = str(home)
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


@pytest.mark.wheel
def test_the_wheel_alone_runs_help_and_the_demo(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--quiet")
    call(*pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT, cwd=tmp_path, home=tmp_path)
    (wheel,) = tmp_path.glob("veille-*.whl")
    assert __version__ in wheel.name
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    call(python, "-m", "pip", "--quiet", "install", wheel, cwd=tmp_path, home=tmp_path)
    veille = tmp_path / "venv" / "bin" / "veille"
    assert "fetch" in call(veille, "--help", cwd=tmp_path, home=tmp_path).stdout
    demo = call(veille, "demo", cwd=tmp_path, home=tmp_path).stdout
    assert "13 feeds: 12 fetched, 1 failed" in demo
    assert "0 new entries, 0 edited" in demo
    assert "why: +5.00 “e-réputation” in title" in demo
    assert "/digests/demo-" in demo
