"""`veille rules doctor`, `try`, `test` and `suggest`: what they say, as text and JSON, and how they end."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
import tomllib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stored import entry, store, subscribe
from veille.app.home import open_home, read_clock
from veille.store.db import write
from veille.store.stories import mark_story

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVIL = "Crise \x1b[2J[bold]rouge[/bold] \x07\u202e au zoo"
KEPT = ["Crise au sénat", "Une crise de marque", "Après la crise, Lyon", "Crises et rumeurs", "La crise du lait", EVIL]
PASSED = (
    "Soldes demain matin à Paris|Panda né hier au zoo de Beauval|Tramway rouvert entre Nantes et Rezé|"
    "Recette de tarte aux poires pochées|Gardien recruté pour trois saisons|Pluie dimanche sur les Alpes|"
    "Orchestre en tournée au Japon|Glacier mesuré par des géomètres|Abeilles sauvées près des ruches|"
    "Fromage primé dans le Jura|Volcan calme depuis mille ans|Porcelaine vendue aux enchères à Limoges"
).split("|")


@pytest.fixture
def desk(run: Run, home: Path) -> Run:
    """Stories of two feeds over three days; those of a crisis are starred, the others read."""
    assert home.exists()
    with open_home() as opened:
        now = read_clock()
        feeds = [subscribe(opened.db, "gazette", title="Gazette"), subscribe(opened.db, "pro", title="Pro")]
        for number, title in enumerate([*KEPT, *PASSED]):
            at = now - number % 3 * DAY - HOUR - timedelta(minutes=number)
            store(opened.db, feeds[number // 3 % 2], entry(str(number), title, published_at=at, language="fr"), now=now)
    return run


@pytest.fixture
def taste(desk: Run) -> Run:
    desk("top")
    with open_home() as opened, write(opened.db):
        for story_id, title in opened.db.execute("SELECT story_id, title FROM entries").fetchall():
            kept = "rise" in title
            mark_story(opened.db, story_id, "star" if kept else "read", now=read_clock())
    return desk


def write_rules(home: Path, text: str, name: str = "rules.toml") -> Path:
    path = home / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["doctor", "try", "test", "suggest"])
def test_each_command_has_help_with_examples(run: Run, command: str) -> None:
    done = run("rules", command, "--help")
    assert done.code == 0
    assert f"veille rules {command}" in done.out.split("Examples:")[1]
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_the_doctor_tells_findings_and_ends_with_0(desk: Run, home: Path) -> None:
    write_rules(
        home,
        "[[rule]]\nname = 'rien'\nmatch = 'introuvable'\n"
        "[[rule]]\nmatch = 'glacier'\nweight = 4\n[[rule]]\nmatch = 'panda'\nenabled = false\n"
        "[weights.folders]\nNulle = 1\n",
    )
    done = desk("rules", "doctor")
    assert done.code == 0
    assert "silent: nothing matched in 30 days\n" in done.out
    assert "→ check its spelling, or ask for less: veille rules edit rien --match '...'" in done.out
    assert "has no effect: no feed is in a folder “Nulle”" in done.out
    assert "+4  glacier" not in done.out
    assert done.err == "1 of 3 rules needs a look, by 18 entries of 30 days\n"
    record = desk("rules", "doctor", "--json").json
    assert (record["entries"], record["feeds"]) == (18, 2)
    assert [(one["name"], one["matched"], [each["kind"] for each in one["findings"]]) for one in record["rules"]] == [
        ("rien", 0, ["silent"]), ("glacier", 1, []), ("panda", 0, ["disabled"]),
    ]  # fmt: skip
    assert record["no_effect"] == ["no feed is in a folder “Nulle”"]


def test_the_doctor_of_nothing_says_what_to_do(run: Run, home: Path) -> None:
    assert run("rules", "doctor").err.startswith("no rules yet: `veille rules add EXPR`")
    write_rules(home, "[[rule]]\nmatch = 'crise'\n")
    assert run("rules", "doctor").err.startswith("nothing was published in 30 days")


def test_a_trial_tells_ranks_before_and_after(desk: Run) -> None:
    done = desk("rules", "try", "glacier", "--weight", "9", "-n", "2", "--days", "3")
    assert done.code == 0
    assert done.out.count("the day to ") == 1
    assert done.out.endswith("no match on 2 of 3 days\n")
    (entered,) = [line for line in done.out.splitlines() if line.startswith("  + ")]
    assert entered.split("Glacier")[0].split()[2:] == ["→", "1"]
    assert done.err == "matches 1 story of 3 days; into the first 2: 1, out of them: 1\n"
    record = desk("rules", "try", "glacier^9", "-n", "2", "--days", "3", "--json").json
    assert (record["rule"]["weight"], record["touched"], record["hidden"]) == (9.0, 1, 0)
    (change,) = [day for day in record["days"] if day["entered"]]
    assert (change["entered"][0]["title"], change["entered"][0]["after"]) == ("Glacier mesuré par des géomètres", 1)
    assert change["left"][0]["after"] == 3


def test_a_trial_tells_moves_inside_the_first(desk: Run) -> None:
    done = desk("rules", "try", "glacier", "--weight", "9,5", "--days", "2")
    other = desk("rules", "try", "glacier", "--kind", "pin", "--days", "3")
    for told in (done, other):
        (moved,) = [line for line in told.out.splitlines() if "Glacier" in line]
        assert moved.split("Glacier")[0].split() in (["↑", "5", "→", "1"], ["↑", "6", "→", "1"])
        assert "stay the same" not in told.out
        assert "into the first 20: 0, out of them: 0, moved inside: 1" in told.err
    record = desk("rules", "try", "glacier^9", "--days", "3", "--json").json
    assert [[one["after"] for one in day["moved"]] for day in record["days"]].count([1]) == 1


def test_a_trial_without_a_match_is_a_line(desk: Run) -> None:
    done = desk("rules", "try", "introuvable", "--days", "7")
    assert done.out == "     +1  introuvable\nno match on 7 of 7 days\n"
    assert desk("rules", "try", "glacier", "--weight", "lots").code == 2


def test_a_trial_that_changes_no_place_says_so(desk: Run) -> None:
    done = desk("rules", "try", "crise", "--weight", "0", "--days", "1")
    assert "  the first 20 stay the same\n" in done.out


def test_a_kill_tried_tells_what_it_hides(desk: Run, home: Path) -> None:
    write_rules(home, "[[rule]]\nname = 'old'\nmatch = 'crise'\nenabled = false\n")
    done = desk("rules", "try", "crise", "--kind", "kill", "--days", "3")
    assert "→ hidden" in done.out
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert "[bold]rouge[/bold]" in done.out
    assert done.err.splitlines() == [
        "matches 6 stories of 3 days, hides 6; into the first 20: 0, out of them: 6",
        "the rule “old” looks for this already (not in force): this one would come on top",
    ]
    assert tomllib.loads((home / "rules.toml").read_text())["rule"][0]["match"] == "crise"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a OR",), "character 5: the expression stops too early"),
        (("a^2", "--weight", "3"), "match has one too"),
        (("a", "--weight", "nan"), "weight: it takes a number"),
        (("a", "--kind", "note"), "a note changes no rank: try boost, kill or pin"),
        (("a", "--days", "0"), "--days"),
    ],
)
def test_a_trial_that_cannot_be_is_one_line(desk: Run, arguments: tuple[str, ...], said: str) -> None:
    done = desk("rules", "try", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


def test_a_file_is_previewed_with_samples_and_today(desk: Run, home: Path) -> None:
    write_rules(home, "[[rule]]\nmatch = 'panda'\nweight = 2\n")
    draft = write_rules(
        home,
        "[[rule]]\nmatch = 'crise'\nweight = 9\nfolders = ['Nulle']\n[[rule]]\nmatch = 'glacier^9'\n"
        "[[rule]]\nmatch = 'x'\nenabled = false\n",
        "draft",
    )
    done = desk("rules", "test", str(draft), "-n", "1")
    assert done.code == 0
    assert "         0 stories in 7 days" in done.out
    assert "    off  x\ntoday's first 1, of " in done.out
    assert "         1 story in 7 days\n         · Glacier mesuré par des géomètres  " in done.out
    assert "has no effect: rule “crise”: no feed is in a folder “Nulle”" in done.err
    assert done.err.endswith("3 rules; into today's first 1: 0, out of them: 0\n")
    record = desk("rules", "test", str(draft), "--json").json
    assert [(one["name"], one["stories"]) for one in record["rules"]] == [("crise", 0), ("glacier", 1), ("x", 0)]
    assert record["today"]["entered"] == []
    assert record["no_effect"] == ["rule “crise”: no feed is in a folder “Nulle”"]
    assert "panda" in (home / "rules.toml").read_text()


def test_mistakes_of_a_file_are_told_with_their_place(desk: Run, home: Path) -> None:
    draft = write_rules(home, "[[rule]]\nmatch = 'a OR'\n[[rule]]\nmatch = 'a'\nweigth = 2\n", "draft")
    done = desk("rules", "test", str(draft))
    assert (done.code, done.err) == (1, "")
    assert [line.removeprefix(f"{draft}:")[:4] for line in done.out.splitlines()] == ["2:1:", "5:1:"]
    failed = desk("rules", "test", str(draft), "--json")
    assert (failed.code, len(failed.json["mistakes"])) == (1, 2)
    assert desk("rules", "test", str(home / "none")).code == 2


def test_a_draft_can_be_tested_while_the_rules_in_use_are_wrong(desk: Run, home: Path) -> None:
    write_rules(home, "[[rule]]\nmatch = 'panda'\n")
    assert desk("rules", "doctor").code == 0
    write_rules(home, "[[rule]]\nmatch = 'panda OR'\n")
    draft = write_rules(home, "[[rule]]\nmatch = 'crise'\n", "draft")
    done = desk("rules", "test", str(draft))
    assert done.code == 0
    assert "the last rules that were right are used" in done.err
    for command in (("doctor",), ("try", "x"), ("suggest",)):
        stopped = desk("rules", *command)
        assert (stopped.code, stopped.out) == (1, "")
        assert "rules.toml:2:1" in stopped.err


def test_suggestions_are_listed_off_a_terminal_with_commands_that_add_them(taste: Run, home: Path) -> None:
    done = taste("rules", "suggest")
    assert done.code == 0
    assert "crise  kept 6, passed over 0\n" in done.out
    assert "\x1b" not in done.out
    assert done.err == "from 6 kept and 12 passed over; nothing was written\n"
    assert not (home / "rules.toml").exists()
    (command,) = [line for line in done.out.splitlines() if "rules add crise" in line]
    assert taste(*shlex.split(command)[1:]).code == 0
    (rule,) = taste("rules", "--json").json["rules"]
    assert (rule["name"], rule["match"]) == ("crise", "crise")
    assert "crise" not in taste("rules", "suggest").out


def test_suggestions_as_json_have_their_evidence(taste: Run) -> None:
    record = taste("rules", "suggest", "--json").json
    assert (record["kept"], record["passed"]) == (6, 12)
    first = record["suggestions"][0]
    assert (first["match"], first["kept"], first["passed"]) == ("crise", 6, 0)
    assert len(first["samples"]) == 3
    assert first["weight"] >= 1


def test_too_little_to_go_by_says_how_much_it_takes(desk: Run) -> None:
    desk("mark", "star", "1000")
    desk("mark", "read", "1006", "1007")
    done = desk("rules", "suggest")
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "too little to go by yet: 1 story is starred or noted, 2 were read or hidden without being kept;"
        " star 4 more that you want to see (`veille mark star ID`),"
        " and mark 8 more as read that were not worth it (`veille mark read ID`)\n"
    )


def answer(home: Path, *answers: bytes, command: str = "suggest") -> str:
    """A command of `rules` on a terminal of 80 columns, to which is typed what it asks for; all that it shows."""
    parent, child = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "80", "LINES": "24", "VEILLE_HOME": str(home)}
    arguments = [sys.executable, "-m", "veille", "rules", command]
    with subprocess.Popen(arguments, stdin=child, stdout=child, stderr=child, env=environment) as process:
        os.close(child)
        os.write(parent, b"".join(answers))
        seen = b""
        while True:
            try:
                piece = os.read(parent, 65536)
            except OSError:  # Linux: the other end is closed
                break
            seen += piece
        os.close(parent)
        assert process.wait() == 0
    return seen.decode()


def test_on_a_terminal_the_doctor_shows_how_far_it_is(desk: Run, home: Path) -> None:
    assert desk("top").code == 0
    write_rules(home, "[[rule]]\nmatch = '=crise'\n[[rule]]\nname = 'off'\nmatch = 'x'\nenabled = false\n")
    shown = answer(home, command="doctor")
    assert "\x1b[?25l" in shown  # a bar hides the cursor
    assert "narrow: crise in any form would add" in shown


def test_on_a_terminal_nothing_is_written_but_what_is_accepted(taste: Run, home: Path) -> None:
    assert taste("rules", "suggest").code == 0
    assert "nothing was added" in answer(home, b"\n" * 20)
    assert "nothing was added" in answer(home, b"q\n")
    assert "nothing was added" in answer(home, b"\x04")
    assert "nothing was added" in answer(home, b"y\nq\n" + b"n\n" * 20)
    assert not (home / "rules.toml").exists()
    write_rules(home, "# mine\n[[rule]]\nname = 'taken'\nmatch = 'panda'\n")
    shown = answer(home, b"y\n", b"taken\n", b"ma crise\n", b"q\n")
    assert "a rule is named “taken” already" in shown
    assert "added “ma crise”; undo: veille rules remove 'ma crise'" in shown
    text = (home / "rules.toml").read_text()
    assert text.startswith("# mine\n")
    added = tomllib.loads(text)["rule"][1]
    assert (added["name"], added["match"]) == ("ma crise", "crise")
