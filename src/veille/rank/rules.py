"""The user's rules as values: weighted queries, each with its scope and its term, and weights of feeds and folders.

`rulereader` reads them from the text of rules.toml, `rulefile` writes that text.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from veille.rank.expression import Both, Either, Expression, Filter, scope_to
from veille.rank.lexemes import show_blanks, split_lexemes
from veille.rank.query import Query, parse_query
from veille.text import fold, is_in_folder, split_words
from veille.urls import is_web

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from veille.model import RuleKind, Source
    from veille.rank.expression import Part
    from veille.rank.score import ScoreSettings

DEFAULT_WEIGHT = 1.0
# `--kw` outweighs what a story has by default; several keywords are told apart by their own ^weights.
KEYWORD_WEIGHT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A weighted query with its scope.

    `fields` and `lang` narrow what it matches; `folders` and `feeds` say whose stories it counts for; `until`
    is its last day. `expression` is what is looked for; `key` names its stored matches: it changes when what
    matches may change.
    """

    name: str
    query: Query
    weight: float = DEFAULT_WEIGHT
    kind: RuleKind = "boost"
    group: str = ""
    fields: tuple[Part, ...] = ()
    folders: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    until: date | None = None
    note: str = ""
    disabled: bool = False
    expression: Expression = field(init=False, repr=False, compare=False)
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Once: scoring asks for the key of each rule at each story."""
        expression = _scope(self.query.expression, self.fields, self.lang)
        object.__setattr__(self, "expression", expression)
        object.__setattr__(self, "key", hashlib.blake2b(repr(expression).encode(), digest_size=12).hexdigest())

    def covers(self, source: Source) -> bool:
        """Whether the rule counts for an entry of that feed: one of its folders, one of its feeds, or any without."""
        if not self.folders and not self.feeds:
            return True
        return any(is_in_folder(source.folder, folder) for folder in self.folders) or any(
            names_feed(name, feed_id=source.feed_id, url=source.feed_url, title=source.feed) for name in self.feeds
        )

    def is_in_force(self, now: datetime) -> bool:
        """Not disabled, nor past its last day here."""
        return not self.disabled and (self.until is None or now.astimezone().date() <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All of rules.toml. Weights are points by feed address and by folder path.

    `weights` holds what `[weights]` says of scoring, by the names of ScoreSettings.
    """

    rules: tuple[Rule, ...] = ()
    searches: Mapping[str, str] = field(default_factory=dict)
    feed_weights: Mapping[str, float] = field(default_factory=dict)
    folder_weights: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, Any] = field(default_factory=dict)

    def in_force(self, now: datetime) -> tuple[Rule, ...]:
        """The rules that count today."""
        return tuple(rule for rule in self.rules if rule.is_in_force(now))

    def weigh(self, settings: ScoreSettings) -> ScoreSettings:
        """The settings of scoring: what rules.toml says, then config.toml, then the defaults."""
        return replace(settings, **self.weights)


def keyword_rule(text: str, *, searches: Mapping[str, str] | None = None, negative: bool = False) -> Rule:
    """A rule made of a `--kw` expression; its own ^weight counts. Raises QueryError."""
    query = parse_match(text, searches or {}, negative=negative)
    weight = KEYWORD_WEIGHT if query.weight is None else query.weight
    return Rule(name=query.text, query=query, weight=weight)


def parse_match(text: str, searches: Mapping[str, str], *, negative: bool = False) -> Query:
    """The query that a rule or keyword says, `@NAME` standing for a saved search. Raises QueryError."""
    # Without one of them none is looked at: five thousand rules must not each go through all names.
    return parse_query(text, searches=searches if "@" in text else {}, negative=negative)


def find_handles(text: str, searches: Mapping[str, str]) -> list[str]:
    """The names after an @ that no saved search has, which are looked for as words. `text` parses."""
    known = {fold(name) for name in searches}
    asked: dict[int, list[str]] = {}

    def look_up(name: str, column: int, _depth: int) -> str | None:
        asked.setdefault(column, []).append(name)
        return name if fold(name) in known else None

    if "@" in text:
        split_lexemes(show_blanks(text), depth=0, look_up=look_up)
    # At a sentence's end a name is asked for with its sign, then without.
    return list(dict.fromkeys(names[-1] for names in asked.values() if fold(names[-1]) not in known))


def names_feed(name: str, *, feed_id: int, url: str, title: str) -> bool:
    """Whether a scope means a feed: by its address (normalised), its number, or words of its title in their order."""
    if is_web(name):
        return name == url
    if name.isdecimal():
        return name == str(feed_id)
    words, titled = _words(name), _words(title)
    return any(titled[start : start + len(words)] == words for start in range(len(titled) - len(words) + 1))


@lru_cache(maxsize=1 << 12)
def _words(text: str) -> tuple[str, ...]:
    return tuple(split_words(text))


def _scope(expression: Expression, fields: tuple[Part, ...], languages: tuple[str, ...]) -> Expression:
    if fields:
        expression = _either(tuple(scope_to(expression, part) for part in fields))
    if languages:
        expression = Both((expression, _either(tuple(Filter("lang", language) for language in languages))))
    return expression


def _either(parts: tuple[Expression, ...]) -> Expression:
    return parts[0] if len(parts) == 1 else Either(parts)
