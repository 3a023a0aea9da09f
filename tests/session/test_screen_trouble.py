"""What happens to the screen while others write: stories that go, a database that is held, rules that break."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from running import query
from sitting import Clock, draw, play, until
from veille.app.home import open_home
from veille.app.stories import put_stories_together
from veille.app.subscribe import remove
from veille.session.errands import browse_apart

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest
    from textual.pilot import Pilot

    from veille.session.screen import SessionScreen


def rows(screen: SessionScreen) -> list[str]:
    """The rows of the plan that are drawn."""
    return [line.split("│")[0] for line in draw(screen).splitlines()[1:-1]]


def in_hand(screen: SessionScreen) -> str:
    return next(row for row in rows(screen) if row.startswith(">"))


@contextlib.contextmanager
def held(home: Path) -> Iterator[None]:
    """Another process is writing, and does not come to an end."""
    with contextlib.closing(sqlite3.connect(home / "veille.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def impatient(home: Path) -> None:
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write("[store]\nbusy_timeout = '1s'\n")


def test_a_story_put_into_another_meanwhile_is_shown_in_its_place(laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        with open_home() as other:
            put_stories_together(other, [str(laid[0]), str(laid[7])])
        await pilot.press("G")
        await until(pilot, lambda: "joined another" in draw(screen))
        assert len([row for row in rows(screen) if row[6:9].strip()]) >= 7
        assert "E-réputation" in in_hand(screen)
        assert "E-réputation" in draw(screen).splitlines()[1].split("│")[1]

    play(steps)


def test_what_a_purge_takes_away_leaves_plan_and_page_and_is_never_marked(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        with open_home() as other:
            remove(other, "http://courrier.example/feed", purge=True)
        await pilot.press("j")
        await until(pilot, lambda: "went with the feed" in draw(screen))
        assert "La grève" in in_hand(screen)
        assert "La grève" in draw(screen).splitlines()[1].split("│")[1]
        await pilot.press("space")
        await until(pilot, lambda: "done: La grève" in draw(screen))

    play(steps)
    assert query(home, "SELECT story_id FROM marks WHERE read_at IS NOT NULL") == [(laid[2],)]


def test_a_plan_that_goes_altogether_ends_on_its_end(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        with open_home() as other:
            for name in ("courrier", "gazette"):
                remove(other, f"http://{name}.example/feed", purge=True)
        await pilot.press("j")
        await until(pilot, lambda: "All is read" in draw(screen))
        await pilot.press("space")

    play(steps)
    assert query(home, "SELECT count(*) FROM marks") == [(0,)]
    assert laid


def test_a_key_on_a_database_that_is_held_is_told_and_can_be_pressed_again(home: Path, laid: list[int]) -> None:
    impatient(home)

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        with held(home):
            await pilot.press("s")
            await until(pilot, lambda: "another program has been writing" in draw(screen).splitlines()[-1])
        await pilot.press("s")
        await until(pilot, lambda: "starred" in draw(screen))

    play(steps)
    assert query(home, "SELECT story_id FROM marks WHERE starred_at IS NOT NULL") == [(laid[0],)]


def test_a_note_that_cannot_be_kept_is_asked_for_again_with_what_was_written(home: Path, laid: list[int]) -> None:
    impatient(home)

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        with held(home):
            await pilot.press("n", *"abc", "enter")
            await until(pilot, lambda: "another program has been writing" in draw(screen))
            assert "abc" in draw(screen).splitlines()[-1]
        await pilot.press("enter")
        await until(pilot, lambda: query(home, "SELECT text FROM notes") == [("abc",)])

    play(steps)
    assert laid


def test_a_clock_that_cannot_be_kept_waits_and_is_kept_later(home: Path, laid: list[int]) -> None:
    clock = Clock()

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        with held(home):
            clock.seconds += 30
            # With the usual patience the screen would stand still for 15 seconds.
            await until(pilot, lambda: "the clock waits" in draw(screen))
        await until(pilot, lambda: "the clock waits" not in draw(screen))
        assert query(home, "SELECT spent FROM sessions") == [(30,)]

    play(steps, clock=clock)
    assert laid


def test_rules_that_break_meanwhile_leave_the_text_and_the_end(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        (home / "rules.toml").write_text("[[rule]\nbroken", "utf-8")
        await pilot.press("j", "j")
        await until(pilot, lambda: "assez long pour être coupé" in draw(screen))
        await pilot.press("space", "Q", "enter")

    play(steps)
    assert query(home, "SELECT ended_at IS NULL FROM sessions") == [(0,)]
    assert query(home, "SELECT story_id FROM marks WHERE read_at IS NOT NULL") == [(laid[2],)]


def test_whatever_an_errand_runs_into_is_told_and_it_can_be_sent_again(laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        home = screen.session.home
        nowhere = replace(home.places, database=home.places.database.with_name("no\0where"))
        screen.session.home = replace(home, places=nowhere)
        await pilot.press("f")
        await until(pilot, lambda: "could not be fetched" in draw(screen))
        screen.session.home = home
        await pilot.press("f")
        await until(pilot, lambda: "no full text" in draw(screen))

    play(steps)
    assert laid


def test_the_browser_is_started_by_no_module_that_lies_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, taken = tmp_path / "opened", tmp_path / "taken"
    (tmp_path / "webbrowser.py").write_text(f"open({str(taken)!r}, 'w').close()\ndef open(url): return True\n")
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\ntouch {opened}\n")
    browser.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROWSER", f"{browser} %s &")
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setattr("webbrowser._browsers", {})
    browse_apart("http://gazette.example/0", tell=lambda _: None, here=lambda: None)
    limit = time.monotonic() + 30
    while not (opened.exists() or taken.exists()) and time.monotonic() < limit:
        time.sleep(0.02)
    assert opened.exists()
    assert not taken.exists()
