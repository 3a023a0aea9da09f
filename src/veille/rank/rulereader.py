"""The text of rules.toml in, Rules out; or every mistake in it, as file:line:column and what to write.

[[rule]]
name = "marque"                # shown in explanations; unique
match = 'e-réputation OR "avis clients"'
weight = 5                     # points when the title matches; may be negative
kind = "boost"                 # or kill (hidden), pin (first), note (says something)
group = "marque"
fields = ["title"]             # title, text, author
folders = ["Presse"]           # counts for stories of these folders
feeds = ["Le Monde"]           # or of these feeds
lang = "fr"
until = 2026-12-31             # its last day
enabled = false                # kept, and not used

[searches]
concurrents = 'acme OR globex' # @concurrents in any expression
[weights]                      # as in config.toml, which they override
half_life = "6h"
[weights.feeds]                # points for every story of a feed, by address
"https://www.example.org/rss" = 2
[weights.folders]              # and of a folder, subfolders included
"Presse" = 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from veille.errors import ConfigError, QueryError, UsageError
from veille.rank.rulekeys import (
    is_same_name,
    read_address,
    read_rule,
    read_scoring,
    read_search,
    read_weight,
    say_query_error,
)
from veille.rank.rulenames import refuse_key
from veille.rank.rules import Rule, Rules, parse_match
from veille.text import clean_line, fold
from veille.toml import load_toml, locate_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Value = TypeVar("_Value")
_MOST_SEARCHES = 1000
# Searches that call for one another without end take a while each to be found wrong.
_ENOUGH = 20
_SECTIONS = ("rule", "searches", "weights")


class Mistake(NamedTuple):
    """What is wrong with a key of a table; `number` counts the tables of an array from 0."""

    table: str
    key: str
    what: str
    number: int = 0


def read_rules(text: str, *, name: str) -> Rules:
    """The rules that `text` holds; `name` is how errors call the file. Raises ConfigError for the first mistake."""
    rules, mistakes = _examine(load_toml(text, name=name))
    if mistakes:
        first, *others = _tell(mistakes, text, name=name)
        more = f" (and {len(others)} more: see `veille rules`)" if others else ""
        raise ConfigError(first + more)
    return rules


def find_mistakes(text: str, *, name: str) -> list[str]:
    """Every mistake, a line each, in the order of the file; a text that is not TOML has one."""
    try:
        table = load_toml(text, name=name)
    except ConfigError as error:
        return [str(error)]
    return _tell(_examine(table)[1], text, name=name)


def _tell(mistakes: list[Mistake], text: str, *, name: str) -> list[str]:
    places = locate_keys(text, [(one.table, one.key, one.number) for one in mistakes])
    told = sorted(zip(places, mistakes, strict=True), key=lambda one: one[0])
    return [f"{name}:{line}:{column}: {mistake.what}" for (line, column), mistake in told]


def _examine(table: Mapping[str, Any]) -> tuple[Rules, list[Mistake]]:
    mistakes = [Mistake("", key, refuse_key(key, _SECTIONS)) for key in table if key not in _SECTIONS]
    searches = _read_searches(table.get("searches", {}), mistakes)
    rules = _read_all(table.get("rule", []), searches, mistakes)
    feeds, folders, weights = _read_weights(table.get("weights", {}), mistakes)
    read = Rules(rules=rules, searches=searches, feed_weights=feeds, folder_weights=folders, weights=weights)
    return read, mistakes


def _read_searches(table: Any, mistakes: list[Mistake]) -> dict[str, str]:
    if not isinstance(table, dict):
        wanted = "searches: write [searches] on a line of its own, and under it name = 'expression'"
        mistakes.append(Mistake("", "searches", wanted))
        return {}
    if len(table) > _MOST_SEARCHES:
        what = f"searches: more than {_MOST_SEARCHES} are saved: take out those that nothing asks for"
        mistakes.append(Mistake("searches", "", what))
        return {}
    found = _collect("searches", table, read_search, mistakes)
    known: dict[str, str] = {}
    for name, expression in found.items():
        if known.setdefault(fold(name), name) != name:
            what = f"{name}: a second search of that name, after {known[fold(name)]}: case and accents do not count"
            mistakes.append(Mistake("searches", name, what))
        try:
            parse_match(expression, found, negative=True)
        except QueryError as error:
            mistakes.append(Mistake("searches", name, f"{name}, {say_query_error(error)}"))
            if len(mistakes) > _ENOUGH:
                break
    return found


def _read_all(tables: Any, searches: Mapping[str, str], mistakes: list[Mistake]) -> tuple[Rule, ...]:
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        mistakes.append(Mistake("", "rule", "rule: write each rule under [[rule]], with two brackets"))
        return ()
    found: list[Rule] = []
    # Names by what is left of them without case and accents, each with whether it was given.
    named: dict[str, list[tuple[str, bool]]] = {}
    for index, table in enumerate(tables):
        rule, wrong = read_rule(table, searches)
        mistakes.extend(Mistake("rule", key, what, index) for key, what in wrong)
        if not rule:
            continue
        given, alike = "name" in table, named.setdefault(fold(rule.name), [])
        other = next((name for name, own in alike if is_same_name(rule.name, name, given=given or own)), None)
        if other is None:
            found.append(rule)
            alike.append((rule.name, given))
            continue
        after = "" if other == rule.name else f", after “{other}” (case and accents do not count)"
        what = f"a second rule is named “{rule.name}”{after}: give each its own name"
        mistakes.append(Mistake("rule", "name", what, index))
    return tuple(found)


def _read_weights(table: Any, mistakes: list[Mistake]) -> tuple[dict[str, float], dict[str, float], dict[str, Any]]:
    if not isinstance(table, dict):
        what = "weights: write them under [weights], [weights.feeds] and [weights.folders]"
        mistakes.append(Mistake("", "weights", what))
        return {}, {}, {}
    own = {key: value for key, value in table.items() if key not in ("feeds", "folders")}
    feeds = _read_points("weights.feeds", table.get("feeds", {}), mistakes)
    folders = _read_points("weights.folders", table.get("folders", {}), mistakes)
    addresses = _collect("weights.feeds", feeds, lambda url, _points: read_address(url), mistakes)
    by_address: dict[str, float] = {}
    for url, address in addresses.items():
        if address in by_address:
            mistakes.append(Mistake("weights.feeds", url, f"{clean_line(url)}: the same feed is weighed twice"))
        by_address[address] = feeds[url]
    return by_address, folders, _collect("weights", own, read_scoring, mistakes)


def _read_points(name: str, table: Any, mistakes: list[Mistake]) -> dict[str, float]:
    if isinstance(table, dict):
        return _collect(name, table, read_weight, mistakes)
    what = f'{name}: write [{name}] on a line of its own, and under it "name" = points'
    mistakes.append(Mistake(name, "", what))
    return {}


def _collect(
    name: str, table: Mapping[str, Any], read: Callable[[str, Any], _Value], mistakes: list[Mistake]
) -> dict[str, _Value]:
    """What `read` makes of each value; what it refuses is noted."""
    found = {}
    for key, value in table.items():
        try:
            found[key] = read(key, value)
        except UsageError as error:
            mistakes.append(Mistake(name, key, str(error)))
    return found
