"""Every `--help` fits a terminal of 80 columns: no example, no note is broken in the middle of a word."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from veille.cli.main import make_app

if TYPE_CHECKING:
    from cli.conftest import Run

_WIDEST = 78


def list_commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from list_commands(inner, (*path, name))


@pytest.mark.parametrize("path", list(list_commands(typer.main.get_command(make_app()))), ids=" ".join)
def test_help_is_no_wider_than_a_terminal(run: "Run", monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run(*path, "--help")
    assert result.code == 0
    assert [line for line in result.out.splitlines() if len(line) > _WIDEST] == []
