"""Full text on demand: a page asked for once and politely, its article kept; what is no article told in a line."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from publisher import Answer, Publisher, redirect
from running import fetch, query, subscribe_all
from veille.app.articles import fetch_article, load_article, prefetch, read_full
from veille.app.feedset import change_settings
from veille.app.home import open_home, read_clock
from veille.app.opening import read_story
from veille.app.readers import open_readers
from veille.app.reading import PageRequest
from veille.settings import USER_AGENT
from veille.store.articles import load_lengths
from veille.store.db import write
from veille.text import split_words

if TYPE_CHECKING:
    from pathlib import Path

    from veille.read.article import Article

SENTENCES = [f"The council adopted measure number {n} on Tuesday evening, in spite of the minority." for n in range(9)]
HTML = (("Content-Type", "text/html; charset=utf-8"),)
TEASER = "The council has adopted the budget."
LIMITED = Answer(status=429, headers=(("Retry-After", "7200"),))
pytestmark = pytest.mark.usefixtures("home")


def page(*paragraphs: str, head: str = "") -> Answer:
    body = "".join(f"<p>{one}</p>" for one in paragraphs or SENTENCES)
    return Answer(
        body=f"<!doctype html><html><head>{head}</head><body><article>{body}</article></body></html>".encode(),
        headers=HTML,
    )


def feed(items: dict[str, str]) -> Answer:
    """A feed of entries (address to the text that it gives)."""
    parts = [
        f"<item><title>News {number}</title><link>{url}</link><description><![CDATA[{text}]]></description></item>"
        for number, (url, text) in enumerate(items.items())
    ]
    return Answer(body=f"<rss version='2.0'><channel><title>F</title>{''.join(parts)}</channel></rss>".encode())


@pytest.fixture
def quick(home: Path) -> None:
    (home / "config.toml").write_text("[fetch]\ntimeout = '2s'\nconnect_timeout = '1s'\n", "utf-8")


def store(publisher: Publisher, items: dict[str, str]) -> list[int]:
    """Fetch a feed of these entries; their numbers in its order."""
    subscribe_all([publisher.serve("/feed", feed(items))])
    fetch()
    publisher.requests.clear()
    with open_home() as home:
        found = dict(home.db.execute("SELECT url, id FROM entries").fetchall())
    return [found[url] for url in items]


def get(publisher: Publisher, answer: Answer, text: str = TEASER) -> Article:
    """The article of one entry whose page answers so."""
    (entry_id,) = store(publisher, {publisher.serve("/page", answer): text})
    with open_home() as home:
        return fetch_article(home, entry_id)


def again(entry_id: int) -> Article:
    with open_home() as home:
        return fetch_article(home, entry_id)


# --- asked for once, politely --------------------------------------------------


def test_an_article_is_fetched_once_and_then_kept(publisher: Publisher) -> None:
    article = get(publisher, page())
    assert (article.status, article.text.split("\n\n"), article.language) == ("ok", SENTENCES, "en")
    assert article.words == len(split_words(" ".join(SENTENCES)))
    publisher.requests.clear()
    with open_home() as home:
        story = read_story(home, str(article.entry_id)).reading.story
        assert load_article(home, story) == fetch_article(home, story) == article
        assert list(load_lengths(home.db).values()) == [[article.words]]
    assert publisher.requests == []


def test_a_page_is_asked_for_as_a_feed_is(publisher: Publisher) -> None:
    set_cookie = replace(page(), headers=(*HTML, ("Set-Cookie", "a=1; Path=/")))
    get(publisher, replace(redirect("/end"), headers=(("Location", "/end"), ("Set-Cookie", "b=2; Path=/"))))
    (first,) = publisher.requests[:1]
    publisher.serve("/end", set_cookie)
    assert first.header("user-agent") == USER_AGENT.encode()
    assert first.header("accept").startswith(b"text/html")  # type: ignore[union-attr]
    assert {name for name, _ in first.headers} <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert all(request.header("cookie") is None for request in publisher.requests)


def test_pages_of_one_host_come_one_after_the_other_and_hosts_side_by_side(publisher: Publisher) -> None:
    slow = replace(page(), wait=0.1)
    items = {publisher.serve(f"/{n}", slow): TEASER for n in range(3)}
    items |= {publisher.url(f"/{n}", host="localhost"): TEASER for n in range(3)}
    numbers = store(publisher, items)
    told: list[tuple[int, int]] = []
    with open_home() as home:
        articles = prefetch(home, numbers, lambda done, total: told.append((done, total)))
    assert [articles[one].status for one in numbers] == ["ok"] * 6
    assert told == [(done, 6) for done in range(1, 7)]
    assert {host: publisher.most_at_once(host) for host in ("127.0.0.1", "localhost")} == {
        "127.0.0.1": 1, "localhost": 1,
    }  # fmt: skip
    assert publisher.most_at_once() == 2


@pytest.mark.usefixtures("quick")
def test_a_host_that_does_not_answer_is_asked_for_one_page_only(publisher: Publisher) -> None:
    items = {publisher.serve(f"/{n}", replace(page(), wait=30)): TEASER for n in range(6)}
    items |= {publisher.serve(f"/well{n}", page()).replace("127.0.0.1", "localhost"): TEASER for n in range(2)}
    numbers = store(publisher, items)
    started = time.monotonic()
    with open_home() as home:
        articles = prefetch(home, numbers)
    assert [articles[one].reason for one in numbers] == ["no complete answer in 2 s"] * 6 + ["", ""]
    assert time.monotonic() - started < 8
    assert len(publisher.requests) == 3


def test_where_no_connection_is_taken_the_other_pages_of_the_host_fail_for_it(publisher: Publisher) -> None:
    nobody = {f"http://127.0.0.1:9/{n}": TEASER for n in range(3)}
    numbers = store(publisher, nobody)
    with open_home() as home:
        assert {one.reason for one in prefetch(home, numbers).values()} == {"the connection was refused"}


def test_a_page_in_the_wrong_leaves_the_others_of_its_host(publisher: Publisher) -> None:
    circle = publisher.url("/circle")
    items = {publisher.serve("/circle", redirect(circle)): TEASER, publisher.serve("/well", page()): TEASER}
    with open_home() as home:
        wrong, well = prefetch(home, store(publisher, items)).values()
    assert (wrong.status, well.status) == ("failed", "ok")


def test_all_articles_together_end_in_their_time(publisher: Publisher) -> None:
    items = {publisher.serve(f"/{n}", replace(page(), wait=0.6)): TEASER for n in range(9)}
    numbers = store(publisher, items)
    started = time.monotonic()
    with open_home() as home:
        articles = [*prefetch(home, numbers, within=timedelta(seconds=2)).values()]
    assert time.monotonic() - started < 6
    assert articles[-1].reason == "the 2 s for all articles are over: it can be asked for by itself"
    assert len(publisher.requests) < 9


def test_429_holds_the_host_for_pages_and_feeds_alike(publisher: Publisher, home: Path) -> None:
    numbers = store(publisher, {publisher.serve("/0", LIMITED): TEASER, publisher.serve("/1", page()): TEASER})
    with open_home() as opened:
        first, second = prefetch(opened, numbers).values()
    assert [request.path for request in publisher.requests] == ["/0"]
    assert (first.status, second.status) == ("failed", "failed")
    assert "too many requests" in first.reason
    assert second.reason == "its host asks for peace"
    for article in (first, second):
        assert article.retry_at is not None
        assert timedelta(hours=1.9) < article.retry_at - read_clock() < timedelta(hours=2.1)
    assert query(home, "SELECT host FROM hosts") == [("127.0.0.1",)]
    publisher.requests.clear()
    assert again(numbers[1]).reason == "its host asks for peace"
    assert fetch().waiting == 1
    assert publisher.requests == []
    with open_home() as opened, write(opened.db):
        opened.db.execute("DELETE FROM hosts")
    assert again(numbers[1]).status == "ok"  # what was not asked is not kept as failed


def test_a_host_held_for_its_feeds_is_not_asked_for_pages(publisher: Publisher) -> None:
    (number,) = store(publisher, {publisher.serve("/page", page()): TEASER})
    subscribe_all([publisher.serve("/other", LIMITED)])
    fetch()
    publisher.requests.clear()
    assert again(number).reason == "its host asks for peace"
    assert publisher.requests == []


def test_503_waits_for_its_page_alone_as_long_as_it_is_told(publisher: Publisher) -> None:
    busy = Answer(status=503, headers=(("Retry-After", "3600"),))
    numbers = store(publisher, {publisher.serve("/0", busy): TEASER, publisher.serve("/1", page()): TEASER})
    with open_home() as home:
        first, second = prefetch(home, numbers).values()
    assert first.retry_at is not None
    assert timedelta(minutes=59) < first.retry_at - read_clock() < timedelta(minutes=61)
    assert second.status == "ok"
    publisher.requests.clear()
    assert again(numbers[0]) == first
    assert publisher.requests == []


def test_what_failed_is_asked_again_in_its_time_and_410_never(publisher: Publisher, home: Path) -> None:
    answers = [Answer(status=404), page()]
    numbers = store(
        publisher,
        {publisher.serve("/0", *answers): TEASER, publisher.serve("/1", Answer(status=410), page()): TEASER},
    )
    with open_home() as opened:
        missing, gone = prefetch(opened, numbers).values()
        assert (missing.retry_at is None, gone.retry_at is None) == (False, True)
        with write(opened.db):
            opened.db.execute("UPDATE articles SET text = replace(text, '\"20', '\"19') WHERE status = 'failed'")
        found, still = prefetch(opened, numbers).values()
    assert (found.status, still.status) == ("ok", "failed")
    assert len(query(home, "SELECT * FROM articles")) == 2


def test_an_entry_s_new_address_is_asked_anew(publisher: Publisher) -> None:
    article = get(publisher, page())
    with open_home() as home, write(home.db):
        home.db.execute("UPDATE entries SET url = ?", (publisher.serve("/new", page(*SENTENCES, "One more of them.")),))
    assert again(article.entry_id).text.endswith("One more of them.")


# --- what leads elsewhere ------------------------------------------------------


def ask_through(publisher: Publisher, monkeypatch: pytest.MonkeyPatch, answers: dict[str, Answer]) -> list[Article]:
    """The articles of public addresses, which are reached by a proxy: the publisher sees all that is asked."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, publisher.url(""))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    for url, answer in answers.items():
        publisher.serve(url, answer)
    source = publisher.serve("http://93.184.216.34/feed", feed(dict.fromkeys(answers, TEASER)))
    subscribe_all(["http://93.184.216.34/feed"])
    assert source
    fetch()
    publisher.requests.clear()
    with open_home() as home:
        found = dict(home.db.execute("SELECT url, id FROM entries").fetchall())
        articles = prefetch(home, list(found.values()))
        return [articles[found[url]] for url in answers]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "[::1]", "2130706433"])
def test_a_public_feed_leads_to_nothing_private(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    inside = f"http://{host}:{publisher.port}/inside"
    named, led = ask_through(
        publisher, monkeypatch, {inside: page(), "http://93.184.216.40/1": redirect(inside)}
    )  # fmt: skip
    assert "it is at a private address" in named.reason
    assert "it redirects to a private address" in led.reason
    assert [request.path for request in publisher.requests] == ["http://93.184.216.40/1"]


def test_a_private_address_inside_is_never_reached_directly(publisher: Publisher, home: Path) -> None:
    (number,) = store(publisher, {publisher.serve("/inside", page()): TEASER})
    with open_home() as opened, write(opened.db):
        opened.db.execute("UPDATE feeds SET url = 'http://93.184.216.34/feed'")
    assert "private address" in again(number).reason
    assert publisher.requests == []
    (home / "config.toml").write_text("[fetch]\nallow_private = true\n", "utf-8")
    assert again(number).status == "ok"


def test_a_redirect_is_followed_and_what_is_no_web_address_is_not(publisher: Publisher) -> None:
    publisher.serve("/end", page())
    numbers = store(
        publisher,
        {publisher.serve("/0", redirect("/end")): TEASER, publisher.serve("/1", redirect("file:///etc/passwd")): TEASER,
         publisher.serve("/2", redirect("/2")): TEASER},
    )  # fmt: skip
    with open_home() as home:
        found, local, circle = prefetch(home, numbers).values()
    assert found.status == "ok"
    assert "not a web address" in local.reason
    assert "circle" in circle.reason


def test_a_redirect_to_a_held_host_is_not_followed_and_its_429_holds_that_host(publisher: Publisher) -> None:
    publisher.serve("/limited", LIMITED)
    led = redirect(publisher.url("/limited", host="localhost"))
    items = {publisher.serve(path, led): TEASER for path in ("/0", "/1")}
    with open_home() as home:
        first, second = prefetch(home, store(publisher, items)).values()
        assert [host for (host,) in home.db.execute("SELECT host FROM hosts")] == ["localhost"]
    assert "too many requests" in first.reason
    assert second.reason == "it redirects to localhost, which asks for peace"
    assert [request.path for request in publisher.requests] == ["/0", "/limited", "/1"]


def test_credentials_of_a_feed_stay_on_its_site(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGE_KEY", "secret")
    here, there = publisher.serve("/page", page()), publisher.url("/page", host="localhost")
    numbers = store(publisher, {here: TEASER, there: TEASER})
    with open_home() as home:
        change_settings(home, publisher.url("/feed"), ["header.X-Key=$PAGE_KEY", "user_agent=me/1"])
        prefetch(home, numbers)
    assert {request.host: request.header("x-key") for request in publisher.requests} == {
        "127.0.0.1": b"secret", "localhost": None,
    }  # fmt: skip
    assert {request.header("user-agent") for request in publisher.requests} == {b"me/1"}


# --- bad pages -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(body=b"%PDF-1.7 ...", headers=(("Content-Type", "application/pdf"),)), "it is a PDF"),
        (Answer(body=b"%PDF-1.7 ...", headers=HTML), "it is a PDF"),
        (Answer(body=bytes(range(256)) * 20, headers=HTML), "it is a file"),
        (Answer(status=404), "(404)"),
        (Answer(status=401), "(401)"),
        (Answer(status=500), "500"),
        (replace(page(), wait=5), "no complete answer"),
        (Answer(headers=HTML, chunked=True, endless=b"<p>word</p>" * 10, pace=0.01), "no complete answer"),
        (Answer(headers=HTML, chunked=True, endless=b"<p>word</p>" * 9000), "larger than 10 MB"),
        (Answer(headers=HTML, length=20_000_000), "larger than 10 MB"),
        (Answer(body=b"x" * 20_000_000, encoding="gzip", headers=HTML), "larger than 10 MB"),
        (Answer(raw=b"nonsense\r\n\r\n"), "HTTP"),
    ],
    ids=["pdf", "pdf called html", "binary", "404", "401", "500", "slow", "trickle", "endless", "large", "bomb", "raw"],
)
@pytest.mark.usefixtures("quick")
def test_what_is_no_page_is_told_in_one_line(publisher: Publisher, answer: Answer, said: str) -> None:
    started = time.monotonic()
    article = get(publisher, answer)
    assert (article.status, article.text) == ("failed", "")
    assert said in article.reason
    assert "\n" not in article.reason
    assert "`" not in article.reason
    assert time.monotonic() - started < 10
    assert len(publisher.requests) == 1


def test_nobody_there_is_not_kept(publisher: Publisher, home: Path) -> None:
    (number,) = store(publisher, {"http://127.0.0.1:9/nobody": TEASER})
    article = again(number)
    assert "refused" in article.reason
    assert article.retry_at == article.fetched_at
    assert query(home, "SELECT * FROM articles") == []


def test_an_entry_without_a_web_address_asks_nobody(publisher: Publisher) -> None:
    article = get(publisher, page())
    with open_home() as home, write(home.db):
        home.db.execute("UPDATE entries SET url = 'mailto:a@x.example'")
    publisher.requests.clear()
    assert again(article.entry_id).reason == "it has no web address"
    assert again(999_999).reason == "it is not in the archive any more"
    assert publisher.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        page("Subscribe."),
        Answer(body=b"<html><body><script>render()</script></body></html>", headers=HTML),
        Answer(headers=HTML),
        page(TEASER),
    ],
)
def test_a_page_with_no_more_than_the_feed_leaves_the_feed_s_text(publisher: Publisher, answer: Answer) -> None:
    article = get(publisher, answer)
    assert (article.status, article.text, article.words) == ("empty", "", 0)
    assert "no more text than the feed" in article.reason
    with open_home() as home:
        found = read_full(home, str(article.entry_id))
    assert TEASER in found.opened.reading.html or found.opened.reading.story.summary == TEASER


def test_the_longer_text_is_kept(publisher: Publisher) -> None:
    whole = "".join(f"<p>{one} And more of it in the feed.</p>" for one in SENTENCES)
    article = get(publisher, page(), text=whole)
    assert article.status == "empty"
    with open_home() as home:
        assert "more of it in the feed" in read_full(home, str(article.entry_id)).opened.reading.html


def test_a_page_that_shows_a_part_says_so(publisher: Publisher) -> None:
    paid = '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'
    article = get(publisher, page(head=paid))
    assert (article.status, len(article.text.split("\n\n"))) == ("part", len(SENTENCES))
    with open_home() as home:
        assert load_lengths(home.db) == {}


def test_hostile_markup_is_text(publisher: Publisher) -> None:
    hostile = "&lt;script&gt;evil()&lt;/script&gt; and \x1b[2J then \u202e the sentence goes on to its end, quietly."
    article = get(publisher, page(*SENTENCES, hostile))
    assert "<script>evil()</script> and" in article.text
    assert not set("\x1b\u202e") & set(article.text)
    with open_home() as home:
        assert "<script" not in read_full(home, str(article.entry_id)).opened.reading.html


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_compressed_page_in_an_old_charset_is_read(publisher: Publisher, encoding: str) -> None:
    said = "Évêque, œuvre et naïveté : trente euros de plus pour chacun des ménages de la ville."
    body = page(*SENTENCES, said).body.decode().encode("cp1252")
    headers = (("Content-Type", "text/html; charset=windows-1252"),)
    article = get(publisher, Answer(body=body, headers=headers, encoding=encoding))
    assert article.text.endswith(said)


def test_a_page_that_chokes_its_reader_is_given_up() -> None:
    """It would take minutes: here it is given a second."""
    body = b"<html><body><article>" + b"some text here<br>" * 300_000

    async def run() -> Any:
        async with open_readers() as readers:
            slow = await readers.read(PageRequest(body=body, url="", headers={}, limit=timedelta(seconds=1)))
            return slow, await readers.read(PageRequest(body=page().body, url="", headers={}))

    started = time.monotonic()
    slow, next_one = asyncio.run(run())
    assert slow == "reading it takes more than 1 s"
    assert next_one.paragraphs[0] == SENTENCES[0]
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "body",
    [b"<table><tr><td>" * 10_000, b"<div>" * 100_000, b"<" * 1_000_000, b"<!--" * 100_000, b"<p>word " * 20_000],
    ids=["tables", "divs", "brackets", "comments", "words"],
)
def test_pages_made_to_choke_a_reader_end_in_time(publisher: Publisher, body: bytes) -> None:
    started = time.monotonic()
    article = get(publisher, Answer(body=b"<!doctype html><html><body><article>" + body, headers=HTML))
    assert article.status in ("ok", "empty", "failed")
    assert time.monotonic() - started < 25
