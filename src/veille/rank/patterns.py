"""Regular expressions of a query: checked when it is read, compiled where it is looked up. Case never counts."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from veille.errors import QueryError

if TYPE_CHECKING:
    import regex

_LONGEST = 500
# What `regex` reads otherwise than `re`: `{e<=1}` counts errors. Anything else `re` accepts, `regex` does too
# (400,000 random patterns).
_FUZZY = r"\\(?:[pPN]\{|.)|(?P<fuzzy>\{[^\d,}])"
_COUNT = r"\\.|\{(?P<count>\d*,?\d*)\}"
# Counts may stand inside one another, and multiply.
_MOST_TURNS = 100_000
# Deeper ones exhaust the stack of `regex`.
_MOST_GROUPS = 50


def check_pattern(text: str, *, column: int) -> None:
    """Raise QueryError, with the character of the trouble, when `text` is no regular expression.

    `column` is where its first character stands.
    """
    if len(text) > _LONGEST:
        raise QueryError(f"a pattern has at most {_LONGEST} characters", column=column + _LONGEST)
    for found in re.finditer(_FUZZY, text) if "{" in text else ():
        if found["fuzzy"]:
            raise QueryError("a { counts, as in a{2,3}: write \\{ for the sign itself", column=column + found.start())
    _check_counts(text, column=column)
    if text.count("(") > _MOST_GROUPS:
        raise QueryError(f"a pattern has at most {_MOST_GROUPS} groups", column=column)
    if _is_plain(text):
        return
    import regex

    try:
        compile_pattern(text)
    except regex.error as error:
        place = min(error.pos or 0, len(text))
        raise QueryError(f"not a pattern: {error.msg}", column=column + place) from None


def compile_pattern(text: str) -> regex.Pattern[str]:
    """The compiled pattern. A search with it takes a `timeout`: patterns may take for ever."""
    import regex

    return regex.compile(text, regex.IGNORECASE | regex.VERSION0)


def _check_counts(text: str, *, column: int) -> None:
    """Refuse what repeats so often that compiling it takes gigabytes: `regex` writes every turn out."""
    size = 1
    for found in re.finditer(_COUNT, text) if "{" in text else ():
        if found["count"] is None:
            continue
        size *= max(int(one[:9] or 0) for one in found["count"].split(","))
        size = max(size, 1)
        if size > _MOST_TURNS:
            raise QueryError(f"a pattern repeats at most {_MOST_TURNS:,} times", column=column + found.start())


def _is_plain(text: str) -> bool:
    """Whether `re`, loaded already, can tell that it is right; `regex` takes time to load."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError, ValueError, Warning):
        return False
    return True
