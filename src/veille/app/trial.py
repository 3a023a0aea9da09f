"""Rules before they are installed: one expression over the last days, a whole file over the last week and today.

Lists out, as they would have been. Nothing is written.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from veille.app.replay import list_entries, match_rules, open_lab, replay_days, set_scene
from veille.app.triage import load_weights
from veille.rank.expression import is_lasting
from veille.rank.hits import find_rules, index_hits
from veille.rank.replay import compare_lists, list_moves
from veille.rank.score import drop_killed, rank_stories
from veille.rank.trials import Change, Preview, Sample, Trial
from veille.store.matches import find_matches
from veille.store.stories import list_read, load_stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.app.replay import Day, Lab, Progress, Scene
    from veille.model import Ranked, Story
    from veille.rank.hits import Found
    from veille.rank.replay import Shift
    from veille.rank.rules import Rule, Rules

_SAMPLES = 3


def try_rule(home: Home, rule: Rule, *, days: int, most: int, on_progress: Progress | None = None) -> Trial:
    """What a rule would have changed on each of the last days. Raises ConfigError."""
    lab = open_lab(home, on_progress=on_progress)
    scene = set_scene(lab, lab.installed, days=days)
    stored = match_rules(lab, [rule], list_entries(scene.stories)) if is_lasting(rule.expression) else None
    changes: list[Change] = []
    touched: set[int] = set()
    hidden: set[int] = set()
    for number, day in enumerate(replay_days(lab, scene)):
        lab.tell(number, days, "ranking the days")
        own = _match_day(lab, rule, day, stored)
        if not own:
            changes.append(Change(until=day.until, stories=len(drop_killed(day.stories, day.desk))))
            continue
        before = rank_stories(day.stories, day.desk)
        matches = {**day.desk.matches, **own}
        after = rank_stories(day.stories, replace(day.desk, rules=(*day.desk.rules, rule), matches=matches))
        hits = index_hits([rule], own)[rule.kind]
        reached = {story.id for story in day.stories if find_rules(story, hits)}
        gone = {one.story.id for one in before} - {one.story.id for one in after}
        touched |= reached
        hidden |= gone
        change = _compare(day.until, before, after, most=most)
        moved = [shift for shift in change.moved if shift.story.id in reached]
        others = len(change.moved) - len(moved)
        changes.append(replace(change, moved=moved, others=others, touched=len(reached), hidden=len(gone)))
    same = [one for one in lab.installed.rules if one.expression == rule.expression]
    return Trial(
        rule=rule,
        days=_bring_titles(lab, changes),
        touched=len(touched),
        hidden=len(hidden),
        already=tuple(one.name for one in same),
        out_of_force=tuple(one.name for one in same if not one.is_in_force(lab.now)),
    )


def preview_rules(home: Home, rules: Rules, *, days: int, most: int, on_progress: Progress | None = None) -> Preview:
    """What a file of rules matches in the last days, and what it makes of today's unread. Raises ConfigError."""
    lab = open_lab(home, on_progress=on_progress)
    scene = set_scene(lab, rules, days=days)
    today = next(replay_days(lab, scene))
    changed = _rank_unread(lab, today)
    (before,) = replay_days(lab, set_scene(lab, lab.installed, days=1))
    change = _compare(today.until, _rank_unread(lab, before), changed, most=most)
    return Preview(
        samples=_sample(lab, scene),
        today=_bring_titles(lab, [change])[0],
        days=days,
    )


def _match_day(lab: Lab, rule: Rule, day: Day, stored: Found | None) -> Found:
    """Where a rule matches a day's entries; what depends on the time is asked as of that day."""
    entry_ids = list_entries(day.stories)
    if stored is None:
        return find_matches(lab.home.db, [rule], entry_ids, now=day.until)
    return {key: stored[key] for entry_id in entry_ids if (key := (rule.key, entry_id)) in stored}


def _rank_unread(lab: Lab, day: Day) -> list[Ranked]:
    read = list_read(lab.home.db, [story.id for story in day.stories])
    return rank_stories([story for story in day.stories if story.id not in read], day.desk)


def _compare(until: datetime, before: Sequence[Ranked], after: Sequence[Ranked], *, most: int) -> Change:
    entered, left = compare_lists(before, after, most=most)
    moved = list_moves(before, after, most=most)
    return Change(until=until, stories=len(before), entered=entered, left=left, moved=moved)


def _sample(lab: Lab, scene: Scene) -> list[Sample]:
    """Each rule with the stories of the period that it matches; a kill rule, with those that it hides."""
    live = [rule for rule in scene.rules.in_force(lab.now) if not is_lasting(rule.expression)]
    matches = {**scene.lasting, **match_rules(lab, live, list_entries(scene.stories))}
    counted = Counter[str]()
    latest: dict[str, list[tuple[datetime, int]]] = {}
    for kind, hits in index_hits(scene.rules.in_force(lab.now), matches).items():
        for story in scene.stories if hits else ():
            newest = max(source.published_at for source in story.sources)
            # A kill rule hides by the lead alone.
            seen = replace(story, sources=story.sources[:1]) if kind == "kill" else story
            for rule, _ in find_rules(seen, hits):
                counted[rule.name] += 1
                latest.setdefault(rule.name, []).append((newest, story.id))
    shown = {name: [number for _, number in heapq.nlargest(_SAMPLES, found)] for name, found in latest.items()}
    full = _load_full(lab, {number for row in shown.values() for number in row})
    return [
        Sample(
            rule=rule,
            in_force=rule.is_in_force(lab.now),
            stories=counted[rule.name],
            latest=[full[number] for number in shown.get(rule.name, ()) if number in full],
        )
        for rule in scene.rules.rules
    ]


def _bring_titles(lab: Lab, changes: Iterable[Change]) -> list[Change]:
    """The same with what their stories say, led as they were."""
    told = list(changes)
    full = _load_full(lab, {shift.story.id for one in told for shift in (*one.entered, *one.left, *one.moved)})

    def fill_in(shift: Shift) -> Shift:
        story = full[shift.story.id]
        sources = {source.entry_id: source for source in story.sources}
        led = tuple(sources.get(one.entry_id, one) for one in shift.story.sources)
        return replace(shift, story=replace(story, sources=led))

    def fill_in_all(shifts: Sequence[Shift]) -> list[Shift]:
        return list(map(fill_in, shifts))

    return [
        replace(one, entered=fill_in_all(one.entered), left=fill_in_all(one.left), moved=fill_in_all(one.moved))
        for one in told
    ]


def _load_full(lab: Lab, story_ids: Iterable[int]) -> Mapping[int, Story]:
    return {story.id: story for story in load_stories(lab.home.db, sorted(story_ids), load_weights(lab.home))}
