"""docs/security.md names tests that are there, and what is installed is bounded as it says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# At least this one, below that one: the next that may change what it does.
BOUNDED = re.compile(r"[A-Za-z0-9_.-]+(?:\[[a-z-]+\])?>=[0-9.]+,<[0-9.]+")


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"tests/[\w/.-]+", PAGE))
    assert len(named) > 30
    assert sorted(one for one in named if not (ROOT / one).is_file()) == []


def test_every_row_of_its_tables_names_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| what can")]
    assert [row for row in rows if "`tests/" not in row.rpartition(" | ")[2]] == []


def test_the_files_it_links_to_and_the_pages_that_link_to_it_are_there() -> None:
    for name in ("README.md", "docs/architecture.md"):
        assert "security.md)" in (ROOT / name).read_text("utf-8"), name


@pytest.mark.parametrize("wanted", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["keyring"]])
def test_dependencies_are_bounded_on_both_sides(wanted: str) -> None:
    assert BOUNDED.fullmatch(wanted)
