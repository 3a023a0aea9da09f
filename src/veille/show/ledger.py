"""The books of the sessions as text and as JSON: minutes against what was kept, by rule, group and feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size

from veille.show.phrases import count
from veille.show.session import span_of
from veille.text import clean_line
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veille.rank.yields import Ledger, Yield

_NAME, _MOST = 32, 20
_NOTHING = {"rule": "(no rule)", "group": "(no group)", "feed": "(no feed)"}


def tell_ledger(ledger: Ledger) -> Iterator[str]:
    """The sessions of the period, then a table each for rules, groups and feeds, the dearest first."""
    total = ledger.shares.total
    since = f"{ledger.since.astimezone():%Y-%m-%d}"
    yield f"since {since}: {count(ledger.sessions, 'session')}, {span_of(ledger.seconds)}, {total.kept} kept"
    yield f"{count(ledger.streak, 'day')} in a row"
    if ledger.speeds:
        speeds = ", ".join(f"{clean_line(one) or 'others'} {pace:.0f}" for one, pace in sorted(ledger.speeds.items()))
        yield f"words a minute, learned: {speeds}"
    for what, rows in (("rule", ledger.shares.rules), ("group", ledger.shares.groups), ("feed", ledger.shares.feeds)):
        # Where no rule has a group, the table of groups would say nothing.
        if any(one.name for one in rows):
            yield ""
            yield from _table(what, rows)


def ledger_record(ledger: Ledger) -> dict[str, Any]:
    """`ledger --json`."""
    shares = ledger.shares
    return {
        "since": to_stored(ledger.since),
        "sessions": ledger.sessions,
        "seconds": round(ledger.seconds),
        "streak_days": ledger.streak,
        "words_a_minute": {language: round(pace, 1) for language, pace in sorted(ledger.speeds.items())},
        "total": _record(shares.total),
        "rules": [_record(one) for one in shares.rules],
        "groups": [_record(one) for one in shares.groups],
        "feeds": [_record(one) for one in shares.feeds],
    }


def _table(what: str, rows: Sequence[Yield]) -> Iterator[str]:
    yield f"{what:<{_NAME}}  {_columns('time', 'stories', 'kept', 'stars', 'notes', 'picks', 'opened')}"
    for one in rows[:_MOST]:
        figures = (one.stories, one.kept, one.starred, one.noted, one.picked, one.opened)
        yield f"{_fit(clean_line(one.name) or _NOTHING[what])}  {_columns(span_of(one.seconds), *figures)}"
    if len(rows) > _MOST:
        yield f"and {len(rows) - _MOST} more: --json has all"


def _columns(*cells: object) -> str:
    return "".join(f"{cell!s:>8}" for cell in cells)


def _fit(name: str) -> str:
    """The name on so many columns, however wide its letters are."""
    return set_cell_size(name, _NAME) if cell_len(name) <= _NAME else f"{set_cell_size(name, _NAME - 1)}…"


def _record(one: Yield) -> dict[str, Any]:
    return {
        "name": one.name,
        "seconds": round(one.seconds),
        "stories": one.stories,
        "kept": one.kept,
        "starred": one.starred,
        "noted": one.noted,
        "picked": one.picked,
        "opened": one.opened,
    }
