"""Words of an expression as what FTS5 matches, and which of the two indexes answers it.

Words are alphanumeric by construction (`text.split_words`), so quoting them is enough.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, TypeGuard

from veille.rank.expression import Both, Either, Near, Pattern, Term
from veille.rank.literals import find_needed
from veille.rank.occurrences import is_inflected
from veille.text import query_stems

if TYPE_CHECKING:
    from veille.rank.expression import Expression, Part

WRITTEN = "entries_fts"
STEMS = "entries_stems"

# FTS5's parser and its tree are of limited depth: what is deeper is put together by SQL.
_DEEPEST = 8
# The columns of each index by part. The index of stems has no author: no column is named where all are meant.
_COLUMNS: dict[tuple[str, Part | None], str] = {
    (WRITTEN, None): "{title body} : ",
    (WRITTEN, "title"): "{title} : ",
    (WRITTEN, "text"): "{body} : ",
    (WRITTEN, "author"): "{author} : ",
    (STEMS, None): "",
    (STEMS, "title"): "{title} : ",
    (STEMS, "text"): "{body} : ",
}


def index_of(expression: Expression) -> str:
    """The index that can answer the whole expression by itself, "" when none can."""
    index, depth = _measure(expression)
    return index if depth <= _DEEPEST else ""


def needs_reading(part: Expression) -> TypeGuard[Near | Pattern]:
    """Whether texts are read to tell if a leaf is there."""
    return isinstance(part, Pattern) or (isinstance(part, Near) and not index_of(part))


def match_text(expression: Expression) -> str:
    """An FTS5 expression for one that its index can answer."""
    match expression:
        case Term(_, _, part):
            index = STEMS if is_inflected(expression, part) else WRITTEN
            forms = [f"{_COLUMNS[index, part]}{form}" for form in _list_forms(expression, part)]
            return forms[0] if len(forms) == 1 else f"({' OR '.join(forms)})"
        case Near(one, other, distance, part):
            columns = _COLUMNS[index_of(expression), part]
            pairs = product(_list_forms(one, part), _list_forms(other, part))
            return "(" + " OR ".join(f"{columns}NEAR({' '.join(pair)}, {distance})" for pair in pairs) + ")"
        case Either(parts):
            return f"({' OR '.join(map(match_text, parts))})"
        case Both(wanted, unwanted):
            kept = " AND ".join(map(match_text, wanted))
            dropped = " OR ".join(map(match_text, unwanted))
            return f"(({kept}) NOT ({dropped}))" if dropped else f"({kept})"
        case _:
            raise AssertionError("no index answers a filter or a pattern")


def relax(leaf: Near | Pattern) -> tuple[Expression, ...]:
    """What the indexes can tell of a leaf that they cannot answer: no entry that holds it escapes.

    Where a word in any form stands near exact ones, each of these stands near it in whatever form.
    """
    if isinstance(leaf, Pattern):
        needed = find_needed(leaf.text, leaf.part)
        return () if needed is None else (needed,)
    terms = tuple(replace(term, part=leaf.part) for term in (leaf.one, leaf.other))
    if any(term.kind == "prefix" for term in terms):
        return terms
    one, other = ([Term((word,), "word") for word in term.words] for term in terms)
    distance = leaf.distance + max(len(one), len(other)) - 1
    return (*terms, *(Near(*pair, distance, leaf.part) for pair in product(one, other)))


def _list_forms(term: Term, part: Part | None) -> list[str]:
    """Every phrase of FTS5 that a term may be indexed as."""
    if is_inflected(term, part):
        return [f'"{stem}"' for stem in query_stems(term.words[0])]
    return [f'"{" ".join(term.words)}"' + (" *" if term.kind == "prefix" else "")]


def _measure(expression: Expression) -> tuple[str, int]:
    """The index of an expression, "" when it takes both or more, and how deep it is."""
    match expression:
        case Term(_, _, part):
            return STEMS if is_inflected(expression, part) else WRITTEN, 0
        case Near(one, other, _, part):
            inflected = {is_inflected(term, part) for term in (one, other)}
            return ("" if len(inflected) > 1 else STEMS if inflected.pop() else WRITTEN), 0
        case Either(parts) | Both((_, *_) as parts, ()):
            found = [_measure(part) for part in parts]
        case Both((_, *_) as wanted, unwanted):
            found = [_measure(part) for part in (*wanted, *unwanted)]
        case _:
            return "", 0
    indexes = {index for index, _ in found}
    return indexes.pop() if len(indexes) == 1 else "", 1 + max(depth for _, depth in found)
