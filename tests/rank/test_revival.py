"""What brings a read story back: a title that says what none of its headlines said, a new figure."""

from __future__ import annotations

from collections import Counter

import pytest

from make import make_headline
from veille.rank.revival import find_news
from veille.rank.window import Rarity

FIRST = "Incendie à la gare de l'Est : le trafic est interrompu"


def news(new: str, *told: str, summary: str = "", spread: Counter[str] | None = None) -> bool:
    headlines = [make_headline(n, title, summary=summary) for n, title in enumerate(told, 1)]
    return bool(find_news(make_headline(99, new), headlines, Rarity(1000, spread or Counter())))


@pytest.mark.parametrize(
    "new",
    [
        "Incendie à la gare de l'Est, le trafic interrompu",
        "Gare de l'Est : un incendie interrompt le trafic",
        "Gare de l'Est : trafic interrompu après un incendie criminel",
        "EN DIRECT. Gare de l'Est",
        "Incendies",
        "",
        "🔥🔥",
    ],
)
def test_the_same_told_otherwise_brings_nothing(new: str) -> None:
    assert not news(new, FIRST)


@pytest.mark.parametrize(
    "new",
    [
        "Gare de l'Est : un suspect placé en garde à vue par la police judiciaire",
        "Gare de l'Est : un cheminot blessé, deux suspects en fuite vers la Belgique",
        "Incendie à la gare de l'Est : un pompier est mort",
    ],
)
def test_a_title_that_says_something_new_of_the_event_brings_something(new: str) -> None:
    assert news(new, FIRST)


def test_every_headline_of_the_story_and_its_summary_have_told() -> None:
    new = "Gare de l'Est : un suspect placé en garde à vue par la police judiciaire"
    assert news(new, FIRST)
    assert not news(new, FIRST, "Un suspect en garde à vue, selon la police judiciaire")
    assert not news(new, FIRST, summary="La police judiciaire a placé un suspect en garde à vue.")


def test_a_new_figure_is_news() -> None:
    told = "Fusillade en Californie : 7 morts dans une ferme"
    assert news("Fusillade en Californie : 11 morts, selon le shérif", told)
    assert not news("Fusillade en Californie : 7 morts, selon le shérif", told)
    assert not news("Fusillade en Californie : sept morts dans une ferme en 2023", told)


def test_common_words_are_no_news() -> None:
    new = "Gare de l'Est : le monde en parle"
    common = Counter(dict.fromkeys(("monde", "parle", "parl"), 900))
    assert news(new, FIRST)
    assert not news(new, FIRST, spread=common)


def test_a_story_of_nothing_told_is_news_once_something_is() -> None:
    assert news("Un suspect placé en garde à vue", "")
    assert not news("", "")


def test_what_is_new_is_given_as_the_title_writes_it() -> None:
    new = make_headline(99, "Incendie à la gare de l'Est : un Pompier est mort, 12 blessés")
    assert find_news(new, [make_headline(1, FIRST)], Rarity(1000, Counter())) == ("Pompier", "mort", "12", "blessés")
