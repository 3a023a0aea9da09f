"""A home with a session that is planned already, for tests that read it on the screen: always the same."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from stored import NOW, entry, fold, store, subscribe
from veille.app.home import open_home, read_clock
from veille.app.session import open_session
from veille.session.screen import SessionScreen
from veille.store.db import write
from veille.store.session import StoredSlot, start_session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from veille.app.home import Home
    from veille.rank.yields import Summary

# Freshness would change points from one minute to the next, and what a feed publishes from one day to the next.
_CONFIG = "[weights]\nfreshness = 0\nrare = 0\n"
_RULES = """
[[rule]]
match = "réputation"
weight = 3
group = "marque"

[[rule]]
match = "collectif"
weight = 1.5
"""
HOSTILE = "[bold red]Pas de balise[/] \x1b[31mni\x1b]0;titre\x07 d'échappement \u202egnirts\u202c"
WIDE = "東京の新しい市長が就任、経済対策を発表 — 深夜の記者会見"
EMOJI = "Une 👩‍💻 développeuse 👍🏽 et un cœur ❤️ au marché 🇫🇷"
ARABIC = "مدينة الرباط تفتح مكتبتها الجديدة أمام الجمهور"
LONG = (
    "La grève des transports se poursuit dans la métropole, les usagers s'organisent et les élus se renvoient la balle"
)
TITLES = (
    "E-réputation : la région perd un procès contre un collectif",
    HOSTILE,
    LONG,
    WIDE,
    EMOJI,
    ARABIC,
    "Une gare rouvre après dix ans de travaux",
    "Le budget de la culture est voté",
    "Un concours de belote réunit cent joueurs",
    "La piscine ferme pour une vidange [red]annuelle[/]",
    "Trois communes changent de maire",
)
_TEXT = (
    "<p>Le collectif avait publié les chiffres de fréquentation du réseau. La région y voyait une atteinte à sa "
    "réputation ; le tribunal lui donne tort, et la condamne aux dépens.</p>"
    "<p>[link=http://x]Ceci[/link] n'est <b>pas</b> une balise. « Nous ferons appel », a dit le vice-président.</p>"
)
# Places 0 to 7 of the plan: seconds, points and why.
_PLAN: tuple[tuple[float, float, str], ...] = (
    (150, 6.5, "pin"), (95, 4, "reserve:marque"), (240, 3, "score"), (45, 2, "score"), (60, 1.5, "discovery"),
    (30, 1, "score"), (20, 0.5, "later"), (10, 0.25, "catch-up"),
)  # fmt: skip


def lay_home(home: Path, *, budget: timedelta = timedelta(minutes=45), begun: datetime | None = None) -> list[int]:
    """Fill a home with stories and a session over them; their numbers, in the order of the plan."""
    (home / "config.toml").write_text(_CONFIG, "utf-8")
    (home / "rules.toml").write_text(_RULES, "utf-8")
    with open_home() as opened:
        numbers = _fill(opened)
        slots = [
            StoredSlot(place=place, story_id=number, seconds=seconds, points=points, why=why)
            for place, (number, (seconds, points, why)) in enumerate(zip(numbers, _PLAN, strict=False))
        ]
        told = {"let_go": "12 stories of Wednesday are let go", "tail": numbers[len(_PLAN) :]}
        with write(opened.db):
            start_session(opened.db, slots, budget=budget, told=told, now=begun or read_clock())
    return numbers[: len(_PLAN)]


@contextlib.contextmanager
def sit_down(clock: Clock | None = None) -> Iterator[SessionScreen]:
    """The screen of the session that is laid, with a clock that stands still."""
    with open_home() as home:
        session = open_session(home)
        with session.held:
            yield SessionScreen(session, clock=clock or Clock(), now=lambda: NOW)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def until(pilot: Pilot[Any], so: Callable[[], object]) -> None:
    """Wait for a condition, however slow the machine is."""
    for _ in range(600):
        await pilot.pause(0.02)
        if so():
            return
    pytest.fail("it did not come to pass")


def play(
    steps: Callable[[SessionScreen, Pilot[Any]], Awaitable[None]],
    *,
    size: tuple[int, int] = (80, 24),
    clock: Clock | None = None,
) -> Summary | None:
    """Run the screen of the session that is laid, and what a test does with it; what the screen gave back."""

    async def run() -> Summary | None:
        with sit_down(clock) as screen:
            async with screen.run_test(size=size) as pilot:
                await until(pilot, lambda: "score" in draw(screen) or screen.screen.has_class("small"))
                await steps(screen, pilot)
            return screen.return_value

    return asyncio.run(run())


def draw(screen: SessionScreen) -> str:
    """What is on the screen, as lines of text."""
    lines = (strip.text.rstrip() for strip in screen.screen._compositor.render_strips())
    return "\n".join(lines) + "\n"


def _fill(home: Home) -> list[int]:
    feeds = [
        subscribe(home.db, name, title=title)
        for name, title in (("gazette", "La Gazette"), ("courrier", "Le Courrier"))
    ]
    at = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    for number, title in enumerate(TITLES):
        content = (
            _TEXT if number in (0, 1) else f"<p>{'Un paragraphe de texte, assez long pour être coupé. ' * 9}</p>" * 6
        )
        summary = "" if number == 7 else "Un résumé."
        made = entry(
            f"g{number}",
            title,
            content="" if number == 7 else content,
            summary=summary,
            author="Jeanne [b]Martin" if number == 0 else "",
            published_at=at + timedelta(minutes=number),
            url="" if number == 6 else f"http://gazette.example/{number}",
            language="fr",
        )
        store(home.db, feeds[number % 2], made)
    fold(home.db)
    rows = home.db.execute("SELECT story_id FROM entries ORDER BY length(guid), guid").fetchall()
    return [row[0] for row in rows]
