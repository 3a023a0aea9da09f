"""Scores: what counts, what kills, what settles ties, and that the explanation is the score."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from make import NOW, make_desk, make_rule, make_source, make_story
from veille.model import Contribution, MatchField, Story
from veille.rank.lead import Weights
from veille.rank.rules import Rule
from veille.rank.score import Desk, ScoreSettings, killed_by, outlet_of, rank_stories, reading_minutes, score_story

CRISIS = make_rule("crise", weight=4.0)
BRAND = make_rule("marque", weight=2.0)


def points_of(story: Story, desk: Desk) -> dict[str, float]:
    return {part.reason: part.points for part in score_story(story, desk).contributions}


def test_a_story_about_nothing_scores_nothing() -> None:
    assert score_story(make_story(), make_desk(CRISIS)).contributions == ()


def test_a_rule_counts_for_more_in_a_title_than_in_a_body() -> None:
    story = make_story(make_source(1))
    in_title = score_story(story, make_desk(CRISIS, matches={(CRISIS, 1): "title"}))
    in_body = score_story(story, make_desk(CRISIS, matches={(CRISIS, 1): "body"}))
    assert in_title.contributions == (Contribution(reason="“crise” in title", points=4.0, rule="crise", field="title"),)
    assert in_body.contributions == (Contribution(reason="“crise” in body", points=2.0, rule="crise", field="body"),)


def test_the_weights_of_title_and_body_are_settings() -> None:
    settings = ScoreSettings(title=3.0, body=0.25, freshness=0.0)
    desk = make_desk(CRISIS, BRAND, matches={(CRISIS, 1): "title", (BRAND, 1): "body"}, settings=settings)
    assert points_of(make_story(), desk) == {"“crise” in title": 12.0, "“marque” in body": 0.5}


def test_a_rule_counts_once_for_a_story_by_its_best_match() -> None:
    story = make_story(make_source(1), make_source(2), make_source(3))
    desk = make_desk(CRISIS, matches={(CRISIS, 1): "body", (CRISIS, 2): "title", (CRISIS, 3): "title"})
    assert points_of(story, desk) == {"“crise” in title": 4.0}


@pytest.mark.parametrize(("hosts", "points"), [(1, 0.0), (2, 1.0), (4, 2.0), (8, 3.0)])
def test_each_doubling_of_the_outlets_is_worth_the_same(hosts: int, points: float) -> None:
    story = make_story(*(make_source(n + 1, url=f"https://{n % hosts}.example/{n}") for n in range(8)))
    assert score_story(story, make_desk()).total == pytest.approx(points)


def test_two_feeds_of_one_host_are_one_outlet_and_entries_without_link_count_by_feed() -> None:
    same = make_story(make_source(1), make_source(2, url="https://m.example.org/x", feed_url="https://a.example/2"))
    assert outlet_of(same.sources[0]) == outlet_of(same.sources[1]) == "example.org"
    assert score_story(same, make_desk()).total == 0.0
    bare = make_story(make_source(1, url=""), make_source(2, url="", feed_url="https://b.example/rss"))
    assert points_of(bare, make_desk()) == {"2 outlets": 1.0}


def test_outlets_may_count_for_nothing() -> None:
    story = make_story(make_source(1), make_source(2, url="https://b.example/"))
    assert points_of(story, make_desk(settings=ScoreSettings(outlets=0.0, freshness=0.0))) == {}


def test_feed_and_folder_weights_are_those_of_the_lead() -> None:
    weights = Weights(
        feeds={"https://www.example.org/rss": 2.0, "https://b.example/rss": 50.0},
        folders={
            "Presse": 1.0,
            "Presse/Régions": -3.0,
            "Press": 50.0,
            "Presse/Sport": 50.0,
            "Presse/Régions/": 0.0,
        },
    )
    story = make_story(
        make_source(1, folder="Presse/Régions"),
        make_source(2, feed_url="https://b.example/rss", folder="Presse/Sport"),
    )
    assert points_of(story, make_desk(weights=weights)) == {
        "feed Gazette": 2.0,
        "folder Presse": 1.0,
        "folder Presse/Régions": -3.0,
    }


@pytest.mark.parametrize(("hours", "points"), [(0, 1.0), (12, 0.5), (24, 0.25), (-5, 1.0)])
def test_freshness_halves_with_each_half_life_of_the_latest_source(hours: int, points: float) -> None:
    story = make_story(
        make_source(1, published_at=NOW - timedelta(days=9)),
        make_source(2, published_at=NOW - timedelta(hours=hours)),
    )
    assert points_of(story, make_desk(settings=ScoreSettings(repeat=0.0))) == {"fresh": pytest.approx(points)}


def test_what_is_old_is_not_fresh_at_all() -> None:
    story = make_story(make_source(1, published_at=NOW - timedelta(days=4000)))
    assert points_of(story, make_desk(settings=ScoreSettings(repeat=0.0))) == {}


# --- rank -----------------------------------------------------------------------------------------


def test_a_kill_rule_hides_what_its_lead_is_about() -> None:
    kill = make_rule("horoscope", kind="kill", weight=100.0)
    story = make_story(make_source(1), make_source(2))
    in_passing = make_desk(kill, matches={(kill, 2): "title"})
    assert killed_by(story, in_passing) == ""
    assert [ranked.score.total for ranked in rank_stories([story], in_passing)] == [0.0]
    of_the_lead = make_desk(kill, matches={(kill, 1): "body"})
    assert killed_by(story, of_the_lead) == "horoscope"
    assert rank_stories([story], of_the_lead) == []


def test_stories_are_ranked_by_score_then_date_then_id() -> None:
    old = NOW - timedelta(days=1)
    stories = [
        make_story(make_source(1, published_at=old)),
        make_story(make_source(4)),
        make_story(make_source(3)),
        make_story(make_source(2, published_at=old)),
    ]
    desk = make_desk(CRISIS, matches={(CRISIS, 2): "title"})
    assert [ranked.story.id for ranked in rank_stories(stories, desk)] == [2, 3, 4, 1]


def test_keywords_alone_make_the_score_and_the_rest_settles_ties() -> None:
    keyword = make_rule("grève", weight=1.0)
    matches: dict[tuple[Rule, int], MatchField] = {
        (keyword, 1): "body",
        (keyword, 2): "body",
        (CRISIS, 2): "title",
        (CRISIS, 3): "title",
    }
    desk = make_desk(CRISIS, matches=matches, keywords=[keyword])
    ranked = rank_stories([make_story(make_source(n)) for n in (1, 2, 3)], desk)
    assert [(one.story.id, one.score.total, one.tie.total) for one in ranked] == [
        (2, 0.5, 4.0),
        (1, 0.5, 0.0),
        (3, 0.0, 4.0),
    ]


@pytest.mark.parametrize(
    ("words", "language", "minutes"),
    [(0, "fr", 0), (1, "fr", 1), (195, "fr", 1), (196, "fr", 2), (228, "en", 1), (201, "de", 2)],
)
def test_reading_takes_whole_minutes(words: int, language: str, minutes: int) -> None:
    assert reading_minutes(words, language) == minutes
    (ranked,) = rank_stories([make_story(words=words, language=language)], make_desk())
    assert ranked.read_minutes == minutes


def test_pinned_stories_come_first_whatever_they_score() -> None:
    pin = make_rule("direction", kind="pin")
    desk = make_desk(
        CRISIS, pin, matches={(CRISIS, 1): "title", (pin, 3): "body", (pin, 4): "title", (CRISIS, 4): "body"}
    )
    stories = [make_story(make_source(1)), make_story(make_source(2), make_source(3)), make_story(make_source(4))]
    ranked = rank_stories(stories, desk)
    assert [(one.story.id, one.pinned_by, one.score.total) for one in ranked] == [
        (4, "direction", 2.0),
        (2, "direction", 0.0),
        (1, "", 4.0),
    ]


def test_keywords_come_before_pins_and_pins_before_the_rest() -> None:
    keyword, pin = make_rule("grève", weight=1.0), make_rule("direction", kind="pin")
    matches: dict[tuple[Rule, int], MatchField] = {(keyword, 1): "title", (pin, 2): "title", (CRISIS, 3): "title"}
    desk = make_desk(CRISIS, pin, matches=matches, keywords=[keyword])
    assert [one.story.id for one in rank_stories([make_story(make_source(n)) for n in (3, 2, 1)], desk)] == [1, 2, 3]


def test_notes_say_what_they_were_given_or_the_name_of_their_rule() -> None:
    told, named = make_rule("lobby", kind="note", note="voir le dossier"), make_rule("tribune", kind="note", weight=9.0)
    story = make_story(make_source(1), make_source(2))
    desk = make_desk(told, named, matches={(told, 1): "body", (named, 2): "title"})
    (ranked,) = rank_stories([story], desk)
    assert ranked.notes == ("voir le dossier", "tribune")
    assert ranked.score.total == 0.0


def test_a_contribution_tells_the_group_of_its_rule() -> None:
    rule = make_rule("fuite", group="crise")
    (part,) = score_story(make_story(make_source(1)), make_desk(rule, matches={(rule, 1): "author"})).contributions
    assert (part.group, part.field, part.points, part.reason) == ("crise", "author", 1.0, "“fuite” in author")


def test_a_rule_counts_only_for_the_sources_that_it_covers() -> None:
    rule = make_rule("fuite", folders=("Blogs",), weight=4.0)
    story = make_story(make_source(1, folder="Presse"), make_source(2, folder="Blogs/Droit"))
    assert points_of(story, make_desk(rule, matches={(rule, 1): "title"})) == {}
    assert points_of(story, make_desk(rule, matches={(rule, 1): "title", (rule, 2): "body"})) == {
        "“fuite” in body": 2.0
    }
    kill = make_rule("fuite", folders=("Blogs",), kind="kill")
    assert killed_by(story, make_desk(kill, matches={(kill, 1): "title"})) == ""


def test_two_rules_that_look_for_the_same_both_count() -> None:
    twin = make_rule("crise", name="encore", weight=1.0)
    desk = make_desk(CRISIS, twin, matches={(CRISIS, 1): "title"})
    assert points_of(make_story(make_source(1)), desk) == {"“crise” in title": 4.0, "“encore” in title": 1.0}


# --- fairness -------------------------------------------------------------------------------------


def test_each_further_story_of_a_feed_loses_more() -> None:
    desk = make_desk(
        CRISIS, matches={(CRISIS, n): "title" for n in (1, 2, 3)}, settings=ScoreSettings(freshness=0.0, repeat=0.5)
    )
    stories = [make_story(make_source(n)) for n in (1, 2, 3)]
    found = [part for one in rank_stories(stories, desk) for part in one.score.contributions[1:]]
    assert [part.reason for part in found] == ["2nd of Gazette", "3rd of Gazette"]
    assert [part.points for part in found] == pytest.approx([-4 / 3, -2.0])


@pytest.mark.parametrize("body", [0.0, 0.5])
def test_a_match_in_a_text_keeps_its_place_before_later_matches_in_titles(body: float) -> None:
    stories = [make_story(make_source(n, published_at=NOW - timedelta(hours=n))) for n in (1, 2, 3)]
    settings = ScoreSettings(freshness=0.0, repeat=0.5, body=body)
    desk = make_desk(BRAND, matches={(BRAND, 1): "body", (BRAND, 2): "title", (BRAND, 3): "title"}, settings=settings)
    totals = {one.story.id: one.score.total for one in rank_stories(stories, desk)}
    assert totals == {1: 2 * body, 2: pytest.approx(2 - 2 / 3), 3: 1.0}


def test_what_a_rare_feed_publishes_is_lifted() -> None:
    settings = ScoreSettings(freshness=0.0, rare=0.4)
    reasons = [
        points_of(
            make_story(make_source(1, feed_id=feed)),
            make_desk(settings=settings, per_week={1: 1.04, 2: 7.0, 3: 5000.0}),
        )
        for feed in (1, 2, 3, 4)
    ]
    assert reasons == [{"feed of 1 a week": pytest.approx(0.4 / (1 + 1.04 / 7))}, {"feed of 7 a week": 0.2}, {}, {}]


@pytest.mark.parametrize(("pace", "told"), [(0.5, "0.5"), (9.96, "10"), (14.9, "15"), (184.4, "184")])
def test_a_pace_is_told_as_exactly_as_it_is_of_use(pace: float, told: str) -> None:
    desk = make_desk(settings=ScoreSettings(freshness=0.0, rare=10.0), per_week={1: pace})
    assert list(points_of(make_story(make_source(1, feed_id=1)), desk)) == [f"feed of {told} a week"]


@pytest.mark.parametrize("paces", [True, False])
def test_a_feed_of_five_hundred_entries_has_a_third_of_the_list_at_most(*, paces: bool) -> None:
    plan = [(0, 500), *((feed, 5) for feed in range(1, 51))]
    stories = [
        make_story(
            make_source(1000 * feed + n, feed_id=feed, published_at=NOW - timedelta(minutes=1440 * (n + 0.5) / many))
        )
        for feed, many in plan
        for n in range(many)
    ]
    per_week = {feed: many * 7.0 for feed, many in plan} if paces else {}

    def count_busy(**values: Any) -> int:
        desk = make_desk(settings=ScoreSettings(**values), per_week=per_week)
        return sum(one.story.lead.feed_id == 0 for one in rank_stories(stories, desk, most=30))

    assert count_busy(repeat=0.0, rare=0.0) > 15
    assert count_busy() <= 10
    assert count_busy(freshness=0.0) <= 10


# --- laws -----------------------------------------------------------------------------------------

# A few weights, so that stories come close to one another: what is far apart changes no place.
WEIGHTS = st.sampled_from([-1000.0, -1.0, 0.0, 0.001, 0.5, 1.0, 2.0]) | st.floats(-1000, 1000)
RULES = [make_rule(name, group=name) for name in "abcd"]
FIELDS: st.SearchStrategy[MatchField] = st.sampled_from(["title", "body", "author", "entry"])
MATCHES = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(1, 12)), FIELDS, max_size=24)
SETTINGS = st.builds(
    ScoreSettings,
    title=st.sampled_from([0.0, 1.0, 3.0]) | st.floats(0, 100),
    body=st.sampled_from([0.0, 0.5, 5.0]) | st.floats(0, 100),
    outlets=WEIGHTS,
    freshness=st.sampled_from([0.0, 1.0]) | st.floats(0, 1000),
    repeat=st.sampled_from([0.02, 1.0]) | st.floats(0, 1),
    rare=st.floats(0, 100),
)
NO_HURRY = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@st.composite
def days(draw: st.DrawFn) -> tuple[Desk, list[Story]]:
    """A few stories of three feeds, and a desk with rules of any weight."""
    rules = [make_rule(rule.name, weight=draw(WEIGHTS)) for rule in RULES[: draw(st.integers(0, 4))]]
    entries, stories = iter(range(1, 13)), []
    for size in draw(st.lists(st.integers(1, 3), min_size=1, max_size=4)):
        sources = [
            make_source(
                entry,
                feed_id=draw(st.integers(1, 3)),
                url=draw(st.sampled_from(["", "https://a.example/", "https://b.example/"])),
                published_at=NOW - timedelta(hours=draw(st.integers(0, 3))),
            )
            for _, entry in zip(range(size), entries, strict=False)
        ]
        stories.append(make_story(*sources))
    desk = make_desk(
        *rules,
        settings=draw(SETTINGS),
        per_week={1: draw(st.floats(0, 1000))},
        weights=Weights(folders={"Presse": draw(WEIGHTS)}),
    )
    return replace(
        desk, matches={(RULES[rule].key, entry): field for (rule, entry), field in draw(MATCHES).items()}
    ), stories


# Two stories of one feed that are worth nothing; a rule matches the text of the first and the title of the second.
CLOSE = (
    make_desk(
        matches={(RULES[0], 1): "body", (RULES[0], 2): "title"}, settings=ScoreSettings(freshness=0.0, repeat=1.0)
    ),
    [make_story(make_source(1)), make_story(make_source(2))],
)


def with_rule(desk: Desk, rule: Rule) -> Desk:
    return replace(desk, rules=(*desk.rules, rule))


def is_matched(story: Story, rule: Rule, desk: Desk) -> bool:
    return any((rule.key, source.entry_id) in desk.matches for source in story.sources)


@given(days())
@NO_HURRY
def test_a_total_is_the_sum_of_its_contributions_and_makes_the_rank(day: tuple[Desk, list[Story]]) -> None:
    desk, stories = day
    ranked = rank_stories(stories, desk)
    told = [sum(part.points for part in one.score.contributions) for one in ranked]
    assert told == [one.score.total for one in ranked]
    assert all(better >= worse - 1e-6 for better, worse in pairwise(told))


@given(days(), st.sampled_from(RULES))
@NO_HURRY
def test_the_first_of_a_list_are_those_of_the_whole_list(day: tuple[Desk, list[Story]], keyword: Rule) -> None:
    desk, stories = day
    for one in (desk, replace(desk, keywords=[keyword])):
        assert rank_stories(stories, one, most=2) == rank_stories(stories, one)[:2]


@given(days())
@NO_HURRY
def test_a_story_is_worth_for_itself_what_it_ranks_by_less_its_place(day: tuple[Desk, list[Story]]) -> None:
    desk, stories = day
    for one in rank_stories(stories, desk):
        alone = score_story(one.story, desk).contributions
        assert one.score.contributions[: len(alone)] == alone
        assert all(part.points <= 0 for part in one.score.contributions[len(alone) :])


@example(CLOSE, RULES[0], 0.001)
@given(days(), st.sampled_from(RULES), st.sampled_from([0.0, 0.001, 0.1]) | st.floats(0, 1000))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=300)
def test_a_rule_of_positive_weight_never_lowers_what_it_matches(
    day: tuple[Desk, list[Story]], rule: Rule, weight: float
) -> None:
    desk, stories = day
    added = make_rule(rule.name, weight=weight)
    before, after = rank_stories(stories, desk), rank_stories(stories, with_rule(desk, added))
    was = {one.story.id: one.score.total for one in before}
    for one in after:
        slack = 1e-9 * (1 + sum(abs(part.points) for part in one.score.contributions))
        if is_matched(one.story, added, desk):
            assert one.score.total >= was[one.story.id] - slack
        else:
            assert one.score.total <= was[one.story.id] + slack


@given(st.permutations([make_story(make_source(n, published_at=NOW - timedelta(hours=n % 2))) for n in range(1, 7)]))
def test_the_order_does_not_depend_on_that_of_arrival(stories: list[Story]) -> None:
    assert [ranked.story.id for ranked in rank_stories(stories, make_desk())] == [2, 4, 6, 1, 3, 5]


@given(days(), st.randoms(use_true_random=False))
@NO_HURRY
def test_scores_do_not_depend_on_the_order_of_arrival(day: tuple[Desk, list[Story]], chance: Random) -> None:
    desk, stories = day
    shuffled = stories.copy()
    chance.shuffle(shuffled)
    assert rank_stories(shuffled, desk) == rank_stories(stories, desk)
