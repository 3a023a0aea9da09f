"""Numbered issues: what is carried again and what not, re-issues, lists, settings, and what cannot be written."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digesting import add_stories, make_titles
from disks import mounted
from postbox import Postbox
from running import end_veille, query, start_veille, veille
from veille.app.home import open_home
from veille.store.db import write

if TYPE_CHECKING:
    from cli.conftest import Result, Run

TITLES = ["Incendie a l'usine Morvellec de Vaubrun", "La piscine de Kermoal rouvre", "Greve des tramways a Lannic"]


def stories(result: "Result") -> list[int]:
    return [story["id"] for story in json.loads(result.out)["stories"]]


def age_issues(days: int = 1) -> None:
    """As if all issues so far had been written so many days before."""
    with open_home() as home, write(home.db):
        moment = "strftime('%Y-%m-%dT%H:%M:%SZ', written_at, ?)"
        home.db.execute(f"UPDATE issues SET written_at = {moment}", (f"{-days} days",))


def test_an_issue_does_not_carry_what_an_earlier_one_did_unless_it_developed(run: "Run", home: Path) -> None:
    first = add_stories(*TITLES)
    issue = ("digest", "matin", "--since", "3d", "--format", "json", "-o", "-")
    assert sorted(stories(run(*issue))) == first
    age_issues()
    assert stories(run(*issue)) == []
    age_issues()
    add_stories("Incendie a l'usine Morvellec de Vaubrun", feed="agence")
    (fresh,) = add_stories("Incendie a l'usine Morvellec de Vaubrun : douze pompiers blesses", feed="quotidien")
    assert query(home, "SELECT story_id FROM entries WHERE id = ?", fresh) == [(first[0],)]
    found = json.loads(run(*issue).out)
    assert [story["id"] for story in found["stories"]] == [first[0]]
    assert "pompiers" in json.dumps(found)
    assert [row[0] for row in query(home, "SELECT number FROM issues ORDER BY number")] == [1, 2, 3]
    age_issues()
    assert sorted(stories(run(*issue, "--repeat"))) == first


def test_a_french_issue_says_in_french_what_is_new_and_what_ails_feeds(run: "Run") -> None:
    issue = ("digest", "matin", "--since", "3d", "--lang", "fr", "-o", "-")
    add_stories(TITLES[0])
    run(*issue)
    age_issues()
    add_stories(f"{TITLES[0]} : douze pompiers blesses", feed="quotidien")
    with open_home() as home, write(home.db):
        home.db.execute("UPDATE feed_states SET status = 'gone', last_fetch_at = '2026-11-20T08:00:00Z'")
    text = run(*issue).out
    assert "**Du nouveau :** « douze, pompiers, blesses »" in text.replace("\u202f", " ")
    assert " : son serveur dit qu’il a disparu pour de bon (410)" in text.replace("\\", "")
    assert " is new" not in text
    assert "its server" not in text


def test_a_second_run_of_a_day_is_a_new_edition_unless_it_is_told_from_the_last(run: "Run", home: Path) -> None:
    add_stories(TITLES[0])
    path = run("digest", "matin").out
    add_stories(TITLES[1])
    assert run("digest", "matin").out == path
    assert query(home, "SELECT number, (SELECT count(*) FROM issue_stories) FROM issues") == [(1, 2)]
    add_stories(TITLES[2])
    told = run("digest", "matin", "--since", "last")
    assert told.out.strip().endswith("-2.md")
    assert told.err == "issue 2: 1 story\n"
    assert "nothing new since" in run("digest", "matin", "--since", "last").err


def test_issue_n_is_written_once_more_to_the_byte(run: "Run", tmp_path: Path) -> None:
    add_stories(*TITLES)
    forms = ("md", "html", "txt", "json", "atom", "jsonfeed")
    asked = [word for form in forms for word in ("--format", form)]
    paths = run("digest", "matin", *asked, "-o", str(tmp_path / "{number}.x")).out.split()
    assert [Path(path).name for path in paths] == ["1.md", "1.html", "1.txt", "1.json", "1.atom", "1.feed.json"]
    before = {path: Path(path).read_bytes() for path in paths}
    for path in paths:
        Path(path).unlink()
    age_issues()
    add_stories("Autre chose encore ce midi")
    run("digest", "matin")
    assert run("digest", "matin", "--issue", "1").out.split() == paths
    assert {path: Path(path).read_bytes() for path in paths} == before
    assert run("digest", "matin", "--issue", "1", "--format", "md", "-o", "-").out.encode() == before[paths[0]]
    missing = run("digest", "matin", "--issue", "9")
    assert (missing.code, missing.out, missing.err.count("\n")) == (2, "", 1)


def test_issues_are_listed(run: "Run") -> None:
    assert "no issue yet" in run("digest", "--list").err
    add_stories(*TITLES)
    run("digest", "matin", "-o", "-")
    run("digest", "soir", "-n", "1")
    assert [row["name"] for row in run("digest", "--list", "--json").json] == ["soir", "matin"]
    (row,) = run("digest", "soir", "--list", "--json").json
    assert (row["number"], row["stories"], row["outputs"][0]["format"]) == (1, 1, "md")
    assert run("digest", "matin", "--list").out.startswith("matin 1  20")


def test_settings_make_a_digest_and_the_command_line_overrides_them(run: "Run", home: Path) -> None:
    (home / "config.toml").write_text(
        "[digest.matin]\nquery = 'usine OR piscine'\nformats = ['json', 'md']\n"
        "output = 'out/{name}-{number}.{format}'\nlanguage = 'fr'\ntitle = 'Le matin'\nsize = 1\nrubrics = 'folder'\n",
        "utf-8",
    )
    add_stories(*TITLES)
    result = run("digest", "matin", "--since", "24h")
    assert result.out.split() == [str(home / "out" / name) for name in ("matin-1.json", "matin-1.md")]
    found = json.loads((home / "out" / "matin-1.json").read_text("utf-8"))
    assert (len(found["stories"]), len(found["left_out"])) == (1, 1)
    assert (home / "out" / "matin-1.md").read_text("utf-8").startswith("# Le matin, N° 1\n")
    assert len(stories(run("digest", "matin", "-n", "9", "--since", "24h", "--format", "json", "-o", "-"))) == 2
    rows = {row["key"]: row for row in run("config", "--json").json}
    assert rows["digest.matin.size"] == {
        "key": "digest.matin.size", "value": 1, "source": f"{home / 'config.toml'}:7",
    }  # fmt: skip


def test_a_budget_and_killed_stories_bound_an_issue(run: "Run") -> None:
    numbers = add_stories(*TITLES)
    with open_home() as home, write(home.db):
        home.db.execute("INSERT INTO marks (story_id, killed_at) VALUES (?, '2026-11-20T07:00:00Z')", (numbers[0],))
        home.db.execute("INSERT INTO marks (story_id, read_at) VALUES (?, '2026-11-20T07:00:00Z')", (numbers[1],))
    assert sorted(stories(run("digest", "--format", "json", "-o", "-"))) == numbers[1:]
    found = json.loads(run("digest", "--format", "json", "-o", "-", "--budget", "1m").out)
    assert (len(found["stories"]), len(found["left_out"])) == (1, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "pdf"], "unknown format “pdf”"),
        (["--order", "scor"], "did you mean score"),
        (["--rubrics", "x"], "none, group"),
        (["--lang", "de"], "en, fr"),
        (["--budget", "1s"], "less than a minute"),
        (["--mail", "x"], "--mail: it takes an address"),
        (["--mail", "a:b@x.org"], "takes an address"),
        (["--mail", "=?utf-8?q?a?=@x.org"], "takes an address"),
        (["--mail", "a..b@x.org"], "takes an address"),
        (["--mail", "a@x.org."], "takes an address"),
        (["--mail", "a@b@c.org"], "takes an address"),
        (["--mail", "a@x.org\udcff"], "takes an address"),
        (["--group", "x"], "no rule is in a group"),
        (["--folder", "x"], "no feed is in a folder"),
        (["--query", "(a"], "expression, character"),
        (["--format", "md", "--format", "html", "-o", "-"], "choose one"),
        (["--json"], "--list"),
        (["-o", "~nobodyhere/x.md"], "names no file|date pattern|nobody"),
        (["--template-dir", "~nobodyhere/x"], "~nobodyhere/x: nobody of that name has a home here"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_a_line_and_writes_nothing(
    run: "Run", home: Path, words: list[str], said: str
) -> None:
    add_stories(TITLES[0])
    result = run("digest", "matin", *words)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert re.search(said, result.err), result.err
    assert query(home, "SELECT 1 FROM issues") == []


def test_without_mail_settings_nothing_is_kept_of_a_mail(run: "Run", home: Path) -> None:
    add_stories(TITLES[0])
    result = run("digest", "matin", "--mail", "a@example.org")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "[mail]" in result.err
    assert query(home, "SELECT 1 FROM issues") == []


def test_a_full_disk_leaves_the_old_file_and_does_not_move_on(home: Path, tmp_path: Path) -> None:
    add_stories(*TITLES)
    with mounted(tmp_path / "small", "size=64k") as mount:
        target = mount / "d.html"
        target.write_text("old", "utf-8")
        (mount / "filler").write_bytes(b"x" * 60_000)
        result = veille("digest", "matin", "--since", "last", "-o", str(target))
        assert result[0] == 1
        assert "No space left" in result[2]
        assert target.read_text("utf-8") == "old"
        assert sorted(one.name for one in mount.iterdir()) == ["d.html", "filler"]
        assert query(home, "SELECT 1 FROM issues") == []
        (mount / "filler").unlink()


def test_a_clock_that_went_back_hides_nothing_and_repeats_nothing(run: "Run") -> None:
    first = add_stories(TITLES[0])
    issue = ("digest", "matin", "--since", "last", "--format", "json", "-o", "-")
    assert stories(run(*issue)) == first
    age_issues(-30)
    second = add_stories(TITLES[1])
    assert stories(run(*issue)) == second
    age_issues(-30)
    assert stories(run(*issue)) == []


def test_two_digests_at_once_number_their_issues_and_share_nothing(home: Path, tmp_path: Path) -> None:
    titles = make_titles(5)
    wanted = add_stories(*(next(titles) for _ in range(20)))
    out = str(tmp_path / "{number}.json")
    running = [start_veille("digest", "matin", "--since", "last", "-o", out) for _ in range(4)]
    ended = [end_veille(one) for one in running]
    assert [code for code, _, _ in ended] == [0] * 4
    assert len([said for _, said, _ in ended if said]) == 1
    assert query(home, "SELECT number FROM issues") == [(1,)]
    told = [story["id"] for path in tmp_path.glob("*.json") for story in json.loads(path.read_text())["stories"]]
    assert sorted(told) == wanted


def test_a_mail_reaches_whom_it_names_and_nobody_else(run: "Run", home: Path) -> None:
    """Flags and config.toml are read alike: names before an address, and domains beyond ASCII."""
    text = '[digest.matin]\nmail = ["Élise <e@straße.example>"]\n[mail]\nhost = "127.0.0.1"\nport = {}\n'
    with Postbox() as box:
        (home / "config.toml").write_text(
            f'{text.format(box.port)}security = "none"\nfrom = "v@example.org"\n', "utf-8"
        )
        add_stories(TITLES[0])
        assert run("digest", "matin").code == 0
        assert run("digest", "soir", "--mail", "Zoë <z@exämple.org>", "--mail", "z@x.org").code == 0
    assert box.targets == ["e@xn--strae-oqa.example", "z@xn--exmple-cua.org", "z@x.org"]
    assert box.messages[0]["To"] == "Élise <e@xn--strae-oqa.example>"
