"""The screen as it is drawn, and its clock; what keys do is in `screen`.

clock            what is gone, what is left
plan  |  story
foot             what was done last, or a question
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from textual.app import App
from textual.containers import Horizontal

from veille.app.home import read_clock
from veille.app.replanning import list_tail
from veille.app.session import leave, survey, tick
from veille.errors import VeilleError
from veille.rank.yields import Summary
from veille.session.keys import HINT
from veille.session.panes import Bar, Paper, Rows
from veille.session.paper import Page, line
from veille.session.plan import choose_slots, clock_line, slot_line, tell_rest
from veille.session.reader import Reader
from veille.session.story import tell_end, tell_help, tell_nothing, tell_tail
from veille.session.watch import Watch
from veille.store.waiting import wait_at_most
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from textual.app import ComposeResult
    from textual.content import Content
    from textual.events import Resize

    from veille.app.session import Session, Slot
    from veille.model import Story

LEAST = (60, 16)
_TICK = 1.0
_PLAN_SHARE, _PLAN_LEAST, _PLAN_MOST = 0.4, 26, 72


class Frame(App[Summary | None]):
    """One session, shown. `clock` gives seconds that only go forward, `now` the present to date stories by."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: ansi_default; color: ansi_default; }
    #small { display: none; }
    .small Bar, .small Horizontal { display: none; }
    #small { height: 1fr; text-wrap: wrap; }
    .small #small { display: block; }
    .asking #foot { display: none; }
    """

    def __init__(
        self,
        session: Session,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = read_clock,
    ) -> None:
        # The terminal's own colours: they are readable there, and there may be no others.
        super().__init__(ansi_color=True)
        self.session = session
        self.wanted = ""
        self._watch = Watch(clock)
        self.reader = Reader(session, now)
        self.side = "story"
        self._said = ""
        self._unkept = ""
        # What to say once the screen is gone.
        self.parting = ""
        self._chosen: list[int] = []
        # What is drawn of the plan: nothing that happens meanwhile can put it out of step.
        self._rows: list[tuple[Slot, bool]] = []
        self._shown = False
        self._ended_by = 0
        self._tail: list[Story] = []

    # --- what is drawn

    def compose(self) -> ComposeResult:
        """The parts; the story is loaded once the plan is seen."""
        yield Bar(self._draw_clock, id="clock")
        with Horizontal():
            yield Rows(self._draw_slot, lambda width: tell_rest(self.session, width=width))
            yield Paper()
        yield Bar(self._draw_foot, id="foot")
        yield Bar(self._draw_small, id="small")

    def on_mount(self) -> None:
        """The plan first."""
        self._shown = True
        for sign in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(sign) is signal.SIG_IGN:
                continue
            asyncio.get_running_loop().add_signal_handler(sign, self._end_by, sign)
        self.show_plan()
        self.set_interval(_TICK, self._count)
        self.call_after_refresh(self.show_side)
        self._said = " · ".join(map(clean_line, self.session.notices))
        self.session.notices.clear()

    def on_resize(self, event: Resize) -> None:
        """Share the width out; say so when there is too little."""
        width, height = event.size
        self.screen.set_class(width < LEAST[0] or height < LEAST[1], "small")
        plan = max(_PLAN_LEAST, min(_PLAN_MOST, int(width * _PLAN_SHARE)))
        self.query_one(Rows).styles.width = plan

    def show_plan(self) -> None:
        """Draw the plan and the clock as they are now."""
        self._chosen = choose_slots(self.session.slots, self.wanted)
        place, slots = self.session.place, self.session.slots
        self._rows = [(slots[index], index == place) for index in self._chosen]
        at = self._chosen.index(place) if place in self._chosen else 0
        self.query_one(Rows).show(len(self._chosen), at)
        self.query_one("#clock").refresh()
        self.query_one("#foot").refresh()

    def show_side(self, side: str = "", *, top: int = 0) -> None:
        """Draw the right side (the story in hand, why it is there, the keys, the end), and the plan with it.

        The story is loaded first, which may change the plan: what is drawn on both sides is one and the same.
        """
        if side or self.side not in ("story", "why"):
            self.side = side or "story"
        with self.telling():
            self.reader.take_up(self.wanted)
            self._tail = list_tail(self.session) if self.side == "tail" else []
        if not self.session.slots or (not side and not survey(self.session).stories_left):
            self.side = "end"
        if self.session.notices:
            self.say(" · ".join(filter(None, [self._said, *self.session.notices])))
            self.session.notices.clear()
        self.show_plan()
        self.query_one(Paper).show(self._open_page, top=top)

    def say(self, text: str) -> None:
        """One line at the foot, until the next."""
        self._said = clean_line(text)
        self.query_one("#foot").refresh()

    def _open_page(self, width: int) -> Page:
        if self.side == "end":
            return Page(tell_end(self.session, survey(self.session)), width)
        if self.slot is None and self.wanted:
            return Page(tell_nothing(self.wanted), width)
        if self.side == "tail":
            return Page(tell_tail(self.session, self._tail, now=self.reader.now), width)
        if self.side == "help" or self.slot is None:
            return Page(tell_help(), width)
        return Page(self.reader.tell(self.slot, why=self.side == "why"), width)

    def _draw_clock(self, width: int) -> Content:
        session = self.session
        return clock_line(
            survey(session),
            budget=session.budget.total_seconds(),
            width=width,
            paused=self._watch.is_paused(self._expected),
            rest=sum(slot.seconds for slot in session.slots if slot.state == "todo"),
        )

    def _draw_slot(self, index: int, width: int) -> Content:
        slot, current = self._rows[index]
        return slot_line(slot, width=width, current=current)

    def _draw_foot(self, width: int) -> Content:
        said = self._said or self._unkept or (f"only “{self.wanted}”: esc shows all" if self.wanted else HINT)
        return line((f" {said}", "" if self._said or self._unkept else "dim")).truncate(width, ellipsis=True)

    def _draw_small(self, _width: int) -> Content:
        told = f"{LEAST[0]}x{LEAST[1]} at least, this is {self.size.width}x{self.size.height}: q leaves, --plain fits"
        return line((told, ""))

    # --- time

    @property
    def slot(self) -> Slot | None:
        """The slot in hand; none while no story says what is filtered for."""
        slots = self.session.slots if self._chosen or not self.wanted else []
        return slots[self.session.place] if 0 <= self.session.place < len(slots) else None

    @property
    def _expected(self) -> float:
        return self.slot.seconds if self.slot else 0.0

    def _count(self) -> None:
        """Give the story in hand the time since the last count."""
        seconds = self._watch.take(self._expected)
        if self.slot:
            # What cannot be kept now is kept with the next count.
            try:
                with wait_at_most(self.session.home.db, 0):
                    tick(self.session, seconds, self.slot.story_id)
                unkept = ""
            except Exception as error:  # noqa: BLE001 - as in `telling`
                unkept = f"the clock waits to be kept: {self._reason(error)}"
            if unkept != self._unkept:
                self._unkept = clean_line(unkept)
                self.query_one("#foot").refresh()
        self.query_one("#clock").refresh()

    def stay(self) -> None:
        """Somebody is there: a key ends a pause, whatever it does."""
        self._count()
        self._watch.press()

    @property
    def is_shown(self) -> bool:
        """Whether there is a screen to act upon: not before it is made, nor once it is closed."""
        return self.is_running and self._shown

    def check_end(self) -> None:
        """Once the screen is gone: raises VeilleError where that was not the user's doing, or not all was kept."""
        if self._ended_by:
            raise SystemExit(128 + self._ended_by)
        fault = self._exception
        if fault and os.environ.get("VEILLE_DEBUG"):
            raise fault
        if fault or self.return_code:
            reason = f"{type(fault).__name__}: {fault}" if fault else f"code {self.return_code}"
            told = "what was done is kept; `veille session` goes on, --plain without a screen"
            raise VeilleError(f"the screen has failed ({reason}): {told}")
        if self.parting:
            raise VeilleError(self.parting)

    def _fatal_error(self) -> None:
        """End at once. Textual would print a traceback with all that is at hand in it: `check_end` says it in a line.

        The method is Textual's; `test_screen_terminal` shows when that changes.
        """
        self._close_messages_no_wait()

    def _end_by(self, sign: int) -> None:
        """Leave, the clock kept and the terminal as it was: the system, or the terminal's end, asks for it."""
        self._ended_by = sign
        with contextlib.suppress(Exception):
            leave(self.session)
        self.exit(None)

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Tell what goes wrong at the foot: the session goes on."""
        try:
            yield
        except VeilleError as error:
            self.say(self._reason(error))
        except Exception as error:  # noqa: BLE001 - a database that is locked, a full disk: what was done before is kept
            self.say(clean_line(f"not done: {error}"))

    def _reason(self, error: Exception) -> str:
        """What is wrong, without the database's path: there is one line for it."""
        return str(error).removeprefix(f"{self.session.home.places.database}: ")
