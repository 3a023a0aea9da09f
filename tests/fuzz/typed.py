"""Fuzz targets of what users write: expressions, config.toml, rules.toml. Bytes in, an AssertionError for a breach."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

from fuzz.invariants import check_error, check_line, check_lines
from fuzz.rooms import NOW, make_place, open_archive
from veille.config import Places, Settings, list_settings, load_settings
from veille.errors import ConfigError, QueryError
from veille.rank import rulefile
from veille.rank.highlight import find_spans
from veille.rank.printing import print_query
from veille.rank.query import Query, parse_query
from veille.rank.rulereader import find_mistakes, read_rules
from veille.rank.rules import Rule
from veille.rank.score import ScoreSettings
from veille.store.matches import search_stories

if TYPE_CHECKING:
    from collections.abc import Callable

SEARCHES = {"s": "a OR b -c", "neg": "-sport", "S2": "@s"}
_TEXT = "L'e-réputation d'ACME (C++, .NET) : « œuvre » de Zoë, 10:30 — crise\u00ad, ﬁn; A.B.C. https://a.fr/un-deux"
_LONGEST = 10_000
_PLACE = re.compile(r"(?P<name>.+?):(?P<line>[0-9]+):(?P<column>[0-9]+): .")


def fuzz_query(data: bytes) -> None:
    """An expression is refused with its place, or read, printed and read again the same, looked up and highlighted."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        query = parse_query(text, searches=SEARCHES)
    except QueryError as error:
        _check_column(error, text)
        with suppress(QueryError):
            _check_printing(parse_query(text, searches=SEARCHES, negative=True))
        return
    assert query.weight is None or math.isfinite(query.weight)
    _check_printing(query)
    assert parse_query(query.text, searches=SEARCHES).expression == query.expression, query.text
    search_stories(open_archive(), Rule(name="r", query=query), now=NOW, limit=10)
    spans = find_spans(_TEXT, [query.expression], part="title", language="fr")
    ends = [0, *(place for span in spans for place in span), len(_TEXT)]
    assert ends == sorted(ends), spans


def fuzz_config(data: bytes) -> None:
    """A config.toml is refused with file, line and column, or gives settings that can be listed."""
    places = _places()
    places.config.write_bytes(data)
    try:
        settings = load_settings(places)
    except ConfigError as error:
        _check_place(str(error), str(places.config), data)
        return
    json.dumps(list_settings(settings), allow_nan=False)
    _check_types(settings)


def fuzz_rules(data: bytes) -> None:
    """A rules.toml is refused with every mistake and its place, or can be edited: what is not edited stays."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as a file is read
    mistakes = find_mistakes(text, name="rules.toml")
    for mistake in mistakes:
        _check_place(mistake, "rules.toml", data)
    try:
        rules = read_rules(text, name="rules.toml")
    except ConfigError as error:
        _check_place(str(error), "rules.toml", data)
        _check_refused(mistakes, error)
        return
    assert not mistakes, mistakes
    check_lines([rule.name for rule in rules.rules], "the name of a rule")
    assert all(math.isfinite(rule.weight) for rule in rules.rules)
    assert len({rule.name for rule in rules.rules}) == len(rules.rules), "two rules of one name"
    rules.in_force(NOW)
    rules.weigh(ScoreSettings())
    _check_edits(text, len(rules.rules), next(iter(rules.searches), ""))


def _check_column(error: QueryError, text: str) -> None:
    check_error(error)
    assert 1 <= error.column <= len(text) + 1, f"column {error.column} of {len(text)}"


def _check_printing(query: Query) -> None:
    printed = print_query(query.expression)
    if len(printed) > _LONGEST:
        return  # signs that are spelled out make more of it than is read
    again = parse_query(printed, negative=True)
    assert again.expression == query.expression, printed
    assert print_query(again.expression) == printed, printed


def _check_refused(mistakes: list[str], error: ConfigError) -> None:
    assert mistakes, f"refused without a mistake: {error}"
    assert str(error).startswith(mistakes[0]), (mistakes, error)


def _check_place(message: str, name: str, data: bytes) -> None:
    check_lines([message], "an error")
    place = _PLACE.match(message)
    assert place, message
    assert place["name"] == name, message
    lines = data.count(b"\n") + data.count(b"\r") + 1
    assert 1 <= int(place["line"]) <= lines, message
    assert 1 <= int(place["column"]) <= len(data) + 1, message


def _check_types(settings: Settings) -> None:
    """Each plain setting is of the type of its default, and no number is endless."""
    defaults = Settings()
    for section in ("fetch", "store", "fold", "weights", "session", "backup"):
        mine, usual = getattr(settings, section), getattr(defaults, section)
        for one in fields(usual):
            value, default = getattr(mine, one.name), getattr(usual, one.name)
            is_number = isinstance(value, int | float) and isinstance(default, int | float)
            assert default is None or type(value) is type(default) or is_number, (one.name, value)
            assert not isinstance(value, float) or math.isfinite(value), (one.name, value)
            if isinstance(value, str):
                check_line(value, one.name)


def _check_edits(text: str, rules: int, search: str) -> None:
    """Each edit is made and reads back with the comments of the text, or is refused as unsafe."""
    edits: list[Callable[[], str]] = [
        lambda: rulefile.add_rule(text, {"name": "une règle neuve", "match": 'a OR "b c"'}, comment="why"),
        lambda: rulefile.save_search(text, "neuve", "a OR 'b'"),
    ]
    if rules:
        edits.append(lambda: rulefile.edit_rule(text, rules - 1, {"weight": 3, "group": None}))
        edits.append(lambda: rulefile.set_disabled(text, 0, disabled=True))
    comments = {line.strip() for line in text.split("\n") if line.strip().startswith("#")}
    for edit in edits:
        changed = _try_edit(edit)
        if changed is not None:
            assert comments <= {line.strip() for line in changed.split("\n")}, "a comment is lost"
            find_mistakes(changed, name="rules.toml")
    if rules:
        _try_edit(lambda: rulefile.remove_rule(text, 0)[0])
    if search:
        _try_edit(lambda: rulefile.remove_search(text, search))


def _try_edit(edit: Callable[[], str]) -> str | None:
    try:
        return edit()
    except ConfigError as error:
        check_error(error, says="safely")
        return None


@cache
def _places() -> Places:
    home = make_place()
    names = {"config": "config.toml", "rules": "rules.toml", "database": "veille.db", "digests": "digests"}
    return Places(home=home, **{kind: home / name for kind, name in names.items()})
