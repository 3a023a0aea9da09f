"""The query language: an expression as typed in, a Query out, QueryError with its column otherwise.

    community manager          both words, in any form          =crise      in this form only
    "e-réputation de marque"   these words in this order        communi*    words that begin so
    A OR B   A | B   (A B)     either; groups                   /c[oa]m/    a pattern
    -sport   NOT sport         without                          A NEAR/5 B  at most 5 words between
    title:crise site:lemonde.fr since:2d sources:>=3            fields      @veille     a saved search
    crise^5                    weight of the whole expression

AND/ET, OR/OU and NOT/SAUF are operators in capitals only. Case and accents never count. docs/queries.md tells all.
The text is cut into lexemes (`lexemes`), which the grammar (`grammar`) puts together with the actions below.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from veille.errors import QueryError
from veille.rank.expression import Both, Expression
from veille.rank.grammar import END, Lexeme, UnexpectedError, reduce_lexemes
from veille.rank.joining import Negation, join_both, join_either, join_near, scope_part
from veille.rank.lexemes import show_blanks, split_lexemes
from veille.text import clean_line, fold, split_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST = 10_000
# With all the saved searches that it calls for, each as often as it does.
_LONGEST_IN_ALL = 50_000
_HEAVIEST = 1000.0
_NO_SEARCHES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """An expression, the text it was read from without its weight, and that weight if it has one."""

    text: str
    expression: Expression
    weight: float | None = None


def parse_query(text: str, *, searches: Mapping[str, str] = _NO_SEARCHES, negative: bool = False) -> Query:
    """The query that `text` says. Raises QueryError, with the column of the trouble.

    `searches` are the saved ones by name, which `@NAME` stands for. `negative` lets it leave out alone.
    """
    seen = show_blanks(text)
    found, weight = _Reader(searches).read(seen, depth=0, inside=())
    if isinstance(found, Negation):
        if not negative:
            raise QueryError("only words to leave out: add one to look for", column=found.column)
        found = Both((), (found.part,))
    written = seen if weight is None else seen[: weight.start]
    shown = written.strip() if "/" in written else clean_line(written)  # a pattern may count its blanks
    return Query(text=shown, expression=found, weight=None if weight is None else _read_weight(weight))


class _Reader:
    """The saved searches at hand, and how much text has been read."""

    def __init__(self, searches: Mapping[str, str]) -> None:
        self.searches = {fold(name): text for name, text in searches.items()} if searches else searches
        self.length = 0

    def read(self, text: str, *, depth: int, inside: tuple[str, ...]) -> tuple[Expression | Negation, Lexeme | None]:
        """What `text` asks for, and its weight. `inside` names the saved searches being read."""
        self.length += len(text)
        if len(text) > _LONGEST:
            raise QueryError(f"the expression is longer than {_LONGEST} characters", column=_LONGEST)
        if not split_words(text) and "/" not in text:
            raise QueryError("the expression holds no word: write one to look for", column=1)

        def look_up(name: str, column: int, around: int) -> Expression | Negation | None:
            return self.find_search(fold(name), column, around, inside)

        lexemes = split_lexemes(text, depth=depth, look_up=look_up)
        if lexemes[0].kind == END:
            raise QueryError("the expression holds no word: write one to look for", column=1)
        try:
            found, weight = reduce_lexemes(lexemes, _ACTIONS)
        except UnexpectedError as error:
            raise _explain(error) from None
        return found, weight

    def find_search(self, name: str, column: int, depth: int, inside: tuple[str, ...]) -> Expression | Negation | None:
        if name not in self.searches:
            return None
        if name in inside:
            raise QueryError(f"the saved search @{name} calls for itself", column=column)
        if self.length > _LONGEST_IN_ALL:
            message = f"with its saved searches the expression is longer than {_LONGEST_IN_ALL} characters"
            raise QueryError(message, column=column)
        try:
            return self.read(show_blanks(self.searches[name]), depth=depth, inside=(*inside, name))[0]
        except QueryError as error:
            what = error.what if error.what.startswith(("in @", "the saved search")) else f"in @{name}: {error.what}"
            raise QueryError(what, column=column) from None


def _explain(error: UnexpectedError) -> QueryError:
    lexeme, before = error.lexeme, error.before
    column = lexeme.start + 1
    if lexeme.kind == "WEIGHT" or (before and before.kind == "WEIGHT"):
        return QueryError("a weight (^5) goes at the end of the whole expression", column=column)
    if before and before.kind == "FIELD":
        name = clean_line(before.text)
        what = f"write -{name}word" if lexeme.kind == "MINUS" else f"{name} takes a word, a phrase or a group"
        return QueryError(what, column=column)
    if not lexeme.text:
        return QueryError("the expression stops too early", column=column)
    hint = ": in lower case it is a word" if lexeme.text.isalpha() else ""
    return QueryError(f"“{clean_line(lexeme.text)}” is not expected here{hint}", column=column)


def _read_weight(lexeme: Lexeme) -> float:
    column = lexeme.start + 1
    try:
        weight = float(lexeme.text[1:].replace(",", "."))
    except ValueError:
        raise QueryError("a weight is a number: write it as ^5", column=column) from None
    if not -_HEAVIEST <= weight <= _HEAVIEST:  # also refuses NaN
        raise QueryError(f"a weight goes from -{_HEAVIEST:g} to {_HEAVIEST:g}", column=column)
    return weight


# What each rule of the grammar makes of its parts: lists on the way, an expression or a Negation where one ends.
_ACTIONS: dict[str, Callable[..., Any]] = {
    "leaf": lambda leaf: leaf.value,
    "group": lambda _, sides, __: join_either(sides),
    "field": lambda field, leaf: scope_part(leaf.value, field.value),
    "field_group": lambda field, _, sides, __: scope_part(join_either(sides), field.value),
    "first": lambda part: [part],
    "beside": lambda parts, part: [*parts, part],
    "joined": lambda parts, _, part: [*parts, part],
    "nearer": lambda parts, operator, part: [*parts, operator, part],
    "close_near": lambda parts: join_near(parts[::2], parts[1::2]),
    "negation": lambda minus, parts: _negate(join_near(parts[::2], parts[1::2]), minus),
    "side": lambda parts: [join_both(parts)],
    "sides": lambda sides, _, parts: [*sides, join_both(parts)],
    "bare": lambda sides: (join_either(sides), None),
    "weighted": lambda sides, weight: (join_either(sides), weight),
}


def _negate(part: Expression | Negation, minus: Lexeme) -> Expression | Negation:
    # -(-A) is A: two negations meet only through parentheses.
    return part.part if isinstance(part, Negation) else Negation(part, minus.start + 1)
