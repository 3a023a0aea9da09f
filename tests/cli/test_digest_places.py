"""Where issues go: no file of another issue, no device and no link is lost; names are what the user wrote."""

import json
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digesting import add_stories, make_titles
from running import query
from veille.app.home import open_home
from veille.store.db import write

if TYPE_CHECKING:
    from cli.conftest import Run

TITLES = make_titles(5)
MAIL = "[mail]\nhost = 'localhost'\nport = 1\nsecurity = 'none'\nfrom = 'a@x.org'\ntimeout = '1s'\n"


def cut_off() -> None:
    """As if the last run had been killed before its files were in place."""
    with open_home() as home, write(home.db):
        home.db.execute("UPDATE issues SET published_at = NULL")


@pytest.mark.parametrize("asked", [("--format", "html"), ("--format", "html", "-o", "{name}-%Y.html"), ()])
def test_an_issue_written_once_more_takes_the_file_of_no_other(
    run: "Run", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    issue = ("digest", "matin", "--since", "last", "--format", "html", *(asked[2:] and ("-o", asked[3])))
    add_stories(next(TITLES))
    first = Path(run(*issue).out.strip())
    before = first.read_bytes()
    add_stories(next(TITLES))
    second = Path(run(*issue).out.strip())
    again = Path(run("digest", "matin", "--issue", "2", *asked).out.strip())
    assert first.read_bytes() == before
    assert again.read_bytes() == second.read_bytes()
    assert again == second or not asked[:1] or again.stem.endswith("-2")
    beside = Path(run("digest", "matin", "--issue", "2", "--format", "txt").out.strip())
    assert beside == second.with_suffix(".txt")
    assert first.read_bytes() == before


def test_an_issue_whose_file_another_has_taken_gets_one_of_its_own(run: "Run", tmp_path: Path) -> None:
    out = tmp_path / "fixe.md"
    for _ in range(2):
        add_stories(next(TITLES))
        assert run("digest", "matin", "--since", "last", "-o", str(out)).out.strip() == str(out)
    before = out.read_bytes()
    assert run("digest", "matin", "--issue", "1").out.strip() == str(tmp_path / "fixe-1.md")
    assert out.read_bytes() == before
    assert run("digest", "matin", "--issue", "1", "-o", str(out)).out.strip() == str(out)
    assert out.read_bytes() != before


def test_a_second_run_of_a_day_into_another_file_is_another_issue(run: "Run", home: Path, tmp_path: Path) -> None:
    """What the first carried is in hand: only a new edition in its place carries it again."""
    came = add_stories(next(TITLES), next(TITLES))
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    run("digest", "-o", str(a))
    more = add_stories(next(TITLES))
    run("digest", "-n", "1", "-o", str(b))
    assert [story["id"] for story in json.loads(b.read_text("utf-8"))["stories"]] == more
    assert query(home, "SELECT number FROM issues ORDER BY number") == [(1,), (2,)]
    assert [row for (row,) in query(home, "SELECT story_id FROM issue_stories ORDER BY story_id")] == came + more


def test_a_look_at_todays_issue_changes_nothing_of_it(run: "Run", home: Path, tmp_path: Path) -> None:
    came = add_stories(next(TITLES), next(TITLES))
    path = tmp_path / "a.json"
    run("digest", "-o", str(path))
    kept = query(home, "SELECT number, content, outputs FROM issues")
    assert len(json.loads(run("digest", "-n", "1", "--format", "json", "-o", "-").out)["stories"]) == 1
    assert query(home, "SELECT number, content, outputs FROM issues") == kept
    assert [row for (row,) in query(home, "SELECT story_id FROM issue_stories ORDER BY story_id")] == came


def test_what_was_printed_is_remembered_by_a_later_edition(run: "Run", home: Path) -> None:
    came = add_stories(next(TITLES), next(TITLES), next(TITLES))
    assert len(json.loads(run("digest", "--format", "json", "-o", "-").out)["stories"]) == 3
    assert len(json.loads(run("digest", "-n", "1", "--format", "json", "-o", "-").out)["stories"]) == 1
    assert query(home, "SELECT number FROM issues") == [(1,)]
    assert [row for (row,) in query(home, "SELECT story_id FROM issue_stories ORDER BY story_id")] == came


def test_a_cut_off_issue_whose_templates_are_gone_is_made_anew(run: "Run", tmp_path: Path) -> None:
    add_stories(next(TITLES))
    templates = tmp_path / "templates"
    run("digest", "--eject", str(templates))
    run("digest", "matin", "--template-dir", str(templates))
    shutil.rmtree(templates)
    cut_off()
    result = run("digest", "matin")
    assert (result.code, Path(result.out.strip()).exists()) == (0, True)
    assert "made anew" in result.err


def test_a_cut_off_issue_that_was_mailed_does_not_block_its_digest(run: "Run", home: Path) -> None:
    (home / "config.toml").write_text(f"{MAIL}[digest.matin]\nmail = ['b@x.org']\noutput = 'out/x.md'\n", "utf-8")
    add_stories(next(TITLES))
    run("digest", "matin")
    cut_off()
    shutil.rmtree(home / "out")
    (home / "out").write_text("in the way", "utf-8")
    add_stories(next(TITLES))
    result = run("digest", "matin", "-o", str(home / "autre.md"))
    assert result.out.strip() == str(home / "autre.md")
    assert "issue 1 of “matin” was cut off, and goes out by mail alone" in result.err
    assert query(home, "SELECT count(*) FROM issues WHERE published_at IS NULL") == [(0,)]


def test_a_link_stays_and_what_is_no_file_is_refused(run: "Run", tmp_path: Path) -> None:
    add_stories(next(TITLES))
    (tmp_path / "real").mkdir()
    target, link, pipe = tmp_path / "real" / "d.md", tmp_path / "l.md", tmp_path / "p.md"
    target.write_text("old", "utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    assert run("digest", "-o", str(link)).code == 0
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith("# digest")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/null")):
        result = run("digest", "autre", "-o", str(path))
        assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
        assert not path.is_file()
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_the_directory_of_the_settings_is_no_pattern(
    run: "Run", home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.exists()
    place = tmp_path / "h50%d{name}"
    place.mkdir()
    monkeypatch.setenv("VEILLE_HOME", str(place))
    (place / "config.toml").write_text('[digest.matin]\noutput = "out/{name}.md"\n', "utf-8")
    (number,) = add_stories(next(TITLES))
    assert run("digest", "matin").out.strip() == str(place / "out" / "matin.md")
    run("review", "add", str(number))
    assert run("review", "publish", "--format", "md").out.split()[-1].startswith(str(place))


def test_dots_in_a_name_are_no_ending(run: "Run", tmp_path: Path) -> None:
    add_stories(next(TITLES))
    for output in ("2026.11.21", "2026.11.21.md", "2026.11.21.feed.json"):
        asked = ("--format", "md", "--format", "html", "-o", str(tmp_path / output))
        names = [Path(path).name for path in run("digest", output, *asked).out.split()]
        assert names == ["2026.11.21.md", "2026.11.21.html"]
    asked = ("--format", "md", "--format", "html", "-o", str(tmp_path / "le.%b"))
    for path in run("digest", "mois", *asked).out.split():
        assert Path(path).name.count(".") == 2


def test_a_name_of_bytes_that_are_no_text_is_a_name(run: "Run", tmp_path: Path) -> None:
    add_stories(next(TITLES))
    path = tmp_path / os.fsdecode(b"caf\xe9-2026.md")
    assert run("digest", "--since", "last", "-o", str(path.with_name(path.name.replace("2026", "%%")))).code == 0
    path = path.with_name(path.name.replace("2026", "%"))
    assert path.exists()
    path.unlink()
    assert run("digest", "--issue", "1").code == 0
    assert path.exists()
    assert run("digest", "--list").code == 0
    assert run("digest", "--list", "--json").code == 0
