"""Alerts: what an expression matches that it has not told yet, and the memory of what was told.

Each alert remembers by itself how far it has looked and which stories it has told. Nothing is remembered before it
is printed: an alert that is cut off tells again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from veille.app.arrivals import find_arrivals
from veille.app.hints import doubt_name
from veille.app.home import read_clock
from veille.app.lock import hold_lock
from veille.app.ranking import FIRST_WINDOW, LATE, Choice, Cut, load_since, rank_chosen
from veille.app.rulebook import load_rulebook
from veille.app.triage import catch_up
from veille.rank.rules import keyword_rule
from veille.store.candidates import list_arrived, list_edited
from veille.store.db import write
from veille.store.looks import add_seen, add_told, load_look, load_told, save_look
from veille.store.outbox import add_deliveries
from veille.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from veille.app.home import Home
    from veille.app.ranking import Ranking
    from veille.delivery import Delivery
    from veille.model import Source, Story

_PATIENCE = 30.0  # seconds for another alert to print what it has found


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What there is to tell; `look` names the alert's memory, "" when nothing of it is to be remembered.

    `arrivals` has what came of stories whose lead did not; `doubts` say which saved search may have been meant.
    """

    found: Ranking
    look: str = ""
    arrivals: Mapping[int, Source] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


def hold_alerts(home: Home) -> AbstractContextManager[None]:
    """One alert at a time, from looking to remembering: two at once would tell a story twice. Raises LockedError."""
    return hold_lock(home.places.lock_for("alert"), command="alert", patience=_PATIENCE)


def find_alert(home: Home, text: str, *, since: datetime | None = None, memory: str = "") -> Alert:
    """The stories that a saved search, or else an expression, matches and has not told, best first.

    `memory` is where what was told is remembered, unless it goes by what is looked for. Since a moment all that match
    are told, and nothing is remembered. Raises QueryError, ConfigError.
    """
    rules = load_rulebook(home).rules
    name = fold(text.strip().removeprefix("@"))
    saved = next((known for known in rules.searches if fold(known) == name), "")
    rule = keyword_rule(f"@{saved}" if saved else text, searches=rules.searches)
    memory = memory or f"alert:{saved or ' '.join(text.split())}"
    newest = catch_up(home)
    stories = _load_new(home, memory, newest) if since is None else load_since(home, since, unread_only=False)
    found = replace(rank_chosen(home, stories, Choice(words=[rule], only=rule), Cut()), newest=newest)
    return Alert(
        found=found,
        look=memory if since is None else "",
        arrivals=find_arrivals(home, memory, found) if since is None else {},
        doubts=() if saved else tuple(doubt_name(text, rules.searches)),
    )


def remember_alert(home: Home, alert: Alert, deliveries: Iterable[Delivery] = ()) -> None:
    """Remember what was told and how far the alert has looked: call it only once all is printed.

    What is to be sent instead is queued in the same transaction.
    """
    shown = [one.story.id for one in alert.found.stories]
    with write(home.db):
        add_deliveries(home.db, deliveries, now=read_clock())
        add_seen(home.db, shown)
        if not alert.look:
            return
        newest = alert.found.newest
        add_told(home.db, alert.look, shown, entry_id=newest)
        save_look(home.db, alert.look, entry_id=newest, now=read_clock())


def _load_new(home: Home, memory: str, newest: int) -> list[Story]:
    """What has come, or been edited, since the alert last looked.

    Copies too: they may be the third source that it waits for.
    """
    look = load_look(home.db, memory)
    if look is None:
        return load_since(home, read_clock() - FIRST_WINDOW, unread_only=False)
    arrived = list_arrived(home.db, after=look.entry_id, to=newest) | list_edited(home.db, since=look.looked_at)
    arrived -= load_told(home.db, memory).keys()
    stories = load_since(home, look.looked_at - LATE, unread_only=False) if arrived else []
    return [story for story in stories if story.id in arrived]
