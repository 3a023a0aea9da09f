"""docs/rules.md: its file is right, its table knows every key, its commands print what it says."""

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from veille.rank.rulekeys import KEYS, WEIGHTS
from veille.rank.rulereader import read_rules

if TYPE_CHECKING:
    from cli.conftest import Run

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
DRAFT = "[[rule]]\nmatch = 'marque OR (x OR \"bad buzz'\nwieght = 3\n"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_file_of_the_page_is_right() -> None:
    (text,) = blocks("toml")
    rules = read_rules(text, name="rules.toml")
    assert [rule.kind for rule in rules.rules] == ["boost", "kill", "pin", "note"]
    assert rules.searches
    assert rules.feed_weights
    assert rules.folder_weights


def test_the_page_knows_every_key() -> None:
    rows = "".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    assert set(KEYS) <= set(re.findall(r"`([a-z]+)`", rows))
    (line,) = (line for line in PAGE.splitlines() if line.startswith("`[weights]` takes"))
    assert set(WEIGHTS) == set(re.findall(r"`([a-z_]+)`", line))


def test_the_commands_of_the_page_print_what_it_says(
    run: "Run", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "draft.toml").write_text(DRAFT)
    for block in blocks("console"):
        for one in block.split("$ ")[1:]:
            command, _, printed = one.partition("\n")
            veille, *arguments = shlex.split(command)
            assert veille == "veille"
            assert run(*arguments).out == printed
