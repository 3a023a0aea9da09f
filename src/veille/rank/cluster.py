"""New headlines join stories or found them; what is in a story stays there, except where two stories prove one.

Headlines and the window of known stories in, placements and merges out. `nearby.py` finds the pairs worth judging,
`likeness.py` judges them, `linkage.py` groups what agrees, `copies.py` tells copies from coverage.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from veille.model import Placement
from veille.rank.copies import find_copies
from veille.rank.likeness import weigh
from veille.rank.linkage import Item, Terms, group_items
from veille.rank.nearby import FREQUENT, find_pairs, find_stories
from veille.rank.reopening import Opened, Without, number_stories
from veille.rank.series import find_series, find_templates, is_repeat
from veille.rank.units import agree, crowd, find_pages, make_known, measure_rarity
from veille.rank.window import Layers, MemoryWindow, Rarity, Window
from veille.rank.wording import read_wording
from veille.settings import FoldSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from veille.model import Headline
    from veille.rank.likeness import Profile
    from veille.rank.units import Unit

# Pairs that agree less are forgotten: of thirty such, none counts.
_LEAST_AGREEMENT = 0.03
# Two stories that stand may be one when a new headline agrees with both, and they with one another, by this much.
_ONE_STORY = 0.2
# A story that nobody has seen is judged again when a headline agrees with it by this much, and it has no more entries.
_LEAST_REOPENED, _MOST_REOPENED = 0.1, 60
# An archive is folded a day at a time.
_BATCH, _MOST_BATCH = timedelta(hours=24), 20_000

Agreements = dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """One placement for each new headline, by entry id; of known stories that prove to be one, gone -> kept."""

    placements: list[Placement]
    merges: dict[int, int] = field(default_factory=dict)


def fold(new: Sequence[Headline], window: Window, settings: FoldSettings | None = None) -> Folded:
    """Where the new headlines go, whatever their order.

    A story's id is that of the entry that founded it, the smallest of its group.
    """
    settings = settings or FoldSettings()
    placements: dict[int, Placement] = {}
    merges: dict[int, int] = {}
    batches = list(_split(new))
    fresh = MemoryWindow()
    opened: Opened = {}
    # What was founded meanwhile is known to nobody, and its number may be given again.
    own = {headline.entry_id for headline in new}
    for batch in batches:
        fresh.forget(batch[0].published_at - settings.window)
        known = Layers(Without(window, opened), fresh) if len(batches) > 1 else window
        folded, reopened = _fold_again(batch, known, settings)
        placements |= {one.entry_id: one for one in folded.placements}
        if len(batches) > 1:
            # What is judged again is of this run from then on.
            opened |= reopened
            for story, entries in reopened.items():
                fresh.add_story(story, entries)
            fresh.place(batch, folded.placements, folded.merges)
        if merges or folded.merges:
            merges |= folded.merges
            placements = {entry_id: _follow(one, merges) for entry_id, one in placements.items()}
            merges = {gone: _final(kept, merges) for gone, kept in merges.items() if gone not in own}
    return Folded(placements=[placements[entry_id] for entry_id in sorted(placements)], merges=merges)


def _split(new: Sequence[Headline]) -> Iterator[list[Headline]]:
    """The headlines in the order of time, a day at a time."""
    batch: list[Headline] = []
    for headline in sorted(new, key=lambda headline: (headline.published_at, headline.entry_id)):
        if batch and (headline.published_at - batch[0].published_at > _BATCH or len(batch) >= _MOST_BATCH):
            yield batch
            batch = []
        batch.append(headline)
    if batch:
        yield batch


def _final(story: int, merges: Mapping[int, int]) -> int:
    while story in merges:
        story = merges[story]
    return story


def _follow(placement: Placement, merges: Mapping[int, int]) -> Placement:
    story = _final(placement.story_id, merges)
    return placement if story == placement.story_id else replace(placement, story_id=story)


# --- one batch --------------------------------------------------------------


def _fold_again(new: Sequence[Headline], window: Window, settings: FoldSettings) -> tuple[Folded, Opened]:
    """One batch, with the stories that it concerns and that nobody has seen; which these were."""
    ground = _survey(new, window, settings)
    opened = _reopen(ground, window)
    if not opened:
        return _fold_batch(ground, window, settings), opened
    entries = [entry for row in opened.values() for entry in row]
    without = Without(window, opened)
    folded = _fold_batch(_survey([*new, *entries], without, settings), without, settings)
    placements, merges = number_stories(folded.placements, folded.merges, opened)
    return Folded(placements=placements, merges=merges), opened


def _reopen(ground: _Ground, window: Window) -> Opened:
    """The entries of the stories to judge again: those that new headlines agree with."""
    units = ground.fresh + ground.known
    unseen = set(window.unseen({unit.story for unit in ground.known if len(unit.entries) <= _MOST_REOPENED}))
    pairs = [pair for pair in ground.likely if units[pair[1]].story in unseen]
    agreements = _judge(units, ground.weigh_rows(pairs), pairs)
    wanted = {b for (_, b), agreement in agreements.items() if agreement >= _LEAST_REOPENED}
    return {units[at].story: list(units[at].entries) for at in sorted(wanted)}


@dataclass(slots=True, kw_only=True)
class _Ground:
    """A batch as first seen: what feeds give again and again, units, templates; words among the known stories.

    `known` are the stories that it may concern, and `likely` the pairs with them worth judging.
    """

    series: set[int]
    fresh: list[Unit]
    templates: frozenset[str]
    rarity: Rarity
    profiles: list[Profile]
    same_page: list[list[Headline]]
    known: list[Unit]
    likely: list[tuple[int, int]]
    spread: Mapping[str, int]
    count: int

    def weigh_rows(self, pairs: Iterable[tuple[int, int]]) -> list[Sequence[Profile]]:
        """The profiles of each unit; of known stories, and of all once words are weighed again, if in a pair."""
        concerned = {at for pair in pairs for at in pair}
        units = self.fresh + self.known
        rows: list[Sequence[Profile]] = [(profile,) for profile in self.profiles]
        for at, unit in enumerate(units[len(rows) :], len(rows)):
            wordings = unit.wordings if at in concerned else ()
            rows.append([weigh(wording, self.rarity, self.templates) for wording in wordings])
        return rows

    def weigh_again(self, groups: Iterable[Sequence[int]]) -> None:
        """Weigh the words by the stories that the units are put together in."""
        self.rarity, self.profiles = measure_rarity(self.fresh, groups, self.spread, self.count), []


def _survey(new: Sequence[Headline], window: Window, settings: FoldSettings) -> _Ground:
    wordings = {headline.entry_id: read_wording(headline.title, headline.summary) for headline in new}
    series = find_series(new, wordings)
    fresh = crowd([headline for headline in new if headline.entry_id not in series], wordings, settings.window)
    templates = find_templates(wordings[unit.entries[0].entry_id] for unit in fresh)
    told = {stem for wording in wordings.values() for stem in (*wording.stems, *wording.summary)}
    spread, count = window.spread(told), window.count()
    # At first every unit is a story. Then a word is as rare as the stories that hold it are few: twelve headlines of
    # one event count once, and what they share is worth more.
    rarity = measure_rarity(fresh, [[at] for at in range(len(fresh))], spread, count)
    profiles = [weigh(unit.wordings[0], rarity, templates) for unit in fresh]
    same_page = find_pages(new, window)
    known, likely = _find_known(profiles, window, {one.story_id for row in same_page for one in row if one.story_id})
    return _Ground(
        series=series,
        fresh=fresh,
        templates=templates,
        rarity=rarity,
        profiles=profiles,
        same_page=same_page,
        known=known,
        likely=likely,
        spread=spread,
        count=count,
    )


def _fold_batch(ground: _Ground, window: Window, settings: FoldSettings) -> Folded:
    known, units = ground.known, ground.fresh + ground.known
    pairs = [*find_pairs(ground.profiles), *ground.likely]
    pages = dict.fromkeys(_link_pages(ground.same_page, units), 1.0)
    terms = Terms(
        hours=settings.window.total_seconds() / 3600,
        cohesion=settings.agreement,
        apart=window.apart([unit.story for unit in known]),
    )
    items = [Item(len(unit.entries), unit.first, unit.last, unit.story, unit.feed) for unit in units]
    for turn in range(2):
        rows = ground.weigh_rows(pairs)
        agreements = _judge(units, rows, pairs)
        if known:
            agreements |= _judge_known(units, rows, agreements)
        agreements |= pages
        groups = group_items(items, agreements, terms)
        if not turn:
            pairs = [pair for pair in pairs if pair in agreements]
            ground.weigh_again(groups)
    placed = [Placement(entry_id=entry_id, story_id=entry_id) for entry_id in ground.series]
    merges: dict[int, int] = {}
    for group in groups:
        placed += _place([units[at] for at in group], ground.rarity, merges, settings.threshold)
    return Folded(placements=sorted(placed, key=lambda one: one.entry_id), merges=merges)


def _link_pages(same_page: Iterable[Sequence[Headline]], units: Sequence[Unit]) -> Iterator[tuple[int, int]]:
    """The pairs of units that share a page."""
    place = {entry.entry_id: at for at, unit in enumerate(units) for entry in unit.entries}
    for row in same_page:
        yield from combinations(sorted({place[one.entry_id] for one in row if one.entry_id in place}), 2)


def _find_known(
    profiles: Sequence[Profile], window: Window, named: Collection[int]
) -> tuple[list[Unit], list[tuple[int, int]]]:
    """The known stories that may be concerned, those `named` among them, and the pairs with them worth judging."""
    found = window.holders({stem for profile in profiles for stem in profile.weights}, FREQUENT)
    if not found and not named:
        return [], []
    holders = {stem: frozenset(stories) for stem, stories in found.items()}
    likely = [find_stories(profile, holders) for profile in profiles]
    known = make_known(window.members({*named, *(story for stories in likely for story in stories)}))
    place = {unit.story: len(profiles) + at for at, unit in enumerate(known)}
    return known, [(at, place[story]) for at, stories in enumerate(likely) for story in stories if story in place]


def _judge(units: Sequence[Unit], rows: Sequence[Sequence[Profile]], pairs: Iterable[tuple[int, int]]) -> Agreements:
    judged = ((pair, agree(units[pair[0]], units[pair[1]], rows[pair[0]], rows[pair[1]])) for pair in pairs)
    kept = {pair: agreement for pair, agreement in judged if agreement >= _LEAST_AGREEMENT}
    return {(a, b): kept[a, b] for a, b in kept if not _is_next(units[a], units[b], kept[a, b])}


def _is_next(a: Unit, b: Unit, agreement: float) -> bool:
    """Whether a feed gives the title of a story that stands again, as the next of a series."""
    return b.story > 0 and agreement >= _ONE_STORY and is_repeat(a.entries, b.entries)


def _judge_known(units: Sequence[Unit], rows: Sequence[Sequence[Profile]], agreements: Agreements) -> Agreements:
    """Of the known stories that one headline agrees with, those that are one story."""
    akin = defaultdict(list)
    for (a, b), agreement in agreements.items():
        if agreement >= _ONE_STORY and units[b].story:
            akin[a].append(b)
    pairs = {pair for stories in akin.values() for pair in combinations(sorted(stories), 2)}
    found = {(a, b): agree(units[a], units[b], rows[a], rows[b]) for a, b in sorted(pairs)}
    return {pair: agreement for pair, agreement in found.items() if agreement >= _ONE_STORY}


def _place(units: Sequence[Unit], rarity: Rarity, merges: dict[int, int], threshold: float) -> list[Placement]:
    """The placements of the new entries of a group."""
    stories = sorted(unit.story for unit in units if unit.story)
    fresh = sorted((h for unit in units if not unit.story for h in unit.entries), key=lambda h: h.entry_id)
    if stories:
        merges.update(dict.fromkeys(stories[1:], stories[0]))
    if len(units) == 1 and len(fresh) == 1:
        return [Placement(entry_id=fresh[0].entry_id, story_id=fresh[0].entry_id)]
    if not fresh:
        return []
    old = sorted((h for unit in units if unit.story for h in unit.entries), key=lambda h: h.entry_id)
    story = stories[0] if stories else fresh[0].entry_id
    # Of several that came together the first published is the original.
    row = sorted(fresh, key=lambda headline: (headline.published_at, headline.entry_id))
    copies = find_copies([*old, *row], rarity, threshold=threshold)
    return [
        Placement(entry_id=headline.entry_id, story_id=story, duplicate_of=copies.get(headline.entry_id))
        for headline in fresh
    ]
