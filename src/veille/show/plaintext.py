"""Plain text for people: lines of a width that a mail reader shows whole."""

from __future__ import annotations

import textwrap

_WIDTH = 76


def wrap(text: str, indent: int = 0, *, first: str = "") -> str:
    """Paragraphs filled to the width; `first` opens the first line in the place of its blanks. Addresses stay whole."""
    blank = " " * indent
    lines = [
        textwrap.fill(
            line,
            _WIDTH,
            initial_indent=blank if number else first or blank,
            subsequent_indent=blank,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(str(text).splitlines() or [""])
    ]
    return "\n".join(lines)


def underline(text: str, sign: str) -> str:
    """A line of signs under a heading, as long as its longest line."""
    filled = wrap(text)
    return f"{filled}\n{sign * max(map(len, filled.splitlines()))}"
