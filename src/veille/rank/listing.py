"""The order in which ranked stories are listed: sections, each best first, and the numbers that can be typed.

Ranked stories in, Listed out. Knows nothing of how they are printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from veille.model import Ranked, Source

By = Literal["group", "folder", "feed"]
PINNED = "(pinned)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A ranked story in its place.

    `section` is what the list is divided by, "" when it is not or when the story belongs to none. `back_for` says why
    a read story came back, `hidden_by` names the kill rule that hides it. `arrived` is what has come of it since the
    last look, None where that is the lead or where nobody asked.
    """

    ranked: Ranked
    rank: int
    section: str = ""
    back_for: str = ""
    hidden_by: str = ""
    arrived: Source | None = None


def list_ranked(
    ranked: Iterable[Ranked],
    *,
    by: By | None = None,
    back_for: Mapping[int, str] | None = None,
    hidden_by: Mapping[int, str] | None = None,
    arrivals: Mapping[int, Source] | None = None,
) -> list[Listed]:
    """The stories numbered from 1.

    Divided, what is pinned is a section of its own, first; then that of the best story; those of no section last.
    """
    rows = [(_find_section(one, by) if by else "", one) for one in ranked]
    sections = list(dict.fromkeys(section for section, _ in rows))
    sections.sort(key=lambda section: (section != PINNED, not section))
    if len(sections) > 1:
        places = {section: place for place, section in enumerate(sections)}
        rows.sort(key=lambda row: places[row[0]])
    back, hidden, arrived = back_for or {}, hidden_by or {}, arrivals or {}
    return [
        Listed(
            ranked=one,
            rank=rank,
            section=section,
            back_for=back.get(one.story.id, ""),
            hidden_by=hidden.get(one.story.id, ""),
            arrived=arrived.get(one.story.id),
        )
        for rank, (section, one) in enumerate(rows, 1)
    ]


def group_of(one: Ranked) -> str:
    """The group whose rules give a story most, "" when no rule of a group gives it anything."""
    points: dict[str, float] = {}
    for part in (*one.score.contributions, *one.tie.contributions):
        if part.group:
            points[part.group] = points.get(part.group, 0.0) + part.points
    return max(points, key=lambda group: points[group]) if points else ""


def _find_section(one: Ranked, by: By) -> str:
    return PINNED if one.pinned_by else _SECTIONS[by](one)


_SECTIONS: Mapping[By, Callable[[Ranked], str]] = {
    "group": group_of,
    "folder": lambda one: one.story.lead.folder,
    "feed": lambda one: one.story.lead.feed,
}
