"""Headlines become stories: who joins whom, who stays apart, and what never changes the answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.model import Headline, Placement
from veille.rank.cluster import fold
from veille.settings import FoldSettings

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = FoldSettings().window

PORT = "Le port de Lorient bloqué par les dockers"
PORT_AGAIN = "Grève : le port de Lorient bloqué par les dockers"
ROUND = "Revue de presse internationale du matin"


def headline(entry_id: int, title: str, feed: int = 0, *, url: str = "", hours: float = 0) -> Headline:
    """An entry of its own feed and page, unless told otherwise, published `hours` after noon."""
    return Headline(
        entry_id=entry_id,
        feed_id=feed or entry_id,
        title=title,
        url=url or f"https://site{entry_id}.example/news/{entry_id}",
        published_at=NOON + timedelta(hours=hours),
    )


def known(given: Headline, story_id: int = 0) -> Headline:
    return replace(given, story_id=story_id or given.entry_id)


def stories(*new: Headline, among: tuple[Headline, ...] = ()) -> dict[int, int]:
    """The story of each new entry."""
    return {placement.entry_id: placement.story_id for placement in fold(new, among)}


def groups(*new: Headline) -> list[set[int]]:
    found: dict[int, set[int]] = {}
    for entry_id, story_id in stories(*new).items():
        found.setdefault(story_id, set()).add(entry_id)
    return sorted(found.values(), key=min)


# --- what joins -------------------------------------------------------------


def test_nothing_new_gives_nothing() -> None:
    assert fold([], [known(headline(1, PORT))]) == []


def test_copies_in_two_feeds_are_one_story_founded_by_the_oldest_entry() -> None:
    assert fold([headline(7, PORT), headline(3, PORT_AGAIN), headline(5, "Tout autre chose ce matin à Brest")], []) == [
        Placement(entry_id=3, story_id=3),
        Placement(entry_id=5, story_id=5),
        Placement(entry_id=7, story_id=3, duplicate_of=3),
    ]


def test_one_address_in_two_feeds_is_one_story_whatever_the_titles() -> None:
    one = headline(1, "Un titre", url="https://www.a.example/x?utm_source=rss")
    other = headline(2, "Tout à fait autre chose", url="http://m.a.example/x/#top")
    assert groups(one, other) == [{1, 2}]


def test_a_title_given_twice_by_a_feed_in_a_day_is_one_story() -> None:
    assert groups(headline(1, PORT, 9), headline(2, PORT, 9, hours=2)) == [{1, 2}]


def test_a_new_copy_joins_the_known_story() -> None:
    among = (known(headline(3, PORT)), known(headline(4, PORT_AGAIN), 3))
    assert fold([headline(8, PORT)], among) == [Placement(entry_id=8, story_id=3, duplicate_of=3)]


def test_a_new_copy_joins_a_known_story_by_address() -> None:
    escaped = replace(known(headline(3, "Un titre")), url="https://a.example/p%6Frt?id=1")
    plain = headline(8, "Tout à fait autre chose", url="https://a.example/port?id=1")
    assert stories(plain, among=(escaped,)) == {8: 3}


def test_a_title_like_the_founder_s_joins_a_story_of_many_other_titles() -> None:
    page = "https://a.example/port"
    retitled = [known(headline(n, f"Titre sans rapport numéro {n}", url=page), 3) for n in (4, 5, 6)]
    assert stories(headline(8, PORT), among=(known(headline(3, PORT, url=page)), *retitled)) == {8: 3}


def test_an_entry_without_title_joins_by_address_only() -> None:
    page = "https://a.example/port"
    assert groups(headline(1, ""), headline(2, ""), headline(3, "", url=page), headline(4, PORT, url=page)) == [
        {1}, {2}, {3, 4},
    ]  # fmt: skip


def test_an_entry_between_two_known_stories_joins_the_one_it_matches_best() -> None:
    longer = "Le port de Lorient bloqué par les dockers grévistes de la réparation navale"
    near, same = known(headline(3, longer)), known(headline(4, PORT_AGAIN))
    assert stories(headline(8, PORT_AGAIN), among=(near, same)) == {8: 4}


def test_between_two_equal_matches_the_older_story_wins() -> None:
    later = known(headline(3, PORT, hours=90))
    earlier = known(headline(4, PORT))
    assert stories(headline(8, PORT, hours=45), among=(earlier, later)) == {8: 3}


def test_two_known_stories_are_never_merged() -> None:
    among = (known(headline(3, PORT)), known(headline(4, PORT_AGAIN)))
    placed = fold([headline(8, PORT), headline(9, PORT_AGAIN)], among)
    assert {placement.entry_id: placement.story_id for placement in placed} == {8: 3, 9: 4}


def test_without_its_founder_at_hand_a_story_is_spoken_for_by_its_oldest_entry() -> None:
    among = (known(headline(5, PORT), 2), known(headline(4, PORT), 2))
    assert fold([headline(8, PORT)], among) == [Placement(entry_id=8, story_id=2, duplicate_of=4)]


def test_known_entries_without_story_or_given_again_as_new_are_left_out() -> None:
    again = headline(4, PORT)
    assert stories(again, among=(headline(3, PORT), known(again, 2))) == {4: 4}


# --- what stays apart -------------------------------------------------------


@pytest.mark.parametrize(("late", "together"), [(timedelta(0), True), (timedelta(seconds=1), False)])
@pytest.mark.parametrize("url", ["", "https://a.example/port"])
def test_the_window_ends_sharply(late: timedelta, together: bool, url: str) -> None:  # noqa: FBT001
    first = headline(1, PORT, url=url)
    last = replace(headline(2, PORT, url=url), published_at=NOON + WINDOW + late)
    assert (groups(first, last) == [{1, 2}]) is together
    assert (groups(replace(first, published_at=last.published_at), replace(last, published_at=NOON)) == [{1, 2}]) is (
        together
    )


def test_a_story_does_not_outlive_its_window_by_steps() -> None:
    row = [headline(n, PORT, hours=40 * n) for n in range(1, 6)]
    assert groups(*row) == [{1, 2}, {3, 4}, {5}]


def test_the_window_is_a_setting() -> None:
    two = [headline(1, PORT), headline(2, PORT, hours=2)]
    placed = fold(two, [], FoldSettings(window=timedelta(hours=1)))
    assert [placement.story_id for placement in placed] == [1, 2]


def test_near_titles_do_not_chain() -> None:
    words = "alpha bravo charlie delta echo foxtrot golf hotel india juliette kilo lima mike november oscar".split()
    row = [headline(n + 1, " ".join(words[n : n + 8])) for n in range(8)]
    assert max(len(group) for group in groups(*row)) <= 3


def test_titles_that_deny_each_other_are_not_brought_together_by_a_third() -> None:
    three = "Le chômage des jeunes recule de 3 % en Bretagne selon la région"
    eight = three.replace("3", "8")
    vague = three.replace(" de 3 %", "")
    assert len(groups(headline(1, three), headline(2, vague), headline(3, eight))) == 2
    assert stories(headline(3, eight), among=(known(headline(1, three)), known(headline(2, vague), 1))) == {3: 3}


def test_a_heading_is_no_copy_even_across_feeds() -> None:
    assert groups(headline(1, "Horoscope"), headline(2, "Horoscope"), headline(3, "Revue de presse")) == [{1}, {2}, {3}]


@pytest.mark.parametrize("title", [PORT, ROUND])
def test_a_feed_s_title_of_another_day_is_a_series(title: str) -> None:
    assert groups(headline(1, title, 9), headline(2, title, 9, hours=24)) == [{1}, {2}]


def test_a_title_that_a_feed_gives_again_and_again_is_a_series() -> None:
    assert groups(*(headline(n, PORT, 9, hours=n / 10) for n in range(1, 6))) == [{1}, {2}, {3}, {4}, {5}]


def test_a_series_in_two_feeds_folds_day_by_day() -> None:
    days = [headline(n + 10 * d, ROUND, n, url=f"https://a.example/{d}", hours=24 * d) for d in (0, 1) for n in (1, 2)]
    assert groups(*days) == [{1, 2}, {11, 12}]


@pytest.mark.parametrize("feed", [0, 9])
def test_episodes_stay_apart(feed: int) -> None:
    title = "Portraits de femmes au travail, épisode {} de notre série sonore"
    assert groups(*(headline(n, title.format(n), feed) for n in (1, 2, 3))) == [{1}, {2}, {3}]


def test_an_address_to_which_a_feed_gives_several_titles_is_no_identity() -> None:
    page = "https://a.example/en-direct"
    one, two = headline(1, "Le Sénat se réunit", 9, url=page), headline(2, "La séance est levée", 9, url=page)
    elsewhere = headline(3, "Toute la journée au Sénat", 8, url=page)
    assert groups(one, two, elsewhere) == [{1}, {2}, {3}]
    assert stories(two, among=(known(one), known(elsewhere))) == {2: 2}


def test_a_home_page_is_no_identity() -> None:
    home = "https://a.example/"
    assert groups(headline(1, "Le Sénat se réunit", url=home), headline(2, "Orage sur Nice", url=home)) == [{1}, {2}]


def test_a_slot_that_many_words_fill_is_a_template() -> None:
    fillers = "soupe tarte salade crème quiche daube terrine galette fondue purée".split()
    title = "Notre recette facile et rapide du jour pour toute la famille : la {} de saison aux légumes"
    assert len(groups(*(headline(n, title.format(word)) for n, word in enumerate(fillers, 1)))) == 10
    assert len(groups(*(headline(n, title.format(word)) for n, word in enumerate(fillers[:2], 1)))) == 1


@pytest.mark.parametrize(
    "titles",
    [
        ["سيول قوية في الشمال", "انتخابات جديدة في الجنوب"],
        ["北京今天下大雪", "上海明天有台风"],
        ["🎉", "🎉"],
        ["", ""],
        ["Да", "Да"],
    ],
)
def test_other_scripts_neither_fail_nor_fold_everything(titles: list[str]) -> None:
    assert groups(*(headline(n, title) for n, title in enumerate(titles, 1))) == [{1}, {2}]


# --- crowds -----------------------------------------------------------------


def test_a_crowd_under_one_title_is_one_story() -> None:
    assert groups(*(headline(n, PORT, hours=n / 100) for n in range(1, 400))) == [set(range(1, 400))]


def test_two_crowds_of_near_titles_are_one_story() -> None:
    row = [headline(n, PORT if n % 2 else PORT_AGAIN, hours=n / 100) for n in range(1, 300)]
    assert groups(*row) == [set(range(1, 300))]


def test_titles_of_the_same_frequent_words_stay_apart() -> None:
    words = "le gouvernement annonce une nouvelle mesure pour les entreprises et les salariés"
    assert len(groups(*(headline(n, f"{words} {n}") for n in range(1, 500)))) == 499


# --- laws -------------------------------------------------------------------

_TITLES = st.sampled_from(
    [
        "", "Direct", ROUND, PORT, PORT_AGAIN, f"{PORT} de commerce", f"{PORT}, 3 blessés", f"{PORT}, 4 blessés",
        "Le maire de Vitré renonce à un second mandat", "Le maire de Vitré renonce finalement à un second mandat",
        "Le maire de Vitré, élu depuis 2014, renonce à un second mandat",
    ],
)  # fmt: skip
_PAGES = st.sampled_from(["", "https://a.example/", *(f"https://a.example/{n}" for n in range(4))])


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[Headline], list[Headline]]:
    """New headlines, and known ones in stories founded by one of them."""
    ids = draw(st.lists(st.integers(1, 40), unique=True, max_size=12))
    made = [
        headline(n, draw(_TITLES), draw(st.integers(1, 4)), url=draw(_PAGES), hours=draw(st.integers(0, 120)))
        for n in ids
    ]
    old = made[: draw(st.integers(0, len(made)))]
    placed = [replace(one, story_id=draw(st.sampled_from(old)).entry_id) for one in old]
    return made[len(old) :], placed


@given(_arrivals(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_within_a_batch_does_not_matter(
    arrivals: tuple[list[Headline], list[Headline]], chance: Random
) -> None:
    new, old = arrivals
    expected = fold(new, old)
    chance.shuffle(new)
    chance.shuffle(old)
    assert fold(new, old) == expected


@given(_arrivals())
def test_every_new_entry_is_placed_once_beside_its_founder(arrivals: tuple[list[Headline], list[Headline]]) -> None:
    new, old = arrivals
    placed = fold(new, old)
    assert [placement.entry_id for placement in placed] == sorted(one.entry_id for one in new)
    ids = {one.entry_id: one for one in [*new, *old]}
    for placement in placed:
        assert placement.duplicate_of != placement.entry_id
        if placement.duplicate_of is None:
            assert placement.story_id == placement.entry_id
        else:
            original = ids[placement.duplicate_of]
            assert original.story_id in {placement.story_id, None}
            assert abs(original.published_at - ids[placement.entry_id].published_at) <= WINDOW


@given(_arrivals())
def test_what_was_placed_founds_no_new_story_when_a_copy_of_it_comes_later(
    arrivals: tuple[list[Headline], list[Headline]],
) -> None:
    new, old = arrivals
    story_of = {placement.entry_id: placement.story_id for placement in fold(new, old)}
    placed = old + [replace(one, story_id=story_of[one.entry_id]) for one in new]
    founders = [one for one in placed if one.story_id == one.entry_id and one.title == PORT]
    for founder in founders[:1]:
        copy = headline(99, PORT, 99, hours=(founder.published_at - NOON).total_seconds() / 3600)
        assert stories(copy, among=tuple(placed))[99] != 99


@given(
    st.lists(
        st.tuples(
            st.sampled_from([PORT, "Orage violent sur Nice et Menton", "Un loup aperçu près de Guéret"]),
            st.integers(0, 72),
        ),
        max_size=15,
    ),
    st.integers(0, 15),
)
def test_copies_arriving_in_instalments_end_in_the_stories_of_one_batch(made: list[tuple[str, int]], cut: int) -> None:
    arrivals = [headline(n, title, hours=hours) for n, (title, hours) in enumerate(made, 1)]
    at_once = stories(*arrivals)
    first = stories(*arrivals[:cut])
    placed = tuple(replace(one, story_id=first[one.entry_id]) for one in arrivals[:cut])
    assert first | stories(*arrivals[cut:], among=placed) == at_once
