"""Fields, filters, nearness, patterns and saved searches: what is typed gives what is looked for."""

import pytest

from veille.errors import QueryError
from veille.rank.expression import Both, Either, Expression, Filter, Near, Part, Pattern, Term
from veille.rank.query import parse_query


def word(text: str, part: Part | None = None) -> Term:
    return Term((text,), "word", part)


def phrase(text: str, part: Part | None = None) -> Term:
    return Term(tuple(text.split()), "phrase", part)


A, B, C, D = (word(letter) for letter in "abcd")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        # parts
        ("title:a", word("a", "title")),
        ("Titre:a", word("a", "title")),
        ("intitle:a b", Both((word("a", "title"), B))),
        ("title: a", word("a", "title")),
        ("titre :a", word("a", "title")),
        ("titre\xa0:a", word("a", "title")),
        ('texte:"a b"', phrase("a b", "text")),
        ("intext:=a", Term(("a",), "exact", "text")),
        ("auteur:dup*", Term(("dup",), "prefix", "author")),
        ("by:a", word("a", "author")),
        ("from:@a_b", phrase("a b", "author")),
        ("title:(a -b)", Both((word("a", "title"),), (word("b", "title"),))),
        ("a title:(-b)", Both((A,), (word("b", "title"),))),
        ("title:(a author:b)", Both((word("a", "title"), word("b", "author")))),
        ("-title:(a OR b) c", Both((C,), (Either((word("a", "title"), word("b", "title"))),))),
        ("title:/a b/", Pattern("a b", "title")),
        ("title:10:30", phrase("10 30", "title")),
        ("allintitle: a b -c", Both((word("a", "title"), word("b", "title")), (word("c", "title"),))),
        ("(allintitle:a b) c", Both((Both((word("a", "title"), word("b", "title"))), C))),
        # filters
        ("site:lemonde.fr", Filter("site", "lemonde.fr")),
        ("site:https://www.lemonde.fr/", Filter("site", "lemonde.fr")),
        ("inurl:*.gouv.fr", Filter("site", "gouv.fr")),
        ("site:.paris OR domain:fr", Either((Filter("site", "paris"), Filter("site", "fr")))),
        ("a -site:x.fr", Both((A,), (Filter("site", "x.fr"),))),
        ("site:(a.fr OR b.fr)", Either((Filter("site", "a.fr"), Filter("site", "b.fr")))),
        ("lang:fr,en", Either((Filter("lang", "fr"), Filter("lang", "en")))),
        ("language:Français", Filter("lang", "fr")),
        ("langue:fr-CA", Filter("lang", "fr")),
        ('feed:"Le Monde"', Filter("feed", "Le Monde")),
        ("flux:(Le Monde OR «Le Figaro»)", Either((Filter("feed", "Le Monde"), Filter("feed", "Le Figaro")))),
        ("feed:korben.info", Filter("feed", "korben.info")),
        ("source:lemonde.fr", Filter("site", "lemonde.fr")),
        ("source:Mediapart", Filter("feed", "Mediapart")),
        ("feed:https://a.fr/rss?x=1", Filter("feed", "https://a.fr/rss?x=1")),
        ("dossier:Presse/Régions", Filter("folder", "Presse/Régions")),
        ("in:Presse", Filter("folder", "Presse")),
        ("étiquette:#ia", Filter("tag", "ia")),
        ("label:«à lire»", Filter("tag", "à lire")),
        ("is:unread est:non-lu", Both((Filter("is", "unread"), Filter("is", "unread")))),
        ("est:lu", Filter("is", "read")),
        ("est:favori", Filter("is", "starred")),
        ("est:noté OR has:note", Either((Filter("is", "noted"), Filter("is", "noted")))),
        ("sources:>=3", Filter("sources", "3", ">=")),
        ("sources:3+", Filter("sources", "3", ">=")),
        ("sources:≤ 3", Filter("sources", "3", "<=")),
        ("sources:3", Filter("sources", "3")),
        ("read:<5m", Filter("read", "5", "<")),
        ("lecture:>1h30", Filter("read", "90", ">")),
        ("read:<90s", Filter("read", "1.5", "<")),
        ("read:<=5", Filter("read", "5", "<=")),
        ("since:2d", Filter("since", "2d")),
        ("depuis:hier", Filter("since", "hier")),
        ("after:2026", Filter("since", "2026-01-01")),
        ("avant:2026/11", Filter("before", "2026-11-01")),
        ('before:"2026-11-20T08:00"', Filter("before", "2026-11-20T08:00")),
        ("site:x.fr^3", Filter("site", "x.fr")),
        # nearness
        ("a NEAR/5 b", Near(A, B, 5)),
        ("a near/5 b", Near(A, B, 5)),
        ("a NEAR b", Near(A, B, 10)),
        ("a ONEAR/2 b", Near(A, B, 2)),
        ("a PRÈS/2 b", Near(A, B, 2)),
        ("a AROUND(5) b", Near(A, B, 5)),
        ("a around (5) b", Near(A, B, 5)),
        ('"a b"~5', Near(phrase("a"), phrase("b"), 5)),
        ('"a b c"~2', Both((Near(phrase("a"), phrase("b"), 2), Near(phrase("b"), phrase("c"), 2)))),
        ('"a b"~0 -"c"~3', Both((Near(phrase("a"), phrase("b"), 0),), (phrase("c"),))),
        ("(a b) NEAR/2 c", Both((Near(A, C, 2), Near(B, C, 2)))),
        ('"a * b"', Near(phrase("a"), phrase("b"), 1)),
        ('"* a ** b c* *"', Near(phrase("a"), Term(("b", "c"), "prefix"), 2)),
        ('"a b"*', Term(("a", "b"), "prefix")),
        ("a NEAR/1 b NEAR/2 c", Both((Near(A, B, 1), Near(B, C, 2)))),
        ("(a OR b) NEAR/2 (c d)", Either((Both((Near(A, C, 2), Near(A, D, 2))), Both((Near(B, C, 2), Near(B, D, 2)))))),
        ("a -b NEAR/1 c", Both((A,), (Near(B, C, 1),))),
        ("title:(a NEAR/1 b)", Near(A, B, 1, "title")),
        ("title:a NEAR/1 title:b", Near(A, B, 1, "title")),
        ("near presque around", Both((word("near"), word("presque"), word("around")))),
        # patterns
        ("/com.*tion/", Pattern("com.*tion")),
        (r"/a\/b\\/", Pattern(r"a/b\\")),
        ("/[!?]{3}/i a", Both((Pattern("[!?]{3}"), A))),
        ("(/(a|b) c/|d)", Either((Pattern("(a|b) c"), D))),
        (r"/\p{Lu}+/", Pattern(r"\p{Lu}+")),
        ("/r/france", phrase("r france")),
        ("24/7 a / b / c", Both((phrase("24 7"), A, B, C))),
    ],
)
def test_what_an_expression_looks_for(text: str, expression: Expression) -> None:
    assert parse_query(text).expression == expression


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("sitte:x.fr", 1, "did you mean site:?"),
        ("a titel:b", 3, "did you mean title:?"),
        ('a langage:"b"', 3, "did you mean language:?"),
        ("date:2026-11-01", 1, "write since:"),
        ("filetype:pdf", 1, "there is no filetype:"),
        ("title:", 7, "title: takes a word, a phrase or a group"),
        ("title:-a", 7, "write -title:word"),
        ("title:title:a", 7, "takes a word"),
        ("(title:)", 8, "takes a word"),
        ("allintitle:", 12, "stops too early"),
        ("title:(a", 7, "unclosed parenthesis"),
        ('site:"a', 6, "unclosed quote"),
        ("site:(a.fr", 6, "unclosed parenthesis"),
        ("a site:", 8, "takes a host"),
        ("site:lemonde", 6, "such as site:lemonde.fr"),
        ("site:lemonde.fr/economie", 6, "write a host"),
        ("site:(a.fr OR b/c)", 15, "write a host"),
        ("lang:klingon", 6, "a language, such as lang:fr"),
        ("lang:frnch", 6, "did you mean fr?"),
        ("is:unred", 4, "did you mean unread?"),
        ("is:banana", 4, "write unread, read, starred or noted"),
        ("sources:many", 9, "such as sources:>=3"),
        ("sources:>3+", 9, "such as sources:>=3"),
        ("sources:-3", 9, "such as sources:>=3"),
        ("since:soon", 7, "2d, 36h, today"),
        ("before:2026-13-01", 8, "2026-11-20"),
        ("since:01/11/2026", 7, "2026-11-20"),
        ("read:yes", 6, "such as read:<5m"),
        ("read:lu", 6, "write is:read"),
        ('tag:"#"', 5, "such as tag:marque"),
        ("com*tion", 4, "a * goes at the end of a word; /com.*tion/ is a pattern"),
        ("a organi?ation", 9, "/organi.ation/ is a pattern"),
        ('"com* de crise"', 5, "only the last word"),
        ("=com*", 5, "keep one of them"),
        ('"com*tion de"', 5, "/com.*tion/ is a pattern"),
        ("-title:", 8, "takes a word"),
        ("a (site: )", 9, "takes a host"),
        ("/" + "\\(" * 51 + "/", 2, "at most 50 groups"),
        (r"a /\p{zz}/", 10, "not a pattern: unknown property"),
        ('"a b"~101', 1, "100 words at most"),
        ('site:""', 6, "takes a host"),
        ("a !b", 3, "write a - instead"),
        ("/com.*tion", 1, "unclosed pattern"),
        ("a /b[c/", 7, "not a pattern: unterminated"),
        ("/a{e<=1}/", 3, r"write \{"),
        ("/" + "(" * 250 + ")" * 250 + "/", 2, "at most 50 groups"),
        ("/" + "a" * 501 + "/", 502, "at most 500"),
        ("a NEAR/101 b", 3, "100 words at most"),
        ("a NEAR/x b", 3, "NEAR/5"),
        ("a NEAR", 7, "stops too early"),
        ("NEAR a", 1, "in lower case it is a word"),
        ("a NEAR site:x.fr", 3, "between words, phrases"),
        ("a NEAR (-b)", 3, "near nothing"),
        ("title:a NEAR text:b", 9, "nothing of title:"),
        ("(a|b|c|d|e|f|g|h|i|j|k) NEAR (a|b|c|d|e|f|g|h|i|j)", 25, "more than 100 pairs"),
        ("-site:x.fr", 1, "only words to leave out"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_what_does_not_parse_is_told_with_its_character(text: str, column: int, what: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert (caught.value.column, what in caught.value.what) == (column, True), caught.value


def test_a_saved_search_stands_for_its_expression_in_parentheses() -> None:
    searches = {"Été": "a OR b^5", "all": "@été c", "nosport": "-d"}
    found = Both((Either((A, B)), C))
    assert parse_query("@ete c", searches=searches).expression == found
    assert parse_query('@"Été", c', searches=searches).expression == found
    assert parse_query("@all", searches=searches).expression == found
    assert parse_query("a @nosport", searches=searches).expression == Both((A,), (D,))
    assert parse_query("title:@Été", searches=searches).expression == Either((word("a", "title"), word("b", "title")))
    assert parse_query("@other", searches=searches).expression == word("other")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a @loop", "the saved search @loop calls for itself"),
        ("b @round", "the saved search @round calls for itself"),
        ("c @wrong", "in @wrong: unclosed quote"),
    ],
)
def test_a_saved_search_that_cannot_be_read_is_told_where_it_is_called(text: str, what: str) -> None:
    searches = {"loop": "x @loop", "round": "@round2", "round2": "y @round", "wrong": '"z'}
    with pytest.raises(QueryError) as caught:
        parse_query(text, searches=searches)
    assert (caught.value.column, caught.value.what) == (3, what)


def test_a_query_may_leave_out_alone_where_that_is_asked_for() -> None:
    assert parse_query("-a", negative=True).expression == Both((), (A,))
    assert parse_query("-a -site:x.fr", negative=True).expression == Both((), (Either((A, Filter("site", "x.fr"))),))
    assert parse_query("a -b", negative=True).expression == Both((A,), (B,))
    with pytest.raises(QueryError, match="one side of OR"):
        parse_query("a OR -b", negative=True)


@pytest.mark.parametrize("pattern", ["a{99999999}", "(?:ab){9999999}", "(?:a{1000}){1000}", "a{,200000}"])
def test_a_pattern_that_repeats_without_measure_is_refused(pattern: str) -> None:
    with pytest.raises(QueryError, match="repeats at most 100,000 times"):
        parse_query(f"/{pattern}/")


def test_a_pattern_may_count() -> None:
    pattern = r"\d{2,4} ?(?:000){1,3}\{x"
    assert parse_query(f"/{pattern}/").expression == Pattern(pattern)
