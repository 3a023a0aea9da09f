"""The query language: what is typed gives what is looked for, or says at which character it stops."""

import pytest

from veille.errors import QueryError
from veille.rank.expression import Both, Either, Expression, Term
from veille.rank.query import Query, parse_query


def word(text: str) -> Term:
    return Term((text,), "word")


def phrase(text: str) -> Term:
    return Term(tuple(text.split()), "phrase")


def prefix(text: str) -> Term:
    return Term(tuple(text.split()), "prefix")


A, B, C, D = (word(letter) for letter in "abcd")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        # words
        ("crise", word("crise")),
        ("Évêque", word("eveque")),
        ("a b", Both((A, B))),
        ("e-réputation", phrase("e reputation")),
        ("aujourd'hui", phrase("aujourd hui")),
        ("l'IA", word("ia")),
        ("l’IA", word("ia")),
        ("qu'elle", word("elle")),
        ("jusqu'ici", word("ici")),
        ("l'e-réputation", phrase("e reputation")),
        ("l'", word("l")),
        ("O'Connor", phrase("o connor")),
        ("or et ou", Both((word("or"), word("et"), word("ou")))),
        ("ORANGE ETAT NOTE", Both((word("orange"), word("etat"), word("note")))),
        # names that end in signs
        ("C++", phrase("c plus plus")),
        ("C#", phrase("c sharp")),
        (".NET", phrase("dot net")),
        ("Canal+", phrase("canal plus")),
        ("R&D", phrase("r d")),
        ("5G", word("5g")),
        # phrases
        ('"avis clients"', phrase("avis clients")),
        ('"crise"', phrase("crise")),
        ("« avis clients »", phrase("avis clients")),
        ("“avis clients”", phrase("avis clients")),
        ("”avis clients“", phrase("avis clients")),
        ('"l\'IA de demain"', phrase("l ia de demain")),
        ('« un "b" »', phrase("un b")),
        ('a"b c"d', Both((A, phrase("b c"), D))),
        ('"a -b OR (c"', phrase("a b or c")),
        # prefixes
        ("communi*", prefix("communi")),
        ("e-réput*", prefix("e reput")),
        ("l'inform*", prefix("inform")),
        ("*a", A),
        # either
        ("a OR b", Either((A, B))),
        ("a OU b", Either((A, B))),
        ("a | b", Either((A, B))),
        ("a|b || c", Either((A, B, C))),
        ("a b OR c", Either((Both((A, B)), C))),
        ("a AND b ET c && d", Both((A, B, C, D))),
        ('a OR"b"', Either((A, phrase("b")))),
        ("a OR(b c)", Either((A, Both((B, C))))),
        ("(a OR b) c", Both((Either((A, B)), C))),
        ("((a))", A),
        # without
        ("a -b", Both((A,), (B,))),
        ("-b a", Both((A,), (B,))),
        ("a −b", Both((A,), (B,))),
        ("a NOT b", Both((A,), (B,))),
        ("a SAUF b", Both((A,), (B,))),
        ("a -b -c", Both((A,), (B, C))),
        ("a (-b -c)", Both((A,), (Either((B, C)),))),
        ("a -(b c)", Both((A,), (Both((B, C)),))),
        ('a -"b c"', Both((A,), (phrase("b c"),))),
        ("a -(b OR c)", Both((A,), (Either((B, C)),))),
        ("a -communi*", Both((A,), (prefix("communi"),))),
        ("-(-a)", A),
        ("a -b OR c", Either((Both((A,), (B,)), C))),
        # signs that stand alone
        ("a - b", Both((A, B))),
        ("a — b", Both((A, B))),
        ("a -- b", Both((A, B))),
        ("a : b ?", Both((A, B))),
        ("a & b", Both((A, B))),
        ("(a -) b", Both((A, B))),
        ("🔥 a", A),
    ],
)
def test_what_an_expression_looks_for(text: str, expression: Expression) -> None:
    assert parse_query(text) == Query(text=" ".join(text.split()), expression=expression)


@pytest.mark.parametrize(
    ("text", "written", "weight"),
    [
        ("crise^5", "crise", 5.0),
        ("crise ^-2,5 ", "crise", -2.5),
        ("a OR b^0", "a OR b", 0.0),
        ('"a^2"^3', '"a^2"', 3.0),
        ("(a b)^1e3", "(a b)", 1000.0),
        ("a", "a", None),
    ],
)
def test_a_weight_is_that_of_the_whole_expression(text: str, written: str, weight: float | None) -> None:
    query = parse_query(text)
    assert (query.text, query.weight) == (written, weight)


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("", 1, "holds no word"),
        ("   ", 1, "holds no word"),
        ("()", 1, "holds no word"),
        ("* - ^5", 5, "weight"),
        ('a ""', 3, "“” holds no word"),
        ("a !(b)", 3, "“!” holds no word"),
        ("-a", 1, "only words to leave out"),
        ("-a -b", 1, "only words to leave out"),
        ("a OR -b", 6, "one side of OR"),
        ("(a OR", 1, "unclosed parenthesis"),
        ("a OR", 5, "stops too early"),
        ("a OR  ", 5, "stops too early"),
        ("a NOT", 6, "stops too early"),
        ("(a OR)", 6, "“)” is not expected here"),
        ("a () b", 4, "“)” is not expected here"),
        ("OR a", 1, "“OR” is not expected here: in lower case it is a word"),
        ("a OR ET b", 6, "“ET” is not expected here: in lower case it is a word"),
        ("a --b", 3, "“-” is not expected here"),
        ("a »", 3, "“»” is not expected here"),
        ("a)", 2, "nothing opens"),
        ("(a (b)", 1, "unclosed parenthesis"),
        ('a "b', 3, "unclosed quote"),
        ("« a", 1, "unclosed quote"),
        ("“a (b", 1, "unclosed quote"),
        ("a^5 b", 5, "at the end"),
        ("(a^5)", 3, "at the end"),
        ("^5 a", 1, "at the end"),
        ("a ^ 5", 5, "at the end"),
        ("a^", 2, "a weight is a number"),
        ("a^five", 2, "a weight is a number"),
        ("a^nan", 2, "from -1000 to 1000"),
        ("a^1001", 2, "from -1000 to 1000"),
        ("a^-inf", 2, "from -1000 to 1000"),
        ("(" * 51 + "a" + ")" * 51, 51, "more than 50 parentheses"),
        ("a " * 5001, 10_000, "longer than 10000"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_what_does_not_parse_is_told_with_its_character(text: str, column: int, what: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert (caught.value.column, what in caught.value.what) == (column, True), caught.value


def test_fifty_parentheses_are_deep_enough() -> None:
    assert parse_query("(" * 50 + "a" + ")" * 50).expression == A
