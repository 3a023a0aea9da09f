"""A session that others overtake: stories merged or split meanwhile, a locked database, rules that are wrong."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sittings import fill, publish
from veille.app.home import open_home, read_clock
from veille.app.ledger import read_ledger
from veille.app.marking import mark_stories
from veille.app.planning import plan_stories
from veille.app.session import act, finish, leave, load_reading, open_session, tick, undo
from veille.app.stories import put_stories_together, split_story
from veille.app.subscribe import remove
from veille.errors import BusyError, LockedError, StoreError, UnknownError, UsageError
from veille.store.db import write
from veille.store.session import StoredAction, add_action, end_sessions, start_session
from veille.store.stories import load_stories, mark_story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.app.home import Home
    from veille.app.session import Session

_DAY = timedelta(days=1)


pytestmark = pytest.mark.usefixtures("home")


@contextlib.contextmanager
def overtaken(home: Path, *, feeds: int = 4) -> Iterator[tuple[Session, Home, list[int]]]:
    """A session over one story of each of some feeds, another veille beside it, and the stories; left at the end."""
    (home / "config.toml").write_text('[store]\nbusy_timeout = "0s"\n', "utf-8")
    for number in range(feeds):
        fill(1, feed=f"journal-{number}")
    with open_home() as mine, open_home() as other:
        session = open_session(mine)
        yield session, other, sorted(slot.story_id for slot in session.slots)
        leave(session)


def state_of(session: Session) -> dict[int, str]:
    return {slot.story_id: slot.state for slot in session.slots}


def test_time_goes_to_the_story_that_the_one_in_hand_has_joined(home: Path) -> None:
    with overtaken(home) as (session, other, (kept, gone, *_)):
        tick(session, 10, kept)
        put_stories_together(other, [str(kept), str(gone)])
        tick(session, 20, gone)
        given = other.db.execute("SELECT story_id, seconds FROM reading")
        assert [tuple(row) for row in given] == [(kept, 30)]
        books = read_ledger(other, since=read_clock() - _DAY)
        assert sum(one.seconds for one in books.shares.feeds) == books.seconds == 30
        split_story(other, str(kept), [str(kept)])


def test_a_story_in_hand_whose_number_leaves_with_its_founder_is_followed(home: Path) -> None:
    with overtaken(home) as (session, other, (founder, joined, *_)):
        put_stories_together(other, [str(founder), str(joined)])
        load_reading(session, founder)
        tick(session, 5, founder)
        rest = split_story(other, str(founder), [str(founder)]).stays
        tick(session, 5, founder)
        act(session, "done", founder)
        assert state_of(session)[rest] == "done"
        assert [story.read for story in load_stories(other.db, [founder, rest])] == [False, True]
        assert [tuple(row) for row in other.db.execute("SELECT story_id, seconds FROM reading")] == [(rest, 10)]


def test_an_undo_puts_no_number_back_that_means_another_story_now(home: Path) -> None:
    with overtaken(home) as (session, other, (founder, joined, *_)):
        put_stories_together(other, [str(founder), str(joined)])
        act(session, "star", founder)
        act(session, "done", founder)
        planned = len(session.slots)
        rest = split_story(other, str(founder), [str(founder)]).stays
        undo(session)
        assert (state_of(session)[rest], len(session.slots)) == ("todo", planned)
        assert founder not in state_of(session)


def test_a_move_is_undone_though_its_neighbour_has_joined_another(home: Path) -> None:
    with overtaken(home) as (session, other, _):
        numbers = [slot.story_id for slot in session.slots]
        gone = numbers.index(max(numbers))
        moved, step = (numbers[gone - 1], "down") if gone else (numbers[1], "up")
        kept = min(set(numbers) - {moved})
        act(session, "move", moved, step)
        put_stories_together(other, [str(kept), str(max(numbers))])
        undo(session)
        assert session.notices == ["1 story of the plan joined another: they are one now"]
        assert sorted(state_of(session)) == sorted(set(numbers) - {max(numbers)})


def test_all_that_went_with_a_feed_leaves_the_plan_at_once(home: Path) -> None:
    fill(2, feed="autrefois")
    with overtaken(home, feeds=1) as (session, other, (first, *_)):
        remove(other, "http://autrefois.example/feed", purge=True)
        with pytest.raises(UnknownError, match="has gone with its feed"):
            load_reading(session, first)
        assert (len(session.slots), session.notices) == (1, ["2 stories of the plan went with the feed"])


def test_time_that_cannot_be_stored_waits(home: Path) -> None:
    with overtaken(home) as (session, other, (one, *_)):
        with write(other.db), pytest.raises(BusyError, match="another program has been writing"):
            tick(session, 5, one)
        with pytest.raises(UsageError, match="a tag is a word"):
            act(session, "tag", one, "")  # what is refused rolls the time back with it
        tick(session, 5, one)
        assert [tuple(row) for row in other.db.execute("SELECT story_id, seconds FROM reading")] == [(one, 10)]


def test_a_session_that_cannot_be_saved_is_let_go_of_all_the_same(home: Path) -> None:
    with overtaken(home) as (session, other, _):
        with write(other.db), pytest.raises(StoreError):
            leave(session)
        leave(open_session(other))


def test_a_database_has_one_session_by_whatever_path(home: Path) -> None:
    with overtaken(home):
        link = home / "link.db"
        link.symlink_to(home / "veille.db")
        with open_home(link) as other, pytest.raises(LockedError):
            open_session(other)


def test_nothing_is_done_in_the_session_of_another(home: Path) -> None:
    with overtaken(home) as (session, other, (one, *_)):
        with write(other.db):
            end_sessions(other.db, now=read_clock())
            start_session(other.db, [], budget=timedelta(hours=1), told={}, now=read_clock())
        with pytest.raises(UsageError, match="closed by another"):
            act(session, "done", one)
        assert not load_stories(other.db, [one])[0].read


def test_rules_that_are_wrong_neither_hide_a_story_nor_keep_a_session_open(home: Path) -> None:
    with overtaken(home) as (session, _, (one, *_)):
        tick(session, 30, one)
        (home / "rules.toml").write_text("[[rule]\n", "utf-8")
        opened = load_reading(session, one)
        assert opened.trouble.startswith(f"no scores: {home / 'rules.toml'}:1:")
        assert (bool(opened.reading.html), opened.reading.score.contributions) == (True, ())
        load_reading(session, one)
        assert session.notices == [opened.trouble]
        act(session, "done", one)
        summary = finish(session)
        assert (summary.read, summary.rules, summary.trouble) == (1, [], opened.trouble)


def stay_away(home: Home) -> None:
    """A session was used ten days ago; much came since, most of it five days ago."""
    then = read_clock() - 10 * _DAY
    with write(home.db):
        used = start_session(home.db, [], budget=timedelta(hours=1), told={}, now=then)
        action = StoredAction(id=0, story_id=1000, what="star", value="", before={})
        add_action(home.db, used, action, now=then)
        end_sessions(home.db, now=then)
    publish(home.db, 6, feed="autrefois", hours=5 * 24)
    publish(home.db, 3, feed="matin")


def test_what_days_away_left_in_a_plan_is_a_candidate_of_the_next() -> None:
    with open_home() as mine:
        stay_away(mine)
        session = open_session(mine)
        planned = {slot.story_id for slot in session.slots}
        assert len(planned) == 9
        old, read, *_ = sorted(planned)  # the oldest numbers are those of the days away
        act(session, "star", old)
        act(session, "done", read)
        leave(session)
        with write(mine.db):
            mark_story(mine.db, sorted(planned)[2], "kill", now=read_clock())
        again = open_session(mine, fresh=True)
        assert {slot.story_id for slot in again.slots} == planned - {read, sorted(planned)[2]}
        finish(again)
        # What a session that was ended has left is let go.
        assert len(plan_stories(mine, None).plan.slots) == 3


def test_what_was_left_of_a_feed_that_is_muted_comes_no_more() -> None:
    with open_home() as mine:
        stay_away(mine)
        session = open_session(mine)
        act(session, "star", session.slots[0].story_id)
        leave(session)
        mine.db.execute("UPDATE feeds SET muted = 1 WHERE url LIKE '%autrefois%'")
        assert len(plan_stories(mine, None).plan.slots) == 3


def test_of_two_stories_put_together_the_one_still_to_do_stays_as_unread_as_its_marks(home: Path) -> None:
    with overtaken(home) as (session, other, (founder, joined, rest, *_)):
        act(session, "done", joined)
        put_stories_together(other, [str(founder), str(joined)])
        act(session, "star", rest)
        assert state_of(session)[founder] == "todo"
        (story,) = load_stories(session.home.db, [founder])
        assert not story.read


def test_of_two_stories_dealt_with_and_put_together_it_stays_dealt_with(home: Path) -> None:
    with overtaken(home) as (session, other, (founder, joined, rest, *_)):
        act(session, "kill", founder)
        act(session, "done", joined)
        put_stories_together(other, [str(founder), str(joined)])
        act(session, "star", rest)
        (story,) = load_stories(session.home.db, [founder])
        assert (state_of(session)[founder], story.read, story.killed) == ("done", True, False)


def test_an_undo_leaves_a_slot_that_has_changed_elsewhere_since(home: Path) -> None:
    with overtaken(home) as (session, other, (first, *_)):
        act(session, "later", first)
        mark_stories(other, "read", [str(first)])
        undo(session)
        (story,) = load_stories(session.home.db, [first])
        assert (state_of(session)[first], story.read, story.later) == ("done", True, False)
