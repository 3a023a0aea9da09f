"""What a headline says: stems in order, names, figures, the skeleton of a template, label and ending."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.rank.wording import is_date, read_wording


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Les usines textiles fermées", "L'usine textile ferme"),
        ("EXCLUSIF. Le maire de Vitré renonce", "Le maire de Vitré renonce"),
        ("EN DIRECT - Le maire de Vitré renonce", "VIDÉO | le maire de VITRÉ renonce !"),
        ("Ukrainian parliament votes", "The parliament of Ukraine vote"),
        ("L’été à Évreux", "L'ete a Evreux"),
    ],
)
def test_markers_grammar_and_inflection_do_not_count(a: str, b: str) -> None:
    assert set(read_wording(a).stems) == set(read_wording(b).stems)


def test_stems_stand_in_order_each_once_with_its_place() -> None:
    wording = read_wording("Lorient : le port de Lorient bloqué par les dockers du port")
    assert wording.stems == read_wording("Lorient port bloqué dockers").stems
    assert wording.places == {stem: at for at, stem in enumerate(wording.stems)}


@pytest.mark.parametrize("title", ["", "   ", "Et de la, à l'un et aux autres du", "🎉🎉🎉", "!!! ???", "EN DIRECT"])
def test_a_title_that_tells_nothing_has_no_stems(title: str) -> None:
    wording = read_wording(title)
    assert (wording.stems, wording.skeleton, wording.label, wording.ending) == ((), "", frozenset(), ())


def test_names_have_a_capital_inside_a_sentence() -> None:
    wording = read_wording("Manifestation à Nantes. Colère des pêcheurs")
    protest, nantes, anger, _ = wording.stems
    assert wording.capitals == {protest, nantes, anger}
    assert wording.names == {nantes}


def test_numbers_and_dates_are_told_apart() -> None:
    wording = read_wording("Lundi 24 janvier 2023 : 3 blessés et 1200 évacués")
    assert wording.numbers == {"24", "2023", "3", "1200"}
    assert wording.dates == {stem for stem in wording.stems if is_date(stem)} == {
        *read_wording("lundi janvier").stems, "24", "2023", "3",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stem", "date"), [("7", True), ("2024", True), ("1200", False), ("117", False), ("port", False)]
)
def test_small_numbers_and_years_say_when_others_do_not(stem: str, date: bool) -> None:  # noqa: FBT001
    assert is_date(stem) is date


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Quel temps fera-t-il à Nantes", "Quel temps fera-t-il à Aix-en-Provence"),
        ("Vannes : la météo agricole de la semaine", "Saint-Malo : la météo agricole de la semaine"),
        ("Les résultats du 1er tour à Rennes", "Les résultats du 2e tour à Saint-Denis de la Réunion"),
        ("Portraits de femmes, épisode 3", "Portraits de femmes, épisode 12"),
    ],
)
def test_one_template_has_one_skeleton_whatever_fills_it(a: str, b: str) -> None:
    assert read_wording(a).skeleton == read_wording(b).skeleton != ""
    assert read_wording(a).skeleton.count("*") >= 1


def test_slots_are_the_words_that_stars_stand_for_dates_apart() -> None:
    assert read_wording("Quel temps fera-t-il à Nantes le 12 mai").slots == {"nantes"}
    assert read_wording("Vannes : la météo agricole").slots == {"vannes"}


@pytest.mark.parametrize("title", ["Nantes", "Le port bloqué par les dockers", "Rennes : 3-2"])
def test_what_is_all_names_or_has_none_is_no_template(title: str) -> None:
    assert read_wording(title).skeleton == ""


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Saint-Malo. Un voilier s'échoue", "Saint-Malo"),
        ("Ukraine : les chars promis", "Ukraine"),
        ("La météo du jour : pluie", ""),
        ("Un voilier s'échoue à Saint-Malo", ""),
        ("Cinq mots de trop ici : pluie", ""),
    ],
)
def test_a_label_is_of_names_and_stands_before(title: str, label: str) -> None:
    assert read_wording(title).label == set(read_wording(label).stems)


@pytest.mark.parametrize(
    ("title", "ending"),
    [
        ("Le port de Lorient bloqué - Ouest Matin", "Ouest Matin"),
        ("Le port de Lorient bloqué | Courrier", "Courrier"),
        ("Le port de Lorient bloqué", ""),
        ("Le port - bloqué depuis hier par les dockers grévistes", ""),
    ],
)
def test_an_ending_is_short_and_set_apart(title: str, ending: str) -> None:
    assert read_wording(title).ending == read_wording(ending).stems


def test_a_summary_adds_what_the_title_lacks_or_not_to_its_own_stems() -> None:
    wording = read_wording("Orage sur Nice", "Un orage de grêle")
    assert set(read_wording("grêle").stems) <= set(wording.summary)
    assert wording.stems == read_wording("Orage sur Nice").stems
    assert read_wording("Orage sur Nice").summary == ()


def test_scripts_without_spaces_are_read_by_pairs_of_characters() -> None:
    assert read_wording("北京大雪").stems == ("北京", "京大", "大雪")
    assert read_wording("水").stems == ("水",)


def test_a_text_of_thousands_of_words_is_read_by_its_beginning() -> None:
    words = [f"mot{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}" for n in range(600)] * 20
    wording = read_wording(" ".join(words), " ".join(words))
    assert 0 < len(wording.stems) <= 40
    assert len(wording.summary) <= 40
    assert wording.stems == read_wording(" ".join(words[:300])).stems


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_has_a_wording_of_its_own_stems(title: str, summary: str) -> None:
    wording = read_wording(title, summary)
    stems = set(wording.stems)
    assert len(stems) == len(wording.stems)
    assert wording.names <= wording.capitals <= stems
    assert wording.numbers | wording.dates | wording.label <= stems
    assert wording.ending in ((), wording.stems[len(wording.stems) - len(wording.ending) :])
