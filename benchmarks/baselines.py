"""What other tools do to find the same story: three rules on titles alone.

Titles in, groups of their places out. None knows of copies and stories apart: each makes one kind of group.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process, utils

from veille.text import split_words, stem_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from judgement import Groups
    from labelled import Labelled

_LEAST_RATIO = 80
# NewsBlur's rule as its documentation gives it: an equal title of so many characters; or so many words in common, of
# so many in each title, and that part of the shorter; from different feeds, within so many hours.
_LEAST_LETTERS, _LEAST_COMMON, _LEAST_WORDS, _LEAST_OVERLAP, _HOURS = 10, 3, 5, 0.6, 120
# It knows the stop words of English only: articles, prepositions, pronouns and auxiliaries.
_STOP_WORDS = frozenset(
    "a an the and or but if of to in on at by for from with into over under about after before as is are was were be "
    "been has have had do does did will would can could should may not no it its he she they we you his her their our "
    "your this that these those who what when where why how than then so up out off more most".split(),
)
# A word of more headlines adds nearly nothing to a cosine and most of the work.
_FREQUENT = 600

Links = dict[tuple[int, int], float]


def fold_by_ratio(day: Sequence[Labelled]) -> Groups:
    """A `token_set_ratio` of 80 at least, and whatever is linked by such pairs."""
    titles = [utils.default_process(one.title) for one in day]
    links = (
        (a, a + 1 + further)
        for a, title in enumerate(titles)
        for _, _, further in process.extract(
            title, titles[a + 1 :], scorer=fuzz.token_set_ratio, score_cutoff=_LEAST_RATIO, limit=None
        )
    )
    return _join(len(day), links)


def fold_by_overlap(day: Sequence[Labelled]) -> Groups:
    """NewsBlur's overlap of significant words, and whatever is linked by such pairs."""
    titles = [" ".join(split_words(one.title)) for one in day]
    words = [frozenset(title.split()) - _STOP_WORDS for title in titles]
    common: Counter[tuple[int, int]] = Counter()
    for places in _list_holders(words).values():
        common.update(combinations(places, 2))
    links = (
        (a, b)
        for (a, b), shared in common.items()
        if day[a].outlet != day[b].outlet
        and _count_hours(day[a].at, day[b].at) <= _HOURS
        and ((titles[a] == titles[b] and len(titles[a]) >= _LEAST_LETTERS) or _overlaps(shared, words[a], words[b]))
    )
    return _join(len(day), links)


def link_by_cosine(day: Sequence[Labelled], *, language: str) -> Links:
    """The cosine of every two titles, by their stemmed words weighted by inverse document frequency."""
    stems = [frozenset(stem_word(word, language) for word in split_words(one.title)) for one in day]
    holders = _list_holders(stems)
    worth = {stem: math.log((len(day) + 1) / (len(places) + 0.5)) for stem, places in holders.items()}
    norms = [math.sqrt(math.fsum(worth[stem] ** 2 for stem in own)) or 1.0 for own in stems]
    links: defaultdict[tuple[int, int], float] = defaultdict(float)
    for stem, places in holders.items():
        if len(places) <= _FREQUENT:
            for a, b in combinations(places, 2):
                links[a, b] += worth[stem] ** 2 / (norms[a] * norms[b])
    return links


def fold_by_average(count: int, links: Links, least: float) -> Groups:
    """Average linkage: groups join, the nearest first, while their members are as near as `least` on average."""
    near: list[dict[int, float]] = [{} for _ in range(count)]
    for (a, b), link in links.items():
        near[a][b] = near[b][a] = link
    groups = {at: [at] for at in range(count)}
    heap = [(-link, a, b, 1, 1) for (a, b), link in links.items() if link >= least]
    heapq.heapify(heap)
    while heap:
        _, a, b, size_a, size_b = heapq.heappop(heap)
        if len(groups.get(a, ())) != size_a or len(groups.get(b, ())) != size_b:
            continue
        groups[a] += groups.pop(b)
        _add_row(near, a, b)
        for other, total in near[a].items():
            mean = total / (len(groups[a]) * len(groups[other]))
            if mean >= least:
                one, two = min(a, other), max(a, other)
                heapq.heappush(heap, (-mean, one, two, len(groups[one]), len(groups[two])))
    return list(groups.values())


def _add_row(near: list[dict[int, float]], kept: int, gone: int) -> None:
    """Give what `gone` was near to, in sums, to `kept`."""
    near[kept].pop(gone)
    near[gone].pop(kept)
    for other, total in near[gone].items():
        del near[other][gone]
        near[kept][other] = near[kept].get(other, 0.0) + total
    for other, total in near[kept].items():
        near[other][kept] = total


def _list_holders(words: Sequence[frozenset[str]]) -> dict[str, list[int]]:
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for at, own in enumerate(words):
        for word in sorted(own):
            holders[word].append(at)
    return holders


def _count_hours(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds()) / 3600


def _overlaps(shared: int, words: frozenset[str], others: frozenset[str]) -> bool:
    least = min(len(words), len(others))
    return shared >= _LEAST_COMMON and least >= _LEAST_WORDS and shared >= _LEAST_OVERLAP * least


def _join(count: int, links: Iterable[tuple[int, int]]) -> Groups:
    """Single link: whatever a chain of links holds together."""
    group_of = list(range(count))
    groups = {at: [at] for at in range(count)}
    for a, b in links:
        kept, gone = sorted((group_of[a], group_of[b]))
        if kept != gone:
            for at in groups[gone]:
                group_of[at] = kept
            groups[kept] += groups.pop(gone)
    return list(groups.values())
