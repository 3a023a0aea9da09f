"""Templates of the user's: taken first, escaped for their form, told with file and line when they are wrong."""

import re
from pathlib import Path

import pytest

from issuing import make_full_issue, make_issue, make_item
from veille.errors import OutputError, TemplateError
from veille.show.rendering import FORMATS, render, render_for_mail
from veille.show.templating import OURS, eject_templates, fill_template

pytestmark = pytest.mark.usefixtures("utc")


def place(directory: Path, name: str, text: str) -> Path:
    (directory / f"{name}.j2").write_text(text, "utf-8")
    return directory


def test_the_templates_that_are_ejected_write_what_ours_write(tmp_path: Path) -> None:
    ejected = eject_templates(tmp_path / "mine")
    assert {path.name for path in ejected} >= {"digest.html.j2", "digest.md.j2", "digest.txt.j2", "mail.html.j2"}
    for form in ("md", "html", "txt"):
        issue = make_full_issue()
        assert render(form, issue, templates=tmp_path / "mine") == render(form, issue)
    assert render_for_mail(make_issue(), templates=tmp_path / "mine") == render_for_mail(make_issue())


def test_ejecting_overwrites_nothing(tmp_path: Path) -> None:
    kept = place(tmp_path, "digest.txt", "mine") / "digest.txt.j2"
    with pytest.raises(OutputError, match=r"digest\.txt\.j2: it is there already"):
        eject_templates(tmp_path)
    assert kept.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["digest.txt.j2"]
    with pytest.raises(OutputError, match="choose another directory"):
        eject_templates(kept / "below")


def test_a_template_of_ours_may_be_extended_in_part(tmp_path: Path) -> None:
    place(tmp_path, "style.css", "body { color: teal }")
    page = render("html", make_issue(make_item()), templates=tmp_path)
    assert "body { color: teal }" in page
    assert "Un titre" in page
    place(tmp_path, "digest.txt", "{{ issue.title }}: {{ issue.items|length }}")
    assert render("txt", make_issue(make_item()), templates=tmp_path) == "Matin: 1\n"


def test_what_a_template_prints_is_escaped_for_its_form(tmp_path: Path) -> None:
    for name in ("digest.html", "digest.md", "digest.txt"):
        place(tmp_path, name, "{% macro m(x) %}{{ x }}{% endmacro %}{{ issue.title }} {{ m(issue.title) }}")
    issue = make_issue(title="<b>*x*")
    assert render("html", issue, templates=tmp_path) == "&lt;b&gt;*x* &lt;b&gt;*x*\n"
    assert render("md", issue, templates=tmp_path) == "\\<b\\>\\*x\\* \\<b\\>\\*x\\*\n"
    assert render("txt", issue, templates=tmp_path) == "<b>*x* <b>*x*\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a\nb\n{% if %}", 3, "Expected an expression"),
        ("a\n{% for x in issue.items %}", 2, "Unexpected end of template"),
        ("a\n\n{{ issue.titel }}", 3, "has no attribute 'titel'"),
        ("{{ nothing }}", 1, "'nothing' is undefined"),
        ("a\n{{ issue.title.upper(1) }}", 2, "takes no arguments"),
        ("a\n{{ 1 / 0 }}", 2, "division by zero"),
        ("a\n{{ issue.title|nofilter }}", 2, "No filter named 'nofilter'"),
        ("a\nb\n{% include 'gone.j2' %}", 3, "gone.j2"),
        ("a\n{{ ''.__class__.__mro__ }}", 2, "unsafe"),
        ("a\n{% for x in range(99999999) %}{% endfor %}", 2, "Range too big"),
        ("a\n{% include '../../etc/passwd' %}", 2, "passwd"),
    ],
)
def test_a_template_that_is_wrong_is_told_with_its_file_and_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    for form in ("txt", "html"):
        place(tmp_path, f"digest.{form}", text)
        with pytest.raises(TemplateError) as error:
            render(form, make_issue(), templates=tmp_path)
        assert str(error.value).startswith(f"{tmp_path}/digest.{form}.j2:{line}: "), error.value
        assert said in str(error.value)
        assert "\n" not in str(error.value)


def test_an_error_in_what_a_template_includes_names_that_file(tmp_path: Path) -> None:
    place(tmp_path, "story.html", (OURS / "story.html.j2").read_text("utf-8").replace("item.author", "item.autor"))
    with pytest.raises(TemplateError, match=r"/story\.html\.j2:\d+: .*autor"):
        render("html", make_issue(make_item()), templates=tmp_path)
    place(tmp_path, "story.html", "\n{% macro story( %}")
    with pytest.raises(TemplateError, match=r"/story\.html\.j2:2: "):
        render("html", make_issue(make_item()), templates=tmp_path)


def test_a_template_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "digest.txt.j2").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError, match=r"digest\.txt\.j2:1: .*utf-8"):
        render("txt", make_issue(), templates=tmp_path)


def test_a_directory_without_templates_is_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no template in it"):
        render("md", make_issue(), templates=tmp_path)
    with pytest.raises(TemplateError, match="no such directory"):
        render("md", make_issue(), templates=tmp_path / "gone")


def test_forms_without_a_template_ask_for_none(tmp_path: Path) -> None:
    for form in set(FORMATS) - {"md", "html", "txt", "eml"}:
        assert render(form, make_issue(), templates=tmp_path / "gone")


def test_the_examples_of_the_docs_are_filled(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "templates.md").read_text("utf-8")
    examples = re.findall(r"^`([\w.]+)\.j2`[^\n]*\n\n```jinja\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    assert [name for name, _ in examples] == ["style.css", "digest.md", "digest.html"]
    for name, text in examples:
        place(tmp_path, name, text)
    issue = make_full_issue()
    assert "- [New rules agreed](https://port.example/8) (Le Port, 2 min)\n" in render("md", issue, templates=tmp_path)
    html = render("html", issue, templates=tmp_path)
    assert "<h1>Matin: Saturday 21 November 2026</h1>" in html
    assert "Georgia, serif" in html


def test_the_docs_name_every_template() -> None:
    page = (Path(__file__).parents[2] / "docs" / "templates.md").read_text("utf-8")
    assert [path.name for path in OURS.glob("*.j2") if f"`{path.name}`" not in page] == []


def test_any_template_can_be_filled(tmp_path: Path) -> None:
    place(tmp_path, "index.html", '{% extends "page.html.j2" %}{% block title %}{{ words.say("index") }}{% endblock %}')
    page = fill_template("index.html", {}, tongue="fr", templates=tmp_path)
    assert "<title>Tous les numéros</title>" in page
    assert '<html lang="fr">' in page
