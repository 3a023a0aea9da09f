"""What can be done in a session, as changes of marks and slots: written down with what they replace, and taken back.

Inside the caller's transaction, which holds the mark, the slot and the line in the book of actions together.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from veille.app.home import read_clock
from veille.errors import UsageError
from veille.store.db import write
from veille.store.marks import put_back, tag_story, take_down, untag_story
from veille.store.session import (
    StoredAction,
    StoredSlot,
    add_action,
    drop_slot,
    find_last_action,
    forget_before,
    load_open,
    load_slots,
    mark_undone,
    move_to,
    write_slots,
)
from veille.store.stories import is_story, mark_story, note_story
from veille.text import clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from veille.store.db import Db
    from veille.store.session import SlotState

# What becomes of a slot, and which marks a story gets. What is not named here changes neither.
_STATES: dict[str, SlotState] = {
    "read": "done", "done": "done", "unread": "todo", "kill": "killed", "later": "later",
}  # fmt: skip
_MARKS = {
    "read": "read", "done": "read", "unread": "unread", "star": "star", "unstar": "unstar", "kill": "kill",
    "later": "later",
}  # fmt: skip
# What putting a slot back to be read takes away beside.
_LIFTED: dict[SlotState, str] = {"killed": "unkill", "later": "unlater"}
_TOLD = {
    "read": "read", "unread": "unread", "star": "starred", "unstar": "no longer starred", "kill": "killed",
    "later": "put off to the next session", "open": "opened", "done": "done",
}  # fmt: skip
# After these the story is dealt with, and the next one comes.
_ONWARD = {"done", "kill", "later"}
_LONGEST_TAG = 60
_SLOT = [field.name for field in fields(StoredSlot)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done to which story, in words, and the slot that is in hand now."""

    told: str
    story_id: int
    place: int


def record_action(db: Db, session_id: int, story_id: int, *, what: str, value: str) -> Done:
    """Do it in the session, and write down what it replaced. Raises UsageError, and for one that is no longer open."""
    session = load_open(db)
    if session is None or session.id != session_id:
        raise UsageError("this session has been closed by another: leave it, and `veille session` plans a new one")
    now, before, slots = read_clock(), take_down(db, story_id), load_slots(db, session.id)
    slot = next((one for one in slots if one.story_id == story_id), None)
    told = _TOLD.get(what) or ""
    if what in _MARKS:
        mark_story(db, story_id, _MARKS[what], now=now)
    if what == "unread" and slot and slot.state in _LIFTED:
        mark_story(db, story_id, _LIFTED[slot.state], now=now)
    if what == "note":
        text = clean_text(value).strip()
        note_story(db, story_id, text, now=now)
        told = "noted" if text else "note removed"
    elif what == "tag":
        told = _tag(db, story_id, value)
    elif what == "pick":
        mark_story(db, story_id, "unpick" if before["picked_at"] else "pick", now=now)
        told = "out of the press review" if before["picked_at"] else "picked for the press review"
    changed, place = _change_slots(slots, slot, what, value, place=session.place)
    write_slots(db, session.id, changed)
    move_to(db, session.id, place)
    after = take_down(db, story_id)
    replaced: dict[str, Any] = {key: kept for key, kept in before.items() if after[key] != kept}
    places = {one.place for one in changed}
    replaced["slots"] = [astuple(one) for one in slots if one.place in places]
    replaced["place"] = session.place
    action = StoredAction(id=0, story_id=story_id, what=what, value=value, before=replaced)
    add_action(db, session.id, action, now=now)
    return Done(told=told or f"moved {value}", story_id=story_id, place=place)


def take_back(db: Db, session_id: int) -> Done | None:
    """Put back what the last action replaced; None when there is none."""
    action = find_last_action(db, session_id)
    if action is None:
        return None
    if "slots" not in action.before or not is_story(db, action.story_id):
        forget_before(db, action.id)
        raise UsageError(
            f"{_TOLD.get(action.what, action.what)} cannot be undone: its story joined another, or went with its feed;"
            " once more undoes what was done before"
        )
    put_back(db, action.story_id, action.before)
    write_slots(db, session_id, _restore_slots(load_slots(db, session_id), action))
    place = int(action.before["place"])
    move_to(db, session_id, place)
    mark_undone(db, action.id, now=read_clock())
    return Done(told=action.what, story_id=action.story_id, place=place)


def keep_slots(
    db: Db, session_id: int, slots: Sequence[StoredSlot], known: Collection[int]
) -> tuple[list[StoredSlot], list[str]]:
    """The slots whose story is still known, each story once; the others leave the plan, with a word."""
    kept: dict[int, StoredSlot] = {}
    # Stories put together have been dealt with only where both were, and killed where both were: as are their marks.
    for slot in sorted(slots, key=lambda slot: (slot.state != "todo", slot.state == "killed")):
        if slot.story_id in known:
            kept.setdefault(slot.story_id, slot)
    lost = sum(slot.story_id not in known for slot in slots)
    joined = len(slots) - len(kept) - lost
    if joined or lost:
        staying = {slot.place for slot in kept.values()}
        with write(db):
            for slot in slots:
                if slot.place not in staying:
                    drop_slot(db, session_id, slot.place)
    words = [f"{_stories(joined)} of the plan joined another: they are one now"] if joined else []
    words += [f"{_stories(lost)} of the plan went with the feed"] if lost else []
    return sorted(kept.values(), key=lambda slot: slot.place), words


def find_next(slots: Sequence[StoredSlot], place: int) -> int:
    """The place of the next story to do, from the start again after the end; the same where all is done."""
    todo = [one.place for one in slots if one.state == "todo" and one.place != place]
    return next((one for one in todo if one > place), todo[0] if todo else place)


def _change_slots(
    slots: Sequence[StoredSlot], slot: StoredSlot | None, what: str, value: str, *, place: int
) -> tuple[list[StoredSlot], int]:
    """The slots that change, as they become, and the place in hand after it."""
    if what == "move":
        return _move(slots, slot, value, place=place)
    changed = [replace(slot, state=_STATES[what])] if slot and what in _STATES else []
    if what in _ONWARD and slot:
        now = [changed[0] if one is slot else one for one in slots]
        return changed, find_next(now, slot.place)
    return changed, place


def _move(
    slots: Sequence[StoredSlot], slot: StoredSlot | None, value: str, *, place: int
) -> tuple[list[StoredSlot], int]:
    """Change places with the neighbour; the story in hand stays in hand."""
    step = {"up": -1, "down": 1}.get(value)
    if slot is None or step is None:
        raise UsageError("move: a story of the plan goes up or down")
    index = slots.index(slot) + step
    if not 0 <= index < len(slots):
        return [], place
    other = slots[index]
    moved = {slot.place: other.place, other.place: slot.place}
    return [replace(slot, place=other.place), replace(other, place=slot.place)], moved.get(place, place)


def _restore_slots(slots: Sequence[StoredSlot], action: StoredAction) -> list[StoredSlot]:
    """The slots that change when an action is taken back, as they become.

    What stands in the plan stays in it: the numbers that stories had then may mean others now. What has become of a
    slot since, elsewhere, stays too.
    """
    before = [StoredSlot(**dict(zip(_SLOT, row, strict=True))) for row in action.before["slots"]]
    if action.what != "move":
        made = _STATES.get(action.what)
        own = [slot for slot in slots if slot.story_id == action.story_id and slot.state == made]
        return [replace(slot, state=one.state) for one in before for slot in own]
    places = [one.place for one in before]
    changed = dict(zip(places, reversed(places), strict=True))
    moved = [replace(slot, place=changed[slot.place]) for slot in slots if slot.place in changed]
    return moved if len(moved) == len(places) else []


def _tag(db: Db, story_id: int, value: str) -> str:
    tag = clean_line(value).strip()
    gone = tag.startswith("-")
    name = tag.removeprefix("-").strip()
    if not name or len(name) > _LONGEST_TAG:
        raise UsageError(f"a tag is a word or a few, of {_LONGEST_TAG} characters at most")
    if gone:
        untag_story(db, story_id, name)
        return f"tag {name} removed"
    tag_story(db, story_id, name)
    return f"tagged {name}"


def _stories(number: int) -> str:
    return "1 story" if number == 1 else f"{number} stories"
