"""`veille top`: sections, groups, budgets, what is new, what is hidden, and forms for other programs."""

import os
import pty
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arranging import RULES, arrange, bring_back, tell
from stored import subscribe
from veille.app.home import open_home

if TYPE_CHECKING:
    from cli.conftest import Run

VEILLE = (sys.executable, "-m", "veille")


@pytest.fixture
def desk(run: "Run", home: Path) -> "Run":
    arrange(home)
    return run


def titles(run: "Run", *arguments: str) -> list[str]:
    return [story["title"].split()[0] for story in run("top", "--json", *arguments).json]


def test_pinned_stories_come_first_with_a_mark_and_notes_are_shown(desk: "Run") -> None:
    text = desk("top").out
    first, *_ = text.splitlines()
    assert re.match(r"  1 +[\d.]+  ▲ Un décret encadre", first)
    assert "            pinned by “loi”\n" in text
    assert "            note: voir le dossier Morvellec\n" in text
    pinned, noted, *_ = desk("top", "--json").json
    assert pinned["pinned_by"] == "loi"
    assert noted["notes"] == ["voir le dossier Morvellec"]
    assert "pinned_by" not in noted


def test_a_group_shows_only_what_its_rules_match(desk: "Run") -> None:
    assert titles(desk, "--group", "marque") == ["Boycott", "Morvellec"]
    assert titles(desk, "--group", "CRISE") == ["Boycott"]
    result = desk("top", "--group", "marqe")
    assert (result.code, result.err) == (2, "veille: no rule is in a group “marqe”: did you mean marque?\n")


def test_sections_are_each_best_first_and_numbered_down_the_page(desk: "Run") -> None:
    stories = desk("top", "--by", "folder", "--json").json
    assert [(one["section"], one["title"].split()[0]) for one in stories] == [
        ("(pinned)", "Un"), ("Presse", "Boycott"), ("Presse/Ouest", "Morvellec"), ("Métier", "Modérer"),
    ]  # fmt: skip
    lines = desk("top", "--by", "group").out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["(pinned)", "marque", "(no group)"]
    assert desk("show", "1", "--json").json["title"].startswith("Un décret")
    assert [line[:3] for line in lines if re.match(r" +\d+ ", line)] == ["  1", "  2", "  3", "  4"]
    by_feed = desk("top", "--by", "feed", "--json").json
    assert [one["section"] for one in by_feed] == ["(pinned)", "Gazette", "Agence", "Blog"]


def test_what_kill_rules_hide_is_counted_and_can_be_listed(desk: "Run") -> None:
    assert "1 story hidden by your kill rules: --hidden lists them" in desk("top").err
    (hidden,) = desk("top", "--hidden", "--json").json
    assert hidden["title"].startswith("Football")
    assert hidden["hidden_by"] == "sport"
    assert "hidden by “sport”" in desk("top", "--hidden").out
    assert desk("show", "1", "--json").json["id"] == hidden["id"]
    assert titles(desk, "--hidden", "--group", "bruit") == ["Football"]
    assert desk("top", "--hidden", "--starred").code == 2


def test_only_filters_and_ranks_nothing(desk: "Run") -> None:
    assert titles(desk, "--only", "Morvellec") == ["Boycott", "Morvellec"]
    assert titles(desk, "--only", "-Morvellec") == ["Un", "Modérer"]
    assert titles(desk, "--only", "@buzz") == ["Boycott"]
    assert titles(desk, "--only", "since:10h", "--kw", "usine") == ["Morvellec", "Boycott", "Modérer"]
    assert desk("top", "--only", '"abc').code == 2


def test_filters_in_a_keyword_look_no_further_than_the_window(desk: "Run") -> None:
    tell("blog", "Un vieux billet sur Morvellec", hours=60)
    assert "Un vieux billet sur Morvellec" not in desk("top", "--kw", "since:9d Morvellec").out
    assert "Un vieux billet sur Morvellec" in desk("top", "--kw", "since:9d Morvellec", "--since", "9d").out


def test_new_shows_what_came_since_the_last_look_and_only_that(desk: "Run") -> None:
    assert len(titles(desk, "--new")) == 4
    assert titles(desk, "--new") == []
    tell("gazette", "Une amende pour trois plateformes")
    assert len(titles(desk)) == 5  # an ordinary look moves nothing
    assert titles(desk, "--new", "--folder", "Presse") == ["Boycott", "Morvellec", "Une"]  # a look of its own
    assert titles(desk, "--new") == ["Une"]
    result = desk("top", "--new")
    assert (result.code, result.out) == (0, "")
    assert "nothing new since the last look" in result.err


def test_a_late_arrival_is_new_whatever_its_date(desk: "Run") -> None:
    desk("top", "--new")
    tell("gazette", "Publié avant, arrivé après", hours=40)
    assert titles(desk, "--new") == ["Publié"]
    tell("gazette", "Archive d’un autre temps", hours=400)
    assert titles(desk, "--new") == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_list_that_could_not_be_printed_has_not_been_seen(desk: "Run") -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*VEILLE, "top", "--new"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert len(titles(desk, "--new")) == 4


def test_a_budget_holds_what_fits_and_tells_what_does_not(desk: "Run") -> None:
    result = desk("top", "--budget", "2m")
    assert len(re.findall(r" id \d+", result.out)) == 2
    assert re.search(
        r"2 stories of 2 min fit into 2m; 2 do not, 2 min more; the best of them: Morvellec ouvre .*1 min, id",
        result.err,
    )
    assert "4 stories of 4 min fit into 1h30: all there is" in desk("top", "--budget", "1h30").err
    for wrong in ("0m", "soon"):
        assert desk("top", "--budget", wrong).code == 2


def test_lines_of_a_form_of_ones_own(desk: "Run") -> None:
    tell("gazette", "Tabu\tlation \x1b[31met\nretour", hours=0)
    lines = desk("top", "--format", r"{rank}\t{score:6.1f}\t{title}\t{url}").out.splitlines()
    assert len(lines) == 5
    assert all(len(line.split("\t")) == 4 for line in lines)
    assert any("Tabu lation [31met retour" in line for line in lines)
    assert desk("top", "--format", r"{{{title:.7}}}\n", "--group", "crise").out == "{Boycott}\n\n"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{titel}", "there is no field {titel}: did you mean {title}?"),
        ("{title.__class__}", "there is no field {title.__class__}"),
        ("{0}", "there is no field {0}"),
        ("{title!r}", "there is no field {title!r}"),
        ("{title", "a brace is open or closed alone"),
        ("{score:s}", "“s” does not fit {score}"),
        ("{title:99999}", "“99999” is no width"),
        ("{title:{rank}}", "“{rank}” is no width"),
        ("{id:c}", "“c” is no width"),
        ("json", "“json” holds no field, such as {title}: there are rank, score"),
        ("json", "--json prints JSON"),
        ("", "holds no field"),
        ("{date:%9999d}", "“%9999d” is no width"),
        ("{date:d}", "write it as {date:%d/%m %H:%M}"),
    ],
)
def test_a_wrong_form_is_one_line(run: "Run", template: str, said: str) -> None:
    result = run("top", "--format", template)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert said in result.err


def test_dates_are_local_in_a_form_of_ones_own(desk: "Run", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        told = desk("top", "--format", r"{date}\t{date:%d/%m %H:%M}\t{date:.10}").out.splitlines()
    finally:
        monkeypatch.undo()
        time.tzset()
    for whole, short, day in (line.split("\t") for line in told):
        at = datetime.fromisoformat(whole)
        assert at.utcoffset() == timedelta(hours=14)
        assert (short, day) == (f"{at:%d/%m %H:%M}", whole[:10])
    assert len(told) == 4


def test_a_slash_inside_the_name_of_a_folder_is_shown_as_one(desk: "Run") -> None:
    with open_home() as home:
        subscribe(home.db, "locale", folder="Presse\u2215Locale")
    tell("locale", "Une fête de village")
    assert "\nPresse/Locale\n" in desk("top", "--by", "folder").out
    assert "## Presse/Locale\n" in desk("top", "--by", "folder", "--md").out
    assert "Presse/Locale" in desk("top", "--format", "{folder}").out.splitlines()
    assert titles(desk, "--folder", "Presse/Locale") == ["Une"]
    assert "Presse/Locale\n" in desk("feeds").out


def test_keywords_come_before_pins_and_kill_rules_before_both(desk: "Run", home: Path) -> None:
    first, *_ = desk("top", "--kw", "Morvellec", "--json").json
    assert "pinned_by" not in first
    (home / "rules.toml").write_text(RULES.replace("'football'", "'décret'"), "utf-8")
    assert "Un" not in titles(desk)
    assert titles(desk, "--hidden") == ["Un"]


def test_what_has_come_of_a_story_is_told_beside_its_lead(desk: "Run") -> None:
    first = desk("top", "--new", "--json").json
    (boycott,) = (one["id"] for one in first if one["title"].startswith("Boycott"))
    tell("blog", "La direction présente ses excuses aux éleveurs")
    (other,) = desk("search", "excuses", "--json").json
    assert desk("story", "merge", str(boycott), str(other["id"])).code == 0
    listed = desk("top", "--new").out
    assert listed.count("            new: ") == 1
    told = rf"            new: La direction présente ses excuses aux éleveurs · Blog · [^·]+ · id {other['id']}\n"
    assert re.search(told, listed)
    assert "new: " not in desk("top").out


def test_addresses_alone_are_one_word_each(desk: "Run") -> None:
    tell("gazette", 'l\'été "chaud" <script>')
    lines = desk("top", "--urls").out.splitlines()
    assert len(lines) == 5
    assert all(re.fullmatch(r"http://[^\s'\"<>\\]+", line) for line in lines)


def test_markdown_is_a_list_that_titles_cannot_leave(desk: "Run") -> None:
    tell("gazette", "](javascript:x) **gras** <b>\n# titre")
    lines = desk("top", "--md", "--by", "group").out.splitlines()
    assert [line for line in lines if line.startswith("#")] == ["## (pinned)", "## marque", "## (others)"]
    assert all(line.startswith(("- ", "## ")) or not line for line in lines)
    assert any(r"\]\(javascript:x) \*\*gras\*\*" in line.replace("](", r"]\(") for line in lines)
    assert "Boycott annoncé contre la biscuiterie Morvellec](http://gazette.example/" in "\n".join(lines)


def test_two_forms_at_once_are_refused(run: "Run") -> None:
    result = run("top", "--json", "--urls")
    assert (result.code, result.err) == (2, "veille: --json and --urls are two forms of one list: choose one\n")


def test_why_a_story_came_back_is_told(desk: "Run") -> None:
    first = desk("top", "--json").json[0]["id"]
    desk("mark", "read", str(first))
    bring_back(first, "3 nouveaux: bilan")
    assert "            back: 3 nouveaux: bilan\n" in desk("top").out
    assert desk("top", "--json").json[0]["back_for"] == "3 nouveaux: bilan"
    assert "back: 3 nouveaux: bilan" in desk("show", str(first)).out
    desk("mark", "read", str(first))
    assert "back:" not in desk("top", "--all").out


def test_what_matched_stands_out_on_a_terminal_and_nowhere_else(desk: "Run") -> None:
    assert "\x1b" not in desk("top").out
    seen = on_terminal("top", "--kw", "galettes")
    assert "\x1b[1;4mgalettes\x1b[0m" in seen
    assert "\x1b[1;4mBoycott\x1b[0m" in on_terminal("top")
    assert "\x1b[1;4m" in on_terminal("show", "2")


def on_terminal(*arguments: str) -> str:
    """What a command writes to a terminal of 80 columns."""
    parent, child = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen([*VEILLE, *arguments], stdin=child, stdout=child, stderr=child, env=environment) as process:
        os.close(child)
        seen = b""
        while True:
            try:
                piece = os.read(parent, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not piece:
                break
            seen += piece
        os.close(parent)
        assert process.wait() == 0
    return seen.decode()


def test_a_list_that_is_not_for_a_terminal_does_without_what_draws_on_one(desk: "Run") -> None:
    code = (
        "import sys\nfrom veille.cli.main import run_command\nrun_command(sys.argv[1:])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "heavy = {'rich', 'lark', 'asyncio', 'jinja2', 'tomlkit', 'rapidfuzz', 'httpx', 'feedparser'}\n"
        "print(sorted(loaded & heavy), file=sys.stderr)"
    )
    assert desk("top").code == 0
    for command in (("top",), ("top", "--json"), ("search", "Morvellec")):
        done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
        assert done.stderr.splitlines()[-1] == "[]"
        assert done.stdout


def test_a_look_that_is_cut_goes_on_with_the_rest(desk: "Run") -> None:
    first = desk("top", "--new", "-n", "1")
    assert "3 more: the same again shows what comes next" in first.err
    shown = [titles(desk, "--new", "-n", "2"), titles(desk, "--new", "-n", "2"), titles(desk, "--new")]
    assert [len(row) for row in shown] == [2, 1, 0]
    assert len({*shown[0], *shown[1]}) == 3


def test_a_look_at_what_is_hidden_is_not_one_at_the_rest(desk: "Run") -> None:
    assert titles(desk, "--new", "--hidden") != []
    assert len(titles(desk, "--new")) == 4


def test_a_time_in_letters_that_only_look_like_a_unit_is_no_fault(desk: "Run") -> None:
    assert desk("top", "--since", "50000\u017f").code == 0
