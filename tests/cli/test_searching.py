"""`veille search`: forms of its list, and searches saved, used, listed and forgotten."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arranging import arrange, bring_back

if TYPE_CHECKING:
    from cli.conftest import Run


@pytest.fixture
def desk(run: "Run", home: Path) -> "Run":
    arrange(home)
    return run


def test_a_saved_search_stands_for_its_expression_in_any_other(desk: "Run", home: Path) -> None:
    before = (home / "rules.toml").read_text("utf-8")
    result = desk("search", "--save", "com", "communauté", "OR", '"avis de consommateurs"')
    assert (result.code, result.out) == (0, 'saved: @com is communauté OR "avis de consommateurs"\n')
    text = (home / "rules.toml").read_text("utf-8")
    assert text.startswith(before.rstrip())
    assert tomllib.loads(text)["searches"]["com"] == 'communauté OR "avis de consommateurs"'
    assert desk("search", "@com", "--format", "{title:.8}").out.splitlines() == ["Un décre", "Modérer "]
    assert desk("search", "@com -décret", "--format", "{title:.7}").out == "Modérer\n"
    assert desk("top", "--kw", "@com", "-n", "1", "--format", "{why}").out.startswith("+1.00 “@com” in title")
    assert desk("search", "--save", "@com", "nuit").out == (
        'saved: @com is nuit (it was communauté OR "avis de consommateurs")\n'
    )


def test_saved_searches_are_listed_and_forgotten(desk: "Run") -> None:
    desk("search", "--save", "nuit", "communauté")
    assert desk("search", "--list").out == '@buzz  boycott OR "bad buzz"\n@nuit  communauté\n'
    assert desk("search", "--list", "--json").json[1] == {"name": "nuit", "match": "communauté"}
    assert desk("search", "--forget", "nuit").out == "forgotten: @nuit was communauté\n"
    assert desk("search", "--list", "--json").json == [{"name": "buzz", "match": 'boycott OR "bad buzz"'}]


def test_a_search_that_something_is_made_of_is_not_forgotten(desk: "Run", home: Path) -> None:
    assert desk("search", "--save", "tout", "@buzz OR usine").code == 0
    with (home / "rules.toml").open("a", encoding="utf-8") as file:
        file.write("\n[[rule]]\nname = 'b'\nmatch = '@tout -galettes'\n")
    assert desk("search", "--forget", "buzz").err == "veille: @buzz is part of @tout: change that first\n"
    assert desk("search", "--forget", "tout").err == "veille: @tout is part of the rule “b”: change that first\n"
    assert "@buzz" in desk("search", "--list").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--save", "a b", "x"), "cannot name a search"),
        (("--save", "x", '"abc'), "unclosed quote"),
        (("--save", "x", "@x"), "calls for itself"),
        (("--save", "x"), "the expression holds no word"),
        (("--forget", "buz"), "no search is saved as @buz: did you mean @buzz?"),
        (("--forget", "zzz"), "see `veille search --list`"),
        (("--list", "x"), "--list takes no expression"),
        (("--list", "--forget", "x"), "one at a time"),
        ((), "search what?"),
        (("a", "--md", "--urls"), "two forms"),
        (("a", "--format", "{x}"), "there is no field {x}"),
    ],
)
def test_wrong_searches_are_one_line(desk: "Run", arguments: tuple[str, ...], said: str) -> None:
    result = desk("search", *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert said in result.err


def test_every_form_lists_what_is_found(desk: "Run") -> None:
    assert desk("search", "Morvellec", "--urls").out.count("http://") == 2
    assert desk("search", "décret", "--md").out.startswith("- [Un décret encadre les avis de consommateurs](http")
    assert "why: +1.00 “décret” in title | then " in desk("search", "décret", "--why").out
    result = desk("search", "Morvellec", "-n", "1")
    assert "2 stories found, the latest 1 shown" in result.err
    assert desk("show", "1", "--json").json["title"].startswith("Boycott")


def test_killed_stories_are_found_and_returns_told(desk: "Run") -> None:
    (football,) = desk("search", "football", "--json").json
    bring_back(football["id"], "un bilan")
    assert "            back: un bilan\n" in desk("search", "football").out


def test_no_saved_search_yet(run: "Run") -> None:
    result = run("search", "--list")
    assert (result.code, result.out) == (0, "")
    assert "veille search --save NAME" in result.err
