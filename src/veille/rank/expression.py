"""What a query asks for, as a tree. Pure values: `query` reads them from text, `store` looks them up.

A leaf is a Term, a Near, a Pattern (words of an entry) or a Filter (what is known of the entry, its feed or
its story). `part` says where words are looked for; None is the title or the text, not the author.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Part = Literal["title", "text", "author"]
TermKind = Literal["word", "exact", "phrase", "prefix"]
FilterName = Literal["feed", "folder", "tag", "site", "lang", "is", "sources", "since", "before", "read"]
Comparison = Literal["=", "<", "<=", ">", ">="]

# Filters whose answer changes without the entry: the user reads, moves and tags, stories grow, time passes.
LIVE: frozenset[FilterName] = frozenset({"feed", "folder", "tag", "is", "sources", "since", "before"})


@dataclass(frozen=True, slots=True)
class Term:
    """Folded words: one in any inflection, or in this form only ("exact"); several in order; the last one cut."""

    words: tuple[str, ...]
    kind: TermKind
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """Two terms with at most `distance` words between them, in either order."""

    one: Term
    other: Term
    distance: int
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, looked for in the text as it is written; case never counts."""

    text: str
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """What an entry, its feed or its story must be. `value` as typed, cleaned; `comparison` for numbers.

    feed     a feed's number, address, or words of its name
    folder   a folder, those inside it included
    tag      a tag of the feed, or one that the entry came with
    site     the host of the entry's page, or a domain above it
    lang     two-letter language of the entry
    is       unread, read, starred, noted
    sources  how many outlets tell the story (with `comparison`)
    since    a span or a date as `times.parse_moment` reads it: published then or later
    before   the same: published earlier
    read     minutes to read the entry (with `comparison`)
    """

    name: FilterName
    value: str
    comparison: Comparison = "="


@dataclass(frozen=True, slots=True)
class Both:
    """All of `wanted` and none of `unwanted`; `wanted` is empty only in a query that may leave out alone."""

    wanted: tuple[Expression, ...]
    unwanted: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the parts."""

    parts: tuple[Expression, ...]


Leaf = Term | Near | Pattern | Filter
Expression = Leaf | Both | Either


def list_leaves(expression: Expression, *, wanted_only: bool = False) -> Iterator[Leaf]:
    """The leaves from left to right; `wanted_only` passes over what a query leaves out."""
    match expression:
        case Both(wanted, unwanted):
            for part in wanted if wanted_only else (*wanted, *unwanted):
                yield from list_leaves(part, wanted_only=wanted_only)
        case Either(parts):
            for part in parts:
                yield from list_leaves(part, wanted_only=wanted_only)
        case leaf:
            yield leaf


def is_lasting(expression: Expression) -> bool:
    """Whether its matches stay true until the entry is edited, and may be stored."""
    return not any(isinstance(leaf, Filter) and leaf.name in LIVE for leaf in list_leaves(expression))


def scope_to(expression: Expression, part: Part) -> Expression:
    """The same with every word that names no part looked for in `part` alone."""
    match expression:
        case Both(wanted, unwanted):
            return Both(tuple(scope_to(one, part) for one in wanted), tuple(scope_to(one, part) for one in unwanted))
        case Either(parts):
            return Either(tuple(scope_to(one, part) for one in parts))
        case Term(words, kind, None):
            return Term(words, kind, part)
        case Near(one, other, distance, None):
            return Near(one, other, distance, part)
        case Pattern(text, None):
            return Pattern(text, part)
        case leaf:
            return leaf
