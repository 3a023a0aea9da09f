"""What looks alike and is no event: a feed's series, a template whose slot something else fills."""

from datetime import timedelta

import pytest

from make import NOW, make_headline
from veille.rank.series import find_series, find_templates, refuse, refuse_turn
from veille.rank.wording import read_wording

WEATHER = "Quel temps fera-t-il à {}"
TOWNS = "Nantes Vannes Auray Rennes Brest".split()


def series(*hours: float, title: str = "Le port de Lorient bloqué", feeds: tuple[int, ...] = ()) -> set[int]:
    """The entries, numbered from 1, of a title given at these hours, that are a series."""
    made = [
        make_headline(n, title, feed_id=feeds[n - 1] if feeds else 1, published_at=NOW + timedelta(hours=at))
        for n, at in enumerate(hours, 1)
    ]
    return find_series(made, {one.entry_id: read_wording(one.title) for one in made})


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ((0,), set()),
        ((0, 12), set()),
        ((0, 12.1), {1, 2}),
        ((0, 1, 2), set()),
        ((0, 1, 2, 3), {1, 2, 3, 4}),
        ((24, 0), {1, 2}),
    ],
)
def test_a_title_given_again_late_or_often_is_a_series(hours: tuple[float, ...], found: set[int]) -> None:
    assert series(*hours) == found


def test_other_feeds_and_empty_titles_make_no_series() -> None:
    assert series(0, 24, feeds=(1, 2)) == set()
    assert series(0, 24, title="") == set()


@pytest.mark.parametrize(("towns", "template"), [(TOWNS[:3], False), (TOWNS[:4], True), (TOWNS[:1] * 9, False)])
def test_a_skeleton_that_many_names_fill_is_a_template(towns: list[str], template: bool) -> None:  # noqa: FBT001
    wordings = [read_wording(WEATHER.format(town)) for town in towns]
    assert (wordings[0].skeleton in find_templates(wordings)) is template


def test_titles_without_skeleton_are_no_template() -> None:
    assert find_templates(read_wording(town) for town in TOWNS) == frozenset()


@pytest.mark.parametrize(
    ("a", "b", "elsewhere", "one_feed"),
    [
        (WEATHER.format("Nantes"), WEATHER.format("Nantes"), "", ""),
        (WEATHER.format("Nantes"), WEATHER.format("Vannes"), "one template, other names", "one feed's series"),
        ("Portraits de Nantes, Vannes et Auray", "Portraits de Nantes, Vannes et Brest", "", "one feed's series"),
        ("Portraits, épisode 3", "Portraits, épisode 3", "", ""),
        ("Un loup aperçu", "Un loup filmé", "", ""),
        ("Programme TV du lundi", "Programme TV du mardi", "one template, other dates", "one feed's series"),
        ("Coupé sur l'A13 à Rouen", "Coupé sur l'A84 à Rouen", "one template, other figures", "one feed's series"),
    ],
)
def test_one_skeleton_filled_otherwise_is_refused(a: str, b: str, elsewhere: str, one_feed: str) -> None:
    one, other = read_wording(a), read_wording(b)
    assert refuse(one, other) == refuse(other, one) == elsewhere
    assert refuse(one, other, one_feed=True) == refuse(other, one, one_feed=True) == one_feed


@pytest.mark.parametrize(
    ("a", "b", "elsewhere", "one_feed"),
    [
        ("La Bourse de Paris ouvre en hausse", "La Bourse de Paris ouvre en baisse", *["one says the opposite"] * 2),
        ("Paris : la Bourse en hausse", "La baisse de la Bourse inquiète les épargnants", "", ""),
        ("Résultats du premier tour à Vitré", "Résultats du deuxième tour à Vitré", *["one says the opposite"] * 2),
        ("Le maire augmente la taxe", "Le maire n'augmente pas la taxe", *["one denies the other"] * 2),
        ("Lens bat Nice", "Lens bat Nice sans trembler", "", ""),
        ("Lens bat Nice 2-1 à Bollaert", "Lens bat Nice 1-2 à Bollaert", *["another score"] * 2),
        ("Lens bat Nice 2-1", "Nice battu 1-2 à Lens", "", ""),
        ("Ligue 1 : Lens bat Nice (2-1)", "Lens bat Nice 2-1 au terme du match", "", ""),
        ("Trois recettes de soupe au potiron", "Trois recettes de soupe au chou", "", "one feed's series"),
        ("Trois recettes de soupe au potiron", "Trois recettes de soupe aux potirons", "", ""),
        ("Soupe au potiron", "Soupe au chou", "", ""),
    ],
)
def test_nearly_the_same_words_that_turn_are_refused(a: str, b: str, elsewhere: str, one_feed: str) -> None:
    one, other = read_wording(a), read_wording(b)
    assert refuse_turn(one, other) == refuse_turn(other, one) == elsewhere
    assert refuse_turn(one, other, one_feed=True) == refuse_turn(other, one, one_feed=True) == one_feed
