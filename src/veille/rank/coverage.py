"""How a story spread, and how two headlines compare: values that are shown. Stories in, who was first out.

Knows no clock and no language of output but the one line of a comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.rank.score import outlet_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from veille.model import Headline, Source, Story
    from veille.rank.chain import Bond
    from veille.rank.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The sources of a story by date, copies after their original.

    `second` is the first source of another outlet, `ahead` how long after the first it came; None when one outlet
    has it all. `spread` goes from the first source to the last.
    """

    rows: tuple[Source, ...]
    first: Source
    second: Source | None
    ahead: timedelta
    spread: timedelta
    outlets: int


def survey_story(story: Story) -> Coverage:
    """Who had a story when."""
    row = sorted(story.sources, key=lambda source: (source.published_at, source.entry_id))
    first = row[0]
    outlet = outlet_of(first)
    second = next((source for source in row if outlet_of(source) != outlet), None)
    originals = find_originals(story)
    return Coverage(
        rows=tuple(
            source
            for original in row
            if original.entry_id not in originals
            for source in (original, *(one for one in row if originals.get(one.entry_id) == original.entry_id))
        ),
        first=first,
        second=second,
        ahead=second.published_at - first.published_at if second else timedelta(0),
        spread=row[-1].published_at - first.published_at,
        outlets=len({outlet_of(source) for source in row}),
    )


def find_originals(story: Story) -> Mapping[int, int]:
    """Of each copy, the original that is no copy itself: an original may have proved one later."""
    parents = {source.entry_id: source.duplicate_of for source in story.sources}
    found = {}
    for entry_id in parents:
        path = [entry_id]
        while (parent := parents[path[-1]]) in parents and parent not in path:
            path.append(parent)
        if len(path) > 1:
            found[entry_id] = path[-1]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two headlines, the stories they are in, what speaks for and against one, and what was decided beside that.

    `bond` is what holds two entries of one story together; `bodies` how far the entries of two stories, of which one
    has several, agree on average (0-1).
    """

    one: Headline
    other: Headline
    stories: tuple[int, int]
    evidence: Evidence
    facts: tuple[str, ...]
    bond: Bond | None = None
    bodies: float | None = None

    @property
    def together(self) -> bool:
        """Whether they are in one story now."""
        return self.stories[0] == self.stories[1]

    def line(self) -> str:
        """All of it on one line."""
        now = f"one story ({self.stories[0]})" if self.together else "two stories ({} and {})".format(*self.stories)
        told = "; ".join((*self.facts, *self._tell_stories(), self.evidence.line()))
        return f"{self.one.entry_id} and {self.other.entry_id} are in {now}: {told}"

    def _tell_stories(self) -> Iterable[str]:
        if self.bond:
            yield from self.bond.tell()
        if self.bodies is not None:
            yield f"the two stories agree {self.bodies:.2f} on average"
