"""`veille rules`: listing, checking and editing rules.toml, and what each command does with a wrong one."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.conftest import Run

PLAIN: dict[str, object] = {
    "group": "", "fields": [], "folders": [], "feeds": [], "lang": [], "until": None, "note": "", "enabled": True,
}  # fmt: skip


def test_rules_are_listed_and_used(morning: "Run", home: Path) -> None:
    (home / "rules.toml").write_text(
        '[[rule]]\nname = "marque"\nmatch = "publicité"\nweight = 50\n'
        '[[rule]]\nname = "sport"\nkind = "kill"\nmatch = "handball OR football OR rugby OR match"\n'
        '[weights.folders]\n"English" = 20\n',
        "utf-8",
    )
    listed = morning("rules", "--json").json
    assert listed["rules"][0] == {"name": "marque", "kind": "boost", "match": "publicité", "weight": 50.0} | PLAIN
    assert listed["file"] == str(home / "rules.toml")
    assert listed["weights"]["folders"] == {"English": 20.0}
    assert "kill  sport" in morning("rules").out
    stories = morning("top", "--json", "-n", "999").json
    assert stories[0]["why"][0] == {"reason": "“marque” in title", "points": 50.0, "rule": "marque", "field": "title"}
    assert any(part["reason"] == "folder English" for story in stories for part in story["why"])
    killed = {one["id"] for one in morning("search", "handball OR football OR rugby OR match", "--json").json}
    assert killed
    assert killed.isdisjoint(story["id"] for story in stories)
    (home / "rules.toml").unlink()
    assert killed & {story["id"] for story in morning("top", "--json", "-n", "999").json}
    assert "no rules yet" in morning("rules").err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rule]]\nmatch = 'a OR'\n", "rules.toml:2:1: match, character 5: the expression stops too early"),
        ("[[rule]]\nmatch = 'a^2'\nweight = 2\n", "rules.toml:3:1: weight: match has one too"),
        ("[[rule]]\nmatch = 'a'\nweigth = 2\n", "rules.toml:3:1: unknown key “weigth”"),
        ("[[rule]]\nmatch = 'a'\nweight = nan\n", "rules.toml:3:1: weight: it takes a number"),
        ("[[rule]]\nname = 'x'\nmatch = 'a'\n[[rule]]\nname = 'x'\nmatch = 'b'\n", "rules.toml:5:1: a second rule"),
    ],
)
def test_a_wrong_rule_is_told_with_its_place(run: "Run", home: Path, text: str, said: str) -> None:
    (home / "rules.toml").write_text(text)
    for command in (["rules"], ["top"], ["search", "x"], ["digest"]):
        result = run(*command)
        assert (result.code, result.out) == (1, "")
        assert said in result.err
    checked = run("rules", "check")
    assert (checked.code, checked.err) == (1, "")
    assert said in checked.out


@pytest.mark.parametrize("command", ["add", "edit", "remove", "disable", "enable", "list", "check"])
def test_every_command_of_the_group_has_help_with_examples(run: "Run", command: str) -> None:
    done = run("rules", command, "--help")
    assert done.code == 0
    assert f"veille rules {command}" in done.out.split("Examples:")[1]


@pytest.fixture
def file(home: Path) -> Path:
    return home / "rules.toml"


def undo(run: "Run", hint: str) -> None:
    """Type the command that a hint gives."""
    for command in hint.strip().rpartition("undo: ")[2].split(" && "):
        veille, *arguments = shlex.split(command)
        assert (veille, run(*arguments).code) == ("veille", 0)


def test_a_rule_is_added_where_there_is_no_file_yet(run: "Run", file: Path) -> None:
    done = run("rules", "add", 'e-réputation OR "avis clients"', "--name", "marque", "--weight", "5", "--group", "m")
    assert (done.code, done.out) == (0, '     +5  marque  e-réputation OR "avis clients"  [m]\n')
    assert done.err == f"written to {file}; undo: veille rules remove marque\n"
    written = '[[rule]]\nname = "marque"\nmatch = \'e-réputation OR "avis clients"\'\nweight = 5\ngroup = "m"\n'
    assert file.read_text("utf-8") == written
    undo(run, done.err)
    assert file.read_text("utf-8") == ""


def test_every_option_is_written_as_its_key(run: "Run", file: Path) -> None:
    run("add", "--as-is", "https://a.example/rss", "--folder", "Presse")
    run("rename", "1", "Gazette")
    arguments = (
        "add", "rappel", "--name", "n", "--weight=-2.5", "--group", "g", "--kind", "pin", "--field", "title",
        "--field", "author", "--folder", "Presse", "--feed", "gazette", "--feed", "https://B.example/", "--lang", "fr",
        "--until", "2999-12-31",
    )  # fmt: skip
    done = run("rules", *arguments)
    assert done.code == 0
    assert "has no effect: rule “n”: no feed has the address https://b.example/" in done.err
    (rule,) = run("rules", "--json").json["rules"]
    assert rule == {
        "name": "n", "kind": "pin", "match": "rappel", "weight": -2.5, "group": "g", "fields": ["title", "author"],
        "folders": ["Presse"], "feeds": ["https://a.example/rss", "https://b.example/"], "lang": ["fr"],
        "until": "2999-12-31", "note": "", "enabled": True,
    }  # fmt: skip
    assert 'lang = "fr"' in file.read_text()
    assert "until = 2999-12-31" in file.read_text()


def test_a_note_makes_a_rule_of_its_kind_and_another_kind_takes_it_away(run: "Run", file: Path) -> None:
    assert "note  acme  [“our client”]" in run("rules", "add", "acme", "--note", "our client").out
    done = run("rules", "edit", "acme", "--kind", "boost")
    assert file.read_text() == '[[rule]]\nmatch = "acme"\n'
    undo(run, done.err)
    assert run("rules", "--json").json["rules"][0]["note"] == "our client"


@pytest.mark.parametrize(
    "change",
    [
        ("--weight", "8", "--group", "g"),
        ("--match", "bad buzz", "--name", "-other"),
        ("--kind", "kill", "--folder", ""),
        ("--until", "", "--lang", "en", "--lang", "de"),
        ("--field", "author", "--field", "title"),
    ],
)
def test_an_edit_can_be_taken_back_as_its_hint_says(run: "Run", file: Path, change: tuple[str, ...]) -> None:
    file.write_text(
        "# ours\n\n[[rule]]\nname = 'marque'  # it\nmatch = 'a b'\nweight = 5\nfields = ['title']\n"
        "folders = ['P', 'Q']\n"
        "lang = 'fr'\nuntil = 2999-12-31\n# end\n"
    )
    before = run("rules", "--json").json
    done = run("rules", "edit", "MARQ", *change)
    assert done.code == 0
    changed = run("rules", "--json").json
    assert changed != before
    undo(run, done.err)
    assert run("rules", "--json").json == before
    text = file.read_text()
    assert all(comment in text for comment in ("# ours\n\n", "# it\n", "# end\n"))


def test_a_rule_that_is_removed_is_printed_with_the_way_to_bring_it_back(run: "Run", file: Path) -> None:
    rule = "# since June\n[[rule]]\nname = 'no sport'\nmatch = '-lang:fr'\nkind = 'kill'\nfolders = ['it''s']\n"
    rule = rule.replace("'it''s'", '"it\'s"')
    file.write_text(f"# all\n\n[[rule]]\nmatch = 'a'\n\n{rule}")
    before = run("rules", "--json").json
    done = run("rules", "remove", "no")
    assert (done.code, done.out) == (0, rule)
    assert file.read_text() == "# all\n\n[[rule]]\nmatch = 'a'\n"
    undo(run, done.err)
    assert run("rules", "--json").json == before
    assert run("rules", "disable", "no").code == 0
    undo(run, run("rules", "remove", "no").err)
    assert run("rules", "--json").json["rules"][1]["enabled"] is False


def test_a_disabled_rule_stays_in_the_file_and_counts_no_more(morning: "Run", file: Path) -> None:
    assert morning("rules", "add", "publicité", "--name", "p", "--weight", "50").code == 0
    rules = [part["rule"] for part in morning("top", "--json").json[0]["why"]]
    done = morning("rules", "disable", "P")
    assert done.out == "    off  p  publicité\n"
    assert "p" in rules
    assert "p" not in {part["rule"] for story in morning("top", "--json").json for part in story["why"]}
    assert morning("rules", "disable", "p").err == "“p” is disabled already\n"
    undo(morning, done.err)
    assert "enabled" not in file.read_text()
    assert [part["rule"] for part in morning("top", "--json").json[0]["why"]] == rules


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "a ("), "match, character 3: unclosed parenthesis"),
        (("add", "-a"), "No such option"),
        (("add", "--", "-a"), "match, character 1: only words to leave out"),
        (("add", ""), "match, character 1"),
        (("add", "x", "--weight", "nan"), "weight: it takes a number from -1000 to 1000, not nan"),
        (("add", "x", "--weight", "1e308"), "weight: it takes a number from -1000 to 1000, not 1e+308"),
        (("add", "x", "--weight", "lots"), "weight: it takes a number from -1000 to 1000, not 'lots'"),
        (("add", "x^2", "--weight", "3"), "weight: match has one too, after its ^"),
        (("add", "x", "--kind", "mute"), "'mute' is not one of"),
        (("add", "x", "--kind", "note"), "kind: a rule of kind note says something"),
        (("add", "x", "--kind", "kill", "--note", "n"), "note: only a rule of kind note says it"),
        (("add", "x", "--field", "titel"), "fields: they are title, text or author, not 'titel': did you mean title?"),
        (("add", "x", "--lang", "klingon"), "lang: it takes a code of two letters"),
        (("add", "x", "--until", "soon"), "until: it takes a day, such as 2026-12-31, not 'soon'"),
        (("add", "x", "--feed", "nobody"), "nobody"),
        (("add", "x", "--name", "marque"), "a rule is named “marque” already"),
        (("add", "x", "--name", "MARQUE"), "a rule is named “marque” already (case and accents do not count)"),
        (("edit", "crise", "--name", "marque"), "a rule is named “marque” already"),
        (("edit", "marque"), "nothing to change"),
        (("edit", "marque", "--match", ""), "match, character 1"),
        (("edit", "mraque", "--weight", "3"), "no rule is named “mraque” (did you mean marque?): see `veille rules`"),
        (("remove", "m"), "“m” may be marque, magasin: write more of the name"),
        (("disable", "\x1b[2Jx"), "no rule is named “[2Jx”"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_written(
    run: "Run", file: Path, arguments: tuple[str, ...], said: str
) -> None:
    text = "".join(f"[[rule]]\nname = '{name}'\nmatch = '{name}'\n" for name in ("marque", "magasin", "crise"))
    file.write_text(text)
    done = run("rules", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert file.read_text() == text


def test_the_examples_of_the_help_work_as_typed(run: "Run", file: Path) -> None:
    for command in ("add", "edit"):
        lines = run("rules", command, "--help").out.split("Examples:")[1].splitlines()
        typed = [line.split("     ")[0] for line in map(str.strip, lines) if line.startswith("veille rules")]
        assert len(typed) >= 3
        for line in typed:
            file.write_text("[[rule]]\nname = 'marque'\nmatch = 'a'\n" if command == "edit" else "")
            done = run(*shlex.split(line)[1:])
            assert (done.code, line) == (0, line), done.err


def test_an_empty_weight_takes_the_key_away(run: "Run", file: Path) -> None:
    file.write_text("[[rule]]\nname = 'm'\nmatch = 'a'\nweight = 5\n")
    done = run("rules", "edit", "m", "--weight", "")
    assert (done.code, done.out) == (0, "     +1  m  a\n")
    assert "weight" not in file.read_text()
    undo(run, done.err)
    assert "weight = 5\n" in file.read_text()


def test_lists_and_decimals_may_be_typed_the_french_way(run: "Run", file: Path) -> None:
    arguments = ("--weight", "5,5", "--lang", "français, en", "--field", "title,text")
    assert run("rules", "add", "a", *arguments).code == 0
    text = file.read_text()
    assert "weight = 5.5\n" in text
    assert 'lang = ["fr", "en"]\n' in text
    assert 'fields = ["title", "text"]\n' in text


def test_names_that_nothing_answers_to_are_told_as_a_rule_is_added(run: "Run", file: Path) -> None:
    run("add", "--as-is", "https://a.example/rss", "--folder", "Presse/Locale", "--tag", "Veille sociale")
    run("rename", "1", "Gazette")
    run("search", "--save", "crise", "lait")
    asked = {
        "feed:Gazete lait": "feed: no feed is called “Gazete” (did you mean Gazette?) (see `veille feeds`)",
        "folder:Zut lait": "folder: no feed is in a folder “Zut”",
        "@crize": "the @ of @crize: no search is saved as crize, and the word is looked for (did you mean @crise?);"
        ' for the handle write "@crize", with its quotes',
    }
    for expression, said in asked.items():
        done = run("rules", "add", expression)
        assert done.code == 0
        assert f"has no effect: rule “{expression}”: {said}\n" in done.err
    assert run("rules", "check").err.splitlines()[-1] == f"3 rules in {file}"
    for right in (
        "feed:Gazette OR feed:1",
        "folder:presse lait",
        "tag:#veille-sociale a",
        '"@kriz" OR @crise',
        "lang:vf",
    ):
        assert "no effect" not in run("rules", "add", right).err


def test_tags_and_languages_that_no_entry_has_are_told(morning: "Run") -> None:
    for right in ("lang:fr a", "lang:en a"):
        assert "no effect" not in morning("rules", "add", right).err
    assert "rule “a”: lang: no entry of 30 days is in “vf”" in morning("rules", "add", "a", "--lang", "vf").err
    said = "tag: no feed, and no entry of 30 days, is tagged “zut”"
    assert f"rule “tag:zut b”: {said}" in morning("rules", "add", "tag:zut b").err
    assert morning("search", "--save", "s", "tag:zut").code == 0
    assert morning("rules", "add", "c @s").code == 0
    told = [line for line in morning("rules").err.splitlines() if "zut" in line]
    assert told == [f"has no effect: search “s”: {said}"]


def test_keys_that_change_nothing_are_told(run: "Run") -> None:
    note = run("rules", "add", "a", "--note", "n", "--weight", "3")
    assert "has no effect: rule “a”: weight 3: a rule of kind note gives no points\n" in note.err
    kill = run("rules", "add", "b^2", "--kind", "kill")
    assert "weight 2: a rule of kind kill gives no points\n" in kill.err
    own = run("rules", "add", "titre:crise", "--field", "text")
    said = "fields (text): match says title: itself, and looks there only: keep one of them\n"
    assert f"has no effect: rule “titre:crise”: {said}" in own.err
    assert "no effect" not in run("rules", "add", "titre:lait lait", "--field", "title").err


def test_a_wrong_file_is_not_edited(run: "Run", file: Path) -> None:
    for text in ("[[rule]]\nmatch = 'a ('\n", "[[rule]\n"):
        file.write_text(text)
        done = run("rules", "add", "b")
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert "rules.toml:" in done.err
        assert file.read_text() == text


def test_check_tells_every_mistake_and_another_file(run: "Run", home: Path, file: Path) -> None:
    draft = home / "draft.toml"
    draft.write_text("[[rule]]\nmatch = 'a ('\nweight = 'x'\n[weights]\nbdy = 3\n")
    done = run("rules", "check", str(draft))
    assert done.code == 1
    assert [line.split(": ")[0] for line in done.out.splitlines()] == [f"{draft}:{at}:1" for at in (2, 3, 5)]
    asked = run("rules", "check", str(draft), "--json")
    assert (asked.code, asked.json["mistakes"]) == (1, done.out.splitlines())
    draft.write_text("[[rule]]\nmatch = 'a'\nfolders = ['Presse']\n")
    done = run("rules", "check", str(draft))
    told = f"has no effect: rule “a”: no feed is in a folder “Presse”\n1 rule in {draft}\n"
    assert (done.code, done.out, done.err) == (0, "", told)
    assert run("rules", "check", str(home / "none.toml")).code == 2
    assert run("rules", "check").err == f"0 rules in {file}, all right\n"


def test_the_list_tells_where_the_file_is_and_what_has_no_effect(run: "Run", file: Path) -> None:
    run("add", "--as-is", "https://a.example/rss", "--folder", "Presse")
    file.write_text(
        "[[rule]]\nmatch = 'a'\nfeeds = ['1', 'nobody']\n[[rule]]\nmatch = 'b'\nuntil = 2020-01-01\n"
        "[[rule]]\nmatch = 'c'\nfolders = 'Blogs'\ndisabled = true\n[[rule]]\nmatch = 'd'\nfolders = 'presse'\n"
        "[searches]\nrivals = 'acme'\n[weights]\nhalf_life = '6h'\nbody = 0.25\n[weights.folders]\nBlogs = 1\n"
        "[weights.feeds]\n'https://b.example/' = 2\n"
    )
    done = run("rules")
    assert done.err.splitlines() == [
        "has no effect: no feed has the address https://b.example/ (see `veille feeds --urls`)",
        "has no effect: no feed is in a folder “Blogs”",
        "has no effect: rule “a”: no feed is called “nobody” (see `veille feeds`)",
        "has no effect: rule “b”: its last day was 2020-01-01: `veille rules remove` takes it out",
        f"4 rules in {file}",
    ]
    assert done.out.splitlines() == [
        "     +1  a  [of 1, nobody]",
        "   past  b  [until 2020-01-01]",
        "    off  c  [of Blogs]",
        "     +1  d  [of presse]",
        "       @rivals  acme",
        "     +2  feed https://b.example/",
        "     +1  folder Blogs",
        "     6h  half_life",
        "   0.25  body",
    ]
    assert run("rules", "list").out == done.out
    assert run("rules", "list", "--json").json == run("rules", "--json").json
    listed = run("rules", "--json").json
    assert listed["searches"] == {"rivals": "acme"}
    assert listed["weights"]["half_life"] == "6h"


def test_names_and_expressions_cannot_write_to_the_terminal(run: "Run", file: Path) -> None:
    file.write_text(
        '[[rule]]\nname = "x\\u001b[2J\\u202e"\nmatch = "a"\ngroup = "[red]g"\n[searches]\ns = "b\\u009b"\n'
    )
    done = run("rules")
    assert done.out == "     +1  x[2J  a  [[red]g]\n       @s  b\n"


def test_many_mistakes_are_told_up_to_a_page(run: "Run", file: Path) -> None:
    file.write_text("".join(f"[[rule]]\nmatch = 'a{n}'\nweight = 'x'\n" for n in range(30)))
    done = run("rules")
    assert done.code == 1
    assert len(done.err.splitlines()) == 21
    assert done.err.splitlines()[-1] == "and 10 more: `veille rules check` tells them all"


def test_the_last_right_rules_stay_in_force_for_what_runs_by_itself(
    run: "Run", demo_feeds: str, home: Path, file: Path
) -> None:
    run("import", f"{demo_feeds}/feeds.opml")
    file.write_text("[[rule]]\nname = 'm'\nmatch = 'reputation OR press'\nweight = 9\n")
    assert run("top").code == 0
    file.write_text("[[rule]]\nname = 'm'\nmatch = 'reputation OR'\n")
    fetched = run("fetch", "--folder", "English")
    assert fetched.code == 3
    assert "WARNING" in fetched.err
    assert f"{file}:3:1: match, character" in fetched.err
    assert "until it is mended the last rules that were right are used, those of 20" in fetched.err
    digest = run("digest", "--format", "json", "-o", str(home / "d.json"))
    assert digest.code == 3
    assert "WARNING" in digest.err
    written = json.loads((home / "d.json").read_text("utf-8"))
    assert written["stories"][0]["why"][0]["rule"] == "m"
    for command in (("top",), ("search", "x"), ("rules",)):
        done = run(*command)
        assert (done.code, done.out) == (1, "")
        assert f"{file}:3:1: " in done.err


def test_only_edits_load_the_writer_of_toml(run: "Run", file: Path) -> None:
    assert run("rules", "add", "a").code == 0
    assert file.exists()
    code = (
        "import sys\nfrom veille.cli.main import run_command\n"
        "codes = [run_command(one.split()) for one in ('rules', 'rules check', 'top')]\n"
        "sys.exit(10 if any(codes) else 'tomlkit' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
