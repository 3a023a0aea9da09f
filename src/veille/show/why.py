"""A story's rank told in full: an Account in, terminal lines or a record out. Feed text is printed as text only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from veille.show.phrases import count, local_time, outlets_of, title_of
from veille.show.terminal import print_wrapped
from veille.text import clean_line
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rich.console import Console

    from veille.rank.account import Account, Evidence, Reason
    from veille.rank.whatif import Change, Goal

_INDENT = " " * 10
_MOST = 12  # changes of each kind: a file of 200 rules has many that came near


def print_account(console: Console, account: Account, *, now: datetime) -> None:
    """Title and rank; what counted, with rules and words; what would have made a difference; what a list asks for."""
    story = account.ranked.story
    print_wrapped(console, title_of(story), "", "bold")
    when = local_time(story.lead.published_at, now=now)
    print_wrapped(console, f"{outlets_of(story)} · {when} · id {story.id}", "", "dim")
    print_wrapped(console, tell_rank(account, now=now), "", "")
    console.print()
    for reason in (*account.reasons, *account.silent):
        _print_reason(console, reason)
    if not account.reasons:
        console.print(Text("nothing speaks for it", "dim"))
    for title, changes in (("would have raised it", account.raising), ("would have lowered it", account.lowering)):
        if changes:
            console.print(Text(f"\n{title}:", "bold"))
        for change in changes[:_MOST]:
            _print_change(console, change)
        if len(changes) > _MOST:
            console.print(Text(f"{_INDENT}{len(changes) - _MOST} more with --json", "dim"))
    goals = [told for goal in account.goals if (told := tell_goal(goal))]
    if goals:
        console.print()
    for told in goals:
        print_wrapped(console, told, "", "")


def tell_rank(account: Account, *, now: datetime) -> str:
    """`3.42 points, 4th of 212 unread stories since 08:00`; what hides or pins it."""
    hidden = f"hidden by “{clean_line(account.hidden_by)}”; without it: " if account.hidden_by else ""
    pinned = f", pinned by “{clean_line(account.ranked.pinned_by)}”" if account.ranked.pinned_by else ""
    points = f"{account.ranked.score.total:.2f} points"
    place = f"{account.rank} of {count(account.total, 'story', 'stories')}"
    return f"{hidden}{points}, {place} since {local_time(account.since, now=now)}{pinned}"


def tell_goal(goal: Goal) -> str:
    """What it takes to enter a list of so many, or to stay in it; "" when nothing could change."""
    if goal.points is None:
        return "" if goal.inside else f"top {goal.size}: pinned stories fill it"
    if goal.inside:
        return f"top {goal.size}: it is there, and leaves it with {goal.points:.2f} less"
    return f"top {goal.size}: it enters with {goal.points:.2f} more"


def account_record(account: Account) -> dict[str, Any]:
    """All of it: `why --json`."""
    story = account.ranked.story
    return {
        "id": story.id,
        "title": story.lead.title,
        "url": story.lead.url,
        "feed": story.lead.feed,
        "score": round(account.ranked.score.total, 3),
        "rank": account.rank,
        "of": account.total,
        "since": to_stored(account.since),
        "hidden_by": account.hidden_by,
        "pinned_by": account.ranked.pinned_by,
        "notes": list(account.ranked.notes),
        "why": [_reason_record(reason) for reason in account.reasons],
        "rules_without_points": [_reason_record(reason) for reason in account.silent],
        "would_raise": [_change_record(change) for change in account.raising],
        "would_lower": [_change_record(change) for change in account.lowering],
        "lists": [
            {
                "size": goal.size,
                "inside": goal.inside,
                "points": None if goal.points is None else round(goal.points, 3),
            }
            for goal in account.goals
        ],
    }


def _print_reason(console: Console, reason: Reason) -> None:
    part, rule = reason.part, reason.rule
    what = clean_line(part.reason)
    if rule is not None and rule.kind == "boost":
        factor = part.points / rule.weight if rule.weight else 0.0
        what += f"  weight {rule.weight:g} x {factor:g}"
    elif rule is not None:
        what += f" by “{clean_line(rule.name)}”" + (f": {clean_line(rule.note)}" if rule.note else "")
    if rule is not None and rule.group:
        what += f"  [{clean_line(rule.group)}]"
    points = f"{part.points:+8.2f}  " if part.points or rule is None or rule.kind == "boost" else _INDENT
    print_wrapped(console, points + what, "", "green" if part.points > 0 else "red" if part.points < 0 else "yellow")
    for line in _tell_evidence(reason.evidence):
        print_wrapped(console, line, _INDENT, "dim")


def _tell_evidence(evidence: Sequence[Evidence]) -> Iterator[str]:
    for one in evidence:
        words = ", ".join(f"“{word}”" for word in one.words)
        where = {"title": "title", "body": "text", "author": "author", "entry": ""}[one.field]
        told = f"{clean_line(one.source.feed)} {one.source.entry_id}"
        yield told + (f", {where}" if where else "") + (f": {words}" if words else "")


def _print_change(console: Console, change: Change) -> None:
    points = f"{change.points:+8.2f}  " if change.points else _INDENT
    print_wrapped(console, points + clean_line(change.what), "", "")


def _reason_record(reason: Reason) -> dict[str, Any]:
    part, rule = reason.part, reason.rule
    return {
        "reason": part.reason,
        "points": round(part.points, 3),
        "rule": part.rule,
        "kind": rule.kind if rule else None,
        "group": part.group,
        "weight": rule.weight if rule else None,
        "note": rule.note if rule else "",
        "field": part.field,
        "matches": [
            {
                "entry_id": one.source.entry_id,
                "feed": one.source.feed,
                "field": one.field,
                "words": list(one.words),
            }
            for one in reason.evidence
        ],
    }


def _change_record(change: Change) -> dict[str, Any]:
    return {"what": change.what, "points": round(change.points, 3), "rule": change.rule or None, "kind": change.kind}
