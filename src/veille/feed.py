"""Feeds as values: what the user decided, what fetching has taught. Frozen, without behaviour beyond what they derive.

Times are aware UTC and named `*_at`. A missing text is `""`, a missing time or number is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What the user decided about a feed: this is what OPML carries.

    `folder` is a path ("Presse/Régions"), `title` the user's own or the one the list gave.
    """

    url: str
    title: str = ""
    site_url: str = ""
    folder: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """How one feed is fetched and weighed, where it differs from the rest.

    Secrets are never here: a header's value, `auth` and `proxy` may name an environment variable
    (`$NAME`) in their place, and `auth` may be `netrc`.
    """

    interval: timedelta | None = None
    timeout: timedelta | None = None
    weight: float | None = None
    user_agent: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    auth: str = ""
    proxy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """ETag and Last-Modified as the server wrote them, byte for byte."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How often a document asks to be fetched: `every` from ttl or sy:update*, None when it does not say.

    `skip_hours` (0-23) and `skip_days` (0 is Monday) are UTC times at which it asks not to be.
    """

    every: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


FeedStatus = Literal["new", "ok", "waiting", "failing", "degraded", "moved", "gone", "muted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What fetching has taught about a feed.

    The server itself asks not to be asked before `asked_until`. `failures` counts failed fetches in a
    row, the first at `failing_since`; `moved_to` is a permanent redirect's target, seen `moved_seen` times
    in a row; `body_hash` is that of the last document read, `prints` those of its entries
    (`read/prints.py`). `missed_at`: a document's oldest entry was newer than all that was stored.
    `redated_at`: every entry known had another date. `future` counts entries of the last document that
    are dated in the future.
    """

    status: FeedStatus = "new"
    reason: str = ""
    validators: Validators = field(default_factory=Validators)
    body_hash: str = ""
    prints: bytes = b""
    cadence: Cadence = field(default_factory=Cadence)
    failures: int = 0
    failing_since: datetime | None = None
    last_fetch_at: datetime | None = None
    last_ok_at: datetime | None = None
    next_fetch_at: datetime | None = None
    asked_until: datetime | None = None
    moved_to: str = ""
    moved_seen: int = 0
    missed_at: datetime | None = None
    redated_at: datetime | None = None
    future: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A subscription as stored. `entries` and `per_week` are counted only for listings.

    `formerly` are the addresses it had before it moved, which still name it.
    """

    id: int
    subscription: Subscription
    state: FeedState
    title: str = ""
    muted: bool = False
    settings: FeedSettings = field(default_factory=FeedSettings)
    formerly: tuple[str, ...] = ()
    entries: int = 0
    per_week: float = 0.0

    @property
    def status(self) -> FeedStatus:
        """The state to show: the user's mute comes before anything learned."""
        return "muted" if self.muted else self.state.status

    @property
    def name(self) -> str:
        """The user's title, else the feed's own, else the address."""
        return self.subscription.title or self.title or self.subscription.url
