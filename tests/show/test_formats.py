"""Each form says all of an issue, and programs read it back."""

import html
import json
import re
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest

from issuing import WRITTEN, make_full_issue, make_issue, make_item, make_link, read_page
from veille.errors import UsageError
from veille.issue import Figures, Link, Rubric
from veille.read.jsonfeed import read_json_feed
from veille.show.identity import urn_of
from veille.show.phrases import MOST_LEFT_OUT
from veille.show.rendering import ENDINGS, FORMATS, render, render_for_mail
from veille.show.tidy import host_to_show, tidy_issue

pytestmark = pytest.mark.usefixtures("utc")

PEOPLE = ("md", "html", "txt")
SAID = (
    "Le port à l'arrêt",
    "https://port.example/7",
    "A. Martin",
    "Les terminaux sont",
    "À relire.",
    "demander à Karim",
    "2 outlets since",
    "Autre titre",
    "https://autre.example/2",
    "Ouest",
    "New rules agreed",
    "Worth reading.",
    "A deal.",
)
SAID_AROUND = ("Titre écarté", "Sans adresse", "Le Rail: fails since 12 November")


def plain(form: str, text: str) -> str:
    if form == "html":
        text = html.unescape(text)
    if form in {"atom", "jsonfeed"}:
        text = text.replace("&amp;", "&").replace("&#x27;", "'").replace('\\"', '"')
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("\u00a0", " ") if form == "md" else text


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "eml"])
def test_every_form_says_all_of_an_issue(form: str) -> None:
    text = render(form, make_full_issue())
    assert [one for one in (*SAID, *SAID_AROUND, "Une semaine calme.") if one not in plain(form, text)] == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("form", PEOPLE)
def test_people_read_number_day_count_and_headings(form: str) -> None:
    text = render(form, make_full_issue())
    for one in ("No. 12", "Saturday 21 November 2026", "2 stories", "4 min to read", "Cyber", "Other stories"):
        assert one in text, one
    assert "Left out (2)" in text
    assert "Feeds to look at" in text


@pytest.mark.parametrize("form", PEOPLE)
def test_in_french_veille_speaks_french(form: str) -> None:
    text = render(form, make_full_issue(tongue="fr"))
    for one in ("N° 12", "samedi 21 novembre 2026", "2 sujets", "Non retenus (2)", "Flux à surveiller"):
        assert one in text.replace("\u00a0", " "), one
    assert not re.search(r"stories|Left out|Saturday|to read|other source", text.replace("figures-stories", ""))


@pytest.mark.parametrize("form", PEOPLE)
def test_an_issue_without_stories_says_so(form: str) -> None:
    assert "Nothing to tell this time." in render(form, make_issue())
    assert "Rien à signaler" in render(form, make_issue(tongue="fr"))


@pytest.mark.parametrize("form", PEOPLE)
def test_no_more_titles_are_left_out_aloud_than_are_read(form: str) -> None:
    many = tuple(make_link(f"Titre {number}") for number in range(MOST_LEFT_OUT + 5))
    text = render(form, make_issue(make_item(), left_out=many, left_out_more=7))
    assert "and 12 more" in text
    assert f"Left out ({MOST_LEFT_OUT + 12})" in text
    assert f"Titre {MOST_LEFT_OUT}" not in text


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "eml"])
def test_an_issue_written_again_is_the_same(form: str) -> None:
    assert render(form, make_full_issue()) == render(form, make_full_issue())


def test_an_unknown_format_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="“pdf” is no format: choose among md, html, txt, json, atom, jsonfeed, eml"):
        render("pdf", make_issue())
    assert set(ENDINGS) == set(FORMATS)


def test_feedparser_reads_the_atom_feed_back() -> None:
    issue = make_full_issue(tongue="fr")
    feed = feedparser.parse(render("atom", issue, address="https://revue.example/12.html").encode())
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == "Matin"
    assert feed.feed.language == "fr"
    assert feed.feed.link == "https://revue.example/12.html"
    assert feed.feed.updated == "2026-11-21T06:05:00Z"
    first, second, left_out, problems = feed.entries
    assert (first.title, first.link, first.author) == ("Le port à l'arrêt", "https://port.example/7", "A. Martin")
    assert [tag.term for tag in first.tags] == ["Cyber", "cyber"]
    assert first.published == "2026-11-21T05:05:00Z"
    assert 'href="https://autre.example/2"' in first.content[0].value
    assert second.author == "Le Port"
    assert left_out.title == "Non retenus (2)"
    assert "Le Rail" in problems.content[0].value
    ids = [feed.feed.id, *(entry.id for entry in feed.entries)]
    assert len(set(ids)) == 5
    assert all(one.startswith("urn:uuid:") for one in ids)


def test_entries_keep_their_ids_and_other_issues_have_others() -> None:
    def ids(**fields: object) -> list[str]:
        feed = feedparser.parse(render("atom", make_issue(make_item(4), make_item(5), **fields)).encode())
        return [feed.feed.id, *(entry.id for entry in feed.entries)]

    assert ids() == ids(title="Autre nom", written_at=WRITTEN + timedelta(hours=1))
    series, *entries = ids(number=13)
    assert series == ids()[0]
    assert set(entries).isdisjoint(ids())
    assert set(ids(name="soir")).isdisjoint(ids())
    assert urn_of(make_issue(name="a1", number=2)) != urn_of(make_issue(name="a", number=12))


def test_the_json_feed_is_read_back() -> None:
    text = render("jsonfeed", make_full_issue(), address="https://revue.example/12.html")
    said = json.loads(text)
    assert said["version"] == "https://jsonfeed.org/version/1.1"
    assert said["home_page_url"] == "https://revue.example/12.html"
    assert all(item["id"] and item["content_html"] and item["date_published"] for item in said["items"])
    assert "url" not in said["items"][-1]
    read = read_json_feed(text.encode(), url="https://revue.example/feed.json")
    assert [entry.guid for entry in read.entries] == [item["id"] for item in said["items"]]


def test_json_gives_stories_with_their_heading() -> None:
    said = json.loads(render("json", make_full_issue()))
    assert [(one["id"], one["rubric"]) for one in said["stories"]] == [(7, "Cyber"), (8, "")]
    assert (said["kind"], said["name"], said["number"]) == ("digest", "matin", 12)
    assert said["written_at"] == "2026-11-21T06:05:00Z"
    assert said["since_at"] == "2026-11-20T06:05:00Z"
    assert json.loads(render("json", make_issue(since_at=None)))["since_at"] is None
    assert said["figures"]["days"][0] == {"day": "2026-11-08", "entries": 80, "stories": 8}


@pytest.mark.parametrize("form", PEOPLE)
def test_a_review_says_neither_score_nor_reasons(form: str) -> None:
    text = render(form, make_full_issue(kind="review", title="Revue"))
    assert "Worth reading." in text
    assert "+5.00" not in text
    assert "story 7" not in text


def test_a_link_that_may_deceive_says_its_host() -> None:
    deceiving = (
        Link(title="Paris", url="https://www.l\u0435monde.fr/x"),  # a Cyrillic letter
        Link(title="Paris", url="https://xn--lmonde-2uf.fr/x"),
        Link(title="https://lemonde.fr/vrai", url="https://mechant.example/x"),
        Link(title="www.lemonde.fr", url="https://mechant.example/x"),
    )
    honest = (
        Link(title="Node.js 24 est là", url="https://nodejs.org/en"),
        Link(title="Sur port.example/1", url="https://port.example/1"),
        Link(title="www.lemonde.fr"),
    )
    tidy = tidy_issue(make_issue(left_out=deceiving + honest)).left_out
    assert [bool(host_to_show(link)) for link in tidy] == [True] * 4 + [False] * 3
    assert host_to_show(tidy[0]).startswith("www.xn--")
    text = render("md", make_issue(left_out=deceiving))
    assert text.count("mechant.example)") == 2
    assert "\u0435" not in text


def test_addresses_lose_users_and_whatever_is_no_address() -> None:
    links = (
        Link(title="a", url="https://lemonde.fr@mechant.example:8443/x?a=1#b"),
        Link(title="b", url="https://a.example/100%/é x"),
        Link(title="c", url="https://[::1]/x"),
    )
    tidy = [link.url for link in tidy_issue(make_issue(left_out=links)).left_out]
    assert tidy == ["https://mechant.example:8443/x?a=1#b", "https://a.example/100%25/%C3%A9%20x", "https://[::1]/x"]
    once = tidy_issue(make_full_issue(left_out=links))
    assert tidy_issue(once) == once


def test_markdown_keeps_paragraphs_and_lines() -> None:
    text = render("md", make_issue(make_item(comment="Un.\nDeux.\n\nTrois.", note="Un.\n\nDeux.")))
    assert "Un.\\\nDeux.\n\nTrois.\n" in text
    assert "> Un.\n>\n> Deux.\n" in text
    assert "\n\n\n" not in text


def test_plain_text_keeps_lines_short_and_addresses_whole() -> None:
    url = f"https://port.example/{'a' * 100}"
    text = render("txt", make_issue(make_item(excerpt="mot " * 60, lead=make_link("Titre " * 30, url=url))))
    assert url in text
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 76


def test_a_story_dated_ahead_is_not_published_after_its_issue() -> None:
    issue = make_issue(make_item(published_at=WRITTEN + timedelta(days=400)))
    assert "<published>2026-11-21T06:05:00Z" in render("atom", issue)


def test_the_page_of_a_mail_has_one_style_and_no_chart() -> None:
    page = render_for_mail(make_full_issue(), address="https://revue.example/12.html")
    assert [one for one in SAID if one not in page.replace("&#39;", "'")] == []
    assert page.count("<style>") == 1
    assert "<svg" not in page
    assert 'href="https://revue.example/12.html"' in page


def test_one_rubric_without_a_name_has_no_heading_and_no_contents() -> None:
    page = render("html", make_issue(make_item()))
    assert "<nav" not in page
    assert "<section" not in page
    two = render("html", make_issue(rubrics=(Rubric(title="A", items=(make_item(),)), Rubric(title="B", items=()))))
    assert two.count("<section") == 2
    assert '<nav class="contents" aria-label="Contents">' in two


def test_charts_are_drawn_where_there_is_something_to_compare() -> None:
    issue = make_full_issue()
    tree = read_page(render("html", issue))
    charts = tree.xpath("//svg")
    assert len(charts) == 4
    for chart in charts:
        named = chart.get("aria-labelledby").split()
        assert [one.tag for one in chart.xpath("./title|./desc")] == ["title", "desc"]
        assert named == [one.get("id") for one in chart.xpath("./title|./desc")]
    assert "Le Port 12; Ouest 3" in charts[1].xpath("string(./desc)")
    lone = replace(issue, figures=replace(issue.figures, outlets=(("Le Port", 12),), days=(), groups=(), minutes=()))
    assert "<svg" not in render("html", lone)
    still = replace(issue, figures=Figures(days=tuple((day, 0, 0) for day, _, _ in issue.figures.days)))
    assert "<svg" not in render("html", still)


def test_titles_from_right_to_left_keep_their_direction_to_themselves() -> None:
    page = read_page(render("html", make_issue(make_item(1, "پاکستان", excerpt="امریکی", language="ur"))))
    (link,) = page.xpath("//article/h2/a")
    assert (link.get("dir"), link.get("lang")) == ("auto", "ur")
    assert page.xpath("//article/p[@class='excerpt']/@dir") == ["auto"]


@pytest.mark.parametrize(
    ("title", "url", "shown"),
    [
        ("https://www.lemonde.fr/politique", "https://onde.fr/x", True),
        ("https://lemonde.fr/a", "https://e.fr/", True),
        ("lemonde.fr/a", "https://fr/", True),
        ("https://lemonde.fr@evil.example/a", "https://evil.example/a", True),
        ("https://lemonde.fr/a et www.evil.example", "https://evil.example/", True),
        ("https:// lemonde.fr", "https://lemonde.fr/", True),
        ("Vu sur www.lemonde.fr.", "https://lemonde.fr/", False),
        ("HTTPS://LeMonde.fr:443/a", "https://www.lemonde.fr/a", False),
        ("Le site lemonde.fr en panne", "https://evil.example/", False),
    ],
)
def test_a_title_that_names_another_host_whole_is_given_the_true_one(title: str, url: str, shown: bool) -> None:  # noqa: FBT001
    host = url.split("/")[2]
    assert host_to_show(Link(title=title, url=url)) == (host if shown else "")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://straße.de/a", "https://xn--strae-oqa.de/a"),
        ("https://Élysée.example/", "https://xn--lyse-9oad.example/"),
        # Joiners that nobody sees make another name: no link rather than that of another.
        ("https://exa\u200dmple.org/", ""),
    ],
)
def test_links_lead_to_the_host_that_browsers_read(url: str, said: str) -> None:
    issue = make_issue(make_item(lead=Link(title="x", url=url)))
    assert tidy_issue(issue).items[0].lead.url == said
