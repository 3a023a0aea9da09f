"""What people type elsewhere, and what they paste, is read as they mean it. Shown in its plainest form."""

import pytest

from veille.errors import QueryError
from veille.rank.expression import Both, Either, Filter, Near, Pattern, Term
from veille.rank.printing import print_query
from veille.rank.query import parse_query


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        # search engines
        ('"exact" -site:x.fr', '"exact" -site:x.fr'),
        ('+must +"a b" word', 'must "a b" word'),
        ("(a | b) c", "(a OR b) c"),
        ("intitle:crise inurl:lemonde.fr", "title:crise site:lemonde.fr"),
        ("crise after:2026-01-01 before:2026-02-01", "crise since:2026-01-01 before:2026-02-01"),
        ("#ia OR #TransitionEcologique", "ia OR transitionecologique"),
        ("and or not et ou sauf", "and or not et ou sauf"),
        # boolean tools
        (
            '("avis client"~3 OR title:(e-réputation)) NOT lang:en',
            '("avis" NEAR/3 "client" OR title:"e reputation") -lang:en',
        ),
        ("marque AND NOT (sport OR foot)", "marque -(sport OR foot)"),
        ("a ONEAR/4f b", "a NEAR/4 b"),
        # names with signs
        ("C++ C# .NET R&D 5G AT&T", '"c plus plus" "c sharp" "dot net" "r d" 5g "at t"'),
        ("l'IA l’e-réputation qu'elle", 'ia "e reputation" elle'),
        ("3,5 % de hausse", '"3 5" de hausse'),
        # pasted text
        ("Paris: la grève", "paris la greve"),
        ("Paris : la grève", "paris la greve"),
        ("Paris :la grève", "paris la greve"),
        ("foo:bar C:/x 10:30", '"foo bar" "c x" "10 30"'),
        ("By: Jane Doe", "by jane doe"),
        ("Source: AFP", "source afp"),
        ("fin de la source:", "fin de la source"),
        ("“citation” …", '"citation"'),
        ("a\xa0: b\u202f!", "a b"),
        ("a\u200bb OR\u200f c\x00d", "a b OR c d"),
        ("\u202emrahs \u200fمرحبا", "mrahs مرحبا"),
        ("Robert'); DROP TABLE entries;--", None),
        ("'; DROP TABLE entries;-- x", "drop table entries x"),
        ('body : NEAR_x {title} a"b"c', 'body "near x" title a "b" c'),
        # addresses
        ("https://www.lemonde.fr/", "site:lemonde.fr"),
        ("a -http://x.fr", "a -site:x.fr"),
        ("https://a.fr/eco/la-greve-des-trains_61_32.html?x=crise-totale", "site:a.fr greve trains"),
        ("http://[::1]:80/x", '"http 1 80 x"'),
        ("title:https://x.fr/deux-trois-quatre", "site:x.fr title:deux title:trois title:quatre"),
    ],
)
def test_habits_are_kept(typed: str, plain: str | None) -> None:
    if plain is None:
        with pytest.raises(QueryError, match="nothing opens"):
            parse_query(typed)
        return
    assert print_query(parse_query(typed).expression) == plain


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        (Term(("a",), "exact", "text"), "text:=a"),
        (Term(("a", "b"), "prefix"), '"a b*"'),
        (Near(Term(("a",), "word"), Term(("b",), "prefix"), 3, "title"), "title:(a NEAR/3 b*)"),
        (Pattern("a/b", "author"), r"author:/a\/b/"),
        (Filter("site", "paris"), "site:.paris"),
        (Filter("feed", 'Le "Monde"'), 'feed:«Le "Monde"»'),
        (Filter("feed", '"«Monde»"'), 'feed:“"«Monde»"”'),
        (Filter("sources", "3", ">="), "sources:>=3"),
        (Filter("since", "2026-11-20T08:00"), 'since:"2026-11-20T08:00"'),
        (Both((), (Either((Term(("a",), "word"), Term(("b",), "word"))),)), "-(a OR b)"),
    ],
)
def test_an_expression_is_printed_as_it_would_be_typed(expression: Term, printed: str) -> None:
    assert print_query(expression) == printed
    assert parse_query(printed, negative=True).expression == expression
