"""A digest as Markdown (CommonMark). Feed text is escaped: it can open no link, tag, list or heading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from veille.show.tidy import host_to_show
from veille.text import clean_line
from veille.urls import is_web

if TYPE_CHECKING:
    from veille.issue import Link
    from veille.model import Source
    from veille.show.wording import Wording

# Of CommonMark and of what is often built on it: tables, strikes, formulas, the marks of page builders.
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|$^{}])")
# What makes a heading, a list, a quote or a rule of a line, at its start only.
_OPENING = re.compile(r"^(?:(?P<sign>[#+=-])|(?P<number>\d+)(?P<dot>[.)]))")
_KEPT_IN_LINKS = "%/:?#@!$&'*+,;=-._~"  # no parentheses: they would end the link


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _OPENING.sub(_escape_opening, _SPECIAL.sub(r"\\\1", clean_line(text)))


def link_markdown(link: Link, words: Wording) -> str:
    """A title that leads to its page, with the host where its letters may deceive."""
    shown = escape_markdown(link.title) or escape_markdown(words.say("untitled"))
    if not link.url:
        return shown
    host = host_to_show(link)
    return f"[{shown}]({quote(link.url, safe=_KEPT_IN_LINKS)})" + (f" ({escape_markdown(host)})" if host else "")


def quote_markdown(text: str) -> str:
    """A block of quotation, its paragraphs and lines kept."""
    return "\n".join(f"> {line}".rstrip() for line in break_lines(text).split("\n"))


def break_lines(text: str) -> str:
    """Paragraphs, with the line breaks inside them."""
    parts = (part.splitlines() for part in text.split("\n\n") if part.strip())
    return "\n\n".join("\\\n".join(map(escape_markdown, lines)) for lines in parts)


def _escape_opening(match: re.Match[str]) -> str:
    return rf"\{match['sign']}" if match["sign"] else rf"{match['number']}\{match['dot']}"


def link_source(source: Source, title: str) -> str:
    """A link with a title, the title alone for what is no web address."""
    shown = escape_markdown(title)
    if not is_web(source.url):
        return shown
    return f"[{shown}]({quote(source.url, safe=_KEPT_IN_LINKS)})"
