"""The plan of a session: candidates gathered, weighed and costed, and what fits stored as a session that begins."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.overrides import muted_by_config
from veille.app.ranking import explain_nothing, load_since
from veille.app.triage import lay_out, load_weights
from veille.errors import VeilleError
from veille.rank.catchup import count_by_day, find_start, spread, was_away
from veille.rank.pace import Pace, guess_lengths, learn_paces, list_costs
from veille.rank.plan import plan_session
from veille.rank.score import drop_killed, rank_stories
from veille.store.articles import load_lengths
from veille.store.candidates import load_candidates
from veille.store.db import write
from veille.store.ledger import list_paces, load_article_words, load_some_texts
from veille.store.marks import list_later
from veille.store.session import (
    StoredSlot,
    end_sessions,
    find_last_use,
    list_planned,
    load_session,
    load_slots,
    start_session,
)
from veille.store.stories import list_window, load_stories
from veille.text import clean_line
from veille.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.app.home import Home
    from veille.model import Ranked, Story
    from veille.rank.lead import Weights
    from veille.rank.plan import SessionPlan
    from veille.store.session import StoredSession

# A feed whose texts are mostly shorter, in words, may give teasers: some of its texts are looked at.
_TEASER, _SAMPLED = 200, 8
# Readings that a pace is learned from.
_MOST_PACES = 1000
# Stories that did not fit: those that are stored with a session, and those whose titles are told.
_MOST_TAIL, _MOST_TITLES = 5000, 200
# A session that began before midnight goes on after it, unless it has rested so long.
_SAME_NIGHT = timedelta(hours=3)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan whose slots are stories in full, as are the first it leaves out; how many kill rules hide.

    `per_feed` is the limit of a feed that it was made with.
    """

    plan: SessionPlan
    hidden: int = 0
    per_feed: int = 0
    now: datetime

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is to be said of what the plan leaves out for another reason than its time, a line each."""
        return tuple(filter(None, [*self.short, self.crowded, self.let_go]))

    @property
    def short(self) -> tuple[str, ...]:
        """The reserves that what comes before them left too little time for, a line each."""
        return tuple(
            f"reserve of {clean_line(one.name)}: only {format_duration(timedelta(seconds=one.left))} of its"
            f" {format_duration(timedelta(seconds=one.seconds))}: pins and what else comes before take the rest"
            for one in self.plan.reserves
            if one.is_short
        )

    @property
    def crowded(self) -> str:
        """What is left out by the limit of its feed, and which setting that is; "" when nothing is."""
        number, limit = len(self.plan.crowded), self.per_feed
        return f"{number} more of feeds that have {limit} already: [session] per_feed" if number else ""

    @property
    def let_go(self) -> str:
        """What is let go after days away, by day; "" when nothing is."""
        gone = self.plan.let_go
        if not gone:
            return ""
        days = [f"{day:%a %d %b} {number}" for day, number in count_by_day(gone, now=self.now.astimezone())]
        return f"{len(gone)} older {'story is' if len(gone) == 1 else 'stories are'} let go: {', '.join(days)}"


def plan_stories(home: Home, budget: timedelta | None) -> Planned:
    """What a session begun now would hold. Raises ConfigError."""
    now, settings, weights = read_clock(), home.settings.session, load_weights(home)
    if budget is not None:
        settings = replace(settings, budget=budget)
    last = find_last_use(home.db, now=now)
    stories = load_since(home, find_start(last, now=now, window=settings.window), unread_only=True)
    known, later = {story.id for story in stories}, list_later(home.db)
    older = [one for one in dict.fromkeys([*later, *_list_left(home)]) if one not in known]
    stories += load_candidates(home.db, older, weights)
    desk = lay_out(home, stories)
    alive = drop_killed(stories, desk)
    ranked = rank_stories(alive, replace(desk, rules=[rule for rule in desk.rules if rule.kind != "kill"]))
    away = was_away(last, now=now, window=settings.window)
    plan = plan_session(
        ranked,
        settings,
        list_costs(alive, load_pace(home, alive)),
        later=frozenset(later),
        backlog=spread(ranked, now=now.astimezone(), window=settings.window) if away else None,
    )
    full = _fill_in(home, plan, weights)
    return Planned(plan=full, hidden=len(stories) - len(alive), per_feed=settings.per_feed, now=now)


def _list_left(home: Home) -> list[int]:
    """What the session that gives way has left unread: those of days away are in no window any more."""
    planned = list_planned(home.db)
    return list_window(home.db, since=_EVER, unread_only=True, muted=muted_by_config(home), among=planned)


def load_pace(home: Home, stories: Iterable[Story]) -> Pace:
    """What the time of these stories depends on: how fast is read, how long the articles behind teasers are."""
    settings, told = home.settings.session, defaultdict[int, list["Story"]](list)
    for story in stories:
        told[story.lead.feed_id].append(story)
    short = [row for row in told.values() if median([story.words for story in row]) < _TEASER]
    texts = load_some_texts(home.db, [story.lead.entry_id for row in short for story in row[:_SAMPLED]])
    return Pace(
        glance=settings.glance,
        words_a_minute=settings.words_a_minute,
        learned=learn_speeds(home),
        lengths=guess_lengths(texts, load_lengths(home.db)),
        articles=load_article_words(home.db),
    )


def learn_speeds(home: Home) -> dict[str, float]:
    """Words a minute by language, from what was read in past sessions."""
    return learn_paces(list_paces(home.db, most=_MOST_PACES), glance=home.settings.session.glance)


def check_plan(home: Home, planned: Planned) -> None:
    """Raises VeilleError for a plan of nothing, with the reason."""
    plan = planned.plan
    if plan.slots:
        return
    if plan.tail or plan.crowded or plan.let_go:
        number = len(plan.tail) + len(plan.crowded) + len(plan.let_go)
        raise VeilleError(
            f"nothing fits into {format_duration(plan.budget)}: give it more with --budget;"
            f" `veille top --since 3d` lists the {number} there are"
        )
    hidden = f", {planned.hidden} hidden by your kill rules" if planned.hidden else ""
    nothing = explain_nothing(home) or f"nothing unread{hidden}: `veille fetch` brings what is new"
    raise VeilleError(f"nothing for a session: {nothing}")


def begin_session(home: Home, budget: timedelta | None, now: datetime) -> StoredSession:
    """Plan a session and store it; what was open is closed. Raises VeilleError when there is nothing to plan."""
    planned = plan_stories(home, budget)
    check_plan(home, planned)
    plan = planned.plan
    slots = [
        StoredSlot(
            place=place,
            story_id=one.ranked.story.id,
            seconds=one.seconds,
            points=one.ranked.score.total,
            why=one.why,
        )
        for place, one in enumerate(plan.slots)
    ]
    told = {"let_go": "; ".join(planned.left_out), "tail": [one.story.id for one in plan.tail[:_MOST_TAIL]]}
    with write(home.db):
        end_sessions(home.db, now=now)
        session_id = start_session(home.db, slots, budget=plan.budget, told=told, now=now)
    return load_session(home.db, session_id)


def is_of_today(stored: StoredSession, now: datetime) -> bool:
    """Whether a session goes on: of the same day here, or of the same night."""
    today = stored.started_at.astimezone().date() == now.astimezone().date()
    return today or timedelta(0) <= now - stored.saved_at < _SAME_NIGHT


def moment_of(stored: StoredSession) -> str:
    """When a session began, for people."""
    return f"{stored.started_at.astimezone():%A %d %B, %H:%M}"


def tell_closed(home: Home, stored: StoredSession) -> str:
    """What to say of a session that gives way to another."""
    slots = load_slots(home.db, stored.id)
    done = sum(slot.state == "done" for slot in slots)
    spent = format_duration(timedelta(seconds=stored.spent))
    return (
        f"the session of {moment_of(stored)} is closed ({done} of {len(slots)} stories read, {spent}): a new one begins"
    )


def _fill_in(home: Home, plan: SessionPlan, weights: Weights) -> SessionPlan:
    """The same with the titles, texts and marks of what is planned, and of the first of what is left out."""
    out = [*plan.tail[:_MOST_TITLES], *plan.crowded[:_MOST_TITLES]]
    shown = [slot.ranked.story.id for slot in plan.slots] + [one.story.id for one in out]
    full = {story.id: story for story in load_stories(home.db, shown, weights)}

    def fill(one: Ranked) -> Ranked:
        return replace(one, story=full.get(one.story.id, one.story))

    slots = [replace(slot, ranked=fill(slot.ranked)) for slot in plan.slots if slot.ranked.story.id in full]
    return replace(plan, slots=tuple(slots), tail=tuple(map(fill, plan.tail)), crowded=tuple(map(fill, plan.crowded)))
