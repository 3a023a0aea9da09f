"""`veille show --full`: the article of a story, or the feed's text with one line that says why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from publisher import Answer, Publisher
from running import subscribe_all

if TYPE_CHECKING:
    from cli.conftest import Run

SENTENCES = [f"The council adopted measure number {n} on Tuesday evening, in spite of the minority." for n in range(9)]
TEASER = "The council has adopted the budget."
PAID = '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'


def page(head: str = "") -> Answer:
    body = "".join(f"<p>{one}</p>" for one in SENTENCES)
    html = f"<!doctype html><html><head>{head}</head><body><article>{body}</article></body></html>"
    return Answer(body=html.encode(), headers=(("Content-Type", "text/html"),))


@pytest.fixture
def story(run: Run, publisher: Publisher) -> str:
    """The number of a story whose page is /page."""
    item = f"<item><title>Budget</title><link>{publisher.url('/page')}</link><description>{TEASER}</description></item>"
    document = f"<rss version='2.0'><channel><title>F</title>{item}</channel></rss>"
    subscribe_all([publisher.serve("/feed", Answer(body=document.encode()))])
    assert run("fetch").code == 0
    publisher.requests.clear()
    return str(run("top", "--json", "--all").json[0]["id"])


def test_the_whole_article_is_shown_and_asked_for_once(run: Run, publisher: Publisher, story: str) -> None:
    publisher.serve("/page", page())
    before = run("show", story)
    assert TEASER in before.out
    assert publisher.requests == []
    for _ in range(2):
        shown = run("show", story, "--full")
        assert (shown.code, shown.err) == (0, "")
        assert "\n\n".join(SENTENCES) in shown.out
    assert len(publisher.asked("/page")) == 1
    assert run("show", story).out == before.out


def test_json_has_the_text_and_what_came_of_asking(run: Run, publisher: Publisher, story: str) -> None:
    publisher.serve("/page", page())
    plain = run("show", story, "--json").json
    record = run("show", story, "--full", "--json").json
    assert set(record) - set(plain) == {"content_text", "article"}
    assert record["content_text"] == "\n\n".join(SENTENCES)
    assert record["content_html"].startswith("<p>The council")
    assert set(record["article"]) == {"url", "title", "status", "words", "reason", "fetched_at", "retry_at"}
    assert (record["article"]["status"], record["article"]["words"]) == ("ok", 14 * len(SENTENCES))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=404), "no full text: there is nothing at this address (404): it is asked for again from "),
        (Answer(body=b"%PDF-1.7"), "no full text: it is a PDF, not a page: it is asked for again from "),
        (Answer(status=410), "no full text: it is gone for good (410): `veille open"),
        (
            Answer(body=b"<html><body><script>go()</script></body></html>"),
            "no full text: its page has no more text than the feed gives (it may be made by scripts, or be",
        ),
        (Answer(raw=b""), "no full text: the answer is not valid HTTP"),
    ],
)
def test_without_an_article_the_feed_s_text_and_one_line(
    run: Run, publisher: Publisher, story: str, answer: Answer, said: str
) -> None:
    publisher.serve("/page", answer)
    shown = run("show", story, "--full")
    assert shown.code == 3
    assert TEASER in shown.out
    (line,) = shown.err.splitlines()
    assert line.startswith(said)
    assert line.endswith(f"`veille open {story}` opens its page")
    record = run("show", story, "--full", "--json")
    assert (record.code, record.json["content_text"]) == (3, TEASER)


def test_offline_is_told_and_tried_again(run: Run, publisher: Publisher, story: str) -> None:
    publisher.serve("/page", Answer(raw=b""), Answer(raw=b""), Answer(raw=b""), Answer(raw=b""), page())
    first = run("show", story, "--full")
    assert first.code == 3
    assert "try again when the network is there" in first.err
    while len(publisher.asked("/page")) < 4:
        assert run("show", story, "--full").code == 3
    assert run("show", story, "--full").code == 0


def test_a_part_is_shown_and_said(run: Run, publisher: Publisher, story: str) -> None:
    publisher.serve("/page", page(PAID))
    shown = run("show", story, "--full")
    assert shown.code == 0
    assert SENTENCES[-1] in shown.out
    assert shown.err.startswith("a part of the article: its publisher keeps the rest for subscribers: `veille open")


def test_an_unknown_story_is_one_line(run: Run) -> None:
    shown = run("show", "99999", "--full")
    assert (shown.code, len(shown.err.splitlines())) == (2, 1)
