"""The stories that new headlines may join, as tables: the stems of each story's titles, the spread of each stem.

Only stories begun within the window are here, so that folding costs what is new, whatever the archive holds. What
the tables say can be made again from the entries (`rebuild_window`).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from veille.rank.wording import read_wording
from veille.settings import FoldSettings
from veille.store.decisions import load_apart
from veille.store.headlines import count_members, find_newest_date, load_members, load_pages
from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from veille.model import Headline
    from veille.store.db import Db

_AT_ONCE = 2000


class Gain(NamedTuple):
    """What a story gains in the window: the stems that it did not tell, had in no title. It began at `begun_at`."""

    story_id: int
    begun_at: datetime
    told: set[str]
    titled: set[str]


class StoredWindow:
    """The window as folding asks for it (`rank/window.py`)."""

    def __init__(self, db: Db, *, since: datetime, scope: str | None = None, before: int | None = None) -> None:
        """Of the stories of one scope only, where one is given: the others are as if they were not there.

        Only stories numbered before the first entry of this run may be judged again.
        """
        self._before = before
        self._db = db
        self._since = since
        self._scope = scope

    def count(self) -> int:
        """How many stories there are."""
        return int(self._db.execute("SELECT count(*) FROM fold_stories").fetchone()[0])

    def spread(self, stems: Collection[str]) -> Mapping[str, int]:
        """In how many stories' titles and summaries each of the stems is."""
        rows = self._db.execute(
            "SELECT stem, told FROM json_each(?) AS s JOIN fold_spread ON stem = s.value WHERE told > 0",
            (json.dumps(list(stems)),),
        )
        return dict(map(tuple, rows))

    def holders(self, stems: Collection[str], most: int) -> Mapping[str, Collection[int]]:
        """The stories that hold each of the stems in a title; none for a stem of more than `most`."""
        inside = " AND h.story_id IN (SELECT story_id FROM fold_stories WHERE scope = ?3)"
        rows = self._db.execute(
            "SELECT h.stem, h.story_id FROM json_each(?1) AS s JOIN fold_spread AS p ON p.stem = s.value"
            " JOIN fold_stems AS h ON h.stem = p.stem WHERE p.titled BETWEEN 1 AND ?2"
            f"{'' if self._scope is None else inside} ORDER BY h.stem, h.story_id",
            (json.dumps(list(stems)), most, *(() if self._scope is None else (self._scope,))),
        )
        found: defaultdict[str, list[int]] = defaultdict(list)
        for stem, story_id in rows:
            found[stem].append(story_id)
        return found

    def members(self, stories: Collection[int]) -> Mapping[int, Sequence[Headline]]:
        """The entries of each story."""
        return load_members(self._db, stories)

    def pages(self, pages: Collection[str]) -> Sequence[Headline]:
        """The entries on these pages."""
        found = load_pages(self._db, pages, since=self._since)
        if self._scope is None:
            return found
        rows = self._db.execute("SELECT story_id FROM fold_stories WHERE scope = ?", (self._scope,))
        inside = {story_id for (story_id,) in rows}
        return [headline for headline in found if headline.story_id in inside]

    def apart(self, stories: Collection[int]) -> frozenset[tuple[int, int]]:
        """The pairs of stories, the lower first, that the user has set apart."""
        return load_apart(self._db, stories)

    def unseen(self, stories: AbstractSet[int]) -> Collection[int]:
        """Those of the stories that the user has neither seen nor judged: they may be judged again.

        What a digest carried has been seen, and so has what was marked, if only to be unread again.
        """
        rows = self._db.execute(
            "SELECT value FROM json_each(?) WHERE value > coalesce((SELECT max(last_story_id) FROM digests), 0)"
            " AND value < coalesce(?, value + 1) AND value IN (SELECT story_id FROM fold_stories)"
            " AND value NOT IN (SELECT story_id FROM marks UNION ALL SELECT story_id FROM notes"
            " UNION ALL SELECT story_id FROM last_list UNION ALL SELECT story_id FROM seen"
            " UNION ALL SELECT story_id FROM entries WHERE story_id IS NOT NULL AND id IN"
            " (SELECT one FROM verdicts UNION ALL SELECT other FROM verdicts))",
            (json.dumps(list(stories)), self._before),
        )
        return [story_id for (story_id,) in rows]


def add_to_window(db: Db, new: Iterable[Headline], stories: Mapping[int, int], *, scope: str = "") -> None:
    """Enter new headlines, by entry id in `stories`, into the window; those of stories begun before it too."""
    joined = set(stories.values())
    rows = db.execute(
        "SELECT story_id FROM fold_stories WHERE story_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(joined)),),
    )
    gains = list_gains(db, new, stories, known={story_id for (story_id,) in rows})
    _change_spread(db, [gain.told for gain in gains], [gain.titled for gain in gains])
    db.executemany(
        "INSERT OR IGNORE INTO fold_stems (stem, story_id) VALUES (?, ?)",
        [(stem, gain.story_id) for gain in gains for stem in gain.titled],
    )
    db.executemany(
        # What joins a story may have been published before it.
        "INSERT INTO fold_stories (story_id, first_at, scope) VALUES (?, ?, ?)"
        " ON CONFLICT (story_id) DO UPDATE SET first_at = min(first_at, excluded.first_at)",
        [(gain.story_id, to_stored(gain.begun_at), scope) for gain in gains],
    )


def list_gains(
    db: Db, new: Iterable[Headline], stories: Mapping[int, int], *, known: Collection[int] = frozenset()
) -> list[Gain]:
    """What new headlines, by entry id in `stories`, bring to the window, which has the `known` stories."""
    joined: defaultdict[int, list[Headline]] = defaultdict(list)
    for headline in new:
        joined[stories[headline.entry_id]].append(headline)
    # Most stories are of what is new alone.
    sizes = count_members(db, joined)
    members = load_members(db, [one for one, headlines in joined.items() if sizes.get(one, 0) > len(headlines)])
    gains = []
    for story_id, headlines in joined.items():
        if story_id not in known and story_id not in members:
            begun_at = min(headline.published_at for headline in headlines)
            gains.append(Gain(story_id, begun_at, *_list_stems(headlines)))
            continue
        fresh = {headline.entry_id for headline in headlines}
        old = [headline for headline in members.get(story_id, ()) if headline.entry_id not in fresh]
        # Of a story that was not here, what it had before comes in with what joins it.
        had = _list_stems(old if story_id in known else ())
        has = _list_stems(headlines if story_id in known else [*old, *headlines])
        begun_at = min(headline.published_at for headline in (*headlines, *members.get(story_id, ())))
        gains.append(Gain(story_id, begun_at, has[0] - had[0], has[1] - had[1]))
    return gains


def enter_stories(db: Db, stories: Collection[int], *, scope: str = "") -> None:
    """Enter stories as their entries are now: after they were moved, merged or split. They are not in the window."""
    members = load_members(db, stories)
    headlines = [headline for row in members.values() for headline in row]
    add_to_window(
        db, headlines, {one.entry_id: one.story_id for one in headlines if one.story_id is not None}, scope=scope
    )


def return_stories(db: Db, dropped: Mapping[int, str]) -> None:
    """Enter stories again, each in its scope, as their entries are now: what `drop_from_window` took out."""
    for scope in sorted(set(dropped.values())):
        enter_stories(db, [story_id for story_id, own in dropped.items() if own == scope], scope=scope)


def drop_from_window(db: Db, stories: Iterable[int]) -> dict[int, str]:
    """Take stories out, as their entries are now: before they are moved, merged or split.

    The scope of each that was there.
    """
    wanted = sorted(stories)
    dropped: dict[int, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = json.dumps(wanted[start : start + _AT_ONCE])
        rows = db.execute(
            "SELECT story_id, scope FROM fold_stories WHERE story_id IN (SELECT value FROM json_each(?))", (part,)
        )
        there = dict(map(tuple, rows))
        dropped |= there
        titled = _count_out(db, there)
        holders = [(stem, story_id) for story_id, stems in titled.items() for stem in stems]
        db.executemany("DELETE FROM fold_stems WHERE stem = ? AND story_id = ?", holders)
    return dropped


def _count_out(db: Db, stories: Collection[int]) -> dict[int, set[str]]:
    """Take stories that are there out, but for their stems: of each those of its titles, as they are now."""
    stems = {story_id: _list_stems(headlines) for story_id, headlines in load_members(db, stories).items()}
    _change_spread(db, [told for told, _ in stems.values()], [titled for _, titled in stems.values()], by=-1)
    db.execute("DELETE FROM fold_stories WHERE story_id IN (SELECT value FROM json_each(?))", (json.dumps([*stories]),))
    return {story_id: titled for story_id, (_, titled) in stems.items()}


def find_newest_begin(db: Db) -> datetime | None:
    """When the latest of the window's stories began."""
    return from_stored(db.execute("SELECT max(first_at) FROM fold_stories").fetchone()[0])


def forget_before(db: Db, moment: datetime) -> None:
    """Take out the stories begun before a moment."""
    rows = db.execute("SELECT story_id FROM fold_stories WHERE first_at < ?", (to_stored(moment),))
    old = [story_id for (story_id,) in rows]
    if not old:
        return
    for start in range(0, len(old), _AT_ONCE):
        _count_out(db, old[start : start + _AT_ONCE])
    # Their stems, and what an edited title has left.
    db.execute("DELETE FROM fold_stems WHERE story_id NOT IN (SELECT story_id FROM fold_stories)")
    db.execute("DELETE FROM fold_spread WHERE told <= 0 AND titled <= 0")


def fill_window(db: Db) -> None:
    """Enter the stories of the latest days: for a database that was made before there was a window."""
    newest = find_newest_date(db)
    if newest is None:
        return
    rows = db.execute("SELECT id FROM stories WHERE first_at >= ?", (to_stored(newest - FoldSettings().window),))
    enter_stories(db, [story_id for (story_id,) in rows])


def _list_stems(headlines: Iterable[Headline]) -> tuple[set[str], set[str]]:
    """The stems of all, and those of their titles."""
    told: set[str] = set()
    titled: set[str] = set()
    for headline in headlines:
        wording = read_wording(headline.title, headline.summary)
        titled.update(wording.stems)
        told.update(wording.stems, wording.summary)
    return told, titled


def _change_spread(db: Db, told: Iterable[set[str]], titled: Iterable[set[str]], *, by: int = 1) -> None:
    """Count stories in, or out, by the stems that each tells and has in titles."""
    in_all, in_titles = Counter(chain.from_iterable(told)), Counter(chain.from_iterable(titled))
    db.executemany(
        "INSERT INTO fold_spread (stem, told, titled) VALUES (?, ?, ?) ON CONFLICT (stem) DO UPDATE"
        " SET told = told + excluded.told, titled = titled + excluded.titled",
        # What a summary has told already, a title may say for the first time.
        [(stem, by * in_all[stem], by * in_titles[stem]) for stem in in_all.keys() | in_titles.keys()],
    )
