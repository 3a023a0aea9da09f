"""What a document shows to be lost or rewritten since the last one: entries and what is stored in, a yes or no out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

# Two entries may be corrected on one day; three that are all there is known of a document are not.
_FEWEST_REDATED = 3


class Dated(Protocol):
    """An entry of a document, as far as it is placed in time."""

    @property
    def guid(self) -> str: ...  # noqa: D102
    @property
    def other_guid(self) -> str: ...  # noqa: D102
    @property
    def published_at(self) -> datetime | None: ...  # noqa: D102


class Told(NamedTuple):
    """What an entry says that a reader sees; `published_at` is as stored, "" when it has no date of its own."""

    published_at: str
    title: str
    summary: str


def rolled_over(entries: Collection[Dated], known: Collection[str], *, newest_before: datetime | None) -> bool:
    """Whether a feed has published more than its document holds since it was last read.

    `entries` are all those of the document, `known` the guids of the feed that are stored, `newest_before`
    the date of the newest of these. A document without dates shows no more than that it has nothing known
    in it; one of a single entry shows nothing: some feeds never hold more.
    """
    if newest_before is None or len(entries) < 2:  # noqa: PLR2004 - a single entry
        return False
    if any(entry.guid in known or entry.other_guid in known for entry in entries):
        return False
    dates = [entry.published_at for entry in entries if entry.published_at]
    return not dates or min(dates) > newest_before


def redated(edits: Iterable[tuple[Told, Told]], *, known: int) -> bool:
    """Whether every entry of a document that was known has another date and the words it had.

    `edits` pairs what was stored of an edited entry with what the document says now; `known` counts
    the entries of the document that were stored, edited or not.
    """
    pairs = list(edits)
    return known >= _FEWEST_REDATED and len(pairs) == known and all(_moved_in_time(*pair) for pair in pairs)


def _moved_in_time(before: Told, now: Told) -> bool:
    dated = bool(before.published_at and now.published_at)
    return dated and before.published_at != now.published_at and before[1:] == now[1:]
