"""Which pairs are worth judging: those whose titles share enough rare words.

It only has to miss little and stay cheap: a word of many headlines finds none, and each headline keeps the few that
share most with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from veille.rank.likeness import Profile

# A word of more headlines, of more known stories, finds nothing.
_FREQUENT, FREQUENT = 200, 100
# What a pair must share to be judged, in words of a single story, more of a known story, as there are many; the most
# candidates of one headline.
_LEAST_SHARED, _LEAST_SHARED_KNOWN, _MOST_CANDIDATES = 0.8, 1.2, 24

_get_worth = itemgetter(0)


def find_pairs(profiles: Sequence[Profile]) -> Iterator[tuple[int, int]]:
    """The pairs of profiles worth judging, each once, the lower place first."""
    counts = Counter(chain.from_iterable(profile.weights for profile in profiles))
    rare = {stem for stem, count in counts.items() if 1 < count <= _FREQUENT}
    # From the last to the first: those after a place are the ones that have been met.
    holders: defaultdict[str, set[int]] = defaultdict(set)
    for at in range(len(profiles) - 1, -1, -1):
        weights = profiles[at].weights
        stems = [*filter(rare.__contains__, weights)]
        found = [(weights[stem], holders[stem]) for stem in stems]
        yield from ((at, other) for other in _choose(found, _LEAST_SHARED))
        for _, places in found:
            places.add(at)


def find_stories(profile: Profile, holders: Mapping[str, AbstractSet[int]]) -> list[int]:
    """The stories worth comparing with a profile: those that hold enough of its rare words."""
    found = [(worth, holders[stem]) for stem, worth in profile.weights.items() if stem in holders]
    return _choose(found, _LEAST_SHARED_KNOWN)


def _choose(found: Iterable[tuple[float, AbstractSet[int]]], least: float) -> list[int]:
    """Those that hold the most worth together, `least` at least; each word comes with its worth and its holders."""
    shared: dict[int, float] = {}
    # The rarest words first: what holds none of them cannot make up for it by the last ones, which many hold.
    found = sorted(found, key=_get_worth, reverse=True)
    left = sum(worth for worth, _ in found)
    for worth, holders in found:
        if left >= least:
            for one in holders:
                shared[one] = shared.get(one, 0.0) + worth
        else:
            for one in shared.keys() & holders:
                shared[one] += worth
        left -= worth
    likely = [(-mass, other) for other, mass in shared.items() if mass >= least]
    if len(likely) > _MOST_CANDIDATES:
        likely = sorted(likely)[:_MOST_CANDIDATES]
    return [other for _, other in likely]
