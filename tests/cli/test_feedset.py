"""`veille feeds set`: settings of one feed, from the command line and config.toml to the publisher's log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from publisher import Answer, Publisher, redirect
from running import query, rss
from veille.app.feedset import replan
from veille.feed import Cadence, FeedState
from veille.fetch.schedule import SIGHTS_OF_A_MOVE
from veille.show.phrases import local_time

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

URL = "https://www.example.org/rss"
OTHER = "https://other.example/rss"


@pytest.fixture
def feeds(run: Run) -> Run:
    assert run("add", "--as-is", URL, "--title", "La Gazette").code == 0
    assert run("add", "--as-is", OTHER, "--title", "Autre").code == 0
    return run


def settings(run: Run, feed: str = "1") -> dict[str, tuple[object, str]]:
    """What is in force for a feed, by key, with the last part of where it comes from."""
    rows = run("feeds", "set", feed, "--json").json["settings"]
    return {row["key"]: (row["value"], row["source"].rpartition("/")[2]) for row in rows}


def stored(home: Path) -> list[str]:
    return [text for (text,) in query(home, "SELECT settings FROM feeds ORDER BY id")]


def write_config(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text, "utf-8")


def test_several_settings_at_once_are_stored_and_shown(feeds: Run, home: Path) -> None:
    done = feeds("feeds", "set", "gazette", "interval=2h", "weight=2.5", "timeout=45s", "header.accept-language=fr")
    assert (done.code, done.err) == (0, "")
    lines = [line.split() for line in done.out.splitlines()[1:]]
    assert lines == [
        ["interval", "2h", "feeds", "set"],
        ["timeout", "45s", "feeds", "set"],
        ["weight", "2.5", "feeds", "set"],
        ["header.Accept-Language", "fr", "feeds", "set"],
    ]
    found = stored(home)
    assert found[1] == "{}"
    assert found[0] == '{"interval": 7200.0, "timeout": 45.0, "weight": 2.5, "headers": [["Accept-Language", "fr"]]}'


def test_without_pairs_everything_in_force_is_listed_with_where_it_comes_from(feeds: Run, home: Path) -> None:
    write_config(home, f'[fetch]\ntimeout = "9s"\n[feeds."{URL}"]\nuser_agent = "Reader/1.0"\n')
    feeds("feeds", "set", "1", "weight=2", "auth=netrc", "muted=true")
    assert settings(feeds) == {
        "interval": ("1h", "default"),
        "timeout": ("9s", "config.toml:2"),
        "weight": (2.0, "feeds set"),
        "user_agent": ("Reader/1.0", "config.toml:4"),
        "auth": ("netrc", "feeds set"),
        "proxy": ("", "default"),
        "muted": (True, "feeds set"),
    }
    title, *lines = feeds("feeds", "set", "1").out.splitlines()
    assert title == "1 La Gazette"
    assert ["user_agent", "Reader/1.0", f"{home}/config.toml:4"] in [line.split() for line in lines]
    assert ["proxy", "-", "default"] in [line.split() for line in lines]
    record = feeds("feeds", "set", "1", "--json").json
    assert (record["id"], record["url"], record["title"]) == (1, URL, "La Gazette")


@pytest.mark.parametrize(
    "words",
    [
        ("set", "1", "weight=", "header.x-api-key="),
        ("set", "1", "weight=unset", "header.X-Api-Key=unset"),
        ("unset", "1", "weight", "header.X-Api-Key"),
    ],
)
def test_settings_are_taken_away_again(feeds: Run, home: Path, words: tuple[str, ...]) -> None:
    assert feeds("feeds", "set", "1", "weight=2", "interval=3h", "header.X-Api-Key=$KEY").code == 0
    assert feeds("feeds", *words).code == 0
    assert stored(home)[0] == '{"interval": 10800.0}'
    assert feeds("feeds", "unset", "1", "interval").code == 0
    assert stored(home)[0] == "{}"


def test_all_or_nothing(feeds: Run, home: Path) -> None:
    done = feeds("feeds", "set", "1", "interval=2h", "muted=true", "wieght=3")
    assert (done.code, done.out) == (2, "")
    assert done.err == "veille: unknown key “wieght”: did you mean weight?\n"
    assert stored(home)[0] == "{}"
    assert query(home, "SELECT muted FROM feeds WHERE id = 1") == [(0,)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["set", "9", "weight=1"], "veille: no feed is called “9”: see `veille feeds`"),
        (["set", "1", "weight"], "veille: setting 1 is not key=value: write it as interval=2h"),
        (["set", "1", "weight=1", "bearer:s3cr3t"], "veille: setting 2 is not key=value: write it as interval=2h"),
        (["set", "1", "auth=bearer:s3cr3t"], "veille: auth: it takes netrc, or the name of the environment variable"),
        (["set", "1", "header.Cookie=s3cr3t"], "veille: header.Cookie: the secret itself is not taken"),
        (["set", "1", "header.Host=x"], "veille: header.Host: it is not yours to set"),
        (["set", "1", "proxy=http://me:s3cr3t@host:1"], "veille: proxy: a password itself is not taken"),
        (["set", "1", "weight=heavy"], "veille: weight: it takes a number, not 'heavy'"),
        (["unset", "1", "waight"], "veille: unknown key “waight”: did you mean weight?"),
    ],
)
def test_what_cannot_be_set_is_told_in_one_line_and_stored_nowhere(
    feeds: Run, home: Path, words: list[str], said: str
) -> None:
    done = feeds("feeds", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1
    assert "s3cr3t" not in done.err
    assert b"s3cr3t" not in b"".join(path.read_bytes() for path in home.iterdir())


def test_config_wins_and_says_so(feeds: Run, home: Path) -> None:
    write_config(home, f'[feeds."{URL}"]\nweight = 3\ninterval = "6h"\nmuted = false\n')
    done = feeds("feeds", "set", "1", "weight=1", "interval=2h", "timeout=9s", "muted=true")
    assert done.code == 0
    assert done.err.splitlines() == [
        f"weight: {home}/config.toml:2 says 3, and it wins",
        f"interval: {home}/config.toml:3 says 6h, and it wins",
        f"muted: {home}/config.toml:4 says false, and it wins",
    ]
    found = settings(feeds)
    assert found["weight"] == (3.0, "config.toml:2")
    assert found["interval"] == ("6h", "config.toml:3")
    assert found["muted"] == (False, "config.toml:4")
    assert found["timeout"] == ("9s", "feeds set")
    write_config(home, "")
    assert settings(feeds)["weight"] == (1.0, "feeds set")


def test_rules_have_the_last_word_on_weights(feeds: Run, home: Path) -> None:
    (home / "rules.toml").write_text(f'[weights.feeds]\n"{URL}" = -2\n')
    done = feeds("feeds", "set", "1", "weight=1")
    assert done.err == f"weight: {home}/rules.toml says -2, and it wins\n"
    assert settings(feeds)["weight"] == (-2.0, "rules.toml")


def test_a_table_that_no_feed_answers_to_is_told(feeds: Run, home: Path) -> None:
    write_config(home, '[feeds."https://www.exmaple.org/rss"]\nweight = 3\n')
    done = feeds("feeds", "set", "1")
    assert done.code == 0
    assert done.err == "config.toml: no feed has the address https://www.exmaple.org/rss (see `veille feeds --urls`)\n"


def test_a_wrong_table_stops_the_command_with_its_place(feeds: Run, home: Path) -> None:
    write_config(home, f'[feeds."{URL}"]\nweight = "much"\n')
    done = feeds("feeds", "set", "1")
    assert done.code == 1
    assert done.err == f"veille: {home}/config.toml:2:1: weight: it takes a number, not 'much'\n"


# --- the next fetch ----------------------------------------------------------


def times(home: Path) -> tuple[datetime, datetime]:
    """When the only feed was fetched, and when it is to be again."""
    ((last, following),) = query(home, "SELECT last_fetch_at, next_fetch_at FROM feed_states")
    return datetime.fromisoformat(last), datetime.fromisoformat(following)


def test_the_next_fetch_follows_the_interval_in_force(run: Run, home: Path, publisher: Publisher) -> None:
    run("add", publisher.serve("/rss", Answer(body=rss({"1": "Un"}))))
    set_ = run("feeds", "set", "1", "interval=6h")
    last, following = times(home)
    assert following - last == timedelta(hours=6)
    assert set_.out.splitlines()[-1] == f"next fetch at {local_time(following, now=datetime.now(UTC))}"
    run("feeds", "set", "1", "interval=30m")
    assert times(home)[1] - last == timedelta(minutes=30)
    write_config(home, '[fetch]\ninterval = "2h"\n')
    run("feeds", "unset", "1", "interval")
    assert times(home)[1] - last == timedelta(hours=2)
    assert run("feeds", "set", "1", "interval=0s").out.splitlines()[-1] == "it is due: `veille fetch`"
    assert run("fetch").code == 0
    assert len(publisher.requests) == 2


def test_no_setting_brings_a_fetch_before_the_time_that_a_server_asked_for(
    run: Run, home: Path, publisher: Publisher
) -> None:
    busy = Answer(status=429, headers=(("Retry-After", "7200"),))
    run("add", "--as-is", publisher.serve("/busy", busy))
    run("fetch")
    last, following = times(home)
    run("feeds", "set", "1", "interval=6h")
    assert times(home)[1] - last == timedelta(hours=6)
    run("feeds", "set", "1", "interval=5m")
    assert times(home) == (last, following)


HOUR = timedelta(hours=1)
LAST = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "planned", "after", "following"),
    [
        ({}, 1, 6, 6),
        ({}, 1, 0.5, 0.5),
        ({}, 1.02, 0.5, 0.5),
        ({}, 8, 6, 8),
        ({}, 4, 0.5, 4),  # its server asked for that by Cache-Control, or skips these hours
        ({"cadence": Cadence(every=HOUR)}, 1, 0.5, 1),
        ({"failures": 1, "status": "failing"}, 1.05, 0.5, 1.05),
        ({"failures": 1, "status": "failing"}, 1.05, 2, 2),
        ({"status": "waiting"}, 3, 0.5, 3),
        ({"status": "waiting", "asked_until": LAST + 2 * HOUR}, 6, 0.5, 2 + 2 / 60),
    ],
)
def test_what_another_interval_does_to_a_plan(
    state: dict[str, Any], planned: float, after: float, following: float
) -> None:
    known = FeedState(last_fetch_at=LAST, next_fetch_at=LAST + planned * HOUR, **({"status": "ok"} | state))
    found = replan(known, before=HOUR, after=after * HOUR)
    assert found == replace(known, next_fetch_at=LAST + following * HOUR)


def test_a_feed_that_was_never_fetched_has_no_plan() -> None:
    assert replan(FeedState(), before=HOUR, after=2 * HOUR) == FeedState()


def test_an_interval_that_publishers_may_not_welcome_is_told(feeds: Run) -> None:
    assert "publishers may not welcome" in feeds("feeds", "set", "1", "interval=1m").err
    assert feeds("feeds", "set", "1", "interval=5m").err == ""


def test_what_was_not_set_is_told(feeds: Run) -> None:
    feeds("feeds", "set", "1", "weight=2")
    done = feeds("feeds", "unset", "1", "header.nope", "weight", "muted", "interval")
    assert done.code == 0
    assert done.err.splitlines() == ["header.Nope was not set", "muted was not set", "interval was not set"]
    assert settings(feeds)["weight"] == ("", "default")
    assert feeds("feeds", "set", "1", "weight=").err == "weight was not set\n"


# --- muted -------------------------------------------------------------------


def states(run: Run) -> list[str]:
    return [feed["state"] for feed in run("feeds", "--json").json]


def test_muting_is_the_same_by_mute_by_set_and_by_config(feeds: Run, home: Path) -> None:
    assert states(feeds) == ["new", "new"]
    feeds("feeds", "set", "1", "muted=true")
    assert states(feeds) == ["muted", "new"]
    feeds("unmute", "1")
    assert settings(feeds)["muted"] == (False, "default")
    write_config(home, f'[feeds."{OTHER}"]\nmuted = true\n[feeds."{URL}"]\nmuted = false\n')
    feeds("mute", "1")
    assert states(feeds) == ["new", "muted"]


# --- to the publisher and back -----------------------------------------------


def test_settings_reach_the_publisher_and_secrets_nothing_else(
    run: Run, home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = publisher.serve("/a", redirect("/b"))
    publisher.serve("/b", Answer(body=rss({"1": "Un"})))
    monkeypatch.setenv("TOKEN", "s3cr3t")
    run("add", "--as-is", url)
    run("feeds", "set", "1", "auth=bearer:$TOKEN", "user_agent=Reader/1.0", "header.X-Api-Key=$TOKEN", "timeout=3s")
    done = run("fetch", "--json")
    assert (done.code, done.json["entries"]["new"]) == (0, 1)
    for request in publisher.requests:
        assert request.header("authorization") == b"Bearer s3cr3t"
        assert request.header("user-agent") == b"Reader/1.0"
        assert request.header("x-api-key") == b"s3cr3t"
    monkeypatch.delenv("TOKEN")
    failed = run("fetch", "--force")
    assert failed.code in (1, 3)
    assert "the environment variable TOKEN is not set" in failed.out + failed.err
    told = run("feeds", "set", "1", "user_agent=Reader/2.0")
    assert told.err == "it has been failing: `veille fetch 1 --force` tries it now\n"
    assert b"s3cr3t" not in b"".join(path.read_bytes() for path in home.iterdir())


def test_credentials_do_not_follow_a_feed_that_moves_to_another_host(
    run: Run, home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.serve("/new", Answer(body=rss({"1": "Un"})))
    new = publisher.url("/new", host="localhost")
    old = publisher.serve("/old", redirect(new, 301))
    monkeypatch.setenv("TOKEN", "s3cr3t")
    run("add", "--as-is", old)
    run("feeds", "set", "1", "auth=bearer:$TOKEN", "header.X-One=1", "interval=2h")
    write_config(home, f'[feeds."{old}"]\nheaders = {{ X-Two = "2" }}\nweight = 4\n')
    for _ in range(SIGHTS_OF_A_MOVE):
        told = run("fetch", "--force").out
    assert f"its address is now {new}; its credentials and headers were not for that site" in told
    assert run("fetch", "--force").code == 0
    sent = {request.path: {name for name, _ in request.headers} for request in publisher.requests}
    assert sent["/old"] >= {"authorization", "x-one", "x-two"}
    assert sent["/new"].isdisjoint({"authorization", "x-one", "x-two"})
    assert stored(home) == ['{"interval": 7200.0}']
    # What config.toml says under the old address still counts, but for what is that site's alone.
    assert settings(run)["weight"] == (4.0, "config.toml:3")
    assert run("feeds", "set", "1").err == ""


def test_config_alone_is_enough_for_a_feed(run: Run, home: Path, publisher: Publisher) -> None:
    url = publisher.serve("/feed", Answer(body=rss({"1": "Un"})))
    muted = publisher.serve("/muted", Answer(body=rss({"2": "Deux"})))
    run("add", "--as-is", url)
    run("add", "--as-is", muted)
    write_config(home, f'[feeds."{url}"]\nuser_agent = "Reader/3.0"\n[feeds."{muted}"]\nmuted = true\n')
    assert run("fetch").code == 0
    assert [(request.path, request.header("user-agent")) for request in publisher.requests] == [
        ("/feed", b"Reader/3.0")
    ]


def test_weight_and_mute_count_in_top(run: Run, home: Path, publisher: Publisher) -> None:
    for number, name in enumerate(("Un", "Deux", "Trois"), 1):
        document = rss({str(number): f"Nouvelle {name}"}, title=name)
        run("add", "--as-is", publisher.serve(f"/{number}", Answer(body=document)))
    assert run("fetch").code == 0
    run("feeds", "set", "2", "weight=5")
    write_config(home, f'[feeds."{publisher.url("/3")}"]\nweight = 9\n[feeds."{publisher.url("/1")}"]\nmuted = true\n')
    top = run("top", "--since", "36500d", "--json").json
    assert [(story["feed"], story["why"][0]["reason"], story["why"][0]["points"]) for story in top] == [
        ("Trois", "feed Trois", 9),
        ("Deux", "feed Deux", 5),
    ]
    (home / "rules.toml").write_text(f'[weights.feeds]\n"{publisher.url("/3")}" = 0\n"{publisher.url("/2")}" = -1\n')
    write_config(home, f'[feeds."{publisher.url("/3")}"]\nweight = 9\n[feeds."{publisher.url("/1")}"]\nmuted = false\n')
    run("mute", "1")
    again = run("top", "--since", "36500d", "--json").json
    points = {
        story["feed"]: part["points"]
        for story in again
        for part in story["why"]
        if part["reason"] == f"feed {story['feed']}"
    }
    assert points == {"Deux": -1}
    assert {story["feed"] for story in again} == {"Un", "Deux", "Trois"}
