"""The parts of a query put together: sides of OR, words side by side, what is left out, what stands near."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from veille.errors import QueryError
from veille.rank.expression import Both, Either, Expression, Near, Part, Term, list_leaves, scope_to

if TYPE_CHECKING:
    from veille.rank.grammar import Lexeme

# What `(a OR b) NEAR (c OR d)` may unfold to.
_MOST_PAIRS = 100


class Negation(NamedTuple):
    """What is to be left out, and the column where that is said."""

    part: Expression
    column: int


def join_either(parts: list[Expression | Negation]) -> Expression | Negation:
    """At least one of the parts. Raises QueryError when one of several only leaves out."""
    if len(parts) == 1:
        return parts[0]
    for part in parts:
        if isinstance(part, Negation):
            message = "one side of OR only leaves words out: add one to look for"
            raise QueryError(message, column=part.column)
    return Either(tuple(part for part in parts if not isinstance(part, Negation)))


def join_both(parts: list[Expression | Negation]) -> Expression | Negation:
    """All of the parts."""
    if len(parts) == 1:
        return parts[0]
    wanted = tuple(part for part in parts if not isinstance(part, Negation))
    unwanted = tuple(part.part for part in parts if isinstance(part, Negation))
    if wanted:
        return Both(wanted, unwanted)
    return Negation(Either(unwanted), min(part.column for part in parts if isinstance(part, Negation)))


def join_near(parts: list[Expression | Negation], operators: list[Lexeme]) -> Expression | Negation:
    """Each part as near the next one as the operator between them says.

    Raises QueryError for what is no word, phrase or group of them.
    """
    if len(parts) == 1:
        return parts[0]
    pairs = tuple(
        _bring_near(one, other, operator) for one, other, operator in zip(parts, parts[1:], operators, strict=False)
    )
    return pairs[0] if len(pairs) == 1 else Both(pairs)


def scope_part(part: Expression | Negation, field: Part) -> Expression | Negation:
    """The same, looked for in one field."""
    if isinstance(part, Negation):
        return Negation(scope_to(part.part, field), part.column)
    return scope_to(part, field)


def _bring_near(one: Expression | Negation, other: Expression | Negation, operator: Lexeme) -> Expression:
    if isinstance(one, Negation) or isinstance(other, Negation):
        raise QueryError("what is left out is near nothing: write a -(b NEAR/5 c)", column=operator.start + 1)
    if len([*list_leaves(one)]) * len([*list_leaves(other)]) > _MOST_PAIRS:
        message = f"these groups make more than {_MOST_PAIRS} pairs: write several NEAR with OR between them"
        raise QueryError(message, column=operator.start + 1)
    return _pair(one, other, operator)


def _pair(one: Expression, other: Expression, operator: Lexeme) -> Expression:
    match one, other:
        case Term(), Term():
            return _pair_terms(one, other, operator)
        case Either(parts), _:
            return Either(tuple(_pair(part, other, operator) for part in parts))
        case _, Either(parts):
            return Either(tuple(_pair(one, part, operator) for part in parts))
        case Both(wanted, ()), _:
            return Both(tuple(_pair(part, other, operator) for part in wanted))
        case _, Both(wanted, ()):
            return Both(tuple(_pair(one, part, operator) for part in wanted))
        case _:
            raise QueryError("NEAR stands between words, phrases or groups of them", column=operator.start + 1)


def _pair_terms(one: Term, other: Term, operator: Lexeme) -> Near:
    if one.part and other.part and one.part != other.part:
        raise QueryError(f"nothing of {one.part}: is near what is in {other.part}:", column=operator.start + 1)
    bare = (Term(one.words, one.kind), Term(other.words, other.kind))
    return Near(*bare, operator.value, one.part or other.part)
