"""What to mend in rules, and what to add: findings on those in use, suggestions from what the user keeps.

Gathers what `rank.diagnosis` and `rank.suggest` judge. Nothing is written.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from veille.app.idle import find_idle
from veille.app.replay import list_entries, match_rules, open_lab, replay_days, set_scene
from veille.app.triage import lay_out, load_weights
from veille.model import Source
from veille.rank.diagnosis import PERIOD, REPLAY, Examination, Record, examine_rules, list_wider
from veille.rank.expression import Pattern, Term, list_leaves
from veille.rank.query import Query
from veille.rank.replay import lay_table, moves_list
from veille.rank.score import drop_killed
from veille.rank.suggest import Advice, Reaction, suggest_words
from veille.store.candidates import load_candidates
from veille.store.feeds import list_feeds
from veille.store.matches import find_matches
from veille.store.reactions import find_owners, list_published, list_reactions
from veille.store.stories import load_stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from veille.app.home import Home
    from veille.app.replay import Lab, Progress
    from veille.model import Story
    from veille.rank.hits import Found
    from veille.rank.rules import Rule

# Look-ups of other forms: of one rule, and of all.
_MOST_WIDER, _MOST_LOOKUPS = 6, 300
# Stories of each sort that suggestions are drawn from: taste changes, and what is hidden outnumbers what is read.
_MOST_REACTIONS, _MOST_HIDDEN = 5000, 1000


def examine(home: Home, *, on_progress: Progress | None = None) -> Examination:
    """What each rule did lately and what is wrong with it. Raises ConfigError."""
    lab = open_lab(home, on_progress=on_progress)
    rules = lab.installed
    in_force = rules.in_force(lab.now)
    published = list_published(home.db, since=lab.now - timedelta(days=PERIOD))
    matches = match_rules(lab, in_force, list(published))
    matched = _scope_matches(lab, in_force, matches, published)
    moves = _find_moves(lab, matches)
    wider = _count_wider(lab, in_force, matched, published)
    records = [
        Record(
            rule=rule,
            matched=matched.get(rule.name, {}),
            moves=moves.get(rule.name),
            wider=wider.get(rule.name, ()),
            seconds=_time_rule(lab, rule, published) if rule.name in matched else 0.0,
        )
        for rule in rules.rules
    ]
    feeds = len(set(published.values()))
    today = lab.now.astimezone().date()
    return Examination(
        checkups=examine_rules(records, entries=len(published), feeds=feeds, today=today),
        # Rules that are out of force have their own finding.
        no_effect=find_idle(home, replace(rules, rules=in_force)),
        entries=len(published),
        feeds=feeds,
    )


def advise(home: Home, *, most: int) -> Advice:
    """What a rule might look for, from what the user keeps, reads and hides. Raises ConfigError."""
    lab = open_lab(home)
    reactions = list_reactions(home.db, most=_MOST_REACTIONS)
    hidden = [number for number in _list_hidden(lab) if number not in {*reactions.kept, *reactions.read}]
    passed = [*reactions.read, *hidden]
    told = [*_react(lab, reactions.kept, kept=True), *_react(lab, passed, kept=False)]
    leaves = [leaf for rule in lab.installed.rules for leaf in list_leaves(rule.expression, wanted_only=True)]
    known = [word for leaf in leaves if isinstance(leaf, Term) for word in leaf.words]
    return Advice(kept=len(reactions.kept), passed=len(passed), suggestions=suggest_words(told, known=known, most=most))


def _scope_matches(
    lab: Lab, rules: Iterable[Rule], matches: Found, published: Mapping[int, int]
) -> dict[str, dict[int, int]]:
    """The entries that each rule matches within its scope, with their feeds, by the rule's name."""
    by_key: dict[str, dict[int, int]] = {}
    for key, entry_id in matches:
        by_key.setdefault(key, {})[entry_id] = published[entry_id]
    found: dict[str, dict[int, int]] = {}
    for rule in rules:
        matched = by_key.get(rule.key, {})
        if rule.folders or rule.feeds:
            covered = {number for number, source in _list_sources(lab).items() if rule.covers(source)}
            matched = {entry_id: feed_id for entry_id, feed_id in matched.items() if feed_id in covered}
        found[rule.name] = matched
    return found


def _list_sources(lab: Lab) -> dict[int, Source]:
    """Each feed as the scope of a rule is asked of it."""
    return {
        feed.id: Source(
            entry_id=0,
            feed_id=feed.id,
            feed=feed.name,
            feed_url=feed.subscription.url,
            folder=feed.subscription.folder,
            title="",
            url="",
            published_at=lab.now,
        )
        for feed in list_feeds(lab.home.db)
    }


def _find_moves(lab: Lab, matches: Found) -> dict[str, bool]:
    """Whether rules changed the rank of any story on the last days; those that match none there are left out."""
    rules = lab.installed
    moves: dict[str, bool] = {}
    scene = set_scene(lab, rules, days=REPLAY, known=matches)
    entry_ids, matching = set(list_entries(scene.stories)), set[str]()
    for key, entry_id in matches:
        if entry_id in entry_ids:
            matching.add(key)
    asked = [rule for rule in rules.in_force(lab.now) if rule.kind != "note" and rule.key in matching]
    total, done = len(asked) * REPLAY, 0
    for number, day in enumerate(replay_days(lab, scene), 1):
        if not asked:
            break
        table = lay_table(day.stories, day.desk)
        for rule in tuple(asked):
            lab.tell(done, total, "ranking without each rule")
            moved = moves_list(table, rule)
            if moved is not None:
                moves[rule.name] = moved
            done += 1
            if moved:
                # Once is enough: it is not asked on the days before.
                asked.remove(rule)
                done += REPLAY - number
    return moves


def _count_wider(
    lab: Lab, rules: Iterable[Rule], matched: Mapping[str, Mapping[int, int]], published: Mapping[int, int]
) -> dict[str, list[tuple[str, int]]]:
    """How many entries other forms of each rule's words would add."""
    asked = [
        (rule, what, replace(rule, name=what, query=Query(text=what, expression=wider), fields=(), lang=()))
        for rule in rules
        for what, wider in islice(list_wider(rule.expression), _MOST_WIDER)
    ][:_MOST_LOOKUPS]
    found: dict[str, list[tuple[str, int]]] = {}
    for number, (rule, what, wider) in enumerate(asked):
        lab.tell(number, len(asked), "looking for other forms")
        matches = find_matches(lab.home.db, [wider], list(published), now=lab.now)
        more = _scope_matches(lab, [wider], matches, published)[what]
        found.setdefault(rule.name, []).append((what, len(more.keys() - matched[rule.name].keys())))
    return found


def _time_rule(lab: Lab, rule: Rule, published: Mapping[int, int]) -> float:
    """What looking up a rule's patterns over the period takes; 0 without one."""
    if not any(isinstance(leaf, Pattern) for leaf in list_leaves(rule.expression)):
        return 0.0
    begun = time.perf_counter()
    find_matches(lab.home.db, [rule], list(published), now=lab.now)
    return time.perf_counter() - begun


def _list_hidden(lab: Lab) -> list[int]:
    """The latest stories that kill rules hide."""
    home, kills = lab.home, [rule for rule in lab.installed.in_force(lab.now) if rule.kind == "kill"]
    if not kills:
        return []
    published = list_published(home.db, since=lab.now - timedelta(days=PERIOD))
    touched = find_owners(home.db, {entry_id for _, entry_id in match_rules(lab, kills, list(published))})
    stories = load_candidates(home.db, touched[: 2 * _MOST_HIDDEN], load_weights(home))
    alive = {story.id for story in drop_killed(stories, lay_out(home, stories))}
    return [story.id for story in stories if story.id not in alive][:_MOST_HIDDEN]


def _react(lab: Lab, story_ids: Sequence[int], *, kept: bool) -> list[Reaction]:
    stories: list[Story] = load_stories(lab.home.db, story_ids, load_weights(lab.home))
    return [
        Reaction(title=story.lead.title, language=story.language, feed_id=story.lead.feed_id, kept=kept)
        for story in stories
    ]
