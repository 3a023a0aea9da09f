"""Words that tell what a user keeps from what they pass over: titles in, suggestions with their evidence out. Pure.

Log-odds of a word among what was kept against what was not, smoothed by an informative Dirichlet prior (the
words of both together) and divided by its standard deviation: Monroe, Colaresi and Quinn, "Fightin' Words",
Political Analysis 16 (2008), equations 15, 16, 20 to 22. A title counts each word once.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.text import is_stop_word, query_stems, split_words, stem_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Beyond this many standard deviations chance is 1 in 20: the least one should show to a user.
_SURE = 1.96
# A word in fewer kept stories is an anecdote; one that all of a feed's titles carry is its signature.
_FEWEST, _FEWEST_FEEDS = 3, 2
# The weight of the prior, in words: that of a few titles, so that ten stars can speak against a thousand reads.
_PRIOR = 50.0
# Below these a word in every title that was kept may not be sure yet.
FEWEST_KEPT, FEWEST_PASSED = 5, 10
_SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A story that the user kept (starred, noted) or passed over (read and not kept, hidden)."""

    title: str
    language: str
    feed_id: int
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A word or pair of words worth a rule: how often it was kept and passed over, and how sure that is.

    `words` is an expression of the query language; `surprise` counts standard deviations, negative for
    what is passed over.
    """

    words: str
    kept: int
    passed: int
    surprise: float
    samples: tuple[str, ...]

    @property
    def weight(self) -> int:
        """Points that a rule for it might have: 1 to 5 by how sure it is, negative for what is passed over."""
        points = min(5, max(1, round(abs(self.surprise) - 1)))
        return points if self.surprise > 0 else -points


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Suggestions, and how many stories were kept and passed over for them."""

    kept: int
    passed: int
    suggestions: Sequence[Suggestion]


def suggest_words(reactions: Sequence[Reaction], *, known: Iterable[str] = (), most: int = 12) -> list[Suggestion]:
    """What tells kept stories from the others, the surest first; `known` are folded words that have a rule already.

    Empty without stories of both sorts.
    """
    kept, passed = Counter[str](), Counter[str]()
    titles: dict[str, list[Reaction]] = {}
    forms: dict[str, Counter[str]] = {}
    for reaction in reactions:
        for key, form in _list_terms(reaction):
            (kept if reaction.kept else passed)[key] += 1
            titles.setdefault(key, []).append(reaction)
            forms.setdefault(key, Counter())[form] += 1
    if not kept or not passed:
        return []
    skipped = {stem for word in known for stem in query_stems(word)}
    surprises = _measure(kept, passed)
    found = sorted(surprises, key=lambda key: (-abs(surprises[key]), key))
    chosen: list[Suggestion] = []
    told: set[str] = set()
    for key in found:
        if abs(surprises[key]) < _SURE or len(chosen) == most:
            break
        liked = surprises[key] > 0
        told_by = [one for one in titles[key] if one.kept is liked]
        spread = len({one.feed_id for one in told_by})
        if (
            skipped.intersection(key.split())
            or len(told_by) < _FEWEST
            or spread < _FEWEST_FEEDS
            or told & set(key.split())
        ):
            continue
        # A pair and its words say the same thing twice: the surer of them stands for all.
        told |= set(key.split())
        chosen.append(
            Suggestion(
                words=_show(forms[key].most_common(1)[0][0]),
                kept=kept[key],
                passed=passed[key],
                surprise=surprises[key],
                samples=tuple(dict.fromkeys(one.title for one in told_by))[:_SAMPLES],
            )
        )
    return chosen


def _list_terms(reaction: Reaction) -> Iterator[tuple[str, str]]:
    """The words and pairs of neighbours of a title, each once: its stems, and the form it has here."""
    words = split_words(reaction.title)
    stems = stem_words(words, reaction.language)
    terms: dict[str, str] = {}
    for place, (word, stem) in enumerate(zip(words, stems, strict=True)):
        if _is_empty(word):
            continue
        terms.setdefault(stem, word)
        if place + 1 < len(words) and not _is_empty(words[place + 1]):
            terms.setdefault(f"{stem} {stems[place + 1]}", f"{word} {words[place + 1]}")
    yield from terms.items()


def _is_empty(word: str) -> bool:
    return len(word) < 3 or word.isdigit() or is_stop_word(word)  # noqa: PLR2004 - "l", "un", "de" tell nothing


def _show(form: str) -> str:
    return f'"{form}"' if " " in form else form


def _measure(kept: Counter[str], passed: Counter[str]) -> dict[str, float]:
    """The log-odds of each term in standard deviations. Terms are weighed against terms of their own length."""
    surprises: dict[str, float] = {}
    for pairs in (False, True):
        terms = [key for key in kept | passed if (" " in key) is pairs]
        n_kept, n_passed = sum(kept[key] for key in terms), sum(passed[key] for key in terms)
        for key in terms if len(terms) > 1 else ():
            prior = _PRIOR * (kept[key] + passed[key]) / (n_kept + n_passed)
            one, other = kept[key] + prior, passed[key] + prior
            odds = math.log(one / (n_kept + _PRIOR - one)) - math.log(other / (n_passed + _PRIOR - other))
            surprises[key] = odds / math.sqrt(1 / one + 1 / other)
    return surprises
