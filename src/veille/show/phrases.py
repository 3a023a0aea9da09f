"""Short phrases about stories that every output shares: plain text, local times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.rank.score import outlet_of
from veille.text import clean_line, shorten
from veille.times import format_duration

if TYPE_CHECKING:
    from datetime import datetime

    from veille.model import Score, Story

NO_TITLE = "(no title)"
# Titles listed at the end of a digest: beyond that nobody reads them, and files swell.
MOST_LEFT_OUT = 200


def title_of(story: Story) -> str:
    """The lead's title; the first words of its summary when it has none."""
    return clean_line(story.lead.title) or shorten(clean_line(story.summary), 80) or NO_TITLE


def outlets_of(story: Story) -> str:
    """The lead's outlet and how many more: `Le Monde +2`."""
    others = len({outlet_of(source) for source in story.sources}) - 1
    return clean_line(story.lead.feed) + (f" +{others}" if others else "")


def count(number: int, what: str, many: str = "") -> str:
    """`1 feed`, `2 feeds`, `3 entries`."""
    return f"{number} {what if number == 1 else many or what + 's'}"


def why_of(score: Score) -> str:
    """One line: each contribution with its points, the largest first."""
    parts = score.largest_first
    return " · ".join(f"{part.points:+.2f} {clean_line(part.reason)}" for part in parts) or "nothing speaks for it"


def folder_of(folder: str) -> str:
    """A folder's path as it is typed: a slash inside a name, stored as U+2215, is one."""
    return clean_line(folder).replace("\u2215", "/")


def local_time(moment: datetime, *, now: datetime) -> str:
    """`08:12` today, `Thu 08:12` within a week, else `2026-11-20`."""
    local, today = moment.astimezone(), now.astimezone()
    if local.date() == today.date():
        return local.strftime("%H:%M")
    if abs((today.date() - local.date()).days) < 7:  # noqa: PLR2004 - a week
        return local.strftime("%a %H:%M")
    return local.strftime("%Y-%m-%d")


def until(moment: datetime, *, now: datetime) -> str:
    """How long from now: `in 12 min`, `now`."""
    return f"in {format_duration(moment - now)}" if moment > now else "now"
