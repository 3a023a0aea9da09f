"""What an expression leaves out: entries, not stories, as docs/queries.md says."""

from pathlib import Path
from typing import TYPE_CHECKING

from arranging import arrange, tell

if TYPE_CHECKING:
    from cli.conftest import Run


def test_a_story_stays_for_its_entry_that_lacks_the_word(run: "Run", home: Path) -> None:
    arrange(home)
    (first,) = run("search", "usine", "--json").json
    tell("blog", "Une grève retarde les galettes bretonnes")
    (other,) = run("search", "retarde", "--json").json
    assert run("story", "merge", str(first["id"]), str(other["id"])).code == 0
    assert [one["id"] for one in run("search", "galettes -grève", "--json").json] == [first["id"]]
    assert [one["id"] for one in run("search", "galettes -site:agence.example", "--json").json] == [first["id"]]
    assert run("search", "galettes -bretonnes -usine", "--json").json == []
    # Alone, it looks at the entry that is shown.
    only = run("top", "--only", "-grève", "--json").json
    assert first["id"] in [one["id"] for one in only]
    assert first["id"] not in [one["id"] for one in run("top", "--only", "-usine", "--json").json]
