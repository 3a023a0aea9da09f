"""Dates as feeds write them: text in, the time that feedparser reads out. Raises Declined for all other forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from veille.read.fast_names import Declined

# The elements that hold dates, by their names.
DATES = frozenset(
    "created dc_date dcterms_created dcterms_issued dcterms_modified expirationdate issued lastbuilddate modified "
    "pubdate published updated".split()
)
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
# Hours from UTC of the zones that RFC 822 (5.1) names; UTC and Z are not among them but often written.
_ZONES = {"gmt": 0, "ut": 0, "utc": 0, "z": 0} | {
    "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
}  # fmt: skip
# Day, month, year, hour, minute, second, then a zone's name, or its sign, hours and minutes.
_MAIL = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? +)?(\d{1,2}) +([a-z]{3})[a-z]{0,6} +(\d{4}) +"
    r"(\d{1,2}):(\d\d)(?::(\d\d))? +(?:([a-z]{1,3})|([+-])(\d\d):?(\d\d))",
    re.IGNORECASE | re.ASCII,
)
# feedparser takes "+0130" here for one hour and no minute: such are not matched.
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|([+-])(\d\d):?((?<=:)\d\d|00))?)?",
    re.ASCII,
)


@lru_cache(maxsize=128)  # many entries were updated when they were published
def read_date(text: str) -> datetime | None:
    """The time of RFC 822 and RFC 3339 dates, to the second; None for no text."""
    if not text:
        return None
    try:
        return _read_iso(text) if text[4:5] == "-" else _read_mail(text)
    except (ValueError, OverflowError, KeyError):  # feedparser reads some of those otherwise
        raise Declined(f"the date {text}") from None


def check_unread(text: str) -> None:
    """Raises Declined for the dates at which feedparser fails, whoever reads them: yyyy/mm/dd in its month 13."""
    if "/" in text:
        raise Declined(f"the date {text}")


def _read_mail(text: str) -> datetime:
    match = _MAIL.fullmatch(text)
    if not match:
        raise ValueError(text)
    day, month, year, hour, minute, second, zone, sign, hours, minutes = match.groups()
    number = _MONTHS[month.lower()]
    written = datetime(int(year), number, int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
    if zone:
        behind = _ZONES[zone.lower()]
        return written - timedelta(hours=behind) if behind else written
    return _shift(written, sign, hours, minutes)


def _read_iso(text: str) -> datetime:
    match = _ISO.fullmatch(text)
    if not match:
        raise ValueError(text)
    year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
    written = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    return _shift(written, sign, hours, minutes) if sign else written


def _shift(written: datetime, sign: str, hours: str, minutes: str) -> datetime:
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return written + offset if sign == "-" else written - offset
