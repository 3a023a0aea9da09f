"""How likely two headlines are to tell one event, and why: what they share against what only one has.

Wordings and the rarity of their words in, a chance (0-1) or the evidence out. Knows nothing of dates, feeds'
names or stories: `linkage.py` puts together what agrees with one another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from veille.rank.window import Rarity
    from veille.rank.wording import Wording

# Log-odds of one event, by a logistic regression on two labelled sets, rounded: what the titles share in proportion to
# what they say; what they share at all; the names in it; the rarer of what each names alone; figures that differ; one
# feed, which seldom reports an event twice; and where nothing is shared.
_COSINE, _SHARED, _NAMED, _OWN_NAMES, _NUMBERS, _ONE_FEED, _NOTHING = 9.5, 1.15, 0.7, -0.5, -0.65, -0.5, -4.9
# Two titles that begin with the names of different places or people.
_LABELS = -0.5
# Summaries: what the whole texts share, and what two texts of a theme share anyway.
_TEXTS, _TEXTS_ANYWAY = 8.0, 0.13
# Titles are compared as if each had one more word of the rarest: two titles of three words that share one agree less
# than two of twelve that share four.
_SMOOTHING = 1.0
# A short phrase and nothing else in common ("intelligence artificielle", "Wall Street") is a subject: the log-odds of
# an event are no more than this.
_SHORT_PHRASE, _LONG_NAME, _ONE_PHRASE = 2, 4, -0.62
# Of words that follow one another in both titles ("Bernard Laporte", "garde à vue") the rarest counts in full.
_PHRASE = 0.5


@dataclass(frozen=True, slots=True)
class Profile:
    """A wording weighed: the worth of each stem, and their length as a vector; the same of title and summary."""

    wording: Wording
    skeleton: str
    template: frozenset[str] | None
    weights: dict[str, float]
    norm: float
    texts: dict[str, float]
    texts_norm: float


def weigh(wording: Wording, rarity: Rarity, templates: frozenset[str] = frozenset()) -> Profile:
    """A wording with the worth of its words; its names are its `template` when its skeleton is one of these."""
    weights = dict(zip(wording.stems, map(rarity.__getitem__, wording.stems), strict=True))
    norm = math.sqrt(_SMOOTHING + sum(map(mul, weights.values(), weights.values())))
    texts: dict[str, float] = {}
    texts_norm = 0.0
    if wording.summary:
        texts = weights | dict(zip(wording.summary, map(rarity.__getitem__, wording.summary), strict=True))
        texts_norm = math.sqrt(_SMOOTHING + sum(map(mul, texts.values(), texts.values())))
    template = wording.slots if wording.skeleton in templates else None
    return Profile(wording, wording.skeleton, template, weights, norm, texts, texts_norm)


def chance(a: Profile, b: Profile, *, one_feed: bool = False) -> float:
    """The chance that two headlines tell one event."""
    return 1 / (1 + math.exp(-_measure(a, b, one_feed=one_feed)))


class _Shared(NamedTuple):
    """What two titles share: the scalar product, the worth of all and of the names, and in how many words and phrases.

    `proper` words have a capital in both; a phrase is words that follow one another in both. Dates count for worth
    only.
    """

    product: float
    worth: float
    named: float
    words: int
    phrases: int
    proper: int


def _share(a: Profile, b: Profile) -> _Shared:
    weights, one, other = a.weights, a.wording, b.wording
    ending = one.ending if one.ending == other.ending else ()
    product = total = named = phrase = peak = 0.0
    words = phrases = proper = 0
    at = before = -2
    for stem, place in other.places.items():
        if stem not in weights or stem in ending:
            continue
        worth = weights[stem]
        product += worth * worth
        if stem in one.dates:
            total += _PHRASE * worth
            continue
        words += 1
        if stem in one.capitals and stem in other.capitals:
            proper += 1
            named += worth * (stem in one.names or stem in other.names)
        here = one.places[stem]
        if place == before + 1 and here == at + 1:
            phrase += worth
            peak = max(peak, worth)
        else:
            total += peak + _PHRASE * (phrase - peak)
            phrase = peak = worth
            phrases += 1
        before, at = place, here
    total += peak + _PHRASE * (phrase - peak)
    return _Shared(product, total, named, words, phrases, proper)


def _measure(a: Profile, b: Profile, *, one_feed: bool) -> float:
    """The log-odds of one event."""
    shared = _share(a, b)
    odds = (
        _NOTHING
        + _COSINE * shared.product / (a.norm * b.norm)
        + _SHARED * shared.worth
        + _NAMED * shared.named
        + _count_against(a, b)
    )
    if one_feed:
        odds += _ONE_FEED
    longest = _LONG_NAME if shared.proper == shared.words else _SHORT_PHRASE
    if shared.phrases == 1 and shared.words <= longest and shared.words < min(len(a.weights), len(b.weights)):
        odds = min(odds, _ONE_PHRASE)
    if a.texts and b.texts:
        odds += _TEXTS * (compare_texts(a, b) - _TEXTS_ANYWAY)
    return odds


def compare_texts(a: Profile, b: Profile) -> float:
    """The cosine (0-1) of titles and summaries together; 0 where one has no summary."""
    texts, product = a.texts, 0.0
    for stem, worth in b.texts.items():
        if stem in texts:
            product += worth * worth
    return product / (a.texts_norm * b.texts_norm) if product else 0.0


def _count_against(a: Profile, b: Profile) -> float:
    """The log-odds that names and numbers of one title alone take away."""
    one, other = a.wording, b.wording
    against = 0.0
    if one.names and other.names:
        against += _OWN_NAMES * min(_alone(a, b), _alone(b, a))
    if one.label and other.label and one.label.isdisjoint(b.weights) and other.label.isdisjoint(a.weights):
        against += _LABELS
    if one.numbers and other.numbers and _differ(one.numbers, other.numbers):
        against += _NUMBERS
    return against


def _alone(a: Profile, b: Profile) -> float:
    """The worth of the names that only one of two has."""
    return sum(a.weights[stem] for stem in a.wording.stems if stem in a.wording.names and stem not in b.weights)


def _differ(numbers: frozenset[str], others: frozenset[str]) -> bool:
    return not (numbers <= others or others <= numbers)
