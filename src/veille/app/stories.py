"""The user's last word on stories: splitting them and putting them together."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.app.fold import fold_pending
from veille.app.home import read_clock
from veille.app.rarity import measure_rarity
from veille.app.triage import load_weights
from veille.errors import UnknownError, UsageError
from veille.model import Placement
from veille.rank.copies import find_copies
from veille.rank.scope import scope_of
from veille.store.db import write
from veille.store.decisions import divide_verdicts, put_together, set_apart
from veille.store.feeds import list_feeds
from veille.store.headlines import load_members
from veille.store.stories import (
    find_name,
    find_story,
    follow_reading,
    load_stories,
    merge_stories,
    pick_number,
    place_entries,
    rename_story,
)
from veille.store.window import drop_from_window, enter_stories
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from veille.app.home import Home
    from veille.model import Headline, Story
    from veille.store.db import Db

# The marks that undoing a merge may have to give back or take away, in an order in which none undoes another.
_GIVEN_BACK: dict[str, tuple[str, bool]] = {
    "unread": ("read", False),
    "read": ("read", True),
    "kill": ("killed", True),
    "later": ("later", True),
    "unlater": ("later", False),
    "star": ("starred", True),
    "unstar": ("starred", False),
    "pick": ("picked", True),
    "unpick": ("picked", False),
}
# What the part of a story that is split off has of the whole.
_FOLLOWED = ("read", "killed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What a split has made: the story that stays, the one that was made, by their entries.

    `stories` are the two, and `undo` is a command.
    """

    stays: int
    made: int
    rest: tuple[int, ...]
    moved: tuple[int, ...]
    stories: tuple[Story, Story]
    undo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What putting together has made: the story kept, how many entries it has, what joined it.

    `story` is the whole, `gone` are those that joined it as they were; `undo` are commands.
    """

    kept: int
    joined: tuple[int, ...]
    entries: int
    story: Story
    gone: tuple[Story, ...]
    undo: str


def split_story(home: Home, reference: str, entries: Sequence[str]) -> Split:
    """Give some entries of a story one of their own, for ever. Raises UnknownError, UsageError."""
    fold_pending(home.db, home.settings.fold)
    with write(home.db):
        story = find_story(home.db, reference)
        members = load_members(home.db, [story])[story]
        moved = _read_entries(entries, members, story)
        rest = sorted(set(_ids(members)) - set(moved))
        if not rest:
            raise UsageError(
                f"story {story} has no other entry: there is nothing to split"
                if len(members) == 1
                else f"these are all the entries of story {story}: name some of them (see `veille story {story}`)"
            )
        set_apart(home.db, moved, rest, now=read_clock())
        in_window = drop_from_window(home.db, [story])
        stays, made = story, story
        if moved == [story]:
            # The founder leaves with the number, and all that the user made of the story stays with the rest.
            stays = pick_number(home.db, rest)
        else:
            made = pick_number(home.db, moved)
        _place(home, {stays: rest, made: moved}, members)
        if stays != story:
            rename_story(home.db, story, stays)
        divide_verdicts(home.db, rest, moved)
        follow_reading(home.db, stays, made)
        if in_window:
            _enter_window(home, {stays: rest, made: moved}, members)
    one, other = load_stories(home.db, [stays, made], load_weights(home))
    return Split(
        stays=stays,
        made=made,
        rest=tuple(rest),
        moved=tuple(moved),
        stories=(one, other),
        undo=f"veille story merge {stays} {made}",
    )


def put_stories_together(home: Home, references: Sequence[str]) -> Merge:
    """Make one story of several, for ever; the oldest number stays. Raises UnknownError, UsageError."""
    fold_pending(home.db, home.settings.fold)
    weights = load_weights(home)
    with write(home.db):
        numbers = sorted({find_story(home.db, reference) for reference in references})
        if len(numbers) == 1:
            those = "all of these are" if len(references) > 1 else "this is"
            raise UsageError(f"{those} story {numbers[0]} already: name another")
        members = load_members(home.db, numbers)
        before = load_stories(home.db, numbers, weights)
        kept, *gone = numbers
        put_together(home.db, *(_ids(members[number]) for number in numbers), now=read_clock())
        in_window = drop_from_window(home.db, numbers)
        merge_stories(home.db, dict.fromkeys(gone, kept))
        headlines = [headline for row in members.values() for headline in row]
        _place(home, {kept: _ids(headlines)}, headlines)
        if in_window:
            _enter_window(home, {kept: _ids(headlines)}, headlines)
        (whole,) = load_stories(home.db, [kept], weights)
        undo = _undo_merge(home.db, before, whole)
    return Merge(
        kept=kept,
        joined=tuple(gone),
        entries=len(headlines),
        story=whole,
        gone=tuple(before[1:]),
        undo=" && ".join(undo),
    )


def _undo_merge(db: Db, before: Sequence[Story], whole: Story) -> list[str]:
    """The commands that take a story apart again and give each part the marks and the note that it had."""
    kept, *gone = before
    names = {story.id: find_name(db, story.id, sorted(_entries(story))) for story in before}
    commands = [f"veille story split {kept.id} {' '.join(map(str, sorted(_entries(story))))}" for story in gone]
    for mark, (attribute, wanted) in _GIVEN_BACK.items():
        told = [
            str(names[story.id])
            for story in before
            if getattr(story, attribute) == wanted != _has(whole, attribute, stayed=story is kept)
        ]
        if told:
            commands.append(f"veille mark {mark} {' '.join(told)}")
    noted = [story for story in before if story.note != (whole.note if story is kept else "")]
    return commands + [f"veille note {names[story.id]} -- {shlex.quote(story.note)}" for story in noted]


def _has(whole: Story, attribute: str, *, stayed: bool) -> bool:
    """Whether a part of a story that is split has a mark: what is split off a read story is read, and no more."""
    return getattr(whole, attribute) is True and (stayed or attribute in _FOLLOWED)


def _entries(story: Story) -> Iterable[int]:
    return (source.entry_id for source in story.sources)


def _read_entries(words: Iterable[str], members: Sequence[Headline], story: int) -> list[int]:
    """The entries meant, sorted. Raises UnknownError for what is no entry of the story."""
    known = {str(entry_id): entry_id for entry_id in _ids(members)}
    found = set()
    for word in words:
        entry_id = known.get(word.strip().removeprefix("#"))
        if entry_id is None:
            raise UnknownError(
                f"“{clean_line(word)}” is no entry of story {story}: `veille story {story}` shows the id of each"
            )
        found.add(entry_id)
    return sorted(found)


def _enter_window(home: Home, stories: Mapping[int, Collection[int]], members: Sequence[Headline]) -> None:
    """Let folding compare with stories again: each is of the scope of its first entry."""
    apart = home.settings.fold.apart
    feeds = list_feeds(home.db) if apart else []
    scopes = {feed.id: scope_of(feed.subscription.folder, apart) for feed in feeds}
    for story, entries in stories.items():
        row = (headline for headline in members if headline.entry_id in entries)
        first = min(row, key=lambda headline: (headline.published_at, headline.entry_id))
        enter_stories(home.db, [story], scope=scopes.get(first.feed_id, ""))


def _place(home: Home, stories: Mapping[int, Collection[int]], members: Sequence[Headline]) -> None:
    """Put entries in their stories and tell again which of each are copies, the first published the original."""
    rarity = measure_rarity(home.db, members)
    placements = []
    for story, entries in stories.items():
        row = [headline for headline in members if headline.entry_id in entries]
        row.sort(key=lambda headline: (headline.published_at, headline.entry_id))
        copies = find_copies(row, rarity, threshold=home.settings.fold.threshold)
        placements += [
            Placement(entry_id=one.entry_id, story_id=story, duplicate_of=copies.get(one.entry_id)) for one in row
        ]
    place_entries(home.db, placements)


def _ids(headlines: Iterable[Headline]) -> list[int]:
    return [headline.entry_id for headline in headlines]
