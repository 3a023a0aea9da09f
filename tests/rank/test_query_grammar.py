"""The table in `rank/grammar_table.py` is what lark makes of the grammar, and is walked as lark walks it.

When the grammar has changed, `python tests/rank/test_query_grammar.py` writes the table again.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

from veille.rank import grammar_table
from veille.rank.grammar import END, GRAMMAR, Lexeme, UnexpectedError, reduce_lexemes

KINDS = "LEAF OPEN CLOSE FIELD MINUS NEAR AND OR WEIGHT".split()
ALIASES = {action for _, _, action in grammar_table.RULES}
TABLE = Path(grammar_table.__file__)


class AsGiven(Lexer):
    """Tokens are given as a list of kinds."""

    def __init__(self, _configuration: Any) -> None:
        pass

    def lex(self, kinds: Any) -> Iterator[Token]:  # type: ignore[override] # lark calls it with the text alone
        yield from (Token(kind, str(place)) for place, kind in enumerate(kinds.split()))


LARK = Lark(GRAMMAR, parser="lalr", lexer=AsGiven)


def written_table() -> str:
    """The text of `rank/grammar_table.py`."""
    states, start = LARK.parser.parser._parse_table.states, LARK.parser.parser._parse_table.start_states["start"]
    order = [start]
    for state in order:  # grows: states are numbered as they are met, since lark's own numbers change
        order += [to for _, to in shifts(states[state]) if to not in order]
    found = {rule for state in order for rule in reductions(states[state])}
    rules = sorted(found, key=lambda rule: (str(rule.origin.name), rule.order))
    steps, goto = [], []
    for state in order:
        moves = {name: order.index(to) for name, to in shifts(states[state])}
        row = {name: to for name, to in moves.items() if name.isupper()}
        ended = reductions(states[state])
        assert len(ended) < 2
        steps.append(row | {"": ~rules.index(ended.pop())} if ended else row)
        goto.append({name: to for name, to in moves.items() if name.islower()})
    listed = [(str(rule.origin.name), len(rule.expansion), str(rule.alias)) for rule in rules]
    lines = [
        '"""The LALR table of `grammar.GRAMMAR`. Written by `python tests/rank/test_query_grammar.py`: not by hand."""',
        "",
        "# What a rule makes, of how many parts, by which action.",
        *show("RULES: tuple[tuple[str, int, str], ...]", listed),
        "# By state: the state that a token leads to; under no name ~n, where whatever else ends rule n.",
        *show("STEPS: tuple[dict[str, int], ...]", steps),
        "# By state: the state that what a rule made leads to.",
        *show("GOTO: tuple[dict[str, int], ...]", goto),
        "",
    ]
    return "\n".join(lines).replace("'", '"')


def shifts(moves: Any) -> list[tuple[str, int]]:
    return sorted((name, to) for name, (action, to) in moves.items() if action is Shift and name != END)


def reductions(moves: Any) -> set[Any]:
    return {to for action, to in moves.values() if action is not Shift}


def show(name: str, rows: list[Any]) -> list[str]:
    return [f"{name} = (", *(f"    {row}," for row in rows), ")"]


class Told(Transformer[Token, Any]):
    """Each rule as its alias and its parts."""

    def __default__(self, data: Any, children: Any, meta: Any) -> Any:
        return (str(data), *children)

    def __default_token__(self, token: Token) -> Any:
        return int(token)


def teller(alias: str) -> Callable[..., Any]:
    return lambda *parts: (alias, *(part.start if isinstance(part, Lexeme) else part for part in parts))


def test_the_table_is_what_lark_makes_of_the_grammar() -> None:
    assert TABLE.read_text("utf-8") == written_table(), "run python tests/rank/test_query_grammar.py"


SENTENCES = st.recursive(
    st.sampled_from(["LEAF", "FIELD LEAF"]),
    lambda inside: (
        st.tuples(inside, st.sampled_from([" ", " OR ", " AND ", " MINUS ", " NEAR "]), inside).map("".join)
        | inside.map("OPEN {} CLOSE".format)
        | inside.map("FIELD OPEN {} CLOSE".format)
        | inside.map("MINUS {}".format)
    ),
)


@given(SENTENCES | st.lists(st.sampled_from(KINDS), max_size=12).map(" ".join))
@example("LEAF WEIGHT")
@example("")
@settings(max_examples=400)
def test_the_table_is_walked_as_lark_walks_it(kinds: str) -> None:
    lexemes = [Lexeme(kind, place, "") for place, kind in enumerate(kinds.split())]
    try:
        tree: Any = Told().transform(LARK.parse(kinds))
    except UnexpectedToken as error:
        wrong = len(lexemes) if error.token.type == END else int(error.token)
        with pytest.raises(UnexpectedError) as caught:
            reduce_lexemes([*lexemes, Lexeme(END, len(lexemes), "")], {alias: teller(alias) for alias in ALIASES})
        assert caught.value.lexeme.start == wrong
    else:
        assert reduce_lexemes([*lexemes, Lexeme(END, -1, "")], {alias: teller(alias) for alias in ALIASES}) == tree


if __name__ == "__main__":
    TABLE.write_text(written_table(), "utf-8")
