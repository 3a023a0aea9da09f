"""The grammar of queries: tokens in, whatever the actions make of them out. Knows nothing of words or fields.

`GRAMMAR` is the authority, in lark's notation. Importing lark and compiling it takes longer than the rest of a
`veille top`, so the LALR table that lark makes of it is kept in `grammar_table`; `tests/rank/test_query_grammar.py`
holds that the two are the same, and says how to write it again. The table is walked with a stack: nothing nests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from veille.rank.grammar_table import GOTO, RULES, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# LEAF is anything with no expression inside: a word, a phrase, a pattern, a filter, a saved search.
GRAMMAR = """
    start: either -> bare
         | either WEIGHT -> weighted
    either: both -> side
          | either OR both -> sides
    both: part -> first
        | both part -> beside
        | both AND part -> joined
    part: near -> close_near
        | MINUS near -> negation
    near: atom -> first
        | near NEAR atom -> nearer
    atom: LEAF -> leaf
        | OPEN either CLOSE -> group
        | FIELD LEAF -> field
        | FIELD OPEN either CLOSE -> field_group
    %declare LEAF OPEN CLOSE FIELD MINUS NEAR AND OR WEIGHT
"""
END = "$END"
# The steps that end the whole, which only the end may call for.
_WHOLE = {~place for place, (origin, _, _) in enumerate(RULES) if origin == "start"}


class Lexeme(NamedTuple):
    """A token: its kind, where it starts from 0, its text, and what it stands for."""

    kind: str
    start: int
    text: str
    value: Any = None


class UnexpectedError(Exception):
    """A token that cannot stand where it does, and the one before it."""

    def __init__(self, lexeme: Lexeme, before: Lexeme | None) -> None:
        super().__init__(lexeme.text)
        self.lexeme = lexeme
        self.before = before


def reduce_lexemes(lexemes: Sequence[Lexeme], actions: Mapping[str, Callable[..., Any]]) -> Any:
    """What the action of "start" gives; each takes its parts in order. Raises UnexpectedError.

    `lexemes` ends with one of kind END.
    """
    states, values = [0], []
    for number, lexeme in enumerate(lexemes):
        while True:
            row = STEPS[states[-1]]
            step = row.get(lexeme.kind, row.get(""))
            if step is None or (lexeme.kind != END and step in _WHOLE):
                raise UnexpectedError(lexeme, lexemes[number - 1] if number else None)
            if step >= 0:
                states.append(step)
                values.append(lexeme)
                break
            origin, length, action = RULES[~step]
            made = actions[action](*values[-length:])
            del values[-length:], states[-length:]
            if step in _WHOLE:
                return made
            values.append(made)
            states.append(GOTO[states[-1]][origin])
    raise AssertionError("the last lexeme is END")
