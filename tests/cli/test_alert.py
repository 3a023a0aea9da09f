"""`veille alert`: new matches once, exit codes for cron, and nothing remembered that was not printed."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arranging import RULES, arrange, tell

if TYPE_CHECKING:
    from cli.conftest import Run

VEILLE = (sys.executable, "-m", "veille")


@pytest.fixture
def desk(run: "Run", home: Path) -> "Run":
    arrange(home)
    return run


def test_a_story_is_told_once(desk: "Run") -> None:
    first = desk("alert", "Morvellec")
    assert first.code == 0
    assert first.out.count("http://") == 2
    again = desk("alert", "Morvellec")
    assert (again.code, again.out, again.err) == (1, "", "")
    tell("blog", "Morvellec s’explique")
    assert "Morvellec s’explique\n  Blog · " in desk("alert", "Morvellec").out
    assert desk("alert", "Morvellec").code == 1


def test_nothing_to_tell_prints_nothing_in_any_form(desk: "Run") -> None:
    for form in ((), ("--json",), ("--urls",), ("--format", "{title}")):
        result = desk("alert", "introuvable", *form)
        assert (result.code, result.out) == (1, "")


def test_a_saved_search_has_its_own_memory_whatever_it_becomes(desk: "Run", home: Path) -> None:
    assert len(desk("alert", "buzz", "--json").json) == 1
    assert desk("alert", "@buzz").code == 1
    (home / "rules.toml").write_text(RULES.replace("buzz = 'boycott", "buzz = 'Morvellec OR boycott"), "utf-8")
    assert desk("alert", "buzz").code == 1
    assert desk("alert", "boycott").code == 0  # another alert


def test_since_a_moment_tells_all_and_remembers_nothing(desk: "Run") -> None:
    assert len(desk("alert", "Morvellec", "--since", "24h", "--json").json) == 2
    assert len(desk("alert", "Morvellec", "--since", "24h", "--json").json) == 2
    assert len(desk("alert", "Morvellec", "--json").json) == 2
    assert len(desk("alert", "Morvellec", "--since", "90m", "--urls").out.splitlines()) == 1
    assert desk("alert", "Morvellec", "--since", "quand").code == 2


def test_the_first_run_looks_at_a_day_and_the_next_at_what_has_come(desk: "Run") -> None:
    tell("gazette", "Morvellec il y a trois jours", hours=72)
    assert len(desk("alert", "Morvellec", "--json").json) == 2
    tell("gazette", "Morvellec, arrivé tard", hours=40)
    assert desk("alert", "Morvellec", "--format", "{title}").out == "Morvellec, arrivé tard\n"


def test_what_waits_for_a_second_outlet_is_told_when_it_comes(desk: "Run") -> None:
    assert desk("alert", "Morvellec sources:>=2").code == 1
    tell("blog", "Boycott annoncé contre la biscuiterie Morvellec")
    assert "Boycott" in desk("alert", "Morvellec sources:>=2").out
    assert desk("alert", "Morvellec sources:>=2").code == 1


def test_what_has_come_of_a_story_is_told_below_it(desk: "Run") -> None:
    assert desk("alert", "Morvellec sources:>=2").code == 1
    tell("blog", "Boycott annoncé contre la biscuiterie Morvellec")
    lines = desk("alert", "Morvellec sources:>=2").out.splitlines()
    assert lines[0].startswith("Boycott")
    assert lines[2].startswith("  http://gazette.example/")
    assert re.fullmatch(r"  new: Boycott annoncé contre la biscuiterie Morvellec · Blog · \d\d:\d\d · id \d+", lines[3])
    assert lines[4].startswith("  http://blog.example/")


def test_a_form_may_ask_for_what_has_come(desk: "Run") -> None:
    assert desk("alert", "Morvellec sources:>=2").code == 1
    tell("blog", "Boycott annoncé contre la biscuiterie Morvellec")
    told = desk("alert", "Morvellec sources:>=2", "--format", "{url} {new_url} {new_title}").out
    assert re.fullmatch(r"http://gazette\.\S+ http://blog\.\S+ Boycott annoncé .*\n", told)
    told = desk("alert", "usine", "--format", "{url} {new_url} {new_title}").out
    assert re.fullmatch(r"(http://agence\.\S+) \1 Morvellec ouvre .*\n", told)


@pytest.mark.parametrize("asked", ["buz", "BUZZE", "@buz", "@buz Morvellec"])
def test_a_name_close_to_a_saved_search_is_told(desk: "Run", asked: str) -> None:
    shown = "@buz" if "@" in asked else f"“{asked}”"
    said = f"no search is saved as {shown}: its words are looked for; did you mean @buzz?\n"
    for command in (("alert",), ("search",), ("top", "--kw"), ("top", "--only")):
        assert said in desk(*command, asked).err
    assert said in desk("alert", asked, "--urls").err


@pytest.mark.parametrize("asked", ["buzz", "@buzz", "Morvellec", "@LeMonde", "bus buze", '"buzze"'])
def test_other_names_are_taken_as_they_are(desk: "Run", asked: str) -> None:
    assert "no search is saved" not in desk("alert", asked).err + desk("search", asked).err


def test_what_kill_rules_hide_is_not_told(desk: "Run") -> None:
    assert desk("alert", "derby").code == 1
    assert len(desk("search", "derby", "--json").json) == 1


def test_read_stories_are_told_too(desk: "Run") -> None:
    desk("top")
    desk("mark", "read", "1-4")
    assert desk("alert", "Morvellec").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("alert", '"abc'), "unclosed quote"),
        (("alert", "--", "-a"), "only words to leave out"),
        (("alert", "a", "--format", "{x}"), "there is no field {x}"),
        (("alert", "a", "--json", "--urls"), "two forms"),
        (("alert",), "Missing argument"),
    ],
)
def test_errors_are_not_taken_for_nothing_new(run: "Run", arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert said in result.err


def test_a_wrong_file_ends_with_two_or_goes_on_with_the_rules_before(desk: "Run", home: Path) -> None:
    assert desk("top").code == 0
    (home / "rules.toml").write_text("[[rule]]\nmatch = 3\n", "utf-8")
    result = desk("alert", "buzz")
    assert result.code == 0
    assert "Boycott" in result.out
    assert "WARNING" in result.err
    assert desk("alert", "buzz").code == 3
    (home / "config.toml").write_text("[fetch]\njobs = 'many'\n", "utf-8")
    assert desk("alert", "buzz").code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_what_could_not_be_printed_is_told_again(desk: "Run") -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*VEILLE, "alert", "Morvellec"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*VEILLE, "alert", "Morvellec"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert b"Traceback" not in done.stderr
    assert len(desk("alert", "Morvellec", "--json").json) == 2


def test_two_at_once_tell_a_story_once(desk: "Run") -> None:
    assert desk("top").code == 0
    told: list[str] = []

    def run_alert() -> None:
        done = subprocess.run([*VEILLE, "alert", "Morvellec", "--urls"], capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        told.extend(done.stdout.splitlines())

    threads = [threading.Thread(target=run_alert) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == len(set(told)) == 2


def test_a_list_shown_before_keeps_its_ranks(desk: "Run") -> None:
    desk("top")
    first = desk("show", "1", "--json").json["id"]
    desk("alert", "Morvellec")
    assert desk("show", "1", "--json").json["id"] == first


def test_a_saved_search_is_found_in_any_case(desk: "Run") -> None:
    assert desk("alert", "BUZZ").code == 0
    assert desk("alert", "@buzz").code == 1


def test_an_entry_that_is_corrected_is_told_when_it_matches(desk: "Run") -> None:
    tell("gazette", "Une page sans histoire", guid="page")
    assert desk("alert", "séisme").code == 1
    tell("gazette", "Séisme à Vaubrun", guid="page")
    assert "Séisme" in desk("alert", "séisme").out
    assert desk("alert", "séisme").code == 1


def test_a_story_told_is_not_told_again_for_being_merged_or_split(desk: "Run") -> None:
    one, other = (story["id"] for story in desk("alert", "Morvellec", "--json").json)
    assert desk("story", "merge", str(one), str(other)).code == 0
    desk("search", "Morvellec")
    assert desk("alert", "Morvellec").code == 1
    assert desk("story", "split", str(min(one, other)), str(max(one, other))).code == 0
    tell("blog", "Boycott annoncé contre la biscuiterie Morvellec")
    assert len(desk("alert", "Morvellec sources:>=2 OR Morvellec", "--since", "24h", "--json").json) >= 2
    assert desk("alert", "Morvellec", "--json").code == 1
