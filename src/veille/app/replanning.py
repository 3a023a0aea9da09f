"""What is asked of a session's plan while it is played: what it left out, what a story takes once its text is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from veille.app.planning import load_pace
from veille.app.session import find_slot
from veille.app.triage import load_weights
from veille.rank.pace import cost_of
from veille.store.db import write
from veille.store.session import load_slots, write_slots
from veille.store.stories import load_stories

if TYPE_CHECKING:
    from veille.app.session import Session
    from veille.model import Story

_MOST_TITLES = 200


def list_tail(session: Session) -> list[Story]:
    """The first stories that the plan left out and that are still there, best first."""
    return load_stories(session.home.db, session.tail[:_MOST_TITLES], load_weights(session.home))


def recost(session: Session, story_id: int) -> None:
    """Give a story the time that its whole text takes."""
    slot = find_slot(session, story_id)
    if slot is None:
        return
    seconds = cost_of(slot.story, load_pace(session.home, [slot.story]))
    with write(session.home.db):
        rows = load_slots(session.home.db, session.id)
        changed = [replace(row, seconds=seconds) for row in rows if row.place == slot.place]
        write_slots(session.home.db, session.id, changed)
    session.slots = [replace(one, seconds=seconds) if one is slot else one for one in session.slots]
