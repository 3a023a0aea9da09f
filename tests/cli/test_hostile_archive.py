"""An export of everything that somebody else has made: its notes, comments and titles are text on every screen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from publisher import Answer, Publisher
from running import rss, subscribe_all

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

# Colours, a bell, and a mark that turns the reading direction round.
EVIL = "\x1b[31m\x07\u202e"
WORDS = ("Remark", "Comment", "Rubric", "Headline")


@pytest.fixture
def taken(run: Run, publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A veille that has imported such a file; the id of its story."""
    feed = rss({"1": "Headline"}, at=datetime.now(UTC))
    subscribe_all([publisher.serve("/a", Answer(body=feed))])
    assert run("fetch", "--force").code == 0
    story = str(run("top", "--json").json[0]["id"])
    assert run("note", story, "Remark").code == 0
    assert run("review", "add", story, "--rubric", "Rubric", "--comment", "Comment").code == 0
    file = tmp_path / "all.jsonl"
    assert run("export", "--all", str(file)).code == 0
    text = file.read_text("utf-8")
    for word in WORDS:
        assert f'"{word}"' in text
        text = text.replace(f'"{word}"', json.dumps(word + EVIL))
    file.write_text(text, "utf-8")
    monkeypatch.setenv("VEILLE_HOME", str(tmp_path / "new"))
    assert run("import", str(file)).code == 0
    return story


@pytest.mark.parametrize(
    "command",
    [("note", "ID"), ("review", "list"), ("show", "ID"), ("top",), ("top", "--md"), ("story", "ID"), ("why", "ID"),
     ("digest", "-o", "-"), ("mark", "star", "ID"), ("search", "headline"), ("review", "publish", "-o", "-")],
)  # fmt: skip
def test_no_escape_of_an_archive_reaches_the_terminal(run: Run, taken: str, command: tuple[str, ...]) -> None:
    result = run(*(taken if word == "ID" else word for word in command))
    assert result.code == 0
    assert any(word in result.out for word in WORDS)
    assert not set(EVIL) & {"\x1b", "\x07", "\u202e"} & set(result.out + result.err)
