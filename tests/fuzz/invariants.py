"""What holds of any result and of any error, asked without the functions that are to make it so.

A breach is an AssertionError, which no target takes for an answer.
"""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from veille.urls import is_web

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from veille.errors import VeilleError

# Controls and lone surrogates, and the marks that end a line for some readers or reorder it (Unicode UAX #9).
_BAD_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BAD_DIRECTIONS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_SAFE_SCHEMES = ("http:", "https:", "mailto:")
_DANGEROUS = frozenset("script style template noscript iframe object embed svg math form link meta base".split())


def check_line(text: str, what: str) -> None:
    """One line, safe to print."""
    for character in text:
        assert unicodedata.category(character) not in _BAD_CATEGORIES, f"{what}: {text!r}"
        assert unicodedata.bidirectional(character) not in _BAD_DIRECTIONS, f"{what}: {text!r}"
    assert text == text.strip(), f"{what}: {text!r}"


def check_lines(texts: Iterable[str], what: str) -> None:
    """Each of them a safe line, and not empty."""
    for text in texts:
        assert text, what
        check_line(text, what)


def check_stored(text: str, what: str) -> None:
    """What SQLite and UTF-8 take."""
    text.encode()
    assert "\x00" not in text, f"{what}: {text!r}"


def check_link(url: str, what: str) -> None:
    """Nothing, or a web address without blanks or controls."""
    assert not url or is_web(url), f"{what}: {url!r}"
    check_line(url, what)
    assert " " not in url, f"{what}: {url!r}"


def check_moment(moment: datetime | None, what: str) -> None:
    """Nothing, or a time that says where it holds."""
    assert moment is None or moment.tzinfo is not None, what


def check_markup(markup: str) -> None:
    """No element, attribute or address that does anything."""
    check_stored(markup, "markup")
    _Inert().feed(markup)


def check_error(error: VeilleError, *, says: str = "") -> None:
    """One clear line, with what it must say."""
    check_lines([str(error)], "an error")
    assert says in str(error), error


class _Inert(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in _DANGEROUS, f"<{tag}>"
        for name, value in attrs:
            assert not name.startswith(("on", "style")), f"<{tag} {name}>"
            assert name not in {"href", "src"} or (value or "").lower().startswith(_SAFE_SCHEMES), f"{name}={value!r}"

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"<?{data}>")
