"""What rules.toml says in vain: names that nothing answers to, keys that change nothing, rules that are past."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.rank.expression import Filter, Near, Pattern, Term, list_leaves
from veille.rank.rules import DEFAULT_WEIGHT, find_handles, names_feed, parse_match
from veille.store.feeds import list_feeds
from veille.store.functions import feed_name
from veille.store.presence import has_entries, has_passing
from veille.text import clean_line, fold, is_in_folder, split_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.feed import Feed
    from veille.rank.expression import Expression
    from veille.rank.rules import Rule, Rules

# How far back an entry of a language or with a tag is looked for, in days.
_PERIOD = 30


def find_idle(home: Home, rules: Rules) -> list[str]:
    """A line for each weight, name, key and rule that has no effect: mistyped, or left from another time."""
    known = _look_around(home)
    found = [*_idle_weights(rules, known.feeds)]
    found += [_no_folder(name, known) for name in rules.folder_weights if not _is_used(name, known)]
    told: set[str] = set()
    for name, text in rules.searches.items():
        # What a search says in vain is told of it alone, not of each rule that calls for it.
        idle = [*_idle_handles(text, rules.searches), *_idle_filters(_read_search(text, rules.searches), known)]
        told.update(idle)
        found += [f"search “{name}”: {what}" for what in idle]
    for rule in rules.rules:
        if not rule.disabled:
            idle = [what for what in _idle_parts(rule, rules.searches, known) if what not in told]
            found += [f"rule “{rule.name}”: {what}" for what in idle]
    return found


def find_idle_parts(home: Home, rule: Rule, searches: Mapping[str, str]) -> list[str]:
    """The same of one rule, called for by no name."""
    return [] if rule.disabled else list(_idle_parts(rule, searches, _look_around(home)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What rules can name."""

    home: Home
    now: datetime
    feeds: Sequence[Feed]
    folders: frozenset[str]
    # Many rules ask for the same language.
    written: dict[Filter, bool] = field(default_factory=dict)


def _look_around(home: Home) -> _Known:
    feeds = list_feeds(home.db)
    folders = frozenset(clean_line(feed.subscription.folder) for feed in feeds)
    return _Known(home=home, now=read_clock(), feeds=feeds, folders=folders)


def _idle_parts(rule: Rule, searches: Mapping[str, str], known: _Known) -> Iterator[str]:
    if not rule.is_in_force(known.now):
        yield f"its last day was {rule.until}: `veille rules remove` takes it out"
        return
    for name in rule.folders:
        if not _is_used(name, known):
            yield _no_folder(name, known)
    for name in rule.feeds:
        if what := _idle_feed(name, known.feeds):
            yield what
    yield from _idle_handles(rule.query.text, searches)
    yield from _idle_filters(rule.expression, known)
    if rule.kind != "boost" and rule.weight != DEFAULT_WEIGHT:
        yield f"weight {rule.weight:g}: a rule of kind {rule.kind} gives no points"
    yield from _idle_fields(rule)


def _idle_handles(text: str, searches: Mapping[str, str]) -> Iterator[str]:
    """The @ before names that no saved search has. Handles of people are names too: quotes say that one is meant."""
    for name in find_handles(text, searches):
        told = clean_line(name)
        what = f"the @ of @{told}: no search is saved as {told}, and the word is looked for"
        yield f'{what}{_guess(name, searches, sign="@")}; for the handle write "@{told}", with its quotes'


def _idle_filters(expression: Expression, known: _Known) -> Iterator[str]:
    """The fields of an expression that ask for what there is not."""
    filters = [leaf for leaf in list_leaves(expression) if isinstance(leaf, Filter)]
    for leaf in dict.fromkeys(filters):
        match leaf.name:
            case "folder" if not _is_used(leaf.value, known):
                yield f"folder: {_no_folder(leaf.value, known)}"
            case "feed" if what := _idle_feed(feed_name(leaf.value), known.feeds):
                # A query, unlike a scope, knows a feed by the addresses that it has moved from.
                if not any(feed_name(leaf.value) in feed.formerly for feed in known.feeds):
                    yield f"feed: {what}"
            case "tag" if not _is_tagged(leaf, known):
                tags = {tag for feed in known.feeds for tag in feed.subscription.tags}
                guess = _guess(leaf.value, tags)
                yield f"tag: no feed, and no entry of {_PERIOD} days, is tagged “{leaf.value}”{guess}"
            case "lang" if not _is_written(leaf, known):
                yield f"lang: no entry of {_PERIOD} days is in “{leaf.value}”"


def _idle_fields(rule: Rule) -> Iterator[str]:
    """Words that say where they stand, which `fields` does not change."""
    if not rule.fields:
        return
    looked = (leaf.part for leaf in list_leaves(rule.query.expression) if isinstance(leaf, Term | Near | Pattern))
    own = sorted({part for part in looked if part and part not in rule.fields})
    if own:
        where = " and ".join(f"{part}:" for part in own)
        yield f"fields ({', '.join(rule.fields)}): match says {where} itself, and looks there only: keep one of them"


def _idle_weights(rules: Rules, feeds: Sequence[Feed]) -> Iterator[str]:
    addresses = {feed.subscription.url for feed in feeds}
    for url in rules.feed_weights:
        if url not in addresses:
            yield _no_address(url, feeds)


def _idle_feed(name: str, feeds: Sequence[Feed]) -> str:
    """Why a scope means no feed, "" when it means some."""
    if any(names_feed(name, feed_id=one.id, url=one.subscription.url, title=one.name) for one in feeds):
        return ""
    if "://" in name:
        return _no_address(name, feeds)
    return f"no feed is called “{clean_line(name)}”{_guess(name, [one.name for one in feeds])} (see `veille feeds`)"


def _no_address(url: str, feeds: Sequence[Feed]) -> str:
    moved = next((feed.subscription.url for feed in feeds if url in feed.formerly), "")
    hint = f"it has moved to {clean_line(moved)}" if moved else "see `veille feeds --urls`"
    return f"no feed has the address {clean_line(url)} ({hint})"


def _no_folder(name: str, known: _Known) -> str:
    return f"no feed is in a folder “{clean_line(name)}”{_guess(name, known.folders)}"


def _is_used(name: str, known: _Known) -> bool:
    return any(is_in_folder(folder, name) for folder in known.folders)


def _is_tagged(leaf: Filter, known: _Known) -> bool:
    """True too while nothing was published that could have the tag."""
    tags = {_tag_key(tag) for feed in known.feeds for tag in feed.subscription.tags}
    return _tag_key(leaf.value) in tags or _is_written(leaf, known)


def _tag_key(tag: str) -> tuple[str, ...]:
    return tuple(split_words(tag))


def _is_written(leaf: Filter, known: _Known) -> bool:
    if leaf not in known.written:
        db, since = known.home.db, known.now - timedelta(days=_PERIOD)
        known.written[leaf] = has_passing(db, leaf, since=since) or not has_entries(db, since=since)
    return known.written[leaf]


def _read_search(text: str, searches: Mapping[str, str]) -> Expression:
    return parse_match(text, searches, negative=True).expression


def _guess(name: str, known: Iterable[str], *, sign: str = "") -> str:
    """The one that was meant, if there is one like it."""
    folded = {fold(one): one for one in known}
    close = difflib.get_close_matches(fold(name), list(folded), 1)
    return f" (did you mean {sign}{clean_line(folded[close[0]])}?)" if close else ""
