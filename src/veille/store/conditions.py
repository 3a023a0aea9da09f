"""Filters of an expression as conditions of SQL on an entry `e`, with their values. None is ever NULL."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from veille.rank.score import reading_minutes
from veille.store.functions import feed_name, site_name
from veille.text import STEMMED
from veille.times import parse_duration, parse_moment, to_stored

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from veille.rank.expression import Comparison, Filter

Condition = tuple[str, list[str | int]]

_FEEDS = "e.feed_id IN (SELECT id FROM feeds WHERE {})"
_FORMER = " OR id IN (SELECT feed_id FROM former_addresses WHERE url = ?)"
_STATES = {
    "unread": (
        "coalesce(e.story_id, 0) NOT IN (SELECT story_id FROM marks WHERE coalesce(read_at, killed_at) IS NOT NULL)"
    ),
    "read": "e.story_id IN (SELECT story_id FROM marks WHERE read_at IS NOT NULL)",
    "starred": "e.story_id IN (SELECT story_id FROM marks WHERE starred_at IS NOT NULL)",
    "noted": "e.story_id IN (SELECT story_id FROM notes)",
}
# Most stories have one entry, whose outlet need not be named to be counted.
_OUTLETS = (
    "(CASE (SELECT count(*) FROM entries WHERE story_id = e.story_id) WHEN 0 THEN 1 WHEN 1 THEN 1 ELSE"
    " (SELECT count(DISTINCT outlet_of(x.url, f.url)) FROM entries AS x JOIN feeds AS f ON f.id = x.feed_id"
    " WHERE x.story_id = e.story_id) END)"
)
# Each such story counted once. An entry is another outlet's, or not: there are no fewer entries than outlets.
_TOLD_BY_MANY = (
    "SELECT e.id FROM entries AS e WHERE e.story_id IN (SELECT s.story_id FROM"
    " (SELECT story_id FROM entries WHERE story_id IS NOT NULL GROUP BY story_id HAVING count(*) >= ?) AS s"
    " WHERE (SELECT count(DISTINCT outlet_of(x.url, f.url)) FROM entries AS x"
    " JOIN feeds AS f ON f.id = x.feed_id WHERE x.story_id = s.story_id) {} ?)"
)
_OF_FEEDS = frozenset({"feed", "folder"})
_LANGUAGES = tuple(STEMMED)
_MOST_MINUTES = 100_000


def write_filter(one: Filter, now: datetime | None) -> Condition:
    """The condition of a filter; `now` is what spans are counted back from."""
    return _WRITERS[one.name](one, now)


def write_set(one: Filter, now: datetime | None) -> Condition | None:
    """The ids of all that pass a filter, from small tables and indexes; None where entries must be read."""
    if one.name in _OF_FEEDS | {"since", "before"}:
        condition, values = write_filter(one, now)
        return f"SELECT e.id FROM entries AS e WHERE {condition}", values
    if one.name == "is":
        return f"SELECT e.id FROM entries AS e WHERE {_STATES[one.value.lower()]}", []
    if one.name == "sources" and one.comparison in {"=", ">", ">="} and int(one.value) > 1:
        return _TOLD_BY_MANY.format(one.comparison), [int(one.value)] * 2
    return None


def _write_feed(one: Filter, _now: datetime | None) -> Condition:
    name = feed_name(one.value)
    former = _FORMER if name != one.value or "://" in name else ""
    names = "names_feed(?, id, url, coalesce(nullif(title, ''), feed_title))"
    return _FEEDS.format(names + former), [name] * (2 if former else 1)


def _write_folder(one: Filter, _now: datetime | None) -> Condition:
    return _FEEDS.format("in_folder(folder, ?)"), [one.value]


def _write_tag(one: Filter, _now: datetime | None) -> Condition:
    own = _FEEDS.format("has_tag(tags, ?)")
    return f"({own} OR (e.tags != '[]' AND has_tag(e.tags, ?)))", [one.value, one.value]


def _write_site(one: Filter, _now: datetime | None) -> Condition:
    site = site_name(one.value)
    # What SQLite sees by itself comes first: most entries are of other sites.
    return "(e.url LIKE ? AND on_site(e.url, ?))", [f"%{site}%", site]


def _write_lang(one: Filter, _now: datetime | None) -> Condition:
    return "e.language = ?", [one.value.lower()]


def _write_state(one: Filter, _now: datetime | None) -> Condition:
    return f"coalesce({_STATES[one.value.lower()]}, false)", []


def _write_sources(one: Filter, _now: datetime | None) -> Condition:
    return f"{_OUTLETS} {one.comparison} ?", [int(one.value)]


def _write_since(one: Filter, now: datetime | None) -> Condition:
    return "e.published_at >= ?", [_moment(one, now)]


def _write_before(one: Filter, now: datetime | None) -> Condition:
    return "e.published_at < ?", [_moment(one, now)]


def _moment(one: Filter, now: datetime | None) -> str:
    if now is None:
        raise ValueError("an expression that depends on the time needs one to look from")
    return to_stored(parse_moment(one.value, now=now))


def _write_read(one: Filter, _now: datetime | None) -> Condition:
    """Minutes are rounded up from words at the pace of each language: here words are asked for, without Python."""
    value = one.value.strip()
    minutes = float(value.replace(",", ".")) if value[-1:].isdigit() else parse_duration(value).total_seconds() / 60
    # At most n minutes; `m < 3` is `m <= 2`, and `m > 2.5` is not `m <= 2`.
    most = math.floor(minutes)
    below = most - 1 if minutes == most else most
    up_to: dict[Comparison, tuple[str, int]] = {
        "<=": ("{}", most), ">": ("NOT {}", most), "<": ("{}", below), ">=": ("NOT {}", below),
    }  # fmt: skip
    if one.comparison != "=":
        shape, bound = up_to[one.comparison]
        condition, values = _take_at_most(bound)
        return shape.format(condition), values
    (high, high_values), (low, low_values) = _take_at_most(most), _take_at_most(below)
    return f"({high} AND NOT {low})", [*high_values, *low_values]


def _take_at_most(minutes: int) -> Condition:
    """Entries that take at most so many whole minutes."""
    cases = " ".join("WHEN ? THEN ?" for _ in _LANGUAGES)
    values = [value for language in _LANGUAGES for value in (language, _most_words(minutes, language))]
    return f"(e.words <= CASE e.language {cases} ELSE ? END)", [*values, _most_words(minutes, "")]


def _most_words(minutes: int, language: str) -> int:
    """The most words that are read in so many minutes."""
    if minutes < 0:
        return -1
    low, high = 0, (min(minutes, _MOST_MINUTES) + 1) * 1000
    while low < high:
        middle = (low + high + 1) // 2
        if reading_minutes(middle, language) <= minutes:
            low = middle
        else:
            high = middle - 1
    return low


_WRITERS: dict[str, Callable[[Filter, datetime | None], Condition]] = {
    "feed": _write_feed,
    "folder": _write_folder,
    "tag": _write_tag,
    "site": _write_site,
    "lang": _write_lang,
    "is": _write_state,
    "sources": _write_sources,
    "since": _write_since,
    "before": _write_before,
    "read": _write_read,
}
