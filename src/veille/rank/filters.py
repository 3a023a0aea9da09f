"""The fields of the query language: their names in English, French and other tools, and what their values may be.

A name and a value as typed in, a Filter out, QueryError with a suggestion otherwise. Knows no entry: whether a
feed, a folder or a tag exists is not its business.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from veille.errors import QueryError, UsageError
from veille.rank.expression import Filter, Part
from veille.text import clean_line, fold, shorten
from veille.times import parse_duration, parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from veille.rank.expression import Comparison, FilterName

# Names are folded. Google's, Talkwalker's, Gmail's and Lucene's stand beside ours.
PARTS: dict[str, Part] = {
    **dict.fromkeys("title intitle titre titres subject headline".split(), "title"),
    **dict.fromkeys("text intext texte content contenu body".split(), "text"),
    **dict.fromkeys("author inauthor auteur autrice from by".split(), "author"),
}
# Google's: they bind all the words up to the end of the group.
WHOLE_PARTS: dict[str, Part] = {"allintitle": "title", "allintext": "text", "allinauthor": "author"}
FILTERS: dict[str, FilterName] = {
    **dict.fromkeys("feed flux source".split(), "feed"),
    **dict.fromkeys("folder dossier in category categorie".split(), "folder"),
    **dict.fromkeys("tag tags etiquette etiquettes label".split(), "tag"),
    **dict.fromkeys("site domain domaine host inurl allinurl url".split(), "site"),
    **dict.fromkeys("lang language langue".split(), "lang"),
    **dict.fromkeys("is est has avec".split(), "is"),
    **dict.fromkeys("sources outlets".split(), "sources"),
    **dict.fromkeys("since after depuis apres when newer newer_than".split(), "since"),
    **dict.fromkeys("before avant older older_than".split(), "before"),
    **dict.fromkeys("read lecture".split(), "read"),
}
_STATES = {
    **dict.fromkeys(("unread", "non-lu", "non lu", "nonlu", "new", "nouveau"), "unread"),
    **dict.fromkeys(("read", "lu", "seen"), "read"),
    **dict.fromkeys(("starred", "star", "favori", "favorite", "favourite", "etoile"), "starred"),
    **dict.fromkeys(("noted", "note", "notes"), "noted"),
}
_LANGUAGES = {
    **dict.fromkeys("french francais fra fre".split(), "fr"),
    **dict.fromkeys("english anglais eng".split(), "en"),
    **dict.fromkeys("german allemand deutsch deu".split(), "de"),
    **dict.fromkeys("spanish espagnol espanol spa".split(), "es"),
    **dict.fromkeys("italian italien italiano ita".split(), "it"),
    **dict.fromkeys("dutch neerlandais nederlands nld".split(), "nl"),
    **dict.fromkeys("portuguese portugais portugues por".split(), "pt"),
}
# Names that a blank may part from their value: "title: crise" is meant, "By: Jane" and "In: Paris" are pasted.
OWN_NAMES = frozenset(
    "title text author feed folder tag site lang is sources since before read "
    "titre texte auteur flux dossier etiquette langue est depuis avant lecture".split(),
)
# Fields of other tools that have no counterpart, and what to write instead.
_FOREIGN = {
    **dict.fromkeys("filetype ext related cache define inanchor sourcetype engagement".split(), ""),
    **dict.fromkeys("sourcecountry country location".split(), "site:.fr takes a country's sites, lang:fr its language"),
    **dict.fromkeys("date published".split(), "write since:2026-11-01, before:2026-12-01 or both"),
    "hashtag": "write #word",
}  # fmt: skip
_LIKE_ENOUGH = 0.75
_SHORTEST_SLIP = 4
_HOST = r"(?:[a-z][a-z+]*://)?(?:\*?\.)?(?:www\.)*(?P<host>(?:[^\W_](?:[\w-]*[^\W_])?\.)*[^\W_](?:[\w-]*[^\W_])?)(?::\d+)?/?"
# "fr" and "com" are domains; a longer name alone is more likely half of one: ".paris" says that it is whole.
_SHORT_TOP = 3
_LONGEST_HOST = 300
_COUNT = r"(?P<sign><=|>=|=<|=>|[<>=≤≥])?\s*(?P<number>.*?)\s*(?P<more>\+)?"
_SIGNS: dict[str | None, Comparison] = {
    "<": "<",
    ">": ">",
    "<=": "<=",
    "=<": "<=",
    "≤": "<=",
    ">=": ">=",
    "=>": ">=",
    "≥": ">=",
}
_YEAR_FIRST = r"(\d{4})(?:[-/](\d{1,2}))?(?:[-/](\d{1,2}))?"
# Only whether a moment can be read from a text counts here.
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def read_filter(typed: str, value: str, *, column: int) -> Filter:
    """The filter that a folded name and `value` ask for. Raises QueryError at `column`, where the value stands."""
    name, cleaned = FILTERS[typed], clean_line(value)
    if not cleaned:
        raise missing_value(typed, column=column)
    if typed == "source" and "." in cleaned and re.fullmatch(_HOST, cleaned.lower()):
        name = "site"  # as Google News has it: source:lemonde.fr
    try:
        return _READERS[name](name, cleaned)
    except _WrongValueError as error:
        hint = error.hint or f"write {_WANTED[name]}"
        raise QueryError(f"{name}: does not take “{shorten(cleaned, 40)}”: {hint}", column=column) from None


def missing_value(typed: str, *, column: int) -> QueryError:
    """What to say where a field has no value."""
    name = FILTERS[typed]
    return QueryError(f"{name}: takes {_WANTED[name]}", column=column)


def explain_field(name: str) -> str:
    """What to say of a name that is no field, "" when it is not meant as one either."""
    folded = fold(name)
    if folded in _FOREIGN:
        return f"there is no {folded}:" + (f" {_FOREIGN[folded]}" if _FOREIGN[folded] else "")
    close = _closest(folded, (*PARTS, *FILTERS, *WHOLE_PARTS)) if len(folded) >= _SHORTEST_SLIP else ""
    return f"there is no {folded}: did you mean {close}:?" if close else ""


class _WrongValueError(Exception):
    def __init__(self, hint: str = "") -> None:
        super().__init__(hint)
        self.hint = hint


def _closest(word: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(word, [*known], 3, _LIKE_ENOUGH)
    ours = [name for name in close if name in _READERS or name in get_args(Part)]
    return (ours or close or [""])[0]


def _read_text(name: FilterName, value: str) -> Filter:
    text = value.removeprefix("#") if name == "tag" else value
    if not any(map(str.isalnum, text)):
        raise _WrongValueError
    return Filter(name, text)


def _read_site(name: FilterName, value: str) -> Filter:
    typed = value.lower()
    found = re.fullmatch(_HOST, typed)
    if not found or len(typed) > _LONGEST_HOST:
        raise _WrongValueError
    host = found["host"]
    if "." not in host and len(host) > _SHORT_TOP and not typed.startswith((".", "*.")):
        raise _WrongValueError(f"write the whole of it, such as site:{host}.fr")
    return Filter(name, host)


def _read_language(name: FilterName, value: str) -> Filter:
    folded = fold(value).replace("_", "-")
    short = folded.partition("-")[0]
    code = _LANGUAGES.get(folded) or _LANGUAGES.get(short, short)
    if not (2 <= len(code) <= 3 and code.isascii() and code.isalpha()):  # noqa: PLR2004 - ISO 639
        close = _closest(folded, _LANGUAGES)
        raise _WrongValueError(f"did you mean {_LANGUAGES[close]}?" if close else "")
    return Filter(name, code)


def _read_state(name: FilterName, value: str) -> Filter:
    folded = fold(value)
    if folded not in _STATES:
        close = _closest(folded, _STATES)
        raise _WrongValueError(f"did you mean {close}?" if close else "")
    return Filter(name, _STATES[folded])


def _read_count(name: FilterName, value: str) -> Filter:
    number, comparison = _split_count(value)
    if not re.fullmatch(r"[0-9]{1,6}", number):
        raise _WrongValueError
    return Filter(name, str(int(number)), comparison)


def _read_minutes(name: FilterName, value: str) -> Filter:
    number, comparison = _split_count(value)
    if re.fullmatch(r"[0-9]{1,4}", number):
        return Filter(name, str(int(number)), comparison)
    try:
        minutes = round(parse_duration(number).total_seconds() / 60, 2)
    except UsageError:
        hint = f"to take what you have read, write is:{_STATES[fold(value)]}" if fold(value) in _STATES else ""
        raise _WrongValueError(hint) from None
    return Filter(name, f"{minutes:.2f}".rstrip("0").rstrip("."), comparison)


def _split_count(value: str) -> tuple[str, Comparison]:
    found = re.fullmatch(_COUNT, value)
    if not found or (found["more"] and found["sign"]):
        raise _WrongValueError
    return found["number"], ">=" if found["more"] else _SIGNS.get(found["sign"], "=")


def _read_moment(name: FilterName, value: str) -> Filter:
    year_first = re.fullmatch(_YEAR_FIRST, value)
    if year_first:
        year, month, day = (int(part or 1) for part in year_first.groups())
        value = f"{year:04}-{month:02}-{day:02}"
    try:
        parse_moment(value, now=_ANY_DAY)
    except UsageError:
        raise _WrongValueError from None
    return Filter(name, value)


_READERS: dict[FilterName, Callable[[FilterName, str], Filter]] = {
    "feed": _read_text,
    "folder": _read_text,
    "tag": _read_text,
    "site": _read_site,
    "lang": _read_language,
    "is": _read_state,
    "sources": _read_count,
    "since": _read_moment,
    "before": _read_moment,
    "read": _read_minutes,
}
_MOMENT = "2d, 36h, today, yesterday or 2026-11-20"
_WANTED: dict[FilterName, str] = {
    "feed": "a feed: words of its name, its number or its address",
    "folder": "a folder, such as folder:Presse",
    "tag": "a tag, such as tag:marque",
    "site": "a host, such as site:lemonde.fr",
    "lang": "a language, such as lang:fr",
    "is": "unread, read, starred or noted",
    "sources": "a number, such as sources:>=3",
    "since": _MOMENT,
    "before": _MOMENT,
    "read": "minutes, such as read:<5m",
}
