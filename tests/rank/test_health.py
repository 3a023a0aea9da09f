"""Verdicts on feeds, each threshold from both sides."""

from __future__ import annotations

import shlex
from datetime import date, timedelta
from typing import Any

import pytest

from make import NOW, make_feed, make_subscription
from veille.feed import Feed, FeedSettings, FeedState
from veille.rank.findings import FINE, KINDS, Facts, Finding, Health, Overlap
from veille.rank.health import judge_feeds

TODAY, DAY, HOUR, MINUTE = NOW.date(), timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TEASERS = tuple(f"Le début d’un texte {n} qui s’arrête…" for n in range(10))


def state(**fields: Any) -> FeedState:
    """A feed fetched just now, without trouble."""
    defaults: dict[str, Any] = {"status": "ok", "last_fetch_at": NOW, "last_ok_at": NOW}
    return FeedState(**defaults | fields)


def feed(number: int = 1, **fields: Any) -> Feed:
    return make_feed(number, **{"state": state()} | fields)


def facts(known: Feed | None = None, **fields: Any) -> Facts:
    """A feed that published something today, and every day of the week before."""
    defaults: dict[str, Any] = {
        "interval": HOUR, "timeout": timedelta(seconds=20), "newest_at": NOW - HOUR, "days": week(), "recent": 8,
    }  # fmt: skip
    return Facts(feed=known or feed(), **defaults | fields)


def week(*, every: int = 1, last: date = TODAY, count: int = 8) -> tuple[date, ...]:
    return tuple(last - timedelta(days=every * place) for place in reversed(range(count)))


def judge(*all_facts: Facts) -> list[Health]:
    return judge_feeds(all_facts, now=NOW)


def only(one: Facts) -> Finding:
    """The one finding of a feed that is alone."""
    (health,) = judge(one)
    (finding,) = health.findings
    assert health.verdict == finding.kind
    return finding


def test_a_feed_without_trouble_is_fine() -> None:
    (health,) = judge(facts())
    assert (health.verdict, health.findings) == (FINE, ())


def test_a_feed_that_is_gone_is_to_be_looked_for_or_removed() -> None:
    known = feed(7, subscription=make_subscription(site_url="https://site.example/"), state=state(status="gone"))
    finding = only(facts(known))
    assert finding.kind == "gone"
    assert "410" in finding.words
    assert finding.fix == "look for its new address, or do without it:"
    assert finding.commands == ("veille add https://site.example/", "veille remove 7")


def test_a_failing_feed_says_since_when_and_what_to_do_about_it() -> None:
    reason = "there is nothing at this address (404)"
    failing = state(status="failing", reason=reason, failures=3, failing_since=NOW - 5 * DAY)
    finding = only(facts(feed(state=failing)))
    assert finding.kind == "failing"
    assert finding.words == f"failing since 2026-11-15 (5 d): {reason}"
    assert finding.commands == ("veille add https://www.example.org/",)
    assert finding.figures == {"since": "2026-11-15T08:00:00Z", "failures": 3, "reason": reason}


def test_a_feed_that_could_not_be_asked_is_failing_though_it_was_never_fetched() -> None:
    unasked = state(status="failing", reason="the environment variable PASS is not set: ...", last_fetch_at=None)
    finding = only(facts(feed(state=unasked)))
    assert finding.words == "failing: the environment variable PASS is not set: ..."
    assert finding.commands == ("export PASS=…", "veille fetch 1 --force")


def test_the_advice_of_a_reason_is_not_given_twice() -> None:
    reason = "it asks for a password (401): `veille feeds set FEED auth=netrc` gives it one"
    finding = only(facts(feed(state=state(status="failing", reason=reason, failures=1))))
    assert finding.words == "failing: it asks for a password (401)"
    assert finding.figures["reason"] == reason
    assert "veille feeds set 1 auth=netrc" in finding.commands


def test_a_document_that_is_not_well_formed_is_degraded_one_that_is_no_feed_has_to_be_looked_for() -> None:
    partly = only(facts(feed(state=state(status="degraded", reason="not well-formed XML"))))
    assert (partly.kind, partly.words) == ("degraded", "not well-formed XML")
    assert "tell its publisher" in partly.fix
    page = state(status="degraded", reason="it is a web page, not a feed", failures=1, failing_since=NOW - HOUR)
    finding = only(facts(feed(state=page)))
    assert finding.words == "failing since 2026-11-20 (1 h): it is a web page, not a feed"
    assert finding.commands == ("veille add https://www.example.org/",)


def test_missed_entries_are_told_with_a_pace_that_would_have_caught_them() -> None:
    known = feed(state=state(missed_at=NOW - DAY))
    finding = only(facts(known, lasts=timedelta(hours=6), interval=DAY))
    assert finding.kind == "missed"
    assert "on 2026-11-19 was new" in finding.words
    assert "(its document lasts 6 h)" in finding.words
    assert finding.figures == {"missed_at": "2026-11-19T08:00:00Z", "lasts_seconds": 21600.0}
    assert finding.fix == "fetch it every 3 h at least, and cron as often:"
    assert finding.commands == ("veille feeds set 1 interval=3h",)
    enough = only(facts(known, lasts=timedelta(hours=6)))
    assert (enough.fix, enough.commands) == ("fetch it every 3 h at least", ())
    assert only(facts(known, lasts=timedelta(minutes=4))).commands == ("veille feeds set 1 interval=10min",)
    assert only(facts(known)).fix == "fetch it twice a day"


def test_what_was_noticed_once_is_forgotten_after_a_month() -> None:
    for noticed in ("missed_at", "redated_at"):
        assert only(facts(feed(state=state(**{noticed: NOW - 30 * DAY}))))
        (health,) = judge(facts(feed(state=state(**{noticed: NOW - 31 * DAY}))))
        assert health.verdict == FINE


@pytest.mark.parametrize(
    ("every", "silence", "silent"),
    [
        (1, 3 * DAY, False),  # a weekend, for a daily paper
        (1, 3 * DAY + HOUR, True),
        (7, 20 * DAY, False),
        (7, 21 * DAY + HOUR, True),
    ],
)
def test_silence_is_three_times_the_usual_gap(every: int, silence: timedelta, silent: bool) -> None:  # noqa: FBT001
    newest_at = NOW - silence
    (health,) = judge(facts(newest_at=newest_at, days=week(every=every, last=newest_at.date())))
    assert (health.verdict == "silent") is silent
    if silent:
        (finding,) = health.findings
        assert f"since {newest_at:%Y-%m-%d}; usually something every {f'{every} d' if every > 1 else 'day'}" in (
            finding.words
        )
        assert finding.figures["usual_gap_days"] == every


def test_with_little_history_only_a_year_is_silence() -> None:
    known = week(count=4, last=date(2025, 11, 19))
    (health,) = judge(facts(newest_at=NOW - 364 * DAY, days=known))
    assert health.verdict == FINE
    finding = only(facts(newest_at=NOW - 366 * DAY, days=known))
    assert finding.kind == "silent"
    assert "usually" not in finding.words


def test_a_user_who_has_not_fetched_has_no_silent_feeds() -> None:
    away = state(last_fetch_at=NOW - 30 * DAY, last_ok_at=NOW - 30 * DAY)
    newest_at = NOW - 31 * DAY
    (health,) = judge(facts(feed(state=away), newest_at=newest_at, days=week(last=newest_at.date())))
    assert health.verdict == FINE


def test_a_feed_that_never_had_an_entry_is_silent_one_never_read_is_not() -> None:
    finding = only(facts(newest_at=None, days=(), recent=0))
    assert (finding.kind, finding.words) == ("silent", "there is no entry of it")
    failing = state(status="failing", reason="refused", failures=1, last_ok_at=None)
    assert only(facts(feed(state=failing), newest_at=None, days=(), recent=0)).words == "failing: refused"


def test_a_feed_that_has_moved_gives_its_new_address_without_a_password() -> None:
    moved = state(status="moved", moved_to="https://me:secret@new.example/feed?a=1&b=2", moved_seen=2)
    finding = only(facts(feed(state=moved)))
    assert finding.kind == "moved"
    assert "https://new.example/feed?a=1&b=2 (seen 2 times)" in finding.words
    assert finding.commands == ("veille add 'https://new.example/feed?a=1&b=2'", "veille remove 1")
    assert "secret" not in f"{finding}"
    once = only(facts(feed(state=state(moved_to="https://new.example/{id}", moved_seen=1))))
    assert "https://new.example/{id} (seen once)" in once.words


def test_what_a_feed_says_of_its_site_cannot_be_run() -> None:
    site = "https://site.example/$(touch${IFS}x);`id`'"
    known = feed(state=state(status="gone"), subscription=make_subscription(site_url=site))
    assert shlex.split(only(facts(known)).commands[0]) == ["veille", "add", site]


def test_a_site_that_is_not_known_is_that_of_the_address_without_its_password() -> None:
    known = feed(state=state(status="gone"), subscription=make_subscription(url="https://u:p@x.example/a/feed"))
    assert only(facts(known)).commands[0] == "veille add https://x.example/"


def test_dates_that_change_and_dates_to_come_are_told() -> None:
    redated = only(facts(feed(state=state(redated_at=NOW - DAY))))
    assert redated.kind == "re-dated"
    assert "on 2026-11-19 every entry" in redated.words
    assert redated.commands == ("veille feeds set 1 weight=-1",)
    future = only(facts(feed(state=state(future=3))))
    assert (future.kind, future.figures) == ("future-dated", {"entries": 3})
    assert future.words.startswith("3 entries ")
    assert only(facts(feed(state=state(future=1)))).words.startswith("1 entry ")


def shared(other: int, copies: int, lag: timedelta) -> tuple[Overlap, ...]:
    return (Overlap(other=other, copies=copies, lag=lag),)


def test_of_two_feeds_that_say_the_same_the_later_one_is_to_be_muted() -> None:
    first = facts(feed(1, title="Agence"), recent=10, overlaps=shared(2, 9, -12 * timedelta(minutes=1)))
    later = facts(feed(2), recent=10, overlaps=shared(1, 9, 12 * timedelta(minutes=1)))
    fine, health = judge(first, later)
    assert fine.verdict == FINE
    (finding,) = health.findings
    assert finding.words == (
        "90% of its 10 entries of 60 days are also in no. 1 (Agence), which has them first (12 min, median)"
    )
    assert finding.commands == ("veille mute 2",)
    assert finding.figures == {"other": 1, "share": 0.9, "lag_seconds": 720}


@pytest.mark.parametrize("lag", [timedelta(), timedelta(seconds=59)])
def test_at_the_same_time_the_one_subscribed_first_stays(lag: timedelta) -> None:
    twins = [facts(feed(n), recent=5, overlaps=shared(3 - n, 5, (2 * n - 3) * lag)) for n in (1, 2)]
    fine, health = judge(*twins)
    assert (fine.verdict, health.verdict) == (FINE, "duplicates")
    assert health.findings[0].words.endswith("which has them at the same time")


def test_a_part_of_a_larger_feed_is_to_be_muted_though_it_comes_first() -> None:
    part = facts(feed(1), recent=6, overlaps=shared(2, 6, -2 * HOUR))
    whole = facts(feed(2), recent=60, overlaps=shared(1, 6, 2 * HOUR))
    health, fine = judge(part, whole)
    assert fine.verdict == FINE
    assert "which has them later (2 h, median)" in health.findings[0].words


@pytest.mark.parametrize(("copies", "recent"), [(4, 4), (5, 10)])
def test_few_copies_or_half_of_a_feed_are_no_duplicates(copies: int, recent: int) -> None:
    both = [facts(feed(n), recent=recent, overlaps=shared(3 - n, copies, timedelta())) for n in (1, 2)]
    assert {health.verdict for health in judge(*both)} == {FINE}


def test_no_feed_is_the_duplicate_of_one_that_is_muted() -> None:
    heard = facts(feed(1), recent=10, overlaps=shared(2, 10, HOUR))
    assert judge(heard, facts(feed(2, muted=True)))[0].verdict == FINE


def crowd(count: int, *, own: int, each: int = 8) -> list[Facts]:
    """So many feeds of which the first has `own` recent entries, the others `each`."""
    return [facts(feed(n), recent=own if n == 1 else each) for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("count", "own", "prolific"),
    [
        (10, 18, False),  # a fifth of 90
        (10, 19, True),
        (9, 1000, False),
        (100, 88, False),  # ten times an even share of 880
        (100, 89, True),
        (500, 210, False),  # a twentieth of 4202
        (500, 211, True),
    ],
)
def test_a_prolific_feed_has_much_more_than_its_share(count: int, own: int, prolific: bool) -> None:  # noqa: FBT001
    health, *others = judge(*crowd(count, own=own))
    assert health.verdict == ("prolific" if prolific else FINE)
    assert {other.verdict for other in others} == {FINE}


def test_shares_of_few_entries_say_nothing() -> None:
    assert judge(*crowd(10, own=31, each=2))[0].verdict == FINE
    health = judge(*crowd(10, own=32, each=2))[0]
    assert health.findings[0].figures == {"share": 0.64, "entries": 32}


def test_a_weight_answers_prolific_and_muted_feeds_are_no_part_of_the_whole() -> None:
    weighed, *others = crowd(10, own=100)
    settled = facts(feed(1, settings=FeedSettings(weight=-1.0)), recent=100)
    assert judge(settled, *others)[0].verdict == FINE
    muted = facts(feed(11, muted=True), recent=10_000)
    assert judge(weighed, *others, muted)[0].verdict == "prolific"


def test_a_truncated_feed_says_how_much_of_it_is() -> None:
    finding = only(facts(texts=(*TEASERS, "Un texte entier.")))
    assert finding.kind == "truncated"
    assert "(91% of the last 11)" in finding.words
    assert judge(facts(texts=(*TEASERS[:7], *("Un texte entier." for _ in range(3)))))[0].verdict == FINE


def waiting(one: Facts) -> Finding:
    """The one finding of a feed that only waits, and is fine."""
    (health,) = judge(one)
    (finding,) = health.findings
    assert (health.verdict, finding.kind) == (FINE, "waiting")
    return finding


def test_a_feed_that_waits_for_itself_or_for_its_host_is_fine_whichever_takes_longer() -> None:
    asked = state(status="waiting", reason="too many requests", next_fetch_at=NOW + 2 * HOUR)
    finding = waiting(facts(feed(state=asked), held_until=NOW + HOUR))
    assert finding.words == "www.example.org asks for peace for another 2 h (too many requests)"
    assert finding.figures == {"host": "www.example.org", "until": "2026-11-20T10:00:00Z"}
    told = state(status="waiting", next_fetch_at=NOW + 9 * HOUR, asked_until=NOW + 3 * HOUR)
    assert waiting(facts(feed(state=told))).words == "www.example.org asks for peace for another 3 h"
    assert waiting(facts(held_until=NOW + HOUR)).words == "www.example.org asks for peace for another 1 h"
    assert judge(facts(held_until=NOW))[0].findings == ()


def test_a_feed_that_is_gone_waits_for_nothing() -> None:
    assert only(facts(feed(state=state(status="gone")), held_until=NOW + HOUR)).kind == "gone"


def test_of_a_muted_or_a_new_feed_nothing_else_is_told() -> None:
    muted = only(facts(feed(3, muted=True, state=state(status="gone", future=3)), held_until=NOW + HOUR))
    assert (muted.kind, muted.commands) == ("muted", ("veille unmute 3",))
    new = only(facts(feed(3, state=FeedState()), newest_at=None, days=(), recent=0))
    assert (new.kind, new.commands) == ("new", ("veille fetch 3",))


def test_a_new_feed_of_a_host_that_asked_for_peace_is_not_to_be_fetched() -> None:
    (health,) = judge(facts(feed(3, state=FeedState()), newest_at=None, days=(), recent=0, held_until=NOW + HOUR))
    assert [finding.kind for finding in health.findings] == ["new", "waiting"]
    assert health.verdict == "new"
    assert {finding.commands for finding in health.findings} == {()}


def test_a_feed_that_has_moved_to_one_that_is_followed_is_to_be_removed() -> None:
    moved = feed(13, state=state(moved_to="https://me:pw@www.example.org/1.rss", moved_seen=1))
    former = feed(14, state=state(moved_to="https://old.example/", moved_seen=1))
    followed = feed(1, muted=True, formerly=("https://old.example/",))
    _, *judged = judge(facts(followed), facts(moved), facts(former))
    for number, health in zip((13, 14), judged, strict=True):
        (finding,) = health.findings
        assert finding.fix == "you follow that address already (no. 1):"
        assert finding.commands == (f"veille remove {number}",)


def test_the_verdict_is_the_worst_of_all_findings() -> None:
    bad = state(future=1, redated_at=NOW, missed_at=NOW, moved_to="https://new.example/", moved_seen=1)
    (health,) = judge(facts(feed(state=bad), texts=TEASERS, held_until=NOW + HOUR))
    found = [finding.kind for finding in health.findings]
    assert found == ["missed", "moved", "re-dated", "future-dated", "truncated", "waiting"]
    assert found == sorted(found, key=KINDS.index)
    assert health.verdict == "missed"
