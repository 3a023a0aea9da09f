"""FTS5 as the one matcher: it must find what reading every text word by word finds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stored import entry, store, subscribe
from veille.rank.expression import Both, Either, Expression, Term
from veille.rank.query import parse_query
from veille.store.db import open_store
from veille.store.functions import take_notices
from veille.store.search import IndexedText, select_matching
from veille.text import query_stems, split_words, stem_words

if TYPE_CHECKING:
    from veille.model import MatchField
    from veille.store.db import Db

TEXTS = {
    "strike": ("Les grèves s'étendent", "<p>La CGT appelle à manifester à Nantes</p>", "fr"),
    "party": ("Grande fête à Nantes", "<p>Une grève des éboueurs l’a précédée</p>", "fr"),
    "rate": ("L’e-réputation de l'Œuvre", "<p>Le cœur du sujet : la réputation en ligne</p>", "fr"),
    "english": ("Running strikes again", "<p>The workers ran; l'art &amp; R&amp;D</p>", "en"),
    "untold": ("東京 C++ 2026", "", ""),
}


def fill(db: Db) -> None:
    entries = [entry(guid, title, content=content, language=lang) for guid, (title, content, lang) in TEXTS.items()]
    store(db, subscribe(db, "a"), *entries)


def find(db: Db, text: str, only: MatchField | None = None) -> set[str]:
    sql, values = select_matching(parse_query(text).expression, only=only)
    return {guid for (guid,) in db.execute(f"SELECT guid FROM entries WHERE id IN ({sql})", values)}


@pytest.mark.parametrize(
    ("text", "anywhere", "in_title"),
    [
        ("grève", {"strike", "party"}, {"strike"}),
        ("GREVES", {"strike", "party"}, {"strike"}),
        ("strike", {"english"}, {"english"}),
        ("manifestations", {"strike"}, set()),
        ('"la réputation en ligne"', {"rate"}, set()),
        ('"réputation ligne"', set(), set()),
        ("reputation", {"rate"}, {"rate"}),
        ("e-réputation", {"rate"}, {"rate"}),
        ("l'oeuvre", {"rate"}, {"rate"}),
        ("coeur", {"rate"}, set()),
        ("éboue*", {"party"}, set()),
        ("à-nant*", {"strike", "party"}, {"party"}),
        ("nantes -fête", {"strike"}, set()),
        ("nantes -CGT", {"party"}, {"party"}),
        ("grève -nantes", set(), set()),
        ('grève -"à manifester"', {"party"}, set()),
        ('(grève OR "e-réputation") -nantes', {"rate"}, {"rate"}),
        ('nantes (CGT OR "a précédée")', {"strike", "party"}, set()),
        ("R&D", {"english"}, set()),
        ("東京", {"untold"}, {"untold"}),
        ("c++", {"untold"}, {"untold"}),
        ("absent", set(), set()),
        ("Ann", set(), set()),
    ],
)
def test_words_phrases_beginnings_and_exclusions(db: Db, text: str, anywhere: set[str], in_title: set[str]) -> None:
    fill(db)
    assert find(db, text) == anywhere
    assert find(db, text, only="title") == in_title


@pytest.mark.parametrize(
    "text",
    [
        " OR ".join(f"w{number}" for number in range(1200)) + " OR fête",
        " OR ".join(f'"w{number} x" OR v{number}' for number in range(450)) + " OR fête",
        "fête " + " ".join(f'-"w{number} x" -v{number}' for number in range(450)),
        "fête (" + " OR ".join(f'(v{number} "x w{number}")' for number in range(400)) + " OR nantes)",
        "(" * 49 + "fête" + "".join(f' -"b{number} c") ' if number % 2 else " OR b d*)" for number in range(49)),
        "(" * 49 + "fête" + "".join(" nantes)" if number % 2 else " 'à nantes')" for number in range(49)),
    ],
    ids=["words", "words and phrases", "many left out", "many groups", "deep", "deep and mixed"],
)
def test_long_and_deep_expressions_are_within_what_sqlite_takes(db: Db, text: str) -> None:
    fill(db)
    assert find(db, text) == {"party"}
    assert find(db, text, only="title") == {"party"}


def test_a_text_is_not_read_twice_where_summary_and_content_overlap() -> None:
    html = "<p>One two three four</p>"
    shown = {
        summary: IndexedText(title="t", summary=summary, html=html, author="", language="").body
        for summary in ("One two…", "Apart", "")
    }
    assert shown == {
        "One two…": "One two three four",
        "Apart": "Apart\nOne two three four",
        "": "\nOne two three four",
    }


# --- the law -----------------------------------------------------------------

VOCABULARY = ["greve", "greves", "fete", "nantes", "running", "run", "rue"]
terms = st.one_of(
    st.sampled_from(VOCABULARY).map(lambda word: Term((word,), "word")),
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=2).map(lambda words: Term(tuple(words), "phrase")),
    st.sampled_from(["gre", "run", "n"]).map(lambda word: Term((word,), "prefix")),
)


def compound(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return several.map(Either) | st.builds(Both, several, st.lists(parts, max_size=2).map(tuple))


expressions = st.recursive(terms, compound, max_leaves=8)
sentences = st.lists(st.sampled_from(VOCABULARY), max_size=4).map(" ".join)
documents = st.tuples(sentences, sentences, st.sampled_from(["fr", "en", ""]))


def holds(expression: Expression, document: tuple[str, str, str], only: MatchField | None) -> bool:
    """Whether a document matches, found by reading it."""
    title, body, language = document
    match expression:
        case Term(words, kind):
            fields = [split_words(text) for text in ((title,) if only else (title, body))]
            if kind == "word":
                return any(set(query_stems(words[0])) & set(stem_words(field, language)) for field in fields)
            return any(_stands(words, field, cut=kind == "prefix") for field in fields)
        case Either(parts):
            return any(holds(part, document, only) for part in parts)
        case Both(wanted, unwanted):
            left_out = any(holds(part, document, None) for part in unwanted)
            return not left_out and all(holds(part, document, only) for part in wanted)
        case _:
            raise AssertionError("test_search_laws.py has the other leaves")


def _stands(words: tuple[str, ...], field: list[str], *, cut: bool) -> bool:
    spans = (field[start : start + len(words)] for start in range(len(field) - len(words) + 1))
    if not cut:
        return list(words) in list(spans)
    return any(span[:-1] == list(words[:-1]) and span[-1].startswith(words[-1]) for span in spans)


@settings(max_examples=60)
@given(texts=st.lists(documents, max_size=6), asked=st.lists(expressions, min_size=1, max_size=6))
def test_what_the_indexes_find_is_what_reading_finds(
    texts: list[tuple[str, str, str]], asked: list[Expression]
) -> None:
    with TemporaryDirectory() as place, open_store(Path(place) / "v.db", busy_timeout=timedelta(seconds=1)) as db:
        entries = [
            entry(str(number), title or " ", summary=body, language=language)
            for number, (title, body, language) in enumerate(texts)
        ]
        store(db, subscribe(db, "a"), *entries)
        for expression in asked:
            for only in (None, "title"):
                sql, values = select_matching(expression, only=only)
                found = {int(guid) for (guid,) in db.execute(f"SELECT guid FROM entries WHERE id IN ({sql})", values)}
                read = {number for number, text in enumerate(texts) if holds(expression, text, only)}
                assert found == read


def test_what_a_slow_pattern_has_not_found_is_not_taken_for_absent(db: Db) -> None:
    feed_id = subscribe(db, "a")
    store(db, feed_id, *(entry(str(n), f"chat {'a' * 30}{n} b, puis un chien") for n in range(60)))
    sql, values = select_matching(parse_query("chat -/(a|a|aa)+$|chien/").expression)
    assert list(db.execute(sql, values)) == []
    assert take_notices(db)
