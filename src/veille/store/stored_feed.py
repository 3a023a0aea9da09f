"""The parts of a feed that are stored as JSON: its cadence and its own settings."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from veille.feed import Cadence, FeedSettings
from veille.feedkeys import drop_secrets, list_values, make_settings

_DURATIONS = ("interval", "timeout")
_NOTHING = "{}"


def read_cadence(text: str) -> Cadence:
    """The reverse of `write_cadence`."""
    if text == _NOTHING:
        return Cadence()
    found = json.loads(text)
    return Cadence(
        every=_span(found.get("every")),
        skip_hours=tuple(found.get("skip_hours", ())),
        skip_days=tuple(found.get("skip_days", ())),
    )


def write_cadence(cadence: Cadence) -> str:
    """JSON; durations in seconds, what is not told left out."""
    told: dict[str, Any] = {"skip_hours": cadence.skip_hours, "skip_days": cadence.skip_days}
    if cadence.every is not None:
        told["every"] = cadence.every.total_seconds()
    return json.dumps({name: value for name, value in told.items() if value not in ((), None)})


def read_feed_settings(text: str) -> FeedSettings:
    """The reverse of `write_feed_settings`."""
    if text == _NOTHING:
        return FeedSettings()
    found = json.loads(text)
    found |= {name: _span(found.get(name)) for name in _DURATIONS}
    found["headers"] = tuple((name, value) for name, value in found.get("headers", ()))
    return FeedSettings(**found)


def write_feed_settings(settings: FeedSettings) -> str:
    """JSON; durations in seconds, what is not set left out."""
    values: dict[str, Any] = {name: getattr(settings, name) for name in FeedSettings.__slots__}
    for name in _DURATIONS:
        values[name] = values[name].total_seconds() if values[name] is not None else None
    return json.dumps(
        {name: value for name, value in values.items() if value not in ("", (), None)}, ensure_ascii=False
    )


def move_feed_settings(text: str, *, source: str, target: str) -> str:
    """Stored settings for the new address of a feed: credentials never go to another site."""
    return write_feed_settings(drop_secrets(read_feed_settings(text), source=source, target=target))


def merge_feed_settings(winner: str, other: str) -> str:
    """Stored settings of two feeds that become one: what both set is the winner's."""
    values = list_values(read_feed_settings(other)) | list_values(read_feed_settings(winner))
    return write_feed_settings(make_settings(values))


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
