"""What to show of a match: a text and the expressions that found it in, the characters they stand on out.

Agrees with what the indexes find: the same words, the same stems. Knows nothing of colours or markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.rank.expression import Filter, Near, Pattern, Term, list_leaves
from veille.rank.occurrences import PATTERN_SECONDS, find_near, find_term, read_words
from veille.rank.patterns import compile_pattern
from veille.text import span_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from veille.rank.expression import Expression, Leaf, Part
    from veille.rank.occurrences import ReadText

_Span = tuple[int, int]


def find_spans(text: str, expressions: Iterable[Expression], *, part: Part, language: str) -> list[_Span]:
    """Where what the expressions want stands in a text that is the title, the text or the author of an entry.

    Spans of characters (start, end), in order, apart from one another.
    """
    leaves = dict.fromkeys(
        leaf
        for expression in expressions
        for leaf in list_leaves(expression, wanted_only=True)
        if not isinstance(leaf, Filter) and _looks_into(leaf, part)
    )
    if not leaves:
        return []
    placed = span_words(text)
    read = read_words([word for word, _, _ in placed], language)
    found: list[_Span] = []
    for leaf in leaves:
        if isinstance(leaf, Pattern):
            found += _find_pattern(leaf, text)
        else:
            found += [
                (min(start for _, start, _ in placed[at:end]), max(stop for _, _, stop in placed[at:end]))
                for at, end in _find_words(leaf, read, part)
            ]
    return _merge(found)


def _looks_into(leaf: Leaf, part: Part) -> bool:
    """Whether a leaf is looked for in a part of an entry; one that names none is in the title or the text."""
    named = None if isinstance(leaf, Filter) else leaf.part
    return named == part if named else part != "author"


def _find_words(leaf: Leaf, read: ReadText, part: Part) -> Iterator[_Span]:
    match leaf:
        case Term(words):
            for at in find_term(leaf, read, part=part):
                yield at, at + len(words)
        case Near():
            for term, at in find_near(leaf, read, part=part):
                yield at, at + len(term.words)


def _find_pattern(pattern: Pattern, text: str) -> list[_Span]:
    """Every place of a pattern that is more than an empty one; none when it is too slow."""
    try:
        return [
            found.span()
            for found in compile_pattern(pattern.text).finditer(text, timeout=PATTERN_SECONDS)
            if found.end() > found.start()
        ]
    except TimeoutError:
        return []


def _merge(spans: Sequence[_Span]) -> list[_Span]:
    """The same characters in spans that do not overlap."""
    merged: list[_Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
