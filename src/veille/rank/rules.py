"""The user's rules: the text of rules.toml in, Rules out, ConfigError with file:line:column otherwise.

[[rule]]
name = "marque"                # shown in explanations; unique
match = 'e-réputation OR "avis clients"'
weight = 5                     # points when the title matches; may be negative
kind = "boost"                 # or "kill": its stories are hidden

[weights.feeds]                # points for every story of a feed, by address
"https://www.example.org/rss" = 2
[weights.folders]              # and of a folder, subfolders included
"Presse" = 1
"""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from veille.errors import ConfigError, QueryError
from veille.model import RuleKind
from veille.rank.query import Query, parse_query
from veille.text import clean_line
from veille.toml import load_toml, locate_key, show_value
from veille.urls import is_web, normalise_feed_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_WEIGHT = 1.0
# `--kw` outweighs what a story has by default; several keywords are told apart by their own ^weights.
KEYWORD_WEIGHT = 1.0
_HEAVIEST = 1000.0
_KINDS: tuple[str, ...] = get_args(RuleKind)
_RULE_KEYS = ("name", "match", "weight", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A weighted query. `key` names its stored matches: it changes when what it matches may change."""

    name: str
    query: Query
    weight: float = DEFAULT_WEIGHT
    kind: RuleKind = "boost"

    @property
    def key(self) -> str:
        """A digest of the expression: two rules that look for the same thing share their matches."""
        return hashlib.blake2b(repr(self.query.expression).encode(), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All of rules.toml. Weights are points by feed address and by folder path."""

    rules: tuple[Rule, ...] = ()
    feed_weights: Mapping[str, float] = field(default_factory=dict)
    folder_weights: Mapping[str, float] = field(default_factory=dict)


def read_rules(text: str, *, name: str) -> Rules:
    """The rules that `text` holds; `name` is how errors call the file."""
    table = load_toml(text, name=name)
    top = _Place(text, name, "")
    _refuse_unknown(table, ("rule", "weights"), top)
    found = table.get("rule", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise top.error("rule", "rule: write each rule under [[rule]], with two brackets")
    weights = table.get("weights", {})
    if not isinstance(weights, dict):
        raise top.error("weights", "weights: write them under [weights.feeds] and [weights.folders]")
    _refuse_unknown(weights, ("feeds", "folders"), _Place(text, name, "weights"))
    return Rules(
        rules=_read_all([(one, _Place(text, name, "rule", index)) for index, one in enumerate(found)]),
        feed_weights=_read_feeds(weights.get("feeds", {}), _Place(text, name, "weights.feeds")),
        folder_weights=_read_weights(weights.get("folders", {}), _Place(text, name, "weights.folders")),
    )


def keyword_rule(text: str) -> Rule:
    """A rule made of a `--kw` expression; its own ^weight counts."""
    query = parse_query(text)
    weight = KEYWORD_WEIGHT if query.weight is None else query.weight
    return Rule(name=query.text, query=query, weight=weight)


@dataclass(frozen=True, slots=True)
class _Place:
    """A table of the file, to say where a key of it stands."""

    text: str
    name: str
    table: str
    index: int = 0

    def error(self, key: str, message: str) -> ConfigError:
        line, column = locate_key(self.text, self.table, key, index=self.index)
        return ConfigError(f"{self.name}:{line}:{column}: {message}")


def _read_all(tables: Iterable[tuple[Mapping[str, Any], _Place]]) -> tuple[Rule, ...]:
    by_name: dict[str, Rule] = {}
    for table, at in tables:
        rule = _read_rule(table, at)
        if rule.name in by_name:
            raise at.error("name", f"a second rule is named “{rule.name}”: give each its own name")
        by_name[rule.name] = rule
    return tuple(by_name.values())


def _read_rule(table: Mapping[str, Any], at: _Place) -> Rule:
    _refuse_unknown(table, _RULE_KEYS, at)
    match = table.get("match")
    if not isinstance(match, str):
        wrong = "a rule has no match" if match is None else "match: it takes a text between quotes"
        raise at.error("match", f"{wrong}: write match = 'words to look for'")
    try:
        query = parse_query(match)
    except QueryError as error:
        raise at.error("match", f"match, character {error.column}: {error.what}") from None
    name = table.get("name", query.text)
    if not isinstance(name, str) or not clean_line(name):
        raise at.error("name", f"name: it takes a text between quotes, not {show_value(name)}")
    kind = table.get("kind", "boost")
    if kind not in _KINDS:
        raise at.error("kind", f"kind: it takes {' or '.join(_KINDS)}, not {show_value(kind)}")
    if query.weight is not None and "weight" in table:
        raise at.error("weight", "weight: match has one too, after its ^: keep one of them")
    default = DEFAULT_WEIGHT if query.weight is None else query.weight
    weight = _read_weight(table.get("weight", default), "weight", at)
    return Rule(name=clean_line(name), query=query, weight=weight, kind=kind)


def _read_feeds(table: Any, at: _Place) -> dict[str, float]:
    weights = _read_weights(table, at)
    for address in weights:
        if not is_web(address):
            message = f"“{clean_line(address)}” is not a feed address: see `veille feeds` for them"
            raise at.error(address, message)
    return {normalise_feed_url(address): weight for address, weight in weights.items()}


def _read_weights(table: Any, at: _Place) -> dict[str, float]:
    if not isinstance(table, dict):
        raise at.error("", f'{at.table}: write [{at.table}] on a line of its own, and under it "name" = points')
    return {key: _read_weight(value, key, at) for key, value in table.items()}


def _read_weight(value: Any, key: str, at: _Place) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not -_HEAVIEST <= value <= _HEAVIEST:  # also refuses NaN
        wanted = f"a number from -{_HEAVIEST:g} to {_HEAVIEST:g}"
        raise at.error(key, f"{clean_line(key)}: it takes {wanted}, not {show_value(value)}")
    return float(value)


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], at: _Place) -> None:
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {close[0]}?" if close else f"known here are {', '.join(known)}"
            raise at.error(key, f"unknown key “{clean_line(key)}”: {hint}")
