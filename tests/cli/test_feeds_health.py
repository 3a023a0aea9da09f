"""feeds --health: a small world played over several fetches, as the user reads it and as a program does."""

import hashlib
import io
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice
from pathlib import Path
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
SYLLABLES = "ba do fi gu ka le mi no pu ra se ti vo za che bri".split()


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
    """Made-up words that follow from the seed: no other seed has any of them, so that no two stories meet."""
    digest = iter(hashlib.sha256(seed.encode()).digest())
    words = ("".join(SYLLABLES[byte % len(SYLLABLES)] for byte in islice(digest, 4)) for _ in range(6))
    return " ".join(words).capitalize()


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
        "mirror": "duplicates", "flood": "prolific", "busy": "fine", "quiet": "muted", "ahead": "future-dated",
    }  # fmt: skip
    assert {name: feed["verdict"] for name, feed in found.items()} == expected
    commands = {name: [one for each in feed["findings"] for one in each["commands"]] for name, feed in found.items()}
    assert found["fine"]["findings"] == []
    assert commands["missing"] == [f"veille add {world.publisher.url('/')}"]
    assert f"veille feeds set {world.ids['locked']} auth=netrc" in commands["locked"]
    assert commands["moved"] == [f"veille add {moved}", f"veille remove {world.ids['moved']}"]
    assert commands["mirror"] == [f"veille mute {world.ids['mirror']}"]
    assert commands["flood"] == [f"veille feeds set {world.ids['flood']} weight=-1"]
    assert found["moved"]["findings"][0]["moved_seen"] == 2
    assert found["mirror"]["findings"][0] | {"words": ""} == {
        "kind": "duplicates", "words": "", "fix": "do without it:", "commands": commands["mirror"],
        "other": world.ids["agency"], "share": 1.0, "lag_seconds": 1800.0,
    }  # fmt: skip
    assert found["ahead"]["findings"][0]["entries"] == 2
    printed = world.run("feeds", "--health")
    assert (printed.code, printed.err) == (0, "")
    lines = printed.out.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == [
        "gone (1)", "failing (2)", "degraded (1)", "silent (2)", "moved (1)", "future-dated (1)",
        "duplicates (1)", "prolific (1)", "truncated (1)", "muted (1)", "waiting (1 host)", "4 feeds are fine",
    ]  # fmt: skip
    assert "nothing for 20 d" in printed.out
    (waits,) = (line for line in lines if "asks for peace" in line)
    assert waits.startswith("  localhost asks for peace for another ")
    assert waits.endswith(f": 1 feed waits (no. {world.ids['busy']})")
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
    assert missed["lasts_seconds"] > 3 * 3600
    assert "fetch it every" in missed["fix"]


def test_ten_entries_replaced_by_ten_were_missed_whatever_their_dates_but_not_under_new_names(world: World) -> None:
    first, second = daily("first", count=10), daily("second", count=10, end=2 * HOUR)
    undated = [Item(**vars(one) | {"at": None}) for one in second]
    renamed = [Item(**vars(one) | {"guid": f"new-{one.guid}"}) for one in first]
    for name, items in (("dated", second), ("undated", undated), ("renamed", renamed)):
        world.add(name, rss(name, first), rss(name, items))
    world.run("fetch")
    world.run("fetch", "--force")
    kinds = {name: [one["kind"] for one in feed["findings"]] for name, feed in world.examine().items()}
    assert {name for name, found in kinds.items() if "missed" in found} == {"dated", "undated"}


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


def test_credentials_that_are_missing_here_are_told_with_what_sets_them(world: World) -> None:
    world.add("locked", rss("locked", daily("locked")))
    world.add("slow", Answer(status=404))
    assert world.run("feeds", "set", "1", "auth=basic:me:$VEILLE_TEST_NOT_SET").code == 0
    assert world.run("fetch").code == 1
    (finding,) = world.examine()["locked"]["findings"]
    assert finding["commands"] == ["export VEILLE_TEST_NOT_SET=…", "veille fetch 1 --force"]
    assert "new address" not in finding["fix"]


def test_the_commands_given_to_one_who_is_refused_are_taken(world: World) -> None:
    world.add("locked", Answer(status=401))
    world.run("fetch")
    (finding,) = world.examine()["locked"]["findings"]
    assert finding["words"].endswith("it asks for a password (401)")
    for command in finding["commands"]:
        assert world.run(*shlex.split(command)[1:]).code == 0
    assert world.run("fetch", "--force").code == 1
    (finding,) = world.examine()["locked"]["findings"]
    assert finding["commands"][0] == "export NAME=…"


def test_a_setting_of_config_counts_in_one_folder_too(world: World, run: "Run", home: Path) -> None:
    world.add("a", Answer(status=401), folder="Presse")
    (home / "config.toml").write_text(f'[feeds."{world.publisher.url("/a")}"]\nauth = "basic:me:$HOME"\n', "utf-8")
    run("fetch")
    for words in ([], ["--folder", "presse"]):
        (health,) = run("feeds", "--health", "--json", *words).json
        assert "auth=basic:me:$HOME refers to" in health["findings"][0]["fix"]


def print_at(width: int, *feeds: Health, addresses: bool = False) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, markup=False, emoji=False, highlight=False)
    print_health(console, feeds, addresses=addresses)
    return out.getvalue().splitlines()


def test_a_host_that_asked_for_peace_is_told_once_with_its_feeds() -> None:
    def wait(until: str, words: str) -> Finding:
        return Finding(kind="waiting", words=words, fix="nothing", figures={"host": "busy.example", "until": until})

    told = wait("2026-11-20T10:00:00Z", "busy.example asks for peace for another 2 h (429)")
    held = wait("2026-11-20T10:00:00Z", "busy.example asks for peace for another 2 h")
    failing = Finding(kind="failing", words="failing: refused", fix="wait")
    other = Finding(kind="waiting", words="other", fix="", figures={"host": "other.example", "until": "2026"})
    lines = print_at(
        120,
        Health(feed=make_feed(3), findings=(held,)),
        Health(feed=make_feed(12), findings=(told,)),
        Health(feed=make_feed(14), findings=(failing, held)),
        Health(feed=make_feed(15), findings=(other,)),
    )
    assert lines[-4:] == [
        "waiting (2 hosts)",
        "  busy.example asks for peace for another 2 h (429): 3 feeds wait (no. 3, 12, 14)",
        "  other: 1 feed waits (no. 15)",
        "3 feeds are fine",
    ]
    assert lines[0] == "failing (1)"
    assert len(lines) == 8


def test_an_address_that_is_the_name_is_shortened_in_the_middle_and_told_whole_once() -> None:
    url = f"https://www.example.org/{'a' * 90}/rss.xml"
    known = make_feed(12, subscription=make_subscription(url=url))
    finding = Finding(kind="missed", words="all new", fix="fetch it")
    _, head, *_ = print_at(80, Health(feed=known, findings=(finding,)))
    assert len(head) == 80
    assert head.startswith("  12  www.example.org/aaa")
    assert head.endswith("aaa/rss.xml")
    lines = print_at(80, Health(feed=known, findings=(finding,)), addresses=True)
    assert lines[1:3] == ["  12  (no title)", f"      {url}"]
    assert "".join(lines).count("rss.xml") == 1


def test_lines_wrap_in_80_columns_addresses_stay_whole_and_what_a_feed_says_is_text() -> None:
    address = f"https://www.example.org/{'a' * 90}"
    command = f"veille add {address} --folder 'Presse du matin'"
    known = make_feed(
        12, title="Hidden \x1b[31m[bold]title\u202e\n" + "and on " * 20, subscription=make_subscription(folder="Presse")
    )
    moved = Finding(
        kind="moved", words=f"it has moved for good to {address} (seen once)", fix="add it " * 19, commands=(command,)
    )
    other = Finding(kind="truncated", words="its entries\x1b[2J are short", fix="nothing to do")
    lines = print_at(80, Health(feed=known, findings=(moved, other)), Health(feed=make_feed(2)))
    assert lines[0] == "moved (1)"
    assert lines[1].startswith("  12  Hidden [31m[bold]title and on")
    assert [line for line in lines if len(line) > 80] == [f"        {address}", f"        {command}"]
    assert "      truncated: its entries[2J are short" in lines
    assert lines[-1] == "1 feed is fine"
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)
