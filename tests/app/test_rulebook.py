"""rules.toml in use: the last right text stays in force for what runs by itself, and edits are safe."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from running import end_veille, start_veille
from veille.app.home import Home, open_home
from veille.app.rulebook import (
    Rulebook,
    add_rule,
    disable_rule,
    edit_rule,
    find_rule,
    load_rulebook,
    load_rules,
    remove_rule,
    save_search,
    write_rules,
)
from veille.errors import ConfigError, OutputError, QueryError, UnknownError, UsageError
from veille.rank.rules import Rules
from veille.store.rulebook import load_kept

GOOD = "[[rule]]\nname = 'a'\nmatch = 'a'\n"
WRONG = "[[rule]]\nmatch = 'a ('\n"


@pytest.fixture
def opened(home: Path) -> Iterator[Home]:
    assert home.is_dir()
    with open_home() as one:
        yield one


@pytest.fixture
def file(home: Path) -> Path:
    return home / "rules.toml"


def test_no_file_is_no_rules_and_keeps_nothing(opened: Home) -> None:
    assert load_rulebook(opened) == Rulebook(rules=Rules())
    assert load_kept(opened.db) is None


def test_a_right_file_is_kept_and_stays_in_force_while_a_wrong_one_stands_there(opened: Home, file: Path) -> None:
    file.write_text(GOOD)
    assert load_rulebook(opened).warning == ""
    file.write_text(WRONG)
    for wrong in (WRONG, "x = ", "\xff"):
        file.write_bytes(wrong.encode("latin-1"))
        with pytest.raises(ConfigError, match=r"rules\.toml:\d+:\d+: "):
            load_rulebook(opened)
        book = load_rulebook(opened, strict=False)
        assert [rule.name for rule in book.rules.rules] == ["a"]
        assert f"{file}:" in book.warning
        assert "; until it is mended the last rules that were right are used, those of 20" in book.warning
        assert len(book.warning.splitlines()) == 1
    file.write_text(GOOD.replace("'a'", "'b'"))
    assert load_rulebook(opened, strict=False).rules == load_rulebook(opened).rules
    assert load_kept(opened.db)[0] == file.read_text()  # type: ignore[index]


def test_a_file_that_was_wrong_from_the_start_is_never_passed_over(opened: Home, file: Path) -> None:
    file.write_text(WRONG)
    with pytest.raises(ConfigError):
        load_rulebook(opened, strict=False)


def test_a_home_that_nobody_attends_falls_back_by_itself(home: Path, file: Path) -> None:
    assert home.is_dir()
    file.write_text(GOOD)
    with open_home(unattended=True) as opened:
        load_rulebook(opened)
        file.write_text(WRONG)
        assert load_rulebook(opened).warning
        with pytest.raises(ConfigError):
            load_rulebook(opened, strict=True)


def test_a_file_that_was_away_does_not_cost_the_rules_that_were_right(opened: Home, file: Path) -> None:
    file.write_text(GOOD)
    good = load_rulebook(opened).rules
    file.unlink()
    assert load_rulebook(opened).rules == Rules()
    file.write_text(WRONG)
    assert load_rulebook(opened, strict=False).rules == good


def test_edits_go_through_a_link_and_keep_permissions(opened: Home, file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "rules.toml"
    real.parent.mkdir()
    real.write_text(GOOD)
    real.chmod(0o600)
    file.symlink_to(real)
    add_rule(opened.places, {"match": "b"})
    assert file.is_symlink()
    assert "b" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in real.parent.iterdir()] == ["rules.toml"]


def test_what_does_not_read_back_is_not_written(opened: Home, file: Path) -> None:
    file.write_text(GOOD)
    with pytest.raises(ConfigError, match=r"2:1: match, character 3: .* \(nothing was written\)"):
        write_rules(opened, WRONG)
    file.write_text(GOOD + "[weights]\nbdy = 3\n")
    with pytest.raises(ConfigError, match=r"bdy.* \(nothing was written\)"):
        add_rule(opened.places, {"match": "b"})
    assert file.read_text() == GOOD + "[weights]\nbdy = 3\n"
    file.write_text(GOOD + WRONG)
    assert remove_rule(opened.places, "a (").removed == WRONG
    assert file.read_text() == GOOD


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"match": "a ("}, "match, character 3"),
        ({"match": "b", "weight": 1e308}, "weight: it takes a number from -1000 to 1000, not 1e+308"),
        ({"match": "b", "name": "A"}, "a rule is named “a” already (case and accents do not count)"),
        ({"match": "b", "name": "À"}, "a rule is named “a” already (case and accents do not count)"),
        ({"match": "A"}, "a rule is named “a” already (case"),
        ({"match": "b", "name": "a"}, "a rule is named “a” already"),
        ({"match": "a"}, "a rule is named “a” already"),
        ({"match": "b", "until": "soon"}, "until: it takes a day"),
    ],
)
def test_what_no_rule_can_say_is_told_without_a_place_in_the_file(
    opened: Home, file: Path, values: dict[str, object], said: str
) -> None:
    file.write_text(GOOD)
    with pytest.raises(UsageError) as caught:
        add_rule(opened.places, values)
    assert str(caught.value).startswith(said)
    assert file.read_text() == GOOD


def test_expressions_that_differ_by_case_are_two_rules(opened: Home, file: Path) -> None:
    file.write_text("[[rule]]\nmatch = 'a OR b'\n[[rule]]\nname = 'Crise'\nmatch = 'c'\n")
    assert add_rule(opened.places, {"match": "a or b"}).name == "a or b"
    assert len(load_rules(opened.places).rules) == 3
    with pytest.raises(UsageError, match="a rule is named “Crise” already"):
        edit_rule(opened.places, "a or b", {"name": "crise"})
    assert edit_rule(opened.places, "Crise", {"name": "crise"}).name == "crise"


def test_an_edit_tells_what_was_there(opened: Home, file: Path) -> None:
    file.write_text(GOOD)
    done = edit_rule(opened.places, "a", {"name": "z", "weight": 3})
    assert (done.name, done.before, done.after) == (
        "z",
        {"name": "a", "match": "a"},
        {"name": "z", "match": "a", "weight": 3},
    )
    assert disable_rule(opened.places, "z", disabled=True).after["enabled"] is False
    assert load_rules(opened.places).rules[0].disabled
    disable_rule(opened.places, "z", disabled=False)
    assert "enabled" not in file.read_text()


TABLES = [{"name": name} for name in ("Marque", "marque Lyon", "Événement", "crise")] + [{"match": "ours^3"}]


@pytest.mark.parametrize(
    ("name", "index"), [("marque", 0), ("MARQUE L", 1), ("evene", 2), ("cr", 3), ("  crise ", 3), ("ours", 4)]
)
def test_a_rule_is_named_without_case_or_accents_and_by_its_beginning(name: str, index: int) -> None:
    assert find_rule(TABLES, name) == index


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("mar", UsageError, "“mar” may be Marque, marque Lyon: write more of the name"),
        ("crisis", UnknownError, "no rule is named “crisis” (did you mean crise?): see `veille rules`"),
        ("", UnknownError, "no rule is named “”: see `veille rules`"),
    ],
)
def test_a_name_that_means_no_rule_or_several_is_told(name: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        find_rule(TABLES, name)
    assert str(caught.value) == said


def test_a_search_is_saved_and_replaced(opened: Home, file: Path) -> None:
    assert save_search(opened.places, "rivals", "acme") == ""
    assert save_search(opened.places, "rivals", "acme OR globex") == "acme"
    assert load_rules(opened.places).searches == {"rivals": "acme OR globex"}
    before = file.read_text()
    with pytest.raises(QueryError):
        save_search(opened.places, "rivals", "acme (")
    with pytest.raises(UsageError, match="cannot name a search"):
        save_search(opened.places, "a b", "acme")
    assert file.read_text() == before


def test_commands_at_once_lose_nothing_of_one_another(home: Path, file: Path) -> None:
    running = [start_veille("rules", "add", f"word{number}", home=home) for number in range(6)]
    assert [end_veille(one)[0] for one in running] == [0] * 6
    assert file.read_text().count("[[rule]]") == 6


def test_a_directory_that_cannot_be_made_is_one_line(opened: Home, home: Path) -> None:
    (home / "taken").write_text("a file")
    places = replace(opened.places, rules=home / "taken" / "settings" / "rules.toml")
    with pytest.raises(OutputError, match="check the permissions of the directory"):
        add_rule(places, {"match": "a"})
