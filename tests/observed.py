"""What a veille holds and shows, looked at through what its commands call, and held against a model of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from modelled import Opinion, Row, Seen
from veille.app.doctor import diagnose
from veille.app.ranking import Window, find_stories, rank_window
from veille.app.subscribe import survey_feeds
from veille.app.triage import load_weights
from veille.rank.rules import keyword_rule
from veille.store.candidates import load_returns
from veille.store.instep import find_unindexed
from veille.store.marks import load_tags
from veille.store.matches import find_matches
from veille.store.stories import find_story, load_stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modelled import Model
    from veille.app.home import Home

_EVER = datetime(1990, 1, 1, tzinfo=UTC)
_ROWS = """
SELECT e.id, f.url, e.guid, e.title, e.url AS link, e.published_at, e.duplicate_of, e.story_id,
       e.title || ' ' || e.summary || ' ' || coalesce(c.html, '') AS said
FROM entries AS e JOIN feeds AS f ON f.id = e.feed_id LEFT JOIN contents AS c ON c.entry_id = e.id
"""


def look(home: Home) -> Seen:
    """Everything that is stored, as it is."""
    rows = {row["id"]: row for row in home.db.execute(_ROWS)}
    numbers = [number for (number,) in home.db.execute("SELECT id FROM stories ORDER BY id")]
    stories = load_stories(home.db, numbers, load_weights(home))
    assert [story.id for story in stories] == numbers, "a story has no entry"
    tags = load_tags(home.db, numbers)
    told = [source.entry_id for story in stories for source in story.sources]
    assert sorted(told) == sorted(rows), "an entry is in no story, or in two"
    return Seen(
        entries={
            entry_id: Row(
                feed=row["url"],
                guid=row["guid"],
                title=row["title"],
                link=row["link"],
                at=datetime.fromisoformat(row["published_at"]),
                said=row["said"],
                copy_of=row["duplicate_of"],
            )
            for entry_id, row in rows.items()
        },
        stories={story.id: frozenset(source.entry_id for source in story.sources) for story in stories},
        opinions={
            story.id: Opinion(
                read=story.read,
                killed=story.killed,
                starred=story.starred,
                later=story.later,
                picked=story.picked,
                note=tuple(sorted(story.note.split("\n"))) if story.note else (),
                tags=frozenset(tags.get(story.id, ())),
            )
            for story in stories
        },
        back_for=load_returns(home.db, numbers),
    )


def check_stored(home: Home, model: Model) -> None:
    """Every entry once, as it was delivered last; stories, marks, notes and tags as the user left them."""
    seen = look(home)
    assert {(row.feed, row.guid): entry_id for entry_id, row in seen.entries.items()} == {
        key: entry.id for key, entry in model.entries.items()
    }
    for entry in model.entries.values():
        row, item = seen.entries[entry.id], entry.item
        assert (row.title, row.link, row.at) == (item.title, item.link, entry.at)
        assert all(word in row.said for word in item.words)
    assert seen.stories == {number: story.entries for number, story in model.stories.items()}
    assert seen.opinions == {number: story.opinion for number, story in model.stories.items()}
    model.check_apart()
    for number, entries in seen.stories.items():
        for named in (number, *entries):
            assert find_story(home.db, str(named)) == (named if named in seen.stories else number)
    copies = {entry_id: row.copy_of for entry_id, row in seen.entries.items() if row.copy_of is not None}
    assert not copies.values() - seen.entries.keys(), "a copy of an entry that is gone"
    assert not copies.keys() & copies.values(), "a copy of a copy"
    for rank, meant in enumerate(model.ranks, 1):
        if meant in model.stories:
            assert find_story(home.db, str(rank)) == meant


def check_feeds(home: Home, model: Model) -> None:
    """Every subscription with its number, its place and what was set for it."""
    found = {}
    for feed in survey_feeds(home):
        one, own = feed.subscription, feed.settings
        told = (one.title, one.folder, one.tags, feed.muted, feed.entries)
        found[one.url] = (feed.id, *told, own.interval and own.interval / timedelta(hours=1), own.weight)
    wanted = {}
    for url in model.list_followed():
        kept, entries = model.feeds[url], sum(key[0] == url for key in model.entries)
        wanted[url] = (kept.id, kept.title, kept.folder, kept.tags, kept.muted, entries, kept.hours, kept.weight)
    assert found == wanted


def check_lists(home: Home, model: Model) -> None:
    """`top` shows what is followed and not hidden, `--hidden` the rest and why."""
    words = {name: word for name, (word, enabled) in model.kills.items() if enabled}
    for everything in (True, False):
        window = Window(since=_EVER, everything=everything)
        ranking = rank_window(home, window)
        hidden = rank_window(home, Window(since=_EVER, everything=everything, hidden=True))
        shown = {one.story.id for one in ranking.stories}
        assert shown | {one.story.id for one in hidden.stories} == model.list_shown(everything=everything)
        assert len(shown) == len(ranking.stories) == ranking.total
        assert ranking.hidden == len(hidden.stories)
        for one in ranking.stories:
            assert not _killers(model, one.story.lead.entry_id, words)
        for one in hidden.stories:
            assert hidden.hidden_by[one.story.id] in _killers(model, one.story.lead.entry_id, words)
            assert one.story.lead.duplicate_of is None
    starred = rank_window(home, Window(since=None, starred=True))
    assert {one.story.id for one in starred.stories} == {
        number for number, story in model.stories.items() if story.opinion.starred
    }


def check_words(home: Home, words: Iterable[str], holders: Mapping[str, set[int]]) -> None:
    """Each word finds the entries that hold it and no other, and the stories of those."""
    stories = dict(map(tuple, home.db.execute("SELECT id, story_id FROM entries")))
    for word in words:
        wanted = holders.get(word, set())
        for expression in (word, f'"{word}"'):
            found = find_matches(home.db, [keyword_rule(expression)], list(stories))
            assert {entry_id for _, entry_id in found} == wanted, f"{expression} finds {found}, not {wanted}"
        ranking = find_stories(home, word, limit=100)
        assert {one.story.id for one in ranking.stories} == {stories[one] for one in wanted}


def check_file(home: Home) -> None:
    """The database is whole, and its indexes follow it."""
    assert [row[0] for row in home.db.execute("PRAGMA integrity_check")] == ["ok"]
    assert not home.db.execute("PRAGMA foreign_key_check").fetchall()
    assert not find_unindexed(home.db)


def check_health() -> None:
    """The doctor finds nothing that is wrong with the veille itself."""
    own = {"database", "integrity", "log", "words", "orphans", "own", "places", "rules"}
    assert not [one for one in diagnose(offline=True).ailments if one.check in own and one.severity != "note"]
    assert not [one for one in diagnose(offline=True).ailments if one.check == "own"]


def _killers(model: Model, lead: int, words: Mapping[str, str]) -> set[str]:
    """The rules that hide a story led by that entry."""
    (item,) = (entry.item for entry in model.entries.values() if entry.id == lead)
    return {name for name, word in words.items() if word in item.words}
