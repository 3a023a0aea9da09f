"""Which headlines of one story are copies: the same article, or nearly word for word.

The entries of a story in, the original of each copy out. Being one event is known already, so less is asked than of
any two headlines: the same words in the same order, the longer with an addition; one outlet's second title.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import LCSseq

from veille.rank.similar import TitleKey, contradict, same_title, title_key
from veille.rank.wording import read_wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veille.model import Headline
    from veille.rank.window import Rarity

# Below this share of the worth of all their words no two titles are copies.
_LEAST_SHARED = 0.25
# As `same_title` measures it (0-100).
LEAST_SAME = 75.0
# A title is another with an addition when it has so many words, all in the other and in order, half of it.
_LEAST_WORDS, _LEAST_SHARE = 5, 0.5
# The part of the worth of all their words that two titles of one feed share when one is the other rewritten, and the
# part of the longer that is in the same order.
_REWRITTEN, _IN_ORDER, _REARRANGED = 0.5, 0.6, 0.75
# A story of many wordings is its first ones: later ones are compared with nothing but their like.
_MOST_COMPARED = 60


def find_copies(entries: Sequence[Headline], rarity: Rarity, *, threshold: float = LEAST_SAME) -> dict[int, int]:
    """The original of each entry that is a copy; `entries` come in the order in which they may be one."""
    rows = _gather_rows(entries)
    group_of = [[at] for at in range(len(rows))]
    compared = [_read(row[0], rarity) for row in rows[:_MOST_COMPARED]] if len(rows) > 1 else []
    scores: dict[tuple[int, int], float] = {}
    denied: set[tuple[int, int]] = set()
    for (i, a), (j, b) in combinations(enumerate(compared), 2):
        if score := _compare(a, b, threshold):
            scores[i, j] = score
        elif contradict(a.key, b.key):
            denied.add((i, j))
    for (i, j), _ in sorted(scores.items(), key=lambda link: (-link[1], link[0])):
        one, other = group_of[i], group_of[j]
        if one is other:
            continue
        between = [(min(x, y), max(x, y)) for x in one for y in other]
        agreed = 2 * sum(pair in scores for pair in between) >= len(between)
        if agreed and denied.isdisjoint(between):
            one += other
            for at in other:
                group_of[at] = one
    copies = {}
    for at, row in enumerate(rows):
        original = rows[min(group_of[at])][0].entry_id
        copies.update({entry.entry_id: original for entry in row if entry.entry_id != original})
    return copies


def _gather_rows(entries: Sequence[Headline]) -> list[list[Headline]]:
    """Entries of one title or of one page, which is one article under whatever title; an empty one says nothing."""
    rows: list[list[Headline]] = []
    known: dict[tuple[str, str], list[Headline]] = {}
    for entry in entries:
        names = [name for name in (("page", entry.page), ("title", entry.title)) if name[1]]
        row = next((known[name] for name in names if name in known), None)
        if row is None:
            row = []
            rows.append(row)
        row.append(entry)
        for name in names:
            known.setdefault(name, row)
    return rows


def are_copies(a: Headline, b: Headline, rarity: Rarity) -> bool:
    """Whether two headlines of one story are copies."""
    same = a.title == b.title or (a.page == b.page and bool(a.page))
    return same or _compare(_read(a, rarity), _read(b, rarity), LEAST_SAME) > 0


class _Title(NamedTuple):
    """A title as copies are told."""

    feed: int
    key: TitleKey
    stems: tuple[str, ...]
    weights: dict[str, float]


def _read(headline: Headline, rarity: Rarity) -> _Title:
    # Its summary counts for nothing here, but with it the wording has been read already.
    stems = read_wording(headline.title, headline.summary).stems
    return _Title(headline.feed_id, title_key(headline.title), stems, {stem: rarity[stem] for stem in stems})


def _compare(a: _Title, b: _Title, threshold: float) -> float:
    """How surely two titles are one article's (0-1), 0 when they are not."""
    share = _share(a.weights, b.weights)
    if share < _LEAST_SHARED or contradict(a.key, b.key):
        return 0.0
    stems, others = sorted((a.stems, b.stems), key=len)
    if a.feed == b.feed and share >= _REWRITTEN:
        in_order = LCSseq.normalized_similarity(stems, others) >= _IN_ORDER
        return share if in_order or share >= _REARRANGED else 0.0
    if _is_extended(stems, others) or same_title(a.key, b.key, threshold=threshold):
        return share
    return 0.0


def _is_extended(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether the longer says the shorter, in order, and as much again at most."""
    if len(short) < _LEAST_WORDS or len(short) < _LEAST_SHARE * len(long):
        return False
    rest = iter(long)
    return all(stem in rest for stem in short)


def _share(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """The part of the worth of all words that two titles share."""
    shared = sum([worth for stem, worth in a.items() if stem in b])
    every = sum(a.values()) + sum(b.values()) - shared
    return shared / every if every else 0.0
