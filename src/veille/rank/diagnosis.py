"""What is wrong with rules: what each matched lately in, findings out. Pure.

A rule fails its user in two ways: it lets through what should be seen (silence), or points at so much that it
points at nothing (noise). The rest here are rules that do less than their author believes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veille.rank.expression import Both, Either, Near, Pattern, Term
from veille.rank.findings import Finding
from veille.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from veille.rank.expression import Expression
    from veille.rank.rules import Rule

# How far back matches are counted, in days, and how far ranks are compared.
PERIOD, REPLAY = 30, 7
# Of all entries: a rule that matches more tells nothing apart.
_NOISE = 0.25
# Other forms are told of when they add one to so many: exact words may well be meant.
_WORTHWHILE = 10
# Fewer entries, or matches, and a share is chance.
_FEWEST, _FEWEST_MATCHES = 40, 5
# A pattern that takes longer over the period is felt in every fetch.
_SLOW = 0.5
# The bounds of a weight.
_HEAVIEST = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a rule did in the period.

    `matched` are the entries it matches within its scope, with their feeds. `moves`: some story of the
    replayed days stands elsewhere, or is hidden, because of it; None when it matches none of those. `wider`
    are other forms of its words with how many entries each would add. `seconds` is what looking it up took.
    """

    rule: Rule
    matched: Mapping[int, int]
    moves: bool | None = None
    wider: Sequence[tuple[str, int]] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """A rule with its findings, none when it does its work; `matched` counts entries of the period."""

    rule: Rule
    matched: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Every rule with its findings; `no_effect` is what the file says in vain. Counts are of the period."""

    checkups: Sequence[Checkup]
    no_effect: Sequence[str]
    entries: int
    feeds: int


def examine_rules(records: Sequence[Record], *, entries: int, feeds: int, today: date) -> list[Checkup]:
    """Every rule in the order of the file; `entries` were published in the period, by `feeds` feeds."""
    in_force = [one for one in records if not one.rule.disabled and (one.rule.until is None or one.rule.until >= today)]
    return [
        Checkup(
            rule=record.rule,
            matched=len(record.matched),
            findings=tuple(_examine(record, in_force, entries=entries, feeds=feeds, today=today)),
        )
        for record in records
    ]


def quote_name(name: str) -> str:
    """A rule's name as a shell takes it."""
    return name if name.replace("-", "").isalnum() else "'" + name.replace("'", "'\\''") + "'"


def list_wider(expression: Expression) -> Iterator[tuple[str, Expression]]:
    """The same query with one leaf that asks for an exact form taken more largely: what was changed, and the query."""
    match expression:
        case Both(wanted, unwanted):
            for place, part in enumerate(wanted):
                for what, wider in list_wider(part):
                    yield what, Both((*wanted[:place], wider, *wanted[place + 1 :]), unwanted)
        case Either(parts):
            for place, part in enumerate(parts):
                for what, wider in list_wider(part):
                    yield what, Either((*parts[:place], wider, *parts[place + 1 :]))
        case Term((word,), "exact" | "phrase", part):
            yield f"{word} in any form", Term((word,), "word", part)
        case Term((one, other), "phrase", part):
            words = Near(Term((one,), "word"), Term((other,), "word"), 0, part)
            yield f"{one} {other} in any form", words
        case Pattern(text) as pattern if fold(text) != text.casefold():
            yield f"/{fold(text)}/, without accents", Either((pattern, replace(pattern, text=fold(text))))


def _examine(record: Record, in_force: Sequence[Record], *, entries: int, feeds: int, today: date) -> Iterator[Finding]:
    rule = record.rule
    remove = f"veille rules remove {quote_name(rule.name)}"
    if rule.disabled:
        yield Finding(kind="disabled", words="switched off", fix=f"veille rules enable {quote_name(rule.name)}")
    elif rule.until and rule.until < today:
        yield Finding(kind="expired", words=f"out of force since {rule.until}", fix=f"take it out: {remove}")
    elif not record.matched:
        if entries:
            yield _silence(record)
    else:
        yield from _noise(record, entries=entries)
        shadow = _find_shadow(record, in_force)
        if shadow:
            yield Finding(kind="shadowed", words=shadow, fix=f"take it out: {remove}")
        else:
            yield from _weakness(record)
        yield from _narrowness(record, feeds=feeds)


def _silence(record: Record) -> Finding:
    edit = f"veille rules edit {quote_name(record.rule.name)} --match '...'"
    wider = max(record.wider, key=lambda one: one[1], default=("", 0))
    fix = f"{wider[0]} would add {wider[1]}: {edit}" if wider[1] else f"check its spelling, or ask for less: {edit}"
    return Finding(kind="silent", words=f"nothing matched in {PERIOD} days", fix=fix, figures={"matched": 0})


def _noise(record: Record, *, entries: int) -> Iterator[Finding]:
    share = len(record.matched) / max(entries, 1)
    if share > _NOISE and entries >= _FEWEST:
        words = f"matches {share:.0%} of all entries: it tells nothing apart"
        fix = f"ask for more: veille rules edit {quote_name(record.rule.name)} --match '...'"
        yield Finding(kind="noisy", words=words, fix=fix, figures={"share": round(share, 3)})


def _weakness(record: Record) -> Iterator[Finding]:
    rule = record.rule
    if record.moves is not False or rule.kind == "note":
        return
    if rule.kind == "kill":
        words = f"hid no story in {REPLAY} days: what it matches leads none, or is hidden already"
        fix = f"take it out: veille rules remove {quote_name(rule.name)}"
    elif rule.kind == "pin":
        words = f"changed no rank in {REPLAY} days: what it matches comes first already"
        fix = f"take it out: veille rules remove {quote_name(rule.name)}"
    else:
        words = f"changed no rank in {REPLAY} days"
        fix = f"give it more weight: veille rules edit {quote_name(rule.name)} --weight {_heavier(rule.weight)}"
    yield Finding(kind="idle", words=words, fix=fix)


def _heavier(weight: float) -> str:
    return f"{max(-_HEAVIEST, min(_HEAVIEST, weight * 2)) or 1:g}"


def _narrowness(record: Record, *, feeds: int) -> Iterator[Finding]:
    """One feed only, a pattern that is slow, a form that lets others go by."""
    matched, sources = record.matched, set(record.matched.values())
    if len(sources) == 1 < feeds and len(matched) >= _FEWEST_MATCHES:
        (feed_id,) = sources
        words = f"all {len(matched)} matches come from one feed (no. {feed_id})"
        fix = f"if that is meant, weigh the feed instead: veille feeds set {feed_id} weight=2"
        yield Finding(kind="one feed", words=words, fix=fix, figures={"feed_id": feed_id})
    if record.seconds > _SLOW:
        fix = "write a plainer pattern, or words beside it that must be there too"
        figures = {"seconds": round(record.seconds, 2)}
        yield Finding(kind="slow", words=f"its pattern takes {record.seconds:.1f} s", fix=fix, figures=figures)
    for what, added in record.wider:
        if added and added * _WORTHWHILE >= len(matched):
            words = f"{what} would add {added} to {len(matched)}"
            fix = f"veille rules edit {quote_name(record.rule.name)} --match '...'"
            yield Finding(kind="narrow", words=words, fix=fix, figures={"added": added})


def _find_shadow(record: Record, in_force: Sequence[Record]) -> str:
    """What makes a rule needless, "" when nothing does: another that matches all that it matches, and more strongly."""
    mine, rule = record.matched.keys(), record.rule
    first = True  # whether the other one stands before this in the file
    for other in in_force:
        if other is record:
            first = False
            continue
        theirs, name = other.matched.keys(), f"“{other.rule.name}”"
        if not mine <= theirs:
            continue
        if other.rule.kind == "kill" and rule.kind != "kill":
            return f"all that it matches is hidden by {name}"
        if other.rule.kind != rule.kind or rule.kind == "note" or (mine == theirs and not first):
            continue
        if rule.kind in ("kill", "pin"):
            return f"{name} does the same to all that it matches"
        if mine == theirs and (len(mine) >= _FEWEST_MATCHES or other.rule.key == rule.key):
            return f"{name} matches exactly the same entries"
    return ""
