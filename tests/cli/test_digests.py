"""digest: formats, windows, atomic files, and what `--since last` remembers."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.conftest import Run


def test_a_digest_goes_by_default_to_the_digests_directory(morning: "Run", home: Path) -> None:
    result = morning("digest")
    assert result.code == 0
    path = Path(result.out.strip())
    assert path.parent == home / "digests"
    text = path.read_text("utf-8")
    assert text.startswith("# digest, No. 1\n")
    assert "Morvellec" in text
    assert [p for p in path.parent.iterdir() if p != path] == []


@pytest.mark.parametrize(("form", "start"), [("md", "# "), ("html", "<!doctype html>"), ("json", "{")])
def test_formats_follow_the_option_or_the_ending(morning: "Run", tmp_path: Path, form: str, start: str) -> None:
    by_ending = tmp_path / f"%Y-%m.{form}"
    path = Path(morning("digest", "-o", str(by_ending), "-n", "2").out.strip())
    assert "%" not in path.name
    assert path.read_text("utf-8").startswith(start)
    printed = morning("digest", "--format", form, "-o", "-", "-n", "2")
    assert printed.out.startswith(start)
    assert printed.err == ""


def test_json_digest_has_the_stories_of_top(morning: "Run") -> None:
    digest = json.loads(morning("digest", "--format", "json", "-o", "-", "-n", "5").out)
    assert [story["id"] for story in digest["stories"]] == [
        story["id"] for story in morning("top", "--all", "--json", "-n", "5").json
    ]
    assert digest["name"] == "digest"
    assert len(digest["left_out"]) > 0


def test_since_last_neither_repeats_nor_skips_and_each_name_remembers(morning: "Run") -> None:
    def titles(name: str) -> set[int]:
        out = morning("digest", name, "--since", "last", "--format", "json", "-o", "-").out
        return {story["id"] for story in json.loads(out)["stories"]}

    first = titles("matin")
    assert first
    assert titles("matin") == set()
    assert titles("soir") == first


def test_a_digest_that_cannot_be_written_does_not_move_on(morning: "Run", tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    result = morning("digest", "--since", "last", "-o", str(blocked / "x.md"))
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    directory = tmp_path / "dir"
    directory.mkdir()
    result = morning("digest", "--since", "last", "-o", str(directory))
    assert result.code == 1
    assert "it is a directory" in result.err
    assert list(directory.iterdir()) == []
    assert json.loads(morning("digest", "--since", "last", "--format", "json", "-o", "-").out)["stories"]


def test_a_replaced_digest_keeps_its_permissions(morning: "Run", tmp_path: Path) -> None:
    path = tmp_path / "d.md"
    path.write_text("old")
    path.chmod(0o640)
    morning("digest", "-o", str(path))
    assert path.read_text("utf-8") != "old"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["a/b", "", ".x", "x\x1b[1m"])
def test_a_digest_name_is_a_plain_word(run: "Run", name: str) -> None:
    result = run("digest", "--", name)
    assert (result.code, result.err.count("\n")) == (2, 1)


def test_a_file_is_replaced_but_for_what_is_written_once(morning: "Run", tmp_path: Path) -> None:
    """As the help says."""
    path = Path(morning("digest").out.strip())
    path.write_text("mine", "utf-8")
    assert Path(morning("digest").out.strip()) == path
    assert path.read_text("utf-8") != "mine"
    assert Path(morning("digest", "--since", "last", "soir").out.strip()).stem[-2:] != "-2"
    path.write_text("mine", "utf-8")
    dated = tmp_path / "%Y.md"
    fixed = tmp_path / "fixed.md"
    fixed.write_text("mine", "utf-8")
    first = Path(morning("digest", "a", "--since", "last", "-o", str(dated)).out.strip())
    second = Path(morning("digest", "b", "--since", "last", "-o", str(dated)).out.strip())
    assert second == first.with_stem(f"{first.stem}-2")
    assert Path(morning("digest", "c", "--since", "last", "-o", str(fixed)).out.strip()) == fixed
    assert fixed.read_text("utf-8") != "mine"


def test_what_note_rules_say_is_in_the_digest(morning: "Run", home: Path) -> None:
    rule = "[[rule]]\nname = 'n'\nmatch = 'Morvellec'\nkind = 'note'\nnote = 'voir <b> *le* dossier'\n"
    (home / "rules.toml").write_text(rule, "utf-8")
    assert "voir \\<b\\> \\*le\\* dossier" in morning("digest", "-o", "-").out
    assert "voir &lt;b&gt; *le* dossier" in morning("digest", "--format", "html", "-o", "-").out


def test_an_unknown_placeholder_is_refused_and_nothing_is_made(run: "Run", tmp_path: Path) -> None:
    for command in (("digest",), ("review", "show"), ("review", "publish")):
        result = run(*command, "-o", str(tmp_path / "new" / "%Y.{formt}"))
        assert (result.code, result.out) == (2, "")
        assert result.err == "veille: -o: unknown placeholder {formt}: did you mean {format}?\n"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('query = "(crise OU"', "config.toml:3:1: query, character 1 of “(crise OU”: unclosed parenthesis"),
        ('  keywords = ["usine", "crise AND"]', "config.toml:3:3: keywords, character 10 of “crise AND”: "),
    ],
)
def test_a_wrong_expression_of_the_settings_is_told_with_its_place(
    run: "Run", home: Path, line: str, told: str
) -> None:
    (home / "config.toml").write_text(f"[digest.matin]\nlanguage = 'fr'\n{line}\n", "utf-8")
    result = run("digest", "matin")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert told in result.err
    given = run("digest", "matin", "--query", "(crise OU", "--kw", "crise", "-o", "-")
    assert "config.toml" not in given.err


def test_a_name_beside_those_of_the_settings_begins_a_series_and_says_so_once(morning: "Run", home: Path) -> None:
    assert "new series" not in morning("digest", "matni").err
    (home / "config.toml").write_text("[digest.matin]\n", "utf-8")
    first = morning("digest", "matim")
    assert first.code == 0
    assert "a new series, “matim”: there is no [digest.matim] in " in first.err
    assert "config.toml: did you mean matin?\n" in first.err
    for arguments in (("matim",), ("matin",), ("matni",), ("soir", "-q"), ()):
        assert "new series" not in morning("digest", *arguments).err


def test_an_unknown_format_is_refused(run: "Run") -> None:
    assert run("digest", "--format", "pdf").code == 2


def test_hostile_stories_are_inert_in_every_format(morning: "Run") -> None:
    markdown = morning("digest", "--format", "md", "-o", "-").out
    assert "\\[bold red\\]" in markdown
    page = morning("digest", "--format", "html", "-o", "-").out
    assert "<script" not in page
    assert "javascript:" not in page
    assert all("\x1b" not in text and "\x9b" not in text and "\u202e" not in text for text in (markdown, page))
