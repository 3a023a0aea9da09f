"""How likely two headlines tell one event: what raises the chance, what lowers it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.rank.likeness import Profile, chance, compare_texts, weigh
from veille.rank.window import Rarity
from veille.rank.wording import read_wording

# A window of a thousand stories in which these are told every day.
COMMON = "grève ministre budget Nantes port police France hausse intelligence artificielle"
RARITY = Rarity(1000, dict.fromkeys(read_wording(COMMON).stems, 120))

FIRE = "Un incendie ravage l'usine Lubrizol de Rouen"
FIRE_TOO = "Rouen : l'usine Lubrizol ravagée par un incendie"
LOCKOUT = "Le port de Nantes bloqué par une grève des dockers"


def profile(title: str, summary: str = "") -> Profile:
    return weigh(read_wording(title, summary), RARITY)


def likely(a: str, b: str, *, one_feed: bool = False) -> float:
    return chance(profile(a), profile(b), one_feed=one_feed)


def test_the_same_words_are_almost_surely_one_event_and_none_are_almost_surely_not() -> None:
    assert likely(FIRE, FIRE) > 0.95
    assert likely(FIRE, "Les syndicats de la chimie reportent leur congrès") < 0.02
    assert likely("", "") < 0.02


def test_another_wording_of_one_event_is_likely() -> None:
    assert likely(FIRE, FIRE_TOO) > 0.8
    assert likely(FIRE, "Lubrizol : à Rouen, l'incendie est éteint") > 0.5


def test_common_words_say_less_than_rare_ones() -> None:
    assert likely("Police : le budget en hausse", "Le ministre et le budget de la police") < 0.5
    assert likely("Le ministre visite Guingamp ce jeudi", "Un ministre hué à Guingamp par les éleveurs") > likely(
        "Le ministre visite Nantes ce jeudi", "Un ministre hué à Nantes par les éleveurs"
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "L'intelligence artificielle au secours des hôpitaux",
            "Peur sur l'emploi : l'intelligence artificielle avance",
        ),
        ("Wall Street ouvre prudemment avant les chiffres", "Le patron de Wall Street le mieux payé se confie"),
    ],
)
def test_a_short_phrase_alone_in_common_is_a_subject_and_no_event(a: str, b: str) -> None:
    assert likely(a, b) <= 0.35


def test_one_feed_seldom_tells_an_event_twice() -> None:
    assert likely(FIRE, FIRE_TOO, one_feed=True) < likely(FIRE, FIRE_TOO)


def test_figures_that_differ_and_names_of_their_own_speak_against() -> None:
    assert likely("117 morts dans le séisme d'Agadir", "230 morts dans le séisme d'Agadir") < likely(
        "117 morts dans le séisme d'Agadir", "117 morts dans le séisme d'Agadir ce soir"
    )
    assert likely("Un loup filmé près de Guéret", "Un loup filmé près de Mende") < likely(
        "Un loup filmé près de Guéret", "Un loup filmé près d'un étang"
    )


def test_other_places_before_the_colon_speak_against() -> None:
    together = likely("Voiron : un incendie ravage une scierie", "Un incendie ravage une scierie isolée")
    assert likely("Voiron : un incendie ravage une scierie", "Mende : un incendie ravage une scierie") < together


def test_an_outlet_s_name_at_the_end_of_both_titles_is_nothing_shared() -> None:
    a, b = "Un loup filmé près de Guéret", "Orage violent sur Menton"
    assert likely(f"{a} - Ouest Matin", f"{b} - Ouest Matin") < 0.05


def test_summaries_that_agree_raise_the_chance_and_others_lower_it() -> None:
    same = "Les pompiers ont maîtrisé le feu dans la nuit, des riverains confinés"
    other = "La mairie présente un budget sans hausse et une piscine rénovée"
    alone = chance(profile(FIRE), profile(LOCKOUT))
    assert chance(profile(FIRE, same), profile(FIRE_TOO, same)) > likely(FIRE, FIRE_TOO)
    assert chance(profile(FIRE, same), profile(LOCKOUT, other)) <= alone
    assert chance(profile(FIRE, same), profile(FIRE_TOO)) == likely(FIRE, FIRE_TOO)


def test_texts_are_compared_where_both_have_a_summary() -> None:
    text = "Les pompiers ont maîtrisé le feu dans la nuit"
    assert compare_texts(profile(FIRE), profile(FIRE, text)) == 0
    assert 0.8 < compare_texts(profile(FIRE, text), profile(FIRE, text)) <= 1
    assert compare_texts(profile(FIRE, text), profile("Un loup filmé", "Il rôdait")) == 0


def test_a_profile_of_a_template_carries_its_names() -> None:
    wording = read_wording("Quel temps fera-t-il à Nantes")
    assert weigh(wording, RARITY, frozenset({wording.skeleton})).template == frozenset({"nantes"})
    assert weigh(wording, RARITY).template is None


_TITLES = st.lists(
    st.sampled_from("Un incendie ravage Lubrizol Rouen : le port de Nantes grève 12 230 - lundi loup".split()),
    max_size=9,
).map(" ".join)


@given(_TITLES, _TITLES, st.booleans())
def test_a_chance_is_the_same_both_ways(a: str, b: str, one_feed: bool) -> None:  # noqa: FBT001
    found = likely(a, b, one_feed=one_feed)
    assert 0 <= found <= 1
    assert likely(b, a, one_feed=one_feed) == pytest.approx(found)
