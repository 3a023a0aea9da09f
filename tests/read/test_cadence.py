"""How often documents ask to be fetched."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.feed import Cadence
from veille.read.cadence import read_cadence
from veille.read.parse import parse_feed

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def rss(inside: str, *, after: str = "") -> bytes:
    item = "<item><title>x</title><ttl>1</ttl><hour>5</hour></item>"
    return (
        '<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel><title>T</title>{inside}{item}{after}</channel></rss>"
    ).encode()


@pytest.mark.parametrize(
    ("inside", "every"),
    [
        ("<ttl>90</ttl>", 1.5 * HOUR),
        ("<ttl> 15\n</ttl>", HOUR / 4),
        ("<TTL>15</TTL>", HOUR / 4),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", HOUR / 2),
        ("<sy:updatePeriod> Daily </sy:updatePeriod>", DAY),
        ("<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>7</sy:updateFrequency>", DAY),
        ("<sy:updatePeriod>monthly</sy:updatePeriod>", 30 * DAY),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", 365 * DAY),
        ("<sy:updateFrequency>4</sy:updateFrequency>", 6 * HOUR),
        ("<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod>", HOUR),
        ("<ttl>0</ttl><sy:updatePeriod>daily</sy:updatePeriod>", DAY),
        ("", None),
        ("<ttl></ttl>", None),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>1.5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>99999999</ttl>", None),
        ("<ttl>527041</ttl>", None),
        ("<ttl>١٥</ttl>", None),
        ("<sy:updatePeriod>always</sy:updatePeriod>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>61</sy:updateFrequency>", None),
        ("<!-- <ttl>60</ttl> --><description><![CDATA[<ttl>60</ttl>]]></description>", None),
        ("<ttl>60<b/></ttl>", None),
    ],
)
def test_the_interval_that_a_feed_asks_for(inside: str, every: timedelta | None) -> None:
    assert read_cadence(rss(inside)).every == every


def test_what_stands_after_the_entries_counts_too() -> None:
    assert read_cadence(rss("", after="<ttl>60</ttl>")) == Cadence(every=HOUR)


def test_hours_and_days_that_are_to_be_skipped() -> None:
    hours = "<skipHours><hour>24</hour><hour>3</hour><hour>03</hour><hour>25</hour><hour>x</hour></skipHours>"
    days = "<skipDays><day>Sunday</day><day>monday</day><day>dimanche</day></skipDays>"
    assert read_cadence(rss(hours + days)) == Cadence(skip_hours=(0, 3), skip_days=(0, 6))


def test_to_be_skipped_always_is_absurd() -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    days = "".join(f"<day>{day}day</day>" for day in "Mon Tues Wednes Thurs Fri Satur Sun".split())
    assert read_cadence(rss(f"<ttl>60</ttl>{hours}{days}")) == Cadence(every=HOUR)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_charset(charset: str) -> None:
    assert read_cadence(rss("<ttl>60</ttl>").decode().encode(charset)) == Cadence(every=HOUR)


@given(st.text("<>!-[]CDATA/ttl60 hour", max_size=60))
def test_any_document_has_a_cadence(text: str) -> None:
    cadence = read_cadence(f"<ttl>{text}".encode())
    assert cadence.every is None or cadence.every >= timedelta(minutes=1)


@pytest.mark.parametrize("cut", ["</channel></rss>", ""], ids=["whole", "cut"])
def test_the_cadence_of_a_document_is_kept_however_it_is_read(cut: str) -> None:
    body = b"<rss version='2.0'><channel><title>T</title><ttl>60</ttl><item><guid>1</guid></item>" + cut.encode()
    parsed = parse_feed(body, url="https://x.example/", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert parsed.cadence == Cadence(every=HOUR)
    assert bool(parsed.problem) == (not cut)


def test_a_json_feed_has_none() -> None:
    items = b'[{"id": "1", "content_text": "<ttl>60</ttl>"}]'
    body = b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": %b}' % items
    parsed = parse_feed(body, url="https://x.example/", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert parsed.cadence == Cadence()
