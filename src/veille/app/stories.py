"""The user's last word on stories: who had them when, why two headlines are one, splitting and putting together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.app.fold import fold_pending
from veille.app.home import read_clock
from veille.app.rarity import measure_rarity
from veille.app.triage import load_weights
from veille.errors import UnknownError, UsageError
from veille.model import Placement
from veille.rank.copies import find_copies
from veille.rank.coverage import Comparison, Coverage, survey_story
from veille.rank.evidence import explain
from veille.rank.scope import scope_of
from veille.store.db import write
from veille.store.decisions import date_merge, date_split, divide_verdicts, put_together, set_apart
from veille.store.feeds import list_feeds
from veille.store.headlines import load_members
from veille.store.schema import FIRST_ID
from veille.store.stories import (
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
    from datetime import timedelta

    from veille.app.home import Home
    from veille.model import Headline, Source, Story
    from veille.settings import FoldSettings
    from veille.store.db import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What a split has made: the story that stays, the one that was made, by their entries; `undo` is a command."""

    stays: int
    made: int
    rest: tuple[int, ...]
    moved: tuple[int, ...]
    undo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What putting together has made: the story kept, how many entries it has, what joined it."""

    kept: int
    joined: tuple[int, ...]
    entries: int
    undo: str


def read_coverage(home: Home, reference: str) -> tuple[Story, Coverage]:
    """The story that a number means, and who had it when. Raises UnknownError."""
    fold_pending(home.db, home.settings.fold)
    (story,) = load_stories(home.db, [find_story(home.db, reference)], load_weights(home))
    return story, survey_story(story)


# --- why ---------------------------------------------------------------------


def compare_two(home: Home, references: tuple[str, str]) -> Comparison:
    """Why two entries are, or are not, one story; a story means its lead. Raises UnknownError, UsageError."""
    fold_pending(home.db, home.settings.fold)
    numbers = tuple(find_story(home.db, reference) for reference in references)
    stories = {story.id: story for story in load_stories(home.db, numbers, load_weights(home))}
    one_story = numbers[0] == numbers[1]
    first, second = (
        _pick_source(stories[number], reference, inside=one_story)
        for number, reference in zip(numbers, references, strict=True)
    )
    if first is second:
        raise UsageError(
            f"both mean entry {first.entry_id}: name two that `veille story {numbers[0]}` shows, or two stories"
        )
    members = load_members(home.db, numbers)
    by_id = {headline.entry_id: headline for row in members.values() for headline in row}
    one, other = by_id[first.entry_id], by_id[second.entry_id]
    return Comparison(
        one=one,
        other=other,
        stories=(numbers[0], numbers[1]),
        evidence=explain(one, other, measure_rarity(home.db, [one, other])),
        facts=(
            *_recall_verdicts(home.db, (one, other), members),
            *_list_bounds(home.settings.fold, (first, second), members),
        ),
    )


def _pick_source(story: Story, reference: str, *, inside: bool) -> Source:
    """The entry that a number means; inside one story its number means the entry, elsewhere its lead."""
    number = int(reference.strip().removeprefix("#"))
    if number < FIRST_ID or (number == story.id and not inside):
        return story.lead
    return next((source for source in story.sources if source.entry_id == number), story.lead)


def _recall_verdicts(
    db: Db, pair: tuple[Headline, Headline], members: Mapping[int, Sequence[Headline]]
) -> Iterable[str]:
    """What the user has decided: of two stories, about any of their entries."""
    together = len(members) == 1
    if together:
        decided = date_merge(db, pair[0].entry_id, pair[1].entry_id)
    else:
        decided = date_split(db, *map(_ids, members.values()))
    if decided:
        yield f"{'put together' if together else 'set apart'} by you on {decided.astimezone():%Y-%m-%d}"


def _list_bounds(
    settings: FoldSettings, pair: tuple[Source, Source], members: Mapping[int, Sequence[Headline]]
) -> Iterable[str]:
    """What keeps entries apart, whatever they say."""
    if abs(pair[0].published_at - pair[1].published_at) > settings.window:
        yield f"more than {_hours(settings.window)} h apart"
    else:
        times = [headline.published_at for row in members.values() for headline in row]
        if len(members) > 1 and max(times) - min(times) > settings.window:
            yield f"together they would last more than {_hours(settings.window)} h"
    if scope_of(pair[0].folder, settings.apart) != scope_of(pair[1].folder, settings.apart):
        yield "folders set apart"


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:g}"


# --- split and merge -----------------------------------------------------------


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
    return Split(
        stays=stays, made=made, rest=tuple(rest), moved=tuple(moved), undo=f"veille story merge {stays} {made}"
    )


def put_stories_together(home: Home, references: Sequence[str]) -> Merge:
    """Make one story of several, for ever; the oldest number stays. Raises UnknownError, UsageError."""
    fold_pending(home.db, home.settings.fold)
    with write(home.db):
        numbers = sorted({find_story(home.db, reference) for reference in references})
        if len(numbers) == 1:
            raise UsageError(f"all of these are story {numbers[0]} already: name another")
        members = load_members(home.db, numbers)
        kept, *gone = numbers
        put_together(home.db, *(_ids(members[number]) for number in numbers), now=read_clock())
        in_window = drop_from_window(home.db, numbers)
        merge_stories(home.db, dict.fromkeys(gone, kept))
        headlines = [headline for row in members.values() for headline in row]
        _place(home, {kept: _ids(headlines)}, headlines)
        if in_window:
            _enter_window(home, {kept: _ids(headlines)}, headlines)
    undo = [f"veille story split {kept} {' '.join(map(str, _ids(members[number])))}" for number in gone]
    return Merge(kept=kept, joined=tuple(gone), entries=len(headlines), undo=" && ".join(undo))


def _read_entries(words: Iterable[str], members: Sequence[Headline], story: int) -> list[int]:
    """The entries meant, sorted. Raises UnknownError for what is no entry of the story."""
    known = {str(entry_id): entry_id for entry_id in _ids(members)}
    found = set()
    for word in words:
        entry_id = known.get(word.strip().removeprefix("#"))
        if entry_id is None:
            raise UnknownError(f"“{clean_line(word)}” is no entry of story {story}: see `veille story {story}`")
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
