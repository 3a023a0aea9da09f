"""The screen as it looks: golden captures, resizes, terminals that are too small, no colours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from running import query
from sitting import draw, play, until

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from veille.session.screen import SessionScreen

CAPTURES = Path(__file__).parents[1] / "data" / "session"
# What is pressed before a capture, and what shows that it is drawn.
SCENES = {
    "story": ((), "score 4.50"),
    "hostile": (("j", "s"), "starred"),
    "wide": (("j", "j", "j"), "記者会見"),
    "why": (("w",), "pinned by a rule"),
    "help": (("question_mark",), "end the session"),
    "played": (("space", "l", "x", "escape", "d"), "picked"),
    "rule": (("x",), "also hide"),
    "tail": (("T",), "belote"),
    "end": (("Q",), "End the session here?"),
}


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES)
def test_the_screen_looks_as_it_did(laid: list[int], scene: str, size: tuple[int, int]) -> None:
    """VEILLE_CAPTURE=1 writes the captures anew: look at each before it is kept."""
    keys, shown = SCENES[scene]
    golden = CAPTURES / f"{scene}-{size[0]}x{size[1]}.txt"

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        for key in keys:
            await pilot.press(key)
        await until(pilot, lambda: shown in draw(screen))
        if os.environ.get("VEILLE_CAPTURE"):
            golden.write_text(draw(screen), "utf-8")
        expected = golden.read_text("utf-8")
        await until(pilot, lambda: draw(screen) == expected)

    play(steps, size=size)
    assert laid


def test_a_terminal_that_is_too_small_says_so_and_nothing_is_done_unseen(home: Path, laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.resize_terminal(59, 16)
        await until(pilot, lambda: "60x16 at least" in draw(screen))
        assert len(draw(screen).split()) < 15
        await pilot.press("x", "space", "s")
        await pilot.resize_terminal(60, 16)
        await until(pilot, lambda: "8 left" in draw(screen))
        await pilot.press("j")

    play(steps)
    assert query(home, "SELECT count(*) FROM session_actions") == [(0,)]
    assert laid


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (60, 16), (61, 100), (400, 20)])
def test_any_size_is_survived(laid: list[int], size: tuple[int, int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.resize_terminal(80, 24)
        await pilot.press("j", "n")
        await pilot.resize_terminal(*size)
        await pilot.press("pagedown", "escape", "question_mark")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "8 left" in draw(screen))

    play(steps, size=size)
    assert laid


def test_resizing_keeps_the_story_in_hand(laid: list[int]) -> None:
    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press(*"jjj")
        await pilot.resize_terminal(120, 30)
        await until(pilot, lambda: "記者会見" in draw(screen))
        assert screen.session.place == 3

    play(steps)
    assert laid


def test_without_colours_none_is_used(laid: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def steps(screen: SessionScreen, pilot: Pilot[Any]) -> None:
        await pilot.press("space")
        strips = screen.screen._compositor.render_strips()
        styles = [
            segment.style
            for strip in strips
            for segment in strip.apply_filter(
                screen._filters[-1], screen.ansi_theme.background_color if False else screen.screen.styles.background
            )
            if segment.style
        ]
        assert styles
        assert all(style.color is None or style.color.is_default for style in styles)

    play(steps)
    assert laid
