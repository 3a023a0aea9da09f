"""What is known of feeds and what there is to say of them, as values, and the kinds of findings in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, timedelta

    from veille.feed import Feed

# Every kind of finding, the worst first: a feed's verdict is the first it has.
KINDS = (
    "gone",  # nothing will come any more
    "failing",  # nothing comes now
    "degraded",  # not all of it can be read
    "missed",  # entries were lost for good
    "silent",  # nothing is published, or no longer here
    "moved",  # works until the redirect ends
    "re-dated",  # old entries pass for new ones
    "future-dated",  # dates are not to be believed
    "duplicates",  # time lost: all of it is read elsewhere
    "prolific",  # time lost: it hides the others
    "truncated",  # reading takes a browser
    "muted",  # the user's own choice: what else there is to say would be old
    "new",  # nothing is known yet
    "waiting",  # comes back by itself: no verdict, and told once for all feeds of a host
)
FINE, WAITING = "fine", KINDS[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Recent entries of a feed that are copies of `other`'s (a feed's id): they come `lag` after those (median)."""

    other: int
    copies: int
    lag: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a feed.

    `days` are the last ones on which it published something, in order; `texts` those of its latest
    entries (HTML or plain, None when long); `lasts` how long the document lasts by which entries were
    missed; `interval` and `timeout` its own or those of all; `held_until` when its host may be asked again.
    """

    feed: Feed
    interval: timedelta
    timeout: timedelta
    held_until: datetime | None = None
    newest_at: datetime | None = None
    days: tuple[date, ...] = ()
    recent: int = 0
    overlaps: tuple[Overlap, ...] = ()
    texts: tuple[str | None, ...] = ()
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to know of a feed: its kind, what was measured in words and in `figures`, what to do.

    `fix` ends in a colon where `commands` follow: what is to be typed, each to be copied as it is.
    """

    kind: str
    words: str
    fix: str
    commands: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A feed with its findings, the worst first."""

    feed: Feed
    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> str:
        """The kind of the worst finding; a feed that only waits is fine."""
        return next((one.kind for one in self.findings if one.kind != WAITING), FINE)
