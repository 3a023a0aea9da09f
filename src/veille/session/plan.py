"""The left side: the slots of the plan as lines, with the time of each and what has become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.session.paper import line, settle
from veille.show.phrases import outlets_of, title_of
from veille.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.content import Content

    from veille.app.session import Session, Slot
    from veille.rank.yields import Progress

_STATES = {"todo": " ", "done": "✓", "later": "→", "killed": "×"}
_MINUTE, _HOUR = 60, 3600
# From this width on there is room for outlets.
_WIDE = 56
_OUTLET = 18
# Cells for what the user made of a story: "+" stands for more of it.
_FLAGS = 2


def short_time(seconds: float) -> str:
    """`45s`, `3m`, `1h05`: as short as a column asks for."""
    if seconds < _MINUTE:
        return f"{max(0, round(seconds))}s"
    minutes = int(seconds / _MINUTE + 0.5)
    return f"{minutes}m" if minutes < _MINUTE else f"{minutes // 60}h{minutes % 60:02}"


def slot_line(slot: Slot, *, width: int, current: bool) -> Content:
    """One story: the mark of the one in hand, its state, what the user made of it, its time, its title."""
    story = slot.story
    made = (story.starred, "★"), (story.picked, "d"), (bool(story.note), "n"), (slot.why == "pin", "▲")
    flags = "".join(sign for so, sign in made if so)
    if len(flags) > _FLAGS:
        flags = flags[: _FLAGS - 1] + "+"
    gone = slot.state != "todo"
    head = f"{'>' if current else ' '}{_STATES[slot.state]}{flags:<{_FLAGS}}{short_time(slot.seconds):>4} "
    style = "bold reverse" if current else "dim" if gone else ""
    outlet = outlets_of(story) if width >= _WIDE else ""
    room = width - len(head) - (_OUTLET + 1 if outlet else 0)
    title = line((title_of(story), "")).truncate(room, ellipsis=True, pad=True)
    parts = line((head, "")) + title
    if outlet:
        parts += line((" ", "")) + line((outlet, "")).truncate(_OUTLET, ellipsis=True, pad=True)
    return parts.stylize(style) if style else parts


def tell_rest(session: Session, *, width: int) -> list[Content]:
    """What the plan left out, below the last slot."""
    said = [f"{len(session.tail)} more do not fit: T lists them"] if session.tail else []
    said += [session.let_go] if session.let_go else []
    wrapped = [part for text in said for part in line((text, "dim")).wrap(max(2, width))]
    return [line(("", "")), *wrapped] if wrapped else []


def clock_line(progress: Progress, *, budget: float, width: int, paused: bool, rest: float) -> Content:
    """`47 min, 62 % of the score, 11 left`, and at the right what remains of the time."""
    stories = "nothing left" if not progress.stories_left else f"{progress.stories_left} left"
    left = f" {int(progress.elapsed // _MINUTE)} min, {progress.share * 100:.0f} % of the score, {stories}"
    left += " · paused" if paused else ""
    # Rounded up to the budget at the start, and "0 min left" only in the last seconds.
    minutes = -int(-progress.left // _MINUTE) if progress.left >= 0 else -int(progress.left // _MINUTE)
    right = f"{_within(minutes, budget)} left" if progress.left >= 0 else f"{minutes} min over"
    late = f", the rest takes {short_time(rest)}" if progress.late and progress.stories_left else ""
    for tail in (late, ""):
        gap = width - len(left) - len(right) - len(tail) - 1
        if gap > 0:
            return line((left + " " * gap + right + tail + " ", "bold reverse"))
    return line((left, "bold reverse")).truncate(width, pad=True)


def _within(minutes: int, budget: float) -> str:
    """`9 of 45 min`, `0h58 of 1h45`: both in one unit."""
    if budget < _HOUR:
        return f"{minutes} of {round(budget / _MINUTE)} min"
    return f"{minutes // 60}h{minutes % 60:02} of {short_time(budget)}"


def stay_in_filter(session: Session, wanted: str) -> None:
    """With a filter, the story in hand is one that it leaves; the next to do if there is one."""
    chosen = choose_slots(session.slots, wanted)
    if not chosen or session.place in chosen:
        return
    todo = [index for index in chosen if session.slots[index].state == "todo"] or chosen
    session.place = next((index for index in todo if index > session.place), todo[0])


def choose_slots(slots: Sequence[Slot], wanted: str) -> list[int]:
    """The indexes of the slots that say what is wanted in their title or outlet; of all when nothing is."""
    words = fold(wanted).split()
    if not words:
        return list(range(len(slots)))
    texts = [fold(settle(f"{title_of(slot.story)} {outlets_of(slot.story)} {slot.why}")) for slot in slots]
    return [index for index, text in enumerate(texts) if all(word in text for word in words)]
