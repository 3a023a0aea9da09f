"""Scores: what counts, what kills, what settles ties, and that the explanation is the score."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from make import NOW, make_desk, make_rule, make_source, make_story
from veille.model import Contribution, MatchField, Story
from veille.rank.rules import Rule, Rules
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
    rules = Rules(
        feed_weights={"https://www.example.org/rss": 2.0, "https://b.example/rss": 50.0},
        folder_weights={
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
    assert points_of(story, make_desk(rules=rules)) == {
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
    assert points_of(story, make_desk(settings=ScoreSettings())) == {"fresh": pytest.approx(points)}


def test_what_is_old_is_not_fresh_at_all() -> None:
    story = make_story(make_source(1, published_at=NOW - timedelta(days=4000)))
    assert points_of(story, make_desk(settings=ScoreSettings())) == {}


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


# --- laws -----------------------------------------------------------------------------------------

WEIGHTS = st.floats(-1000, 1000)
RULES = [make_rule(name) for name in "abcd"]
FIELDS: st.SearchStrategy[MatchField] = st.sampled_from(["title", "body"])
MATCHES = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(1, 3)), FIELDS)


@st.composite
def desks(draw: st.DrawFn) -> tuple[Desk, Story]:
    rules = [make_rule(rule.name, weight=draw(WEIGHTS)) for rule in RULES[: draw(st.integers(0, 4))]]
    matches = {(RULES[rule].key, entry): field for (rule, entry), field in draw(MATCHES).items()}
    settings = ScoreSettings(outlets=draw(WEIGHTS), freshness=draw(st.floats(0, 1000)), body=draw(st.floats(0, 100)))
    sources = [
        make_source(n, url=draw(st.sampled_from(["", "https://a.example/", "https://b.example/"])))
        for n in range(1, draw(st.integers(1, 3)) + 1)
    ]
    weighed = Rules(rules=tuple(rules), folder_weights={"Presse": draw(WEIGHTS)})
    return Desk(rules=weighed, matches=matches, settings=settings, now=NOW), make_story(*sources)


def with_rule(desk: Desk, rule: Rule) -> Desk:
    rules = Rules(rules=(*desk.rules.rules, rule), folder_weights=desk.rules.folder_weights)
    return Desk(rules=rules, matches=desk.matches, settings=desk.settings, now=desk.now)


@given(desks())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_total_is_the_sum_of_its_contributions(drawn: tuple[Desk, Story]) -> None:
    desk, story = drawn
    score = score_story(story, desk)
    assert score.total == sum(part.points for part in score.contributions)
    (ranked,) = rank_stories([story], desk)
    assert ranked.score == score


@given(desks(), st.sampled_from(RULES), st.floats(0, 1000))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_rule_of_positive_weight_never_lowers_a_score(drawn: tuple[Desk, Story], rule: Rule, weight: float) -> None:
    desk, story = drawn
    more = with_rule(desk, make_rule(rule.name, weight=weight))
    assert score_story(story, more).total >= score_story(story, desk).total - 1e-9


@given(st.permutations([make_story(make_source(n, published_at=NOW - timedelta(hours=n % 2))) for n in range(1, 7)]))
def test_the_order_does_not_depend_on_that_of_arrival(stories: list[Story]) -> None:
    assert [ranked.story.id for ranked in rank_stories(stories, make_desk())] == [2, 4, 6, 1, 3, 5]
