"""add: what it asks of servers, what it says, what it subscribes to."""

import os
import pty
import re
import shlex
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from publisher import Answer, Publisher, Request, redirect
from running import rss, titles

if TYPE_CHECKING:
    from cli.conftest import Run

ENTRIES = {"a": "Un", "b": "Deux"}
CHECK = "check the address, or give the site's page"
AS_IS = "`veille add --as-is` adds an address without asking it"


def feed(title: str = "Le flux", **values: Any) -> Answer:
    return Answer(body=rss(ENTRIES, title=title), etag='"v1"', **values)


def page(*alternates: str, body: str = "") -> Answer:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" {one}>' for one in alternates)
    return Answer(body=f"<!doctype html><html><head>{links}</head><body>{body}</body></html>".encode())


def subscribed(run: "Run") -> list[str]:
    return [one["url"] for one in run("feeds", "--json").json]


def test_a_feed_is_asked_for_once_kept_and_then_asked_conditionally(
    run: "Run", publisher: Publisher, home: Path
) -> None:
    url = publisher.serve("/rss", feed())
    added = run("add", url, "--folder", "Presse", "--tag", "local")
    assert (added.code, added.err) == (0, "")
    assert added.out == f"added as no. 1: Le flux ({url}): 2 entries\n"
    assert len(publisher.requests) == 1
    assert titles(home) == [("a", "Un"), ("b", "Deux")]
    (stored,) = run("feeds", "--json").json
    assert (stored["state"], stored["entries"], stored["folder"], stored["tags"]) == ("ok", 2, "Presse", ["local"])
    receipt = run("fetch", "--force", "--json").json
    assert (receipt["feeds"]["not_modified"], receipt["entries"]["new"]) == (1, 0)
    assert len(publisher.requests) == 2
    assert publisher.requests[1].header("If-None-Match") == b'"v1"'


def test_an_added_feed_is_not_due_at_once_and_its_stories_are_found(run: "Run", publisher: Publisher) -> None:
    run("add", publisher.serve("/rss", feed()))
    assert run("fetch", "--json").json["feeds"]["waiting"] == 1
    assert len(publisher.requests) == 1
    assert [story["title"] for story in run("search", "deux", "--json").json] == ["Deux"]


def test_a_page_costs_one_request_and_its_feed_waits_for_the_next_fetch(run: "Run", publisher: Publisher) -> None:
    publisher.serve("/rss", feed())
    url = publisher.serve("/", page('href="/rss" title="La une"'))
    added = run("add", url)
    assert (added.code, added.out, added.err) == (
        0, f"added as no. 1: La une ({publisher.url('/rss')}): fetched with the next `veille fetch`\n", "",
    )  # fmt: skip
    assert [request.path for request in publisher.requests] == ["/"]
    assert run("fetch", "--json").json["feeds"]["fetched"] == 1
    assert [request.path for request in publisher.requests] == ["/", "/rss"]


def test_a_known_form_of_address_costs_no_request(run: "Run", publisher: Publisher) -> None:
    added = run("add", publisher.url("/@someone"))
    assert added.code == 0
    assert subscribed(run) == [publisher.url("/@someone.rss", scheme="https")]
    assert (publisher.connections, publisher.requests) == (0, [])


def test_an_address_of_several_feeds_gives_the_best_and_tells_of_the_others(run: "Run", publisher: Publisher) -> None:
    alternates = ('href="/comments/feed" title="Commentaires"', 'href="/feed" title="Articles"', 'href="/photos"')
    url = publisher.serve("/", page(*alternates))
    added = run("add", url)
    assert (added.code, subscribed(run)) == (0, [publisher.url("/feed")])
    assert added.err.splitlines() == [
        "also found (`--all` takes all, or add one by its address):",
        f"  {publisher.url('/photos')}",
        f"  {publisher.url('/comments/feed')}  Commentaires",
    ]
    everything = run("add", url, "--all")
    assert everything.code == 0
    assert everything.out.splitlines()[0] == f"already there as no. 1: Articles ({publisher.url('/feed')})"
    assert len(subscribed(run)) == 3
    assert len(publisher.requests) == 2


def test_a_long_list_is_told_in_part(run: "Run", publisher: Publisher) -> None:
    listed = run("add", publisher.serve("/", page(*(f'href="/{number}"' for number in range(30))))).err.splitlines()
    assert (len(listed), listed[-1]) == (22, "  and 9 more (--json lists them)")
    assert run("add", publisher.url("/missing"), "--json").code == 1


def test_json_says_what_was_found_and_done(run: "Run", publisher: Publisher) -> None:
    url = publisher.serve("/", page('href="/feed" title="Articles"', 'href="/photos"'))
    rss_url = publisher.serve("/rss", feed())
    run("add", rss_url)
    result = run("add", url, rss_url, "https://github.com/o/r", publisher.url("/missing"), "lemonde", "--json")
    assert result.code == 3
    of_page, of_feed, of_table, missing, no_address = result.json
    assert of_page == {
        "asked": url,
        "way": "page",
        "found": [
            {"url": publisher.url("/feed"), "title": "Articles", "subscribed": False},
            {"url": publisher.url("/photos"), "title": "", "subscribed": False},
        ],
        "feeds": [{"id": 2, "url": publisher.url("/feed"), "title": "Articles", "added": True, "entries": 0}],
        "error": None,
    }
    assert (of_feed["way"], of_feed["found"][0]["subscribed"], of_feed["feeds"][0]["added"]) == ("known", True, False)
    assert [one["title"] for one in of_table["found"]] == ["releases", "tags", "commits"]
    assert (missing["way"], missing["found"], missing["feeds"]) == (None, [], [])
    assert missing["error"].startswith(f"{publisher.url('/missing')}: there is nothing at this address (404)")
    assert "not a web address" in no_address["error"]
    assert result.err.count("\n") == 2


def test_permanent_redirects_are_followed_to_the_address_that_is_kept(run: "Run", publisher: Publisher) -> None:
    publisher.serve("/new", feed())
    old = publisher.serve("/old", redirect("/newer", 308))
    publisher.serve("/newer", redirect("/new", 301))
    assert run("add", old).out == f"added as no. 1: Le flux ({publisher.url('/new')}): 2 entries\n"
    assert subscribed(run) == [publisher.url("/new")]
    assert len(publisher.requests) == 3
    again = run("add", old)
    assert (again.code, again.out) == (0, f"already there as no. 1: Le flux ({publisher.url('/new')})\n")
    assert len(publisher.requests) == 3
    forced = run("fetch", "--force", "--json").json
    assert forced["feeds"]["not_modified"] == 1
    assert [request.path for request in publisher.requests[3:]] == ["/new"]


def test_a_feed_that_has_moved_to_one_that_is_there_is_there(run: "Run", publisher: Publisher) -> None:
    new = publisher.serve("/new", feed())
    run("add", new)
    added = run("add", publisher.serve("/old", redirect("/new", 301)))
    assert added.out == f"already there as no. 1: Le flux ({new})\n"
    assert subscribed(run) == [new]


def test_other_redirects_leave_the_address_as_it_was_given(run: "Run", publisher: Publisher) -> None:
    publisher.serve("/new", feed())
    url = publisher.serve("/old", redirect("/moved", 301))
    publisher.serve("/moved", redirect("/new", 302))
    assert run("add", url).code == 0
    assert subscribed(run) == [url]


def test_the_links_of_a_page_are_those_of_where_it_has_moved(run: "Run", publisher: Publisher) -> None:
    url = publisher.serve("/old", redirect("/fr/", 302))
    publisher.serve("/fr/", page('href="rss"'))
    run("add", url)
    assert subscribed(run) == [publisher.url("/fr/rss")]


@pytest.mark.parametrize("again", ["{url}", "  {url}#top", "--as-is {url}"])
def test_what_is_subscribed_is_not_asked_again(run: "Run", publisher: Publisher, again: str) -> None:
    url = publisher.serve("/rss", feed())
    run("add", url)
    result = run("add", *again.format(url=url).split(maxsplit=1))
    assert (result.code, result.out) == (0, f"already there as no. 1: Le flux ({url})\n")
    assert len(publisher.requests) == 1


def test_a_feed_that_was_removed_comes_back_with_what_is_new(run: "Run", publisher: Publisher, home: Path) -> None:
    more = Answer(body=rss({"c": "Trois"} | ENTRIES, title="Le flux"))
    url = publisher.serve("/rss", feed(), more)
    run("add", url)
    run("remove", url)
    assert run("add", url).out.endswith(": 1 entry\n")
    assert [guid for guid, _ in titles(home)] == ["a", "b", "c"]
    assert [one["id"] for one in run("feeds", "--json").json] == [1]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=404), f"there is nothing at this address (404): nothing was added: {CHECK}\n"),
        (Answer(status=410), f"it is gone for good (410): nothing was added: {CHECK}\n"),
        (Answer(status=403), "access is refused (403): nothing was added: give the address of the feed itself"),
        (Answer(status=418), "the server answered 418: nothing was added: check the address\n"),
        (Answer(status=503), f"the server answered 503: nothing was added: {AS_IS}\n"),
        (Answer(status=304), f"the server answered 304: nothing was added: {CHECK}\n"),
        (
            Answer(body=b"%PDF-1.4 \x00\xff"),
            "it names no feed (it is not a feed): paste the address of the feed itself",
        ),
        (Answer(body=b""), "it names no feed (the document is empty): paste the address of the feed itself"),
        (Answer(body=b"{}"), "it names no feed ("),
        (Answer(body=b"<opml version='2.0'><body/></opml>"), "it names no feed (it is XML, but not a feed)"),
        (page(body="<a href='/contact'>x</a>"), "it names no feed: paste the address of the feed itself"),
        (page('href="javascript:alert(1)"'), "it names no feed: paste the address of the feed itself"),
    ],
)
def test_no_feed_is_one_line_and_exit_1(run: "Run", publisher: Publisher, answer: Answer, said: str) -> None:
    url = publisher.serve("/x", answer)
    result = run("add", url)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert result.err.startswith(f"veille: {url}: {said}")
    assert ("--as-is" in result.err) == (answer.status == 503)
    assert len(publisher.requests) == 1
    assert subscribed(run) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/rss", "http://[::1]:9/rss", "127.0.0.1:9"])
def test_an_address_that_does_not_answer_is_not_added(run: "Run", url: str) -> None:
    result = run("add", url)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "nothing was added" in result.err
    assert run("add", url, "--as-is").code == 0
    assert len(subscribed(run)) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_names_a_time_is_asked_again_then(run: "Run", publisher: Publisher, status: int) -> None:
    asks = Answer(status=status, headers=(("Retry-After", "90000"),))
    before = datetime.now().astimezone() + timedelta(seconds=90000)
    said = run("add", publisher.serve("/busy", asks)).err
    named = re.search(r"try again at ([0-9: -]{16}); " + re.escape(AS_IS), said)
    assert named
    assert abs(datetime.fromisoformat(named[1]).astimezone() - before) < timedelta(minutes=2)


def test_a_feed_behind_a_password_is_added_by_the_steps_that_are_told(
    run: "Run", publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAME", "s3cr3t")

    def guard(request: Request) -> Answer:
        return feed() if request.header("authorization") else Answer(status=401)

    url = publisher.play("/rss?a=1&b=2", guard)
    refused = run("add", url)
    assert refused.code == 1
    assert refused.err == (
        f"veille: {url}: it asks for a password (401): nothing was added: `veille add --as-is '{url}'`, then"
        f" `veille feeds set '{url}' auth='basic:login:$NAME'` (or auth=netrc), then `veille fetch '{url}'`\n"
    )
    for step in re.findall(r"`veille (.+?)`", refused.err):
        assert run(*shlex.split(step)).code == 0
    assert run("feeds", "--json").json[0]["entries"] == 2
    publisher.serve("/other", Answer(status=401))
    again = run("add", publisher.url("/other", host="me:wrong@127.0.0.1"))
    assert "the password given (401): nothing was added: check the name and the password in the address" in again.err
    assert "wrong" not in again.err


def test_a_name_typed_without_scheme_may_have_no_tls(run: "Run", publisher: Publisher) -> None:
    address = publisher.serve("/rss", feed()).removeprefix("http://")
    said = run("add", address).err
    assert re.search(r": the TLS connection failed \([^\[\]]+\): nothing was added: write http:// in front", said)
    assert said.endswith("if it has no TLS\n")
    assert "_ssl.c" not in said
    said = run("add", f"https://{address}").err
    assert said.endswith(": nothing was added: write http:// instead of https:// if it has no TLS\n")
    assert "--as-is" not in said
    assert "_ssl.c" not in said
    assert run("add", f"http://{address}").code == 0
    assert "write http:// in front if it has no TLS; `veille add --as-is`" in run("add", "127.0.0.1:9").err
    assert f"the connection was refused: nothing was added: {AS_IS}\n" in run("add", "https://127.0.0.1:9").err
    unknown = run("add", "no-such-host.invalid").err
    assert f"the host name is not known: nothing was added: check how it is written; {AS_IS}\n" in unknown


def test_what_is_there_is_left_as_it_is_with_the_commands_that_change_it(run: "Run", publisher: Publisher) -> None:
    url = publisher.serve("/rss", feed())
    run("add", url, "--folder", "Presse", "--tag", "local")
    again = run("add", url, "--folder", "Presse/Régions du sud", "--tag", "local,une", "--title", "À moi")
    assert (again.code, again.out) == (0, f"already there as no. 1: Le flux ({url})\n")
    assert again.err.splitlines() == [
        "title left as before: `veille rename 1 'À moi'` changes that",
        "folder left as before: `veille folder 1 'Presse/Régions du sud'` changes that",
        "tags left as before: `veille tag 1 une` changes that",
    ]
    for command in re.findall(r"`veille (.+?)`", again.err):
        assert run(*shlex.split(command)).code == 0
    assert run("add", url, "--folder", "Presse/Régions du sud", "--tag", "une", "--title", "À moi").err == ""


def test_a_feed_goes_by_what_its_page_calls_it_until_it_says_its_title(run: "Run", publisher: Publisher) -> None:
    publisher.serve("/rss", feed("Le titre"))
    run("add", publisher.serve("/", page('href="/rss" title="La une"')))
    assert [one["title"] for one in run("feeds", "--json").json] == ["La une"]
    run("fetch")
    assert [one["title"] for one in run("feeds", "--json").json] == ["Le titre"]


def test_a_feed_of_the_tables_has_a_name_that_people_read(run: "Run") -> None:
    run("add", 'news:"ma marque"', "https://www.reddit.com/r/france", "arxiv:cs.CL")
    assert [one["title"] for one in run("feeds", "--json").json] == ['news: "ma marque"', "r/france", "arXiv cs.CL"]


def test_as_is_asks_nothing(run: "Run", publisher: Publisher) -> None:
    url = publisher.serve("/page", page('href="/rss"'))
    added = run("add", url, "--as-is", "--title", "À moi")
    assert added.out == f"added as no. 1: À moi ({url}): fetched with the next `veille fetch`\n"
    assert publisher.requests == []
    assert run("add", "médias.example/flux", "https://github.com/o/r", "--as-is").code == 0
    assert subscribed(run)[1:] == ["https://médias.example/flux", "https://github.com/o/r"]


def test_a_host_that_asked_for_peace_is_left_in_peace(run: "Run", publisher: Publisher) -> None:
    asks = Answer(status=429, headers=(("Retry-After", "3600"),))
    run("add", "--as-is", publisher.serve("/busy", asks))
    run("fetch")
    result = run("add", publisher.serve("/other", feed()))
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "asked not to be asked before" in result.err
    assert [request.path for request in publisher.requests] == ["/busy"]


def test_many_addresses_are_dealt_with_one_by_one(run: "Run", publisher: Publisher) -> None:
    good = publisher.serve("/rss", feed())
    some = run("add", publisher.url("/missing"), good, "ftp://a.example/", good)
    assert some.code == 3
    assert some.out.splitlines() == [
        f"added as no. 1: Le flux ({good}): 2 entries",
        f"already there as no. 1: Le flux ({good})",
    ]
    assert [line.startswith("veille: ") for line in some.err.splitlines()] == [True, True]
    assert run("add", publisher.url("/missing"), "ftp://a.example/").code == 1
    assert run("add", good, good, "--title", "x").code == 2


def test_credentials_work_and_are_never_shown(run: "Run", publisher: Publisher) -> None:
    publisher.serve("/rss", feed())
    url = publisher.url("/rss", host="user:secret@127.0.0.1")
    added = run("add", url)
    assert added.code == 0
    assert publisher.requests[0].header("Authorization") == b"Basic dXNlcjpzZWNyZXQ="
    assert added.err == (
        "its name and password are stored in clear, as a part of the address:"
        " `veille feeds set 1 auth=netrc` keeps them out\n"
    )
    told = [added, run("add", url), run("add", url, "--json"), run("add", url.replace("/rss", "/x"))]
    assert all("secret" not in one.out + one.err for one in told)
    assert told[-1].code == 1


def test_a_hostile_page_writes_nothing_but_text_to_the_terminal(run: "Run", publisher: Publisher) -> None:
    evil = "\x1b[2J\x9b31m\u202e&#27;[31m&#x9b;\x00"
    url = publisher.serve("/", page(f'href="/1" title="{evil}"', f'href="/2?{evil}" title="[red]{evil}"'))
    shown = run("add", url, "--all")
    listed = run("add", url)
    text = shown.out + shown.err + listed.out + listed.err
    assert "[red]" in listed.err
    assert not set(text) & set("\x1b\x9b\u202e\x00")


def test_a_feed_that_is_served_as_a_page_is_still_a_feed(run: "Run", publisher: Publisher) -> None:
    url = publisher.serve("/rss", feed(headers=(("Content-Type", "text/html"),)))
    assert run("add", url).out.endswith(": 2 entries\n")


@pytest.mark.parametrize(
    ("options", "edition"),
    [
        ((), "hl=fr&gl=BE&ceid=BE:fr"),
        (("--lang", "en"), "hl=en-US&gl=US&ceid=US:en"),
        (("--lang", "fr", "--country", "ch"), "hl=fr&gl=CH&ceid=CH:fr"),
        (("--country", "FR"), "hl=fr&gl=FR&ceid=FR:fr"),
    ],
)
def test_a_news_search_is_of_the_locale_or_of_what_is_asked(
    run: "Run", monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], edition: str
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_BE.UTF-8")
    assert run("add", 'news:"ma marque" OR ma-marque', *options).code == 0
    wanted = "https://news.google.com/rss/search?q=%22ma%20marque%22%20OR%20ma-marque&"
    assert subscribed(run) == [wanted + edition]


@pytest.mark.parametrize("options", [("--lang", "français"), ("--lang", "f"), ("--country", "France")])
def test_editions_are_codes(run: "Run", options: tuple[str, ...]) -> None:
    result = run("add", "news:x", *options)
    assert (result.code, result.err.count("\n")) == (2, 1)


def test_a_list_is_for_import(run: "Run") -> None:
    result = run("add", "/home/me/feeds.opml")
    assert (result.code, "`veille import` takes it" in result.err) == (2, True)


def converse(answers: list[bytes], *arguments: str) -> tuple[int, str]:
    """`veille` on a terminal, each question answered in turn; its exit code and all that was shown."""
    parent, child = pty.openpty()
    environment = os.environ | {"TERM": "dumb", "COLUMNS": "200"}
    command = (sys.executable, "-m", "veille", *arguments)
    seen = b""
    with subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=environment) as process:
        os.close(child)
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up:
            try:
                piece = os.read(parent, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not piece:
                break
            seen += piece
            if answers and seen.rstrip().endswith(b":") and b"Which?" in seen.splitlines()[-1]:
                os.write(parent, answers.pop(0))
        os.close(parent)
        code = process.wait(timeout=10)
    return code, seen.decode()


@pytest.mark.parametrize(
    ("answers", "paths"),
    [
        ([b"\n"], ["/feed"]),
        ([b"2\n"], ["/photos"]),
        ([b"9\n", b"x\n", b"3, 1\n"], ["/comments/feed", "/feed"]),
        ([b"all\n"], ["/feed", "/photos", "/comments/feed"]),
        ([b"none\n"], []),
    ],
)
def test_on_a_terminal_the_user_is_asked_which(
    run: "Run", publisher: Publisher, answers: list[bytes], paths: list[str]
) -> None:
    alternates = ('href="/comments/feed" title="Commentaires"', 'href="/feed" title="Articles"', 'href="/photos"')
    code, shown = converse(list(answers), "add", publisher.serve("/", page(*alternates)))
    assert code == 0
    assert re.search(r"^ +1 +http://127\.0\.0\.1:\d+/feed  Articles\r$", shown, re.MULTILINE)
    assert shown.count("Which?") == len(answers)
    assert subscribed(run) == [publisher.url(path) for path in paths]
    assert len(publisher.requests) == 1


def test_on_a_terminal_a_slow_address_is_told_of_until_it_answers(publisher: Publisher, home: Path) -> None:
    assert home.exists()
    url = publisher.serve("/slow", Answer(body=rss(ENTRIES, title="Le flux"), wait=1.5))
    code, shown = converse([], "add", url)
    assert code == 0
    told = re.fullmatch(r"\r(asking 127\.0\.0\.1 \(up to \d+ s\)\.\.\.)\r( +)\radded [^\r]+\r\n", shown)
    assert told
    assert len(told[1]) == len(told[2])
    quick, shown = converse([], "add", publisher.serve("/quick", feed()))
    assert (quick, "asking" in shown) == (0, False)
