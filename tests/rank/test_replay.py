"""Lists replayed: stories as they stood, what comes and goes, and whether a rule moves anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from make import NOW, make_desk, make_rule, make_source, make_story
from veille.rank.lead import Weights
from veille.rank.replay import compare_lists, lay_table, moves_list, stand_at
from veille.rank.score import Desk, ScoreSettings, rank_stories

if TYPE_CHECKING:
    from veille.model import MatchField, RuleKind, Story

HOUR = timedelta(hours=1)


def test_stories_stand_as_they_stood() -> None:
    early, late = make_source(1, published_at=NOW - 30 * HOUR), make_source(2, published_at=NOW - HOUR, words=500)
    story = make_story(late, early, id=1, words=500)
    assert list(stand_at([story], until=NOW, weights=Weights())) == [story]
    (then,) = stand_at([story], until=NOW - 24 * HOUR, weights=Weights())
    assert (then.sources, then.words) == ((early,), 0)
    assert list(stand_at([story], until=NOW - 2 * HOUR, weights=Weights())) == []
    assert list(stand_at([story], until=NOW - 60 * HOUR, weights=Weights())) == []


def test_what_comes_and_goes_has_both_ranks() -> None:
    stories = [make_story(make_source(number, feed_id=number)) for number in range(1, 5)]
    boost, kill = make_rule("crise", weight=9.0), make_rule("sport", kind="kill")
    matches: dict[tuple[str, int], MatchField] = {(boost.key, 4): "title", (kill.key, 1): "title"}
    desk = make_desk()
    before = rank_stories(stories, desk)
    after = rank_stories(stories, replace(desk, rules=[boost, kill], matches=matches))
    entered, left = compare_lists(before, after, most=2)
    assert [(one.story.id, one.before, one.after) for one in entered] == [(4, 4, 1)]
    assert [(one.story.id, one.before, one.after) for one in left] == [(1, 1, None)]
    entered, left = compare_lists(after, before, most=2)
    assert [(one.story.id, one.before, one.after) for one in entered] == [(1, None, 1)]
    assert [(one.story.id, one.before, one.after) for one in left] == [(4, 1, 4)]
    assert compare_lists(before, before, most=2) == ([], [])


def test_matches_of_other_days_have_no_part_in_a_list() -> None:
    rule = make_rule("crise")
    desk = make_desk(rule, matches={(rule, 99): "title"})
    assert moves_list(lay_table([make_story(make_source(1))], desk), rule) is None


KINDS: st.SearchStrategy[RuleKind] = st.sampled_from(["boost", "kill", "pin"])
FIELDS: st.SearchStrategy[MatchField] = st.sampled_from(["title", "body"])


@st.composite
def desks(draw: st.DrawFn) -> tuple[list[Story], Desk]:
    """A dozen stories of a few feeds, some with two sources; rules of every kind that match some of them."""
    stories = []
    for number in range(1, draw(st.integers(2, 12))):
        age = draw(st.integers(0, 3)) * HOUR
        count = draw(st.integers(1, 2))
        sources = [
            make_source(number * 10 + part, feed_id=draw(st.integers(1, 3)), published_at=NOW - age)
            for part in range(count)
        ]
        stories.append(make_story(*sources))
    entries = [source.entry_id for story in stories for source in story.sources]
    rules = [
        make_rule(f"mot{number}", kind=draw(KINDS), weight=draw(st.sampled_from([0.0, 0.01, 1.0, -2.0])))
        for number in range(draw(st.integers(1, 4)))
    ]
    matches = {
        (rule.key, entry): draw(FIELDS)
        for rule in rules
        for entry in (draw(st.lists(st.sampled_from(entries), unique=True)) if entries else ())
    }
    scoring = ScoreSettings(freshness=1.0, repeat=draw(st.sampled_from([0.0, 0.1, 2.0])))
    return stories, Desk(rules=rules, matches=matches, settings=scoring, now=NOW)


@settings(max_examples=300)
@given(desks())
def test_a_rule_moves_a_list_just_when_the_list_without_it_is_another(made: tuple[list[Story], Desk]) -> None:
    stories, desk = made
    table = lay_table(stories, desk)
    with_all = [one.story.id for one in rank_stories(stories, desk)]
    for rule in desk.rules:
        others = replace(desk, rules=[one for one in desk.rules if one is not rule])
        without = [one.story.id for one in rank_stories(stories, others)]
        told = moves_list(table, rule)
        assert bool(told) is (with_all != without)
        touched = any(key == rule.key for key, _ in desk.matches)
        assert (told is None) is (not touched)
