"""feeds --health: a small world played over several fetches, as the user reads it and as a program does."""

import hashlib
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pytest
from rich.console import Console

from make import make_feed, make_subscription
from publisher import Answer, Publisher, redirect
from veille.rank.findings import Finding, Health
from veille.show.health import print_health

if TYPE_CHECKING:
    from cli.conftest import Run

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WORDS = (
    "budget tempête raffinerie musée satellite banque alpiniste finale forêt tramway vaccin loyer récolte théâtre "
    "frontière hôpital syndicat turbine volcan archive moisson cathédrale pêcheur canicule ruche glacier métropole"
).split()


@dataclass(frozen=True, kw_only=True)
class Item:
    guid: str
    title: str
    at: datetime | None
    text: str = "Un texte entier, qui finit par un point."


@dataclass
class World:
    """Feeds served to one veille: each may answer something else the next time."""

    publisher: Publisher
    run: "Run"
    ids: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, *answers: Answer, host: str = "127.0.0.1", folder: str = "") -> None:
        """Subscribe, without asking the address yet."""
        self.publisher.serve(f"/{name}", *answers)
        outline = f"<outline text='{name}' xmlUrl='{self.publisher.url(f'/{name}', host=host)}'/>"
        opml = f"<opml version='2.0'><body>{outline}</body></opml>".encode()
        assert self.run("import", "--folder", folder, "-", stdin=opml).code == 0
        self.ids[name] = len(self.ids) + 1

    def examine(self) -> dict[str, dict[str, Any]]:
        return {feed["title"]: feed for feed in self.run("feeds", "--health", "--json").json}


@pytest.fixture
def world(publisher: Publisher, run: "Run") -> World:
    return World(publisher, run)


def rss(name: str, items: list[Item]) -> Answer:
    parts = (
        f"<item><guid isPermaLink='false'>{item.guid}</guid><title>{escape(item.title)}</title>"
        f"<link>http://{name}.example/{item.guid}</link><description>{escape(item.text)}</description>"
        f"{f'<pubDate>{format_datetime(item.at)}</pubDate>' if item.at else ''}</item>"
        for item in items
    )
    head = f"<rss version='2.0'><channel><title>{name}</title><link>http://{name}.example/</link>"
    return Answer(body=f"{head}{''.join(parts)}</channel></rss>".encode())


def daily(seed: str, *, count: int = 8, end: timedelta = HOUR, every: timedelta = DAY) -> list[Item]:
    """So many articles at regular intervals, the last one so long ago; every seed has its own."""
    now = datetime.now(UTC)
    return [Item(guid=f"{seed}-{n}", title=title(f"{seed} {n}"), at=now - end - n * every) for n in range(count)]


def title(seed: str) -> str:
    """Words that follow from the seed, and from no other."""
    chosen = hashlib.sha256(seed.encode()).digest()[:6]
    return " ".join(WORDS[byte % len(WORDS)] for byte in chosen).capitalize()


def test_every_trouble_of_a_feed_has_its_verdict_and_its_fix(world: World) -> None:
    moved = world.publisher.serve("/new", rss("moved", daily("moved")))
    world.add("fine", rss("fine", daily("fine")))
    world.add("other", rss("other", daily("other")))
    world.add("gone", Answer(status=410))
    world.add("missing", Answer(status=404))
    world.add("locked", Answer(status=401))
    world.add("moved", redirect(moved, 301))
    world.add("broken", Answer(body=rss("broken", daily("broken")).body.replace(b"</item>", b"<b></item>", 1)))
    world.add("silent", rss("silent", daily("silent", end=20 * DAY)))
    world.add("never", rss("never", []))
    world.add("teasers", rss("teasers", [Item(**vars(one) | {"text": "Le début…"}) for one in daily("teasers")]))
    world.add("agency", rss("agency", daily("dispatch")))
    late = [Item(**vars(one) | {"at": one.at + HOUR / 2}) for one in daily("dispatch") if one.at]
    world.add("mirror", rss("mirror", late))
    world.add("flood", rss("flood", daily("flood", count=60, every=HOUR)))
    world.add("busy", Answer(status=429, headers=(("Retry-After", "7200"),)), host="localhost")
    world.add("quiet", rss("quiet", daily("quiet")))
    ahead = daily("ahead", end=-3 * DAY, count=2) + daily("now")
    world.add("ahead", rss("ahead", ahead))
    for _ in range(2):
        world.run("fetch", "--force")
    assert world.run("mute", "quiet").code == 0
    found = world.examine()
    expected = {
        "fine": "fine", "other": "fine", "agency": "fine", "gone": "gone", "missing": "failing", "locked": "failing",
        "moved": "moved", "broken": "degraded", "silent": "silent", "never": "silent", "teasers": "truncated",
        "mirror": "duplicates", "flood": "prolific", "busy": "waiting", "quiet": "muted", "ahead": "future-dated",
    }  # fmt: skip
    assert {name: feed["verdict"] for name, feed in found.items()} == expected
    fixes = {name: [finding["fix"] for finding in feed["findings"]] for name, feed in found.items()}
    assert fixes["fine"] == []
    assert "`veille add http" in fixes["missing"][0]
    assert f"`veille feeds set {world.ids['locked']} auth=netrc`" in fixes["locked"][0]
    assert f"`veille add {moved}`" in fixes["moved"][0]
    assert f"`veille mute {world.ids['mirror']}`" in fixes["mirror"]
    assert f"`veille feeds set {world.ids['flood']} weight=-1`" in fixes["flood"][0]
    assert found["moved"]["findings"][0]["moved_seen"] == 2
    assert found["mirror"]["findings"][0] | {"words": ""} == {
        "kind": "duplicates", "words": "", "fix": fixes["mirror"][0], "other": world.ids["agency"],
        "share": 1.0, "lag_seconds": 1800.0,
    }  # fmt: skip
    assert found["ahead"]["findings"][0]["entries"] == 2
    printed = world.run("feeds", "--health")
    assert (printed.code, printed.err) == (0, "")
    lines = printed.out.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == [
        "gone (1)", "failing (2)", "degraded (1)", "silent (2)", "moved (1)", "future-dated (1)",
        "duplicates (1)", "prolific (1)", "truncated (1)", "waiting (1)", "muted (1)", "3 feeds are fine",
    ]  # fmt: skip
    assert "nothing for 20 d" in printed.out
    addresses = world.run("feeds", "--health", "--urls").out
    assert world.publisher.url("/gone") in addresses
    assert world.publisher.url("/fine") not in addresses


def test_a_fetch_notices_what_was_missed_and_what_was_dated_anew(world: World) -> None:
    first = daily("rolling", count=4, end=30 * HOUR, every=HOUR)
    later = daily("later", count=4, every=HOUR)
    world.add("rolling", rss("rolling", first), rss("rolling", later))
    old = daily("old", count=5, end=9 * DAY)
    again = [Item(**vars(one) | {"at": datetime.now(UTC) - HOUR}) for one in old]
    world.add("again", rss("again", old), rss("again", again))
    world.add("fine", rss("fine", daily("fine")), rss("fine", daily("fine", count=9)))
    assert world.run("fetch").code == 0
    assert {feed["verdict"] for name, feed in world.examine().items() if name != "again"} == {"fine"}
    assert world.run("fetch", "--force").code == 0
    found = world.examine()
    assert {name: feed["verdict"] for name, feed in found.items()} == {
        "rolling": "missed", "again": "re-dated", "fine": "fine",
    }  # fmt: skip
    (missed,) = found["rolling"]["findings"]
    assert missed["reach_seconds"] > 3 * 3600
    assert "fetch it every" in missed["fix"]


def test_one_folder_is_judged_among_all(world: World) -> None:
    for name, folder in (("a", "Presse"), ("b", "Presse/Régions"), ("c", "Blogs")):
        world.add(name, rss(name, daily("same")), folder=folder)
    world.run("fetch")
    press = world.run("feeds", "--health", "--folder", "presse", "--json").json
    assert [feed["title"] for feed in press] == ["a", "b"]
    (blogs,) = world.run("feeds", "--health", "--folder", "blogs", "--json").json
    assert blogs["verdict"] == "duplicates"
    assert world.run("feeds", "--health", "--folder", "nulle part").code == 2


def test_without_feeds_health_says_how_to_begin(run: "Run") -> None:
    result = run("feeds", "--health")
    assert (result.code, result.out) == (0, "")
    assert "veille import" in result.err
    assert run("feeds", "--health", "--json").json == []


def test_lines_wrap_in_80_columns_addresses_stay_whole_and_what_a_feed_says_is_text() -> None:
    address = f"https://www.example.org/{'a' * 90}"
    known = make_feed(
        12, title="Hidden \x1b[31m[bold]title\u202e\n" + "and on " * 20, subscription=make_subscription(folder="Presse")
    )
    moved = Finding(kind="moved", words=f"it has moved for good to {address} (seen once)", fix="veille add " * 9)
    other = Finding(kind="waiting", words="its host asks\x1b[2J for peace", fix="nothing to do")
    out = io.StringIO()
    console = Console(file=out, width=80, markup=False, emoji=False, highlight=False)
    print_health(console, [Health(feed=known, findings=(moved, other)), Health(feed=make_feed(2))])
    lines = out.getvalue().splitlines()
    assert lines[0] == "moved (1)"
    assert lines[1].startswith("  12  Hidden [31m[bold]title and on")
    assert [line for line in lines if len(line) > 80] == [f"        {address}"]
    assert "      waiting: its host asks[2J for peace" in lines
    assert lines[-1] == "1 feed is fine"
    assert "\x1b" not in out.getvalue()
    assert "\u202e" not in out.getvalue()
