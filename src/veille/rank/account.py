"""All there is to say of a story's rank: what counted, by which rule, from which words. Texts and matches in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.model import Contribution
from veille.rank.highlight import find_spans
from veille.rank.hits import list_evidence
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from veille.model import MatchField, Ranked, Source, Story
    from veille.rank.expression import Part
    from veille.rank.hits import Found
    from veille.rank.rules import Rule
    from veille.rank.whatif import Change, Goal

_MOST_WORDS = 8
# Where words are looked for when a rule matched there: one that matched in a body may have some of them in the title.
_READ: dict[MatchField, tuple[Part, ...]] = {
    "title": ("title",),
    "body": ("title", "text"),
    "author": ("author",),
    "entry": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What an entry says, by part, and its language."""

    title: str
    text: str = ""
    author: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A source that a rule matches: where, and the words as they stand there."""

    source: Source
    field: MatchField
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Points and what gave them; a rule that gives none (kill, pin, note) has a contribution of 0."""

    part: Contribution
    rule: Rule | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All there is to say of a story's rank: `rank` of the `total` of its list, had no rule hidden it (`hidden_by`)."""

    ranked: Ranked
    rank: int
    total: int
    since: datetime
    hidden_by: str = ""
    reasons: tuple[Reason, ...] = ()
    silent: tuple[Reason, ...] = ()
    raising: tuple[Change, ...] = ()
    lowering: tuple[Change, ...] = ()
    goals: tuple[Goal, ...] = ()


def list_reasons(
    ranked: Ranked, rules: Iterable[Rule], matches: Found, texts: Mapping[int, Wording]
) -> tuple[Reason, ...]:
    """Every contribution of a score, each with its rule and what it matched."""
    by_name = {rule.name: rule for rule in rules}
    reasons = []
    for part in ranked.score.contributions:
        rule = by_name.get(part.rule) if part.rule else None
        evidence = find_evidence(ranked.story, rule, matches, texts) if rule else ()
        reasons.append(Reason(part=part, rule=rule, evidence=evidence))
    return tuple(reasons)


def list_silent(
    story: Story, rules: Iterable[Rule], matches: Found, texts: Mapping[int, Wording]
) -> tuple[Reason, ...]:
    """The rules that hide, pin or note the story, which give no points; kill rules by its lead only."""
    reasons = []
    for rule in rules:
        evidence = find_evidence(story, rule, matches, texts) if rule.kind != "boost" else ()
        if rule.kind == "kill":
            evidence = tuple(one for one in evidence if one.source is story.lead)
        if evidence:
            reason = {"kill": "hidden", "pin": "pinned", "note": "noted"}.get(rule.kind, "")
            part = Contribution(reason=reason, points=0.0, rule=rule.name, field=evidence[0].field, group=rule.group)
            reasons.append(Reason(part=part, rule=rule, evidence=evidence))
    return tuple(reasons)


def find_evidence(story: Story, rule: Rule, matches: Found, texts: Mapping[int, Wording]) -> tuple[Evidence, ...]:
    """The sources that a rule counts for, the best match first, with the words of each that it found."""
    return tuple(
        Evidence(source=source, field=where, words=_find_words(rule, where, texts.get(source.entry_id)))
        for source, where in list_evidence(story, rule, matches)
    )


def _find_words(rule: Rule, where: MatchField, wording: Wording | None) -> tuple[str, ...]:
    if wording is None:
        return ()
    parts: dict[Part, str] = {"title": wording.title, "text": wording.text, "author": wording.author}
    found = [
        clean_line(parts[part][start:end])
        for part in _READ[where]
        for start, end in find_spans(parts[part], [rule.expression], part=part, language=wording.language)
    ]
    firsts: dict[str, str] = {}
    for word in found:
        firsts.setdefault(word.casefold(), word)
    return tuple(firsts.values())[:_MOST_WORDS]
