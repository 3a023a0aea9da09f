"""The values that walk through veille: frozen, without behaviour beyond what they derive.

Times are aware UTC and named `*_at`. A missing text is `""`, a missing time or number is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from veille.parsed import Enclosure

# --- stories ----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What folding sees of a stored entry; `story_id` is None until it has been folded.

    `page` is the key that two addresses of one page share, "" for a home page (`rank/pages.py`).
    """

    entry_id: int
    feed_id: int
    title: str
    url: str
    published_at: datetime
    language: str = ""
    summary: str = ""
    page: str = ""
    story_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Folding's answer for one entry. A story's id is that of the entry that founded it."""

    entry_id: int
    story_id: int
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An entry as part of a story; `words` counts its text."""

    entry_id: int
    feed_id: int
    feed: str
    feed_url: str
    folder: str
    title: str
    url: str
    published_at: datetime
    duplicate_of: int | None = None
    words: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One event or article with all its sources, the lead first. `words` counts the lead's text.

    What the user said of it: `killed` hides it, `later` puts it off, `picked` chooses it for the press review.
    """

    id: int
    sources: tuple[Source, ...]
    summary: str = ""
    language: str = ""
    author: str = ""
    words: int = 0
    read: bool = False
    starred: bool = False
    killed: bool = False
    later: bool = False
    picked: bool = False
    note: str = ""

    @property
    def lead(self) -> Source:
        """The source that is shown."""
        return self.sources[0]


# --- ranking ----------------------------------------------------------------

# What a rule does to the stories that it matches: adds its weight, hides them, puts them first, or says something.
RuleKind = Literal["boost", "kill", "pin", "note"]
# Where a rule matched an entry; "entry" when it asks for no words (`feed:X`, `is:starred`).
MatchField = Literal["title", "body", "author", "entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Points given to a story for one reason; `rule`, its `group` and `field` are set when a rule gave them."""

    reason: str
    points: float
    rule: str | None = None
    field: str | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A score is its list of contributions: the total is their sum and cannot drift from them."""

    contributions: tuple[Contribution, ...] = ()

    @property
    def total(self) -> float:
        """The sum of the points."""
        return sum(part.points for part in self.contributions)

    @property
    def largest_first(self) -> list[Contribution]:
        """The contributions as they are told: those that count most, either way, come first."""
        return sorted(self.contributions, key=lambda part: -abs(part.points))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A story with its score. `closer`, part by part, and then `tie` order stories of equal score (`rank/ties.py`).

    `pinned_by` names the pin rule that puts it first; `notes` are what note rules say of it.
    """

    story: Story
    score: Score
    tie: Score = field(default_factory=Score)
    closer: tuple[Contribution, ...] = ()
    read_minutes: int = 0
    pinned_by: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One story in full: its score as it stands, its lead's sanitised text, tags and files.

    `hidden_by` names the kill rule that keeps it out of lists.
    """

    story: Story
    score: Score
    html: str = ""
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    read_minutes: int = 0
    hidden_by: str = ""
