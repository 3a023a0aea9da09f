"""Splitting and putting together: numbers, marks, copies, the window of folding, and what is remembered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stored import NOW, entry, fold, store, subscribe
from veille.app.comparing import compare_two, read_coverage
from veille.app.fold import fold_pending
from veille.app.home import Home, open_home
from veille.app.marking import mark_stories
from veille.app.revival import revive
from veille.app.stories import put_stories_together, split_story
from veille.errors import UnknownError, UsageError
from veille.model import Placement
from veille.settings import FoldSettings
from veille.store.db import write
from veille.store.headlines import load_headlines
from veille.store.stories import list_read, load_stories, mark_story, note_story, place_entries, remember_list
from veille.store.window import fill_window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.store.db import Db

EVENT = "Le maire de Nantes annonce sa démission du conseil"
OTHER = "Une tempête coupe l'électricité à Brest et à Quimper"
HOUR = timedelta(hours=1)


@pytest.fixture
def veille(home: Path) -> Iterator[Home]:
    assert home.exists()
    with open_home() as opened:
        yield opened


def publish(db: Db, name: str, title: str, hours: float = 0) -> None:
    """An entry in a feed of its own, published so long after NOW."""
    url = f"http://{name}.example/1"
    store(db, subscribe(db, name, title=name.upper()), entry("1", title, url=url, published_at=NOW + hours * HOUR))


def copies(veille: Home, number: int) -> None:
    """A story of so many copies, the first 1000, an hour after one another."""
    for place in range(number):
        publish(veille.db, f"copy{place}", EVENT, place)
    fold(veille.db)
    assert stories(veille.db) == dict.fromkeys(range(1000, 1000 + number), 1000)


def stories(db: Db) -> dict[int, int]:
    return dict(db.execute("SELECT id, story_id FROM entries").fetchall())


def originals(db: Db) -> dict[int, int | None]:
    return dict(db.execute("SELECT id, duplicate_of FROM entries").fetchall())


def window(db: Db) -> list[list[tuple[object, ...]]]:
    """The tables of folding, without words that no story has."""
    asked = (
        "SELECT story_id, first_at FROM fold_stories ORDER BY 1",
        "SELECT stem, story_id FROM fold_stems ORDER BY 1, 2",
        "SELECT stem, told, titled FROM fold_spread WHERE told OR titled ORDER BY 1",
    )
    return [[tuple(row) for row in db.execute(one)] for one in asked]


def assert_window_is_right(db: Db) -> None:
    """As if it were made anew from the entries."""
    found = window(db)
    for table in ("fold_stories", "fold_stems", "fold_spread"):
        db.execute(f"DELETE FROM {table}")
    fill_window(db)
    assert found == window(db)
    assert found[0]


# --- split -------------------------------------------------------------------


def test_entries_leave_together_for_a_story_of_their_own(veille: Home) -> None:
    copies(veille, 5)
    done = split_story(veille, "1000", ["1003", "#1002", "1003"])
    assert (done.stays, done.made, done.rest, done.moved) == (1000, 1002, (1000, 1001, 1004), (1002, 1003))
    assert stories(veille.db) == {1000: 1000, 1001: 1000, 1002: 1002, 1003: 1002, 1004: 1000}
    assert originals(veille.db) == {1000: None, 1001: 1000, 1002: None, 1003: 1002, 1004: 1000}
    assert_window_is_right(veille.db)
    dates = veille.db.execute("SELECT first_at, last_at FROM stories WHERE id = 1002").fetchone()
    assert tuple(dates) == ("2026-11-20T10:00:00Z", "2026-11-20T11:00:00Z")


def test_a_founder_that_leaves_in_company_leaves_the_number(veille: Home) -> None:
    copies(veille, 4)
    done = split_story(veille, "1000", ["1000", "1002"])
    assert (done.stays, done.made) == (1000, 1002)
    assert stories(veille.db) == {1000: 1002, 1001: 1000, 1002: 1002, 1003: 1000}
    assert originals(veille.db) == {1000: None, 1001: None, 1002: 1000, 1003: 1001}
    assert_window_is_right(veille.db)


def test_a_founder_that_leaves_alone_takes_the_number_and_nothing_else(veille: Home) -> None:
    copies(veille, 3)
    mark_story(veille.db, 1000, "star", now=NOW)
    note_story(veille.db, 1000, "à suivre", now=NOW)
    remember_list(veille.db, [1000])
    done = split_story(veille, "1", ["1000"])
    assert (done.stays, done.made, done.undo) == (1001, 1000, "veille story merge 1001 1000")
    alone, rest = load_stories(veille.db, [1000, 1001])
    assert (len(alone.sources), alone.starred, alone.note) == (1, False, "")
    assert (len(rest.sources), rest.starred, rest.note) == (2, True, "à suivre")
    assert read_coverage(veille, "1")[0].id == 1001
    assert_window_is_right(veille.db)


def test_a_number_that_a_story_of_others_has_is_not_given_twice(veille: Home) -> None:
    """1000 went to a story of another number; then it is split off alone."""
    copies(veille, 4)
    split_story(veille, "1000", ["1000", "1002"])
    done = split_story(veille, "1002", ["1000"])
    assert done.made not in {1000, 1001, 1002, 1003}
    assert stories(veille.db) == {1000: done.made, 1001: 1000, 1002: 1002, 1003: 1000}
    publish(veille.db, "late", OTHER)
    fold(veille.db)
    assert stories(veille.db)[done.made + 1] == done.made + 1
    assert_window_is_right(veille.db)


@pytest.mark.parametrize("mark", ["read", "unread"])
def test_what_is_split_off_is_read_when_the_story_was_and_never_starred(veille: Home, mark: str) -> None:
    copies(veille, 2)
    for one in ("star", mark):
        mark_story(veille.db, 1000, one, now=NOW)
    split_story(veille, "1000", ["1001"])
    kept, made = load_stories(veille.db, [1000, 1001])
    assert (kept.read, kept.starred) == (mark == "read", True)
    assert (made.read, made.starred) == (mark == "read", False)


@pytest.mark.parametrize(
    ("entries", "error", "said"),
    [
        (["1000", "1001"], UsageError, "these are all the entries of story 1000: name some of them"),
        (["1002"], UnknownError, "“1002” is no entry of story 1000: `veille story 1000` shows the id of each"),
        (["1", "1001"], UnknownError, "“1” is no entry of story 1000"),
        (["1001", "x\ny"], UnknownError, "“x y” is no entry of story 1000"),
    ],
)
def test_what_cannot_be_split_changes_nothing(
    veille: Home, entries: list[str], error: type[Exception], said: str
) -> None:
    copies(veille, 2)
    publish(veille.db, "other", OTHER)
    fold(veille.db)
    before = (stories(veille.db), window(veille.db))
    with pytest.raises(error, match=said):
        split_story(veille, "1000", entries)
    with pytest.raises(UsageError, match="story 1002 has no other entry: there is nothing to split"):
        split_story(veille, "1002", ["1002"])
    assert (stories(veille.db), window(veille.db)) == before
    assert veille.db.execute("SELECT count(*) FROM verdicts").fetchone()[0] == 0


def test_a_later_entry_joins_one_side_and_never_brings_the_two_together(veille: Home) -> None:
    copies(veille, 2)
    split_story(veille, "1000", ["1001"])
    for number in range(3):
        publish(veille.db, f"late{number}", EVENT, number + 3)
        fold(veille.db)
    found = stories(veille.db)
    assert (found[1000], found[1001]) == (1000, 1001)
    assert {found[number] for number in (1002, 1003, 1004)} <= {1000, 1001}
    assert_window_is_right(veille.db)


# --- merge -------------------------------------------------------------------


def test_stories_become_one_under_the_oldest_number(veille: Home) -> None:
    for name, title in (("a", EVENT), ("b", OTHER), ("c", "Un panda naît au zoo de Beauval")):
        publish(veille.db, name, title)
    fold(veille.db)
    remember_list(veille.db, [1001, 1002])
    mark_story(veille.db, 1002, "star", now=NOW)
    done = put_stories_together(veille, ["1", "2", "1000"])
    assert (done.kept, done.joined, done.entries) == (1000, (1001, 1002), 3)
    assert done.undo == (
        "veille story split 1000 1001 && veille story split 1000 1002"
        " && veille mark star 1002 && veille mark unstar 1000"
    )
    assert set(stories(veille.db).values()) == {1000}
    assert set(originals(veille.db).values()) == {None}
    (story,) = load_stories(veille.db, [1000])
    assert story.starred
    assert_window_is_right(veille.db)


def test_copies_are_told_again_when_stories_meet(veille: Home) -> None:
    copies(veille, 3)
    split_story(veille, "1000", ["1000"])
    assert originals(veille.db) == {1000: None, 1001: None, 1002: 1001}
    put_stories_together(veille, ["1000", "1001"])
    assert originals(veille.db) == {1000: None, 1001: 1000, 1002: 1000}


def test_the_last_word_counts(veille: Home) -> None:
    """A merge overrides an earlier split, and the reverse, for ever."""
    copies(veille, 2)
    split_story(veille, "1000", ["1001"])
    put_stories_together(veille, ["1000", "1001"])
    assert compare_two(veille, ("1000", "1001")).facts[0].startswith("put together by you on ")
    split_story(veille, "1000", ["1001"])
    assert compare_two(veille, ("1000", "1001")).facts[0].startswith("set apart by you on ")
    verdicts = veille.db.execute("SELECT one, other, same FROM verdicts").fetchall()
    assert [tuple(row) for row in verdicts] == [(1000, 1001, 0)]


def test_one_story_is_not_put_together_with_itself(veille: Home) -> None:
    copies(veille, 2)
    with pytest.raises(UsageError, match="all of these are story 1000 already: name another"):
        put_stories_together(veille, ["1000", "1001"])
    with pytest.raises(UnknownError, match="no story has the id 4242"):
        put_stories_together(veille, ["1000", "4242"])


def test_old_stories_stay_out_of_the_window(veille: Home) -> None:
    publish(veille.db, "a", EVENT, -24 * 90)
    publish(veille.db, "b", OTHER, -24 * 90)
    publish(veille.db, "c", "Un panda naît au zoo de Beauval")
    fold(veille.db)
    before = window(veille.db)
    put_stories_together(veille, ["1000", "1001"])
    split_story(veille, "1000", ["1001"])
    assert window(veille.db) == before


@pytest.mark.parametrize(
    "before",
    [
        {1000: ["pick"], 1001: ["kill"]},
        {1000: ["kill"], 1001: ["read"]},
        {1000: ["kill"], 1001: ["kill"]},
        {1001: ["later", "pick"]},
        {1000: ["later", "star"], 1001: ["kill", "pick"]},
        {1000: ["read", "kill"], 1001: ["read"]},
    ],
)
def test_undoing_a_merge_gives_back_what_was_killed_put_off_and_picked(
    veille: Home, before: dict[int, list[str]]
) -> None:
    publish(veille.db, "one", EVENT)
    publish(veille.db, "other", OTHER)
    fold(veille.db)
    for number, marks in before.items():
        for mark in marks:
            mark_stories(veille, mark, [str(number)])
    kept = load_stories(veille.db, [1000, 1001])
    done = put_stories_together(veille, ["1000", "1001"])
    for command in done.undo.split(" && "):
        match command.split()[1:]:
            case ["story", "split", story, *entries]:
                split_story(veille, story, entries)
            case ["mark", mark, *numbers]:
                mark_stories(veille, mark, numbers)
    assert load_stories(veille.db, [1000, 1001]) == kept


def test_undoing_a_merge_gives_the_numbers_back(veille: Home) -> None:
    publish(veille.db, "a", EVENT)
    publish(veille.db, "b", OTHER)
    fold(veille.db)
    before = (stories(veille.db), window(veille.db))
    done = put_stories_together(veille, ["1000", "1001"])
    split_story(veille, str(done.kept), done.undo.split()[4:])
    assert (stories(veille.db), window(veille.db)) == before


def test_stories_go_back_to_the_scope_of_their_folder(home: Path) -> None:
    (home / "config.toml").write_text('[fold]\napart = ["Presse", "Blogs"]\n', "utf-8")
    with open_home() as veille:
        db = veille.db
        for number, folder in enumerate(("Presse/Locale", "Presse", "Blogs", "Blogs")):
            url = f"http://{number}.example/1"
            store(db, subscribe(db, f"f{number}", folder=folder), entry("1", EVENT, url=url))
        fold_pending(db, veille.settings.fold)
        scopes = "SELECT story_id, scope FROM fold_stories"
        assert dict(db.execute(scopes).fetchall()) == {1000: "Presse", 1002: "Blogs"}
        put_stories_together(veille, ["1000", "1002"])
        assert dict(db.execute(scopes).fetchall()) == {1000: "Presse"}
        split_story(veille, "1000", ["1002", "1003"])
        assert dict(db.execute(scopes).fetchall()) == {1000: "Presse", 1002: "Blogs"}


# --- why ---------------------------------------------------------------------


def test_a_story_means_its_lead_and_inside_one_story_a_number_its_entry(veille: Home) -> None:
    db = veille.db
    store(db, subscribe(db, "a"), entry("1", EVENT, summary="Bref."))
    store(
        db,
        subscribe(db, "b"),
        entry("1", "Un panda naît au zoo de Beauval", url="http://b.example/1", content="<p>" + "mot " * 400),
    )
    publish(db, "c", OTHER)
    fold(db)
    put_stories_together(veille, ["1000", "1001"])
    (story,) = load_stories(db, [1000])
    assert story.lead.entry_id == 1001
    across, inside = compare_two(veille, ("1000", "1002")), compare_two(veille, ("1000", "1001"))
    assert (across.one.entry_id, across.other.entry_id, across.together) == (1001, 1002, False)
    assert (inside.one.entry_id, inside.other.entry_id, inside.together) == (1000, 1001, True)
    with pytest.raises(UsageError, match="both mean entry 1001: name two"):
        compare_two(veille, ("1001", "1001"))


def test_what_keeps_stories_apart_is_told(home: Path) -> None:
    (home / "config.toml").write_text('[fold]\napart = ["Presse"]\n', "utf-8")
    with open_home() as veille:
        db = veille.db
        store(db, subscribe(db, "a", folder="Presse"), entry("1", EVENT, published_at=NOW - 80 * HOUR))
        store(db, subscribe(db, "b", folder="Blogs"), entry("1", OTHER, url="http://b.example/1"))
        fold(db)
        compared = compare_two(veille, ("1000", "1001"))
    assert compared.facts == ("more than 72 h apart", "folders set apart")
    assert compared.line().startswith(
        "1000 and 1001 are in two stories (1000 and 1001): more than 72 h apart; folders set apart; chance 0.0"
    )


def test_stories_too_long_together_are_told(veille: Home) -> None:
    publish(veille.db, "a", EVENT)
    publish(veille.db, "b", OTHER, 60)
    publish(veille.db, "c", "Un panda naît au zoo de Beauval", 100)
    fold(veille.db)
    put_stories_together(veille, ["1001", "1002"])
    assert compare_two(veille, ("1000", "1001")).facts == ("together they would last more than 72 h",)


# --- reading and growing -------------------------------------------------------


def grow(veille: Home, title: str, settings: FoldSettings, *, copy_of: int | None = None) -> set[int]:
    """A read story that an entry joins; the stories that are read after that."""
    db = veille.db
    publish(db, "a", EVENT)
    fold(db)
    mark_story(db, 1000, "read", now=NOW)
    publish(db, "b", title, 1)
    placed = [Placement(entry_id=1001, story_id=1000, duplicate_of=copy_of)]
    with write(db):
        place_entries(db, placed)
        revive(db, load_headlines(db, [1001]), placed, settings)
    return list_read(db, [1000])


NEWS = "Nantes : deux adjoints se déchirent pour succéder, la préfecture convoque un scrutin en janvier"


@pytest.mark.parametrize(
    ("title", "copy_of", "settings", "read"),
    [
        (NEWS, None, FoldSettings(), set()),
        (NEWS, 1000, FoldSettings(), {1000}),
        (NEWS, None, FoldSettings(revive=False), {1000}),
        ("Nantes : le maire annonce sa démission", None, FoldSettings(), {1000}),
    ],
)
def test_a_read_story_comes_back_for_news_alone(
    veille: Home, title: str, copy_of: int | None, settings: FoldSettings, read: set[int]
) -> None:
    assert grow(veille, title, settings, copy_of=copy_of) == read


def test_a_star_and_a_note_outlive_coming_back(veille: Home) -> None:
    publish(veille.db, "a", EVENT)
    fold(veille.db)
    for mark in ("read", "star"):
        mark_story(veille.db, 1000, mark, now=NOW)
    note_story(veille.db, 1000, "à suivre", now=NOW)
    publish(veille.db, "b", NEWS, 1)
    placed = [Placement(entry_id=1001, story_id=1000)]
    place_entries(veille.db, placed)
    revive(veille.db, load_headlines(veille.db, [1001]), placed, FoldSettings())
    (story,) = load_stories(veille.db, [1000])
    assert (story.read, story.starred, story.note) == (False, True, "à suivre")


def test_new_stories_are_nothing_to_bring_back(veille: Home) -> None:
    publish(veille.db, "a", EVENT)
    fold(veille.db)
    changes = veille.db.total_changes
    revive(veille.db, load_headlines(veille.db, [1000]), [Placement(entry_id=1000, story_id=1000)], FoldSettings())
    assert veille.db.total_changes == changes
