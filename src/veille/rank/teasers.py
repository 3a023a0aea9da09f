"""Texts that are only the beginning of a text: texts in, the share of them that are teasers out. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veille.text import flatten_markup, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

# A text that is longer than this is worth reading, however it ends.
_TEASER_LENGTH = 1000
# Texts cut by a program are as long as one another, less the word that was cut, and end anywhere. Publishers
# cut at 100 to 600 characters.
_CUT_LENGTH, _CUT_WORD = 600, 20
_ENDS = frozenset('.!?…:;)»"”]')
_FEWEST = 5
# WordPress ends an excerpt with where it came from.
_SIGNATURE = re.compile(
    r"\s*(?:the post .{1,300} (?:appeared first on|first appeared on)|l'article .{1,300} est apparu en premier sur)"
    r" .{1,120}$",
)
# What sites write below a teaser, as seen in feeds, folded (an ellipsis is three dots); the title may follow.
_MORE = (
    "lire la suite|lire l'article|lire plus|lire aussi l'article|la suite sur|en savoir plus|voir plus|"
    "read more|read on|read the rest|read the full|read full|continue reading|keep reading|more\\.\\.\\.|"
    "view (?:full|more|the full)|full (?:story|article)|see more|learn more|weiterlesen|leer mas|seguir leyendo"
)
_TEASER = re.compile(rf"(?:\.\.\.|\[\s*\.\.\.\s*\]|\(\s*\.\.\.\s*\))\s*[»→>]*$|\b(?:{_MORE})\b[^.!?]{{0,120}}$")
_TAIL = 600


def share_of_teasers(texts: Sequence[str | None], *, enough: float) -> float:
    """Which part of the texts (HTML or plain, None when long) are teasers, 0 when less than `enough`.

    A teaser ends as teasers do; or the texts are cut in the middle of a sentence, all at one length.
    """
    told = [text for text in texts if text != ""]
    if len(told) < _FEWEST:
        return 0.0
    short: list[str] = []
    for place, text in enumerate(told, 1):
        words = flatten_markup(text) if text is not None else None
        if words is not None and len(words) <= _TEASER_LENGTH:
            short.append(words)
        elif place - len(short) > (1 - enough) * len(told):
            return 0.0  # most texts are given in full: the others need not be read
    share = max(sum(_ends_as_teaser(text) for text in short), _count_cut(short)) / len(told)
    return share if share >= enough else 0.0


def _ends_as_teaser(text: str) -> bool:
    tail = _SIGNATURE.sub("", fold(text[-_TAIL:])).rstrip()
    return bool(_TEASER.search(tail))


def _count_cut(texts: Sequence[str]) -> int:
    """How many texts end, without the end of a sentence, just below the length of the longest."""
    lengths = [len(text) for text in texts if len(text) <= _CUT_LENGTH]
    longest = max(lengths, default=0)
    if longest <= 2 * _CUT_WORD:
        return 0  # titles and bylines
    return sum(longest - _CUT_WORD <= len(text) <= longest and text[-1] not in _ENDS for text in texts)
