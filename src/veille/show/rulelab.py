"""Findings on rules, trials, previews and suggestions for a terminal. Titles are printed as text, never as markup."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from veille.show.phrases import count, local_time, outlets_of, title_of
from veille.show.ranked import Line
from veille.show.rules import print_rule
from veille.show.terminal import print_lines, print_wrapped
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rich.console import Console

    from veille.rank.diagnosis import Checkup, Examination
    from veille.rank.replay import Shift
    from veille.rank.suggest import Suggestion
    from veille.rank.trials import Change, Preview, Sample, Trial

_INDENT = 9
_SHIFT_INDENT = 18


def print_examination(console: Console, found: Examination, *, now: datetime) -> None:
    """The rules with something to say of, each with its findings and what to do."""
    for one in found.checkups:
        if one.findings:
            _print_checkup(console, one, now=now)
    for what in found.no_effect:
        print_wrapped(console, f"has no effect: {clean_line(what)}", "", "yellow")


def print_trial(console: Console, trial: Trial, *, most: int, now: datetime) -> None:
    """Day by day what would have come into the first of the list, left them or moved; in one line the days without."""
    print_rule(console, trial.rule, now=now)
    matched = [change for change in trial.days if change.touched]
    for change in matched:
        matches = count(change.touched, "match", "matches")
        hidden = f", {change.hidden} hidden" if change.hidden else ""
        head = (
            f"the day to {local_time(change.until, now=now)}: {matches} in {count(change.stories, 'story', 'stories')}"
        )
        print_lines(console, [Line(((head + hidden, "bold"),), 2), *_tell_change(change, most=most)])
    if len(matched) < len(trial.days):
        days = count(len(trial.days), "day")
        print_wrapped(console, f"no match on {len(trial.days) - len(matched)} of {days}", "", "dim")


def print_preview(console: Console, preview: Preview, *, most: int, now: datetime) -> None:
    """Each rule with how many stories it matches and the latest of them, and what it all makes of today's list."""
    for sample in preview.samples:
        print_rule(console, sample.rule, now=now)
        print_lines(console, _tell_sample(sample, days=preview.days, now=now))
    head = f"today's first {most}, of {count(preview.today.stories, 'unread story', 'unread stories')}"
    print_lines(console, [Line(((head, "bold"),), 2), *_tell_change(preview.today, most=most)])


def tell_suggestion(one: Suggestion) -> Iterator[Line]:
    """A suggestion with its evidence."""
    kept = f"kept {one.kept}, passed over {one.passed}"
    head = ((f"{one.weight:>+7g}  ", "green" if one.weight > 0 else "red"), (clean_line(one.words), "bold"))
    yield Line((*head, (f"  {kept}", "dim")), _INDENT)
    for title in one.samples:
        yield Line(((f"{'':>{_INDENT}}· {clean_line(title)}", "dim"),), _INDENT + 2)


def command_for(one: Suggestion) -> str:
    """What is to be typed to make a rule of a suggestion."""
    return f"veille rules add {shlex.quote(one.words)} --name {shlex.quote(name_of(one))} --weight={one.weight}"


def name_of(one: Suggestion) -> str:
    """What a rule made of a suggestion is called."""
    return one.words.strip('"')


def _print_checkup(console: Console, one: Checkup, *, now: datetime) -> None:
    print_rule(console, one.rule, now=now)
    for finding in one.findings:
        print_wrapped(console, clean_line(f"{finding.kind}: {finding.words}"), " " * _INDENT, "")
        print_wrapped(console, f"→ {clean_line(finding.fix)}", " " * _INDENT, "cyan")


def _tell_change(change: Change, *, most: int) -> Iterator[Line]:
    if not change.entered and not change.left and not change.moved:
        same = f"{count(change.others, 'other')} of their feeds move" if change.others else "stay the same"
        yield Line(((f"  the first {most}{': ' if change.others else ' '}{same}", "dim"),), 2)
    for sign, style, shifts in (("+", "green", change.entered), ("-", "red", change.left)):
        for shift in shifts:
            yield _tell_shift(shift, sign=sign, style=style)
    for shift in change.moved:
        up = (shift.after or 0) < (shift.before or 0)
        yield _tell_shift(shift, sign="↑" if up else "↓", style="green" if up else "red")


def _tell_shift(shift: Shift, *, sign: str, style: str) -> Line:
    before = "" if shift.before is None else str(shift.before)
    after = "hidden" if shift.after is None else str(shift.after)
    ranks = f"  {sign} {before:>4} → {after:<6}"
    outlets = f"  {outlets_of(shift.story)} · id {shift.story.id}"
    return Line(((f"{ranks:<{_SHIFT_INDENT}}", style), (title_of(shift.story), ""), (outlets, "dim")), _SHIFT_INDENT)


def _tell_sample(sample: Sample, *, days: int, now: datetime) -> Iterator[Line]:
    indent = " " * _INDENT
    if not sample.in_force:
        return
    verb = "hides " if sample.rule.kind == "kill" else ""
    yield Line(((f"{indent}{verb}{count(sample.stories, 'story', 'stories')} in {count(days, 'day')}", ""),), _INDENT)
    for story in sample.latest:
        when = local_time(story.lead.published_at, now=now)
        yield Line(((f"{indent}· {title_of(story)}", "dim"), (f"  {outlets_of(story)} · {when}", "dim")), _INDENT + 2)


def shorten_list(names: Sequence[str], *, most: int = 3) -> str:
    """Some names in a sentence: `“a”, “b” and 3 more`."""
    shown = ", ".join(f"“{clean_line(name)}”" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
