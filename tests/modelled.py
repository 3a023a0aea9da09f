"""A model of the whole store, in dicts: what was delivered, what the user said of it, what may never be undone.

It knows nothing of how stories are found: where folding puts an entry is taken from what is `Seen`, and held against
what was promised (`settle`). What commands do is done here in the plainest way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from newsstand import Item

_SKEW = timedelta(minutes=30)
MARKS: dict[str, dict[str, bool]] = {
    "read": {"read": True, "later": False},
    "unread": {"read": False, "killed": False},
    "star": {"starred": True},
    "unstar": {"starred": False},
    "kill": {"killed": True, "later": False},
    "unkill": {"killed": False},
    "later": {"later": True, "read": False, "killed": False},
    "unlater": {"later": False},
    "pick": {"picked": True},
    "unpick": {"picked": False},
}


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What the user thinks of a story; a note is its lines."""

    read: bool = False
    killed: bool = False
    starred: bool = False
    later: bool = False
    picked: bool = False
    note: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Row:
    """An entry as it is stored."""

    feed: str
    guid: str
    title: str
    link: str
    at: datetime
    said: str
    copy_of: int | None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a veille holds: entries by id, stories by number, with what came of them."""

    entries: Mapping[int, Row]
    stories: Mapping[int, frozenset[int]]
    opinions: Mapping[int, Opinion]
    back_for: Mapping[int, str]


@dataclass(kw_only=True)
class Feed:
    """A subscription, or one that was left; `asked` unless its server said that it is gone. `hours` between fetches."""

    id: int = 0
    title: str = ""
    folder: str = ""
    tags: tuple[str, ...] = ()
    muted: bool = False
    removed: bool = False
    asked: bool = True
    hours: int | None = None
    weight: int | None = None


@dataclass(kw_only=True)
class Entry:
    """An entry as it was delivered last; `at` is when it was seen first where it never had a date."""

    id: int
    item: Item
    at: datetime


@dataclass(kw_only=True)
class Story:
    """Entries told as one. `known`: the user has seen it or judged it, and nothing takes it apart but he."""

    entries: frozenset[int]
    opinion: Opinion = Opinion()
    known: bool = False


@dataclass(kw_only=True)
class Model:
    """All of it. Entries are known by (address of the feed, guid), kills by the rule's name."""

    feeds: dict[str, Feed] = field(default_factory=dict)
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    stories: dict[int, Story] = field(default_factory=dict)
    apart: set[frozenset[int]] = field(default_factory=set)
    kills: dict[str, tuple[str, bool]] = field(default_factory=dict)
    ranks: list[int] = field(default_factory=list)
    given: int = 0
    undo: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    # --- feeds ---

    def is_followed(self, url: str) -> bool:
        return url in self.feeds and not self.feeds[url].removed

    def list_followed(self) -> list[str]:
        return [url for url in self.feeds if self.is_followed(url)]

    def subscribe(self, url: str, *, title: str, folder: str) -> bool:
        """Whether that changes anything. What was left comes back as it was, but for its name and place."""
        if self.is_followed(url):
            return False
        feed = self.feeds.setdefault(url, Feed())
        feed.removed, feed.asked, feed.title, feed.folder, feed.tags = False, True, title, folder, ()
        return True

    def purge(self, url: str) -> None:
        """A feed leaves with its entries, and stories that have no other."""
        going = {entry.id for (address, _), entry in self.entries.items() if address == url}
        self.entries = {key: entry for key, entry in self.entries.items() if key[0] != url}
        del self.feeds[url]
        for number, story in list(self.stories.items()):
            story.entries -= going
            if not story.entries:
                del self.stories[number]
        self.apart = {pair for pair in self.apart if not pair & going}
        self.undo.clear()

    # --- what arrives ---

    def deliver(self, url: str, items: Iterable[Item], *, now: datetime) -> tuple[list[Item], int]:
        """What of a document is new, and how many entries it edits."""
        new, edited = [], 0
        for item in items:
            entry = self.entries.get((url, item.guid))
            if entry is None:
                new.append(item)
            elif entry.item != item:
                entry.item, entry.at = item, plausible(item, now=now) or entry.at
                edited += 1
        return new, edited

    def settle(self, seen: Seen, new: Mapping[tuple[str, str], Item], *, since: datetime) -> None:
        """Take up what a fetch brought and where folding put it, if that keeps every promise."""
        self._take_up(seen, new, since=since)
        before = self.stories
        home = {entry_id: number for number, entries in seen.stories.items() for entry_id in entries}
        for number, story in before.items():
            if story.known or story.opinion != Opinion():
                where = {home[one] for one in story.entries}
                assert len(where) == 1, f"story {number} was taken apart: {story} is in {where}"
        self.stories = {
            number: self._join(seen, number, [(at, one) for at, one in before.items() if one.entries & entries])
            for number, entries in seen.stories.items()
        }
        self.check_apart()
        self.ranks = [home[min(before[rank].entries)] if rank in before else rank for rank in self.ranks]
        if any(seen.stories.get(number) != story.entries for number, story in before.items()):
            self.undo.clear()
        self.given = max(self.given, *seen.entries, *seen.stories, 0)

    def _take_up(self, seen: Seen, new: Mapping[tuple[str, str], Item], *, since: datetime) -> None:
        ids = {(row.feed, row.guid): entry_id for entry_id, row in seen.entries.items()}
        for key, item in new.items():
            assert key in ids, f"{key} was delivered and is not stored"
            at = plausible(item, now=since) or seen.entries[ids[key]].at
            assert plausible(item, now=since) or since <= at <= datetime.now(UTC), f"{key} was first seen at {at}"
            assert ids[key] > self.given, f"the number {ids[key]} is given twice"
            self.entries[key] = Entry(id=ids[key], item=item, at=at)

    def _join(self, seen: Seen, number: int, parts: list[tuple[int, Story]]) -> Story:
        """A story that folding made of others and of what is new."""
        entries = seen.stories[number]
        whole = [(at, part) for at, part in parts if part.entries <= entries]
        if not whole:
            assert number in entries, f"story {number} is not called after an entry of it: {entries}"
            return Story(entries=entries)
        if len(whole) == len(parts):
            oldest = min(at for at, _ in whole)
            assert number == oldest, f"stories {[at for at, _ in whole]} became {number}"
        opinion = unite([part.opinion for _, part in whole])
        joined = entries.difference(*(part.entries for _, part in whole))
        tells = any(seen.entries[one].copy_of is None for one in joined)
        if opinion.read and not seen.opinions[number].read and tells:
            assert seen.back_for[number], f"story {number} came back, and nobody says what for"
            opinion = replace(opinion, read=False)
        return Story(entries=entries, opinion=opinion, known=any(part.known for _, part in whole))

    # --- what the user says ---

    def mark(self, number: int, **changes: Any) -> None:
        story = self.stories[number]
        story.opinion, story.known = replace(story.opinion, **changes), True

    def split(self, number: int, moved: Collection[int], *, stays: int, made: int) -> None:
        """Those who leave are read, killed and known as the story was; what else was said of it stays."""
        story = self.stories.pop(number)
        rest = story.entries - set(moved)
        read, killed = story.opinion.read, story.opinion.killed
        self.stories[stays] = Story(entries=rest, opinion=story.opinion, known=True)
        self.stories[made] = Story(entries=frozenset(moved), opinion=Opinion(read=read, killed=killed), known=True)
        self.apart |= {frozenset((one, other)) for one in rest for other in moved}
        self.ranks = [stays if rank == number else rank for rank in self.ranks]
        self.given = max(self.given, stays, made)
        self.undo.clear()

    def merge(self, numbers: Collection[int]) -> int:
        """One story of several, with the oldest number; the last word counts."""
        kept, parts = min(numbers), [self.stories.pop(number) for number in sorted(numbers)]
        entries = frozenset[int]().union(*(part.entries for part in parts))
        self.apart = {pair for pair in self.apart if not pair <= entries}
        self.stories[kept] = Story(entries=entries, opinion=unite([part.opinion for part in parts]), known=True)
        self.ranks = [kept if rank in numbers else rank for rank in self.ranks]
        self.undo.clear()
        return kept

    def find(self, number: int) -> int:
        """The story that a number means: its own, or that of an entry."""
        holders = (at for at, story in self.stories.items() if number in story.entries)
        return number if number in self.stories else next(holders)

    # --- what must hold ---

    def check_apart(self) -> None:
        for pair in self.apart:
            one = next((at for at, story in self.stories.items() if pair <= story.entries), None)
            assert one is None, f"{set(pair)} were set apart and are both in story {one}"

    def holders(self) -> dict[str, set[int]]:
        """Which entries hold each word that is somebody's own."""
        found: dict[str, set[int]] = {}
        for entry in self.entries.values():
            for word in entry.item.words:
                found.setdefault(word, set()).add(entry.id)
        return found

    def list_shown(self, *, everything: bool) -> set[int]:
        """The stories of a feed that is followed and not muted, all of them or those that are to read."""
        loud = {url for url in self.list_followed() if not self.feeds[url].muted}
        heard = {entry.id for (url, _), entry in self.entries.items() if url in loud}
        return {
            number
            for number, story in self.stories.items()
            if story.entries & heard and (everything or not (story.opinion.read or story.opinion.killed))
        }


def unite(opinions: Collection[Opinion]) -> Opinion:
    """What is thought of stories put together: read or killed where all were dealt with, the rest where one was."""
    dealt, killed = all(one.read or one.killed for one in opinions), all(one.killed for one in opinions)
    return Opinion(
        read=all(one.read for one in opinions) if killed else dealt,
        killed=killed,
        starred=any(one.starred for one in opinions),
        later=any(one.later for one in opinions),
        picked=any(one.picked for one in opinions),
        note=tuple(sorted(line for one in opinions for line in one.note)),
        tags=frozenset[str]().union(*(one.tags for one in opinions)),
    )


def plausible(item: Item, *, now: datetime) -> datetime | None:
    """The date of an entry, unless it has none or lies in the future."""
    return item.at if item.at and item.at <= now + _SKEW else None
