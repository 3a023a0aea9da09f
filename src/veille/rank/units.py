"""What is put together: headlines of the same words as one, known stories by some of their headlines.

Headlines and their wordings in, units and how far two of them agree out; also which entries are on one page. Knows
nothing of rarity but how to hand it on, nor of which groups come of it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from veille.rank.likeness import chance
from veille.rank.series import refuse_filling, refuse_turn
from veille.rank.window import Rarity
from veille.rank.wording import read_wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from veille.model import Headline
    from veille.rank.likeness import Profile
    from veille.rank.window import Window
    from veille.rank.wording import Wording

# What two headlines share speaks for one event the less, the longer after one another they came.
_DECAY_HOURS = 96.0
# A heading of fewer words ("L'invité éco") is not the same text elsewhere.
_LEAST_WORDS = 3
# Titles that agree by this much are looked at for what speaks against one event whatever they share.
_NEARLY = 0.2
# Of a story that stands, so many entries speak: its first ones and its last.
_SPEAKERS = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """Entries that are moved together: a crowd of the same words, or a known story.

    `first` and `last` are hours since the epoch, `feed` is 0 when there are several, `story` 0 for a crowd.
    """

    entries: tuple[Headline, ...]
    wordings: tuple[Wording, ...]
    first: float
    last: float
    feed: int
    story: int = 0


def crowd(new: Iterable[Headline], wordings: Mapping[int, Wording], span: timedelta) -> list[Unit]:
    """The headlines, in the order of time, as units of the same words within the window."""
    crowds: dict[tuple[object, ...] | int, list[list[Headline]]] = {}
    for headline in new:
        wording = wordings[headline.entry_id]
        # Two towns may have one stem, a negation has none, and a figure given twice is one.
        words = (wording.stems, wording.slots, wording.turns, wording.score)
        same = words if _count_telling(wording) >= _LEAST_WORDS else headline.entry_id
        rows = crowds.setdefault(same, [[]])
        if rows[-1] and headline.published_at - rows[-1][0].published_at > span:
            rows.append([])
        rows[-1].append(headline)
    # The longest summary speaks for all.
    return [
        _make(row, [max((wordings[h.entry_id] for h in row), key=lambda wording: len(wording.summary))])
        for rows in crowds.values()
        for row in rows
    ]


def make_known(members: Mapping[int, Sequence[Headline]]) -> list[Unit]:
    """Known stories as units, by their ids."""
    units = []
    for story, entries in sorted(members.items()):
        row = sorted(entries, key=lambda headline: (headline.published_at, headline.entry_id))
        half = _SPEAKERS // 2
        speakers = row[:half] + row[half:][-half:]
        texts = dict.fromkeys(read_wording(headline.title, headline.summary) for headline in speakers)
        units.append(_make(row, list(texts), story))
    return units


def find_pages(new: Sequence[Headline], window: Window) -> list[list[Headline]]:
    """The entries, new and known, that are on one page.

    Pages to which a feed gives different titles are left out: a live blog, a list, a home.
    """
    rows: defaultdict[str, list[Headline]] = defaultdict(list)
    arrivals = {headline.entry_id for headline in new}
    for headline in new:
        if headline.page:
            rows[headline.page].append(headline)
    for headline in window.pages(rows.keys()):
        if headline.entry_id not in arrivals:
            rows[headline.page].append(headline)
    return [row for row in rows.values() if len(row) > 1 and _is_article(row)]


def measure_rarity(
    fresh: Sequence[Unit], groups: Iterable[Sequence[int]], spread: Mapping[str, int], count: int
) -> Rarity:
    """The rarity of words among the known stories and these groups."""
    bodies = [own for group in groups if (own := [fresh[at] for at in group if at < len(fresh)])]
    spreads = Counter(spread)
    spreads.update(chain.from_iterable(map(_tell, bodies)))
    return Rarity(count + len(bodies), spreads)


def _is_article(row: Sequence[Headline]) -> bool:
    titles: defaultdict[int, set[tuple[str, ...]]] = defaultdict(set)
    for headline in row:
        titles[headline.feed_id].add(read_wording(headline.title).stems)
    return all(len(several) == 1 for several in titles.values())


def _count_telling(wording: Wording) -> int:
    """How many words a title has beside those that say when: "Le journal du 24 janvier 2023" has one."""
    return len(wording.stems) - len(wording.dates)


def _make(entries: Sequence[Headline], wordings: Sequence[Wording], story: int = 0) -> Unit:
    feed, first, last = entries[0].feed_id, entries[0].published_at, entries[-1].published_at
    if any(entry.feed_id != feed for entry in entries):
        feed = 0
    return Unit(tuple(entries), tuple(wordings), first.timestamp() / 3600, last.timestamp() / 3600, feed, story)


def agree(a: Unit, b: Unit, profiles_a: Sequence[Profile], profiles_b: Sequence[Profile]) -> float:
    """How far the headlines of two units agree on average, 0-1, the less the longer between them."""
    one_feed = a.feed == b.feed != 0
    if len(profiles_a) == 1 == len(profiles_b):
        mean = _agree(profiles_a[0], profiles_b[0], one_feed=one_feed)
        # The same words in two feeds are one article, however late one of them took it up.
        if mean and not one_feed and _is_same(profiles_a[0].wording, profiles_b[0].wording):
            return 1.0
    else:
        pairs = [_agree(x, y, one_feed=one_feed) for x in profiles_a for y in profiles_b]
        mean = sum(pairs) / len(pairs)
    apart = b.first - a.last if b.first > a.last else a.first - b.last
    return mean * math.exp(-apart / _DECAY_HOURS) if apart > 0 else mean


def _is_same(a: Wording, b: Wording) -> bool:
    return (a.stems, a.slots, a.turns, a.score) == (b.stems, b.slots, b.turns, b.score)


def _agree(a: Profile, b: Profile, *, one_feed: bool) -> float:
    one, other = a.wording, b.wording
    if a.template != b.template or (a.skeleton == b.skeleton and refuse_filling(one, other, one_feed=one_feed)):
        return 0.0
    if one.stems == other.stems and _count_telling(one) < _LEAST_WORDS:
        return 0.0
    # A feed puts what it tells under headings: of two titles that share no more, each tells something else.
    if (
        one_feed
        and one.heading
        and one.heading == other.heading
        and one.heading.issuperset({*one.stems} & {*other.stems})
    ):
        return 0.0
    agreement = chance(a, b, one_feed=one_feed)
    # Of two titles that hardly agree neither says the opposite of the other.
    return 0.0 if agreement >= _NEARLY and refuse_turn(one, other, one_feed=one_feed) else agreement


def _tell(group: Sequence[Unit]) -> Iterable[str]:
    """The stems that a group tells, once for each place or person that its titles begin with.

    A template is in many towns.
    """
    told: defaultdict[frozenset[str], set[str]] = defaultdict(set)
    for unit in group:
        for wording in unit.wordings:
            told[wording.label].update(wording.stems, wording.summary)
    return chain.from_iterable(told.values())
