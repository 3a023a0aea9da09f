"""What the archive tells of its feeds, from entries stored and folded as a fetch does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from stored import NOW, entry, fold, store, subscribe
from veille.rank.findings import Overlap
from veille.read.gaps import Told
from veille.store.db import write
from veille.store.feeds import find_feed, remove_feed, update_feed
from veille.store.health import (
    load_latest_told,
    load_overlaps,
    load_paces,
    load_texts,
    load_told,
    measure_span,
)

if TYPE_CHECKING:
    from veille.parsed import ParsedEntry
    from veille.store.db import Db

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SINCE = NOW - 60 * DAY
TITLES = (
    "Le conseil municipal de Vaubrun vote son budget triennal",
    "Une tempête coupe la ligne du littoral",
    "Grève reconduite dans les raffineries du Sud de la France",
    "Le musée rouvre après dix ans de travaux",
    "Un satellite français perdu en orbite",
    "La banque relève ses prévisions de croissance",
    "Trois alpinistes secourus dans les Écrins",
    "L’équipe féminine remporte la finale",
)


def articles(host: str, *, late: timedelta = timedelta(), count: int = 8) -> list[ParsedEntry]:
    """The same articles under a host's own addresses, a day apart, as late as said."""
    return [
        entry(f"{host}-{n}", title, url=f"http://{host}.example/{n}", published_at=NOW - (n + 1) * DAY + late)
        for n, title in enumerate(TITLES[:count])
    ]


def test_a_pace_is_made_of_days_and_counts_what_is_recent(db: Db) -> None:
    feed_id = subscribe(db, "a")
    subscribe(db, "empty")
    dates = [NOW - 90 * DAY, NOW - 8 * DAY, NOW - 8 * DAY + HOUR, NOW - DAY]
    store(db, feed_id, *(entry(str(n), published_at=at) for n, at in enumerate(dates)))
    paces = load_paces(db, since=SINCE, days=2)
    assert set(paces) == {feed_id}
    assert paces[feed_id].newest_at == NOW - DAY
    assert paces[feed_id].days == (date(2026, 11, 12), date(2026, 11, 19))
    assert paces[feed_id].recent == 3
    assert len(load_paces(db, since=SINCE, days=9)[feed_id].days) == 3


def test_texts_are_the_content_where_there_is_one_and_long_ones_are_not_read(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(
        db,
        feed_id,
        entry("1", summary="plain", published_at=NOW - 3 * HOUR),
        entry("2", summary="cut", content="<p>whole</p>", published_at=NOW - 2 * HOUR),
        entry("3", summary="cut", content="<p>" + "word " * 1000 + "</p>", published_at=NOW - HOUR),
        entry("4", published_at=NOW),
        entry("5", summary="old", published_at=SINCE - DAY),
    )
    assert load_texts(db, since=SINCE) == {feed_id: ("", None, "<p>whole</p>", "plain")}


def test_only_the_latest_twenty_texts_of_each_feed_are_read(db: Db) -> None:
    feeds = [subscribe(db, name) for name in "ab"]
    for feed_id in feeds:
        store(db, feed_id, *(entry(f"{n}", summary=f"{n}", published_at=NOW - n * HOUR) for n in range(30)))
    texts = load_texts(db, since=SINCE)
    assert texts == dict.fromkeys(feeds, tuple(str(n) for n in range(20)))


def test_feeds_that_carry_the_same_articles_overlap_with_their_lag(db: Db) -> None:
    agency, mirror, other = (subscribe(db, name) for name in ("agency", "mirror", "other"))
    store(db, agency, *articles("agency"))
    store(db, mirror, *articles("mirror", late=12 * MINUTE, count=6), entry("own", "Un article à elle seule"))
    store(db, other, entry("else", "Rien de tout cela"))
    assert fold(db) == 6
    assert load_overlaps(db, since=SINCE, fewest=6) == {
        agency: (Overlap(other=mirror, copies=6, lag=-12 * MINUTE),),
        mirror: (Overlap(other=agency, copies=6, lag=12 * MINUTE),),
    }
    assert load_overlaps(db, since=SINCE, fewest=7) == {}
    assert load_overlaps(db, since=NOW - 3 * DAY - HOUR, fewest=3)[mirror][0].copies == 3
    assert load_overlaps(db, since=NOW - 3 * DAY - HOUR, fewest=4) == {}


def test_feeds_that_are_muted_or_removed_overlap_with_none(db: Db) -> None:
    agency, mirror = (subscribe(db, name) for name in ("agency", "mirror"))
    store(db, agency, *articles("agency"))
    store(db, mirror, *articles("mirror", late=HOUR))
    fold(db)
    with write(db):
        update_feed(db, agency, muted=1)
    assert load_overlaps(db, since=SINCE, fewest=1) == {}
    with write(db):
        update_feed(db, agency, muted=0)
        remove_feed(db, find_feed(db, str(mirror)), now=NOW, purge=False)
    assert load_overlaps(db, since=SINCE, fewest=1) == {}


def test_a_text_that_everybody_carries_is_compared_among_the_first(db: Db) -> None:
    for n in range(30):
        feed_id = subscribe(db, f"host{n}")
        store(db, feed_id, entry("1", TITLES[0], url=f"http://host{n}.example/1", published_at=NOW + n * MINUTE))
    assert fold(db) == 29
    overlaps = load_overlaps(db, since=SINCE, fewest=1)
    assert len(overlaps) == 20
    assert {len(found) for found in overlaps.values()} == {19}


def test_a_document_reaches_back_to_the_oldest_entry_that_came_with_it(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, entry("old", published_at=NOW - 9 * DAY), now=NOW - 5 * DAY)
    store(db, feed_id, *(entry(str(n), published_at=NOW - n * HOUR) for n in range(4)), now=NOW)
    assert measure_span(db, feed_id, missed_at=NOW) == 3 * HOUR


def test_a_document_that_does_not_reach_back_lasts_less_than_since_news_came_before_it(db: Db) -> None:
    for name, published_at in (("undated", None), ("within", NOW - 8 * DAY)):
        feed_id = subscribe(db, name)
        store(db, feed_id, entry("older", published_at=NOW - 9 * DAY), now=NOW - 8 * DAY)
        store(db, feed_id, entry("old", published_at=NOW - 6 * DAY), now=NOW - 5 * DAY)
        store(db, feed_id, *(entry(str(n), published_at=published_at) for n in range(4)), now=NOW)
        assert measure_span(db, feed_id, missed_at=NOW) == 5 * DAY


def test_the_latest_entries_tell_what_they_said_the_newest_first(db: Db) -> None:
    feed_id, other = subscribe(db, "a"), subscribe(db, "b")
    store(db, feed_id, entry("1", "Un", summary="Texte", published_at=NOW - DAY), now=NOW)
    store(db, feed_id, entry("2", "Deux", published_at=None), now=NOW)
    store(db, other, entry("3", "Trois"))
    assert load_latest_told(db, feed_id) == [Told("", "Deux", ""), Told("2026-11-19T08:00:00Z", "Un", "Texte")]


def test_a_document_without_dates_has_no_span(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, *(entry(str(n), published_at=None) for n in range(4)), now=NOW)
    assert measure_span(db, feed_id, missed_at=NOW) is None


def test_what_was_told_of_entries_has_no_date_where_they_had_none(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, entry("1", "Un", summary="Texte"), entry("2", "Deux", published_at=None), now=NOW + DAY)
    (one, two) = sorted(load_told(db, [1000, 1001, 9999]).items())
    assert one == (1000, Told("2026-11-20T08:00:00Z", "Un", "Texte"))
    assert two == (1001, Told("", "Deux", ""))
