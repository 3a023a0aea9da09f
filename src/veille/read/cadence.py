"""How often a document asks to be fetched: its bytes in, a Cadence out. Knows nothing of clocks or of who obeys.

Sources: RSS 2.0 (`ttl`, `skipHours`, `skipDays`) and the Syndication module of RSS 1.0 (`sy:updatePeriod`,
`sy:updateFrequency`). What entries hold is not looked at; absurd wishes are as if not made.
"""

from __future__ import annotations

import re
from datetime import timedelta

from veille.feed import Cadence

_ENTRY = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ENTRY_ENDS = (b"item>", b"entry>")
_HIDDEN = re.compile(rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
_ELEMENT = re.compile(
    rb"<(?:[\w.-]+:)?(ttl|updatePeriod|updateFrequency|hour|day)(?:\s[^<>]*)?>\s*(\w{1,20})\s*</", re.IGNORECASE
)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(days=366)
_HOURS = 24
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_cadence(document: bytes) -> Cadence:
    """What a feed in XML asks for, an empty Cadence when it asks for nothing."""
    said: dict[str, list[str]] = {}
    for name, value in _ELEMENT.findall(_HIDDEN.sub(b"", _cut_entries(document))):
        said.setdefault(name.decode().lower(), []).append(value.decode("ascii", "replace").lower())
    if not said:
        return Cadence()
    # Midnight is 0 in RSS 2.0 and 24 in Netscape's RSS 0.91.
    hours = {int(hour) % _HOURS for hour in said.get("hour", ()) if hour.isdecimal() and int(hour) <= _HOURS}
    days = {_DAYS.index(day) for day in said.get("day", ()) if day in _DAYS}
    return Cadence(
        every=_read_ttl(said) or _read_period(said),
        skip_hours=tuple(sorted(hours)) if len(hours) < _HOURS else (),
        skip_days=tuple(sorted(days)) if len(days) < len(_DAYS) else (),
    )


def _cut_entries(document: bytes) -> bytes:
    """What comes before the first entry and after the last."""
    if b"\x00" in document[:4]:  # UTF-16: all that is looked for is ASCII
        document = document.replace(b"\x00", b"")
    first = _ENTRY.search(document)
    if not first:
        return document
    end = max(document.rfind(mark, first.end()) for mark in _ENTRY_ENDS)
    return document[: first.start()] + (document[end:] if end > 0 else b"")


def _read_ttl(said: dict[str, list[str]]) -> timedelta | None:
    minutes = _read_number(said, "ttl")
    return _check(minutes * _MINUTE) if minutes else None


def _read_period(said: dict[str, list[str]]) -> timedelta | None:
    """What the Syndication module means: daily and once where only the other is told."""
    if "updateperiod" not in said and "updatefrequency" not in said:
        return None
    period = _PERIODS.get(said.get("updateperiod", ["daily"])[0])
    times = _read_number(said, "updatefrequency") if "updatefrequency" in said else 1
    return _check(period / times) if period and times else None


def _read_number(said: dict[str, list[str]], name: str) -> int | None:
    written = said.get(name, [""])[0]
    return int(written) if written.isdecimal() and len(written) < 8 else None  # noqa: PLR2004 - more is absurd


def _check(every: timedelta) -> timedelta | None:
    return every if _MINUTE <= every <= _LONGEST else None
