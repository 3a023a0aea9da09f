"""What is said where an expression finds nothing: other tools' operators, names of nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arranging import arrange

if TYPE_CHECKING:
    from cli.conftest import Run


@pytest.fixture
def desk(run: "Run", home: Path) -> "Run":
    arrange(home)
    return run


@pytest.mark.parametrize("command", [("search",), ("top", "--only"), ("top", "--kw")])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Morvellec ou football", "“ou” was looked for as a word: write OR or OU, in capitals\n"),
        ("usine sources>3", "“sources>3” was looked for as a word: write sources:>3\n"),
        ("folder:Press usine", "nothing is of a folder “Press”: did you mean folder:Presse?\n"),
        ("feed:gazete usine", "nothing is of a feed “gazete”: did you mean feed:Gazette?\n"),
        ("tag:zut usine", "nothing is of a tag “zut”: see `veille feeds`\n"),
    ],
)
def test_what_finds_nothing_is_questioned(desk: "Run", command: tuple[str, ...], asked: str, said: str) -> None:
    result = desk(*command, asked)
    assert (result.code, result.err.count(said)) == (0, 1)


@pytest.mark.parametrize("asked", ["folder:Presse introuvable", "feed:gazette -Morvellec introuvable", "introuvable"])
def test_right_names_are_not(desk: "Run", asked: str) -> None:
    assert desk("search", asked).err == "0 stories found\n"


def test_what_is_found_is_not_questioned(desk: "Run") -> None:
    assert desk("search", "folder:Zut OR usine").err == "1 story found\n"
    assert desk("top", "--kw", "folder:Zut OR usine").err == "1 story hidden by your kill rules: --hidden lists them\n"
