"""What the fast reader knows of feedparser, against feedparser: a new version that differs shows here."""

import calendar
from datetime import UTC, datetime

import pytest
from feedparser.api import StrictFeedParser
from feedparser.datetimes import _parse_date
from feedparser.html import _cp1252
from feedparser.sanitizer import _HTMLSanitizer
from hypothesis import given
from hypothesis import strategies as st

from veille.read.fast_dates import DATES, check_unread, read_date
from veille.read.fast_names import HANDLED, HARMLESS, NAMESPACES, Declined
from veille.read.fast_people import PEOPLE
from veille.read.fast_text import HTML_ELEMENTS, WINDOWS, looks_like_html, mend_letters


def test_the_elements_that_feedparser_handles_are_known() -> None:
    prefixes = ("_start_", "_end_")
    found = {
        name.removeprefix(prefix).lower()
        for prefix in prefixes
        for name in dir(StrictFeedParser)
        if name.startswith(prefix)
    }
    assert found | {"feedburner_origlink"} == HANDLED
    assert HARMLESS | DATES | PEOPLE <= HANDLED


def test_the_namespaces_that_feedparser_knows_are_known() -> None:
    known = {uri.lower(): prefix.lower() for uri, prefix in StrictFeedParser.namespaces.items() if uri}
    assert known == NAMESPACES


def test_letters_and_elements_are_those_of_feedparser() -> None:
    letters, elements = dict(_cp1252), set(_HTMLSanitizer.acceptable_elements)
    assert letters == WINDOWS
    assert elements == HTML_ELEMENTS


@given(st.text("aé<>/&;# bx1-_", max_size=20) | st.text("<>/b", max_size=8).map(lambda tag: f"&amp;<i>{tag}</i>"))
def test_html_is_guessed_as_feedparser_guesses_it(text: str) -> None:
    assert looks_like_html(text) == StrictFeedParser.looks_like_html(text)


@given(
    st.text("aé\u0080\u0092\u00a9\u00c3\u00c2\u2019", max_size=8)
    | st.text(max_size=8).map(lambda t: t.encode("utf-8", "ignore").decode("latin-1"))
)
def test_letters_are_mended_as_feedparser_mends_them(text: str) -> None:
    try:
        decoded = text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        decoded = text
    assert mend_letters(text) == decoded.translate(_cp1252)


DAYS = st.sampled_from(["Mon, ", "Tuesday, ", "sun ", "Thu,", "lun. ", ""])
MONTHS = st.sampled_from("Jan feb MAR April may Juin july Aug. Sept Oct Nov December 07".split())
ZONES = st.sampled_from(
    ["", *"GMT UT UTC Z EST edt PDT MST CET A +0000 -0330 +02:00 +2 -1400 +0130 +01 GMT+1 z".split()]
)
CLOCKS = st.builds(
    lambda *parts: ":".join(f"{part:02}" for part in parts), st.integers(0, 25), st.integers(0, 61), st.integers(0, 61)
)
YEARS = st.sampled_from(["0000", "0001", "1969", "1999", "2006", "06", "2038", "9999", "12006"])
MAILS = st.builds(
    lambda day, number, month, year, clock, zone: f"{day}{number} {month} {year} {clock} {zone}".strip(),
    *(DAYS, st.integers(0, 32), MONTHS, YEARS, CLOCKS | st.sampled_from(["10:00", "1:02", "10"]), ZONES),
)
ISOS = st.builds(
    lambda year, month, day, mark, clock, zone: f"{year}-{month:02}-{day:02}{mark}{clock}{zone}",
    *(YEARS, st.integers(0, 13), st.integers(0, 32), st.sampled_from(["T", " ", "t", ""])),
    *(CLOCKS | CLOCKS.map(lambda clock: f"{clock}.123") | st.sampled_from(["10:00", "10", ""]), ZONES),
)


@given(MAILS | ISOS | st.text("0123456789-:TZ+ GMTJanMo,", max_size=25))
def test_dates_are_read_as_feedparser_reads_them_or_declined(text: str) -> None:
    text = text.strip()
    try:
        read = read_date(text)
    except Declined:
        return
    parsed = _parse_date(text)
    assert read == (datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC) if parsed else None)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Mon, 02 Jan 2006 15:04:05 +0200", datetime(2006, 1, 2, 13, 4, 5, tzinfo=UTC)),
        ("2 Jan 2006 15:04 EST", datetime(2006, 1, 2, 20, 4, tzinfo=UTC)),
        ("2006-01-02T15:04:05.999-01:30", datetime(2006, 1, 2, 16, 34, 5, tzinfo=UTC)),
        ("2006-01-02T15:04:05+0100", datetime(2006, 1, 2, 14, 4, 5, tzinfo=UTC)),
        ("2006-01-02 15:04:05", datetime(2006, 1, 2, 15, 4, 5, tzinfo=UTC)),
        ("2006-01-02", datetime(2006, 1, 2, tzinfo=UTC)),
        ("Mon, 01 Jan 0001 00:00:00 +0000", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_usual_dates_are_read(text: str, read: datetime) -> None:
    assert read_date(text) == read


def test_the_dates_at_which_feedparser_fails_are_declined() -> None:
    failing = "Fri, 2006/13/15 08:19:53 EDT"
    with pytest.raises(IndexError):
        _parse_date(failing)
    with pytest.raises(Declined):
        check_unread(failing)
