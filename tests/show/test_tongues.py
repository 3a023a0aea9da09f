"""What veille says in issues, in both tongues, whatever the locale."""

from datetime import UTC, date, datetime, timedelta

import pytest

from veille.show.wording import Wording

pytestmark = pytest.mark.usefixtures("utc")

EN, FR = Wording("en"), Wording("fr")
NOW = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)


def test_days_are_written_out() -> None:
    assert EN.day(NOW) == "Saturday 21 November 2026"
    assert FR.day(NOW) == "samedi 21 novembre 2026"
    assert FR.day(date(2026, 8, 1)) == "samedi 1er août 2026"
    assert EN.day(date(2026, 8, 1)) == "Saturday 1 August 2026"


def test_times_are_those_of_the_tongue() -> None:
    assert EN.time(NOW.replace(hour=7)) == "07:05"
    assert FR.time(NOW.replace(hour=7)) == "7 h 05"


@pytest.mark.parametrize(
    ("ago", "english", "french"),
    [
        (timedelta(hours=2), "10:05", "10 h 05"),
        (timedelta(days=1), "Fri 12:05", "ven. 12 h 05"),
        (timedelta(days=-1), "Sun 12:05", "dim. 12 h 05"),
        (timedelta(days=20), "1 November", "1er novembre"),
        (timedelta(days=400), "17 October 2025", "17 octobre 2025"),
    ],
)
def test_moments_are_as_short_as_can_be(ago: timedelta, english: str, french: str) -> None:
    assert EN.moment(NOW - ago, now=NOW) == english
    assert FR.moment(NOW - ago, now=NOW) == french


def test_windows_say_their_year_only_when_it_is_another() -> None:
    assert EN.since(NOW - timedelta(days=1), now=NOW) == "since Friday 20 November, 12:05"
    assert FR.since(NOW - timedelta(days=1), now=NOW) == "depuis le vendredi 20 novembre, 12 h 05"
    assert FR.since(NOW - timedelta(days=365), now=NOW) == "depuis le vendredi 21 novembre 2025, 12 h 05"


def test_counts_agree() -> None:
    assert [EN.count(number, "story") for number in (0, 1, 2, 1200)] == [
        "0 stories",
        "1 story",
        "2 stories",
        "1,200 stories",
    ]
    assert [FR.count(number, "story") for number in (0, 1, 2, 1200)] == [
        "0 sujet",
        "1 sujet",
        "2 sujets",
        "1\u202f200 sujets",
    ]


def test_reading_time_is_short() -> None:
    assert (EN.minutes(59), FR.minutes(65)) == ("59 min", "1 h 05")


def test_labels_and_quotes_have_the_spaces_of_the_tongue() -> None:
    assert (EN.label("note"), FR.label("note")) == ("Note:", "Note\u202f:")
    assert (EN.quote("x"), FR.quote("x")) == ("“x”", "«\u202fx\u202f»")


def test_one_more_is_said_as_many_are() -> None:
    assert [EN.say("more", number) for number in (1, 2)] == ["and 1 more", "and 2 more"]
    assert [FR.say("more", number) for number in (1, 2)] == ["et 1 de plus", "et 2 de plus"]
