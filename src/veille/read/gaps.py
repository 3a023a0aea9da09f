"""What a document shows to be lost or rewritten since the last one: entries and what is stored in, a yes or no out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

# Two entries may be corrected on one day; three that are all there is known of a document are not.
_FEWEST_REDATED = 3
# Of a feed that is hardly known, an all new document may be its first true one: dates must show it.
_FEWEST_KNOWN = 3


class Told(NamedTuple):
    """What an entry says that a reader sees; `published_at` is as stored, "" when it has no date of its own."""

    published_at: str
    title: str
    summary: str


def replaced(now: Collection[Told], before: Collection[Told]) -> bool:
    """Whether a document of which no entry is known by its guid leaves a gap to what is stored.

    `now` are its entries, `before` those stored of the feed. Dates decide only for a feed of which fewer
    than three entries are known: many documents have none, or odd ones. An entry with the title of a
    stored one, and its date or its summary, is that one under a new name, and shows that nothing was
    missed. A document of a single entry shows nothing: some feeds never hold more.
    """
    if not before or len(now) < 2:  # noqa: PLR2004 - a single entry
        return False
    known = {mark for one in before for mark in _marks_of(one)}
    if any(mark in known for one in now for mark in _marks_of(one)):
        return False
    if len(before) >= _FEWEST_KNOWN:
        return True
    dates = [one.published_at for one in now if one.published_at]
    return not dates or min(dates) > max(one.published_at for one in before)


def _marks_of(told: Told) -> Iterator[tuple[str, str, str]]:
    """By what an entry is known again: a title alone may be that of a column, a date alone a coincidence."""
    if told.published_at and (told.title or told.summary):
        yield told.published_at, told.title, "" if told.title else told.summary
    if told.summary or (told.title and not told.published_at):
        yield "", told.title, told.summary


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
