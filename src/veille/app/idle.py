"""What rules.toml says in vain: weights and scopes that no subscription answers to, rules whose last day is past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.rank.rules import names_feed
from veille.store.feeds import list_feeds
from veille.text import clean_line, is_in_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veille.app.home import Home
    from veille.feed import Feed
    from veille.rank.rules import Rules


def find_idle(home: Home, rules: Rules) -> list[str]:
    """A line for each weight, scope and rule that has no effect: mistyped, or left from another time."""
    feeds = list_feeds(home.db)
    folders = {feed.subscription.folder for feed in feeds}
    now = read_clock()
    found = [
        *_idle_weights(rules, feeds),
        *(
            f"no feed is in a folder “{clean_line(name)}”"
            for name in rules.folder_weights
            if not _is_used(name, folders)
        ),
    ]
    for rule in rules.rules:
        if rule.disabled:
            continue
        idle = [f"no feed is in a folder “{name}”" for name in rule.folders if not _is_used(name, folders)]
        idle += [what for name in rule.feeds if (what := _idle_feed(name, feeds))]
        if not rule.is_in_force(now):
            idle = [f"its last day was {rule.until}: `veille rules remove` takes it out"]
        found += [f"rule “{rule.name}”: {what}" for what in idle]
    return found


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
    return f"no feed is called “{name}” (see `veille feeds`)"


def _no_address(url: str, feeds: Sequence[Feed]) -> str:
    moved = next((feed.subscription.url for feed in feeds if url in feed.formerly), "")
    hint = f"it has moved to {clean_line(moved)}" if moved else "see `veille feeds --urls`"
    return f"no feed has the address {clean_line(url)} ({hint})"


def _is_used(name: str, folders: set[str]) -> bool:
    return any(is_in_folder(folder, name) for folder in folders)
