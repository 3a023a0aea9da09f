"""Durations and dates as people write them, and times as veille stores them.

The present is always a parameter. Users' dates are local days; what is stored is UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from veille.errors import UsageError
from veille.text import clean_line, fold, shorten

_UNITS = {"s": 1, "m": 60, "min": 60, "mn": 60, "h": 3600, "d": 86400, "j": 86400, "w": 604800}
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*(min|mn|[smhdjw])", re.IGNORECASE)
_HOURS_AND_MINUTES = re.compile(r"(\d+)\s*h\s*([0-5]?\d)", re.IGNORECASE)
_LONGEST = timedelta(days=36525)

DURATION_EXAMPLES = "90m, 1h30, 36h, 2d or 2w"


def parse_duration(text: str) -> timedelta:
    """`90m`, `1h30`, `1h45m`, `2d`, `36h`, `10s`, `1w`, `1j`: raises UsageError for anything else."""
    compact = text.strip()
    clock = _HOURS_AND_MINUTES.fullmatch(compact)
    parts = [(clock[1], "h"), (clock[2], "m")] if clock else _PART.findall(compact)
    if not parts or (not clock and _PART.sub("", compact).strip()):
        raise UsageError(f"“{_show(text)}” is not a duration: write it as {DURATION_EXAMPLES}")
    seconds = sum(float(number.replace(",", ".")) * _UNITS[fold(unit)] for number, unit in parts)
    if seconds > _LONGEST.total_seconds():
        raise UsageError(f"“{_show(text)}” is longer than a century: write it as {DURATION_EXAMPLES}")
    return timedelta(seconds=seconds)


def parse_moment(text: str, *, now: datetime) -> datetime:
    """The start of a window: a duration before `now`, `today`, `yesterday`, or a date (local midnight).

    A date may carry a time: `2026-11-20T08:00`. Without an offset it is local. Returns UTC.
    """
    word = fold(text).strip()
    local = now.astimezone()
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    named = {"today": 0, "aujourd'hui": 0, "yesterday": 1, "hier": 1}
    if word in named:
        return (midnight - timedelta(days=named[word])).astimezone().astimezone(UTC)
    if _PART.match(word):
        return now - parse_duration(text)
    try:
        return datetime.fromisoformat(text.strip()).astimezone().astimezone(UTC)
    except (ValueError, OverflowError):  # not a date, or one at the very ends of the calendar
        raise UsageError(
            f"“{_show(text)}” is neither a duration nor a date:"
            f" write {DURATION_EXAMPLES}, today, yesterday or 2026-11-20"
        ) from None


def format_duration(span: timedelta) -> str:
    """Short, for people: `45 s`, `12 min`, `3 h`, `2 d`."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def to_stored(moment: datetime) -> str:
    """UTC to the second, as stored and as JSON gives it: `2026-11-20T08:00:00Z`."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{utc.isoformat(timespec='seconds')[:19]}Z"


def from_stored(text: str | None) -> datetime | None:
    """The reverse of `to_stored`; None for None or ""."""
    return datetime.fromisoformat(text) if text else None


def _show(text: str) -> str:
    """What was typed, as an error quotes it: short and on one line."""
    return shorten(clean_line(text), 60)
