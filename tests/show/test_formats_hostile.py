"""What feeds say does nothing in any form: no script, no style, no heading, no header, no address but web ones."""

import email
import json
import re
from email import policy
from urllib.parse import urlsplit

import feedparser
import pytest
from markdown_it import MarkdownIt

from issuing import (
    BIDI,
    HOSTILE,
    LINES,
    MARKDOWN,
    SCRIPT,
    make_hostile_issue,
    make_issue,
    make_item,
    make_link,
    read_page,
)
from veille.show.rendering import FORMATS, render, render_for_mail

ISSUE = make_hostile_issue()
# Elements that our pages are made of.
PAGE = set(
    "html head meta title style body header nav main section article footer h1 h2 h3 p ul li a span b strong time "
    "details summary blockquote div figure figcaption svg desc g text rect br code link small bdi".split()
)
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe]")


def assert_inert(page: str) -> None:
    tree = read_page(page)
    for element in tree.iter():
        assert element.tag in PAGE, element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on"), name
            assert name not in {"src", "srcset", "autofocus", "action", "formaction", "background", "data"}, name
            if name == "style":
                assert "url(" not in value
            if name == "href":
                assert value.startswith("#") or urlsplit(value).scheme in {"http", "https"}, value
                assert urlsplit(value).hostname in {None, "ok.example"}, value
    for style in tree.iter("style"):
        assert "leak" not in (style.text or "")
        assert "@import" not in (style.text or "")


def test_pages_are_inert() -> None:
    page = render("html", ISSUE)
    assert_inert(page)
    assert len(read_page(page).xpath("//style")) == 1
    assert_inert(render_for_mail(ISSUE))


def test_what_feeds_read_out_of_our_feeds_is_inert() -> None:
    feed = feedparser.parse(render("atom", ISSUE).encode(), sanitize_html=False)
    assert not feed.bozo
    assert len(feed.entries) == len(HOSTILE) + 2
    contents = [entry.content[0].value for entry in feed.entries]
    items = json.loads(render("jsonfeed", ISSUE))["items"]
    for content in [*contents, *(item["content_html"] for item in items)]:
        assert_inert(f"<html><body>{content}</body></html>")
    addresses = [link.href for entry in feed.entries for link in entry.get("links", ())]
    addresses += [item["url"] for item in items if "url" in item]
    assert {urlsplit(address).scheme for address in addresses} <= {"http", "https"}


@pytest.mark.parametrize("preset", ["commonmark", "gfm-like", "js-default"])
def test_markdown_is_inert(preset: str) -> None:
    reader = MarkdownIt(preset, {"linkify": False, "html": True})
    plain, seen = render("md", make_issue(make_item())), render("md", ISSUE)
    headings = [token.tag for token in reader.parse(seen) if token.type == "heading_open"]
    ours = 1 + 2 * len(HOSTILE) + 2  # the title, each rubric and its story, what was left out, the feeds
    assert len(headings) == ours, headings
    page = reader.render(seen)
    assert_inert(f"<html><body>{page.replace('<em>', '').replace('</em>', '')}</body></html>")
    assert "<table" not in page
    assert "<code" not in page
    assert "<img" not in page
    assert len([token for token in reader.parse(plain) if token.type == "heading_open"]) == 2


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "eml"])
def test_nothing_hidden_and_nothing_endless_is_written(form: str) -> None:
    text = render(form, ISSUE)
    assert not HIDDEN.search(text)
    text.encode()
    runs = sorted(map(len, re.findall("x{9,}", text)))
    assert runs[-1] < 20_001  # a text of a story
    assert len([length for length in runs if length > 400]) <= 3  # excerpt, note, introduction; no title
    assert len(text) < 500_000


@pytest.mark.parametrize("form", ["md", "html", "txt"])
def test_templates_hidden_in_titles_are_not_filled(form: str) -> None:
    text = render(form, make_issue(make_item(1, "{{ 7 * 7 }} {% include '/etc/passwd' %}")))
    assert "49" not in text.replace("story 1", "")
    assert "root:" not in text


def test_lines_in_a_title_make_no_headers_of_a_mail() -> None:
    pytest.importorskip("veille.show.mail")
    mail = email.message_from_string(render("eml", make_issue(make_item(1, LINES), title=LINES)), policy=policy.default)
    assert mail["Bcc"] is None
    assert "\n" not in str(mail["Subject"])
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_letters_that_look_alike_show_the_host_in_every_form_people_read() -> None:
    link = make_link("Le Monde", url="https://www.l\u0435monde.fr/x")
    issue = make_issue(make_item(1, lead=link))
    for form in ("md", "html", "txt", "atom", "jsonfeed"):
        assert "xn--" in render(form, issue), form
    page = read_page(render("html", issue))
    assert page.xpath("string(//article//span[@class='host'])").startswith("www.xn--")


def test_titles_are_still_read() -> None:
    page = read_page(render("html", make_issue(make_item(1, SCRIPT), make_item(2, MARKDOWN))))
    first, second = (heading.text_content() for heading in page.xpath("//article/h2"))
    assert SCRIPT in first
    assert "](javascript:alert(4))" in second
    assert "gnp.exe" in render("txt", make_issue(make_item(1, BIDI)))
