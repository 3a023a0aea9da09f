"""Words and lines: what is folded, what a word is, what may be printed."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veille.text import (
    clean_line,
    clean_text,
    count_words,
    detect_language,
    flatten_markup,
    fold,
    is_in_folder,
    query_stems,
    shorten,
    split_words,
    stem_word,
    stem_words,
    strip_markup,
)

# Text that holds what rarely comes by chance: controls, bidi marks, surrogates, ligatures.
TRICKY = st.text("aÉœ'’ \t\n\r\x00\x1b\x85\u2028\u202e\u200b\u2066\ufeff\ud800ſﬁ<>&;!-+#.") | st.text()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Cœur d'Évêque", "coeur d'eveque"),
        ("ÆTHER Œuvre Łódź Đà ǽ", "aether oeuvre lodz da ae"),
        ("L’été", "l'ete"),
        ("STRASSE Straße ẞ", "strasse strasse ss"),
        ("e\u0301te\u0301", "ete"),
        ("peut\u2011être", "peut-etre"),
        ("co\u00adopérer", "cooperer"),
        ("Ⅷ ﬁn ½", "viii fin 1\u20442"),
        ("plain ASCII", "plain ascii"),
    ],
)
def test_fold_takes_case_accents_and_ligatures_away(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(TRICKY)
def test_fold_is_idempotent_and_goes_character_by_character(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert "".join(map(fold, text)) == folded


def test_folded_french_has_no_accents() -> None:
    folded = fold("àâäéèêëîïôöùûüÿçñ" * 20)
    assert not any(unicodedata.combining(c) for c in unicodedata.normalize("NFD", folded))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L'e-réputation d’une marque !", ["l", "e", "reputation", "d", "une", "marque"]),
        ("C++ et C#, F#", ["c", "plus", "plus", "et", "c", "sharp", "f", "sharp"]),
        ("C++17", ["c", "plus", "plus", "17"]),
        ("C++/C#", ["c", "plus", "plus", "c", "sharp"]),
        ("Canal+, Disney+ et LGBT+", ["canal", "plus", "disney", "plus", "et", "lgbt", "plus"]),
        ("ASP.NET et .NET", ["asp", "net", "et", "dot", "net"]),
        ("exemple.net", ["exemple", "net"]),
        ("R&D, la 5G", ["r", "d", "la", "5g"]),
        ("bac+5, a+b, les + lus, +33", ["bac", "5", "a", "b", "les", "lus", "33"]),
        ("#hashtag n#1 a##", ["hashtag", "n", "1", "a"]),
        ("snake_case", ["snake", "case"]),
        ("", []),
    ],
)
def test_split_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@given(TRICKY)
def test_words_are_alphanumeric_and_folded(text: str) -> None:
    for word in split_words(text):
        assert word.isalnum()
        assert fold(word) == word


def test_inflections_share_a_stem_once_folded() -> None:
    assert len({stem_word(word, "fr") for word in ("publie", "publies", "publiee", "publiees")}) == 1
    assert len({stem_word(word, "fr") for word in ("marque", "marques", "marquee", "marquees")}) == 1
    assert stem_words(["running", "runs"], "en") == ["run", "run"]


def test_words_of_a_language_without_stemmer_are_kept() -> None:
    assert stem_word("nachrichten", "de") == "nachrichten"


def test_query_stems_cover_every_language_and_the_word_itself() -> None:
    stems = query_stems("communications")
    assert set(stems) == {stem_word("communications", "fr"), stem_word("communications", "en"), "communications"}


FORMS = [
    ("réseau", "réseaux"), ("journal", "journaux"), ("social", "sociales"), ("élection", "élections"),
    ("communiqué", "communiqués"), ("publier", "publiées"), ("accusé", "accusée"), ("européen", "européenne"),
    ("gratuit", "gratuites"), ("jeux", "jeu"), ("politique", "politiques"), ("écologiste", "écologistes"),
    ("dénoncer", "dénoncent"), ("manifestent", "manifester"), ("alerter", "alertent"), ("bloque", "bloquent"),
]  # fmt: skip
OTHERS = [
    ("communication", "commune"), ("communiqué", "communes"), ("communiste", "commune"), ("journal", "journaliste"),
    ("agent", "âge"), ("content", "conte"), ("ministre", "ministère"), ("avis", "avion"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "written"), [*FORMS, *((b, a) for a, b in FORMS[:12])])
def test_a_french_word_is_found_in_its_other_forms(asked: str, written: str) -> None:
    assert stem_word(fold(written), "fr") in query_stems(fold(asked))
    assert stem_word(fold(written), "fr") in query_stems(fold(written))


@pytest.mark.parametrize(("asked", "written"), [*OTHERS, *((b, a) for a, b in OTHERS)])
def test_another_french_word_of_the_same_family_or_look_is_not(asked: str, written: str) -> None:
    assert stem_word(fold(written), "fr") not in query_stems(fold(asked))


def test_a_number_has_one_stem() -> None:
    assert len(query_stems("5g")) == 1


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("La marque a répondu aux critiques dans un communiqué", "", "fr"),
        ("La marque a répondu aux critiques dans un communiqué", "en-US", "fr"),
        ("The brand has answered its critics in a statement", "fr", "en"),
        ("Bundestag berät über das Gesetz", "de-DE", "de"),
        ("La marca ha respuesto", "es_ES", "es"),
        ("Photos", "FR", "fr"),
        ("Photos", "", ""),
        ("Photos", "klingon", ""),
        ("Photos", "<b>", ""),
        ("le la the of", "", ""),
    ],
)
def test_language_is_what_the_words_show_then_what_was_declared(text: str, declared: str, language: str) -> None:
    assert detect_language(text, declared=declared) == language


@given(TRICKY)
@settings(max_examples=300)
def test_a_clean_line_is_one_safe_line(text: str) -> None:
    line = clean_line(text)
    assert clean_line(line) == line
    assert line == line.strip()
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in line)
    assert not any(
        unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI") for c in line
    )


def test_a_clean_line_keeps_what_people_write() -> None:
    assert clean_line("  Ça\u00a0va : «\u202f5 €\u202f» ! 👩\u200d🚒 مرحبا ") == "Ça va : « 5 € » ! 👩\u200d🚒 مرحبا"


def test_terminal_codes_lose_what_makes_them_obeyed() -> None:
    assert clean_line("\x1b[31mred\x1b]8;;https://x.example\x07link\x9b0m") == "[31mred]8;;https://x.examplelink0m"


def test_clean_text_keeps_lines_and_at_most_one_empty_one() -> None:
    assert clean_text("  a \r\n\n\n\n b\u2028c\x00 \n") == "a\n\nb\nc"


@given(TRICKY)
def test_clean_text_is_idempotent(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Un</p><p>Deux<br>trois</p>", "Un\nDeux\ntrois"),
        ("a &lt; b &amp;amp; c", "a < b &amp; c"),
        ("avant<!-- caché > --> après", "avant après"),
        ("avant<!-- sans fin", "avant<!-- sans fin"),
        ("un<script>x()</script> deux<style>p{}</style >", "un deux"),
        ("1 < 2 et 3 > 2", "1 < 2 et 3 > 2"),
        ("pas de balise", "pas de balise"),
        ("<!DOCTYPE html><?php x ?>Texte</>", "Texte</>"),
    ],
)
def test_strip_markup(markup: str, text: str) -> None:
    assert strip_markup(markup) == text
    assert flatten_markup(markup) == " ".join(text.split())


@pytest.mark.parametrize("piece", ["<!--", "<script", "<script>", "<a ", "<br", "</", "&", "<style><!--"])
def test_markup_is_stripped_in_a_time_that_follows_its_length(piece: str) -> None:
    # In the square of its length, any of these would take minutes.
    assert len(strip_markup(piece * 100_000 + "-->")) <= len(piece) * 100_000 + 3


def test_shorten_cuts_between_words() -> None:
    assert shorten("un deux trois", 13) == "un deux trois"
    assert shorten("un deux trois", 12) == "un deux…"
    assert shorten("un deux, trois", 10) == "un deux…"
    assert shorten("anticonstitutionnellement", 10) == "anticonst…"


@given(st.text(), st.integers(1, 50))
def test_shorten_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


def test_count_words() -> None:
    assert count_words("L'été, c'est 2 mois.") == 6


@pytest.mark.parametrize(
    ("folder", "wanted", "inside"),
    [
        ("Presse", "Presse", True),
        ("Presse/Régions/Ouest", "presse/regions/", True),
        ("Presse", "Presse/Régions", False),
        ("Presse locale", "Presse", False),
        ("24\u22157/Nuit", "24/7", True),
        ("", "Presse", False),
    ],
)
def test_a_folder_is_inside_itself_and_those_above(folder: str, wanted: str, inside: bool) -> None:  # noqa: FBT001
    assert is_in_folder(folder, wanted) is inside
