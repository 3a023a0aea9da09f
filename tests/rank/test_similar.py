"""Which titles are copies, which are other news, which addresses are one page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.rank.pages import page_key, same_page
from veille.rank.similar import content_words, numbers_clash, same_title, title_key
from veille.settings import FoldSettings

THRESHOLD = FoldSettings().threshold

COPIES = [
    ("Le port de Lorient bloqué par les dockers", "Le port de Lorient bloqué par les dockers"),
    ("Le port de Lorient bloqué par les dockers !", "LE PORT DE LORIENT BLOQUÉ PAR LES DOCKERS"),
    ("Grève : le port de Lorient bloqué par les dockers", "Le port de Lorient bloqué par les dockers"),
    ("EN DIRECT - Le port de Lorient bloqué par les dockers", "VIDÉO. Le port de Lorient bloqué par les dockers"),
    (
        "Le port de pêche de Lorient bloqué par les dockers...",
        "Le port de pêche de Lorient bloqué par les dockers grévistes",
    ),
    ("Le maire de Vitré, élu depuis 2014, renonce à un second mandat", "Le maire de Vitré renonce à un second mandat"),
    ("Les usines textiles fermées annoncent leur réouverture", "L'usine textile fermée annonce sa réouverture"),
    (
        "Les négociations commerciales reprennent enfin à Genève",
        "Les négotiations commerciales reprennent enfin à Genève",
    ),
    (
        "Les syndicats de la chimie proposent une journée d'action nationale devant les préfectures",
        "Les syndicats de la chimie envisagent une journée d'action nationale devant les préfectures",
    ),
    ("Minister quits over leaked letter to bank", "Minister quits over leaked letter to bank, sources say"),
    ("Le maire de Vitré renonce (photos)", "Le maire de Vitré renonce"),
    ("Правительство утвердило новый бюджет страны", "Правительство утвердило новый бюджет страны"),
    ("政府が新しい予算案を閣議決定した", "政府が新しい予算案を閣議決定した"),
]

OTHER_NEWS = [
    ("a figure", "Le chômage des jeunes recule de 3 % en Bretagne", "Le chômage des jeunes recule de 8 % en Bretagne"),
    ("a rank", "Résultats complets du 1er tour à Rennes centre", "Résultats complets du 2e tour à Rennes centre"),
    (
        "a rank in words",
        "Municipales : les résultats complets du premier tour dans chaque commune du département breton",
        "Municipales : les résultats complets du second tour dans chaque commune du département breton",
    ),
    ("a score", "Brest bat Lens sur le score de 2-1 hier", "Brest bat Lens sur le score de 1-2 hier"),
    ("a town", "La météo agricole de la semaine à Vannes", "La météo agricole de la semaine à Auray"),
    ("a town before", "Vannes : la météo agricole de la semaine", "Auray : la météo agricole de la semaine"),
    (
        "a town within a label",
        "Météo Vannes : prévisions locales détaillées heure par heure",
        "Météo Auray : prévisions locales détaillées heure par heure",
    ),
    ("a negation", "Le ministre a démissionné de son poste hier", "Le ministre n'a pas démissionné de son poste hier"),
    ("an opposite", "La Bourse de Paris ouvre en hausse lundi matin", "La Bourse de Paris ouvre en baisse lundi matin"),
    (
        "an opposite verb",
        "Court accepts appeal in harbour pollution case",
        "Court rejects appeal in harbour pollution case",
    ),
    ("a neighbour", "Séisme ressenti dans le nord de l'Irlande hier", "Séisme ressenti dans le nord de l'Islande hier"),
    (
        "who did it to whom",
        "Le Brésil domine largement le Chili en finale",
        "Le Chili domine largement le Brésil en finale",
    ),
    ("a short title within a long one", "Direct", "Direct : le Sénat vote le budget de la défense"),
    (
        "a heading with a town",
        "Nos balades gourmandes du dimanche",
        "Nos balades gourmandes du dimanche dans le Perche",
    ),
    ("few words within many", "La grève", "La grève des contrôleurs aériens est levée à Orly et à Roissy"),
    ("a heading", "Revue de presse", "Revue de presse"),
    ("a dated heading", "Le journal du lundi 24 janvier 2023", "Le journal du lundi 24 janvier 2023"),
    ("nothing", "", ""),
    ("signs", "!!! ???", "!!! ???"),
    ("pictures", "🎉🎉🎉", "🎉🎉🎉"),
    ("other ideograms", "政府が新しい予算案を閣議決定した", "警察が連続窃盗事件の容疑者を逮捕"),
]


def score(a: str, b: str, *, one_feed: bool = False) -> float:
    return same_title(title_key(a), title_key(b), threshold=THRESHOLD, one_feed=one_feed)


@pytest.mark.parametrize(("a", "b"), COPIES)
def test_copies_are_recognised(a: str, b: str) -> None:
    assert score(a, b) > THRESHOLD - 1


@pytest.mark.parametrize(("a", "b"), [pytest.param(a, b, id=name) for name, a, b in OTHER_NEWS])
def test_other_news_is_not_a_copy(a: str, b: str) -> None:
    assert score(a, b) == 0


def test_equal_titles_score_highest_and_insertions_cost() -> None:
    title = "Le conseil régional vote le plan de soutien aux pêcheurs"
    longer = "Le conseil régional vote à la hâte le plan de soutien aux pêcheurs"
    assert score(title, title) == 100
    assert THRESHOLD <= score(title, longer) < 100


def test_the_threshold_decides() -> None:
    a = title_key("Le conseil régional vote le plan de soutien aux pêcheurs")
    b = title_key("Le conseil régional vote à la hâte le plan de soutien aux pêcheurs")
    assert same_title(a, b, threshold=80) > 0
    assert same_title(a, b, threshold=99) == 0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Portraits de femmes au travail, épisode 1", "Portraits de femmes au travail, épisode 2"),
        ("Portraits de femmes au travail à la ferme", "Portraits de femmes au travail à la ferme (3)"),
        ("Les syndicats de la chimie proposent une journée d'action nationale devant les préfectures",
         "Les syndicats de la chimie envisagent une journée d'action nationale devant les préfectures"),
        ("Revue de presse internationale", "Revue de presse internationale"),
    ],
)  # fmt: skip
def test_within_one_feed_near_titles_are_a_series(a: str, b: str) -> None:
    assert score(a, b, one_feed=True) == 0


def test_within_one_feed_a_long_title_given_again_is_a_copy() -> None:
    title = "Le port de Lorient bloqué par les dockers"
    assert score(title, title, one_feed=True) == 100
    assert 99 < score(title, f"Grève : {title}", one_feed=True) < 100


def test_only_what_an_order_of_numbers_denies_clashes() -> None:
    two, one, none, other = (title_key(f"Score {text}") for text in ("2 à 1", "1", "vierge", "1 à 2"))
    assert not numbers_clash(two, one)
    assert not numbers_clash(two, none)
    assert numbers_clash(two, other)


def test_a_very_long_title_is_compared_by_its_beginning() -> None:
    words = [f"mot{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}" for n in range(600)] * 20
    assert len(content_words(" ".join(words))) < 100
    assert score(" ".join(words), " ".join([*words[:-1], "fin"])) == 100


def test_a_title_of_grammar_alone_has_no_content() -> None:
    assert content_words("Et de la, à l'un et aux autres du") == ("autres",)
    assert content_words("Il y a la") == ()


def test_a_single_ideogram_is_a_word() -> None:
    assert content_words("水") == ("水",)


@given(st.text(max_size=80), st.text(max_size=80), st.booleans())
def test_any_two_titles_are_compared_alike_both_ways(a: str, b: str, one_feed: bool) -> None:  # noqa: FBT001
    assert 0 <= score(a, b, one_feed=one_feed) <= 100
    assert score(a, b, one_feed=one_feed) == score(b, a, one_feed=one_feed)


_WORDS = st.sampled_from(
    "port maire grève 12 13 Nantes Rennes vote pas budget hausse baisse lundi mardi rouvre".split()
)


@given(st.lists(_WORDS, max_size=12), st.lists(_WORDS, max_size=12))
def test_likely_titles_are_compared_alike_both_ways(a: list[str], b: list[str]) -> None:
    assert score(" ".join(a), " ".join(b)) == score(" ".join(b), " ".join(a))


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://www.a.example/x/?utm_source=rss", "http://m.a.example/x#top", True),
        ("https://a.example/x/amp", "a.example/x", True),
        ("https://a.example/x", "https://a.example/y", False),
        ("https://a.example/", "https://a.example/", False),
        ("https://a.example/index.php", "https://a.example/index.php", False),
        ("https://a.example/fr/", "https://a.example/fr", False),
        ("https://a.example/?p=12", "https://www.a.example/?p=12", True),
        ("", "", False),
        ("mailto:x@a.example", "mailto:x@a.example", False),
    ],
)
def test_one_page_has_many_addresses_but_a_home_page_is_none(a: str, b: str, same: bool) -> None:  # noqa: FBT001
    assert same_page(a, b) is same


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    assert isinstance(page_key(text), str)
