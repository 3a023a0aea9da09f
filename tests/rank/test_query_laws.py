"""What holds of any text: it parses or says where not, what is printed is read back, and neither takes long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veille.errors import QueryError
from veille.rank.expression import Near, Term, list_leaves
from veille.rank.printing import print_query
from veille.rank.query import parse_query

PIECES = (
    "OR ET NOT NEAR NEAR/3 pres/2 AROUND(4) - -- + = ( ) \" a b « » “ ” ^5 | || && C++ * b* =c l'IA #ia @handle "
    '@s @neg @S2 title: titre: author:( allintitle: site: site:x.fr -site:( feed:"a b" tag:#x lang:fr since:2d '
    "before:2026 read:<5m sources:3+ is:lu sitte:x Paris: 10:30 https://a.fr/un-deux-trois "
    "~2 /a.b/ /[/ \\/ 3,5 % مرحبا \u202e \x00"
).split()
TYPED = (
    st.text("aé \t-–—−\"«»“”()|^*&+#.5,'’ORETN/:=@~!?\\\ud800\x00\xa0", max_size=25)
    | st.text()
    | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)
    | st.lists(st.sampled_from([*PIECES, " ", " "]), max_size=14).map("".join)
)
SEARCHES = {"s": "a OR b -c", "neg": "-sport", "S2": "@s"}


@given(TYPED)
@settings(max_examples=600)
def test_any_text_gives_a_query_or_a_query_error_with_its_place(text: str) -> None:
    try:
        query = parse_query(text, searches=SEARCHES)
    except QueryError as error:
        assert 1 <= error.column <= len(text) + 1  # noqa: PT017 - which error it is depends on the text
        assert len(str(error).splitlines()) == 1  # noqa: PT017
    else:
        for leaf in list_leaves(query.expression):
            terms = (leaf.one, leaf.other) if isinstance(leaf, Near) else (leaf,)
            assert all(one.isalnum() for term in terms if isinstance(term, Term) for one in term.words)
        assert parse_query(query.text, searches=SEARCHES).expression == query.expression


@given(TYPED)
@settings(max_examples=600)
def test_what_is_printed_is_read_back_the_same(text: str) -> None:
    try:
        expression = parse_query(text, searches=SEARCHES, negative=True).expression
    except QueryError:
        return
    printed = print_query(expression)
    assert parse_query(printed, negative=True).expression == expression
    assert print_query(parse_query(printed, negative=True).expression) == printed


LONG = {
    "words": "a " * 5000,
    "either": "a|" * 4999 + "a",
    "nested": "(a " * 50 + ")" * 50,
    "minus": "-+" * 4999 + "a",
    "signs": "!" * 9999 + "a",
    "quotes": '"a" ' * 2500,
    "unclosed": "“" * 9999 + "a",
    "stars": '"a' + " *" * 4900 + ' b"',
    "slashes": "/a " * 3333,
    "patterns": "/(a*)*/ " * 1250,
    "unknown fields": "abcde:b " * 1250,
    "fields": "title:(" * 50 + "a " * 4500 + ")" * 50,
    "filters": "site:(" + " " * 9980 + ")",
    "near": "a NEAR " * 1400 + "b",
    "groups near": "(a|b|c|d|e|f|g|h|i|j) NEAR " * 350 + "a",
    "an address": "https://a.fr/" + "abcd-" * 1990,
}


@pytest.mark.parametrize("name", LONG)
def test_ten_thousand_characters_take_no_time(name: str) -> None:
    start = time.perf_counter()
    try:
        parse_query(LONG[name][:10_000])
    except QueryError as error:
        assert 1 <= error.column <= 10_001  # noqa: PT017 - which of them parse is not the matter
    assert time.perf_counter() - start < 2


def test_saved_searches_that_double_are_stopped() -> None:
    searches = {f"s{level}": f"@s{level + 1} OR @s{level + 1}" for level in range(49)} | {"s49": "a"}
    start = time.perf_counter()
    with pytest.raises(QueryError, match="longer than 50000 characters"):
        parse_query("@s0", searches=searches)
    assert time.perf_counter() - start < 2
