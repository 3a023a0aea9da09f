"""What would have changed a rank: rules that came near, and what a list asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import NOW, make_desk, make_rule, make_source, make_story
from veille.rank.score import Desk, ScoreSettings, rank_stories
from veille.rank.whatif import Change, list_changes, list_goals, list_probes

if TYPE_CHECKING:
    from veille.model import MatchField, Story
    from veille.rank.rules import Rule

PLAIN = ScoreSettings(freshness=0.0, outlets=0.0, repeat=0.0)


def changes_of(rule: Rule, matched: dict[str, MatchField], story: Story | None = None) -> list[Change]:
    """What a rule's near misses are when queries, as they are printed, match the story's first entry so."""
    desk = make_desk(*(rule,) if rule.is_in_force(NOW) else (), settings=PLAIN)
    probes = {probe.name: probe.key for probe in list_probes([rule])} | {rule.name: rule.key}
    matches = {(probes[name], 1): where for name, where in matched.items()}
    desk = replace(desk, matches={(key, entry): at for (key, entry), at in matches.items() if key == rule.key})
    (ranked,) = rank_stories([story or make_story(make_source(1))], replace(desk, rules=[]))
    scored = rank_stories([story or make_story(make_source(1))], desk)
    return list_changes(scored[0] if scored else ranked, desk, [rule], matches)


def told(changes: list[Change]) -> list[tuple[str, float]]:
    return [(change.what, change.points) for change in changes]


def test_a_rule_that_matched_a_text_would_have_given_more_in_a_title() -> None:
    found = changes_of(make_rule("crise", weight=4.0), {"crise": "body"})
    assert told(found) == [("“crise” in a title, not in a text only", 2.0)]
    assert changes_of(make_rule("crise", weight=4.0), {"crise": "title"}) == []


def test_one_word_missing_is_named() -> None:
    rule = make_rule("crise banque suisse", weight=4.0)
    found = changes_of(rule, {"crise": "title", "suisse": "body"})
    assert told(found) == [("“crise banque suisse”: only banque is missing", 2.0)]
    assert changes_of(rule, {"crise": "title"}) == []


def test_what_a_rule_leaves_out_is_named() -> None:
    rule = make_rule("coupe -sport", weight=4.0)
    assert told(changes_of(rule, {"coupe": "title", "sport": "body"})) == [("“coupe -sport”: it leaves out sport", 4.0)]
    assert changes_of(rule, {"sport": "body"}) == []


def test_groups_are_opened_and_what_is_far_is_not_told() -> None:
    rule = make_rule("(crise banque) suisse", weight=4.0)
    assert [probe.name for probe in list_probes([rule])] == ["crise", "banque", "suisse"]
    assert told(changes_of(rule, {"crise": "title", "banque": "title"})) == [
        ("“(crise banque) suisse”: only suisse is missing", 4.0)
    ]
    narrow = make_rule("crise banque", weight=4.0, fields=("title",))
    assert changes_of(narrow, {}) == []


def test_rules_that_count_without_points_are_no_near_miss() -> None:
    assert changes_of(make_rule("crise", kind="note"), {"crise": "title"}) == []
    assert changes_of(make_rule("crise", kind="pin"), {"crise": "body"}) == []


def test_a_negative_rule_that_came_near_would_have_lowered() -> None:
    (change,) = changes_of(make_rule("foot -rugby", weight=-3.0), {"foot": "title", "rugby": "title"})
    assert (change.points, change.lowers) == (-3.0, True)


def test_fields_and_languages_that_shut_a_rule_out_are_named() -> None:
    rule = make_rule("crise", weight=4.0, fields=("title",), lang=("fr",))
    wide = replace(rule, fields=(), lang=())
    desk = make_desk(rule, settings=PLAIN)
    (ranked,) = rank_stories([make_story(make_source(1))], desk)
    found = list_changes(ranked, desk, [rule], {(wide.key, 1): "body"})
    assert told(found) == [("“crise”: it looks only in the title, texts in fr", 2.0)]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"disabled": True}, "it is disabled"),
        ({"until": date(2026, 11, 1)}, "it ended on 2026-11-01"),
        ({"folders": ("Blogs",), "feeds": ("Figaro",)}, "it counts only for Blogs, Figaro"),
    ],
)
def test_rules_out_of_force_or_of_scope_are_told(fields: dict[str, object], why: str) -> None:
    assert told(changes_of(make_rule("crise", weight=4.0, **fields), {"crise": "title"})) == [(f"“crise”: {why}", 4.0)]


def test_a_kill_rule_that_matches_another_source_would_have_hidden_it() -> None:
    story = make_story(make_source(2, feed="Blog"), make_source(1, feed="Gazette"))
    (change,) = changes_of(make_rule("crise", kind="kill"), {"crise": "title"}, story)
    assert change.what == "hidden by “crise”: it matches Gazette, which does not lead the story"
    assert (change.points, change.lowers) == (0.0, True)


def test_age_outlets_and_place_would_have_changed_it() -> None:
    old = [make_source(n, published_at=NOW - timedelta(hours=12)) for n in (1, 2)]
    stories = [make_story(make_source(9)), make_story(old[0], replace(old[1], url="https://b.example/"))]
    desk = make_desk(settings=ScoreSettings(outlets=0.25, repeat=1.0))
    last = rank_stories(stories, desk)[-1]
    assert last.score.total == pytest.approx(0.75 - 0.5)
    assert told(list_changes(last, desk, [], {})) == [
        ("published just now", pytest.approx(0.5)),
        ("the first of Gazette", pytest.approx(0.5)),
        ("12 h older", pytest.approx(-0.25)),
        ("told by twice as many outlets", 0.25),
        ("told by one outlet alone", -0.25),
    ]


# --- goals ----------------------------------------------------------------------------------------


def make_list(size: int, *, repeat: float = 0.0) -> tuple[Desk, list[Story]]:
    """Stories of falling scores, 0.5 apart."""
    rules = [make_rule(f"mot{n}", weight=float(size - n) / 2) for n in range(size)]
    matches: dict[tuple[Rule, int], MatchField] = {(rule, n + 1): "title" for n, rule in enumerate(rules)}
    desk = make_desk(*rules, matches=matches, settings=replace(PLAIN, repeat=repeat))
    return desk, [make_story(make_source(n + 1)) for n in range(size)]


def test_goals_tell_what_is_missing_and_what_may_be_lost() -> None:
    desk, stories = make_list(25)
    ranked = rank_stories(stories, desk)
    goals = list_goals(ranked, 12, desk)
    assert [(goal.size, goal.inside) for goal in goals] == [(10, False), (20, True)]
    assert [goal.points for goal in goals] == pytest.approx([1.01, 4.51])


def test_nothing_takes_a_place_in_a_short_list_and_points_do_not_pass_pins() -> None:
    desk, stories = make_list(12)
    pin = make_rule("direction", kind="pin")
    pinned = replace(
        desk, rules=[*desk.rules, pin], matches={**desk.matches, **{(pin.key, entry): "body" for entry in range(2, 13)}}
    )
    assert [goal.points for goal in list_goals(rank_stories(stories, pinned), 12, pinned)] == [None, None]
    assert list_goals(rank_stories(stories[:3], desk), 3, desk)[0].points is None


@settings(deadline=None)
@given(st.integers(11, 25), st.floats(0, 1))
def test_the_points_that_are_missing_are_enough(place: int, repeat: float) -> None:
    desk, stories = make_list(25, repeat=repeat)
    ranked = rank_stories(stories, desk)
    story, lacks = ranked[place - 1].story, list_goals(ranked, place, desk)[0].points
    assert lacks is not None
    gain = make_rule("de plus", weight=lacks)
    more = replace(desk, rules=[*desk.rules, gain], matches={**desk.matches, (gain.key, story.lead.entry_id): "title"})
    assert story in [one.story for one in rank_stories(stories, more, most=10)]
