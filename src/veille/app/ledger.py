"""The books of the sessions: what time has brought since a day, and what came of a session that has ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.planning import learn_speeds
from veille.app.triage import lay_out, lay_out_anyway, load_weights
from veille.rank.yields import Ledger, Summary, count_streak, share_out
from veille.store.ledger import list_given, list_given_in, list_sittings
from veille.store.session import list_acted
from veille.store.stories import load_stories

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from veille.app.home import Home
    from veille.app.session import Session
    from veille.model import Story
    from veille.rank.yields import Given, Progress, Shares

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def read_ledger(home: Home, *, since: datetime) -> Ledger:
    """The books of the sessions begun since. Raises ConfigError."""
    ever = list_sittings(home.db, since=_LONG_AGO)
    sittings = [one for one in ever if one.started_at >= since]
    return Ledger(
        since=since,
        sessions=len(sittings),
        seconds=sum(one.seconds for one in sittings),
        shares=_share_out(home, list_given(home.db, since=since)),
        streak=count_streak(
            (one.started_at.astimezone().date() for one in ever), today=read_clock().astimezone().date()
        ),
        speeds=learn_speeds(home),
    )


def summarise(session: Session, progress: Progress) -> Summary:
    """What came of a session that has just ended; without its rules where rules.toml is wrong."""
    db = session.home.db
    acted, states = list_acted(db, session.id), [slot.state for slot in session.slots]
    stories = {story.id: story for story in load_stories(db, list(set[int]().union(*acted.values())))}
    given = list_given_in(db, session.id)
    touched = _load_given(session.home, given)
    desk, trouble = lay_out_anyway(session.home, touched)
    rules = share_out(touched, desk, given).rules

    def count(what: str, mark: Callable[[Story], object]) -> int:
        """What was marked here and is so still."""
        return sum(bool(mark(stories[number])) for number in acted.get(what, ()) if number in stories)

    return Summary(
        minutes=round(session.spent / 60),
        budget_minutes=round(session.budget.total_seconds() / 60),
        read=states.count("done"),
        starred=count("star", lambda story: story.starred),
        noted=count("note", lambda story: story.note),
        killed=states.count("killed"),
        later=states.count("later"),
        picked=count("pick", lambda story: story.picked),
        opened=len(acted.get("open", ())),
        tagged=len(acted.get("tag", ())),
        share=progress.share,
        stories_left=progress.stories_left,
        rules=[one for one in rules if one.name and one.seconds],
        hint="veille digest",
        trouble=trouble,
    )


def _share_out(home: Home, given: Sequence[Given]) -> Shares:
    stories = _load_given(home, given)
    return share_out(stories, lay_out(home, stories), given)


def _load_given(home: Home, given: Sequence[Given]) -> list[Story]:
    return load_stories(home.db, [one.story_id for one in given], load_weights(home))
