"""Habits of other tools that an expression shows: they are words here, which is told where nothing was found.

The text of an expression in, sentences out. Reads no grammar: what is between quotes or in a pattern is passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veille.rank.filters import FILTERS, PARTS, WHOLE_PARTS
from veille.text import clean_line, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEANT = re.compile(r"""["“”][^"“”]*["“”]|«[^»]*»|(?<![^\s(])/\S.*?/(?![^\s)])""")
_PARTED = re.compile(r"[\s()|]+")
_EDGES = "-−–+,;.!?"
# What a word may have been meant as, whatever its capitals, and only in capitals: there it is none by chance.
_IN_ANY_CASE = {
    **dict.fromkeys(("or", "ou"), "OR or OU, in capitals"),
    **dict.fromkeys(("and", "et"), "AND or ET, in capitals, or nothing: words side by side must all be there"),
    **dict.fromkeys(("not", "sauf"), "NOT or SAUF, in capitals, or -word"),
    **dict.fromkeys(("near", "around"), "NEAR, in capitals, or NEAR/5"),
}
_IN_CAPITALS = {
    **dict.fromkeys(("NON", "SANS", "WITHOUT"), "NOT or SAUF, or -word"),
    **dict.fromkeys(("AVEC", "WITH"), "AND or ET, or nothing: words side by side must all be there"),
}
_OPERATORS = {"OR", "OU", "AND", "ET", "NOT", "SAUF", "NEAR", "AROUND"}
_DISTANCE = re.compile(r"(?:(?:w|n|pre|adj|within)/|(?:o?near|adj|around))(\d+)", re.IGNORECASE)
_COMPARED = re.compile(r"([^\W\d_]+)([<>=≤≥]=?)(.+)")
_NAMED = re.compile(r"([^\W\d_][\w-]*):(?!//).+")


def spot_habits(text: str) -> list[str]:
    """What to write instead, for each word of an expression that is an operator or a field of another tool."""
    words = (word.strip(_EDGES) for word in _PARTED.split(_MEANT.sub(" ", text)))
    return list(dict.fromkeys(said for word in words if word for said in _judge(word)))


def _judge(word: str) -> Iterator[str]:
    instead = _find_operator(word) or _find_field(word)
    if instead:
        yield f"“{clean_line(word)}” was looked for as a word: write {instead}"
        return
    named = _NAMED.fullmatch(word)
    if named and not _is_field(named[1]):
        yield f"there is no field {clean_line(named[1])}: it was looked for as a word; `veille top --help` names all"


def _find_operator(word: str) -> str:
    if word in _OPERATORS:
        return ""
    apart = _DISTANCE.fullmatch(word)
    return f"NEAR/{apart[1]}" if apart else _IN_CAPITALS.get(word) or _IN_ANY_CASE.get(word.lower(), "")


def _find_field(word: str) -> str:
    """`sources>3` and `titre=crise` lack their colon."""
    compared = _COMPARED.fullmatch(word)
    if not compared or not _is_field(compared[1]):
        return ""
    name, sign, value = compared.groups()
    return clean_line(f"{name}:{'' if sign == '=' else sign}{value}")


def _is_field(name: str) -> bool:
    folded = fold(name)
    return folded in PARTS or folded in FILTERS or folded in WHOLE_PARTS
