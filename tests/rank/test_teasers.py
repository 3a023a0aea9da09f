"""Teasers told from texts."""

from __future__ import annotations

import pytest

from veille.rank.teasers import share_of_teasers

ENOUGH = 0.8
FULL = "<p>" + "Une phrase entière, suivie de bien d’autres. " * 30 + "</p>"


def share(*texts: str | None) -> float:
    return share_of_teasers(texts, enough=ENOUGH)


@pytest.mark.parametrize(
    "end",
    [
        "et la suite…",
        "et la suite...",
        "et la suite […]",
        "et la suite [&#8230;]</p>",
        "et la suite (...) »",
        "et la suite. <a href='https://www.example.org/1'>Lire la suite</a>",
        "et la suite. <a href='https://www.example.org/1'>LIRE L’ARTICLE →</a>",
        "et la suite. Continue reading The title of the entry",
        "and more. Read more &raquo;",
        "and more […]</p><p>The post <a href='x'>A title</a> appeared first on <a href='y'>A site</a>.</p>",
        "et la suite […]</p><p>L’article <b>Un titre</b> est apparu en premier sur <b>Un site</b>.</p>",
    ],
)
def test_the_ends_of_teasers_are_known(end: str) -> None:
    assert share(*(f"<p>Le début du texte {n} {end}" for n in range(5))) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Une dépêche entière, courte, et finie.",
        "Il faut lire la suite de cette affaire. Elle est édifiante, et elle est racontée en entier dans ce texte.",
        "<p>Un texte entier.</p><p>The post A title appeared first on A site.</p>",
        FULL + "<p>Lire la suite</p>",
        "",
    ],
)
def test_texts_in_full_are_not_teasers(text: str) -> None:
    assert share(*[text] * 10) == 0.0


def test_texts_cut_in_a_sentence_at_one_length_are_teasers() -> None:
    sentences = "Le conseil municipal a voté hier soir le budget de la commune pour les trois années qui viennent"
    cut = [sentences * 2 for _ in range(8)]
    assert share(*(text[: 120 - place] for place, text in enumerate(cut))) == 1.0
    assert share(*(text[: 120 - 10 * place] for place, text in enumerate(cut))) == 0.0
    assert share(*(f"{text[: 118 - place]}." for place, text in enumerate(cut))) == 0.0


def test_titles_and_bylines_are_not_cut_texts() -> None:
    assert share(*["Par la rédaction"] * 10) == 0.0


def test_four_in_five_are_enough_and_less_say_nothing() -> None:
    teaser = "Le début…"
    assert share(*[teaser] * 8, "Un texte entier.", None) == 0.8
    assert share(*[teaser] * 7, "Un texte entier.", None, FULL) == 0.0
    assert share(None, None, None, *[teaser] * 7) == 0.0


def test_few_texts_say_nothing_and_entries_without_text_do_not_count() -> None:
    teaser = "Le début…"
    assert share(*[teaser] * 4, "", "") == 0.0
    assert share(*[teaser] * 5, "", "") == 1.0
