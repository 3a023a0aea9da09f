"""Which headlines of one story are copies of one article, and which are other articles about it."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW, make_headline
from veille.model import Headline
from veille.rank.copies import are_copies, find_copies
from veille.rank.window import Rarity

RARITY = Rarity(0, {})
FIRE = "Un incendie ravage l'usine Lubrizol de Rouen"


def told(*titles: str, feed: int = 0, pages: tuple[str, ...] = ()) -> list[Headline]:
    """Headlines numbered from 1, each in a feed of its own unless one is given."""
    return [
        make_headline(n, title, feed_id=feed or n, page=pages[n - 1] if pages else "", published_at=NOW)
        for n, title in enumerate(titles, 1)
    ]


def copies(*titles: str, feed: int = 0) -> dict[int, int]:
    return find_copies(told(*titles, feed=feed), RARITY)


def test_the_original_is_the_first_given() -> None:
    entries = told(FIRE, FIRE, FIRE)
    assert find_copies(entries, RARITY) == {2: 1, 3: 1}
    assert find_copies(entries[::-1], RARITY) == {2: 3, 1: 3}


@pytest.mark.parametrize(
    "copy",
    [
        "UN INCENDIE RAVAGE L'USINE LUBRIZOL DE ROUEN",
        "Un incendie ravage l'usine Lubrizol de Rouen (photos)",
        "Rouen : un incendie ravage l'usine Lubrizol de Rouen",
        "Un incendie ravage l'usine Lubrizol de Rouen, quatre blessés à déplorer",
    ],
)
def test_the_same_words_with_an_addition_are_a_copy(copy: str) -> None:
    assert copies(FIRE, copy) == {2: 1}


@pytest.mark.parametrize(
    "other",
    [
        "Incendie à Rouen : le préfet ferme les écoles autour de Lubrizol",
        "Lubrizol : ce que l'on sait de l'incendie",
        "Un incendie ne ravage pas l'usine Lubrizol de Rouen",
        "",
    ],
)
def test_coverage_is_no_copy(other: str) -> None:
    assert copies(FIRE, other) == {}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Séisme en Turquie : 12 morts et des blessés à Izmir", "Séisme en Turquie : 19 morts et des blessés à Izmir"),
        ("La Bourse de Paris ouvre en hausse lundi matin", "La Bourse de Paris ouvre en baisse lundi matin"),
        ("Le ministre a démissionné de son poste hier", "Le ministre n'a pas démissionné de son poste hier"),
    ],
)
@pytest.mark.parametrize("feed", [0, 9])
def test_what_denies_is_no_copy(feed: int, a: str, b: str) -> None:
    assert copies(a, b, feed=feed) == {}


def test_one_outlet_s_second_title_is_a_copy_where_another_s_is_not() -> None:
    first, second = (
        "Lubrizol : un incendie ravage l'usine de Rouen",
        "Un incendie a ravagé l'usine Lubrizol à Rouen hier",
    )
    assert copies(first, second, feed=9) == {2: 1}
    assert copies("Rouen, Lubrizol, incendie dans une usine", "Une usine en feu, incendie chez Lubrizol, Rouen") == {}


def test_one_page_is_one_article_under_whatever_title() -> None:
    entries = told(FIRE, "Tout autre chose", "Encore autre chose", pages=("a.example/x", "a.example/x", "a.example/y"))
    assert find_copies(entries, RARITY) == {2: 1}


def test_empty_titles_are_no_copies_of_one_another() -> None:
    assert copies("", "", "") == {}


def test_the_threshold_decides() -> None:
    a = "Le conseil régional vote le plan de soutien aux pêcheurs"
    b = "Le conseil régional vote à la hâte le plan de soutien pour aider tous les pêcheurs bretons"
    assert find_copies(told(a, a.replace("plan", "projet")), RARITY, threshold=100) == {}
    assert find_copies(told(a, b), RARITY) == {2: 1}


def test_two_of_one_story_are_asked_about_alone() -> None:
    one, same, other = told(FIRE, FIRE + " (photos)", "Lubrizol : ce que l'on sait")
    assert are_copies(one, same, RARITY)
    assert not are_copies(one, other, RARITY)
    one, same = told("Un titre", "Un autre", pages=("a.example/x", "a.example/x"))
    assert are_copies(one, same, RARITY)
    one, other = told("Un titre", "Un autre")
    assert not are_copies(one, other, RARITY)


def test_a_story_of_thousands_is_searched_by_its_first_wordings() -> None:
    entries = told(*(f"{FIRE} {number}" for number in range(3000)), FIRE + " 0")
    assert find_copies(entries, RARITY)[3001] == 1


_WORDS = st.lists(st.sampled_from("incendie Lubrizol Rouen usine ravage pas 12 19 préfet".split()), max_size=7)


@given(st.lists(_WORDS.map(" ".join), max_size=8), st.randoms(use_true_random=False))
def test_each_copy_has_an_earlier_original_that_is_none(titles: list[str], chance: Random) -> None:
    entries = told(*titles)
    chance.shuffle(entries)
    found = find_copies(entries, RARITY)
    place = {entry.entry_id: at for at, entry in enumerate(entries)}
    for copy, original in found.items():
        assert place[original] < place[copy]
        assert original not in found


@given(_WORDS.map(" ".join), _WORDS.map(" ".join), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_being_copies_is_mutual(a: str, b: str, late: timedelta) -> None:
    one, other = make_headline(1, a), make_headline(2, b, published_at=NOW + late, feed_id=2)
    assert are_copies(one, other, RARITY) is are_copies(other, one, RARITY)
