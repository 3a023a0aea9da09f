"""The watch session's screen: keys in, actions of `app.session` out, each stored before the next key is read.

Decides nothing about stories and stores nothing itself. Closed by q, to be resumed, or by the end of the session.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.events import Key, MouseEvent, Paste

from veille.app.replanning import recost
from veille.app.rulebook import remove_rule
from veille.app.session import act, finish, leave, open_session, undo
from veille.session.errands import browse_apart, browse_here, fetch_apart
from veille.session.keys import KEYS
from veille.session.panes import Later, Paper, Question
from veille.session.questions import QuestionScreen
from veille.store.waiting import wait_at_most
from veille.urls import is_web

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from textual.events import Event

    from veille.app.home import Home
    from veille.app.session import Action, Slot
    from veille.rank.yields import Summary
    from veille.read.article import Article

_ACTIONS = {key: row.action for row in KEYS for key in row.keys.split(",")}
# Whatever is asked.
_ALWAYS = {"ctrl+c": "leave", "ctrl+q": "leave", "ctrl+z": "suspend_process"}
# What may be done while the terminal is too small to see what one does.
_BLIND = {"leave", "suspend_process"}
# Seconds that a key waits for another veille that is writing.
_PATIENCE = 2.0


def run_session(home: Home, *, budget: timedelta | None = None, fresh: bool = False) -> Summary | None:
    """A session on the screen, new or resumed; what came of it, None when it was left to be resumed.

    Raises what `open_session` does, before anything is drawn; VeilleError for what is wrong at the end of it.
    """
    for name in ("COLUMNS", "LINES"):
        # Exported by a shell, these would be believed instead of the terminal, whatever size it takes.
        os.environ.pop(name, None)
    session = open_session(home, budget=budget, fresh=fresh)
    return run_screen(SessionScreen(session))


def run_screen(screen: SessionScreen) -> Summary | None:
    """The same, of a session that is open: let go of at the end. Raises VeilleError for what is wrong then."""
    # Whoever types waits for no other veille as long as a command would.
    with screen.session.held, wait_at_most(screen.session.home.db, _PATIENCE):
        summary = screen.run()
    screen.check_end()
    return summary


class SessionScreen(QuestionScreen):
    """One session, played by keys."""

    async def on_event(self, event: Event) -> None:
        """Keys one by one, each done before the next is read: what is typed after a question goes into it."""
        if isinstance(event, Paste | MouseEvent):
            self.stay()
        if not isinstance(event, Key) or not self.is_shown:
            await super().on_event(event)
            return
        self.stay()
        action = _ALWAYS.get(event.key) or ("" if self._asked else _ACTIONS.get(event.key, ""))
        if action:
            if not self.screen.has_class("small") or action in _BLIND:
                await self.run_action(action)
        elif self._asked and event.key == "enter":
            await self._answer()
        elif self._asked and event.key == "escape":
            await self._drop()
        elif self._asked:
            await super().on_event(event)
            written = asyncio.Event()
            self.query_one(Question).call_later(written.set)
            await written.wait()

    def do(self, what: Action, slot: Slot, value: str = "") -> None:
        """Do something to a story, stored when this returns; show what has become of it."""
        before, top = slot.story_id, self.query_one(Paper).top
        self._ruled = ""
        with self.telling():
            self.say(act(self.session, what, slot.story_id, value))
        self.refresh_story(before, top=top)

    def action_do(self, what: Action) -> None:
        """An action that asks nothing. At the end, going on ends the session."""
        if self.side == "end" and what == "done":
            self._close()
        elif self.side in ("help", "tail") and what == "done":
            self.show_side("story")
        elif self.slot:
            self.do(what, self.slot)

    def action_star(self) -> None:
        """Star, or take the star away."""
        if self.slot:
            self.do("unstar" if self.slot.story.starred else "star", self.slot)

    async def action_kill(self) -> None:
        """Hide the story at once; then a rule for the like is offered."""
        slot = self.slot
        if slot and slot.state != "killed":
            self.do("kill", slot)
            await self.ask("rule", slot)

    def action_undo(self) -> None:
        """Take the last action back, and go where it was."""
        before = self.slot.story_id if self.slot else 0
        ruled, self._ruled = self._ruled, ""
        with self.telling():
            if ruled:
                remove_rule(self.session.home.places, ruled)
                self.say(f"rule “{ruled}” taken out again; z brings the story back")
            else:
                self.say(undo(self.session))
        self.refresh_story(before)

    def action_move(self, steps: int) -> None:
        """Another story, as far as the plan goes."""
        if not self._chosen:
            return
        at = self._chosen.index(self.session.place) if self.session.place in self._chosen else 0
        self.session.place = self._chosen[max(0, min(len(self._chosen) - 1, at + steps))]
        self._said = ""
        self.show_side("story")

    def action_scroll(self, lines: int) -> None:
        """Up or down the right side."""
        self.query_one(Paper).scroll_lines(lines)

    def action_page(self, pages: int) -> None:
        """A page up or down the right side."""
        self.query_one(Paper).scroll_page(pages)

    def action_pane(self, side: str) -> None:
        """Another right side; the same key goes back."""
        self.show_side("story" if self.side == side else side)

    def action_escape(self) -> None:
        """Back to the story; from there, to the whole plan."""
        if self.side == "story" and self.wanted:
            self.wanted = ""
        self._said = ""
        self.show_side("story")

    # --- outside, and the end

    def action_browse(self) -> None:
        """Open the story in the browser."""
        slot = self.slot
        url = slot.story.lead.url if slot else ""
        if slot is None or not is_web(url):
            self.say("this story has no web address")
            return
        self.do("open", slot)
        browse_apart(
            url,
            tell=lambda text: self._later(lambda: self.say(text)),
            here=lambda: self._later(lambda: self._browse_here(url)),
        )

    def action_full_text(self) -> None:
        """Fetch the article, while one goes on reading."""
        slot = self.slot
        if slot is None or not self.reader.begin_article(slot):
            return
        self.show_side("story")
        database = self.session.home.places.database
        fetch_apart(
            database,
            slot.story.lead.entry_id,
            tell=lambda article: self._later(lambda: self._end_article(slot.story_id, article)),
        )

    def action_leave(self) -> None:
        """Leave the session as it stands; end it when nothing is left of it."""
        if self.side == "end":
            self._close()
            return
        try:
            leave(self.session)
        except Exception as error:  # noqa: BLE001 - as in `telling`: whoever leaves is not held back
            self.parting = f"all that was done is kept, but not the last seconds of the clock: {error}"
        self.exit(None)

    def action_end(self) -> None:
        """Show what came of the session before it is ended."""
        self.show_side("end")

    def on_later(self, later: Later) -> None:
        """Do what a thread has asked for, here."""
        later.job()

    def _later(self, job: Callable[[], None]) -> None:
        """Ask for something from another thread; when the screen is gone by then, nothing happens."""
        self.post_message(Later(job))

    def _end_article(self, story_id: int, article: Article | str) -> None:
        self.reader.end_article(story_id, article)
        if not isinstance(article, str) and article.readable:
            with self.telling():
                recost(self.session, story_id)
            self.show_plan()
        if self.slot and self.slot.story_id == story_id and self.side == "story":
            self.show_side("story", top=self.query_one(Paper).top)

    def _browse_here(self, url: str) -> None:
        try:
            with self.suspend():
                browse_here(url)
        except SuspendNotSupported:
            self.say(f"this browser needs the terminal: open {url} yourself")
        self.refresh(layout=True)

    def _close(self) -> None:
        with self.telling():
            self.exit(finish(self.session))
