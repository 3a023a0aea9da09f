"""The stories that new headlines may join: what folding asks of them, and the answer in memory.

A store answers the same four questions from its tables, for the words of the new headlines only, so that
folding costs what is new and not what is stored.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from veille.rank.wording import is_date, read_wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from veille.model import Headline, Placement

# As many stories are imagined beside those of the window: in a window of twenty, a word of two is not common.
_BACKGROUND = 400
# What a word that says when is worth, beside another that is as rare.
_DATE_WORTH = 0.35
_LEAST_WORTH = 0.01


class Window(Protocol):
    """The stories begun within the window."""

    def count(self) -> int:
        """How many stories there are."""

    def spread(self, stems: Collection[str]) -> Mapping[str, int]:
        """In how many stories' titles and summaries each of the stems is."""

    def holders(self, stems: Collection[str], most: int) -> Mapping[str, Collection[int]]:
        """The stories that hold each of the stems in a title; none for a stem of more than `most`."""

    def members(self, stories: Collection[int]) -> Mapping[int, Sequence[Headline]]:
        """The entries of each story."""

    def pages(self, pages: Collection[str]) -> Sequence[Headline]:
        """The entries on these pages."""

    def apart(self, stories: Collection[int]) -> frozenset[tuple[int, int]]:
        """The pairs of stories, the lower first, that the user has set apart."""

    def unseen(self, stories: AbstractSet[int]) -> Collection[int]:
        """Those of the stories that the user has neither seen nor judged: they may be judged again."""


class MemoryWindow:
    """A window of headlines that are in stories already, all of which have been seen unless it is said which."""

    def __init__(
        self,
        headlines: Iterable[Headline] = (),
        *,
        apart: frozenset[tuple[int, int]] = frozenset(),
        seen: Collection[int] | None = None,
    ) -> None:
        self._apart = apart
        self._seen = seen
        self._members: dict[int, list[Headline]] = {}
        self._story_of: dict[int, int] = {}
        self._titled: dict[int, set[str]] = {}
        self._told: dict[int, set[str]] = {}
        self._spread: Counter[str] = Counter()
        self._holders: defaultdict[str, list[int]] = defaultdict(list)
        self._pages: defaultdict[str, list[Headline]] = defaultdict(list)
        for headline in sorted(headlines, key=lambda headline: headline.entry_id):
            if headline.story_id is not None:
                self.add(headline, headline.story_id)

    def add(self, headline: Headline, story: int) -> None:
        """Put an entry in a story."""
        headline = replace(headline, story_id=story)
        self._members.setdefault(story, []).append(headline)
        self._story_of[headline.entry_id] = story
        if headline.page:
            self._pages[headline.page].append(headline)
        wording = read_wording(headline.title, headline.summary)
        titled, told = self._titled.setdefault(story, set()), self._told.setdefault(story, set())
        for stem in set(wording.stems) - titled:
            self._holders[stem].append(story)
        fresh = {*wording.stems, *wording.summary} - told
        self._spread.update(fresh)
        titled.update(wording.stems)
        told |= fresh

    def add_story(self, story: int, entries: Iterable[Headline]) -> None:
        """Put entries in a story."""
        for entry in entries:
            self.add(entry, story)

    def place(self, new: Iterable[Headline], placements: Iterable[Placement], merges: Mapping[int, int]) -> None:
        """Put entries, new or to be moved, in their stories and move the entries of stories that are gone."""
        stories = {placement.entry_id: placement.story_id for placement in placements}
        fresh = {headline.entry_id: headline for headline in new}
        self._move(stories, fresh.keys())
        for entry_id, headline in fresh.items():
            self.add(headline, stories[entry_id])
        for gone, kept in merges.items():
            if gone in self._members:
                moved = self._members[gone]
                self._drop({gone})
                for headline in moved:
                    self.add(headline, kept)

    def _move(self, stories: Mapping[int, int], fresh: Collection[int]) -> None:
        """Move entries that are here to other stories."""
        moved = {entry_id: self._story_of[entry_id] for entry_id in stories.keys() - fresh}
        left = {story for entry_id, story in moved.items() if stories[entry_id] != story}
        row = [(one, story) for story in left for one in self._members[story]]
        self._drop(left)
        for one, story in row:
            self.add(one, stories.get(one.entry_id, story))

    def count(self) -> int:
        """How many stories there are."""
        return len(self._members)

    def spread(self, stems: Collection[str]) -> Mapping[str, int]:
        """In how many stories each of the stems is."""
        return {stem: self._spread[stem] for stem in stems if stem in self._spread}

    def holders(self, stems: Collection[str], most: int) -> Mapping[str, Sequence[int]]:
        """The stories that hold each of the stems, none for a stem of more than `most`."""
        found = {stem: self._holders[stem] for stem in stems if stem in self._holders}
        return {stem: stories for stem, stories in found.items() if len(stories) <= most}

    def members(self, stories: Collection[int]) -> Mapping[int, Sequence[Headline]]:
        """The entries of each story."""
        return {story: self._members[story] for story in stories if story in self._members}

    def pages(self, pages: Collection[str]) -> Sequence[Headline]:
        """The entries on these pages."""
        return [one for page in pages for one in self._pages.get(page, ())]

    def apart(self, stories: Collection[int]) -> frozenset[tuple[int, int]]:
        """The pairs of stories that the user has set apart."""
        return frozenset(pair for pair in self._apart if stories and set(pair) <= set(stories))

    def unseen(self, stories: AbstractSet[int]) -> Collection[int]:
        """Those of the stories that the user has not seen."""
        return [] if self._seen is None else [story for story in stories if story not in self._seen]

    def forget(self, before: datetime) -> None:
        """Drop the stories that began before a moment."""
        gone = {story for story, members in self._members.items() if min(m.published_at for m in members) < before}
        if gone:
            self._drop(gone)

    def _drop(self, gone: set[int]) -> None:
        touched = {stem for story in gone for stem in self._titled[story]}
        for story in gone:
            for one in self._members.pop(story):
                del self._story_of[one.entry_id]
                if one.page:
                    self._pages[one.page] = [other for other in self._pages[one.page] if other.story_id != story]
            del self._titled[story]
            self._spread.subtract(self._told.pop(story))
        for stem in touched:
            self._holders[stem] = [story for story in self._holders[stem] if story not in gone]
            if not self._holders[stem]:
                del self._holders[stem]
        self._spread = +self._spread


@dataclass(frozen=True, slots=True)
class Layers:
    """A window with what has been placed since."""

    base: Window
    fresh: Window

    def count(self) -> int:
        """How many stories there are."""
        return self.base.count() + self.fresh.count()

    def spread(self, stems: Collection[str]) -> Mapping[str, int]:
        """In how many stories each of the stems is."""
        return Counter(self.base.spread(stems)) + Counter(self.fresh.spread(stems))

    def holders(self, stems: Collection[str], most: int) -> Mapping[str, Sequence[int]]:
        """The stories that hold each of the stems, none for a stem of more than `most`."""
        old, fresh = self.base.holders(stems, most), self.fresh.holders(stems, most)
        return {
            stem: list(dict.fromkeys([*old.get(stem, ()), *fresh.get(stem, ())])) for stem in old.keys() | fresh.keys()
        }

    def members(self, stories: Collection[int]) -> Mapping[int, Sequence[Headline]]:
        """The entries of each story."""
        old, fresh = self.base.members(stories), self.fresh.members(stories)
        return {story: [*old.get(story, ()), *fresh.get(story, ())] for story in old.keys() | fresh.keys()}

    def pages(self, pages: Collection[str]) -> Sequence[Headline]:
        """The entries on these pages."""
        return [*self.base.pages(pages), *self.fresh.pages(pages)]

    def apart(self, stories: Collection[int]) -> frozenset[tuple[int, int]]:
        """The pairs of stories that the user has set apart."""
        return self.base.apart(stories)

    def unseen(self, stories: AbstractSet[int]) -> Collection[int]:
        """Those of the stories that the user has not seen and that nothing has been placed in since."""
        return self.base.unseen(stories - self.fresh.members(stories).keys())


class Rarity(dict[str, float]):
    """What a shared stem is worth: 1 for one of a single story, the less, the more stories hold it."""

    def __init__(self, stories: int, spread: Mapping[str, int]) -> None:
        self._stories = stories + _BACKGROUND
        self._spread = spread
        self._top = math.log(self._stories / 1.5)

    def __missing__(self, stem: str) -> float:
        """The logarithm of one in how many stories holds a stem, as a part of that for one story."""
        worth = max(_LEAST_WORTH, math.log(self._stories / (self._spread.get(stem, 1) + 0.5)) / self._top)
        worth = self[stem] = _DATE_WORTH * worth if is_date(stem) else worth
        return worth
