"""What settles equal keyword scores: rules first, then what the lead says, then its rare words; no score changes."""

import math
from itertools import permutations
from typing import Any

import pytest

from make import NOW, make_desk, make_rule, make_source, make_story
from veille.model import Contribution, MatchField, Ranked
from veille.rank.expression import Term
from veille.rank.rules import Rule, keyword_rule
from veille.rank.score import rank_stories
from veille.rank.ties import list_words, weigh_words

KEYWORD = make_rule("grève", weight=1.0)
RULE = make_rule("crise", weight=0.5)
Matches = dict[tuple[Rule, int], MatchField]


def rank(*rows: tuple[int, ...], matches: Matches, **fields: Any) -> list[Ranked]:
    """Stories of these entries by the keyword; the later the entry the newer."""
    stories = [make_story(*(make_source(n, published_at=NOW.replace(minute=n)) for n in row)) for row in rows]
    return rank_stories(stories, make_desk(RULE, matches=matches, keywords=[KEYWORD], **fields))


def test_rules_come_before_the_lead_and_the_lead_before_rare_words() -> None:
    matches: Matches = {(KEYWORD, n): "title" for n in (1, 2, 3, 5, 7)}
    matches[RULE, 5] = "title"
    words = [{3, 4, 6}, {4}]
    ranked = rank((4, 5), (8, 7), (1,), (3,), (2,), matches=matches, words=words)
    # By a rule; by the lead and a word in it; by the lead, the newer first; not by the lead.
    assert [one.story.id for one in ranked] == [4, 3, 2, 1, 8]
    assert {one.score.total for one in ranked} == {1.0}


def test_a_score_is_never_settled_otherwise() -> None:
    matches: Matches = {(KEYWORD, 1): "body", (KEYWORD, 2): "title", (RULE, 1): "title"}
    ranked = rank((1,), (2,), (3,), matches=matches, words=[{1, 3}])
    assert [(one.story.id, one.score.total) for one in ranked] == [(2, 1.0), (1, 0.5), (3, 0.0)]


def test_each_tie_is_told_with_its_points() -> None:
    matches: Matches = {(KEYWORD, 1): "title", (RULE, 2): "body"}
    (ranked, other) = rank((1, 2), (3,), matches=matches, words=[{1}])
    assert ranked.closer == (
        Contribution(reason="rules", points=0.25),
        Contribution(reason="lead alone", points=1.0),
        Contribution(reason="rare words", points=math.log(2)),
    )
    assert other.closer == ()


def test_a_lead_counts_only_for_rules_that_cover_it() -> None:
    keyword = make_rule("grève", weight=1.0, folders=("Blogs",))
    stories = [make_story(make_source(1), make_source(2, folder="Blogs")), make_story(make_source(3, folder="Blogs"))]
    desk = make_desk(matches={(keyword, n): "title" for n in (1, 2, 3)}, keywords=[keyword])
    assert [(one.story.id, one.score.total) for one in rank_stories(stories, desk)] == [(3, 1.0), (1, 1.0)]


def test_the_order_does_not_depend_on_the_order_of_the_stories() -> None:
    matches: Matches = {(KEYWORD, n): "title" for n in (1, 2, 4)}
    orders = {
        tuple(one.story.id for one in rank(*rows, matches=matches, words=[{1, 3}, {2}]))
        for rows in permutations([(1,), (2,), (3,), (4, 5)])
    }
    assert len(orders) == 1


def test_a_word_of_fewer_leads_is_worth_more_and_other_sources_do_not_count() -> None:
    stories = [make_story(make_source(n), make_source(n + 100)) for n in (1, 2, 3)]
    both, common, none = weigh_words(stories, [{1, 2, 103}, {1}])
    assert both - common > common > none == 0.0


def test_without_words_nothing_is_rare() -> None:
    assert weigh_words([make_story()], []) == [0.0]
    assert weigh_words([], [{1}]) == []


@pytest.mark.parametrize(
    ("match", "words"),
    [
        ("grève -nantes", [Term(("greve",), "word")]),
        (
            '"grève générale" OR =Nantes',
            [Term(("greve",), "word"), Term(("generale",), "word"), Term(("nantes",), "word")],
        ),
        ("title:grève communi*", [Term(("greve",), "word", "title"), Term(("communi",), "prefix")]),
        ("grève NEAR/3 nantes", [Term(("greve",), "word"), Term(("nantes",), "word")]),
        ("grève^-2", []),
        ("is:unread", []),
    ],
)
def test_the_words_of_keywords_are_those_that_they_want(match: str, words: list[Term]) -> None:
    assert list_words([keyword_rule(match)]) == words


def test_words_are_asked_for_once_and_not_without_end() -> None:
    assert len(list_words([keyword_rule("grève nantes"), keyword_rule("nantes")])) == 2
    assert len(list_words([keyword_rule(" OR ".join(f"mot{n}" for n in range(500)))])) == 50
