"""Builders: values of the model with sensible defaults, of which a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from veille.feed import Feed, FeedState, Subscription
from veille.model import Headline, MatchField, Source, Story
from veille.parsed import Enclosure, ParsedEntry, ParsedFeed
from veille.rank.query import parse_query
from veille.rank.rules import Rule
from veille.rank.score import Desk, ScoreSettings
from veille.read.normalise import RawEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def make_subscription(**fields: Any) -> Subscription:
    """A subscription to a feed of example.org, in no folder."""
    return Subscription(**{"url": "https://www.example.org/rss"} | fields)


def make_feed(id: int = 1, **fields: Any) -> Feed:  # noqa: A002 - the name of the field
    """A feed that is subscribed to and was never fetched."""
    defaults: dict[str, Any] = {
        "subscription": make_subscription(url=f"https://www.example.org/{id}.rss"),
        "state": FeedState(),
    }
    return Feed(id=id, **defaults | fields)


def make_enclosure(**fields: Any) -> Enclosure:
    """A podcast's sound."""
    defaults: dict[str, Any] = {"url": "https://cdn.example.org/1.mp3", "type": "audio/mpeg", "length": 1000}
    return Enclosure(**defaults | fields)


def make_raw(**fields: Any) -> RawEntry:
    """An entry as a document has it: with a guid, a link and a title."""
    defaults: dict[str, Any] = {
        "guid": "guid-1",
        "link": "https://www.example.org/1",
        "title": "Un titre",
        "base": "https://www.example.org/rss",
    }
    return RawEntry(**defaults | fields)


def make_entry(guid: str = "guid-1", **fields: Any) -> ParsedEntry:
    """An entry as read; its fingerprint is that of its title unless given."""
    defaults: dict[str, Any] = {"url": f"https://www.example.org/{guid}", "title": "Un titre", "published_at": NOW}
    values = defaults | fields
    return ParsedEntry(**{"guid": guid, "fingerprint": f"print of {values['title']}"} | values)


def make_parsed(*entries: ParsedEntry, **fields: Any) -> ParsedFeed:
    """A document read, with its entries."""
    defaults: dict[str, Any] = {"title": "Un flux", "site_url": "https://www.example.org/", "language": "fr"}
    return ParsedFeed(entries=entries, **defaults | fields)


def make_headline(entry_id: int = 1, title: str = "Un titre", **fields: Any) -> Headline:
    """A stored entry as folding sees it, not folded yet; every entry has its own address."""
    defaults: dict[str, Any] = {
        "feed_id": 1,
        "url": f"https://www.example.org/{entry_id}",
        "published_at": NOW,
        "language": "fr",
    }
    return Headline(entry_id=entry_id, title=title, **defaults | fields)


def make_source(entry_id: int = 1, **fields: Any) -> Source:
    """An entry as part of a story."""
    defaults: dict[str, Any] = {
        "feed_id": 1,
        "feed": "Gazette",
        "feed_url": "https://www.example.org/rss",
        "folder": "Presse",
        "title": "Un titre",
        "url": f"https://www.example.org/{entry_id}",
        "published_at": NOW,
    }
    return Source(entry_id=entry_id, **defaults | fields)


def make_story(*sources: Source, **fields: Any) -> Story:
    """A story of the given sources, of one if none is given; its id is that of the first."""
    found = sources or (make_source(fields.get("id", 1)),)
    defaults: dict[str, Any] = {"id": found[0].entry_id, "sources": found, "language": "fr", "words": 300}
    return Story(**defaults | fields)


def make_rule(match: str = "crise", **fields: Any) -> Rule:
    """A rule named after what it looks for."""
    defaults: dict[str, Any] = {"name": match, "query": parse_query(match)}
    return Rule(**defaults | fields)


def make_desk(
    *rules: Rule,
    matches: Mapping[tuple[Rule, int], MatchField] | None = None,
    **fields: Any,
) -> Desk:
    """What a score depends on: rules, and which of them match which entries. Nothing is fresh, no feed is too many."""
    defaults: dict[str, Any] = {"settings": ScoreSettings(freshness=0.0, repeat=0.0), "now": NOW, "rules": rules}
    found = {(rule.key, entry_id): where for (rule, entry_id), where in (matches or {}).items()}
    return Desk(matches=found, **defaults | fields)
