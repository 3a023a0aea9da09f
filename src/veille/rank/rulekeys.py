"""What a [[rule]] and [weights] of rules.toml may say: a value in, a part of a Rule out, UsageError otherwise.

Messages begin with the key and say what to write; where the key stands is `rulereader`'s.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, get_args

from veille.errors import QueryError, UsageError
from veille.kinds import Range, hint_at, read_value
from veille.model import RuleKind
from veille.rank.expression import Part
from veille.rank.filters import PARTS, read_filter
from veille.rank.rulenames import refuse_key
from veille.rank.rules import DEFAULT_WEIGHT, Rule, parse_match
from veille.text import clean_line, fold
from veille.toml import show_value
from veille.urls import is_web, normalise_feed_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from veille.rank.query import Query

HEAVIEST = 1000.0
KINDS: tuple[str, ...] = get_args(RuleKind)
FIELDS: tuple[str, ...] = get_args(Part)
# What `[weights]` takes beside the tables of feeds and folders: the names of ScoreSettings.
WEIGHTS: Mapping[str, Range] = {
    "title": Range("number", 0, 100),
    "body": Range("number", 0, 100),
    "outlets": Range("number", -100, 100),
    "freshness": Range("number", 0, 1000),
    "half_life": Range("duration", 60, 365 * 86400),
    "repeat": Range("number", 0, 1),
    "rare": Range("number", 0, 100),
}
_MOST_NAMES = 1000
_SEARCH = re.compile(r"\w[\w-]{0,59}")

Mistakes = list[tuple[str, str]]


def read_rule(table: Mapping[str, Any], searches: Mapping[str, str]) -> tuple[Rule | None, Mistakes]:
    """The rule of a table; or None, and each mistake as its key and what is wrong there."""
    mistakes: Mistakes = []
    values: dict[str, Any] = {}
    for key, value in table.items():
        try:
            values[key] = _read_key(key, value)
        except UsageError as error:
            mistakes.append((key, str(error)))
    try:
        query = _read_match(table.get("match"), searches, negative=values.get("kind") == "kill")
    except UsageError as error:
        return None, [*mistakes, ("match", str(error))]
    mistakes += _find_conflicts(table, values, query)
    if mistakes:
        return None, mistakes
    disabled = values.pop("disabled", False) or not values.pop("enabled", True)
    weight = DEFAULT_WEIGHT if query.weight is None else query.weight
    own: dict[str, Any] = (
        {"name": clean_line(query.text), "weight": weight} | values | {"query": query, "disabled": disabled}
    )
    own.pop("match")
    return Rule(**own), []


def read_search(name: str, value: Any) -> str:
    """The expression of a saved search; whether it parses is asked with all of them known."""
    if not _SEARCH.fullmatch(name):
        raise UsageError(f"“{clean_line(name)}” cannot name a search: use letters, figures, - and _, such as marque")
    if not isinstance(value, str):
        raise UsageError(f"{name}: it takes an expression between quotes, not {show_value(value)}")
    return value


def read_weight(key: str, value: Any) -> float:
    """Points, within bounds."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not -HEAVIEST <= value <= HEAVIEST:  # also refuses NaN
        wanted = f"a number from -{HEAVIEST:g} to {HEAVIEST:g}"
        raise UsageError(f"{clean_line(key)}: it takes {wanted}, not {show_value(value)}")
    return float(value)


def read_address(key: str) -> str:
    """A feed's address as feeds are stored under it."""
    if not is_web(key):
        raise UsageError(f"“{clean_line(key)}” is not a feed address: see `veille feeds --urls` for them")
    return normalise_feed_url(key)


def read_language(name: str) -> str:
    """A code, or what a language is called, as `lang:` of a query takes them."""
    try:
        return read_filter("lang", name, column=1).value
    except QueryError as error:
        guess = re.search("did you mean .*", error.what)
        several = ": write a list, such as ['fr', 'en']" if "," in name else f": {guess[0]}" if guess else ""
        wanted = f"a code of two letters, such as 'fr', not {show_value(name)}{several}"
        raise UsageError(f"lang: it takes {wanted}") from None


def read_scoring(key: str, value: Any) -> Any:
    """A value of `[weights]` itself."""
    if key not in WEIGHTS:
        raise UsageError(refuse_key(key, ("feeds", "folders", *WEIGHTS)))
    return read_value(key, value, WEIGHTS[key])


def is_same_name(one: str, other: str, *, given: bool) -> bool:
    """Whether two rules share a name. Of those that were `given`, in either rule, case and accents do not count.

    Rules without a name go by their expression, in which `or` and OR differ.
    """
    return one == other or (given and fold(one) == fold(other))


def say_query_error(error: QueryError) -> str:
    """A QueryError as it is told of a text inside the file."""
    return f"character {error.column}: {error.what}"


def _read_key(key: str, value: Any) -> Any:
    if key not in _READERS:
        raise UsageError(refuse_key(key, _READERS))
    return _READERS[key](value)


def _read_match(match: Any, searches: Mapping[str, str], *, negative: bool) -> Query:
    if not isinstance(match, str):
        wrong = "a rule has no match" if match is None else "match: it takes a text between quotes"
        raise UsageError(f"{wrong}: write match = 'words to look for'")
    try:
        return parse_match(match, searches, negative=negative)
    except QueryError as error:
        raise UsageError(f"match, {say_query_error(error)}") from None


def _find_conflicts(table: Mapping[str, Any], values: Mapping[str, Any], query: Query) -> Mistakes:
    """Keys that are right each by itself and not together."""
    kind = values.get("kind", "boost")
    found = [
        (
            query.weight is not None and "weight" in table,
            ("weight", "weight: match has one too, after its ^: keep one of them"),
        ),
        (
            kind == "note" and "note" not in table,
            ("kind", "kind: a rule of kind note says something: write note = 'what to say of its stories'"),
        ),
        (
            kind != "note" and "note" in table and ("kind" in values or "kind" not in table),
            ("note", 'note: only a rule of kind note says it: write kind = "note"'),
        ),
        (
            "enabled" in values and "disabled" in values,
            ("disabled", "disabled: enabled says it already: keep one of them"),
        ),
    ]
    return [mistake for wrong, mistake in found if wrong]


def _read_line(key: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not clean_line(value):
            raise UsageError(f"{key}: it takes a text between quotes, not {show_value(value)}")
        return clean_line(value)

    return read


def _read_switch(key: str) -> Callable[[Any], bool]:
    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise UsageError(f"{key}: it takes true or false, not {show_value(value)}")
        return value

    return read


def _read_kind(value: Any) -> str:
    if not isinstance(value, str) or value not in KINDS:
        raise UsageError(f"kind: it takes {_list(KINDS)}, not {show_value(value)}{_guess(value, KINDS)}")
    return value


def _read_fields(value: Any) -> tuple[str, ...]:
    fields = _read_names("fields", value, "['title', 'author']")
    for one in fields:
        if one not in FIELDS:
            guess = f": did you mean {PARTS[fold(one)]}?" if fold(one) in PARTS else _guess(one, FIELDS)
            raise UsageError(f"fields: they are {_list(FIELDS)}, not {show_value(one)}{guess}")
    return fields


def _read_folders(value: Any) -> tuple[str, ...]:
    return _read_names("folders", value, "['Presse', 'Blogs/Tech']")


def _read_feeds(value: Any) -> tuple[str, ...]:
    names = _read_names("feeds", value, "['https://www.example.org/rss', 'Le Monde']")
    return tuple(normalise_feed_url(name) if is_web(name) else name for name in names)


def _read_languages(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(read_language, _read_names("lang", value, "'fr'"))))


def _read_until(value: Any) -> date:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            value = None if not value.strip() else value
    if not isinstance(value, date) or isinstance(value, datetime):
        raise UsageError(f"until: it takes a day, such as 2026-12-31, not {show_value(value)}")
    return value


def _read_names(key: str, value: Any, example: str) -> tuple[str, ...]:
    """One name, or a list of them; each once."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(one, str) and clean_line(one) for one in names):
        raise UsageError(f"{key}: it takes names between quotes, such as {example}, not {show_value(value)}")
    if not 1 <= len(names) <= _MOST_NAMES:
        raise UsageError(f"{key}: it takes 1 to {_MOST_NAMES} names, not {len(names)}: take the line away for all")
    return tuple(dict.fromkeys(map(clean_line, names)))


def _list(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}"


def _guess(value: Any, known: tuple[str, ...]) -> str:
    hint = hint_at(value.casefold(), known) if isinstance(value, str) else ""
    return f": {hint}" if hint.startswith("did") else ""


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "name": _read_line("name"),
    "match": lambda value: value,
    "weight": lambda value: read_weight("weight", value),
    "kind": _read_kind,
    "group": _read_line("group"),
    "fields": _read_fields,
    "folders": _read_folders,
    "feeds": _read_feeds,
    "lang": _read_languages,
    "until": _read_until,
    "note": _read_line("note"),
    "enabled": _read_switch("enabled"),
    "disabled": _read_switch("disabled"),
}
KEYS = tuple(_READERS)
