"""Options of `veille rules` as the keys that rules.toml has: what was typed in, values as they are written out.

Whether a rule may say so is `rank.rulekeys`' to judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veille.app.home import Home

# The options that take one value, and those that may be repeated, as they are called in the file.
SINGLE = ("name", "weight", "group", "kind", "until", "note")
SEVERAL = {"fields": "--field", "folders": "--folder", "feeds": "--feed", "lang": "--lang"}
# Those of which commas part several.
_PARTED = ("fields", "lang")
_BIG = 10**6


def read_values(home: Home, single: Mapping[str, Any], several: Mapping[str, Sequence[Any] | None]) -> dict[str, Any]:
    """The keys that options give, as they are written; None where an empty value takes one away."""
    found: dict[str, Any] = {}
    for key in SINGLE:
        value = single[key]
        if value is not None:
            found[key] = _written(key, value)
    for key in SEVERAL:
        values = several[key]
        if values is not None:
            names = _list_names(home, key, values)
            found[key] = (names[0] if key == "lang" and len(names) == 1 else names) or None
    if found.get("note") and "kind" not in found:
        found["kind"] = "note"
    elif found.get("kind", "note") != "note" and "note" not in found:
        found["note"] = None
    if found.get("kind") == "boost":
        found["kind"] = None
    return found


def read_points(typed: str) -> float | str | None:
    """Points as the file has them, whole ones without a point; the text itself where it is no number."""
    text = typed.strip().replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return (text and typed) or None
    return int(value) if value.is_integer() and abs(value) < _BIG else value


def _list_names(home: Home, key: str, values: Sequence[Any]) -> list[str]:
    """The names that an option gives; commas part those that hold none of their own."""
    from veille.rank.rulekeys import read_language

    parted = [part for one in values for part in (str(one).split(",") if key in _PARTED else [str(one)])]
    names = [part.strip() if key in _PARTED else part for part in parted if part.strip()]
    if key == "feeds":
        return [_address_of(home, one) for one in names]
    return list(dict.fromkeys(map(read_language, names))) if key == "lang" else names


def _written(key: str, value: Any) -> Any:
    """A value as the file has it: numbers as numbers, days as days; None for an empty one."""
    if key == "weight":
        return read_points(value)
    text = clean_line(str(value))
    if key != "until" or not text:
        return text or None
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _address_of(home: Home, name: str) -> str:
    """A feed by its address, which stays when its number and title change; an address may be of a feed to come."""
    from veille.store.feeds import find_feed
    from veille.urls import is_web, normalise_feed_url

    return normalise_feed_url(name) if is_web(name) else find_feed(home.db, name).subscription.url
