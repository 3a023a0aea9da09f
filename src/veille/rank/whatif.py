"""What would have raised or lowered a story: its score, a desk and matches in, changes in words out. Pure.

A rule that gives a story nothing is taken apart (`list_probes`); the caller looks each piece up as it looks up
rules, and `list_changes` reads from what matched how near it came.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veille.rank.expression import Both
from veille.rank.hits import STRENGTH, list_evidence
from veille.rank.printing import print_query
from veille.rank.query import Query
from veille.rank.rules import Rule
from veille.rank.score import factor_of, outlet_of, score_story
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from veille.model import MatchField, Ranked, RuleKind, Source, Story
    from veille.rank.expression import Expression
    from veille.rank.hits import Found
    from veille.rank.score import Desk, ScoreSettings

# The lists that a story may be meant to enter.
SIZES = (10, 20)
# More than a tie, and the least that a list shows.
_STEP = 0.01
_EFFECT: dict[RuleKind, str] = {"boost": "", "kill": "hidden by ", "pin": "pinned by ", "note": "noted by "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would have made a difference, and the points it would have added; 0 for what hides, pins or notes."""

    what: str
    points: float
    rule: str = ""
    kind: RuleKind = "boost"

    @property
    def lowers(self) -> bool:
        """Whether the story would stand lower, or be hidden."""
        return self.points < 0 or self.kind == "kill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A list of the first `size`: the points that a story lacks to enter it, or may lose before it leaves.

    None: no number of points would do it (pinned stories fill it, or nothing else would take the place).
    """

    size: int
    inside: bool
    points: float | None


def list_probes(rules: Iterable[Rule]) -> list[Rule]:
    """What to look up beside the rules themselves to know how near each came."""
    probes = (probe for rule in rules for probe in (*_widen(rule), *_wanted(rule), *_unwanted(rule)))
    return list({probe.key: probe for probe in probes}.values())


def list_changes(ranked: Ranked, desk: Desk, rules: Iterable[Rule], matches: Found) -> list[Change]:
    """What would have changed the story's points, the most first: its rules, its outlets, its age, its feed.

    `rules` are all of the file, in force or not; `matches` tells of them and of their probes.
    """
    counted = {part.rule for part in ranked.score.contributions} | {part.rule for part in ranked.tie.contributions}
    changes = [*_list_plain_changes(ranked, desk)]
    for rule in rules:
        if rule.name in counted:
            changes += _promote(ranked.story, rule, matches, desk.settings)
        else:
            changes += _miss(ranked.story, rule, matches, desk)
    return sorted(changes, key=lambda change: -abs(change.points))


def list_goals(ranked: Sequence[Ranked], place: int, desk: Desk) -> tuple[Goal, ...]:
    """What the story at a place (from 1) of a list lacks to enter its first 10 and 20, or what keeps it there.

    In points given by rules: of those too its feed's better stories take their share. What it lacks is enough and may
    be more than enough, what it may lose no more than enough: its place among those stories changes too.
    """
    own = ranked[place - 1]
    worth = score_story(own.story, desk).total
    kept = 1 - (worth - own.score.total) / max(worth, 1.0)
    goals = []
    for size in SIZES:
        inside = place <= size
        rival = ranked[size if inside else size - 1] if size < len(ranked) or not inside else None
        if rival is None or bool(rival.pinned_by) != bool(own.pinned_by):
            goals.append(Goal(size=size, inside=inside, points=None))
        else:
            gap = abs(own.score.total - rival.score.total)
            goals.append(Goal(size=size, inside=inside, points=(gap + _STEP) / kept))
    return tuple(goals)


def _list_plain_changes(ranked: Ranked, desk: Desk) -> Iterator[Change]:
    settings, story = desk.settings, ranked.story
    worth = ranked.tie if desk.keywords else ranked.score
    newest = max(source.published_at for source in story.sources)
    age = max(0.0, (desk.now - newest).total_seconds())
    fresh = settings.freshness * 0.5 ** (age / settings.half_life.total_seconds())
    if settings.freshness - fresh >= _STEP:
        yield Change(what="published just now", points=settings.freshness - fresh)
    if fresh / 2 >= _STEP:
        yield Change(what=f"{settings.half_life.total_seconds() / 3600:g} h older", points=-fresh / 2)
    outlets = len({outlet_of(source) for source in story.sources})
    if settings.outlets:
        yield Change(what="told by twice as many outlets", points=settings.outlets)
        if outlets > 1:
            yield Change(what="told by one outlet alone", points=-settings.outlets * math.log2(outlets))
    loss = score_story(story, desk).total - worth.total
    if loss >= _STEP:
        yield Change(what=f"the first of {story.lead.feed}", points=loss)


def _promote(story: Story, rule: Rule, matches: Found, settings: ScoreSettings) -> Iterator[Change]:
    """A rule that counts by a body alone would count for more by a title."""
    found = list_evidence(story, rule, matches)
    gain = rule.weight * (settings.title - settings.body)
    if found and found[0][1] == "body" and gain:
        yield Change(what=f"“{rule.name}” in a title, not in a text only", points=gain, rule=rule.name)


def _miss(story: Story, rule: Rule, matches: Found, desk: Desk) -> Iterator[Change]:
    """A rule that counts for nothing, when it came near."""
    near = _find_near(story, rule, matches, desk.now)
    if near is None:
        return
    why, where = near
    points = rule.weight * factor_of(where, desk.settings) if rule.kind == "boost" else 0.0
    yield Change(what=f"{_EFFECT[rule.kind]}“{rule.name}”: {why}", points=points, rule=rule.name, kind=rule.kind)


def _find_near(story: Story, rule: Rule, matches: Found, now: datetime) -> tuple[str, MatchField] | None:
    """What kept a rule from counting, and where it would have matched; None when it counts or was never near."""
    counts = list_evidence(story, rule, matches) if rule.is_in_force(now) else []
    if any(rule.kind != "kill" or source is story.lead for source, _ in counts):
        return None
    for source in story.sources:
        where = matches.get((rule.key, source.entry_id))
        if where is not None:
            return _find_bar(source, rule, now), where
    return next(filter(None, (_find_piece(source, rule, matches) for source in story.sources)), None)


def _find_bar(source: Source, rule: Rule, now: datetime) -> str:
    """Why a rule does not count for a source that it matches."""
    if rule.disabled:
        return "it is disabled"
    if not rule.is_in_force(now):
        return f"it ended on {rule.until}"
    if not rule.covers(source):
        return f"it counts only for {', '.join(map(clean_line, (*rule.folders, *rule.feeds)))}"
    return f"it matches {clean_line(source.feed)}, which does not lead the story"


def _find_piece(source: Source, rule: Rule, matches: Found) -> tuple[str, MatchField] | None:
    """What one source lacks, or has too much, for a rule to match it."""

    def where(probe: Rule) -> MatchField | None:
        return matches.get((probe.key, source.entry_id))

    for probe in _widen(rule):
        spot = where(probe)
        if spot:
            asked = (*(f"the {part}" for part in rule.fields), *(f"texts in {name}" for name in rule.lang))
            return f"it looks only in {', '.join(asked)}", spot
    wanted = _wanted(rule)
    found = [spot for spot in map(where, wanted) if spot]
    if not found:
        return None
    weakest = min(found, key=STRENGTH.__getitem__)
    too_much = [probe.name for probe in _unwanted(rule) if where(probe)]
    if len(found) == len(wanted) and len(too_much) == 1:
        return f"it leaves out {too_much[0]}", weakest
    if len(found) == len(wanted) - 1 and not too_much:
        missing = next(probe.name for probe in wanted if not where(probe))
        return f"only {missing} is missing", weakest
    return None


def _widen(rule: Rule) -> list[Rule]:
    """The same rule without its fields and languages."""
    return [replace(rule, fields=(), lang=())] if rule.fields or rule.lang else []


def _wanted(rule: Rule) -> list[Rule]:
    expression = rule.query.expression
    if not isinstance(expression, Both):
        return []
    return _make_probes(rule, [part for one in expression.wanted for part in _flatten(one)])


def _unwanted(rule: Rule) -> list[Rule]:
    expression = rule.query.expression
    return _make_probes(rule, expression.unwanted) if isinstance(expression, Both) else []


def _flatten(expression: Expression) -> list[Expression]:
    """What must all be there: groups that leave nothing out are opened."""
    if isinstance(expression, Both) and not expression.unwanted:
        return [part for one in expression.wanted for part in _flatten(one)]
    return [expression]


def _make_probes(rule: Rule, parts: Iterable[Expression]) -> list[Rule]:
    """Rules that look for a part each, as the rule itself would."""
    names = ((print_query(part), part) for part in parts)
    return [
        Rule(name=name, query=Query(text=name, expression=part), fields=rule.fields, lang=rule.lang)
        for name, part in names
    ]
