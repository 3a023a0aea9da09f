"""A session: planned, resumed with its clock, one at a time, acted in, undone, ended."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sittings import configure, dump, fill, publish
from stored import entry, fold, store, subscribe
from veille.app.home import open_home, read_clock
from veille.app.planning import plan_stories
from veille.app.session import (
    act,
    finish,
    leave,
    load_reading,
    offer_rule,
    open_session,
    survey,
    tick,
    undo,
)
from veille.app.stories import put_stories_together, split_story
from veille.app.subscribe import remove
from veille.errors import LockedError, UnknownError, UsageError, VeilleError
from veille.store.db import write
from veille.store.stories import list_window, load_stories, mark_story
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.app.session import Session

_TITLES = "ponts lycees musees marches jardins gares".split()
pytestmark = pytest.mark.usefixtures("home")


@contextmanager
def sitting(number: int = 8, **values: Any) -> Iterator[Session]:
    """A session with so many stories, left at the end."""
    fill(number, **values)
    with open_home() as home:
        session = open_session(home)
        yield session
        leave(session)


def test_a_session_is_resumed_with_its_clock_and_its_place() -> None:
    with sitting() as session:
        assert not session.resumed
        first = session.slots[0].story_id
        tick(session, 30.5, first)
        act(session, "done", first)
        planned, place = [slot.story_id for slot in session.slots], session.place
    with open_home() as home:
        again = open_session(home)
        assert again.resumed
        assert ([slot.story_id for slot in again.slots], again.place, again.spent) == (planned, place, 30.5)
        assert again.slots[0].state == "done"
        assert survey(again).stories_left == 7
        leave(again)


def test_the_clock_is_kept_every_two_seconds_and_a_gap_is_nobody_there() -> None:
    with sitting() as session:
        story = session.slots[0].story_id
        tick(session, 1.0, story)
        saved = "SELECT spent FROM sessions"
        assert session.home.db.execute(saved).fetchone()[0] == 0
        tick(session, 1.0, story)
        assert session.home.db.execute(saved).fetchone()[0] == 2
        tick(session, 8 * 3600, story)  # the lid was closed
        tick(session, -3600, story)  # a clock that goes back
        assert session.spent == 2 + max(120, 2 * session.slots[0].seconds)


def test_a_long_text_may_take_its_time_without_a_key() -> None:
    with sitting(1, words=1200) as session:
        tick(session, 300, session.slots[0].story_id)
        assert session.spent == 300


def test_a_session_of_another_day_is_closed_and_said() -> None:
    with sitting() as session:
        act(session, "done", session.slots[0].story_id)
    with open_home() as home:
        moment = to_stored(read_clock() - timedelta(hours=30))
        home.db.execute("UPDATE sessions SET started_at = ?, saved_at = ?", (moment, moment))
        again = open_session(home)
        assert not again.resumed
        assert len(again.slots) == 7
        (notice,) = again.notices
        assert "is closed (1 of 8 stories read" in notice
        leave(again)
        assert home.db.execute("SELECT count(*) FROM sessions WHERE ended_at IS NULL").fetchone()[0] == 1


def test_a_fresh_one_is_planned_on_demand_and_a_budget_alone_plans_none() -> None:
    with sitting() as session:
        first = session.id
    with open_home() as home:
        again = open_session(home, budget=timedelta(minutes=20))
        assert again.id == first
        assert "--new" in again.notices[0]
        leave(again)
        fresh = open_session(home, budget=timedelta(minutes=3), fresh=True)
        assert fresh.id != first
        assert fresh.budget == timedelta(minutes=3)
        assert len(fresh.slots) == 2
        assert len(fresh.tail) == 6
        leave(fresh)


def test_a_second_session_at_once_is_told() -> None:
    with sitting(), open_home() as home, pytest.raises(LockedError, match="session, process"):
        open_session(home)
    with open_home() as home:
        leave(open_session(home))


def test_nothing_to_read_says_why() -> None:
    with open_home() as home, pytest.raises(VeilleError, match="no feeds yet"):
        open_session(home)
    fill(2)
    with open_home() as home:
        with pytest.raises(VeilleError, match="nothing fits into 1 min: give it more"):
            open_session(home, budget=timedelta(minutes=1))
        with write(home.db):
            for number in list_window(home.db, since=read_clock() - timedelta(days=1), unread_only=True):
                mark_story(home.db, number, "read", now=read_clock())
        with pytest.raises(VeilleError, match="nothing unread: `veille fetch`"):
            open_session(home)


def test_each_action_marks_the_story_and_its_slot() -> None:
    with sitting() as session:
        ids = [slot.story_id for slot in session.slots]
        for what, number in zip(("star", "read", "kill", "later", "pick"), ids, strict=False):
            act(session, what, number)  # type: ignore[arg-type]
        assert act(session, "note", ids[0], "à reprendre").startswith("noted: ")
        act(session, "tag", ids[0], "marque")
        act(session, "tag", ids[0], "crise")
        act(session, "tag", ids[0], "-marque")
        stories = {story.id: story for story in load_stories(session.home.db, ids)}
        assert (stories[ids[0]].starred, stories[ids[0]].note) == (True, "à reprendre")
        assert (stories[ids[1]].read, stories[ids[2]].killed, stories[ids[3]].later) == (True, True, True)
        assert stories[ids[4]].picked
        assert [slot.state for slot in session.slots] == ["todo", "done", "killed", "later", *["todo"] * 4]
        assert [tuple(row) for row in session.home.db.execute("SELECT * FROM story_tags")] == [(ids[0], "crise")]
        act(session, "pick", ids[4])
        act(session, "unread", ids[2])
        assert not session.slots[4].story.picked
        assert (session.slots[2].state, session.slots[2].story.killed) == ("todo", False)


def test_what_is_killed_by_hand_is_hidden_and_what_is_put_off_comes_first() -> None:
    with sitting() as session:
        ids = [slot.story_id for slot in session.slots]
        act(session, "kill", ids[0])
        act(session, "later", ids[6])
        finish(session)
        window = list_window(session.home.db, since=read_clock() - timedelta(days=1), unread_only=True)
        assert ids[0] not in window
        slots = plan_stories(session.home, None).plan.slots
        assert ids[0] not in [slot.ranked.story.id for slot in slots]
        assert (slots[0].ranked.story.id, slots[0].why) == (ids[6], "later")


def test_done_goes_on_to_the_next_story_to_do() -> None:
    with sitting(4) as session:
        ids = [slot.story_id for slot in session.slots]
        act(session, "read", ids[1])
        act(session, "done", ids[0])
        assert session.place == 2
        act(session, "later", ids[2])
        assert session.place == 3
        session.place = 0
        act(session, "star", ids[0])
        assert session.place == 0


def test_a_story_moves_in_the_plan_and_stays_in_hand() -> None:
    with sitting(4) as session:
        ids = [slot.story_id for slot in session.slots]
        act(session, "move", ids[0], "down")
        assert [slot.story_id for slot in session.slots] == [ids[1], ids[0], ids[2], ids[3]]
        assert session.place == 1
        act(session, "move", ids[3], "down")
        undo(session)
        undo(session)
        assert [slot.story_id for slot in session.slots] == ids
        with pytest.raises(UsageError, match="up or down"):
            act(session, "move", ids[0], "sideways")


def test_undo_takes_back_what_was_done_here_and_nothing_else() -> None:
    with sitting() as session:
        story = session.slots[0].story_id
        act(session, "done", story)
        with write(session.home.db):
            mark_story(session.home.db, story, "star", now=read_clock())  # by another veille
        assert undo(session) == f"undone, done: {session.slots[0].story.lead.title}"
        (now,) = load_stories(session.home.db, [story])
        assert (now.read, now.starred) == (False, True)
        assert undo(session) == "nothing to undo"


def test_what_cannot_be_done_changes_nothing() -> None:
    with sitting() as session:
        before = dump(session.home.db)
        for what, value in (("tag", ""), ("tag", "-"), ("tag", "x" * 61), ("move", "")):
            with pytest.raises(UsageError):
                act(session, what, session.slots[0].story_id, value)  # type: ignore[arg-type]
        with pytest.raises(UnknownError):
            act(session, "star", 999_999)
        assert dump(session.home.db) == before
        assert undo(session) == "nothing to undo"


def test_a_session_that_another_has_closed_takes_no_more() -> None:
    with sitting() as session:
        session.home.db.execute("UPDATE sessions SET ended_at = saved_at")
        with pytest.raises(UsageError, match="closed by another"):
            act(session, "star", session.slots[0].story_id)


def test_stories_that_a_fetch_puts_together_are_one_slot() -> None:
    with sitting() as session:
        ids = [slot.story_id for slot in session.slots]
        act(session, "star", ids[1])
        tick(session, 10, ids[1])
        with open_home() as other:
            put_stories_together(other, [str(ids[0]), str(ids[1])])
        kept, gone = min(ids[:2]), max(ids[:2])
        act(session, "note", gone, "suivie")
        (story,) = load_stories(session.home.db, [kept])
        assert (story.starred, story.note) == (True, "suivie")
        assert [slot.story_id for slot in session.slots].count(kept) == 1
        assert len(session.slots) == 7
        assert session.notices == ["1 story of the plan joined another: they are one now"]
        undo(session)
        assert load_stories(session.home.db, [kept])[0].note == ""


def test_a_story_that_is_split_meanwhile_stays_in_the_plan() -> None:
    with sitting() as session:
        ids = sorted(slot.story_id for slot in session.slots)
        with open_home() as other:
            put_stories_together(other, [str(ids[0]), str(ids[1])])
            split_story(other, str(ids[0]), [str(ids[0])])
        act(session, "star", ids[2])
        assert len(session.slots) >= 7
        for slot in session.slots:
            assert load_reading(session, slot.story_id).reading.story.sources


def test_stories_that_go_with_their_feed_leave_the_plan() -> None:
    fill(2, feed="gazette")
    fill(2, feed="agence")
    with open_home() as home:
        session = open_session(home)
        with open_home() as other:
            remove(other, "http://agence.example/feed", purge=True)
        gone = next(slot.story_id for slot in session.slots if "agence" in slot.story.lead.title)
        with pytest.raises(UnknownError, match="gone with its feed"):
            act(session, "star", gone)
        assert all(slot.story_id != gone for slot in session.slots)
        assert "went with the feed" in session.notices[0]
        leave(session)
        again = open_session(home)
        assert len(again.slots) == 2
        leave(again)


def test_a_session_whose_stories_are_all_gone_gives_way_to_another() -> None:
    with sitting(2, feed="agence") as session:
        first = session.id
    with open_home() as home:
        remove(home, "http://agence.example/feed", purge=True)
        publish(home.db, 3)
        again = open_session(home)
        assert again.id != first
        assert (len(again.slots), again.resumed) == (3, False)
        assert again.notices == [
            "2 stories of the plan went with the feed",
            "nothing of its plan is left: a new one begins",
        ]
        leave(again)


def test_a_plan_that_is_all_done_says_what_to_do() -> None:
    with sitting(1) as session:
        act(session, "done", session.slots[0].story_id)
    with open_home() as home:
        again = open_session(home)
        assert again.notices == ["all of the plan is done: end the session, or plan another with --new"]
        leave(again)


def test_a_feed_of_teasers_is_costed_by_what_its_articles_may_be() -> None:
    fill(1, words=60)
    with open_home() as home:
        feed_id = subscribe(home.db, "teasers")
        day = {"published_at": read_clock(), "language": "fr"}
        made = [entry(word, word, content=f"<p>Les {word} de la semaine [...]", **day) for word in _TITLES]
        store(home.db, feed_id, *made)
        fold(home.db)
        seconds = {slot.ranked.story.lead.feed_id: slot.seconds for slot in plan_stories(home, None).plan.slots}
        assert seconds[feed_id] > 120
        assert min(seconds.values()) == 24


def test_entries_that_come_meanwhile_belong_to_the_next_plan() -> None:
    with sitting(3) as session, open_home() as other:
        publish(other.db, 3, feed="agence")
        act(session, "done", session.slots[0].story_id)
        assert len(session.slots) == 3


def test_a_session_ends_with_what_came_of_it(home: Path) -> None:
    (home / "rules.toml").write_text('[[rule]]\nmatch = "usine"\nname = "BDM"\n', encoding="utf-8")
    with sitting() as session:
        slot = next(slot for slot in session.slots if "Usine" in slot.story.lead.title)
        tick(session, 100, slot.story_id)
        act(session, "star", slot.story_id)
        act(session, "done", slot.story_id)
        act(session, "open", slot.story_id)
        others = [one.story_id for one in session.slots if one.story_id != slot.story_id]
        act(session, "kill", others[0])
        act(session, "star", others[1])
        undo(session)
        summary = finish(session)
    assert (summary.minutes, summary.read, summary.starred, summary.killed, summary.opened) == (2, 1, 1, 1, 1)
    assert (summary.stories_left, summary.later, summary.picked) == (6, 0, 0)
    assert [(one.name, one.seconds, one.kept) for one in summary.rules] == [("BDM", 100.0, 1)]
    assert summary.hint == "veille digest"
    with open_home() as again:
        fresh = open_session(again)
        assert not fresh.resumed
        leave(fresh)


def test_a_rule_is_offered_from_what_titles_of_the_feed_share() -> None:
    with sitting(3) as session, open_home() as other:
        feed_id = session.slots[0].story.lead.feed_id
        day = {"published_at": read_clock(), "language": "fr"}
        store(other.db, feed_id, entry("h1", "Horoscope du lion", **day), entry("h2", "Horoscope du taureau", **day))
        fold(other.db)
        (number,) = other.db.execute("SELECT story_id FROM entries WHERE guid = 'h1'").fetchone()
        assert offer_rule(session, number) == "site:x.example horoscope"


def test_the_plan_goes_by_the_pace_that_was_learned() -> None:
    with sitting(20, words=400) as session:
        slow = session.slots[0].seconds
        for slot in list(session.slots):
            session.spent, session.unsaved[slot.story_id] = 0.0, 3 * slot.seconds
            act(session, "done", slot.story_id)
        finish(session)
        assert all(slot.seconds > 1.5 * slow for slot in plan_stories(session.home, None).plan.slots)


def test_the_setting_of_a_pace_wins(home: Path) -> None:
    configure(home, words_a_minute=400, glance="10s")
    with sitting(1, words=400) as session:
        assert session.slots[0].seconds == 70


def test_what_was_done_to_stories_that_became_one_is_past_undoing() -> None:
    with sitting() as session:
        one, other, third = (slot.story_id for slot in session.slots[:3])
        act(session, "star", third)
        act(session, "star", one)
        act(session, "note", other, "la suite")
        put_stories_together(session.home, [str(one), str(other)])
        kept = min(one, other)
        for _ in range(2):
            with pytest.raises(UsageError, match="cannot be undone: its story joined another"):
                undo(session)
        (story,) = load_stories(session.home.db, [kept])
        assert (story.starred, story.note) == (True, "la suite")
        assert undo(session).startswith("undone, star")
        assert not load_stories(session.home.db, [third])[0].starred


def test_what_was_done_to_a_story_that_went_with_its_feed_is_past_undoing() -> None:
    with sitting() as session:
        act(session, "star", session.slots[0].story_id)
        remove(session.home, "http://gazette.example/feed", purge=True)
        with pytest.raises(UsageError, match="went with its feed"):
            undo(session)
        assert undo(session) == "nothing to undo"


def test_a_killed_story_that_is_marked_unread_is_back() -> None:
    with sitting() as session:
        story = session.slots[0].story_id
        for what in ("kill", "done", "unread"):
            act(session, what, story)
        assert not load_stories(session.home.db, [story])[0].killed
