"""The window while the first entries of all are folded: in memory, for most of it is forgotten before the end.

It answers as the tables of `store/window.py` would, and is written to them once. Pages and members are the store's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from veille.store.headlines import load_members
from veille.store.window import StoredWindow, list_gains
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from veille.model import Headline
    from veille.store.db import Db


_NONE: frozenset[str] = frozenset()


class EarlyWindow(StoredWindow):
    """A window of which nothing is stored yet."""

    def __init__(self, db: Db, *, since: datetime) -> None:
        super().__init__(db, since=since)
        self._begun: dict[int, datetime] = {}
        self._told_by: dict[int, set[str]] = {}
        self._titled_by: dict[int, set[str]] = {}
        self._told: Counter[str] = Counter()
        self._holders: defaultdict[str, set[int]] = defaultdict(set)

    def count(self) -> int:
        """How many stories there are."""
        return len(self._begun)

    def spread(self, stems: Collection[str]) -> Mapping[str, int]:
        """In how many stories' titles and summaries each of the stems is."""
        return {stem: told for stem in stems if (told := self._told.get(stem, 0)) > 0}

    def holders(self, stems: Collection[str], most: int) -> Mapping[str, Collection[int]]:
        """The stories that hold each of the stems in a title; none for a stem of more than `most`."""
        found = {stem: self._holders[stem] for stem in stems if stem in self._holders}
        return {stem: stories for stem, stories in found.items() if 0 < len(stories) <= most}

    def unseen(self, stories: AbstractSet[int]) -> Collection[int]:  # noqa: ARG002 - what a window is asked
        """None: what a run has founded itself it does not judge again."""
        return ()

    def forget(self, before: datetime) -> None:
        """Drop the stories begun before a moment, after which what is folded next asks for pages."""
        self._since = before
        self._drop({story_id for story_id, at in self._begun.items() if at < before})

    def place(self, new: Iterable[Headline], stories: Mapping[int, int], merges: Mapping[int, int]) -> None:
        """Take in new headlines, by entry id in `stories`, and merged stories, gone -> kept: as they are stored now."""
        kept = set(merges.values())
        self._drop({*merges, *kept} & self._begun.keys())
        self._add([headline for headline in new if stories[headline.entry_id] not in kept], stories)
        whole = [headline for members in load_members(self._db, kept).values() for headline in members]
        self._add(whole, {one.entry_id: one.story_id for one in whole if one.story_id is not None})

    def write(self) -> None:
        """Write it to the tables, where nothing is but what stories that are gone have left."""
        for table in ("fold_stems", "fold_spread"):
            self._db.execute(f"DELETE FROM {table}")
        self._db.executemany(
            "INSERT INTO fold_stories (story_id, first_at, scope) VALUES (?, ?, '')",
            [(story_id, to_stored(at)) for story_id, at in self._begun.items()],
        )
        self._db.executemany(
            "INSERT INTO fold_stems (stem, story_id) VALUES (?, ?)",
            [(stem, story_id) for stem in sorted(self._holders) for story_id in sorted(self._holders[stem])],
        )
        self._db.executemany(
            "INSERT INTO fold_spread (stem, told, titled) VALUES (?, ?, ?)",
            [(stem, told, len(self._holders.get(stem, ()))) for stem, told in sorted(self._told.items()) if told > 0],
        )

    def _add(self, headlines: Iterable[Headline], stories: Mapping[int, int]) -> None:
        gains = list_gains(self._db, headlines, stories, known=self._begun.keys())
        self._told.update(chain.from_iterable(gain.told for gain in gains))
        for gain in gains:
            self._begun[gain.story_id] = min(gain.begun_at, self._begun.get(gain.story_id, gain.begun_at))
            self._told_by[gain.story_id] = gain.told | self._told_by.get(gain.story_id, _NONE)
            self._titled_by[gain.story_id] = gain.titled | self._titled_by.get(gain.story_id, _NONE)
            for stem in gain.titled:
                self._holders[stem].add(gain.story_id)

    def _drop(self, gone: Collection[int]) -> None:
        self._told.subtract(Counter(chain.from_iterable(self._told_by.pop(story_id) for story_id in gone)))
        for story_id in gone:
            del self._begun[story_id]
            for stem in self._titled_by.pop(story_id):
                self._holders[stem].discard(story_id)
