"""What to say of an expression that found nothing, or that may have meant a saved search. Never ranks."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.rulebook import load_rulebook
from veille.rank.expression import Filter, list_leaves
from veille.rank.habits import spot_habits
from veille.rank.rules import Rule, keyword_rule
from veille.store.candidates import list_folders
from veille.store.feeds import list_feeds
from veille.store.matches import search_stories
from veille.text import clean_line, fold, is_in_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from veille.app.home import Home

_NAME = re.compile(r"[\w-]+")
_HANDLE = re.compile(r'(?<![\w@.])@(?:"([^"]+)"|([\w-]+))')
_WEIGHT = re.compile(r"\s*\^[^\s^]*\s*$")
# A word by itself is more often only a word than one with an @ before it.
_CLOSE, _CLOSE_HANDLE = 0.75, 0.6
# Filters whose value should name something, and what that is.
_NAMING = {"feed": "feed", "folder": "folder", "tag": "tag"}


def doubt_names(home: Home, texts: Iterable[str]) -> list[str]:
    """A sentence for each @word, or expression of one word, that is close to a saved search but is none."""
    searches = load_rulebook(home).rules.searches
    return list(dict.fromkeys(said for text in texts for said in doubt_name(text, searches))) if searches else []


def doubt_name(text: str, searches: Mapping[str, str]) -> list[str]:
    """The same of one expression."""
    whole = _WEIGHT.sub("", text).strip()
    asked = [(whole, f"“{whole}”", _CLOSE)] if _NAME.fullmatch(whole) else []
    handles = (quoted or bare for quoted, bare in _HANDLE.findall(text))
    asked += [(name, f"@{clean_line(name)}", _CLOSE_HANDLE) for name in handles]
    known = {fold(name): name for name in searches}
    said = []
    for name, shown, least in asked:
        folded = fold(name)
        close = [] if folded in known else difflib.get_close_matches(folded, known, 1, least)
        said += [
            f"no search is saved as {shown}: its words are looked for; did you mean @{clean_line(known[one])}?"
            for one in close
        ]
    return said


def explain_miss(home: Home, texts: Iterable[str]) -> list[str]:
    """What in expressions that found nothing is likely to be the reason: other tools' habits, names of nothing."""
    searches = load_rulebook(home).rules.searches
    said: list[str] = []
    for text in texts:
        said += spot_habits(text)
        rule = keyword_rule(text, searches=searches, negative=True)
        said += [
            _tell_nothing(home, leaf)
            for leaf in dict.fromkeys(list_leaves(rule.expression, wanted_only=True))
            if isinstance(leaf, Filter) and leaf.name in _NAMING and _names_nothing(home, rule, leaf)
        ]
    return list(dict.fromkeys(said))


def _names_nothing(home: Home, rule: Rule, leaf: Filter) -> bool:
    if leaf.name == "folder":
        return not any(is_in_folder(one, leaf.value) for one in list_folders(home.db))
    alone = replace(rule, query=replace(rule.query, expression=leaf))
    return not search_stories(home.db, alone, now=read_clock(), limit=1)[1]


def _tell_nothing(home: Home, leaf: Filter) -> str:
    value = clean_line(leaf.value)
    known = {fold(one): one for one in _list_names(home, leaf) if one}
    close = difflib.get_close_matches(fold(value), known, 1)
    written = clean_line(known[close[0]]) if close else ""
    written = f'"{written}"' if " " in written else written
    hint = f"did you mean {leaf.name}:{written}?" if close else "see `veille feeds`"
    return f"nothing is of a {_NAMING[leaf.name]} “{value}”: {hint}"


def _list_names(home: Home, leaf: Filter) -> list[str]:
    if leaf.name == "folder":
        return list_folders(home.db)
    feeds = list_feeds(home.db)
    return [feed.name for feed in feeds] if leaf.name == "feed" else [t for f in feeds for t in f.subscription.tags]
