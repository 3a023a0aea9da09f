"""A veille of one's own: an empty VEILLE_HOME, commands run in this process, the demonstration served."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from veille.cli.main import run_command
from veille.demo.server import serve_feeds


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "veille"
    place.mkdir()
    monkeypatch.setenv("VEILLE_HOME", str(place))
    for name in ("VEILLE_DB", "VEILLE_DEBUG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    assert home.exists()

    def run_one(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = run_command(list(arguments))
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Result(code, captured.out, captured.err)

    return run_one


@pytest.fixture(scope="session")
def demo_feeds() -> Iterator[str]:
    with serve_feeds(slow_seconds=0.05) as address:
        yield address


@pytest.fixture
def morning(run: Run, demo_feeds: str) -> Run:
    """A veille that has fetched the demonstration's feeds."""
    assert run("import", f"{demo_feeds}/feeds.opml").code == 0
    assert run("fetch").code == 3
    return run
