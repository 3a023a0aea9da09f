"""What the user thinks of stories, written down: marks, notes, the list just shown. Never ranks."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from veille.app.home import read_clock
from veille.app.triage import fold_waiting, load_weights
from veille.errors import UnknownError, UsageError
from veille.store.db import write
from veille.store.looks import add_seen
from veille.store.schema import FIRST_ID
from veille.store.session import SlotState, load_open, load_slots, write_slots
from veille.store.stories import find_story, load_stories, mark_story, note_story, remember_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from veille.app.home import Home
    from veille.model import Story
    from veille.rank.listing import Listed
    from veille.store.db import Db

_ALL: frozenset[SlotState] = frozenset({"todo", "done", "later", "killed"})
# What a mark makes of which slots.
_SLOTS: dict[str, tuple[frozenset[SlotState], SlotState]] = {
    "read": (_ALL - {"killed"}, "done"),
    "unread": (_ALL, "todo"),
    "kill": (_ALL, "killed"),
    "unkill": (frozenset({"killed"}), "todo"),
    "later": (_ALL, "later"),
    "unlater": (frozenset({"later"}), "todo"),
}


class Marked(NamedTuple):
    """Stories as they are marked now, and what of a range is not in the last list, "" when it all is."""

    stories: list[Story]
    beyond: str = ""


def find_address(home: Home, reference: str) -> str:
    """The address to open: that of the entry named; of the lead for a story's number. Raises UnknownError."""
    fold_waiting(home)
    (story,) = load_stories(home.db, [find_story(home.db, reference)], load_weights(home))
    named = (source for source in story.sources if str(source.entry_id) == reference.strip() != str(story.id))
    return next(named, story.lead).url


def mark_stories(home: Home, mark: str, references: Sequence[str]) -> Marked:
    """Mark stories as `store.marks` can: all of them, or none if one is unknown; the plan of an open session follows.

    Of a range that goes past the end of the last list, what there is. Raises UnknownError, UsageError.
    """
    fold_waiting(home)
    story_ids, beyond = find_all(home, references)
    now = read_clock()
    with write(home.db):
        for story_id in story_ids:
            mark_story(home.db, story_id, mark, now=now)
        _mark_slots(home.db, mark, story_ids)
    return Marked(load_stories(home.db, story_ids, load_weights(home)), beyond)


def find_noted(home: Home, reference: str) -> Story:
    """The story whose note is asked for. Raises UnknownError."""
    fold_waiting(home)
    (story,) = load_stories(home.db, [find_story(home.db, reference)], load_weights(home))
    return story


def write_note(home: Home, reference: str, text: str) -> Story:
    """Replace the note on a story; an empty text takes it away."""
    fold_waiting(home)
    story_id = find_story(home.db, reference)
    with write(home.db):
        note_story(home.db, story_id, text, now=read_clock())
    (story,) = load_stories(home.db, [story_id], load_weights(home))
    return story


def keep_list(home: Home, listed: Iterable[Listed], *, ranks: bool) -> None:
    """Remember the list just shown: with `ranks`, they name its stories until the next one."""
    story_ids = [one.ranked.story.id for one in listed]
    if not story_ids:
        return
    with write(home.db):
        add_seen(home.db, story_ids)
        if ranks:
            remember_list(home.db, story_ids)


def _mark_slots(db: Db, mark: str, story_ids: Sequence[int]) -> None:
    """Let the open session know: what is dealt with elsewhere is not to do there."""
    before, after = _SLOTS.get(mark, (frozenset(), "todo"))
    stored = load_open(db) if before else None
    if stored is None:
        return
    slots = [one for one in load_slots(db, stored.id) if one.story_id in story_ids and one.state in before]
    write_slots(db, stored.id, [replace(one, state=after) for one in slots])


def find_all(home: Home, references: Sequence[str]) -> tuple[list[int], str]:
    """The stories meant by ids, ranks and ranges, each once; which ranks at the end of a range name none.

    Raises UnknownError for what names none, UsageError.
    """
    found: list[int] = []
    unknown: list[str] = []
    beyond: list[str] = []
    for reference in chain.from_iterable(map(_split_list, references)):
        ranks = _expand_range(reference)
        known, errors = _find_each(home, ranks)
        found += known.values()
        if errors and not known:
            unknown.append(errors[0])
        elif errors:
            beyond += _write_ranges([rank for rank in ranks if rank not in known])
    if unknown:
        raise UnknownError(unknown[0] + (" (nothing was marked)" if found or len(unknown) > 1 else ""))
    return list(dict.fromkeys(found)), ", ".join(beyond)


def _find_each(home: Home, references: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """The stories by reference, and what is wrong with the references that name none."""
    found: dict[str, int] = {}
    errors: list[str] = []
    for reference in references:
        try:
            found[reference] = find_story(home.db, reference)
        except UnknownError as error:
            errors.append(str(error))
    return found, errors


def _split_list(reference: str) -> list[str]:
    """`1,3-4` is two references."""
    return [part.strip() for part in reference.split(",") if part.strip()] or [reference]


def _expand_range(reference: str) -> list[str]:
    """`3-7` stands for the ranks 3 to 7; anything else for itself."""
    first, dash, last = reference.partition("-")
    if not (dash and first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        return [reference]
    ranks = range(int(first[:9]), int(last[:9]) + 1)
    if not ranks or ranks[-1] >= FIRST_ID:
        raise UsageError(f"“{reference}” is no range of ranks: write it as 3-7; ids are given one by one")
    return [str(rank) for rank in ranks]


def _write_ranges(ranks: Sequence[str]) -> list[str]:
    """`5-7` for ranks in a row, else each by itself."""
    in_a_row = len(ranks) > 1 and int(ranks[-1]) - int(ranks[0]) == len(ranks) - 1
    return [f"{ranks[0]}-{ranks[-1]}"] if in_a_row else list(ranks)
