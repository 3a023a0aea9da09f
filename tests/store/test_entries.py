"""Entries stored with their content and words: new ones, edited ones, those of a purged feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stored import NOW, entry, fold, store, subscribe
from veille.parsed import Enclosure
from veille.rank.query import parse_query
from veille.store.db import open_store
from veille.store.entries import known_entries, load_content, load_extras, purge_entries
from veille.store.search import select_matching
from veille.store.stories import list_window, load_stories, mark_story, note_story

if TYPE_CHECKING:
    from pathlib import Path

    from veille.parsed import ParsedEntry
    from veille.store.db import Db

FULL = entry(
    "tag:x,1",
    "L’été à Paris",
    author="Ann",
    summary="Il fait chaud",
    content="<p>Il fait chaud, très <b>chaud</b></p>",
    updated_at=NOW + timedelta(minutes=5),
    language="fr",
    tags=("météo", "b"),
    enclosures=(Enclosure(url="http://x.example/a.mp3", type="audio/mpeg", length=12), Enclosure(url="http://y/")),
)


def rows(db: Db) -> list[dict[str, object]]:
    return [dict(row) for row in db.execute("SELECT * FROM entries ORDER BY id")]


def matching(db: Db, text: str) -> list[str]:
    """The guids of the entries that an expression matches."""
    sql, values = select_matching(parse_query(text).expression)
    found = db.execute(f"SELECT guid FROM entries WHERE id IN ({sql}) ORDER BY id", values)
    return [guid for (guid,) in found]


def index_words(db: Db) -> dict[str, list[tuple[object, ...]]]:
    """Every word of both indexes with its places, and whether SQLite finds them sound."""
    words = {}
    for index in ("entries_fts", "entries_stems"):
        db.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
        db.execute(f"CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, {index}, instance)")
        words[index] = [tuple(row) for row in db.execute("SELECT term, doc, col, offset FROM temp.words")]
        db.execute("DROP TABLE temp.words")
    return words


def test_an_entry_is_stored_in_full(db: Db) -> None:
    feed_id = subscribe(db, "a")
    assert store(db, feed_id, FULL) == (1, 0)
    (row,) = rows(db)
    assert row == {
        "id": 1000, "feed_id": feed_id, "story_id": None, "duplicate_of": None, "guid": "tag:x,1",
        "published_at": "2026-11-20T08:00:00Z", "first_seen_at": "2026-11-20T08:00:00Z",
        "updated_at": "2026-11-20T08:05:00Z", "edited_at": None, "fingerprint": FULL.fingerprint, "url": "http://x.example/tag:x,1",
        "page": "x.example/tag:x,1",
        "title": "L’été à Paris", "author": "Ann", "language": "fr", "words": 5, "summary": "Il fait chaud",
        "tags": '["météo", "b"]',
        "enclosures": '[{"url": "http://x.example/a.mp3", "type": "audio/mpeg", "length": 12},'
        ' {"url": "http://y/", "type": "", "length": null}]',
    }  # fmt: skip
    assert load_content(db, 1000) == FULL.content
    assert load_extras(db, 1000) == (["météo", "b"], list(FULL.enclosures))


def test_an_entry_without_content_or_extras(db: Db) -> None:
    store(db, subscribe(db, "a"), entry("1"))
    assert load_content(db, 1000) == ""
    assert load_extras(db, 1000) == ([], [])


def test_the_same_document_again_changes_nothing(db: Db) -> None:
    feed_id = subscribe(db, "a")
    document = [FULL, entry("2"), entry("3")]
    assert store(db, feed_id, *document) == (3, 0)
    before = rows(db), index_words(db)
    assert store(db, feed_id, *document, now=NOW + timedelta(days=1)) == (0, 0)
    assert (rows(db), index_words(db)) == before


def test_the_same_guid_in_two_feeds_is_two_entries(db: Db) -> None:
    first, second = subscribe(db, "a"), subscribe(db, "b")
    assert store(db, first, entry("same", "One")) == (1, 0)
    assert store(db, second, entry("same", "Two")) == (1, 0)
    assert [(row["feed_id"], row["title"]) for row in rows(db)] == [(first, "One"), (second, "Two")]
    assert store(db, second, entry("same", "Two, edited")) == (0, 1)
    assert [row["title"] for row in rows(db)] == ["One", "Two, edited"]


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Another title"},
        {"published_at": NOW - timedelta(days=3)},
        {"url": "http://x.example/moved"},
        {"content": "<p>more</p>", "summary": "more"},
        {"author": "Bob", "tags": ("c",), "language": "en", "enclosures": (), "updated_at": None},
    ],
)
def test_an_edit_updates_in_place_and_keeps_the_number(db: Db, edit: dict[str, Any]) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, FULL)
    (before,) = rows(db)
    edited = entry(FULL.guid, **(parts(FULL) | edit))
    assert store(db, feed_id, edited, now=NOW + timedelta(days=1)) == (0, 1)
    (after,) = rows(db)
    assert (after["id"], after["guid"], after["first_seen_at"]) == (1000, before["guid"], before["first_seen_at"])
    assert after["fingerprint"] != before["fingerprint"]
    assert load_content(db, 1000) == edited.content
    assert after["title"] == edited.title
    assert store(db, feed_id, edited) == (0, 0)


def parts(one: ParsedEntry) -> dict[str, Any]:
    names = ("title", "author", "summary", "content", "updated_at", "language", "tags", "enclosures")
    return {name: getattr(one, name) for name in names}


def test_an_entry_without_a_date_is_dated_when_first_seen_and_keeps_it(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, entry("1", published_at=None))
    store(db, feed_id, entry("1", "Edited", published_at=None), now=NOW + timedelta(days=2))
    store(db, feed_id, FULL)
    store(db, feed_id, replace(FULL, published_at=None, fingerprint="x"), now=NOW + timedelta(days=2))
    assert [row["published_at"] for row in rows(db)] == ["2026-11-20T08:00:00Z"] * 2


def test_an_entry_is_known_by_its_other_guid_too(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, entry("front-page"))
    assert set(known_entries(db, feed_id, [entry("new-name", other_guid="front-page")])) == {"front-page"}
    assert store(db, feed_id, entry("new-name", "Edited", other_guid="front-page")) == (0, 1)
    assert known_entries(db, feed_id + 1, [entry("front-page")]) == {}


def test_odd_guids_are_told_apart(db: Db) -> None:
    feed_id = subscribe(db, "a")
    guids = [
        "a",
        "A",
        " a",
        "é",
        "e\u0301",
        '"',
        "'; DROP TABLE entries; --",
        "[1]",
        "\\",
        "1",
        "1.0",
        "null",
        "x" * 2048,
    ]
    document = [entry(guid) for guid in guids]
    assert store(db, feed_id, *document) == (len(guids), 0)
    assert store(db, feed_id, *document) == (0, 0)
    assert [row["guid"] for row in rows(db)] == guids


def test_many_entries_at_once(db: Db) -> None:
    feed_id = subscribe(db, "a")
    document = [entry(f"http://x.example/{number}") for number in range(2000)]
    assert store(db, feed_id, *document) == (2000, 0)
    assert store(db, feed_id, *document, entry("one more")) == (1, 0)


# --- the indexes -------------------------------------------------------------


def test_an_edit_is_found_by_its_new_words_and_no_longer_by_the_old(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, entry("1", "Manifestations à Nantes", content="<p>La foule marchait</p>", language="fr"))
    store(db, feed_id, entry("2", "Manifestation à Rennes", language="fr"))
    assert matching(db, "manifestation") == ["1", "2"]
    assert matching(db, "marcher") == matching(db, '"la foule"') == ["1"]
    store(db, feed_id, entry("1", "Concert à Nantes", content="<p>On chantait</p>", language="fr"))
    assert matching(db, "manifestation") == ["2"]
    assert matching(db, "marcher") == matching(db, '"la foule"') == matching(db, "march*") == []
    assert matching(db, "chanter") == matching(db, "concerts nantes") == ["1"]


words = st.lists(
    st.sampled_from(
        ["été", "Cœur", "l’IA", "the", "running", "publiées", "e-réputation", "𝔘", "ﬁn", "日本", "a<b", "…"]
    ),
    max_size=6,
).map(" ".join)
texts = st.builds(
    lambda title, summary, content, author, language: {
        "title": title, "summary": summary, "content": content and f"<p>{content}</p>", "author": author,
        "language": language,
    },
    words, words, words, words, st.sampled_from(["fr", "en", "", "de"]),
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=st.lists(st.tuples(st.sampled_from("abc"), texts), max_size=8))
def test_the_indexes_hold_the_last_version_of_each_entry_and_nothing_else(
    tmp_path: Path, versions: list[tuple[str, dict[str, str]]]
) -> None:
    dumps = []
    for number, history in enumerate((versions, list(dict(versions).items()))):
        path = tmp_path / f"{number}.db"
        path.unlink(missing_ok=True)
        with open_store(path, busy_timeout=timedelta(seconds=1)) as db:
            feed_id = subscribe(db, "x")
            for guid, text in history:
                store(db, feed_id, entry(guid, **text))
            dumps.append(index_words(db))
    assert dumps[0] == dumps[1]


def test_purging_a_feed_takes_its_words_and_stories_and_leaves_the_others(db: Db) -> None:
    gone, kept = subscribe(db, "a"), subscribe(db, "b")
    title = "Le maire de Nantes annonce sa démission du conseil"
    store(db, gone, entry("1", title, published_at=NOW - timedelta(hours=5)), entry("2", "Alone in the dark tonight"))
    store(db, kept, entry("1", title, url="http://b.example/1"))
    assert fold(db) == 1
    mark_story(db, 1000, "star", now=NOW)
    mark_story(db, 1001, "star", now=NOW)
    note_story(db, 1001, "to be lost", now=NOW)
    purge_entries(db, gone)
    (story,) = load_stories(db, [1000, 1001])
    assert (story.id, story.starred, [source.feed_id for source in story.sources]) == (1000, True, [kept])
    assert story.lead.duplicate_of is None
    assert list_window(db, since=NOW - timedelta(hours=9), unread_only=False) == [1000]
    assert db.execute("SELECT first_at FROM stories").fetchone()[0] == "2026-11-20T08:00:00Z"
    assert db.execute("SELECT count(*) FROM marks").fetchone()[0] == 1
    assert db.execute("SELECT count(*) FROM notes").fetchone()[0] == 0
    assert {doc for words in index_words(db).values() for _, doc, _, _ in words} == {1002}


def test_numbers_are_never_given_twice(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, entry("1"), entry("2"))
    purge_entries(db, feed_id)
    store(db, feed_id, entry("1"))
    assert [row["id"] for row in rows(db)] == [1002]
