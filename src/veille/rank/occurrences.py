"""Where terms stand among the words of one text: what FTS5 finds, found by reading.

Words in order, and the language they are stemmed by, in; positions out. The rooms that cannot ask the indexes
(highlighting) or not everything of them (nearness of words in any form to exact ones) ask here.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.text import query_stems, stem_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veille.rank.expression import Near, Part, Term

# A backtracking pattern can take years over a line: what takes longer than this over one text finds nothing in it.
PATTERN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class ReadText:
    """The folded words of a text, and their stems in its language."""

    words: Sequence[str]
    stems: Sequence[str]


def read_words(words: Sequence[str], language: str) -> ReadText:
    """Words with their stems."""
    return ReadText(words, stem_words(words, language))


def is_inflected(term: Term, part: Part | None) -> bool:
    """Whether a term is looked for in any form. Names of authors have none."""
    return term.kind == "word" and len(term.words) == 1 and part != "author"


def find_term(term: Term, text: ReadText, *, part: Part | None) -> list[int]:
    """The positions at which a term begins, in order."""
    if is_inflected(term, part):
        stems = frozenset(query_stems(term.words[0]))
        return [at for at, stem in enumerate(text.stems) if stem in stems]
    *before, last = term.words
    length, cut = len(before), term.kind == "prefix"
    return [
        end - length
        for end, word in enumerate(text.words)
        if (word.startswith(last) if cut else word == last)
        and end >= length
        and list(text.words[end - length : end]) == before
    ]


def find_near(near: Near, text: ReadText, *, part: Part | None) -> Iterator[tuple[Term, int]]:
    """Each place of one of the two terms that stands near enough to a place of the other."""
    ones, others = (find_term(term, text, part=part) for term in (near.one, near.other))
    for term, here, other, there in ((near.one, ones, near.other, others), (near.other, others, near.one, ones)):
        for at in here:
            # Near enough: at most `distance` words between the end of the first and the start of the second.
            first = bisect_left(there, at - len(other.words) - near.distance)
            if first < len(there) and there[first] <= at + len(term.words) + near.distance:
                yield term, at
