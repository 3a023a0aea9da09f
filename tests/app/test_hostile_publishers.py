"""What hostile publishers send, met by the program itself: the batch goes on, memory and time stay bounded.

Every feed is asked for over loopback by a `veille fetch --json` whose memory is measured, its reading processes'
too. Three feeds in good order are among the others, and last.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hostile import HOSTILE, MB, NEWS, laughs, with_head
from publisher import Answer, Publisher, redirect
from running import query, rss, subscribe_all, veille

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.usefixtures("home")
SETTINGS = "[fetch]\ntimeout = '3s'\nper_host = 20\n"
# What is measured comes after all else: `run` ends by leaving.
PROGRAM = """
import json, os, resource, sys
from veille.cli.main import run
try:
    run()
finally:
    peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1]
    readers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    json.dump([int(peak) / 1000, readers / 1000], open(os.environ['FIGURES'], 'w'))
"""
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A run of the program: its receipt, exit code and cost; MB of itself and of its largest reading process."""

    receipt: dict[str, Any]
    code: int
    seconds: float
    memory: float
    reading: float

    def told(self, path: str) -> list[str]:
        """The reasons told of the feed whose address ends so."""
        return [one["reason"] for one in self.receipt["problems"] if one["feed_url"].endswith(path)]


def fetch_measured(home: Path, *arguments: str, **environment: str) -> Fetched:
    figures = home / "figures.json"
    started = time.monotonic()
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, "fetch", "--json", *arguments],
        env=os.environ | {"FIGURES": str(figures)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    seconds = time.monotonic() - started
    assert "Traceback" not in process.stderr
    memory, reading = json.loads(figures.read_text())
    told = Fetched(
        receipt=json.loads(process.stdout), code=process.returncode, seconds=seconds, memory=memory, reading=reading
    )
    sys.stdout.write(f"{seconds:.1f} s, veille {memory:.0f} MB, reading {reading:.0f} MB\n")
    return told


def tells(told: list[str], said: str) -> bool:
    """Whether one clear line says so, or none where there is nothing to say."""
    if not said:
        return not told
    return len(told) == 1 and bool(re.search(said, told[0])) and len(told[0]) < 200 and "\n" not in told[0]


# What Retry-After says, and the hours that are waited for it: a week at most, an hour where it says nothing.
RETRY_AFTER = {"-1": 1, str(10**12): 168, "soon": 1, "9" * 5000: 168, "Fri, 31 Dec 9999 23:59:59 GMT": 168, "1e3": 1}
GOOD = "SELECT count(*) FROM entries WHERE title = 'Good news'"


@pytest.fixture
def home_with_good_news(publisher: Publisher, home: Path) -> Path:
    """A home in which three feeds in good order are subscribed after the others: see `subscribe`."""
    (home / "config.toml").write_text(SETTINGS)
    for number in range(3):
        publisher.serve(f"/good/{number}", Answer(body=rss({f"g{number}": "Good news"})))
    return home


def subscribe(publisher: Publisher, bad: Sequence[str]) -> None:
    subscribe_all([*bad, *(publisher.url(f"/good/{number}") for number in range(3))])


@needs_proc
def test_a_hostile_batch_is_told_line_by_line_and_the_good_feeds_are_stored(
    publisher: Publisher, home_with_good_news: Path
) -> None:
    home = home_with_good_news
    publisher.serve("/loop-back", redirect("/loop-of-two"))
    publisher.serve("/landed%0d%0aX-Injected:%201", Answer(body=NEWS))
    for number in range(1, 20):
        publisher.serve(f"/stairs/{number}", redirect(f"/stairs/{number + 1}"))
    subscribe(publisher, [publisher.serve(f"/{name}", answer) for name, (answer, _) in HOSTILE.items()])
    run = fetch_measured(home)
    told = {name: run.told(f"/{name}") for name in HOSTILE}
    assert [(name, told[name]) for name, (_, said) in HOSTILE.items() if not tells(told[name], said)] == []
    assert query(home, GOOD) == [(3,)]
    harmless = {f"/{name}" for name, (_, said) in HOSTILE.items() if not said}
    stored = query(home, "SELECT feeds.url, count(*) FROM entries JOIN feeds ON feeds.id = feed_id GROUP BY 1")
    assert harmless <= {f"/{url.split('/', 3)[3]}" for url, _ in stored}
    assert run.code == 3
    assert (run.seconds < 60, run.memory < 300, run.reading < 500) == (True, True, True), run
    publisher.requests.clear()
    again = fetch_measured(home, "--force")
    assert (again.code, again.receipt["feeds"]["total"]) == (3, len(HOSTILE) + 3)
    assert max(len(value) for request in publisher.requests for _, value in request.headers) < 4096
    assert not any(name.startswith("x-") for request in publisher.requests for name, _ in request.headers)
    times = query(home, "SELECT published_at FROM entries WHERE title = 'Dated'")
    assert len(times) == 4
    assert all(at is None or "1970" < at < "2100" for (at,) in times), times


@needs_proc
def test_no_entity_reaches_a_file_or_another_address(publisher: Publisher, home_with_good_news: Path) -> None:
    home = home_with_good_news
    canary = home / "canary.txt"
    canary.write_text("a canary that sings")
    stolen = publisher.serve("/stolen", Answer(body=b"<!ENTITY x 'a canary that sings'>"))
    heads = [
        f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{canary.as_uri()}'>]>",
        f"<!DOCTYPE rss [<!ENTITY x PUBLIC 'any' '{canary}'>]>",
        f"<!DOCTYPE rss [<!ENTITY % y SYSTEM '{stolen}'> %y;]>",
        f"<!DOCTYPE rss SYSTEM '{stolen}'>",
        f"<!DOCTYPE rss [<!ENTITY % f SYSTEM '{canary.as_uri()}'><!ENTITY % g '<!ENTITY x SYSTEM \"{stolen}\">'> %g;]>",
    ]
    include = f"<x xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='{canary.as_uri()}' parse='text'/></x>"
    bodies = [with_head(head, item="<description>[&x;]</description>") for head in heads]
    bodies.append(with_head("", item=f"<description>{include}</description>"))
    subscribe(publisher, [publisher.serve(f"/{n}", Answer(body=body)) for n, body in enumerate(bodies)])
    run = fetch_measured(home)
    assert query(home, GOOD) == [(3,)]
    assert publisher.asked("/stolen") == []
    assert "sings" not in json.dumps(run.receipt)
    archive = b"".join(path.read_bytes() for path in home.glob("veille.db*"))
    assert b"Good news" in archive
    assert b"sings" not in archive
    assert all(len(run.told(f"/{n}")) <= 1 for n in range(len(bodies)))


@needs_proc
def test_entities_that_multiply_cost_no_memory(publisher: Publisher, home_with_good_news: Path) -> None:
    """A long one used often would be 5 GB; each of ten levels used ten times, 20 GB; one of itself, no end."""
    long = with_head(
        f"<!DOCTYPE rss [<!ENTITY x '{'x' * 50_000}'>]>", item=f"<description>{'&x;' * 100_000}</description>"
    )
    itself = with_head("<!DOCTYPE rss [<!ENTITY x '&y;'><!ENTITY y '&x;'>]>", item="<description>&x;</description>")
    bodies = {"long": long, "levels": laughs(), "itself": itself}
    subscribe(publisher, [publisher.serve(f"/{name}", Answer(body=body)) for name, body in bodies.items()])
    run = fetch_measured(home_with_good_news)
    assert query(home_with_good_news, GOOD) == [(3,)]
    assert [len(run.told(f"/{name}")) for name in bodies] == [1, 1, 1], run.receipt["problems"]
    assert run.receipt["feeds"]["fetched"] + run.receipt["feeds"]["failed"] == 6
    assert (run.seconds < 60, run.memory < 200, run.reading < 500) == (True, True, True), run


@needs_proc
def test_ten_megabytes_in_a_hundred_thousand_entries_are_stored(
    publisher: Publisher, home_with_good_news: Path
) -> None:
    item = "<item><guid>http://x.ex/%06d</guid><title>T %06d</title><description>Text</description></item>"
    items = "".join(item % (number, number) for number in range(100_000))
    body = f"<rss version='2.0'><channel><title>Long</title>{items}</channel></rss>".encode()
    assert 9 * MB < len(body) <= 10 * MB
    subscribe(publisher, [publisher.serve("/long", Answer(body=body, encoding="gzip", etag='"1"'))])
    run = fetch_measured(home_with_good_news)
    assert query(home_with_good_news, GOOD) == [(3,)]
    assert (run.code, run.receipt["entries"]["new"]) == (0, 100_003)
    assert (run.seconds < 240, run.memory < 500, run.reading < 800) == (True, True, True), run


def test_a_retry_after_that_is_absurd_is_bounded(home: Path) -> None:
    """Each of a host of its own, as 429 is the host's."""
    addresses = [f"127.0.0.{number}" for number in range(1, len(RETRY_AFTER) + 1)]
    with Publisher(*addresses) as publisher:
        for number, value in enumerate(RETRY_AFTER):
            headers = (("Retry-After", value),)
            publisher.serve(f"/{number}/429", Answer(status=429, headers=headers))
            publisher.serve(f"/{number}/503", Answer(status=503, headers=headers))
        paths = [(address, f"/{n}/{status}") for n, address in enumerate(addresses) for status in (503, 429)]
        subscribe_all([publisher.url(path, host=address) for address, path in paths])
        receipt = json.loads(veille("fetch", "--json", home=home)[1])
    began = datetime.fromisoformat(receipt["started_at"])
    waits = {one["feed_url"].split("/", 3)[3]: one["retry_at"] for one in receipt["problems"]}
    assert len(waits) == 2 * len(RETRY_AFTER)
    for number, hours in enumerate(RETRY_AFTER.values()):
        for status in (429, 503):
            wait = (datetime.fromisoformat(waits[f"{number}/{status}"]) - began) / timedelta(hours=1)
            assert hours <= wait < hours * 1.15 + 0.1, (number, status, wait)


def test_hosts_of_any_alphabet_and_family_are_asked_or_told(publisher: Publisher, home_with_good_news: Path) -> None:
    nowhere = [
        "http://bücher.invalid/feed",
        "http://例え.invalid/",
        "http://xn--a.invalid/",
        f"http://{'x' * 70}.invalid/",
    ]
    subscribe(publisher, nowhere)
    code, out, _ = veille("fetch", "--json")
    told = [one["reason"] for one in json.loads(out)["problems"]]
    assert (code, len(told)) == (3, len(nowhere))
    assert all(
        re.match(r"the host name is not|it is not, or redirects to what is not, a web address", one) for one in told
    ), told
    assert query(home_with_good_news, GOOD) == [(3,)]


def test_a_feed_at_an_ipv6_address_is_read(home: Path) -> None:
    try:
        with Publisher("::1") as publisher:
            url = publisher.url("/feed", host="[::1]")
            publisher.serve("/feed", Answer(body=NEWS))
            subscribe_all([url])
            receipt = json.loads(veille("fetch", "--json", home=home)[1])
            assert publisher.requests[0].header("host") == f"[::1]:{publisher.port}".encode()
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert (receipt["feeds"]["fetched"], receipt["entries"]["new"]) == (1, 1)


PRIVATE = [
    "127.0.0.1",
    "localhost",
    "10.1.2.3",
    "192.168.1.1",
    "169.254.169.254",
    "[::1]",
    "[fe80::1]",
    "0",
    "2130706433",
]


def test_a_public_feed_leads_nowhere_private(publisher: Publisher, home_with_good_news: Path) -> None:
    """Public addresses are reached by a proxy, which is the publisher: what it is asked is all that is asked."""
    public = []
    for number, host in enumerate(PRIVATE):
        public.append(f"http://93.184.216.{number + 1}/feed")
        publisher.serve(public[-1], redirect(f"http://{host}:{publisher.port}/inside", (301, 302, 307)[number % 3]))
    away = [f"http://93.184.216.{number}/feed" for number in (50, 51)]
    for url, target in zip(away, ("file:///etc/passwd", "ftp://10.1.2.3/"), strict=True):
        publisher.serve(url, redirect(target))
    subscribe_all([*public, *away])
    proxy = publisher.url("")
    run = fetch_measured(home_with_good_news, HTTP_PROXY=proxy, http_proxy=proxy, NO_PROXY="", no_proxy="")
    told = [one["reason"] for one in run.receipt["problems"]]
    assert sum("private address" in reason for reason in told) == len(PRIVATE), told
    assert sum("web address" in reason for reason in told) == len(away), told
    assert sorted(request.path for request in publisher.requests) == sorted([*public, *away])


def test_an_address_that_the_user_chose_may_be_private_and_lead_to_another(publisher: Publisher, home: Path) -> None:
    publisher.serve("/end", Answer(body=NEWS))
    subscribe_all([publisher.serve("/feed", redirect(publisher.url("/end", host="localhost")))])
    assert json.loads(veille("fetch", "--json", home=home)[1])["entries"]["new"] == 1
