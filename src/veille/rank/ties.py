"""What settles equal scores of keywords: rules, the lead alone, rare words. Stories and where words stand in. Pure.

Keywords give few different scores, and a morning has dozens of stories of each. Of equal ones that comes first to which
the rules of rules.toml give the most points; then the one whose lead by itself scores the most, as it is the lead that
is read; then the one whose lead holds more, or rarer, of the keywords' words. None of this is part of a score.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from veille.model import Contribution
from veille.rank.expression import Near, Term, list_leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from veille.model import Story
    from veille.rank.rules import Rule

# Rules' points, the lead's own, the worth of the words in it.
Tie = tuple[float, float, float]
_REASONS = ("rules", "lead alone", "rare words")
# An expression pasted from elsewhere may have thousands, and each is looked up.
_MOST_WORDS = 50


def list_words(keywords: Iterable[Rule]) -> list[Term]:
    """The words that keywords look for, one by one and in any form; not those of keywords that lower a story."""
    words = (
        word
        for rule in keywords
        if rule.weight > 0
        for leaf in list_leaves(rule.expression, wanted_only=True)
        for term in _list_terms(leaf)
        for word in _split_term(term)
    )
    return list(dict.fromkeys(words))[:_MOST_WORDS]


def weigh_words(stories: Sequence[Story], held: Sequence[AbstractSet[int]]) -> list[float]:
    """For each story the sum of what each word is worth that stands in its lead; `held`: in which entries it does.

    A word that fewer of the stories tell is worth more (the inverse document frequency of bm25).
    """
    leads = [story.lead.entry_id for story in stories]
    worth = [0.0] * len(leads)
    for entry_ids in held:
        places = [place for place, lead in enumerate(leads) if lead in entry_ids]
        gain = math.log(1 + (len(leads) - len(places) + 0.5) / (len(places) + 0.5))
        for place in places:
            worth[place] += gain
    return worth


def tell_tie(tie: Tie) -> tuple[Contribution, ...]:
    """The same in words, in the order in which they count."""
    return tuple(
        Contribution(reason=reason, points=points) for reason, points in zip(_REASONS, tie, strict=True) if points
    )


def _list_terms(leaf: object) -> Iterator[Term]:
    match leaf:
        case Term():
            yield leaf
        case Near(one, other, _, part):
            yield replace(one, part=part)
            yield replace(other, part=part)


def _split_term(term: Term) -> Iterator[Term]:
    *firsts, last = term.words
    yield from (Term((word,), "word", term.part) for word in firsts)
    yield Term((last,), "prefix" if term.kind == "prefix" else "word", term.part)
