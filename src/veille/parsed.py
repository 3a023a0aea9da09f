"""What reading makes of a document: frozen values. Apart from `model`, as no list of stories needs them.

Times are aware UTC. A missing text is `""`, a missing time or number is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from veille.feed import Cadence

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file attached to an entry (a podcast's sound, a picture)."""

    url: str
    type: str = ""
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One entry of a document, made safe: plain-text title, sanitised `content`, absolute links.

    `guid` is its identity in its feed; `other_guid` one it may be known by from an earlier
    document (`read/normalise.py` says when). `published_at` is None when missing or absurd.
    """

    guid: str
    url: str = ""
    title: str = ""
    author: str = ""
    summary: str = ""
    content: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str = ""
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    fingerprint: str = ""
    other_guid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A document read. `problem` says why it is degraded, `skipped` counts unreadable entries.

    `unchanged` entries are as in the document before and not among `entries`; `prints` will tell those
    of the next one (`read/prints.py`). `future` counts entries dated in the future.
    """

    title: str = ""
    site_url: str = ""
    language: str = ""
    entries: tuple[ParsedEntry, ...] = ()
    skipped: int = 0
    unchanged: int = 0
    future: int = 0
    prints: bytes = b""
    problem: str = ""
    cadence: Cadence = field(default_factory=Cadence)
