"""The questions of the screen, in the place of its foot: asked, answered, asked again when an answer cannot be kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from veille.session.asking import accept, make_rule, prepare, tell_offer
from veille.session.frame import Frame
from veille.session.panes import Asking, Paper, Question
from veille.session.plan import stay_in_filter
from veille.text import shorten

if TYPE_CHECKING:
    from veille.app.session import Slot
    from veille.session.asking import Asked, Kind

# Characters of what went wrong, before a question that is asked again.
_SHORT = 40


class QuestionScreen(Frame):
    """A screen that asks one question at a time."""

    _asked: Asked | None = None
    # The name of the rule that was made last, as long as nothing was done after it.
    _ruled = ""

    def refresh_story(self, before: int, *, top: int = 0) -> None:
        """Show plan and story again, from the same line if it is the same story."""
        self.reader.forget()
        stay_in_filter(self.session, self.wanted)
        same = self.slot is not None and self.slot.story_id == before
        self.show_side(top=top if same else 0)

    async def action_ask(self, kind: Kind) -> None:
        """Ask for a note, a tag, or what to show only."""
        await self.ask(kind, self.slot)

    async def ask(self, kind: Kind, slot: Slot | None) -> None:
        """Put a question in the place of the foot."""
        if self._asked or (slot is None and kind != "filter"):
            return
        with self.telling():
            self._asked = prepare(self.session, kind, slot, wanted=self.wanted)
        if self._asked:
            await self._put_question(self._asked)
            if kind == "rule":
                self.call_after_refresh(self._count_offer, self._asked)
        elif slot:
            # What it was about may have left the plan.
            self.refresh_story(slot.story_id)

    async def _put_question(self, asked: Asked) -> None:
        self.screen.add_class("asking")
        asking = Asking(asked.says, asked.proposed)
        await self.mount(asking)
        # At once: the next key may be there already.
        self.screen.set_focus(asking.query_one(Question))

    async def _answer(self) -> None:
        value = self.query_one(Question).value
        asked = await self._end_question()
        if asked and not self._accept(asked, value):
            # What was written is not lost: the question is there again, with what is wrong.
            says = f"not kept ({shorten(self._said, _SHORT)}) {asked.kind}"
            self._asked = replace(asked, says=says, proposed=value, again=True)
            await self._put_question(self._asked)

    async def _drop(self) -> None:
        """No answer: what was filtered is shown again."""
        asked = await self._end_question()
        if asked and asked.kind == "filter":
            self.filter_plan("")

    def on_input_changed(self, event: Question.Changed) -> None:
        """A filter shows what it leaves while it is written."""
        if self._asked and self._asked.kind == "filter":
            self.filter_plan(event.value)

    def filter_plan(self, wanted: str) -> None:
        """Show only the stories that say this; go to one of them."""
        self.wanted = wanted
        self.show_side("story")

    async def _end_question(self) -> Asked | None:
        asked, self._asked = self._asked, None
        self.screen.remove_class("asking")
        await self.query(Asking).remove()
        return asked

    def _accept(self, asked: Asked, answer: str) -> bool:
        """Do what an answer asks for; whether it may be forgotten."""
        if asked.kind == "filter":
            self.filter_plan(answer)
            return True
        before, top, done = self.slot.story_id if self.slot else 0, self.query_one(Paper).top, False
        with self.telling():
            if asked.kind == "rule":
                made = make_rule(self.session, asked, answer)
                self._ruled = made.name if made else ""
                told = made.told if made else ""
            else:
                told = accept(self.session, asked, answer)
            if told:
                self.say(told)
            done = True
        if done or asked.kind == "rule":
            self.refresh_story(before, top=top)
        return done or asked.kind == "rule"

    def _count_offer(self, asked: Asked) -> None:
        """Say how far an offered rule reaches, once the question is drawn."""
        with self.telling():
            if self._asked is asked:
                says = tell_offer(self.session, asked, now=self.reader.now)
                self.query_one("#says", Static).update(Content.styled(f" {says}: ", "bold"))
