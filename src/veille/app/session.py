"""A watch session: opened or resumed, kept by the clock, ended with a summary.

    session = open_session(home)          plans, or goes on with that of today; one at a time on one database
    tick(session, 1.0, story_id)          time that a story was in hand, as the caller measures it
    act(session, "star", story_id)        one synced transaction each (`acting`); `undo(session)` takes the last back
    leave(session) or finish(session)     let go of it, to be resumed; or close it

Never prints, and never opens a browser: whoever shows the session does.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from veille.app.acting import keep_slots, record_action, take_back
from veille.app.home import read_clock
from veille.app.ledger import summarise
from veille.app.lock import hold_lock
from veille.app.offering import compose_rule
from veille.app.opening import Opened, open_reading
from veille.app.planning import begin_session, is_of_today, moment_of, tell_closed
from veille.app.triage import catch_up, load_weights
from veille.errors import UnknownError, UsageError
from veille.rank.yields import Progress
from veille.store.db import write
from veille.store.session import (
    SlotState,
    add_reading,
    end_sessions,
    follow_story,
    load_open,
    load_slots,
    save_clock,
    write_slots,
)
from veille.store.stories import list_known, load_stories
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from veille.app.home import Home
    from veille.model import Story
    from veille.rank.yields import Summary
    from veille.store.session import StoredSession

Action = Literal["read", "unread", "star", "unstar", "note", "kill", "later", "tag", "pick", "open", "done", "move"]

SAVED_EVERY = 2.0
# A gap longer than this, and than twice what the story was to take, is somebody who went away.
_IDLE, _LONGEST = 120.0, 1200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One story of the plan: what it takes, why it is there, what has become of it."""

    place: int
    story_id: int
    seconds: float
    points: float
    why: str
    state: SlotState
    story: Story


@dataclass(slots=True, kw_only=True)
class Session:
    """A session in hand. `place` is an index of `slots`, free to be moved; `notices` is what to tell, once.

    `let_go` and `tail` are what the plan left out: in words, and stories by number. `told` is what has been a notice.
    """

    id: int
    home: Home
    budget: timedelta
    started_at: datetime
    spent: float = 0.0
    place: int = 0
    slots: list[Slot] = field(default_factory=list)
    let_go: str = ""
    tail: list[int] = field(default_factory=list)
    resumed: bool = False
    notices: list[str] = field(default_factory=list)
    held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)
    unsaved: dict[int, float] = field(default_factory=dict)
    told: set[str] = field(default_factory=set, repr=False)


def open_session(home: Home, *, budget: timedelta | None = None, fresh: bool = False) -> Session:
    """The session of today as it was left, or a new one when there is none or a `fresh` one is asked for.

    Raises LockedError while another is at work, VeilleError when there is nothing to read, ConfigError.
    """
    with contextlib.ExitStack() as held:
        # A database has one session by whatever path it is reached.
        places = replace(home.places, database=home.places.database.resolve())
        held.enter_context(hold_lock(places.lock_for("session"), command="session"))
        catch_up(home)
        now, stored, notices = read_clock(), load_open(home.db), []
        resumed = bool(stored and not fresh and is_of_today(stored, now))
        if stored and resumed:
            if budget is not None and budget != stored.budget:
                notices.append(f"the session of {moment_of(stored)} goes on with its plan: --new makes another")
        else:
            if stored:
                notices.append(tell_closed(home, stored))
            stored = begin_session(home, budget, now)
        session = _take_up(home, stored, notices, resumed=resumed)
        if resumed and not session.slots:
            session.notices.append("nothing of its plan is left: a new one begins")
            session = _take_up(home, begin_session(home, budget, now), session.notices, resumed=False)
        elif not survey(session).stories_left:
            session.notices.append("all of the plan is done: end the session, or plan another with --new")
        session.held = held.pop_all()
    return session


def survey(session: Session) -> Progress:
    """Where the session stands."""
    todo = [slot for slot in session.slots if slot.state == "todo"]
    done = [slot for slot in session.slots if slot.state == "done"]
    gained, missing = (sum(max(slot.points, 0.0) for slot in row) for row in (done, todo))
    # Where no story has points, each counts as one.
    gained, missing = (gained, missing) if gained + missing else (float(len(done)), float(len(todo)))
    left = session.budget.total_seconds() - session.spent
    return Progress(
        elapsed=session.spent,
        left=left,
        share=gained / (gained + missing) if gained + missing else 1.0,
        stories_left=len(todo),
        late=sum(slot.seconds for slot in todo) > left,
    )


def act(session: Session, what: Action, story_id: int, value: str = "") -> str:
    """Do something to a story; one line to tell. It is on disk when this returns.

    `note` and `tag` take a text (a tag with “-” before it is taken away), `move` takes up or down. `pick` picks a
    story, or lets go of one that is picked. Raises UnknownError for a story that is gone, UsageError.
    """
    followed = _follow(session, story_id)
    with _saving(session):
        done = record_action(session.home.db, session.id, followed, what=what, value=value)
    _reload(session, at=done.place, touched=followed)
    return f"{done.told}: {_title(session, followed)}"


def undo(session: Session) -> str:
    """Put back what the last action changed; one line to tell."""
    lost: UsageError | None = None
    undone = None
    with _saving(session):
        try:
            undone = take_back(session.home.db, session.id)
        except UsageError as error:
            # Kept all the same: the next undo goes on with what was done before.
            lost = error
    if lost:
        raise lost
    if undone is None:
        return "nothing to undo"
    _reload(session, at=undone.place, touched=undone.story_id)
    return f"undone, {undone.told}: {_title(session, undone.story_id)}"


def tick(session: Session, seconds: float, story_id: int) -> None:
    """Count time spent on a story. A long gap counts for what the story may take: nobody was there.

    Time that cannot be stored now (StoreError) waits for the next tick.
    """
    expected = next((slot.seconds for slot in session.slots if slot.story_id == story_id), 0.0)
    counted = max(0.0, min(seconds, max(_IDLE, 2 * expected), _LONGEST))
    session.spent += counted
    session.unsaved[story_id] = session.unsaved.get(story_id, 0.0) + counted
    if sum(session.unsaved.values()) >= SAVED_EVERY:
        with _saving(session):
            pass


def leave(session: Session) -> None:
    """Let go of a session, to be resumed."""
    with session.held, _saving(session):
        pass


def finish(session: Session) -> Summary:
    """Close a session; what came of it. What was not read stays unread."""
    progress = survey(session)
    with _saving(session):
        end_sessions(session.home.db, now=read_clock())
    session.held.close()
    return summarise(session, progress)


def load_reading(session: Session, story_id: int) -> Opened:
    """A story of the session in full. Raises UnknownError."""
    opened = open_reading(session.home, _follow(session, story_id))
    if opened.trouble and opened.trouble not in session.told:
        session.told.add(opened.trouble)
        session.notices.append(opened.trouble)
    return opened


def offer_rule(session: Session, story_id: int) -> str:
    """An expression for a rule about stories like this one; `offering.apply_rule` writes it once it is confirmed."""
    return compose_rule(session.home, _follow(session, story_id))


def find_slot(session: Session, story_id: int) -> Slot | None:
    """The slot of a story, None when it is in none."""
    return next((slot for slot in session.slots if slot.story_id == story_id), None)


def _take_up(home: Home, stored: StoredSession, notices: list[str], *, resumed: bool) -> Session:
    session = Session(
        id=stored.id,
        home=home,
        budget=stored.budget,
        started_at=stored.started_at,
        spent=stored.spent,
        let_go=str(stored.told.get("let_go", "")),
        tail=list(stored.told.get("tail", ())),
        resumed=resumed,
        notices=notices,
    )
    _reload(session, at=stored.place)
    return session


@contextlib.contextmanager
def _saving(session: Session) -> Iterator[None]:
    """One transaction that brings the clock to disk, with what is done inside. What is rolled back is not forgotten."""
    db, now = session.home.db, read_clock()
    place = session.slots[session.place].place if session.slots else 0
    with write(db):
        save_clock(db, session.id, spent=session.spent, place=place, now=now)
        for story_id, seconds in session.unsaved.items():
            add_reading(db, session.id, _find_number(session, story_id) or story_id, seconds)
        yield
    session.unsaved.clear()


def _reload(session: Session, *, at: int, touched: int | None = None) -> None:
    """Read the plan again: a fetch may have put stories together or taken them away; what was lost is a notice."""
    db = session.home.db
    rows = load_slots(db, session.id)
    there = list_known(db, [row.story_id for row in rows]) - {touched}
    known = {slot.story_id: slot.story for slot in session.slots if slot.story_id in there}
    missing = [row.story_id for row in rows if row.story_id not in known]
    known |= {story.id: story for story in load_stories(db, missing, load_weights(session.home))}
    kept, words = keep_slots(db, session.id, rows, known)
    session.notices += words
    session.slots = [Slot(**asdict(row), story=known[row.story_id]) for row in kept]
    places = [slot.place for slot in session.slots]
    session.place = next((index for index, place in enumerate(places) if place >= at), max(0, len(places) - 1))


def _follow(session: Session, story_id: int) -> int:
    """The number of a story now. Raises UnknownError for one that is gone, which leaves the plan."""
    found = _find_number(session, story_id)
    slot = find_slot(session, story_id)
    if found is not None and (found == story_id or slot is None):
        return found
    at = session.slots[session.place].place if session.slots else 0
    if found is not None and slot is not None:
        with write(session.home.db):
            row = next(one for one in load_slots(session.home.db, session.id) if one.place == slot.place)
            write_slots(session.home.db, session.id, [replace(row, story_id=found)])
    _reload(session, at=at, touched=story_id)
    if found is None:
        raise UnknownError("this story has gone with its feed: it leaves the plan")
    return found


def _find_number(session: Session, story_id: int) -> int | None:
    """The number of a story now, None where it is gone: its slot as stored keeps step with what is split and merged."""
    db, slot = session.home.db, find_slot(session, story_id)
    rows = load_slots(db, session.id) if slot else []
    stored = next((row.story_id for row in rows if slot and row.place == slot.place), story_id)
    return follow_story(db, stored)


def _title(session: Session, story_id: int) -> str:
    slot = find_slot(session, story_id)
    return clean_line(slot.story.lead.title) or f"id {story_id}" if slot else f"id {story_id}"
