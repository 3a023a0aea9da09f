"""What is to be said before a session: groups that time is kept for in vain, a session that is open already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.planning import is_of_today, moment_of
from veille.app.rulebook import load_rulebook
from veille.config import read_text
from veille.kinds import hint_at
from veille.store.session import load_open, load_slots
from veille.text import clean_line, fold
from veille.toml import locate_key

if TYPE_CHECKING:
    from veille.app.home import Home


def find_idle_reserves(home: Home) -> list[str]:
    """The groups of `[session] reserve` that no rule in force has, a line each with its place. Raises ConfigError."""
    names = list(home.settings.session.reserve)
    if not names:
        return []
    groups = {fold(rule.group): rule.group for rule in load_rulebook(home).rules.in_force(read_clock()) if rule.group}
    text, said = read_text(home.places.config), []
    advice = 'a rule is put in one by `group = "..."`' if not groups else ""
    for name in names:
        if fold(name) not in groups:
            line, column = locate_key(text, ("session", "reserve"), name)
            hint = advice or hint_at(clean_line(name), sorted(groups.values()))
            said.append(
                f"{home.places.config}:{line}:{column}: reserve: no rule in force has the group"
                f" “{clean_line(name)}”: {hint}"
            )
    return said


def tell_open(home: Home) -> str:
    """That a session is open and a plan made now is another, "" when none is."""
    stored = load_open(home.db)
    if stored is None:
        return ""
    left = sum(slot.state == "todo" for slot in load_slots(home.db, stored.id))
    goes_on = is_of_today(stored, read_clock())
    after = "`veille session` goes on with it" if goes_on else "`veille session` closes it"
    is_open = f"the session of {moment_of(stored)} is open, {left} left"
    return f"{is_open}: {after}; this is the plan of a new one"
