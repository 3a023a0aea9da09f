"""Findings on rules, trials, previews and suggestions as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veille.show.phrases import title_of
from veille.show.records import rule_record
from veille.show.rulelab import command_for
from veille.times import to_stored

if TYPE_CHECKING:
    from veille.model import Story
    from veille.rank.diagnosis import Examination
    from veille.rank.replay import Shift
    from veille.rank.suggest import Advice
    from veille.rank.trials import Change, Preview, Trial


def examination_record(found: Examination) -> dict[str, Any]:
    """Every rule with its findings: `rules doctor --json`."""
    return {
        "entries": found.entries,
        "feeds": found.feeds,
        "rules": [
            {
                "name": one.rule.name,
                "kind": one.rule.kind,
                "match": one.rule.query.text,
                "matched": one.matched,
                "findings": [
                    {"kind": finding.kind, "what": finding.words, "fix": finding.fix, **finding.figures}
                    for finding in one.findings
                ],
            }
            for one in found.checkups
        ],
        "no_effect": list(found.no_effect),
    }


def trial_record(trial: Trial) -> dict[str, Any]:
    """What a rule would have changed: `rules try --json`."""
    return {
        "rule": rule_record(trial.rule),
        "already": list(trial.already),
        "touched": trial.touched,
        "hidden": trial.hidden,
        "days": [{"touched": day.touched, "hidden": day.hidden} | _change_record(day) for day in trial.days],
    }


def preview_record(preview: Preview) -> dict[str, Any]:
    """A file of rules before it is installed: `rules test --json`."""
    return {
        "days": preview.days,
        "rules": [
            rule_record(sample.rule)
            | {
                "in_force": sample.in_force,
                "stories": sample.stories,
                "latest": [_story_record(story) for story in sample.latest],
            }
            for sample in preview.samples
        ],
        "today": _change_record(preview.today),
    }


def advice_record(advice: Advice) -> dict[str, Any]:
    """Suggestions with their evidence: `rules suggest --json`."""
    return {
        "kept": advice.kept,
        "passed": advice.passed,
        "suggestions": [
            {
                "match": one.words,
                "weight": one.weight,
                "kept": one.kept,
                "passed": one.passed,
                "surprise": round(one.surprise, 2),
                "samples": list(one.samples),
                "command": command_for(one),
            }
            for one in advice.suggestions
        ],
    }


def _change_record(change: Change) -> dict[str, Any]:
    return {
        "until": to_stored(change.until),
        "stories": change.stories,
        "entered": [_shift_record(shift) for shift in change.entered],
        "left": [_shift_record(shift) for shift in change.left],
        "moved": [_shift_record(shift) for shift in change.moved],
    }


def _shift_record(shift: Shift) -> dict[str, Any]:
    return _story_record(shift.story) | {"before": shift.before, "after": shift.after}


def _story_record(story: Story) -> dict[str, Any]:
    return {"id": story.id, "title": title_of(story), "url": story.lead.url, "feed": story.lead.feed}
