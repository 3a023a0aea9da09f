"""Watch sessions as text: the plan as a list, where one stands, what came of it, one story for line by line reading."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from veille.show.phrases import MOST_LEFT_OUT, count, local_time, outlets_of, title_of
from veille.show.ranked import Line
from veille.show.records import ranked_record
from veille.text import clean_line, clean_text, shorten, strip_markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from veille.model import Ranked, Reading, Source, Story
    from veille.rank.plan import SessionPlan, Slot
    from veille.rank.yields import Progress, Summary, Yield

# Columns before a title: rank and time, or a dash; the least of a title, and the most where no terminal limits it.
_INDENT, _DASH, _LEAST, _LONGEST = 14, 4, 20, 200
_MINUTE, _HOUR = 60, 3600
_WHY = {"pin": "pinned", "later": "put off to now", "catch-up": "caught up", "discovery": "discovery", "score": ""}
_MOST_RULES = 10


def tell_plan(
    plan: SessionPlan, *, now: datetime, crowded: str = "", let_go: str = "", width: int | None = None
) -> Iterator[Line]:
    """The stories to read with the time of each, then what does not fit by title, what is crowded out, and let go.

    Titles are clipped to a terminal of so many columns; without one, to what a person may read.
    """
    for place, slot in enumerate(plan.slots, 1):
        head = f"{place:>4}  {span_of(slot.seconds):>6}"
        title = _clip(_title(slot.ranked), width - _INDENT if width else None)
        yield Line(((head, "dim"), ("  ", ""), (title, "bold")), _INDENT)
        said = [outlets_of(slot.ranked.story), _tell_times(slot.ranked.story, now=now)]
        said += [f"id {slot.ranked.story.id}", *filter(None, [tell_why(slot.why)])]
        yield Line(((" " * _INDENT + " · ".join(said), "dim"),), _INDENT)
    yield from _tell_titles(f"{count(len(plan.tail), 'story does', 'stories do')} not fit", plan.tail, width=width)
    yield from _tell_titles(crowded, plan.crowded, width=width)
    if let_go:
        yield Line((("", ""),))
        yield Line(((let_go, "yellow"),), 2)


def plan_record(plan: SessionPlan) -> list[dict[str, Any]]:
    """The stories to read: `session --plan --json`, each with its place, its seconds and what it was chosen for."""
    return [_slot_record(place, slot) for place, slot in enumerate(plan.slots, 1)]


def tell_why(why: str) -> str:
    """What a slot was chosen for, "" when it is its score alone."""
    kind, _, name = why.partition(":")
    return f"reserve of {clean_line(name)}" if kind == "reserve" else _WHY.get(why, clean_line(why))


def tell_progress(progress: Progress) -> str:
    """`47 min, 62 % of the score, 11 left`."""
    return f"{span_of(progress.elapsed)}, {progress.share:.0%} of the score, {progress.stories_left} left".replace(
        "%", " %"
    )


def tell_summary(summary: Summary) -> list[str]:
    """What came of a session, a line each, and the command to type next."""
    done = f"{summary.minutes} min of {summary.budget_minutes}, {count(summary.read, 'story', 'stories')} read"
    marks = {
        "starred": summary.starred,
        "noted": summary.noted,
        "picked for the press review": summary.picked,
        "opened": summary.opened,
        "tagged": summary.tagged,
        "killed": summary.killed,
        "put off": summary.later,
    }
    lines = [f"session over: {done}, {summary.share:.0%} of the score".replace("%", " %")]
    told = [f"{number} {what}" for what, number in marks.items() if number]
    if told:
        lines.append(", ".join(told))
    if summary.stories_left:
        lines.append(f"{count(summary.stories_left, 'story stays', 'stories stay')} unread")
    lines += [tell_yield(one) for one in summary.rules[:_MOST_RULES]]
    if summary.trouble:
        lines.append(clean_line(summary.trouble))
    return [*lines, f"what is kept goes into a digest: {summary.hint}"]


def tell_yield(one: Yield) -> str:
    """`BDM: 22 min, 1 kept`."""
    return f"{clean_line(one.name)}: {span_of(one.seconds)}, {one.kept} kept"


def tell_reading(reading: Reading, *, now: datetime, seconds: float, marks: str = "") -> Iterator[str]:
    """A story line by line, without columns or colours, for whoever listens to it."""
    story = reading.story
    yield title_of(story)
    said = [outlets_of(story), local_time(story.lead.published_at, now=now), f"about {span_of(seconds)}", marks]
    yield ", ".join(filter(None, said))
    yield from (clean_text(strip_markup(reading.html)) or clean_text(story.summary) or "(no text)").splitlines()
    for source in story.sources[1:]:
        yield f"also {_source(source)}"
    if story.note:
        yield f"note: {clean_line(story.note)}"


def span_of(seconds: float) -> str:
    """`45 s`, `12 min`, `1h05`."""
    if seconds < _MINUTE:
        return f"{round(max(seconds, 0.0))} s"
    if seconds < _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    minutes = timedelta(seconds=seconds) // timedelta(minutes=1)
    return f"{minutes // 60}h{minutes % 60:02}"


def span_within(seconds: float, whole: float) -> str:
    """`9 min of 45 min`, `0h09 of 1h45`: both in the unit of the whole."""
    if whole < _HOUR:
        return f"{span_of(seconds)} of {span_of(whole)}"
    minutes = round(seconds / _MINUTE)
    return f"{minutes // 60}h{minutes % 60:02} of {span_of(whole)}"


def _tell_titles(head: str, stories: Sequence[Ranked], *, width: int | None) -> Iterator[Line]:
    """What is left out for one reason, by title, the first of it; nothing where there is none."""
    if not stories:
        return
    yield Line((("", ""),))
    yield Line(((f"{head}:", "bold"),))
    for one in stories[:MOST_LEFT_OUT]:
        rest = f" · {outlets_of(one.story)} · id {one.story.id}"
        yield Line(((f"  - {_clip(_title(one), width - len(rest) - _DASH if width else None)}{rest}", ""),), _DASH)
    if len(stories) > MOST_LEFT_OUT:
        yield Line(((f"  and {len(stories) - MOST_LEFT_OUT} more: `veille top -n 999` lists them", "dim"),), 2)


def _clip(title: str, width: int | None) -> str:
    """A title on one line."""
    if width is None:
        return shorten(title, _LONGEST)
    # What is only printed to a file does without rich.
    from rich.text import Text

    clipped = Text(title)
    clipped.truncate(max(width, _LEAST), overflow="ellipsis")
    return clipped.plain


def _tell_times(story: Story, *, now: datetime) -> str:
    """When the lead was published; of how many sources it is one, and when the last of them came."""
    lead = local_time(story.lead.published_at, now=now)
    if len(story.sources) == 1:
        return lead
    last = local_time(max(source.published_at for source in story.sources), now=now)
    return f"{lead}, {len(story.sources)} sources" + (f", the last {last}" if last != lead else "")


def _slot_record(place: int, slot: Slot) -> dict[str, Any]:
    return ranked_record(slot.ranked) | {"place": place, "seconds": round(slot.seconds, 1), "chosen_for": slot.why}


def _title(one: Ranked) -> str:
    return title_of(one.story)


def _source(source: Source) -> str:
    return f"{clean_line(source.feed)}: {clean_line(source.title)}"
