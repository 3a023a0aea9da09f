"""What stories cost: words, paces that are learned within bounds, teasers, further sources, the cap."""

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import make_source, make_story
from veille.rank.pace import (
    MOST_WORDS,
    Pace,
    Timed,
    cost_of,
    guess_length,
    guess_lengths,
    learn_paces,
    list_costs,
    pace_of,
)
from veille.rank.score import reading_minutes

GLANCE = timedelta(seconds=5)
FULL = "<p>" + "Une phrase entière, suivie de bien d’autres. " * 30 + "</p>"


def make_pace(**fields: Any) -> Pace:
    return Pace(**{"glance": GLANCE} | fields)


@pytest.mark.parametrize(("language", "words"), [("fr", 195), ("en", 228), ("de", 200), ("", 200)])
def test_a_minute_of_words_costs_a_minute_and_a_glance(language: str, words: int) -> None:
    assert cost_of(make_story(language=language, words=words), make_pace()) == 65


@given(st.integers(0, MOST_WORDS), st.sampled_from(["fr", "en", "de", ""]))
def test_lists_and_plans_go_by_the_same_paces(words: int, language: str) -> None:
    assert reading_minutes(words, language) == math.ceil(words / pace_of(language, make_pace()))


def test_a_title_without_text_costs_a_glance_and_nothing_is_free() -> None:
    assert cost_of(make_story(words=0), make_pace()) == 5
    assert cost_of(make_story(words=0), make_pace(glance=timedelta(0))) == 1


def test_a_story_of_200_000_words_costs_what_6_000_do() -> None:
    long, most = make_story(words=200_000), make_story(words=MOST_WORDS)
    assert cost_of(long, make_pace()) == cost_of(most, make_pace()) == 5 + math.ceil(MOST_WORDS / 195 * 60)
    story = make_story(words=10)
    assert cost_of(story, make_pace(articles={story.lead.entry_id: 200_000})) == cost_of(most, make_pace())


def test_a_quarter_of_each_further_source_is_read_copies_are_not() -> None:
    lead, other, copy = make_source(1), make_source(2, words=400), make_source(3, words=400, duplicate_of=1)
    alone = cost_of(make_story(lead, words=195), make_pace(words_a_minute=100))
    assert cost_of(make_story(lead, copy, words=195), make_pace(words_a_minute=100)) == alone
    assert cost_of(make_story(lead, copy, other, words=195), make_pace(words_a_minute=100)) == alone + 60


def test_of_sixty_sources_five_are_looked_into() -> None:
    sources = [make_source(number, words=400) for number in range(60)]
    assert cost_of(make_story(*sources, words=0), make_pace(words_a_minute=500)) == 5 + 60


def test_a_teaser_costs_its_article_and_what_was_fetched_is_counted() -> None:
    story = make_story(make_source(7, feed_id=3), words=40)
    assert cost_of(story, make_pace(words_a_minute=200, lengths={3: 600})) == 5 + 180
    assert cost_of(story, make_pace(words_a_minute=200, lengths={3: 20})) == 5 + 12
    assert cost_of(story, make_pace(words_a_minute=200, lengths={3: 600}, articles={7: 200})) == 65


def test_the_users_own_pace_comes_before_what_was_learned_and_that_before_the_usual() -> None:
    assert pace_of("fr", make_pace(learned={"fr": 300.0})) == 300
    assert pace_of("en", make_pace(learned={"fr": 300.0})) == 228
    assert pace_of("fr", make_pace(learned={"fr": 300.0}, words_a_minute=150)) == 150


def test_costs_are_listed_by_story() -> None:
    assert list_costs([make_story(id=4, words=0), make_story(id=9, words=195)], make_pace()) == {4: 5.0, 9: 65.0}


# --- learning ----------------------------------------------------------------


def timed(pace: float, *, language: str = "fr", words: int = 300) -> Timed:
    return Timed(words, 5 + words / pace * 60, language)


def test_a_pace_is_learned_from_what_was_read_without_the_glance() -> None:
    learned = learn_paces([timed(260)] * 30 + [timed(150, language="en")] * 30, glance=GLANCE)
    assert learned == pytest.approx({"fr": 260, "en": 150})


def test_a_few_stories_do_not_make_a_pace() -> None:
    assert learn_paces([timed(500)] * 4, glance=GLANCE) == {"fr": 195}
    assert learn_paces([], glance=GLANCE) == {}


def test_what_was_passed_over_or_left_open_counts_for_nothing() -> None:
    read = [timed(240)] * 12
    skipped = [Timed(800, 6, "fr"), Timed(800, 5, "fr"), Timed(800, 2, "fr"), Timed(300, 7200, "fr")] * 50
    assert learn_paces(read + skipped, glance=GLANCE) == pytest.approx({"fr": 240})
    assert learn_paces([Timed(10, 8, "fr")] * 50, glance=GLANCE) == {}


@given(
    st.lists(st.builds(Timed, st.integers(0, 300_000), st.floats(0, 1e6), st.sampled_from(["fr", "en", "xx"]))),
)
def test_no_learned_pace_leaves_its_bounds(readings: list[Timed]) -> None:
    learned = learn_paces(readings, glance=GLANCE)
    assert all(90 <= pace <= 600 for pace in learned.values())
    assert learn_paces(reversed(readings), glance=GLANCE) == learned


def test_the_length_of_articles_is_their_median_within_bounds_once_there_are_some() -> None:
    assert guess_length([]) == guess_length([5000]) == 450
    assert guess_length([900, 800, 700, 1000]) == 750
    assert guess_length([200_000] * 9) == 3000
    assert guess_length([0] * 9) == 120


def test_only_feeds_of_teasers_have_a_length() -> None:
    teasers = ["Le début de l’histoire […]"] * 6
    texts = {1: teasers, 2: [FULL] * 6, 3: [], 4: teasers}
    assert guess_lengths(texts, {1: [800] * 5, 2: [900] * 5}) == {1: 800, 4: 450}
