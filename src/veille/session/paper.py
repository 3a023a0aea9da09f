"""Text for a screen of cells: pieces of text with styles in, wrapped lines out, as few as are looked at.

A text may be long: it is cut and wrapped only as far as somebody scrolls. Styles are of the sixteen colours of every
terminal, and none of them tells alone what it tells.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIT_STYLE = "bold underline ansi_yellow"
# Characters laid out at once. What is lit is looked for in as many.
PORTION = 4000

# Terminals do not agree on how wide these make what they follow: variation selectors, joiners after a sign, skin
# tones. Without them an emoji is as wide as the tables say.
_UNSURE = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\u20e3]|(?<=[\u2600-\u27bf\U0001f000-\U0001faff])\u200d")
_WIDEST = 100


class Block(NamedTuple):
    """A piece of text to be wrapped; `open` when the next one goes on in the same paragraph."""

    content: Content
    open: bool = False


def settle(text: str) -> str:
    """The same text in characters of which the width is known."""
    return text if text.isascii() else _UNSURE.sub("", text)


def cut(text: str, size: int = PORTION) -> Iterator[tuple[str, bool]]:
    """A paragraph in portions, cut between words where there are some, each with whether another follows."""
    start = 0
    while len(text) - start > size:
        space = text.rfind(" ", start + size // 2, start + size)
        end = space if space > 0 else start + size
        yield text[start:end], True
        start = end
    yield text[start:], False


class Page:
    """Blocks wrapped to a width, as far as was asked for."""

    def __init__(self, blocks: Iterable[Block], width: int) -> None:
        self.lines: list[Content] = []
        self.whole = False
        self._blocks = iter(blocks)
        self._width = max(2, min(width, _WIDEST))
        self._carried = Content("")

    def reach(self, count: int) -> None:
        """Have so many lines, or all that there are."""
        while len(self.lines) < count and not self.whole:
            block = next(self._blocks, None)
            if block is None:
                self.whole = True
                return
            lines = (self._carried + block.content if self._carried else block.content).wrap(self._width)
            self._carried = lines.pop() if block.open and len(lines) > 1 else Content("")
            self.lines += lines


def line(*pieces: tuple[str, str]) -> Content:
    """Pieces of (text, style) on a line."""
    return Content.assemble(*((settle(text), style) for text, style in pieces))
