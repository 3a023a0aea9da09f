"""Every key of the screen: what it stores at once, and what is seen of it."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from textual.events import Key, Paste

from publisher import Answer, Publisher
from running import query
from sitting import Clock, draw, play, until
from veille.session.keys import KEYS
from veille.session.panes import Question

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from veille.session.screen import SessionScreen

    Steps = Any


def marks(home: Path, story: int) -> set[str]:
    """What is marked of a story."""
    names = ("read_at", "starred_at", "killed_at", "later_at", "picked_at")
    rows = query(home, f"SELECT {', '.join(names)} FROM marks WHERE story_id = ?", story)
    return {name for row in rows for name, value in zip(names, row, strict=True) if value}


def state(home: Path, place: int) -> str:
    ((found,),) = query(home, "SELECT state FROM session_slots WHERE place = ?", place)
    return str(found)


def in_hand(screen: SessionScreen) -> int:
    return screen.session.place


@pytest.mark.parametrize(
    ("key", "became"),
    [
        ("space", ({"read_at"}, "done", 1)),
        ("enter", ({"read_at"}, "done", 1)),
        ("r", ({"read_at"}, "done", 0)),
        ("s", ({"starred_at"}, "todo", 0)),
        ("d", ({"picked_at"}, "todo", 0)),
        ("l", ({"later_at"}, "later", 1)),
        ("x", ({"killed_at"}, "killed", 1)),
    ],
)
def test_a_key_is_stored_at_once_and_undone(
    home: Path, laid: list[int], key: str, became: tuple[set[str], str, int]
) -> None:
    mark, slot, place = became

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press(key)
        assert marks(home, laid[0]) == mark
        assert (state(home, 0), in_hand(screen)) == (slot, place)
        if key == "x":
            await until(pilot, lambda: "also hide" in draw(screen))
            await pilot.press("escape")
        await pilot.press("z")
        assert marks(home, laid[0]) == set()
        assert (state(home, 0), in_hand(screen)) == ("todo", 0)
        await until(pilot, lambda: "undone" in draw(screen))

    play(steps)


def test_undo_takes_back_that_a_story_was_opened(home: Path, laid: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "true %s &")

    async def steps(_screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("o", "z")
        undone = "SELECT what, undone_at IS NULL FROM session_actions"
        await until(pilot, lambda: query(home, undone) == [("open", 0)])

    play(steps)
    assert laid


def test_what_is_typed_ahead_goes_into_the_question(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        for key in ("n", *"slxd", "enter", "j", "s"):
            screen.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: "starred" in draw(screen))

    play(steps)
    assert query(home, "SELECT story_id, text FROM notes") == [(laid[0], "slxd")]
    assert in_actions(home) == ["note", "star"]
    assert marks(home, laid[1]) == {"starred_at"}


def test_moving_marks_nothing(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        seen = []
        for key in ("j", "down", "k", "up", "up", "G", "j", "g", "end", "home"):
            await pilot.press(key)
            seen.append(in_hand(screen))
        assert seen == [1, 2, 1, 0, 0, 7, 7, 0, 7, 0]

    play(steps)
    assert all(not marks(home, story) for story in laid)


def test_unread_takes_a_story_back(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("space", "k", "u")
        assert (marks(home, laid[0]), state(home, 0), in_hand(screen)) == (set(), "todo", 0)

    play(steps)


def test_a_star_is_taken_away_by_the_same_key(home: Path, laid: list[int]) -> None:
    async def steps(_screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("s", "s")

    play(steps)
    assert marks(home, laid[0]) == set()


def test_a_note_is_written_and_written_over(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("n", *"jk q", "enter")
        assert query(home, "SELECT text FROM notes") == [("jk q",)]
        await until(pilot, lambda: "note: jk q" in draw(screen))
        await pilot.press("n", "s", "enter")
        assert query(home, "SELECT text FROM notes") == [("jk qs",)]
        await pilot.press("n", "z", "escape")
        assert query(home, "SELECT text FROM notes") == [("jk qs",)]

    play(steps)
    assert in_actions(home) == ["note", "note"]
    assert laid


def in_actions(home: Path) -> list[str]:
    return [what for (what,) in query(home, "SELECT what FROM session_actions ORDER BY id")]


def test_tags_are_given_and_taken(home: Path, laid: list[int]) -> None:
    async def steps(_screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("t", *"crise", "enter")
        assert query(home, "SELECT story_id, tag FROM story_tags") == [(laid[0], "crise")]
        await pilot.press("t", "minus", *"crise", "enter")
        await pilot.press("t", "enter")

    play(steps)
    assert query(home, "SELECT tag FROM story_tags") == []


def test_killing_offers_a_rule(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await until(pilot, lambda: "also hide" in draw(screen))
        assert "site:gazette.example" in draw(screen)
        assert marks(home, laid[0]) == {"killed_at"}
        await pilot.press("enter")
        await until(pilot, lambda: "added" in draw(screen))

    play(steps)
    rules = (home / "rules.toml").read_text("utf-8")
    assert 'kind = "kill"' in rules
    assert "site:gazette.example" in rules


def test_undo_takes_out_the_rule_and_then_brings_the_story_back(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await until(pilot, lambda: "in 14 days" in draw(screen))
        await pilot.press("enter")
        await until(pilot, lambda: "added" in draw(screen))
        assert (home / "rules.toml").read_text("utf-8").count("kind = ") == 1
        await pilot.press("z")
        await until(pilot, lambda: "taken out again" in draw(screen))
        assert "kind = " not in (home / "rules.toml").read_text("utf-8")
        assert state(home, 0) == "killed"
        await pilot.press("z")
        await until(pilot, lambda: state(home, 0) == "todo")

    play(steps, size=(200, 50))
    assert laid


def test_after_another_action_undo_leaves_the_rule(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await until(pilot, lambda: "also hide" in draw(screen))
        await pilot.press("enter", "s", "z")
        await until(pilot, lambda: "undone" in draw(screen))

    play(steps, size=(200, 50))
    assert laid
    assert (home / "rules.toml").read_text("utf-8").count("kind = ") == 1


def test_a_filter_typed_in_one_go_is_kept_and_one_that_finds_nothing_marks_nothing(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        for key, character in (("slash", "/"), *((one, one) for one in "gare"), ("enter", "\r")):
            screen.post_message(Key(key, character))
        await until(pilot, lambda: "only “gare”" in draw(screen))
        assert "budget" not in draw(screen)
        await pilot.press("slash", *"zzz", "enter")
        await until(pilot, lambda: "No story says “garezzz”" in draw(screen))
        await pilot.press("space", "s", "x", "d")
        await pilot.press("escape")
        await until(pilot, lambda: "budget" in draw(screen))

    play(steps)
    assert [state(home, place) for place in range(8)] == ["todo"] * 8
    assert query(home, "SELECT count(*) FROM marks") == [(0,)]
    assert laid


def test_pasted_lines_become_one_note(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("n")
        screen.query_one(Question).post_message(Paste("ligne un\nligne deux"))
        await until(pilot, lambda: "ligne deux" in draw(screen))
        await pilot.press("enter")
        await until(pilot, lambda: query(home, "SELECT text FROM notes") == [("ligne un ligne deux",)])

    play(steps)
    assert laid


def test_a_title_that_tells_nothing_offers_no_rule(home: Path, laid: list[int]) -> None:
    with contextlib.closing(sqlite3.connect(home / "veille.db")) as db, db:
        db.execute("UPDATE entries SET title = 'Ça y est !' WHERE story_id = ?", (laid[0],))

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("x", "space")
        await until(pilot, lambda: state(home, 1) == "done")
        assert "also hide" not in draw(screen)

    play(steps)
    assert state(home, 0) == "killed"


def test_escape_kills_only_the_story(home: Path, laid: list[int]) -> None:
    before = (home / "rules.toml").read_text("utf-8")

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await until(pilot, lambda: "also hide" in draw(screen))
        await pilot.press("escape")

    play(steps)
    assert marks(home, laid[0]) == {"killed_at"}
    assert (home / "rules.toml").read_text("utf-8") == before


def test_a_rule_that_cannot_be_is_told(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await until(pilot, lambda: "also hide" in draw(screen))
        await pilot.press("ctrl+u", "left_parenthesis", "enter")
        await until(pilot, lambda: "expression" in draw(screen))
        await pilot.press("j")

    play(steps)
    assert marks(home, laid[0]) == {"killed_at"}
    assert "kill" not in (home / "rules.toml").read_text("utf-8")


def test_the_filter_leaves_what_says_it(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("slash", *"GARE")
        await until(pilot, lambda: "budget" not in draw(screen))
        assert "Une gare" in draw(screen)
        await pilot.press("enter")
        assert in_hand(screen) == 6
        await pilot.press("space")
        assert state(home, 6) == "done"
        await pilot.press("escape")
        await until(pilot, lambda: "budget" in draw(screen))

    play(steps)
    assert laid


@pytest.mark.parametrize("key", ["w", "question_mark"])
def test_the_right_side_changes_and_comes_back(laid: list[int], key: str) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        before = draw(screen)
        await pilot.press(key)
        await until(pilot, lambda: draw(screen) != before)
        await pilot.press(key)
        await until(pilot, lambda: draw(screen) == before)

    play(steps)
    assert laid


def test_help_tells_every_key(laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("question_mark")
        await until(pilot, lambda: "end the session" in draw(screen))
        assert all(key.does in draw(screen) for key in KEYS)

    play(steps)
    assert laid


def test_a_long_story_is_scrolled(laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("j", "j")
        await until(pilot, lambda: "… pgdn" in draw(screen))
        first = draw(screen)
        await pilot.press("pagedown", "pagedown", "pagedown", "pagedown", "pagedown")
        await until(pilot, lambda: "… pgdn" not in draw(screen))
        await pilot.press("K", "J", *["pageup"] * 6)
        await until(pilot, lambda: draw(screen) == first)

    play(steps)
    assert laid


def test_q_leaves_the_session_to_be_resumed(home: Path, laid: list[int]) -> None:
    async def steps(_screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("space", "q")

    assert play(steps) is None
    assert query(home, "SELECT ended_at FROM sessions") == [(None,)]

    async def again(screen: SessionScreen, _pilot: Pilot[Any]) -> None:
        assert in_hand(screen) == 1

    play(again)
    assert laid


def test_the_end_is_summed_up(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("s", *["space"] * len(laid))
        await until(pilot, lambda: "All is read" in draw(screen))
        assert "100 %" in draw(screen)
        await pilot.press("z")
        await until(pilot, lambda: "All is read" not in draw(screen))
        await pilot.press("space")
        await until(pilot, lambda: "All is read" in draw(screen))
        await pilot.press("enter")

    summary = play(steps)
    assert summary is not None
    assert (summary.read, summary.starred, summary.stories_left) == (8, 1, 0)
    assert query(home, "SELECT ended_at IS NULL FROM sessions") == [(0,)]


def test_a_session_is_ended_early_only_when_asked_twice(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("Q")
        await until(pilot, lambda: "End the session here?" in draw(screen))
        await pilot.press("escape")
        assert query(home, "SELECT ended_at FROM sessions") == [(None,)]
        await pilot.press("Q", "q")

    summary = play(steps)
    assert summary is not None
    assert summary.stories_left == len(laid)


def test_the_clock_is_stored_and_pauses(home: Path, laid: list[int]) -> None:
    clock = Clock()

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        clock.seconds += 100
        await pilot.press("j")
        clock.seconds += 3600
        await until(pilot, lambda: "paused" in draw(screen))
        await pilot.press("j")
        await until(pilot, lambda: "paused" not in draw(screen))
        assert " 4 min," in draw(screen)

    play(steps, clock=clock)
    ((spent,),) = query(home, "SELECT spent FROM sessions")
    # 100 seconds, then twice the 95 of the second story.
    assert spent == pytest.approx(290)
    assert laid


def test_the_browser_gets_the_address_and_nothing_of_it_is_drawn(
    home: Path, laid: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho noise; echo noise >&2; echo "$1" > {opened}.new; mv {opened}.new {opened}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s &")
    # Python looks for browsers once a process, and another test may have had it look.
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setattr("webbrowser._browsers", {})

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("o")
        await until(pilot, opened.exists)
        assert "noise" not in draw(screen)

    play(steps)
    assert opened.read_text() == "http://gazette.example/0\n"
    assert in_actions(home) == ["open"]
    assert laid


def test_a_story_without_an_address_is_not_opened(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("G", "k", "o")
        await until(pilot, lambda: "no web address" in draw(screen))

    play(steps)
    assert in_actions(home) == []
    assert laid


def test_without_a_network_the_full_text_is_declined_politely(laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("f")
        await until(pilot, lambda: "no full text" in draw(screen))
        assert "Le collectif avait publié" in draw(screen)

    play(steps)
    assert laid


def test_the_full_text_takes_the_place_of_the_feeds(home: Path, laid: list[int], publisher: Publisher) -> None:
    words = [
        f"Le tribunal a rendu sa décision numéro {number} vendredi, après des mois d'audience." for number in range(9)
    ]
    body = "".join(f"<p>{one}</p>" for one in words)
    page = f"<!doctype html><html><body><article>{body}</article></body></html>"
    url = publisher.serve("/a", Answer(body=page.encode(), headers=(("Content-Type", "text/html; charset=utf-8"),)))
    (home / "config.toml").write_text("[fetch]\nallow_private = true\n", "utf-8")
    with contextlib.closing(sqlite3.connect(home / "veille.db")) as db, db:
        db.execute("UPDATE entries SET url = ? WHERE story_id = ?", (url, laid[0]))

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("f", "f", "s")
        await until(pilot, lambda: "full text," in draw(screen))
        assert "numéro 0" in draw(screen)
        await pilot.press("j", "k")
        await until(pilot, lambda: "full text," in draw(screen))

    play(steps)
    assert marks(home, laid[0]) == {"starred_at"}
    # 150 seconds as laid; some 126 words take less than a minute.
    ((seconds,),) = query(home, "SELECT seconds FROM session_slots WHERE place = 0")
    assert 20 < seconds < 90

    async def again(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "full text," in draw(screen))

    play(again)
    assert len(publisher.asked("/a")) == 1
