"""Expressions as SQL that selects the ids of matching entries.

Text is asked of the indexes first, as much at once as one of them can answer; what is known of an entry is then asked
of what they found. Parts that SQL must put together are named one after the other (WITH): selections inside selections
exceed SQLite's depth within fifty parentheses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from veille.rank.expression import Both, Either, Filter, Near, Pattern, Term, list_leaves
from veille.store.conditions import write_filter, write_set
from veille.store.fulltext import WRITTEN, index_of, match_text, needs_reading, relax
from veille.store.functions import write_near
from veille.store.passes import is_indexed, scope_to_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from veille.model import MatchField
    from veille.rank.expression import Expression, FilterName, Leaf, Part

_Value = str | int
_Item = TypeVar("_Item")
_MOST_AT_ONCE = 100  # SQLite combines 500 selections and nests 1000 conditions at most
_DEEPEST = 8
_NO_BOUND = (1 << 63) - 1
# Filters that can lead, the narrowest first.
_NARROW: tuple[FilterName, ...] = ("feed", "is", "sources", "since", "folder", "before")
# What is asked of a pattern and of a nearness by part: what is short is read first.
_HTML = "(SELECT html FROM contents WHERE entry_id = e.id)"
_PATTERNS: dict[Part | None, tuple[str, ...]] = {
    "title": ("in_title(?, e.title)",),
    "text": (f"in_body(?, e.summary, {_HTML})",),
    "author": ("in_title(?, e.author)",),
    None: ("in_title(?, e.title)", f"in_body(?, e.summary, {_HTML})"),
}
_NEARS: dict[Part | None, tuple[str, ...]] = {
    "title": ("near_in_title(?, e.title, e.language)",),
    "text": (f"near_in_body(?, e.summary, {_HTML}, e.language)",),
    None: ("near_in_title(?, e.title, e.language)", f"near_in_body(?, e.summary, {_HTML}, e.language)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """From when, and at which entries: ids from `low` to `high`, and those of `among` (JSON) where it is given."""

    now: datetime | None = None
    low: int | None = None
    high: int | None = None
    among: str = ""


def select_matching(
    expression: Expression, *, only: MatchField | None = None, look: Look | None = None
) -> tuple[str, list[_Value]]:
    """SQL, with its parameters, that selects the ids of matching entries as `rowid`.

    With `only="title"` wanted words that name no part must stand in the title; words left out count everywhere.
    """
    writer = _Writer(look or Look())
    last = writer.select(scope_to_title(expression) if only == "title" else expression)
    steps = ", ".join(f"step{number} (rowid) AS ({step.text})" for number, step in enumerate(writer.steps))
    values = [value for step in writer.steps for value in step.values]
    return (f"WITH {steps} {last.text}" if steps else last.text), [*values, *last.values]


@dataclass(frozen=True, slots=True)
class _Sql:
    """A piece of SQL with its parameters; `entry` when it speaks of the entry `e`."""

    text: str
    values: list[_Value] = field(default_factory=list)
    entry: bool = False


@dataclass(frozen=True, slots=True)
class _Source:
    """Where entries come from, as `m`, and under which condition."""

    table: str
    where: str
    values: list[_Value] = field(default_factory=list)


class _Writer:
    """Selections for one look, and the steps that they name."""

    def __init__(self, look: Look) -> None:
        self.steps: list[_Sql] = []
        self._look = look

    def select(self, expression: Expression) -> _Sql:
        """What selects the entries of an expression."""
        match expression:
            case _ if index_of(expression):
                return self._narrow(self._ask_index(expression), [])
            case Either(parts):
                return self._unite([self.select(part) for part in _gather(parts, Either)])
            case Both(wanted, unwanted):
                return self._select_both(wanted, unwanted)
            case _:
                return self._select_both((expression,), ())

    def _select_both(self, wanted: Sequence[Expression], unwanted: Sequence[Expression]) -> _Sql:
        """One part leads, the others are asked of what it finds."""
        parts = _gather(_open(wanted), Both)
        # What is looked for as it is written is rarer than what may stand there in any form.
        leads = sorted((part for part in parts if _can_lead(part)), key=lambda part: index_of(part) != WRITTEN)
        lead = leads[0] if leads else self._find_set(parts)
        tests = [(part, self._test_led(part) if lead else self._test(part)) for part in parts if part is not lead]
        tests += [(part, _deny(self._test(_close(part)))) for part in _gather(unwanted, Either)]
        # What calls Python comes last: the most has been left out by then.
        tests.sort(key=lambda one: any(map(_is_slow, list_leaves(one[0]))))
        # Once a pattern has had its time, what leads is gone over without reading entries.
        tests[:0] = [(part, _Sql("is_open(?)", [_key(part)])) for part in parts if needs_reading(part)]
        if lead is None:
            return self._narrow(None, [test for _, test in tests])
        source = self._ask_index(lead) if index_of(lead) else _Source(f"{self._step(lead)} AS m", "true")
        return self._narrow(source, [test for _, test in tests])

    def _find_set(self, parts: Sequence[Expression]) -> Filter | None:
        """The filter that leads where no text does: the entries of all others would be read."""
        filters = [part for part in parts if isinstance(part, Filter) and self._write_set(part)]
        return min(filters, key=lambda one: _NARROW.index(one.name), default=None)

    def _write_set(self, expression: Expression) -> _Sql | None:
        """All ids that pass a filter, where that is less than reading the entries of this look."""
        if not isinstance(expression, Filter):
            return None
        found = write_set(expression, self._look.now)
        everywhere = not self._look.among and self._look.low is None and self._look.high is None
        return _Sql(*found) if found and everywhere else None

    def _test_led(self, expression: Expression) -> _Sql:
        """Of what has been found, no entry is read for a filter that small indexes answer."""
        found = self._write_set(expression)
        return _Sql(f"+@id IN ({found.text})", found.values) if found else self._test(expression)

    def _ask_index(self, expression: Expression) -> _Source:
        index = index_of(expression)
        bounds, values = self._bound("m.rowid")
        return _Source(f"{index} AS m", f"m.{index} MATCH ?{bounds}", [match_text(expression), *values])

    def _narrow(self, source: _Source | None, tests: Sequence[_Sql]) -> _Sql:
        """A selection from a source, or from all entries, of what passes the tests."""
        among = [self._look.among] if self._look.among else []
        if source is None:
            found, (bounds, values) = "e.id", self._bound("e.id")
            table = "json_each(?) AS j CROSS JOIN entries AS e ON e.id = j.value" if among else "entries AS e"
            source = _Source(table, f"true{bounds}", [*among, *values])
        else:
            found = "m.rowid"
            joined = " CROSS JOIN entries AS e ON e.id = m.rowid" if any(test.entry for test in tests) else ""
            # The sign keeps SQLite from asking the index once for each.
            inside = " AND +m.rowid IN (SELECT value FROM json_each(?))" if among else ""
            source = _Source(f"{source.table}{joined}", f"{source.where}{inside}", [*source.values, *among])
        selection = f"SELECT {found} AS rowid FROM {source.table} WHERE {source.where}"
        if not tests:
            return _Sql(selection, source.values)
        passed = _join("AND", tests)
        return _Sql(f"{selection} AND {passed.text.replace('@id', found)}", source.values + passed.values)

    def _bound(self, column: str) -> tuple[str, list[_Value]]:
        if self._look.low is None and self._look.high is None:
            return "", []
        high = _NO_BOUND if self._look.high is None else self._look.high
        return f" AND {column} BETWEEN ? AND ?", [self._look.low or 0, high]

    def _unite(self, selections: list[_Sql]) -> _Sql:
        while len(selections) > 1:
            named = [f"SELECT rowid FROM {self._name(one)}" for one in selections]
            selections = [_Sql(" UNION ".join(group)) for group in _chunk(named)]
        return selections[0]

    def _test(self, expression: Expression, depth: int = 0) -> _Sql:
        """A condition on an entry that has been found; `@id` stands for its id."""
        if depth > _DEEPEST or is_indexed(expression):
            found = f"+@id IN (SELECT rowid FROM {self._step(expression)})"
            keys = [_key(leaf) for leaf in list_leaves(expression) if needs_reading(leaf)]
            # What a pattern that was stopped has not found is not known.
            unknown = f"CASE WHEN {found} THEN 1 WHEN {' AND '.join(['is_open(?)'] * len(keys))} THEN 0 END"
            return _Sql(unknown, list(keys)) if keys else _Sql(found)
        match expression:
            case Filter():
                return _Sql(*write_filter(expression, self._look.now), entry=True)
            case Pattern(part=part):
                return _ask_guarded(_PATTERNS[part], _key(expression))
            case Near(part=part):
                return _ask_guarded(_NEARS[part], _key(expression))
            case Either(parts):
                return _join("OR", [self._test(_close(part), depth + 1) for part in _gather(parts, Either)])
            case Both(wanted, unwanted):
                kept = [self._test(part, depth + 1) for part in _gather(_open(wanted), Both)]
                left_out = [_deny(self._test(_close(part), depth + 1)) for part in _gather(unwanted, Either)]
                return _join("AND", [*kept, *left_out])
            case Term():
                raise AssertionError("a term belongs to one index")

    def _step(self, expression: Expression) -> str:
        """The name of the step that selects an expression."""
        if index_of(expression):
            source = self._ask_index(expression)
            return self._name(_Sql(f"SELECT m.rowid FROM {source.table} WHERE {source.where}", source.values))
        return self._name(self._write_set(expression) or self.select(expression))

    def _name(self, selection: _Sql) -> str:
        self.steps.append(selection)
        return f"step{len(self.steps) - 1}"


def _join(operator: str, tests: Sequence[_Sql]) -> _Sql:
    """Conditions put together, a hundred at a time: SQLite nests a long row of them as deep as it is long."""
    while len(tests) > 1:
        tests = [
            _Sql(
                f"({f' {operator} '.join(test.text for test in group)})",
                [value for test in group for value in test.values],
                any(test.entry for test in group),
            )
            for group in _chunk(tests)
        ]
    return tests[0]


def _key(leaf: Near | Pattern) -> str:
    return leaf.text if isinstance(leaf, Pattern) else write_near(leaf)


def _ask_guarded(calls: tuple[str, ...], value: str) -> _Sql:
    """Nothing of an entry is read for what has had its time: it is not known then (NULL), and nor is its contrary."""
    return _Sql(f"CASE WHEN is_open(?) THEN ({' OR '.join(calls)}) END", [value] * (1 + len(calls)), entry=True)


def _deny(test: _Sql) -> _Sql:
    return _Sql(f"NOT {test.text}", test.values, test.entry)


def _open(wanted: Iterable[Expression]) -> Iterator[Expression]:
    """The parts that must all be there, those of parts included; before a slow one, what the indexes know of it."""
    for part in wanted:
        if isinstance(part, Both) and not part.unwanted and not index_of(part):
            yield from _open(part.wanted)
            continue
        if needs_reading(part):
            yield from relax(part)
        yield part


def _close(part: Expression) -> Expression:
    """A slow leaf as one that its own words come before."""
    return Both((part,)) if needs_reading(part) and relax(part) else part


def _can_lead(expression: Expression) -> bool:
    """Whether the indexes alone can tell which entries may match."""
    match expression:
        case Both(wanted, _):
            return any(map(_can_lead, wanted))
        case Either(parts):
            return all(map(_can_lead, parts))
        case Near() | Pattern():
            return bool(index_of(expression))
        case _:
            return isinstance(expression, Term)


def _is_slow(leaf: Leaf) -> bool:
    return needs_reading(leaf) or (isinstance(leaf, Filter) and leaf.name in {"tag", "site", "sources"})


def _gather(parts: Iterable[Expression], kind: type[Both | Either]) -> list[Expression]:
    """The same parts with those that one index can answer put together, so that it is asked once."""
    by_index: dict[str, list[Expression]] = {}
    mixed: list[Expression] = []
    for part in parts:
        index = index_of(part)
        if index and index_of(kind((part, part))):
            by_index.setdefault(index, []).append(part)
        else:
            mixed.append(part)
    return [*(group[0] if len(group) == 1 else kind(tuple(group)) for group in by_index.values()), *mixed]


def _chunk(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    return (items[start : start + _MOST_AT_ONCE] for start in range(0, len(items), _MOST_AT_ONCE))
