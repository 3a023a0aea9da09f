"""What the JSON inside a record of an export may be: values in, UsageError out for what would trip whoever reads it.

Pure.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, get_args

from veille.errors import UsageError
from veille.feed import FeedStatus
from veille.feedkeys import KEYS, read_key, read_setting
from veille.kinds import Range
from veille.times import from_stored, to_stored
from veille.toml import show_value
from veille.urls import is_web

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SECONDS = ("interval", "timeout")
_MARKS = ("read_at", "starred_at", "back_at", "back_for", "killed_at", "later_at", "picked_at")
_BEFORE = {*_MARKS, "row", "note", "tags", "slots", "place"}
_HOURS, _LONGEST_DAY, _LONGEST = 24, 20, 10**9
# What stands for the address of a feed that was lost: its entries were saved, and it is subscribed to no more.
LOST_FEED = re.compile(r"lost:(?:entries|[0-9]{1,19})")
_PRINT = 8  # bytes of an entry, of a document's `prints`


def check_shapes(kind: str, values: Mapping[str, Any]) -> None:
    """Look at the lists and objects of a record, and at what its texts must be; raises UsageError, field first."""
    for field, check in _CHECKS.get(kind, ()):
        try:
            right = check(values[field])
        except (TypeError, ValueError, KeyError, AttributeError):
            right = False
        if not right:
            raise UsageError(f"{field}: it is not as veille writes it: {show_value(values[field])}")
    if kind == "feed" and LOST_FEED.fullmatch(values["url"]) and values["removed_at"] is None:
        raise UsageError(f"url: it takes a web address, not {show_value(values['url'])}")
    if kind == "article" and values["status"] != "ok":
        _check_reason(values["text"])


def _check_reason(text: str) -> None:
    """Of an article that could not be read, its text says why and when to ask again."""
    try:
        told = json.loads(text)
        if told.keys() == {"reason", "retry_at"} and isinstance(told["reason"], str) and _is_time(told["retry_at"]):
            return
    except (ValueError, AttributeError, TypeError, RecursionError):
        pass
    raise UsageError(f"text: it says why there is none, and is not as veille writes it: {show_value(text)}")


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_time(value: Any) -> bool:
    return value is None or (isinstance(value, str) and to_stored(from_stored(value) or _never()) == value)


def _never() -> Any:
    raise ValueError


def _is_whole(value: Any, most: int = _LONGEST) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_enclosures(value: Any) -> bool:
    return isinstance(value, list) and all(
        one.keys() <= {"url", "type", "length"}
        and is_web(one["url"])
        and isinstance(one.get("type", ""), str)
        and (one.get("length") is None or _is_whole(one["length"], 2**53))
        for one in value
    )


def _are_settings(value: Any) -> bool:
    """As `feeds set` takes them; durations in seconds, secrets by reference."""
    if not isinstance(value, dict):
        return False
    for key, one in value.items():
        if key == "headers":
            for name, text in one:
                read_setting(read_key(f"header.{name}"), text)
        elif key in _SECONDS:
            bounds = KEYS[key]
            if not (isinstance(bounds, Range) and _is_number(one) and bounds.lowest <= one <= bounds.highest):
                return False
        elif key not in KEYS or key == "muted" or read_setting(key, one) != one:
            return False
    return True


def _is_cadence(value: Any) -> bool:
    return (
        value.keys() <= {"every", "skip_hours", "skip_days"}
        and (value.get("every") is None or (_is_number(value["every"]) and 0 <= value["every"] <= _LONGEST))
        and all(_is_whole(hour, _HOURS) for hour in value.get("skip_hours", []))
        and all(_is_whole(day, _LONGEST_DAY) for day in value.get("skip_days", []))
    )


def _is_told(value: Any) -> bool:
    """What the plan of a session said: how much it let go, which stories did not fit."""
    return (
        value.keys() <= {"let_go", "tail"}
        and isinstance(value.get("let_go", ""), str)
        and all(_is_whole(one, 2**53) for one in value.get("tail", []))
    )


def _is_before(value: Any) -> bool:
    """What a story was before an action, for its undoing (`store/marks.py`)."""
    note = value.get("note")
    return (
        value.keys() <= _BEFORE
        and all(value[one] is None or isinstance(value[one], str) for one in _MARKS if one in value)
        and isinstance(value.get("row", False), bool)
        and (note is None or (_are_texts(note) and len(note) == len(("text", "at"))))
        and _are_texts(value.get("tags", []))
        and _is_whole(value.get("place", 0))
        and all(_is_slot(*one) for one in value.get("slots", []))
    )


def _is_slot(place: Any, story: Any, seconds: Any, points: Any, *rest: Any) -> bool:
    numbers = _is_whole(place) and _is_whole(story, 2**53) and _is_number(seconds) and _is_number(points)
    return numbers and len(rest) == len(("why", "state")) and _are_texts(list(rest))


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except RecursionError:
        return False


_CHECKS: dict[str, tuple[tuple[str, Callable[[Any], bool]], ...]] = {
    "feed": (
        ("tags", _are_texts),
        ("settings", _are_settings),
        ("cadence", _is_cadence),
        ("status", get_args(FeedStatus).__contains__),
        ("prints", lambda value: len(value) % _PRINT == 0),
    ),
    "entry": (("tags", _are_texts), ("enclosures", _are_enclosures)),
    "session": (
        ("told", _is_told),
        ("budget", _is_whole),
        ("spent", lambda value: 0 <= value <= _LONGEST),
        ("place", _is_whole),
    ),
    "action": (("before", _is_before),),
    "issue": (("content", _is_object),),
}
