"""The settings of single feeds: what `feeds set` stores, what config.toml says, and which of the two counts.

config.toml wins, key by key. A feed that has moved is still meant by the table of an address it had; its
credentials stay with the site that they were written for. The next fetch follows the interval in force.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from veille.app.rulebook import load_rules
from veille.errors import UsageError
from veille.feedkeys import HEADER, KEYS, drop_secrets, list_values, make_settings, read_key, read_pair
from veille.kinds import show_setting
from veille.settings import USER_AGENT
from veille.store.db import write
from veille.store.feeds import find_feed, list_feeds, save_state, update_feed
from veille.store.stored_feed import write_feed_settings
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from veille.app.home import Home
    from veille.config import Settings
    from veille.feed import Feed, FeedSettings, FeedState

_UNSET = ("", "unset")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One setting of a feed: its value as it may be written, and where it comes from."""

    key: str
    value: Any
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The keys that were written, and those of them that were to be taken away and were not there (`idle`)."""

    keys: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def effective_settings(feed: Feed, settings: Settings) -> FeedSettings:
    """What counts for a feed: config.toml over what is stored."""
    return make_settings(list_values(feed.settings) | _configured(feed, settings)[0])


def with_settings(feed: Feed, settings: Settings) -> Feed:
    """The feed with the settings that count for it, muted among them."""
    if not settings.feeds:
        return feed
    muted = _configured(feed, settings)[0].get("muted", feed.muted)
    return replace(feed, settings=effective_settings(feed, settings), muted=muted)


def change_settings(home: Home, name: str, pairs: Sequence[str]) -> Changes:
    """Store `key=value` pairs for a feed, all of them or none, and plan its next fetch by them.

    An empty value, or `unset`, takes a key away. Raises UsageError, UnknownError.
    """
    changes = dict(_read_pair(number, pair) for number, pair in enumerate(pairs, 1))
    with write(home.db):
        # Read here: a fetch may be running.
        feed = find_feed(home.db, name)
        stored = list_values(feed.settings) | ({"muted": True} if feed.muted else {})
        values = {key: value for key, value in (list_values(feed.settings) | changes).items() if value is not None}
        settings = make_settings(values)
        update_feed(home.db, feed.id, settings=write_feed_settings(settings))
        if "muted" in changes:
            update_feed(home.db, feed.id, muted=int(bool(changes["muted"])))
        if "interval" in changes:
            before, after = (_interval(home, one) for one in (feed, replace(feed, settings=settings)))
            save_state(home.db, feed.id, replan(feed.state, before=before, after=after))
    idle = tuple(key for key, value in changes.items() if value is None and key not in stored)
    return Changes(keys=tuple(changes), idle=idle)


def replan(state: FeedState, *, before: timedelta, after: timedelta) -> FeedState:
    """The state with its next fetch where another interval puts it: never earlier than what a server asked for.

    Where something else than the interval decided (a server's wish, a failure), a shorter one changes nothing.
    """
    from veille.fetch.schedule import LONGEST, SLACK

    last, planned = state.last_fetch_at, state.next_fetch_at
    if last is None or planned is None or before == after:
        return state
    if after > before:
        return replace(state, next_fetch_at=max(planned, last + after))
    if state.status == "waiting":
        earliest = state.asked_until + SLACK if state.asked_until else planned
        return replace(state, next_fetch_at=min(planned, max(earliest, last + after)))
    # What is drawn on top of an interval is a fiftieth of it at most.
    if state.failures or planned > last + before * 1.02 + SLACK:
        return state
    asked = min(state.cadence.every or after, LONGEST)
    return replace(state, next_fetch_at=min(planned, last + max(after, asked)))


def list_feed_settings(home: Home, name: str) -> tuple[Feed, list[Row]]:
    """A feed and every setting in force for it, those with a default first. Raises UnknownError, ConfigError."""
    stored = find_feed(home.db, name)
    feed = with_settings(stored, home.settings)
    sources = dict.fromkeys(list_values(stored.settings), "feeds set") | _configured(stored, home.settings)[1]
    values = list_values(feed.settings) | {"muted": feed.muted}
    if stored.muted:
        sources.setdefault("muted", "feeds set")
    fallback = _fallback(home, feed)
    if "weight" in fallback:  # of rules.toml, which has the last word
        values.pop("weight", None)
    keys = [*KEYS, *sorted(key for key in values if key.startswith(HEADER))]
    rows = []
    for key in keys:
        value, source = (
            (values[key], sources.get(key, "default")) if key in values else fallback.get(key, ("", "default"))
        )
        rows.append(Row(key=key, value=show_setting(value), source=source))
    return feed, rows


def find_overruled(home: Home, feed: Feed, keys: Iterable[str]) -> list[str]:
    """What was stored in vain, a line each: config.toml, or rules.toml for a weight, gives the same key."""
    values, sources = _configured(feed, home.settings)
    ruled = load_rules(home.places).feed_weights.get(feed.subscription.url)
    told = {key: (values[key], sources[key]) for key in values}
    told |= {} if ruled is None else {"weight": (ruled, str(home.places.rules))}
    return [f"{key}: {told[key][1]} says {_say(told[key][0])}, and it wins" for key in keys if key in told]


def find_idle_tables(home: Home) -> list[str]:
    """The tables of config.toml that no subscription answers to: mistyped, or left from another time."""
    known = {url for feed in list_feeds(home.db) for url in _addresses(feed)} if home.settings.feeds else set()
    return [
        f"config.toml: no feed has the address {clean_line(url)} (see `veille feeds --urls`)"
        for url in home.settings.feeds
        if url not in known
    ]


def _interval(home: Home, feed: Feed) -> timedelta:
    """The one in force for a feed."""
    own = effective_settings(feed, home.settings).interval
    return home.settings.fetch.interval if own is None else own


def _say(value: Any) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else f"{show_setting(value)}"
    )


def _addresses(feed: Feed) -> tuple[str, ...]:
    """The one it has, then those it had."""
    return (feed.subscription.url, *feed.formerly)


def _configured(feed: Feed, settings: Settings) -> tuple[dict[str, Any], dict[str, str]]:
    """What config.toml says of a feed, and where."""
    for url in _addresses(feed):
        table = settings.feeds.get(url)
        if table is not None:
            kept = drop_secrets(make_settings(table.values), source=url, target=feed.subscription.url)
            muted = {key: table.values[key] for key in ("muted",) if key in table.values}
            return list_values(kept) | muted, dict(table.sources)
    return {}, {}


def _read_pair(number: int, pair: str) -> tuple[str, Any]:
    """A key and its value, None to take it away. What is no pair is not quoted: it may be a secret."""
    written, equals, word = pair.partition("=")
    if not equals:
        raise UsageError(f"setting {number} is not key=value: write it as interval=2h, or interval= to take it away")
    key = read_key(written.strip())
    return key, None if word.strip() in _UNSET else read_pair(key, word.strip())


def _fallback(home: Home, feed: Feed) -> dict[str, tuple[Any, str]]:
    """What counts where the feed has nothing of its own; the weight of rules.toml even where it has."""
    fetch, sources = home.settings.fetch, home.settings.sources
    found: dict[str, tuple[Any, str]] = {
        "interval": (fetch.interval, sources.get("fetch.interval", "default")),
        "timeout": (fetch.timeout, sources.get("fetch.timeout", "default")),
        "user_agent": (USER_AGENT, "default"),
    }
    weight = load_rules(home.places).feed_weights.get(feed.subscription.url)
    return found if weight is None else found | {"weight": (weight, str(home.places.rules))}
