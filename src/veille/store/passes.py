"""How an expression is looked up: in which passes, by the indexes alone, or by reading texts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.rank.expression import Both, Either, Filter, Near, Term, list_leaves, scope_to
from veille.store.fulltext import index_of, needs_reading

if TYPE_CHECKING:
    from veille.model import MatchField
    from veille.rank.expression import Expression, Leaf


def list_passes(expression: Expression) -> tuple[tuple[MatchField, MatchField | None], ...]:
    """Which look-ups tell where an expression matches, as (field, `only`): a later one outdoes those before."""
    parts = {leaf.part for leaf in list_leaves(expression, wanted_only=True) if not isinstance(leaf, Filter)}
    if parts == {"title"}:
        return (("title", None),)
    if parts & {None, "title"}:
        return ("body", None), ("title", "title")
    if "text" in parts:
        return (("body", None),)
    return (("author", None),) if parts else (("entry", None),)


def scope_to_title(expression: Expression) -> Expression:
    """What finds an expression in titles: of alternatives, those that can stand there, if there are any."""
    match expression:
        case Either(parts):
            able = tuple(part for part in parts if any(map(_can_be_title, list_leaves(part, wanted_only=True))))
            return Either(tuple(map(scope_to_title, able))) if able else expression
        case Both(wanted, unwanted):
            return Both(tuple(map(scope_to_title, wanted)), unwanted)
        case leaf:
            return scope_to(leaf, "title")


def is_indexed(expression: Expression) -> bool:
    """Whether the indexes answer it all, whatever the entries hold."""
    return all(isinstance(leaf, Term | Near) and index_of(leaf) for leaf in list_leaves(expression))


def is_guarded(expression: Expression) -> bool:
    """Whether texts are read for it, within a time."""
    return any(map(needs_reading, list_leaves(expression)))


def _can_be_title(leaf: Leaf) -> bool:
    return not isinstance(leaf, Filter) and leaf.part in {None, "title"}
