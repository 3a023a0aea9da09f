"""Old stories taken out: what goes, what is held, what is left of it in the indexes, and that it does not come back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from issuing import make_issue
from make import make_feed
from stored import NOW, entry, fold, store, subscribe
from veille.app.intake import Arrival
from veille.app.reading import Document
from veille.app.storing import Delivery, store_delivery
from veille.feed import FeedState, Validators
from veille.outcome import Fetched
from veille.rank.query import parse_query
from veille.store.db import open_store, write
from veille.store.decisions import load_apart, set_apart
from veille.store.feeds import find_feed
from veille.store.issues import save_issue
from veille.store.moves import adopt_address
from veille.store.prepared import prepare_entry
from veille.store.pruning import find_old, prune_stories
from veille.store.search import select_matching
from veille.store.space import give_back, measure_store, shrink_indexes
from veille.store.stories import find_story, load_stories, mark_story, note_story, remember_list

if TYPE_CHECKING:
    from pathlib import Path

    from veille.parsed import ParsedEntry
    from veille.store.db import Db

YEAR = timedelta(days=365)
BEFORE = NOW - YEAR
LONG_AGO = NOW - 2 * YEAR
# Titles that nothing puts together.
TITLES = (
    "Grève des éboueurs à Marseille",
    "La comète traverse Orion",
    "Un roman primé en Islande",
    "Hausse du prix du cacao",
    "Le tunnel du Brenner percé",
    "Panne géante chez Telmont",
    "Une loutre revient en Bresse",
    "Finale de curling reportée",
    "Tempête sur les Açores",
    "Brevets sur la betterave",
    "Fouilles romaines à Lyon",
    "Quarante orgues restaurées",
)
HOLDS: dict[str, Any] = {
    "starred": lambda db, one: mark_story(db, one, "star", now=NOW),
    "noted": lambda db, one: note_story(db, one, "à suivre", now=NOW),
    "tagged": lambda db, one: db.execute("INSERT INTO story_tags VALUES (?, 'crise')", (one,)),
    "picked": lambda db, one: mark_story(db, one, "pick", now=NOW),
    "later": lambda db, one: mark_story(db, one, "later", now=NOW),
    "review": lambda db, one: db.execute("INSERT INTO review_items VALUES (?, 1, '', '', '2025')", (one,)),
    "issue": lambda db, one: save_issue(db, make_issue(), carried={one: one}, outputs=[], last_entry_id=one),
    "session": lambda db, one: sit(db, one, ended_at=None),
}


def sit(db: Db, story_id: int, *, ended_at: str | None) -> None:
    cursor = db.execute(
        "INSERT INTO sessions (started_at, saved_at, ended_at, budget) VALUES ('2025', '2025', ?, 60)", (ended_at,)
    )
    db.execute("INSERT INTO session_slots VALUES (?, 1, ?, 5, 1, '', 'todo')", (cursor.lastrowid, story_id))


def publish(db: Db, feed_id: int, *ages: datetime) -> list[int]:
    """An entry published at each of these times; the numbers of their stories, each of one entry."""
    entries = [
        entry(f"{number}-{moment:%Y}", TITLES[number], published_at=moment) for number, moment in enumerate(ages)
    ]
    store(db, feed_id, *entries)
    fold(db)
    return [story_id for (story_id,) in db.execute("SELECT story_id FROM entries ORDER BY id")]


def prune(db: Db) -> tuple[int, int]:
    return prune_stories(db, find_old(db, before=BEFORE).stories, before=BEFORE)


def deliver(db: Db, feed_id: int, *entries: ParsedEntry) -> tuple[int, int, datetime | None]:
    """Store a document as a fetch does; how many entries are new, how many edited, and when some were missed."""
    document = Document(entries=tuple(map(prepare_entry, entries)))
    arrival = Arrival(outcome=Fetched(body=b"", url="", headers={}, validators=Validators()), document=document)
    with write(db):
        stored = store_delivery(
            db, Delivery(feed=make_feed(feed_id), arrival=arrival, state=FeedState(status="ok"), now=NOW)
        )
    return stored.new, stored.edited, stored.state.missed_at


def index_words(db: Db) -> dict[str, set[tuple[Any, ...]]]:
    words = {}
    for index in ("entries_fts", "entries_stems"):
        db.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
        db.execute(f"CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, {index}, instance)")
        words[index] = {tuple(row) for row in db.execute("SELECT term, doc, col, offset FROM temp.words")}
        db.execute("DROP TABLE temp.words")
    return words


def test_what_is_older_goes_with_all_that_was_stored_of_it(db: Db) -> None:
    feed_id = subscribe(db, "a")
    old, young = publish(db, feed_id, LONG_AGO, NOW)
    mark_story(db, old, "read", now=NOW)
    remember_list(db, [old, young])
    db.execute("INSERT INTO matches VALUES ('k', ?, 'title')", (old,))
    db.execute("INSERT INTO stale_matches VALUES (?)", (old,))
    db.execute("INSERT INTO articles (entry_id, url, fetched_at, status) VALUES (?, '', '', 'ok')", (old,))
    assert prune(db) == (1, 1)
    assert [story.id for story in load_stories(db, [old, young])] == [young]
    by_story = dict.fromkeys(("marks", "last_list", "fold_stories"), "story_id")
    by_entry = dict.fromkeys(("articles", "contents", "matches", "stale_matches"), "entry_id")
    for table, column in {"entries": "id", "stories": "id", **by_story, **by_entry}.items():
        assert db.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", (old,)).fetchone() is None, table
    assert find_story(db, "2") == young


def test_words_of_what_has_gone_are_found_no_more_and_the_indexes_are_sound(db: Db, tmp_path: Path) -> None:
    rest = [
        entry(f"n{n}", title, summary=f"Du texte {n}", content=f"<p>Corps {n}</p>") for n, title in enumerate(TITLES)
    ]
    old = [
        entry(f"o{n}", f"Vieux {title}", published_at=LONG_AGO, content=f"<p>Ancien corps {n}</p>", author="Ann")
        for n, title in enumerate(TITLES)
    ]
    store(db, subscribe(db, "a"), *rest, *old)
    fold(db)
    assert prune(db)[1] == len(old)
    for words in ("vieux", "ancien", "by:ann", "cométaire OR vieille"):
        sql, values = select_matching(parse_query(words).expression)
        assert db.execute(sql, values).fetchall() == []
    with open_store(tmp_path / "other.db", busy_timeout=timedelta(seconds=1)) as other:
        store(other, subscribe(other, "a"), *rest)
        assert index_words(db) == index_words(other)
    shrink_indexes(db)
    assert len(index_words(db)["entries_fts"]) > len(rest)
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.parametrize("holder", HOLDS)
def test_what_the_user_has_made_something_of_stays(db: Db, holder: str) -> None:
    held, other = publish(db, subscribe(db, "a"), LONG_AGO, LONG_AGO)
    HOLDS[holder](db, held)
    found = find_old(db, before=BEFORE)
    assert (found.stories, found.entries, found.of, found.held) == ([other], 1, 2, {holder: 1})
    assert prune(db) == (1, 1)
    (story,) = load_stories(db, [held])
    assert len(story.sources) == 1


def test_each_story_that_stays_is_counted_once(db: Db) -> None:
    stories = publish(db, subscribe(db, "a"), *[LONG_AGO] * len(HOLDS))
    for holder, story_id in zip(HOLDS, stories, strict=True):
        HOLDS[holder](db, story_id)
        mark_story(db, story_id, "star", now=NOW)
    assert find_old(db, before=BEFORE).held == {"starred": len(HOLDS)}


def test_an_ended_session_and_a_read_mark_hold_nothing(db: Db) -> None:
    (one,) = publish(db, subscribe(db, "a"), LONG_AGO)
    sit(db, one, ended_at="2025")
    mark_story(db, one, "read", now=NOW)
    assert prune(db) == (1, 1)


def test_a_story_goes_by_its_latest_entry_and_whole(db: Db) -> None:
    feed_id, other = subscribe(db, "a"), subscribe(db, "b")
    title = "Le tunnel du Brenner percé après onze ans de travaux"
    at = BEFORE + timedelta(hours=5)
    store(db, feed_id, entry("1", title, published_at=BEFORE - timedelta(hours=5)))
    store(db, other, entry("2", title, published_at=at))
    fold(db)
    assert db.execute("SELECT count(*) FROM stories").fetchone()[0] == 1
    assert prune(db) == (0, 0)
    assert prune_stories(db, [1000], before=at) == (0, 0)
    assert prune_stories(db, [1000], before=at + timedelta(seconds=1)) == (1, 2)


def test_what_is_taken_hold_of_after_it_was_found_stays(db: Db) -> None:
    one, other = publish(db, subscribe(db, "a"), LONG_AGO, LONG_AGO)
    found = find_old(db, before=BEFORE).stories
    mark_story(db, other, "star", now=NOW)
    assert prune_stories(db, found, before=BEFORE) == (1, 1)
    assert [story.id for story in load_stories(db, [one, other])] == [other]


def test_what_has_gone_does_not_come_back_while_what_is_new_does(db: Db) -> None:
    feed_id = subscribe(db, "a")
    gone = [entry(f"g{n}", title, published_at=LONG_AGO) for n, title in enumerate(TITLES)]
    assert deliver(db, feed_id, *gone) == (len(gone), 0, None)
    fold(db)
    prune(db)
    # The same document, all of it new to a reader that has forgotten: nothing is stored, nothing was missed.
    assert deliver(db, feed_id, *gone) == (0, 0, None)
    edited = [entry(f"g{n}", f"{title} (bis)", published_at=LONG_AGO) for n, title in enumerate(TITLES)]
    assert deliver(db, feed_id, *edited, entry("neuf", "Une nouvelle")) == (1, 0, None)
    assert deliver(db, feed_id, *edited, entry("neuf", "Une nouvelle, bis")) == (0, 1, None)
    assert [guid for (guid,) in db.execute("SELECT guid FROM entries")] == ["neuf"]


def test_a_guid_is_remembered_for_its_feed_alone(db: Db) -> None:
    one, other = subscribe(db, "a"), subscribe(db, "b")
    publish(db, one, LONG_AGO)
    prune(db)
    again = entry(f"0-{LONG_AGO:%Y}", TITLES[0], published_at=LONG_AGO)
    assert deliver(db, other, again)[0] == 1
    assert deliver(db, one, again)[0] == 0


def test_an_entry_is_known_by_its_longer_name_but_a_name_that_namesakes_share_hides_none(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, entry("same#1", TITLES[0], published_at=LONG_AGO, other_guid="same"))
    store(db, feed_id, entry("same", TITLES[1], published_at=LONG_AGO, other_guid="same#2"))
    fold(db)
    assert prune(db) == (2, 2)
    assert deliver(db, feed_id, entry("same", TITLES[0], other_guid="same#1"))[0] == 0
    news = entry("same#3", TITLES[2], other_guid="same"), entry("same#4", TITLES[3], other_guid="same")
    assert deliver(db, feed_id, *news)[0] == 2


def test_feeds_made_one_remember_together_and_what_the_other_still_has_is_known(db: Db) -> None:
    one, other = subscribe(db, "a"), subscribe(db, "b")
    publish(db, one, LONG_AGO)
    prune(db)
    again = entry(f"0-{LONG_AGO:%Y}", TITLES[0], published_at=LONG_AGO)
    feed = find_feed(db, "http://a.example/feed")
    kept = entry("kept", TITLES[1], published_at=LONG_AGO)
    store(db, one, kept)
    with write(db):
        adopt_address(db, feed, "http://b.example/feed", now=NOW)
    assert deliver(db, other, again, kept) == (0, 0, None)
    # What was taken out of one and is stored of the other is that, and may be edited.
    db.execute("INSERT INTO pruned SELECT ?, guid_key FROM pruned", (one,))
    store(db, one, again)
    assert deliver(db, one, entry(again.guid, "Autrement", published_at=LONG_AGO)) == (0, 1, None)


def test_a_removed_feed_forgets_with_its_rows(db: Db) -> None:
    feed_id = subscribe(db, "a")
    publish(db, feed_id, LONG_AGO)
    prune(db)
    db.execute("DELETE FROM feeds WHERE id = ?", (feed_id,))
    assert db.execute("SELECT count(*) FROM pruned").fetchone()[0] == 0


def test_others_of_its_side_stand_for_what_has_gone(db: Db) -> None:
    old, one, other = publish(db, subscribe(db, "a"), LONG_AGO, NOW, NOW)
    with write(db):
        set_apart(db, [old, one], [other], now=NOW)
    prune(db)
    assert load_apart(db, [one, other]) == {(one, other)}


def test_many_go_in_several_transactions_and_the_room_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    with open_store(path, busy_timeout=timedelta(seconds=1)) as db:
        feed_id = subscribe(db, "a")
        page = "<p>" + " ".join(f"mot{number}" for number in range(300)) + "</p>"
        store(db, feed_id, *[entry(f"o{n}", f"Objet{n}", published_at=LONG_AGO, content=page) for n in range(900)])
        store(db, feed_id, *[entry(f"n{n}", f"Neuf{n}", content=page) for n in range(30)])
        # Each its own story: how they fold is another matter.
        db.execute("UPDATE entries SET story_id = id")
        db.execute("INSERT INTO stories SELECT id, published_at, published_at FROM entries")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = measure_store(path)
        changes: list[str] = []
        db.set_trace_callback(lambda sql: changes.append(sql) if sql == "COMMIT" else None)
        assert prune(db) == (900, 900)
        assert len(changes) > 3
        db.set_trace_callback(None)
        shrink_indexes(db)
        assert give_back(db, path) == ""
        assert measure_store(path) < before / 4
        assert give_back(db, path) == ""
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("SELECT count(*) FROM entries").fetchone()[0] == 30
