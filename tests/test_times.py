"""Durations and dates as people write them; TZ is that of the machine, so local days are computed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW
from veille.errors import UsageError
from veille.times import format_duration, from_stored, parse_duration, parse_moment, to_stored

TYPED = (
    st.text("0123456789hmdjwsin.,- :T+Z'", max_size=20)
    | st.text()
    | st.dates().map(str)
    | st.datetimes().map(str)
    | st.datetimes(timezones=st.just(timezone(timedelta(hours=14)))).map(str)
)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90m", 90),
        ("1h30", 90),
        ("1h05", 65),
        ("1h5", 65),
        ("1h45m", 105),
        ("1h30min", 90),
        (" 1 H 30 ", 90),
        ("2d", 2880),
        ("2j", 2880),
        ("36h", 2160),
        ("1w", 10080),
        ("30s", 0.5),
        ("1,5h", 90),
        ("1.5h", 90),
        ("10mn", 10),
        ("1d12h", 2160),
        ("0m", 0),
    ],
)
def test_durations_as_people_write_them(text: str, minutes: float) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text", ["", "soon", "10", "h", "1h99", "-5m", "5m ago", "1month", "²d", "99999999d", "9" * 400 + "h"]
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="1h30"):
        parse_duration(text)


@given(TYPED)
def test_parse_duration_raises_only_usage_errors(text: str) -> None:
    try:
        span = parse_duration(text)
    except UsageError:
        return
    assert timedelta(0) <= span <= timedelta(days=36525)


@pytest.mark.parametrize(("word", "days"), [("today", 0), ("Aujourd’hui", 0), ("yesterday", 1), (" HIER ", 1)])
def test_named_days_begin_at_local_midnight(word: str, days: int) -> None:
    moment = parse_moment(word, now=NOW)
    local = moment.astimezone()
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert local.date() == (NOW.astimezone() - timedelta(days=days)).date()
    assert moment.tzinfo is UTC


def test_a_date_is_that_local_midnight_and_may_carry_a_time() -> None:
    assert parse_moment("2026-11-18", now=NOW) == datetime(2026, 11, 18).astimezone()
    assert parse_moment("2026-11-18T08:30", now=NOW) == datetime(2026, 11, 18, 8, 30).astimezone()
    assert parse_moment("2026-11-18T08:30+02:00", now=NOW) == datetime(2026, 11, 18, 6, 30, tzinfo=UTC)


def test_a_duration_goes_back_from_now() -> None:
    assert parse_moment("36h", now=NOW) == NOW - timedelta(hours=36)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "20/11/2026", "0001-01-01", "1h99"])
def test_what_is_no_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="1h30"):
        parse_moment(text, now=NOW)


@given(TYPED)
def test_parse_moment_gives_utc_or_a_usage_error(text: str) -> None:
    try:
        moment = parse_moment(text, now=NOW)
    except UsageError:
        return
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-5, "0 s"), (0, "0 s"), (45.9, "45 s"), (60, "1 min"), (3599, "59 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_format_duration(seconds: float, shown: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == shown


def test_stored_times_are_utc_to_the_second() -> None:
    moment = datetime(2026, 11, 20, 9, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert to_stored(moment) == "2026-11-20T08:00:00Z"
    assert from_stored("2026-11-20T08:00:00Z") == NOW
    assert from_stored(None) is None
    assert from_stored("") is None


@given(st.datetimes(min_value=datetime(2, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants it naive
def test_stored_times_sort_as_they_follow_and_come_back(moment: datetime) -> None:
    stored = to_stored(moment)
    assert from_stored(stored) == moment.replace(microsecond=0)
    assert len(stored) == len("2026-11-20T08:00:00Z")
