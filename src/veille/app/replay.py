"""Lists as other rules would have made them: the stored stories ranked again, for days of the past and for today.

Nothing is written and no rule is installed. Read stories count: they were unread once. What the user has made of
stories and how many outlets tell them (`is:`, `sources:`) is taken as it is now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.overrides import feed_weights, muted_by_config
from veille.app.rulebook import load_rulebook
from veille.app.triage import catch_up
from veille.rank.expression import is_lasting
from veille.rank.lead import Weights
from veille.rank.replay import WINDOW, stand_at
from veille.rank.score import Desk
from veille.store.candidates import load_candidates, load_paces
from veille.store.matches import find_matches, load_matches
from veille.store.stories import list_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.model import Story
    from veille.rank.hits import Found
    from veille.rank.rules import Rule, Rules

    # Told how much is done of how much, and what.
    Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """Where rules are tried: the rules in use, whose matches are stored, and the present."""

    home: Home
    installed: Rules
    now: datetime
    on_progress: Progress | None = None

    def tell(self, done: int, total: int, what: str) -> None:
        """Say how far the work has come, if somebody asked."""
        if self.on_progress:
            self.on_progress(done, total, what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The stories of some days, led as some rules will have it, and where rules that never change match them."""

    rules: Rules
    days: int
    weights: Weights
    stories: Sequence[Story]
    lasting: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The day before a moment: its stories as they stood, and the desk that ranks them."""

    until: datetime
    stories: Sequence[Story]
    desk: Desk


def open_lab(home: Home, *, on_progress: Progress | None = None) -> Lab:
    """Everything folded and matched, and the rules in use. Raises ConfigError."""
    rules = load_rulebook(home).rules
    if on_progress:
        on_progress(0, 1, "matching what is new")
    catch_up(home)
    return Lab(home=home, installed=rules, now=read_clock(), on_progress=on_progress)


def set_scene(lab: Lab, rules: Rules, *, days: int, known: Found | None = None) -> Scene:
    """What ranking the last days by some rules takes; `known` are their matches, if they have been looked up."""
    home = lab.home
    weights = Weights(feeds=feed_weights(home) | dict(rules.feed_weights), folders=rules.folder_weights)
    since = lab.now - days * WINDOW
    story_ids = list_window(home.db, since=since, unread_only=False, muted=muted_by_config(home))
    stories = load_candidates(home.db, story_ids, weights)
    lasting = [rule for rule in rules.in_force(lab.now) if is_lasting(rule.expression)]
    if known is None:
        known = match_rules(lab, lasting, list_entries(stories))
    else:
        keys = {rule.key for rule in lasting}
        known = {key: where for key, where in known.items() if key[0] in keys}
    return Scene(rules=rules, days=days, weights=weights, stories=stories, lasting=known)


def match_rules(lab: Lab, rules: Iterable[Rule], entry_ids: Sequence[int]) -> Found:
    """Where rules match: read where they are stored, looked up for those that are not in use."""
    known = {rule.key for rule in lab.installed.rules}
    wanted = list(rules)
    db, now = lab.home.db, lab.now
    found = dict(load_matches(db, [rule for rule in wanted if rule.key in known], entry_ids, now=now))
    new = {rule.key: rule for rule in wanted if rule.key not in known}
    for number, rule in enumerate(new.values()):
        lab.tell(number, len(new), "looking for matches")
        # One at a time: a slow pattern must not leave the others without theirs.
        found |= find_matches(db, [rule], entry_ids, now=now)
    return found


def replay_days(lab: Lab, scene: Scene) -> Iterator[Day]:
    """Each of the days, the latest first; the rules in force are those of today."""
    home, in_force = lab.home, scene.rules.in_force(lab.now)
    live = [rule for rule in in_force if not is_lasting(rule.expression)]
    settings = scene.rules.weigh(home.settings.weights)
    desk = Desk(
        rules=in_force,
        matches={},
        settings=settings,
        now=lab.now,
        weights=scene.weights,
        per_week=load_paces(home.db, now=lab.now) if settings.rare else {},
    )
    by_entry: dict[int, list[tuple[str, int]]] = {}
    for key in scene.lasting:
        by_entry.setdefault(key[1], []).append(key)
    for number in range(scene.days):
        until = lab.now - number * WINDOW
        stories = list(stand_at(scene.stories, until=until, weights=scene.weights))
        entry_ids = list_entries(stories)
        matches = {key: scene.lasting[key] for entry_id in entry_ids for key in by_entry.get(entry_id, ())}
        matches |= find_matches(home.db, live, entry_ids, now=until)
        yield Day(until=until, stories=stories, desk=replace(desk, now=until, matches=matches))


def list_entries(stories: Iterable[Story]) -> list[int]:
    """The entries of some stories."""
    return [source.entry_id for story in stories for source in story.sources]
