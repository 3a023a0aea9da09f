"""What is asked of a real server on loopback: validators, credentials, redirects."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from asking import PATIENT, RSS, failed, fetched, get
from publisher import Answer, Publisher, Request, redirect
from veille import __version__
from veille.feed import Validators
from veille.fetch.http import Fetcher, fetch_once, open_fetcher
from veille.outcome import NotModified

if TYPE_CHECKING:
    from veille.outcome import Outcome
    from veille.settings import FetchSettings


def names(request: Request) -> set[str]:
    return {name for name, _ in request.headers}


# --- what is asked -----------------------------------------------------------


def test_a_first_request_says_who_asks_and_nothing_more(publisher: Publisher) -> None:
    outcome = fetched(get(publisher.serve("/feed?format=rss", Answer(body=RSS))))
    assert (outcome.body, outcome.url, outcome.moved_to) == (RSS, publisher.url("/feed?format=rss"), "")
    (request,) = publisher.requests
    assert request.path == "/feed?format=rss"
    assert names(request) == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert request.header("user-agent") == f"veille/{__version__} (feed reader)".encode()
    assert request.header("accept-encoding") == b"gzip, deflate, br"


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        ('"abc"', "Fri, 20 Nov 2026 08:00:00 GMT"),
        ('W/"weak"', ""),
        ("unquoted", "yesterday, about noon"),
        ('"one" and "two"', "0"),
        ("'single'", "Fri, 20 Nov 2026 08:00:00 +0100"),
        ('"\\"escaped\\""', "  "),
        ('"caf\xe9 \xa7\xff"', "vendredi 20 d\xe9cembre"),
        ("", "Fri, 20-Nov-26 08:00:00 GMT"),
    ],
)
def test_validators_come_back_byte_for_byte(publisher: Publisher, etag: str, last_modified: str) -> None:
    url = publisher.serve("/feed", Answer(body=RSS, etag=etag, last_modified=last_modified))
    first = fetched(get(url))
    assert first.validators == Validators(etag=etag, last_modified=last_modified.strip())
    assert isinstance(get(url, validators=first.validators), NotModified)
    asked = publisher.requests[-1]
    sent = {name: asked.header(name) for name in ("if-none-match", "if-modified-since")}
    assert sent == {
        "if-none-match": etag.encode("latin-1") or None,
        "if-modified-since": last_modified.strip().encode("latin-1") or None,
    }


def test_a_304_tells_the_validators_that_it_repeats(publisher: Publisher) -> None:
    answer = Answer(
        body=RSS, etag='"1"', last_modified="Monday", again=(("ETag", '"2"'), ("Cache-Control", "max-age=9"))
    )
    outcome = get(publisher.serve("/feed", answer), validators=Validators(etag='"1"'))
    assert outcome == NotModified(validators=Validators(etag='"2"'), headers={"cache-control": "max-age=9"})


def test_a_304_that_was_not_asked_for_is_a_failure(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(status=304))
    assert failed(get(url)).reason == "the server answered 304"


def test_a_validator_too_long_to_send_back_is_not_kept(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(body=RSS, etag='"' + "x" * 50_000 + '"', last_modified="y" * 3000))
    assert fetched(get(url)).validators == Validators()


def test_the_last_of_several_validators_counts(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(body=RSS, headers=(("ETag", '"a"'), ("etag", '"b"'))))
    assert fetched(get(url)).validators.etag == '"b"'


def test_cookies_are_not_kept_and_no_referer_is_sent(publisher: Publisher) -> None:
    publisher.serve("/a", Answer(status=302, headers=(("Location", "/b"), ("Set-Cookie", "id=1; Path=/"))))
    publisher.serve("/b", Answer(body=RSS, headers=(("Set-Cookie", "id=2; Path=/; Max-Age=9999"),)))
    url = publisher.url("/a")

    async def twice() -> None:
        async with open_fetcher(PATIENT) as fetcher:
            for _ in range(2):
                fetched(await fetcher.fetch(url, Validators()))

    asyncio.run(twice())
    assert [request.path for request in publisher.requests] == ["/a", "/b", "/a", "/b"]
    assert all(names(request).isdisjoint({"cookie", "referer"}) for request in publisher.requests)


def test_a_subscription_list_is_one_unconditional_request(publisher: Publisher) -> None:
    url = publisher.serve("/list.opml", Answer(body=b"<opml/>", etag='"1"'))
    assert fetched(asyncio.run(fetch_once(url, PATIENT))).body == b"<opml/>"
    (request,) = publisher.requests
    assert names(request).isdisjoint({"if-none-match", "if-modified-since"})


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("http://bücher.example/é?q=à b#part", "xn--bcher-kva.example", "/%C3%A9?q=%C3%A0%20b"),
        ("http://EXAMPLE.org:80/a%20b/../c", "example.org", "/c"),
        ("http://[2606:2800::1]:8080/feed", "[2606:2800::1]:8080", "/feed"),
        ("http://example.org", "example.org", "/"),
        ("http://example.org./x?a=1&a=%2F", "example.org.", "/x?a=1&a=%2F"),
    ],
)
def test_odd_addresses_are_asked_as_they_should(url: str, host: str, path: str) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(RSS))

    async def run() -> Outcome:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await Fetcher(client, PATIENT).fetch(url, Validators())

    assert fetched(asyncio.run(run())).body == RSS
    assert [(one.headers["host"], one.url.raw_path.decode()) for one in seen] == [(host, path)]


# --- credentials -------------------------------------------------------------


def test_credentials_of_an_address_are_sent_and_leave_no_trace(publisher: Publisher) -> None:
    publisher.serve("/feed", Answer(body=RSS))
    outcome = fetched(get(f"http://ann:p%40ss@127.0.0.1:{publisher.port}/feed"))
    assert publisher.requests[0].header("authorization") == b"Basic YW5uOnBAc3M="
    assert outcome.url == publisher.url("/feed")


def test_credentials_stay_with_their_host_on_a_redirect(publisher: Publisher) -> None:
    publisher.serve("/a", redirect("/b"))
    publisher.serve("/b", redirect(publisher.url("/c")))
    publisher.serve("/c", redirect(publisher.url("/d", host="localhost")))
    publisher.serve("/d", Answer(body=RSS))
    outcome = fetched(get(f"http://ann:secret@127.0.0.1:{publisher.port}/a"))
    sent = {request.path: request.header("authorization") is not None for request in publisher.requests}
    assert sent == {"/a": True, "/b": True, "/c": True, "/d": False}
    assert "secret" not in outcome.url


@pytest.mark.parametrize(
    ("target", "carried"),
    [
        ("http://one.example/b", True),
        ("https://one.example/b", True),
        ("http://one.example:8080/b", False),
        ("http://two.example/b", False),
        ("http://bob:x@one.example/b", False),
    ],
)
def test_credentials_are_carried_within_one_site_only(target: str, *, carried: bool) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return (
            httpx.Response(301, headers={"Location": target})
            if request.url.path == "/a"
            else httpx.Response(200, stream=httpx.ByteStream(b""))
        )

    async def run() -> Outcome:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await Fetcher(client, PATIENT).fetch("http://ann:secret@one.example/a", Validators())

    outcome = fetched(asyncio.run(run()))
    assert (seen[0].headers["authorization"] == seen[1].headers.get("authorization")) is carried
    assert ("ann:secret" in outcome.moved_to) is carried


# --- redirects ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [([301], True), ([308], True), ([301, 308, 301], True), ([302], False), ([301, 302], False), ([307, 301], False),
     ([303], False), ([301] * 5, True)],
)  # fmt: skip
def test_an_address_has_moved_when_every_hop_is_permanent(
    publisher: Publisher, statuses: list[int], *, moved: bool
) -> None:
    for number, status in enumerate(statuses):
        publisher.serve(f"/{number}", redirect(f"/{number + 1}#part", status))
    end = publisher.serve(f"/{len(statuses)}", Answer(body=RSS, etag='"1"'))
    outcome = fetched(get(publisher.url("/0")))
    assert (outcome.url, outcome.moved_to) == (end, end if moved else "")
    again = get(publisher.url("/0"), validators=outcome.validators)
    assert isinstance(again, NotModified)
    assert again.moved_to == outcome.moved_to


def test_five_redirects_are_followed_and_a_sixth_is_not(publisher: Publisher) -> None:
    for number in range(9):
        publisher.serve(f"/{number}", redirect(f"/{number + 1}"))
    publisher.serve("/9", Answer(body=RSS))
    assert fetched(get(publisher.url("/4"))).body == RSS
    publisher.requests.clear()
    assert failed(get(publisher.url("/3"))).reason == "more than 5 redirects"
    assert [request.path for request in publisher.requests] == ["/3", "/4", "/5", "/6", "/7", "/8"]


@pytest.mark.parametrize("hops", [["/a"], ["/b", "/a"], ["/b", "/c", "/b"], ["/a#top"]])
def test_a_circle_is_left_as_soon_as_it_closes(publisher: Publisher, hops: list[str]) -> None:
    for source, target in zip(["/a", *hops], hops, strict=False):
        publisher.serve(source, redirect(target, 301))
    outcome = failed(get(publisher.url("/a")))
    assert (outcome.reason, outcome.status) == ("it redirects in a circle", 301)
    assert len(publisher.requests) == len(hops)


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://127.0.0.1/feed", "javascript:alert(1)", "data:text/xml,<rss/>",
     "http://[oops/", "http://127.0.0.1:99999/", "gopher://x/"],
)  # fmt: skip
def test_a_redirect_to_what_is_no_web_address_is_refused(publisher: Publisher, target: str) -> None:
    outcome = failed(get(publisher.serve("/feed", redirect(target, 301))))
    assert len(publisher.requests) == 1
    assert "web address" in outcome.reason or "Invalid" in outcome.reason


def test_a_redirect_to_nowhere_is_an_answer_like_another(publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(status=302), Answer(status=300, headers=(("Location", "/x"),)))
    assert failed(get(url)).reason == "the server answered 302"
    assert failed(get(url)).reason == "the server answered 300"


def test_a_failure_behind_a_redirect_names_the_host_that_answered(publisher: Publisher) -> None:
    publisher.serve("/limited", Answer(status=429))
    there = publisher.url("/limited", host="localhost")
    assert failed(get(publisher.serve("/feed", redirect(there)))).host == "localhost"
    assert failed(get(there)).host == ""


def test_blanks_and_accents_in_a_location_are_understood(publisher: Publisher) -> None:
    publisher.serve("/%C3%A9t%C3%A9%20et%20hiver", Answer(body=RSS))
    url = publisher.serve("/feed", Answer(status=302, headers=(("Location", " /Ã©tÃ© et hiver "),)))
    assert fetched(get(url)).body == RSS


def public_fetch(target: str, settings: FetchSettings = PATIENT) -> tuple[Outcome, int]:
    """A public address (by number, so that nothing is looked up) that redirects; and the requests made."""
    seen = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal seen
        seen += 1
        return httpx.Response(200, stream=httpx.ByteStream(RSS)) if str(request.url) == target else redirected

    redirected = httpx.Response(302, headers={"Location": target})

    async def run() -> Outcome:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await Fetcher(client, settings).fetch("http://93.184.216.34/feed", Validators())

    return asyncio.run(run()), seen


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "[::1]", "[fe80::1]", "[::ffff:127.0.0.1]",
             "localhost", "0", "2130706433", "0x7f.1"],
)  # fmt: skip
def test_a_public_feed_may_not_lead_to_a_private_address(host: str) -> None:
    target = f"http://{host}/admin"
    outcome, requests = public_fetch(target)
    assert "private address" in failed(outcome).reason
    assert requests == 1
    allowed, requests = public_fetch(target, replace(PATIENT, allow_private=True))
    assert (fetched(allowed).body, requests) == (RSS, 2)


class Peer:
    """The far end of a connection, as httpcore tells it."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get_extra_info(self, name: str) -> object:
        return (self._address, 80) if name == "server_addr" else None


@pytest.mark.parametrize("target", ["http://localhost:8080/admin", "http://127.0.0.1/admin", "http://10.0.0.1/"])
@pytest.mark.parametrize(("peer", "asked"), [("93.184.216.34", 1), ("127.0.0.1", 2)])
def test_a_public_feed_whose_name_becomes_private_may_not_lead_inside(target: str, peer: str, asked: int) -> None:
    """Its publisher holds the name server: by the redirect its own name is looked up as private too."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        there = {"network_stream": Peer(peer)}
        if len(seen) > 1:
            return httpx.Response(200, stream=httpx.ByteStream(RSS), extensions=there)
        return httpx.Response(302, headers={"Location": target}, extensions=there)

    async def run() -> Outcome:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await Fetcher(client, PATIENT).fetch("http://localhost/feed", Validators())

    outcome = asyncio.run(run())
    assert len(seen) == asked
    if asked == 1:
        assert "private address" in failed(outcome).reason
    else:
        assert fetched(outcome).body == RSS


@pytest.mark.parametrize("target", ["http://1.1.1.1/feed", "http://93.184.216.34/other", "http://nowhere.invalid/feed"])
def test_a_public_feed_may_lead_to_another(target: str) -> None:
    assert fetched(public_fetch(target)[0]).body == RSS


def test_a_private_feed_may_lead_to_another(publisher: Publisher) -> None:
    publisher.serve("/end", Answer(body=RSS))
    assert fetched(get(publisher.serve("/feed", redirect(publisher.url("/end", host="localhost"))))).body == RSS
