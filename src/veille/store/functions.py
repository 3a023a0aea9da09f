"""What SQL asks Python about a row: folders, names, tags, hosts, patterns, nearness.

Registered on each connection when it opens. What reads texts is guarded: a match that takes long finds nothing, and
what has taken long altogether is looked for no further in this look-up; `take_notices` says so, once.
"""

from __future__ import annotations

import json
import time
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from veille.rank.expression import Near, Term
from veille.rank.occurrences import PATTERN_SECONDS, find_near, read_words
from veille.rank.patterns import compile_pattern
from veille.text import clean_line, flatten_markup, fold, is_in_folder, shorten, split_words
from veille.urls import host_of, is_web, normalise_feed_url, site_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

# For one pattern in one look-up, all texts together.
_BUDGET = 1.5
_SHOWN = 60


def add_functions(conn: sqlite3.Connection) -> None:
    """Make them known to a connection."""
    guard = _Guard()
    functions: tuple[tuple[str, int, Callable[..., str | int]], ...] = (
        ("in_folder", 2, is_in_folder),
        ("names_feed", 4, _names_feed),
        ("has_tag", 2, _has_tag),
        ("on_site", 2, _is_on_site),
        ("outlet_of", 2, lambda url, feed_url: site_of(url) or feed_url),
    )
    for name, arguments, function in functions:
        conn.create_function(name, arguments, function, deterministic=True)
    # Asked before anything is read for a match.
    conn.create_function("is_open", 1, guard.is_open)
    conn.create_function("in_title", 2, guard.in_title)
    conn.create_function("in_body", 3, guard.in_body)
    conn.create_function("near_in_title", 3, guard.near_in_title)
    conn.create_function("near_in_body", 4, guard.near_in_body)
    conn.create_function("renew_guard", 0, guard.renew)
    conn.create_function("take_notices", 0, guard.take_notices)


def renew_guard(db: sqlite3.Connection) -> None:
    """A new look-up begins: what reads texts has its time again."""
    db.execute("SELECT renew_guard()")


def take_notices(db: sqlite3.Connection) -> list[str]:
    """A line for each pattern that was too slow since this was last asked."""
    found: list[str] = json.loads(db.execute("SELECT take_notices()").fetchone()[0])
    return found


def join_body(summary: str, html: str | None) -> str:
    """The text of an entry beside its title, each word once where summary and content overlap."""
    text = _flatten(html) if html else ""
    return text if summary and text.startswith(summary.removesuffix("…")) else f"{summary}\n{text}"


def write_near(near: Near) -> str:
    """A Near as SQL hands it back to `has_near`."""
    terms = [(term.words, term.kind) for term in (near.one, near.other)]
    return json.dumps([*terms, near.distance, near.part])


class _Guard:
    """How long each pattern has taken in this look-up, and what is to be told of it."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}
        self._notices: dict[str, str] = {}
        self._told: set[str] = set()

    def is_open(self, key: str) -> bool:
        """Whether a pattern, or a nearness, has time left."""
        return self._spent.get(key, 0.0) <= _BUDGET

    def in_title(self, pattern: str, text: str) -> bool | None:
        """Whether a pattern is found in a text; None when that takes too long."""
        return self._time(pattern, f"/{pattern}/", lambda: _has_pattern(pattern, text))

    def in_body(self, pattern: str, summary: str, html: str | None) -> bool | None:
        """Whether a pattern is found in the text of an entry."""
        return self._time(pattern, f"/{pattern}/", lambda: _has_pattern(pattern, join_body(summary, html).strip()))

    def near_in_title(self, near: str, text: str, language: str) -> bool | None:
        """Whether two terms stand near one another in a text."""
        return self._time(near, _show_near(near), lambda: _has_near(near, text, language))

    def near_in_body(self, near: str, summary: str, html: str | None, language: str) -> bool | None:
        """Whether two terms stand near one another in the text of an entry."""
        return self._time(near, _show_near(near), lambda: _has_near(near, join_body(summary, html), language))

    def renew(self) -> None:
        """Give everything its time again."""
        self._spent.clear()

    def take_notices(self) -> str:
        """What there is to tell, as JSON; each is told of once."""
        found = [line for key, line in self._notices.items() if key not in self._told]
        self._told |= self._notices.keys()
        self._notices.clear()
        return json.dumps(found)

    def _time(self, key: str, shown: str, find: Callable[[], bool]) -> bool | None:
        begun = time.thread_time()
        try:
            return find()
        except TimeoutError:
            self._notice(key, shown, "is too slow for some texts, which were passed over")
            return None
        finally:
            self._spent[key] = spent = self._spent.get(key, 0.0) + time.thread_time() - begun
            if spent > _BUDGET:
                self._notice(key, shown, f"was stopped after {_BUDGET:g} s, before all entries were read")

    def _notice(self, key: str, shown: str, what: str) -> None:
        self._notices[key] = f"{shorten(clean_line(shown), _SHOWN)} {what}: write it simpler, or add a word to look for"


def _has_pattern(pattern: str, text: str) -> bool:
    return compile_pattern(pattern).search(text, timeout=PATTERN_SECONDS) is not None


def _show_near(near: str) -> str:
    wanted = _read_near(near)
    return f"{' '.join(wanted.one.words)} NEAR/{wanted.distance} {' '.join(wanted.other.words)}"


@lru_cache(maxsize=64)
def _flatten(html: str) -> str:
    """Several patterns in one expression read the same content one after the other."""
    return flatten_markup(html)


def _names_feed(name: str, feed_id: int, url: str, title: str) -> bool:
    from veille.rank.rules import names_feed

    return names_feed(name, feed_id=feed_id, url=url, title=title or url)


def feed_name(value: str) -> str:
    """How feeds are asked for a name: an address as it is stored."""
    if not is_web(value):
        return value
    try:
        return normalise_feed_url(value)
    except ValueError:
        return value


def _has_tag(tags: str, wanted: str) -> bool:
    return _tag_key(wanted) in _tag_keys(tags)


@lru_cache(maxsize=1 << 12)
def _tag_keys(tags: str) -> frozenset[str]:
    return frozenset(map(_tag_key, json.loads(tags)))


def _tag_key(tag: str) -> str:
    """`#Intelligence-artificielle` and `intelligence artificielle` are one tag."""
    return " ".join(split_words(tag)) or fold(tag)


def _is_on_site(url: str, site: str) -> bool:
    host = host_of(url).strip(".")
    return host == site or host.endswith(f".{site}")


def site_name(value: str) -> str:
    """The host that `site:` means, an address being as good."""
    return site_of(value if "://" in value else f"https://{value}")


def _has_near(near: str, text: str, language: str) -> bool:
    read = read_words(split_words(text), language)
    wanted = _read_near(near)
    return any(True for _ in find_near(wanted, read, part=wanted.part))


@lru_cache(maxsize=1 << 8)
def _read_near(text: str) -> Near:
    one, other, distance, part = json.loads(text)
    make = partial(Term, part=None)
    return Near(make(tuple(one[0]), one[1]), make(tuple(other[0]), other[1]), distance, part)
