"""An issue of a digest or of the press review: all that is said in it, whatever the form it is written in.

Frozen values and plain texts, as feeds gave them but sanitised to one line or to paragraphs: every renderer escapes for
its own form. `store/issues.py` keeps an issue whole, so that one written again is the same. Times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime

IssueKind = Literal["digest", "review"]
# Languages of headings, dates and counts.
Tongue = Literal["fr", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A title and where it leads: `url` is "" when there is no web address; `outlet` may be ""."""

    title: str
    url: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A part of a score, as `top --json` tells it; `rule` and `field` are set when a rule gave it."""

    reason: str
    points: float
    rule: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One story of an issue.

    `why` is one line, `reasons` its parts; `excerpt` already has the length that the settings allow; `note` is the
    user's, `comment` what the press review says, `remarks` what note rules say. `sources` are the other sources;
    `back_for` what is new in a story that an earlier issue carried.
    """

    story_id: int
    lead: Link
    published_at: datetime
    language: str = ""
    author: str = ""
    score: float = 0.0
    why: str = ""
    reasons: tuple[Reason, ...] = ()
    excerpt: str = ""
    note: str = ""
    comment: str = ""
    remarks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sources: tuple[Link, ...] = ()
    minutes: int = 0
    starred: bool = False
    back_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """Stories under one heading; the heading is "" where an issue has one rubric without a name."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the charts draw: (label, number) pairs, best first; `days` are (day, entries, stories), oldest first."""

    days: tuple[tuple[date, int, int], ...] = ()
    outlets: tuple[tuple[str, int], ...] = ()
    groups: tuple[tuple[str, int], ...] = ()
    minutes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One numbered issue.

    `left_out` by title, best first, and how many more there are; `problems` are lines about feeds that are worth
    knowing. `scope` tells issues of one name apart that are narrowed by hand, "" for those of the name itself.
    """

    kind: IssueKind
    name: str
    number: int
    title: str
    written_at: datetime
    tongue: Tongue = "en"
    since_at: datetime | None = None
    introduction: str = ""
    rubrics: tuple[Rubric, ...] = ()
    left_out: tuple[Link, ...] = ()
    left_out_more: int = 0
    problems: tuple[str, ...] = ()
    figures: Figures = Figures()
    scope: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        """All stories, in the order they are read."""
        return tuple(item for rubric in self.rubrics for item in rubric.items)
