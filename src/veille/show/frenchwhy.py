"""Why a story ranks, and what is new of it, in French: what the English says in, the same said in French out.

Reasons are those of `rank/reasons.py`, news those of `app/revival.py`.

A reason that no pattern knows is given as it is: an issue is never without its reasons.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veille.show.wording import Wording
from veille.text import clean_line

if TYPE_CHECKING:
    from veille.model import Score

_FRENCH = Wording("fr")
_FIELDS = {"title": "dans le titre", "body": "dans le texte", "author": "chez l’auteur", "entry": ""}
# What a reason looks like in English, and how it is said: groups by number.
_PATTERNS = (
    (re.compile(r"feed of ([\d.]+) a week"), "flux de {0} par semaine"),
    (re.compile(r"(\d+) outlets"), "{0} médias"),
    (re.compile(r"(\d+)(?:st|nd|rd|th) of (.+)"), "{0}e de {1}"),
    (re.compile(r"folder (.+)"), "dossier {0}"),
    (re.compile(r"feed (.+)"), "flux {0}"),
    (re.compile(r"fresh"), "récent"),
)
_NEWS = re.compile(r"“(.*)” is new(?:, and (\d+) more sources?)?")
_NAMED = re.compile(r"“(.*)” in (\w+)")


def say_why(score: Score) -> str:
    """One line: each contribution with its points, the largest first."""
    parts = score.largest_first
    told = (f"{part.points:+.2f}".replace(".", ",") + f" {_say(clean_line(part.reason))}" for part in parts)
    return " · ".join(told) or "rien ne parle pour ce sujet"


def say_news(news: str) -> str:
    """What is new in a story that comes again, as it stands after `Du nouveau :`."""
    found = _NEWS.fullmatch(news)
    if not found:
        return news
    others = f", et {_FRENCH.count(int(found[2]), 'source')}" if found[2] else ""
    return f"{_FRENCH.quote(found[1])}{others}"


def _say(reason: str) -> str:
    named = _NAMED.fullmatch(reason)
    if named:
        return f"{_FRENCH.quote(named[1])} {_FIELDS.get(named[2], named[2])}".rstrip()
    for pattern, said in _PATTERNS:
        found = pattern.fullmatch(reason)
        if found:
            return said.format(*found.groups())
    return reason
