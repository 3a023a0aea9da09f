"""Which file adds which command: the table by which only one is loaded must be whole."""

import importlib

import pytest
import typer

from veille.cli.main import COMMANDS, make_app


def names_of(app: typer.Typer) -> set[str]:
    command = typer.main.get_command(app)
    return set(getattr(command, "commands", {}))


@pytest.mark.parametrize("file", COMMANDS)
def test_each_file_adds_the_commands_it_is_named_for(file: str) -> None:
    assert hasattr(importlib.import_module(f"veille.cli.{file}"), "register")
    together = tuple(other for other, names in COMMANDS.items() if set(names) & set(COMMANDS[file]))
    assert names_of(make_app(together)) == {name for other in together for name in COMMANDS[other]}


def test_all_files_give_all_commands() -> None:
    assert names_of(make_app()) == {name for names in COMMANDS.values() for name in names}
