"""docs/review.md: its commands exist, and its settings are those that are read."""

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arranging import arrange
from veille.config import find_places, load_settings

if TYPE_CHECKING:
    from cli.conftest import Run

PAGE = (Path(__file__).parents[2] / "docs" / "review.md").read_text("utf-8")
MORNING, ISSUES = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
MAIL = '[mail]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\nfrom = "veille@example.org"\n'


def commands(block: str) -> list[list[str]]:
    return [shlex.split(line.removeprefix("$ veille "), comments=True) for line in block.splitlines()]


def test_the_commands_of_the_page_do_what_they_say(
    run: "Run", home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrange(home)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for words in commands(MORNING):
        if words[:2] == ["review", "build"]:
            words[-1] = words[-1].replace("~", str(tmp_path))
        result = run(*words)
        assert result.code == 0, (words, result.err)
        if words[0] == "top":
            assert run("mark", "star", "2").code == 0
    assert (tmp_path / "public_html" / "revue" / "1.html").exists()
    (home / "config.toml").write_text(MAIL, "utf-8")
    for words in commands(ISSUES):
        if "publish" in words:
            assert run("review", "add", "1000").code == 0
        result = run(*(word.replace("12", "1") for word in words))
        # There is no server for mail: it waits.
        assert result.code == (3 if "--mail" in words else 0), (words, result.err)
    assert (tmp_path / "revue-2.md").exists()


def test_the_settings_of_the_page_are_read(home: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (home / "config.toml").write_text(text, "utf-8")
    review = load_settings(find_places()).review
    assert review is not None
    assert (review.title, review.language, review.excerpt) == ("Ma revue", "fr", 280)
    assert review.url == "https://example.org/revue"
