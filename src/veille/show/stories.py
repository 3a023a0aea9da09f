"""One story's sources for a terminal: who was first and by how much, then all by date, copies under their original."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.text import Text

from veille.rank.coverage import find_originals
from veille.show.phrases import count, local_time, title_of
from veille.show.terminal import print_wrapped
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from rich.console import Console

    from veille.model import Source, Story
    from veille.rank.coverage import Coverage

_MOST_ROWS = 10
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def print_coverage(console: Console, story: Story, coverage: Coverage, *, now: datetime) -> None:
    """The story's title, how it spread, then a line or more for each source."""
    print_wrapped(console, title_of(story), "", "bold")
    told = [f"story {story.id}", count(len(story.sources), "source"), *_tell_first(coverage)]
    if coverage.spread:
        told.append(f"{span_of(coverage.spread)} from first to last")
    print_wrapped(console, " · ".join(told), "", "dim")
    console.print()
    originals = find_originals(story)
    for source in coverage.rows:
        is_copy = source.entry_id in originals
        after = source.published_at - coverage.first.published_at
        when = f"  {local_time(source.published_at, now=now):>10}  {f'+{span_of(after)}' if after else '':<14}"
        indent = " " * (len(when) + 4 * is_copy)
        line = f"{'copy · ' * is_copy}{clean_line(source.feed)}: {clean_line(source.title)}"
        parts = textwrap.wrap(
            f"{line}  id {source.entry_id}{_role(source, story)}",
            max(20 + len(indent), console.width),
            initial_indent=when + " " * 4 * is_copy,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        for part in parts:
            console.print(Text(part, "dim" * is_copy), soft_wrap=True)


def print_split(console: Console, stays: Story, made: Story) -> None:
    """What left, by source, and what stays."""
    console.print(f"split off as story {made.id}, {count(len(made.sources), 'source')}:")
    rows = sorted(made.sources, key=lambda source: source.entry_id)
    _print_rows(console, [f"{one.entry_id} {clean_line(one.feed)}: {clean_line(one.title)}" for one in rows])
    rest = count(len(stays.sources), "source")
    print_wrapped(console, f"story {stays.id} stays, {rest}: {title_of(stays)}", "", "")


def print_merge(console: Console, whole: Story, gone: Sequence[Story]) -> None:
    """The story that is now one, and what joined it."""
    print_wrapped(console, f"story {whole.id}, now of {count(len(whole.sources), 'source')}: {title_of(whole)}", "", "")
    console.print("joined by:")
    _print_rows(console, [f"{one.id} {title_of(one)}" for one in gone])


def _print_rows(console: Console, rows: Sequence[str]) -> None:
    for row in rows[:_MOST_ROWS]:
        print_wrapped(console, row, "  ", "")
    if len(rows) > _MOST_ROWS:
        console.print(f"  and {len(rows) - _MOST_ROWS} more")


def span_of(span: timedelta) -> str:
    """In its two largest units: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`."""
    seconds = int(span.total_seconds())
    for (size, unit), (part, small) in zip(_UNITS, (*_UNITS[1:], (1, "s")), strict=True):
        if seconds >= size:
            rest = seconds % size // part
            return f"{seconds // size} {unit}" + (f" {rest} {small}" if rest and unit != "min" else "")
    return f"{seconds} s"


def _tell_first(coverage: Coverage) -> list[str]:
    first, second = clean_line(coverage.first.feed), coverage.second
    if second is None:
        return []
    other = clean_line(second.feed)
    if not coverage.ahead:
        return [f"{coverage.outlets} outlets", f"{first} and {other} first, at once"]
    return [f"{coverage.outlets} outlets", f"{first} first, {span_of(coverage.ahead)} before {other}"]


def _role(source: Source, story: Story) -> str:
    return ", the lead" if source is story.lead and len(story.sources) > 1 else ""
