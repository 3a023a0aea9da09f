"""Matches of stored rules: found once, kept up to date, dropped with their rules."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from stored import NOW, entry, fold, store, subscribe
from veille.rank.expression import Both, Expression, Filter, Pattern, Term
from veille.rank.query import Query
from veille.rank.rules import Rule, keyword_rule
from veille.store.db import open_store, write
from veille.store.entries import purge_entries
from veille.store.functions import take_notices
from veille.store.matches import find_matches, find_words, load_matches, search_stories, update_matches
from veille.store.stories import date_stories, mark_story

if TYPE_CHECKING:
    from pathlib import Path

    from veille.store.db import Db

STRIKE = keyword_rule("grève")
TOWN = keyword_rule("nantes OR rennes")


def stored(db: Db) -> dict[tuple[str, int], str]:
    """All stored matches by rule and entry."""
    names = {STRIKE.key: "strike", TOWN.key: "town"}
    rows = db.execute("SELECT key, entry_id, field FROM matches ORDER BY key, entry_id")
    return {(names.get(key, key), entry_id): field for key, entry_id, field in rows}


def runs(db: Db) -> dict[str, int]:
    return dict(db.execute("SELECT key, matched_to FROM rule_runs").fetchall())


def fill(db: Db) -> int:
    feed_id = subscribe(db, "a")
    store(
        db,
        feed_id,
        entry("0", "Grève à Nantes", summary="La grève continue", language="fr"),
        entry("1", "Trains arrêtés", summary="Une grève à Rennes", language="fr"),
        entry("2", "Beau temps"),
    )
    return feed_id


EXPECTED = {("strike", 1000): "title", ("strike", 1001): "body", ("town", 1000): "title", ("town", 1001): "body"}


def test_a_new_rule_runs_over_everything_and_title_comes_before_body(db: Db) -> None:
    fill(db)
    update_matches(db, [STRIKE])
    assert stored(db) == {key: field for key, field in EXPECTED.items() if key[0] == "strike"}
    update_matches(db, [STRIKE, TOWN])
    assert stored(db) == EXPECTED
    assert runs(db) == {STRIKE.key: 1002, TOWN.key: 1002}


def test_a_known_rule_runs_over_new_entries_only(db: Db) -> None:
    feed_id = fill(db)
    update_matches(db, [STRIKE])
    db.execute("DELETE FROM matches")  # a rule that were run again would bring them back
    store(db, feed_id, entry("3", "La grève est finie", language="fr"))
    update_matches(db, [STRIKE, TOWN])
    assert stored(db) == {
        ("strike", 1003): "title", ("town", 1000): "title", ("town", 1001): "body",
    }  # fmt: skip


def test_an_edited_entry_is_matched_anew_by_every_rule(db: Db) -> None:
    feed_id = fill(db)
    update_matches(db, [STRIKE, TOWN])
    store(
        db,
        feed_id,
        entry("0", "Fin du conflit à Rennes", language="fr"),
        entry("2", "Beau temps", summary="sauf à Nantes, en grève", language="fr"),
        entry("3", "Nantes encore", language="fr"),
    )
    update_matches(db, [STRIKE, TOWN])
    assert stored(db) == {
        ("strike", 1001): "body", ("strike", 1002): "body",
        ("town", 1000): "title", ("town", 1001): "body", ("town", 1002): "body", ("town", 1003): "title",
    }  # fmt: skip
    assert db.execute("SELECT count(*) FROM stale_matches").fetchone()[0] == 0


def test_an_edit_before_the_first_run_is_matched_once(db: Db) -> None:
    feed_id = fill(db)
    store(db, feed_id, entry("0", "Fin du conflit"))
    update_matches(db, [STRIKE])
    assert stored(db) == {("strike", 1001): "body"}


def test_matches_of_a_rule_that_is_gone_are_dropped(db: Db) -> None:
    fill(db)
    update_matches(db, [STRIKE, TOWN])
    update_matches(db, [TOWN])
    assert {key for key, _ in stored(db)} == {"town"}
    assert set(runs(db)) == {TOWN.key}
    update_matches(db, [])
    assert (stored(db), runs(db)) == ({}, {})


def test_a_changed_rule_is_a_new_one_and_a_new_name_or_weight_is_not(db: Db) -> None:
    fill(db)
    update_matches(db, [STRIKE])
    renamed = Rule(name="conflits", query=STRIKE.query, weight=9, kind="kill")
    db.execute("DELETE FROM matches")
    update_matches(db, [renamed])
    assert stored(db) == {}
    changed = keyword_rule("grève -rennes")
    update_matches(db, [changed])
    assert stored(db) == {(changed.key, 1000): "title"}
    assert load_matches(db, [changed, renamed], [1000, 1001]) == {(changed.key, 1000): "title"}


def test_nothing_to_do_takes_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    with open_store(path, busy_timeout=timedelta(0)) as db, open_store(path, busy_timeout=timedelta(0)) as other:
        fill(db)
        update_matches(db, [STRIKE, TOWN])
        with write(other):
            update_matches(db, [TOWN, STRIKE])
        assert stored(db) == EXPECTED


def test_what_another_veille_stores_meanwhile_is_not_forgotten(tmp_path: Path) -> None:
    """An edit that comes between looking and locking: the look must be taken again under the lock."""
    path = tmp_path / "veille.db"
    with (
        open_store(path, busy_timeout=timedelta(0)) as db,
        open_store(path, busy_timeout=timedelta(seconds=1)) as other,
    ):
        feed_id = fill(db)
        update_matches(db, [STRIKE])
        store(db, feed_id, entry("3", "Beau temps encore"))
        begun: list[str] = []

        def edit_first(statement: str) -> None:
            if statement.startswith("BEGIN") and not begun:
                begun.append(statement)
                store(other, feed_id, entry("0", "Fin du conflit"))

        db.set_trace_callback(edit_first)
        update_matches(db, [STRIKE])
        db.set_trace_callback(None)
        update_matches(db, [STRIKE])
        assert begun
        assert stored(db) == {("strike", 1001): "body"}


def test_purged_entries_leave_no_match_and_new_ones_are_matched_after(db: Db) -> None:
    feed_id = fill(db)
    update_matches(db, [STRIKE])
    store(db, feed_id, entry("0", "La grève, suite", language="fr"))
    with write(db):
        purge_entries(db, feed_id)
    assert stored(db) == {}
    assert db.execute("SELECT count(*) FROM stale_matches").fetchone()[0] == 0
    store(db, feed_id, entry("9", "Une grève de plus", language="fr"))
    update_matches(db, [STRIKE])
    assert stored(db) == {("strike", 1003): "title"}


def test_stored_matches_are_read_for_the_entries_asked_for(db: Db) -> None:
    fill(db)
    update_matches(db, [STRIKE, TOWN])
    assert load_matches(db, [STRIKE], [1001, 1002]) == {(STRIKE.key, 1001): "body"}
    assert load_matches(db, [STRIKE, TOWN], [1000]) == {(STRIKE.key, 1000): "title", (TOWN.key, 1000): "title"}
    assert load_matches(db, [STRIKE], []) == load_matches(db, [], [1000]) == {}


def test_rules_that_are_not_stored_give_the_same_matches(db: Db) -> None:
    fill(db)
    update_matches(db, [STRIKE, TOWN])
    ids = [1000, 1001, 1002]
    assert find_matches(db, [STRIKE, TOWN], ids) == load_matches(db, [STRIKE, TOWN], ids)
    assert find_matches(db, [STRIKE], [1000, 1002]) == {(STRIKE.key, 1000): "title"}
    assert find_matches(db, [STRIKE], []) == {}
    assert find_matches(db, [keyword_rule('rennes OR "à nantes"')], ids).keys() == {
        (keyword_rule('rennes OR "à nantes"').key, entry_id) for entry_id in (1000, 1001)
    }


def test_words_are_found_one_by_one_in_any_form_among_the_entries_asked_for(db: Db) -> None:
    fill(db)
    words = [Term(("greves",), "word"), Term(("ren",), "prefix"), Term(("rennes",), "word", "title")]
    assert find_words(db, words, [1000, 1001, 1002]) == [{1000, 1001}, {1001}, set()]
    assert find_words(db, words, [1001]) == [{1001}, {1001}, set()]
    assert find_words(db, words, []) == []


def test_a_search_gives_stories_the_latest_first(db: Db) -> None:
    feed_id = fill(db)
    store(db, feed_id, entry("3", "Une grève ancienne", published_at=NOW - timedelta(days=900), language="fr"))
    fold(db)
    assert search_stories(db, STRIKE, now=NOW, limit=2) == ([1001, 1000], 3)
    assert search_stories(db, keyword_rule("grève -rennes"), now=NOW) == ([1000, 1003], 2)
    assert search_stories(db, keyword_rule('"beau temps" OR rennes'), now=NOW) == ([1002, 1001], 2)
    assert search_stories(db, keyword_rule("absent"), now=NOW, limit=5) == ([], 0)


def rule_of(expression: Expression) -> Rule:
    return Rule(name="r", query=Query(text="r", expression=expression))


def test_a_rule_that_depends_on_the_user_is_not_stored_but_found_with_the_others(db: Db) -> None:
    fill(db)
    fold(db)
    unread = rule_of(Both((STRIKE.expression, Filter("is", "unread"))))
    update_matches(db, [STRIKE, unread], now=NOW)
    assert set(runs(db)) == {STRIKE.key}
    found = load_matches(db, [STRIKE, unread], [1000, 1001, 1002], now=NOW)
    assert {key for key, _ in found} == {STRIKE.key, unread.key}
    assert found[unread.key, 1000] == "title"
    with write(db):
        mark_story(db, 1000, "read", now=NOW)
    assert (unread.key, 1000) not in load_matches(db, [unread], [1000, 1001, 1002], now=NOW)


def test_where_a_rule_matches_is_told_by_what_it_asks_for(db: Db) -> None:
    store(db, subscribe(db, "a"), entry("0", "Grève", author="Ann Lee", summary="Grève à Rennes", language="fr"))
    fold(db)
    asked: dict[str, Expression] = {
        "title": Both((Filter("lang", "fr"), Term(("greve",), "word"), Term(("renne",), "word", "text"))),
        "body": Term(("greve",), "word", "text"),
        "author": Term(("lee",), "word", "author"),
        "entry": Filter("is", "unread"),
    }
    for field, expression in asked.items():
        rule = rule_of(expression)
        assert find_matches(db, [rule], [1000], now=NOW) == {(rule.key, 1000): field}


def test_a_search_of_what_is_everywhere_gives_the_latest_of_all(db: Db) -> None:
    feed_id = subscribe(db, "a")
    # The later an entry was stored, the older it is, but for the first: ids alone would not tell.
    made = [entry(str(at), f"Mot {at}", published_at=NOW - timedelta(minutes=at or 9)) for at in range(6000)]
    store(db, feed_id, *made)
    db.execute("UPDATE entries SET story_id = id")
    date_stories(db, range(1000, 7000))
    for expression in (Term(("mot",), "word"), Both((Filter("is", "unread"), Term(("mot",), "exact")))):
        assert search_stories(db, rule_of(expression), now=NOW, limit=3) == ([1001, 1002, 1003], 6000)
    assert len(search_stories(db, rule_of(Filter("is", "unread")), now=NOW)[0]) == 6000


def test_a_slow_pattern_is_stopped_and_told_of_once_and_the_rest_goes_on(db: Db) -> None:
    made = [entry(str(at), "a" * 4000 + f" {at} !", summary="Une grève", language="fr") for at in range(60)]
    store(db, subscribe(db, "a"), *made)
    slow = rule_of(Pattern("(a|aa)+$"))
    begun = perf_counter()
    update_matches(db, [slow, STRIKE])
    update_matches(db, [slow, STRIKE])
    assert perf_counter() - begun < 15
    assert len(load_matches(db, [slow, STRIKE], range(1000, 1060))) == 60
    (notice,) = take_notices(db)
    assert "(a|aa)+$" in notice
    assert "stopped" in notice
    assert take_notices(db) == []
