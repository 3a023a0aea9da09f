"""The parts of the screen: a bar of one line, a list that follows its cursor, a page that scrolls, a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.events import MouseScrollDown, MouseScrollUp, Paste

    from veille.session.paper import Page

_WHEEL = 3
# Lines wrapped beyond what is seen: whether there is more must be known.
_AHEAD = 1


class Bar(Widget):
    """One line, made anew at each look."""

    DEFAULT_CSS = "Bar { height: 1; text-wrap: nowrap; }"

    def __init__(self, make: Callable[[int], Content], *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._make = make

    def render(self) -> Content:
        """The line for this width."""
        return self._make(self.size.width)


class Rows(Widget):
    """Rows of which one is in hand: what is seen moves with it, by no more than it must."""

    DEFAULT_CSS = "Rows { height: 1fr; text-wrap: nowrap; }"

    def __init__(self, make: Callable[[int, int], Content], tail: Callable[[int], Sequence[Content]]) -> None:
        super().__init__(id="plan")
        self._make, self._tail = make, tail
        self._count, self._at, self._top = 0, 0, 0

    def show(self, count: int, at: int) -> None:
        """So many rows, this one in hand."""
        self._count, self._at = count, at
        self.refresh()

    def render(self) -> Content:
        """The rows that are seen; after the last one, what follows the list."""
        width, height = self.size
        highest = max(0, self._count - height)
        # The row below the one in hand is seen as well: that is where one goes.
        self._top = min(highest, max(self._at - height + 2, min(self._top, max(0, self._at - 1))))
        seen = range(self._top, min(self._count, self._top + height))
        lines = [self._make(index, width) for index in seen]
        if len(lines) < height:
            lines += self._tail(width)[: height - len(lines)]
        return Content("\n").join(lines)


class Paper(Widget):
    """A page, of which as much is laid out as is scrolled to. Its left edge is a line between the two sides."""

    DEFAULT_CSS = "Paper { height: 1fr; width: 1fr; text-wrap: nowrap; }"
    _EDGE = Content("│ ")

    def __init__(self) -> None:
        super().__init__(id="story")
        self._open: Callable[[int], Page] | None = None
        self._page: Page | None = None
        self._width = 0
        self._top = 0

    def show(self, make: Callable[[int], Page], *, top: int = 0) -> None:
        """Show the page that `make` gives for a width, from this line on."""
        self._open, self._page, self._top = make, None, top
        self.refresh()

    @property
    def top(self) -> int:
        """The first line that is seen."""
        return self._top

    def scroll_lines(self, lines: int) -> None:
        """Go down, or up; no further than the text."""
        page = self._reach(self._top + max(0, lines) + self.size.height)
        highest = max(0, len(page.lines) - self.size.height) if page else 0
        self._top = max(0, min(highest, self._top + lines))
        self.refresh()

    def scroll_page(self, pages: int) -> None:
        """Go down, or up, by what is seen, two lines of it kept."""
        self.scroll_lines(pages * max(1, self.size.height - 2))

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """The wheel scrolls, for whoever has one."""
        self.scroll_lines(_WHEEL)

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """The wheel scrolls back."""
        self.scroll_lines(-_WHEEL)

    def render(self) -> Content:
        """The lines that are seen; the last one tells that there are more."""
        height = self.size.height
        page = self._reach(self._top + height)
        lines = page.lines[self._top : self._top + height] if page else []
        lines = [*lines, *[Content("")] * (height - len(lines))]
        if page and len(page.lines) > self._top + height:
            lines[-1] = Content.styled("… pgdn", "dim")
        return Content("\n").join(self._EDGE + one for one in lines)

    def _reach(self, count: int) -> Page | None:
        width = self.size.width - len(self._EDGE) - 1
        if self._open and (self._page is None or width != self._width):
            self._page, self._width = self._open(width), width
        if self._page:
            self._page.reach(count + _AHEAD)
        return self._page


class Asking(Horizontal):
    """The last line of the screen with a question on it."""

    DEFAULT_CSS = "Asking { height: 1; } Asking #says { width: auto; }"

    def __init__(self, says: str, proposed: str) -> None:
        super().__init__()
        self._says, self._proposed = says, proposed

    def compose(self) -> ComposeResult:
        """What is asked, and where the answer is written."""
        yield Static(Content.styled(f" {self._says}: ", "bold"), id="says")
        yield Question(self._proposed)


class Later(Message):
    """Something that another thread has to say to the screen."""

    def __init__(self, job: Callable[[], None]) -> None:
        super().__init__()
        self.job = job


class Question(Input):
    """A line to write in; the screen takes the keys that end it."""

    DEFAULT_CSS = "Question { height: 1; border: none; padding: 0; background: ansi_default; color: ansi_default; }"

    def __init__(self, value: str = "") -> None:
        super().__init__(value, id="question", compact=True, select_on_focus=False, max_length=2000)

    def _on_paste(self, event: Paste) -> None:
        """Several lines become one: Textual would keep the first."""
        self.insert_text_at_cursor(" ".join(event.text.split()))
        event.prevent_default()
        event.stop()
