"""`veille ledger`: minutes given against what was kept, by rule, group and feed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from sittings import fill
from veille.app.home import open_home, read_clock
from veille.app.session import act, finish, open_session, tick
from veille.rank.yields import count_streak
from veille.times import to_stored

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run


@pytest.fixture
def books(run: Run, home: Path) -> Run:
    """A session of 22 minutes with one star, for a rule of the group clients, and of 5 for the rest."""
    (home / "rules.toml").write_text(
        '[[rule]]\nmatch = "usine OR decret"\nname = "BDM"\ngroup = "clients"\n', encoding="utf-8"
    )
    fill(4)
    fill(3, feed="agence")
    with open_home() as opened:
        session = open_session(opened)
        for slot in list(session.slots):
            title = slot.story.lead.title
            if re.match("(Usine|Decret) gazette", title):
                for _ in range(11):
                    tick(session, 60, slot.story_id)
                act(session, "star" if "Usine" in title else "open", slot.story_id)
                act(session, "done", slot.story_id)
            elif "agence" in title and "Crise" in title:
                tick(session, 90, slot.story_id)
                act(session, "note", slot.story_id, "à suivre")
                act(session, "pick", slot.story_id)
                act(session, "done", slot.story_id)
        finish(session)
    return run


def test_minutes_stand_against_what_was_kept(books: Run) -> None:
    out = books("ledger").out
    assert re.search(r"^since \d{4}-\d\d-\d\d: 1 session, 24 min, 2 kept$", out, re.MULTILINE)
    assert "1 day in a row" in out
    assert re.search(r"^BDM +22 min +2 +1 +1 +0 +0 +1$", out, re.MULTILINE)
    assert re.search(r"^clients +22 min +2 +1", out, re.MULTILINE)
    assert re.search(r"^\(no rule\) +2 min +1 +1 +0 +1 +1 +0$", out, re.MULTILINE)


def test_the_books_as_json(books: Run) -> None:
    record = books("ledger", "--json").json
    assert (record["sessions"], record["seconds"], record["streak_days"]) == (1, 1410, 1)
    (bdm, other) = record["rules"]
    assert (bdm["name"], bdm["seconds"], bdm["kept"], bdm["opened"], other["name"]) == ("BDM", 1320, 1, 1, "")
    assert [one["seconds"] for one in record["feeds"]] == [1320, 90]
    assert record["total"] == {
        "name": "", "seconds": 1410, "stories": 3, "kept": 2, "starred": 1, "noted": 1, "picked": 1, "opened": 1,
    }  # fmt: skip
    # Three stories move the usual pace little, and eleven minutes for 200 words were no reading.
    assert record["words_a_minute"] == {"fr": 195}


def test_undone_actions_are_in_no_book(run: Run) -> None:
    fill(1)
    with open_home() as home:
        session = open_session(home)
        act(session, "open", session.slots[0].story_id)
        from veille.app.session import undo

        undo(session)
        finish(session)
    assert run("ledger", "--json").json["total"]["opened"] == 0
    assert run("ledger", "--json").json["sessions"] == 0


def test_only_the_period_asked_for_counts(books: Run) -> None:
    with open_home() as home:
        home.db.execute("UPDATE sessions SET started_at = ?", (to_stored(read_clock() - timedelta(days=40)),))
    result = books("ledger")
    assert (result.code, result.out) == (0, "")
    assert "no session since then" in result.err
    assert books("ledger", "--since", "60d", "--json").json["sessions"] == 1
    assert books("ledger", "--since", "hier matin").code == 2


def test_names_of_any_width_stay_in_their_column(books: Run) -> None:
    with open_home() as home:
        home.db.execute("UPDATE feeds SET title = ?", ("漢字" * 30 + "\x1b[31m",))
    rows = [line for line in books("ledger").out.splitlines() if line.startswith("漢")]
    assert rows
    assert all("…" in row and "\x1b" not in row for row in rows)


def test_a_feed_that_is_gone_takes_its_stories_not_its_time(books: Run) -> None:
    assert books("remove", "http://gazette.example/feed", "--purge").code == 0
    record = books("ledger", "--json").json
    assert record["total"]["seconds"] == 1410
    assert [one["seconds"] for one in record["feeds"]] == [90]


def test_a_streak_is_not_broken_before_the_day_is_over() -> None:
    today = date(2026, 11, 20)
    days = [today - timedelta(days=number) for number in (1, 2, 3, 5)]
    assert count_streak(days, today=today) == 3
    assert count_streak([*days, today], today=today) == 4
    assert count_streak(days, today=today + timedelta(days=1)) == 0
    assert count_streak([], today=today) == 0
