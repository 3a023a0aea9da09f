"""Which pairs are worth judging: those whose titles share enough rare words.

It only has to miss little and stay cheap: a word of many headlines finds none, and each headline keeps the few that
share most with it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from veille.rank.likeness import Profile

# A word of more headlines, of more known stories, finds nothing.
_FREQUENT, FREQUENT = 200, 100
# What a pair must share to be judged, in words of a single story, more of a known story, as there are many; the most
# candidates of one headline.
_LEAST_SHARED, _LEAST_SHARED_KNOWN, _MOST_CANDIDATES = 0.8, 1.2, 24


def find_pairs(profiles: Sequence[Profile]) -> Iterator[tuple[int, int]]:
    """The pairs of profiles worth judging, each once, the lower place first."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for at, profile in enumerate(profiles):
        for stem in profile.weights:
            holders[stem].append(at)
    rare = {stem: 0 for stem, places in holders.items() if 1 < len(places) <= _FREQUENT}
    for at, profile in enumerate(profiles):
        found: list[tuple[float, Collection[int]]] = []
        for stem, worth in profile.weights.items():
            if stem in rare:
                # Places rise: those before `at` have been asked already.
                rare[stem] += 1
                found.append((worth, holders[stem][rare[stem] :]))
        yield from ((at, other) for other in _choose(found, _LEAST_SHARED))


def find_stories(profile: Profile, holders: Mapping[str, Collection[int]]) -> list[int]:
    """The stories worth comparing with a profile: those that hold enough of its rare words."""
    found: list[tuple[float, Collection[int]]]
    found = [(worth, holders[stem]) for stem, worth in profile.weights.items() if stem in holders]
    return _choose(found, _LEAST_SHARED_KNOWN)


def _choose(found: list[tuple[float, Collection[int]]], least: float) -> list[int]:
    """Those that hold the most worth together, `least` at least; each word comes with its worth and its holders."""
    shared: dict[int, float] = {}
    # The rarest words first: what holds none of them cannot make up for it by the last ones, which many hold.
    found.sort(key=lambda word: -word[0])
    left = sum(worth for worth, _ in found)
    for worth, holders in found:
        if left >= least:
            for one in holders:
                shared[one] = shared.get(one, 0.0) + worth
        else:
            for one in holders:
                if one in shared:
                    shared[one] += worth
        left -= worth
    likely = [(-mass, other) for other, mass in shared.items() if mass >= least]
    if len(likely) > _MOST_CANDIDATES:
        likely = sorted(likely)[:_MOST_CANDIDATES]
    return [other for _, other in likely]
