"""Known stories that nobody has seen: judged again with what comes, so that the order of arrival matters little.

The window and the entries of the stories reopened in; the window without them, and the numbers of the stories that come
of it, out. Knows nothing of words, nor of which stories are worth reopening.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veille.rank.wording import read_wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from veille.model import Headline, Placement
    from veille.rank.window import Window

Opened = dict[int, list["Headline"]]
"""The entries of each story reopened."""


@dataclass(frozen=True, slots=True)
class Without:
    """A window as it would be if the stories reopened had not been told."""

    base: Window
    opened: Opened

    def count(self) -> int:
        """How many stories there are."""
        return self.base.count() - len(self.opened)

    def spread(self, stems: Collection[str]) -> Mapping[str, int]:
        """In how many stories each of the stems is."""
        spread = Counter(self.base.spread(stems))
        for entries in self.opened.values():
            told: set[str] = set()
            for entry in entries:
                wording = read_wording(entry.title, entry.summary)
                told.update(wording.stems, wording.summary)
            spread.subtract(told)
        return +spread

    def holders(self, stems: Collection[str], most: int) -> Mapping[str, Collection[int]]:
        """The stories that hold each of the stems, none for a stem of more than `most`, those reopened counted."""
        found = self.base.holders(stems, most)
        return {stem: [one for one in stories if one not in self.opened] for stem, stories in found.items()}

    def members(self, stories: Collection[int]) -> Mapping[int, Sequence[Headline]]:
        """The entries of each story."""
        return self.base.members([story for story in stories if story not in self.opened])

    def pages(self, pages: Collection[str]) -> Sequence[Headline]:
        """The entries on these pages."""
        return [one for one in self.base.pages(pages) if one.story_id not in self.opened]

    def apart(self, stories: Collection[int]) -> frozenset[tuple[int, int]]:
        """The pairs of stories that the user has set apart."""
        return self.base.apart(stories)

    def unseen(self, stories: AbstractSet[int]) -> Collection[int]:
        """Those of the stories that the user has not seen."""
        return self.base.unseen(stories)


def number_stories(
    placements: Iterable[Placement], merges: Mapping[int, int], opened: Opened
) -> tuple[list[Placement], dict[int, int]]:
    """Placements and merges with the numbers of the stories reopened, where one goes on: where its oldest entry is.

    What is told of a story that comes out as it went in is left out.
    """
    old = {entry.entry_id: story for story, entries in opened.items() for entry in entries}
    heirs = {min(entry.entry_id for entry in entries): story for story, entries in opened.items()}
    groups: defaultdict[int, list[Placement]] = defaultdict(list)
    for one in placements:
        groups[one.story_id].append(one)
    told, gone = [], dict(merges)
    for given, group in groups.items():
        ids = {one.entry_id for one in group}
        inherited = {heirs[entry_id] for entry_id in ids & heirs.keys()}
        standing = {given} - ids
        story = min(inherited | standing, default=given)
        gone |= dict.fromkeys((inherited | standing) - {story}, story)
        if (
            ids <= old.keys()
            and not standing
            and {old[one] for one in ids} == {story}
            and len(ids) == len(opened[story])
        ):
            continue
        told += [replace(one, story_id=story) for one in group]
    return told, {story: gone.get(kept, kept) for story, kept in gone.items()}
