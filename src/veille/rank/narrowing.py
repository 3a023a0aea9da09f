"""What of the candidates is wanted: of a group, in a folder, hidden or not. Stories and the desk in, stories out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from veille.rank.expression import Both
from veille.rank.score import killed_by
from veille.text import fold, is_in_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from veille.model import Story
    from veille.rank.expression import Expression
    from veille.rank.rules import Rule
    from veille.rank.score import Desk


def keep_group(stories: Sequence[Story], desk: Desk, group: str) -> list[Story]:
    """The stories that a rule of the group matches where it counts; a kill rule, where it hides."""
    rules: dict[str, list[Rule]] = {}
    for rule in desk.rules:
        if rule.group and fold(rule.group) == fold(group):
            rules.setdefault(rule.key, []).append(rule)
    found: dict[int, list[Rule]] = {}
    for key, entry_id in desk.matches:
        if key in rules:
            found.setdefault(entry_id, []).extend(rules[key])
    return [
        story
        for story in stories
        if any(
            rule.covers(source) and (rule.kind != "kill" or source is story.lead)
            for source in story.sources
            for rule in found.get(source.entry_id, ())
        )
    ]


def find_killer(story: Story, desk: Desk) -> str:
    """The rule that hides one story: its own matches are all that is asked of the desk."""
    lead = story.lead.entry_id
    own = {(rule.key, lead): desk.matches[rule.key, lead] for rule in desk.rules if (rule.key, lead) in desk.matches}
    return killed_by(story, replace(desk, matches=own))


def touches(story: Story, folder: str) -> bool:
    """Whether a source of a story is in a folder, or in one inside it."""
    return any(is_in_folder(source.folder, folder) for source in story.sources)


def only_leaves_out(expression: Expression) -> bool:
    """Whether an expression asks for nothing but what is not there."""
    return isinstance(expression, Both) and not expression.wanted


def drop(stories: Iterable[Story], gone: Iterable[Story]) -> list[Story]:
    """The stories that are not among those that are gone."""
    ids = {story.id for story in gone}
    return [story for story in stories if story.id not in ids]
