"""Saved searches taken out of rules.toml. Saving one is `rulebook.save_search`."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from veille.app.rulebook import load_rules, rewrite_rules
from veille.errors import UnknownError, UsageError
from veille.rank.rulefile import remove_search
from veille.text import clean_line, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.config import Places


def forget_search(places: Places, name: str) -> str:
    """Take a saved search out; what it looked for. Raises UnknownError, and UsageError while something uses it.

    What still says @NAME would go on as the words of a handle, and nobody would know.
    """
    rules = load_rules(places)
    searches = rules.searches
    asked = fold(name.strip().removeprefix("@"))
    name = next((known for known in searches if fold(known) == asked), name)
    if name not in searches:
        raise UnknownError(f"no search is saved as @{clean_line(name)}: {_hint(name, searches)}")
    used = re.compile(rf"(?<![\w@])@{re.escape(name)}(?![\w-])", re.IGNORECASE)
    users = [f"the rule “{clean_line(rule.name)}”" for rule in rules.rules if used.search(rule.query.text)]
    users += [f"@{other}" for other, text in searches.items() if other != name and used.search(text)]
    if users:
        raise UsageError(f"@{name} is part of {', '.join(users[:5])}: change that first")
    rewrite_rules(places, lambda text: remove_search(text, name))
    return searches[name]


def _hint(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean @{close[0]}?" if close else "see `veille search --list`"
