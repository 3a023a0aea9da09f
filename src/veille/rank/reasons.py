"""What speaks for a story, put into words: parts of its points in, contributions out. Pure.

Stories are weighed by thousands, in numbers; only those that are shown have them told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from veille.model import Contribution, Score
from veille.rank.fairness import ordinal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.model import Story

# Points, what gave them, and what is needed to say so.
Part = tuple[float, Literal["rule", "feed", "folder", "outlets", "fresh", "rare", "repeat"], Any]

_MANY = 10


def tell_parts(story: Story, parts: Iterable[Part]) -> Score:
    """The score that they make."""
    return Score(tuple([_tell(story, part) for part in parts]))


def _tell(story: Story, part: Part) -> Contribution:
    points, kind, detail = part
    match kind:
        case "rule":
            rule, where = detail
            reason = f"{_quote(rule.name)} in {where}"
            return Contribution(reason=reason, points=points, rule=rule.name, field=where, group=rule.group)
        case "feed":
            reason = f"feed {story.lead.feed}"
        case "folder":
            reason = f"folder {detail}"
        case "outlets":
            reason = f"{detail} outlets"
        case "fresh":
            reason = "fresh"
        case "rare":
            reason = f"feed of {_round(detail)} a week"
        case _:
            reason = f"{ordinal(detail)} of {story.lead.feed}"
    return Contribution(reason=reason, points=points)


def _round(per_week: float) -> str:
    """A pace as it is said: `0.5`, `7`, `184`."""
    return f"{per_week:.0f}" if per_week >= _MANY else f"{round(per_week, 1):g}"


def _quote(name: str) -> str:
    """A rule's name between quotation marks; a phrase has its own."""
    is_phrase = len(name) > 1 and name[0] == name[-1] == '"' and name.count('"') == 2  # noqa: PLR2004 - opening, closing
    return f"“{name[1:-1] if is_phrase else name}”"
