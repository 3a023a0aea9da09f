"""The desk laid out: the user's rules in force, what they match, what feeds weigh.

`ranking` lists stories with it, `opening` reads one in full, `marking` writes down what the user thinks of them.
Never touches the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.overrides import feed_weights
from veille.app.rulebook import load_rulebook
from veille.errors import ConfigError
from veille.rank.lead import Weights
from veille.rank.score import Desk
from veille.store.candidates import find_newest, load_paces
from veille.store.headlines import has_pending
from veille.store.matches import find_matches, load_matches, update_matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.app.home import Home
    from veille.model import Story
    from veille.rank.rules import Rule


def lay_out(home: Home, stories: Sequence[Story], *, keywords: Sequence[Rule] = ()) -> Desk:
    """What ranking asks of some stories: rules in force, what matches, settings and weights, what feeds publish.

    Raises ConfigError.
    """
    now, rules = read_clock(), load_rulebook(home).rules
    in_force = rules.in_force(now)
    settings = rules.weigh(home.settings.weights)
    entry_ids = [source.entry_id for story in stories for source in story.sources]
    return Desk(
        rules=in_force,
        matches=load_matches(home.db, in_force, entry_ids, now=now)
        | find_matches(home.db, keywords, entry_ids, now=now),
        settings=settings,
        now=now,
        keywords=keywords,
        weights=load_weights(home),
        per_week=load_paces(home.db, now=now, feeds={story.lead.feed_id for story in stories}) if settings.rare else {},
    )


def lay_out_anyway(home: Home, stories: Sequence[Story]) -> tuple[Desk, str]:
    """The same for a session that is open: where rules.toml is wrong, a desk without rules and what is wrong."""
    try:
        return lay_out(home, stories), ""
    except ConfigError as error:
        return Desk(rules=(), matches={}, settings=home.settings.weights, now=read_clock()), f"no scores: {error}"


def load_weights(home: Home) -> Weights:
    """What the user gives to feeds and folders: rules.toml comes before settings of feeds.

    What only names a story must not fail on a rule that is wrong: ranking tells of it.
    """
    own = feed_weights(home)
    try:
        rules = load_rulebook(home).rules
    except ConfigError:
        return Weights(feeds=own)
    return Weights(feeds=own | dict(rules.feed_weights), folders=rules.folder_weights)


def catch_up(home: Home) -> int:
    """Finish what a stopped fetch left: entries in no story, rules not run over new entries. Raises ConfigError.

    Gives the last entry that is in a story and that the rules have seen: what a fetch stores meanwhile comes next time.
    """
    fold_waiting(home)
    newest = find_newest(home.db)
    update_matches(home.db, load_rulebook(home).rules.rules, now=read_clock())
    return newest


def fold_waiting(home: Home) -> None:
    """Put entries in stories that a stopped fetch has left in none. Where there are none, folding is not loaded."""
    if has_pending(home.db):
        from veille.app.fold import fold_pending

        fold_pending(home.db, home.settings.fold)
