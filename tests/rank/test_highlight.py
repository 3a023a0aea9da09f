"""What is shown of a match: the characters that the wanted words stand on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stored import entry, store, subscribe
from veille.rank.expression import Both, Either, Expression, Filter, Near, Part, Pattern, Term
from veille.rank.highlight import find_spans
from veille.store.db import open_store
from veille.store.search import select_matching
from veille.text import span_words, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence


def word(text: str, part: Part | None = None) -> Term:
    return Term((text,), "word", part)


def marked(text: str, *expressions: Expression, part: Part = "title", language: str = "fr") -> str:
    """The text with its spans between brackets."""
    for start, end in reversed(find_spans(text, expressions, part=part, language=language)):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (word("reseau"), "Les [Réseaux] du Cœur, l'e-réputation, C++ et \x1b[1m R&D"),
        (word("coeur"), "Les Réseaux du [Cœur], l'e-réputation, C++ et \x1b[1m R&D"),
        (Term(("e", "reputation"), "phrase"), "Les Réseaux du Cœur, l'[e-réputation], C++ et \x1b[1m R&D"),
        (Term(("c", "plus", "plus"), "phrase"), "Les Réseaux du Cœur, l'e-réputation, [C++] et \x1b[1m R&D"),
        (Term(("r", "d"), "phrase"), "Les Réseaux du Cœur, l'e-réputation, C++ et \x1b[1m [R&D]"),
        (Term(("reputa",), "prefix"), "Les Réseaux du Cœur, l'e-[réputation], C++ et \x1b[1m R&D"),
        (Term(("reseau",), "exact"), "Les Réseaux du Cœur, l'e-réputation, C++ et \x1b[1m R&D"),
        (Near(word("coeur"), word("reseau"), 1), "Les [Réseaux] du [Cœur], l'e-réputation, C++ et \x1b[1m R&D"),
        (Near(word("coeur"), word("reseau"), 0), "Les Réseaux du Cœur, l'e-réputation, C++ et \x1b[1m R&D"),
        (Pattern("c.ur, l'"), "Les Réseaux du [Cœur, l']e-réputation, C++ et \x1b[1m R&D"),
        (word("reseau", "text"), "Les Réseaux du Cœur, l'e-réputation, C++ et \x1b[1m R&D"),
        (Both((Filter("lang", "fr"), word("du")), (word("coeur"),)),
         "Les Réseaux [du] Cœur, l'e-réputation, C++ et \x1b[1m R&D"),
    ],
)  # fmt: skip
def test_spans_are_the_characters_as_written(expression: Expression, shown: str) -> None:
    text = "Les Réseaux du Cœur, l'e-réputation, C++ et \x1b[1m R&D"
    assert marked(text, expression) == shown


def test_parts_are_looked_into_as_they_are_named() -> None:
    asked = [word("dupont"), Term(("durand",), "exact", "author")]
    assert marked("Dupont Durand", *asked, part="author") == "Dupont [Durand]"
    assert marked("Dupont Durand", *asked, part="text") == "[Dupont] Durand"


def test_spans_that_overlap_are_one_and_decomposed_accents_belong_to_their_letter() -> None:
    assert marked("la gre\u0300ve dure", word("greve"), Pattern("ve du")) == "la [gre\u0300ve du]re"


def test_a_slow_pattern_shows_nothing_and_long_texts_take_no_more_than_their_length() -> None:
    begun = perf_counter()
    assert find_spans("a" * 5000 + "!", [Pattern("(a|aa)+$")], part="text", language="fr") == []
    text = "la grève " * 20_000
    near = Near(word("greve"), Term(("la",), "exact"), 3)
    assert len(find_spans(text, [word("greve"), near], part="text", language="fr")) == 40_000
    assert perf_counter() - begun < 10


@given(st.text(st.sampled_from("aàœßİı +#.'-_\u0301\u00adcCnetﬁ１é\n"), max_size=30) | st.text(max_size=30))
def test_words_with_their_places_are_the_words_of_a_text(text: str) -> None:
    placed = span_words(text)
    assert [found for found, _, _ in placed] == split_words(text)
    assert all(0 <= start < end <= len(text) for _, start, end in placed)


titles = st.lists(
    st.sampled_from(["Grève", "grèves", "l’Œuvre", "C++", "canal+", ".NET", "running", "fe\u0302te,", "R&D"]),
    max_size=5,
)
terms = st.one_of(
    st.sampled_from(["greve", "greves", "oeuvre", "c", "plus", "net", "run", "fete", "d"]).map(word),
    st.sampled_from([("c", "plus", "plus"), ("dot", "net"), ("r", "d"), ("l", "oeuvre")]).map(
        lambda some: Term(some, "phrase")
    ),
    st.sampled_from(["gre", "can", "o"]).map(lambda cut: Term((cut,), "prefix")),
    st.sampled_from(["greve", "running"]).map(lambda one: Term((one,), "exact")),
)  # fmt: skip
leaves = terms | st.builds(Near, terms, terms, st.integers(0, 2))


@settings(max_examples=60)
@given(
    texts=st.lists(st.tuples(titles.map(" ".join), st.sampled_from(["fr", "en", ""])), min_size=1, max_size=5),
    asked=st.lists(leaves | st.builds(Either, st.tuples(leaves, leaves)), min_size=1, max_size=8),
)
def test_a_title_has_a_span_where_the_indexes_find_it_and_nowhere_else(
    texts: Sequence[tuple[str, str]], asked: Sequence[Expression]
) -> None:
    with TemporaryDirectory() as place, open_store(Path(place) / "v.db", busy_timeout=timedelta(seconds=1)) as db:
        made = [entry(str(at), title or " ", language=language) for at, (title, language) in enumerate(texts)]
        store(db, subscribe(db, "a"), *made)
        for expression in asked:
            sql, values = select_matching(expression, only="title")
            found = {int(guid) for (guid,) in db.execute(f"SELECT guid FROM entries WHERE id IN ({sql})", values)}
            shown = {
                at
                for at, (title, language) in enumerate(texts)
                if find_spans(title, [expression], part="title", language=language)
            }
            assert found == shown, expression
