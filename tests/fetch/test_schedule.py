"""When a feed is fetched again: what each outcome leaves behind, and the laws that hold for all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.feed import Cadence, Feed, FeedState, Subscription, Validators
from veille.fetch.schedule import (
    LONGEST,
    LONGEST_RETRY_AFTER,
    SIGHTS_OF_A_MOVE,
    SLACK,
    Force,
    Plan,
    adopted_address,
    after_failure,
    after_success,
    hold_host,
    retry_after,
)
from veille.fetch.schedule import is_due as is_feed_due
from veille.outcome import Failed, Fetched, NotModified

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
OLD = FeedState(status="ok", validators=Validators(etag='"1"', last_modified="Monday"), last_ok_at=NOW - HOUR)


def fetched(headers: dict[str, str] | None = None, *, moved_to: str = "", etag: str = "") -> Fetched:
    return Fetched(
        body=b"", url="http://x.example/", headers=headers or {}, validators=Validators(etag=etag), moved_to=moved_to
    )


def succeed(
    state: FeedState,
    outcome: Fetched | NotModified,
    *,
    interval: timedelta = HOUR,
    jitter: float = 0,
    cadence: Cadence | None = None,
) -> FeedState:
    return after_success(state, outcome, plan=Plan(now=NOW, interval=interval, jitter=jitter), cadence=cadence)


def fail(
    state: FeedState,
    status: int,
    headers: dict[str, str] | None = None,
    *,
    interval: timedelta = HOUR,
    jitter: float = 0,
) -> FeedState:
    outcome = Failed(reason="trouble", status=status, headers=headers or {})
    return after_failure(state, outcome, plan=Plan(now=NOW, interval=interval, jitter=jitter))


def is_due(
    state: FeedState, *, now: datetime = NOW, held_until: datetime | None = None, force: Force | None = None
) -> bool:
    feed = Feed(id=1, subscription=Subscription(url="http://x.example/"), state=state)
    return is_feed_due(feed, now=now, held_until=held_until, force=force)


def wait_of(state: FeedState) -> timedelta:
    assert state.next_fetch_at is not None
    return state.next_fetch_at - NOW


# --- due ---------------------------------------------------------------------


def test_a_feed_is_due_when_its_time_has_come_or_is_about_to() -> None:
    assert is_due(FeedState(), now=NOW)
    for early, due in ((timedelta(0), True), (SLACK, True), (SLACK + timedelta(seconds=1), False)):
        assert is_due(replace(OLD, next_fetch_at=NOW + early), now=NOW) is due


def test_a_feed_that_is_gone_is_never_due() -> None:
    assert not is_due(FeedState(status="gone"), now=NOW)
    assert not is_due(FeedState(status="gone", next_fetch_at=NOW - HOUR), now=NOW)


def test_force_overrides_the_clock_and_not_what_a_server_asked_for() -> None:
    early = replace(OLD, next_fetch_at=NOW + HOUR)
    asked = replace(early, status="waiting", asked_until=NOW + HOUR / 2)
    clock, all_of_it = Force(clock=True), Force(clock=True, retry_after=True)
    assert [is_due(early), is_due(early, force=clock)] == [False, True]
    assert [is_due(asked), is_due(asked, force=clock), is_due(asked, force=all_of_it)] == [False, False, True]
    assert not is_due(asked, force=Force(retry_after=True))
    held = NOW + HOUR
    assert [is_due(OLD), is_due(OLD, held_until=held), is_due(OLD, held_until=NOW)] == [True, False, True]
    assert not is_due(OLD, held_until=held, force=clock)
    assert is_due(OLD, held_until=held, force=all_of_it)


def test_a_feed_that_is_gone_is_asked_again_only_when_it_is_named() -> None:
    gone = FeedState(status="gone")
    assert [is_due(gone, force=Force(clock=True)), is_due(gone, force=Force(clock=True, gone=True))] == [False, True]


# --- success -----------------------------------------------------------------


def test_a_document_replaces_the_validators_even_by_none() -> None:
    assert succeed(OLD, fetched(etag='"2"')).validators == Validators(etag='"2"')
    assert succeed(OLD, fetched()).validators == Validators()


@pytest.mark.parametrize(
    ("repeated", "kept"),
    [
        (Validators(), OLD.validators),
        (Validators(etag='"2"'), Validators(etag='"2"', last_modified="Monday")),
        (Validators(etag='W/"1"', last_modified="Tuesday"), Validators(etag='W/"1"', last_modified="Tuesday")),
    ],
)
def test_a_304_refreshes_the_validators_it_repeats(repeated: Validators, kept: Validators) -> None:
    assert succeed(OLD, NotModified(validators=repeated)).validators == kept


def test_success_forgets_failures_and_remembers_when() -> None:
    failing = replace(OLD, status="failing", reason="refused", failures=7)
    state = succeed(failing, fetched())
    assert (state.status, state.reason, state.failures) == ("ok", "", 0)
    assert (state.last_fetch_at, state.last_ok_at) == (NOW, NOW)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, HOUR),
        ({"cache-control": "max-age=60"}, HOUR),
        ({"cache-control": "public, max-age=7200"}, 2 * HOUR),
        ({"cache-control": 'Max-Age="7200"'}, 2 * HOUR),
        ({"cache-control": "s-maxage=9999, no-cache"}, HOUR),
        ({"cache-control": "max-age=-5"}, HOUR),
        ({"cache-control": "max-age=9999999999999999999"}, LONGEST),
        ({"cache-control": "max-age=7200", "expires": format_datetime(NOW + 9 * HOUR)}, 2 * HOUR),
        ({"expires": format_datetime(NOW + 3 * HOUR)}, 3 * HOUR),
        ({"expires": format_datetime(NOW - 3 * HOUR)}, HOUR),
        ({"expires": format_datetime(NOW + 3 * HOUR), "date": format_datetime(NOW + HOUR)}, 2 * HOUR),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, LONGEST),
        ({"expires": "0"}, HOUR),
        ({"expires": "-1"}, HOUR),
        ({"expires": "soon", "date": "now"}, HOUR),
        ({"cache-control": "max-age=9000", "age": "1800"}, 2 * HOUR),
        ({"cache-control": "max-age=9000", "age": "old"}, 2.5 * HOUR),
        ({"cache-control": "no-cache, max-age=9000"}, HOUR),
        ({"cache-control": "max-age=9000, no-store"}, HOUR),
    ],
)
def test_the_next_fetch_waits_for_what_the_server_says_up_to_a_day(headers: dict[str, str], wait: timedelta) -> None:
    assert wait_of(succeed(OLD, fetched(headers))) == wait
    assert wait_of(succeed(OLD, NotModified(validators=Validators(), headers=headers))) == wait


def test_the_next_fetch_waits_for_what_the_document_says_of_itself_on_304_too() -> None:
    told = Cadence(every=3 * HOUR)
    state = succeed(OLD, fetched(), cadence=told)
    assert (wait_of(state), state.cadence) == (3 * HOUR, told)
    assert wait_of(succeed(state, NotModified(validators=Validators()))) == 3 * HOUR
    assert wait_of(succeed(state, fetched({"cache-control": "max-age=36000"}))) == 10 * HOUR
    assert wait_of(succeed(state, fetched(), cadence=Cadence(every=timedelta(days=365)))) == LONGEST
    assert wait_of(succeed(state, fetched(), cadence=Cadence())) == HOUR


def test_hours_and_days_that_a_feed_skips_are_left_to_it() -> None:
    """NOW is a Friday, 8:00 UTC."""
    assert wait_of(succeed(OLD, fetched(), cadence=Cadence(skip_hours=(9, 10, 11)))) == 4 * HOUR
    assert wait_of(succeed(OLD, fetched(), cadence=Cadence(skip_hours=(10,)))) == HOUR
    assert wait_of(succeed(OLD, fetched(), cadence=Cadence(skip_days=(4,)))) == 16 * HOUR
    every_hour = Cadence(skip_hours=tuple(range(24)), skip_days=tuple(range(7)))
    assert wait_of(succeed(OLD, fetched(), cadence=every_hour)) == LONGEST


def test_a_feed_is_not_asked_in_an_hour_that_it_skips_unless_it_was_not_for_a_day() -> None:
    skipping = replace(OLD, cadence=Cadence(skip_hours=(8,)), last_fetch_at=NOW - 2 * HOUR, next_fetch_at=NOW - HOUR)
    assert not is_due(skipping)
    assert is_due(skipping, now=NOW + HOUR)
    assert is_due(skipping, force=Force(clock=True))
    assert is_due(replace(skipping, last_fetch_at=NOW - timedelta(hours=23)))


def test_the_user_may_wait_longer_than_a_day() -> None:
    week = timedelta(days=7)
    assert wait_of(succeed(OLD, fetched({"cache-control": "max-age=9999999"}), interval=week)) == week
    assert wait_of(fail(replace(OLD, failures=5), 500, interval=week)) == week


def test_jitter_spreads_by_two_in_a_hundred() -> None:
    assert HOUR < wait_of(succeed(OLD, fetched(), jitter=0.999)) < 1.02 * HOUR


def test_an_hourly_cron_finds_a_feed_due_each_hour() -> None:
    state = succeed(OLD, fetched(), jitter=0.999)
    assert is_due(state, now=NOW + HOUR - timedelta(seconds=40))
    assert not is_due(state, now=NOW + HOUR / 2)


def test_a_move_is_counted_while_it_leads_to_the_same_place() -> None:
    first = succeed(OLD, fetched(moved_to="https://new.example/feed"))
    assert (first.status, first.moved_to, first.moved_seen) == ("moved", "https://new.example/feed", 1)
    assert first.reason == "moved to https://new.example/feed"
    again = succeed(first, NotModified(validators=Validators(), moved_to="https://new.example/feed"))
    assert again.moved_seen == 2
    elsewhere = succeed(again, fetched(moved_to="https://other.example/"))
    assert (elsewhere.moved_to, elsewhere.moved_seen) == ("https://other.example/", 1)
    back = succeed(elsewhere, fetched())
    assert (back.status, back.reason, back.moved_to, back.moved_seen) == ("ok", "", "", 0)


def test_a_move_is_told_without_passwords_or_escape_codes() -> None:
    moved = succeed(OLD, fetched(moved_to="https://ann:secret@new.example/\x1b[31m?x=a@b"))
    assert moved.reason == "moved to https://new.example/[31m?x=a@b"


def test_an_address_is_adopted_after_repeated_sight() -> None:
    old, new = "http://old.example/feed", "http://new.example/feed"
    state = OLD
    for _ in range(SIGHTS_OF_A_MOVE):
        assert adopted_address(state, old) == ""
        state = succeed(state, fetched(moved_to=new))
    assert adopted_address(state, old) == new
    assert adopted_address(state, new) == ""


def test_an_upgrade_to_https_is_adopted_at_once() -> None:
    state = succeed(OLD, fetched(moved_to="https://x.example/feed?http://y"))
    assert adopted_address(state, "http://x.example/feed?http://y") == "https://x.example/feed?http://y"
    for other in ("http://x.example/feed", "http://www.x.example/feed?http://y", "https://x.example/feed"):
        assert adopted_address(state, other) == ""


# --- failure -----------------------------------------------------------------


def test_gone_is_for_good_and_keeps_what_is_known() -> None:
    state = fail(OLD, 410)
    assert (state.status, state.reason, state.next_fetch_at) == ("gone", "gone for good (410)", None)
    assert (state.validators, state.last_ok_at) == (OLD.validators, OLD.last_ok_at)


@pytest.mark.parametrize("status", [0, 200, 301, 401, 404, 429, 500, 503])
def test_a_failure_keeps_validators_and_is_counted(status: int) -> None:
    state = fail(replace(OLD, failures=2), status)
    assert state.status == ("waiting" if status == 429 else "failing")
    assert (state.reason, state.failures, state.validators) == ("trouble", 3, OLD.validators)
    assert (state.last_fetch_at, state.last_ok_at) == (NOW, OLD.last_ok_at)


def test_failing_since_is_when_it_began_and_no_rate_limit() -> None:
    first = fail(OLD, 500)
    assert first.failing_since == NOW
    again = after_failure(
        first, Failed(reason="trouble", status=404), plan=Plan(now=NOW + HOUR, interval=HOUR, jitter=0)
    )
    assert again.failing_since == NOW
    assert succeed(again, fetched()).failing_since is None
    assert fail(OLD, 429).failing_since is None


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_somebody_must_mend_is_asked_less(status: int) -> None:
    assert [wait_of(fail(replace(OLD, failures=failures), status)) for failures in (0, 1, 2)] == [
        6 * HOUR, 12 * HOUR, LONGEST,
    ]  # fmt: skip


def test_force_waits_for_what_was_asked_and_no_longer() -> None:
    """Retry-After of two minutes, for a feed of every hour."""
    state = fail(OLD, 503, {"retry-after": "120"})
    after = NOW + timedelta(minutes=3)
    assert [is_due(state, now=after), is_due(state, now=after, force=Force(clock=True))] == [False, True]


def test_an_attempt_before_its_time_puts_nothing_off() -> None:
    state = fail(OLD, 500)
    again = fail(state, 500)
    assert (again.failures, again.next_fetch_at) == (1, state.next_fetch_at)


def test_what_is_missing_here_is_due_once_it_is_there() -> None:
    outcome = Failed(reason="the environment variable KEY is not set", asked=False)
    state = after_failure(replace(OLD, failures=3), outcome, plan=Plan(now=NOW, interval=HOUR, jitter=0))
    assert (state.status, state.failures, state.next_fetch_at) == ("failing", 3, NOW)


def test_too_many_requests_holds_the_host_and_nothing_else_does() -> None:
    for headers in ({}, {"retry-after": "7200"}):
        limited = fail(OLD, 429, headers)
        outcome = Failed(reason="trouble", status=429, headers=headers)
        assert hold_host(outcome, limited) == limited.asked_until
        assert limited.asked_until == NOW + (2 * HOUR + timedelta(seconds=1) if headers else HOUR)
    for status in (0, 403, 404, 500, 503):
        assert hold_host(Failed(reason="trouble", status=status), fail(OLD, status)) is None


def test_backoff_doubles_up_to_a_day() -> None:
    waits = [wait_of(fail(replace(OLD, failures=failures), 500)) for failures in range(40)]
    assert waits[:5] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR]
    assert set(waits[5:]) == {LONGEST}
    quick = [wait_of(fail(replace(OLD, failures=failures), 0, interval=timedelta(0))) for failures in (0, 1, 99)]
    assert quick == [timedelta(minutes=5), timedelta(minutes=10), LONGEST]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("7200", 2 * HOUR),
        (" 7200 ", 2 * HOUR),
        ("0", timedelta(0)),
        ("1000000000000", LONGEST_RETRY_AFTER),
        ("9" * 5000, LONGEST_RETRY_AFTER),
        (format_datetime(NOW + 5 * HOUR), 4 * HOUR),
        (format_datetime(NOW - 5 * HOUR), timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
    ],
)
def test_retry_after_is_obeyed_and_no_fault_of_the_feed(status: int, value: str, told: timedelta) -> None:
    """Dates are by the server's clock, which is an hour ahead here."""
    headers = {"retry-after": value, "date": format_datetime(NOW + HOUR)}
    state = fail(replace(OLD, failures=2), status, headers)
    assert (state.status, state.failures) == ("waiting", 2)
    assert wait_of(state) == max(told + timedelta(seconds=1) + SLACK, HOUR)


@pytest.mark.parametrize("value", ["-1", "", "soon", "1.5", "٣٦٠٠", "Fri, 99 Nov 2026 08:00:00 GMT", "\x00"])
def test_a_retry_after_that_says_nothing_is_a_failure(value: str) -> None:
    assert retry_after({"retry-after": value}, now=NOW) is None
    state = fail(OLD, 503, {"retry-after": value})
    assert (state.status, state.failures, wait_of(state)) == ("failing", 1, HOUR)


def test_other_statuses_do_not_ask_for_patience() -> None:
    assert wait_of(fail(OLD, 500, {"retry-after": "99999"})) == HOUR


def test_a_date_without_the_server_s_clock_is_taken_by_ours() -> None:
    assert retry_after({"retry-after": format_datetime(NOW + HOUR)}, now=NOW) == HOUR
    assert retry_after({"retry-after": "Fri, 20 Nov 2026 09:00:00"}, now=NOW) == HOUR


# --- laws --------------------------------------------------------------------

intervals = st.timedeltas(timedelta(0), timedelta(days=30))
jitters = st.floats(0, 1, exclude_max=True)
headers = st.fixed_dictionaries(
    {},
    optional={
        "retry-after": st.one_of(st.integers(-5, 10**15).map(str), st.text(max_size=30)),
        "cache-control": st.one_of(st.integers(-5, 10**15).map("max-age={}".format), st.text(max_size=30)),
        "expires": st.one_of(st.datetimes(timezones=st.just(UTC)).map(format_datetime), st.text(max_size=30)),
        "date": st.one_of(st.datetimes(timezones=st.just(UTC)).map(format_datetime), st.text(max_size=30)),
    },
)


@given(headers=headers, interval=intervals, jitter=jitters)
def test_no_success_is_asked_again_before_the_interval_or_much_later(
    headers: dict[str, str], interval: timedelta, jitter: float
) -> None:
    wait = wait_of(succeed(OLD, fetched(headers), interval=interval, jitter=jitter))
    assert interval <= wait <= 1.02 * max(interval, LONGEST)


@given(
    status=st.sampled_from([0, 200, 404, 429, 500, 503]),
    headers=headers,
    interval=intervals,
    jitter=jitters,
    failures=st.integers(0, 10**6),
)
def test_no_failure_is_final_or_forgotten(
    status: int, headers: dict[str, str], interval: timedelta, jitter: float, failures: int
) -> None:
    state = fail(replace(OLD, failures=failures), status, headers, interval=interval, jitter=jitter)
    assert (
        interval
        <= wait_of(state)
        <= max(1.1 * max(interval, LONGEST), LONGEST_RETRY_AFTER + SLACK + timedelta(seconds=1))
    )
    assert state.reason
    assert state.validators == OLD.validators


@given(status=st.sampled_from([429, 503]), seconds=st.integers(0, 7 * 86400), interval=intervals)
def test_never_earlier_than_retry_after(status: int, seconds: int, interval: timedelta) -> None:
    state = fail(OLD, status, {"retry-after": str(seconds)}, interval=interval)
    assert not is_due(state, now=NOW + timedelta(seconds=seconds - 1))
