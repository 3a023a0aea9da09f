"""The figures of an issue as charts: where each bar stands, for the template that draws them as SVG.

Figures in, shapes and the words that say them out. Knows no colour: the page's style has those.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from veille.text import shorten

if TYPE_CHECKING:
    from datetime import date

    from veille.issue import Figures
    from veille.show.wording import Wording

# Units of the drawing: as wide as a narrow phone has pixels, so that its letters are as large as those around it.
WIDTH = 320
_ROW = 36
_MOST_ROWS = 8
_LONGEST_LABEL = 34
_COLUMNS_HEIGHT = 120
_TOP = 20
_BOTTOM = 24
_MOST_DAYS = 14
_LABEL_WIDTH = 56  # of the longest: "mer. 30"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: `figure` is its number in words; `inner` is the height of what is darker in it, for days."""

    label: str
    figure: str
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    inner: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart: `shape` is rows or columns; `said` tells it to those who do not see it."""

    key: str
    shape: str
    title: str
    said: str
    height: int
    bars: tuple[Bar, ...]


def draw_charts(figures: Figures, words: Wording) -> list[Chart]:
    """What there are figures for: one bar alone compares nothing and is not drawn."""
    charts = [
        _draw_days(figures.days[-_MOST_DAYS:], words),
        _draw_rows("outlets", figures.outlets, words),
        _draw_rows("groups", figures.groups, words),
        _draw_rows("minutes", figures.minutes, words),
    ]
    return [chart for chart in charts if len(chart.bars) > 1]


def _draw_rows(key: str, pairs: tuple[tuple[str, int], ...], words: Wording) -> Chart:
    shown = [(label, number) for label, number in pairs[:_MOST_ROWS] if number > 0]
    most = max((number for _, number in shown), default=1)
    bars = tuple(
        Bar(
            label=shorten(label or words.say("untitled"), _LONGEST_LABEL),
            figure=words.number(number),
            y=row * _ROW,
            width=_round(WIDTH * number / most),
        )
        for row, (label, number) in enumerate(shown)
    )
    said = "; ".join(f"{bar.label} {bar.figure}" for bar in bars)
    return Chart(key=key, shape="rows", title=words.say(key), said=said, height=_ROW * len(bars), bars=bars)


def _draw_days(days: tuple[tuple[date, int, int], ...], words: Wording) -> Chart:
    most = max((max(entries, stories) for _, entries, stories in days), default=0)
    if not most:
        days, most = (), 1
    step = WIDTH / max(1, len(days))
    every = ceil(_LABEL_WIDTH / step)
    bars = tuple(
        Bar(
            label=words.short_day(day) if (len(days) - 1 - place) % every == 0 else "",
            figure=words.number(entries),
            x=_round(place * step + step * 0.1),
            y=_round(_TOP + _COLUMNS_HEIGHT * (1 - entries / most)),
            width=_round(step * 0.8),
            height=_round(_COLUMNS_HEIGHT * entries / most),
            inner=_round(_COLUMNS_HEIGHT * stories / most),
        )
        for place, (day, entries, stories) in enumerate(days)
    )
    said = "; ".join(
        f"{words.day(day)}: {words.count(entries, 'entry')}, {words.count(stories, 'story')}"
        for day, entries, stories in days
    )
    height = _TOP + _COLUMNS_HEIGHT + _BOTTOM
    return Chart(key="days", shape="columns", title=words.say("days"), said=said, height=height, bars=bars)


def _round(number: float) -> float:
    return round(number, 1)
