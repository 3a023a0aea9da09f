"""The right side: a story in full, why it is there, the help, the end, each as blocks to be wrapped.

What comes from feeds is plain text here: cleaned lines, put into `Content` as they are, never read as markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.session.keys import KEYS
from veille.session.paper import LIT_STYLE, Block, cut, line
from veille.session.plan import short_time
from veille.show.phrases import count, local_time, outlets_of, title_of
from veille.show.ranked import LIT, light, list_flags
from veille.text import clean_line, clean_text, strip_markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from veille.app.opening import Opened
    from veille.app.session import Session, Slot
    from veille.model import Story
    from veille.rank.expression import Part
    from veille.rank.yields import Progress

_BLANK = Block(line(("", "")))
# A difference of points that is seen when both are written.
_TELLING = 0.005
_NO_TEXT = "The feed gives no text: f fetches the article, o opens it in the browser."


def tell_story(
    opened: Opened, slot: Slot, *, now: datetime, said: Sequence[str] = (), scored: bool = True
) -> Iterator[Block]:
    """The story: title, where it comes from, text, files, note, sources. `said` is about its text and its score."""
    reading = opened.reading
    story, lead = reading.story, reading.story.lead
    yield from _light(title_of(story), opened, "bold", part="title")
    author = f" · {clean_line(story.author)}" if story.author else ""
    minutes = f" · {short_time(slot.seconds)}"
    yield _say(f"{outlets_of(story)}{author} · {local_time(lead.published_at, now=now)}{minutes}{_flags(slot)}", "dim")
    if lead.url:
        yield _say(clean_line(lead.url), "ansi_blue")
    if opened.back_for:
        yield _say(f"back: {clean_line(opened.back_for)}", "ansi_yellow")
    if story.note:
        yield _say(f"note: {clean_text(story.note)}", "ansi_yellow")
    yield _BLANK
    for one in said:
        yield _say(one, "dim")
    body = clean_text(strip_markup(reading.html)) or clean_text(story.summary)
    for paragraph in filter(None, body.split("\n")):
        yield from _light(paragraph, opened, "", part="text")
        yield _BLANK
    if not body:
        yield _say(_NO_TEXT, "dim")
        yield _BLANK
    for enclosure in reading.enclosures:
        # Nobody reads a picture here, and its address takes the place of the text.
        if enclosure.type.startswith("image/"):
            continue
        yield _say(f"attached: {clean_line(enclosure.type)} {clean_line(enclosure.url)}", "dim")
    yield from _tell_sources(story, now=now)
    if scored:
        yield from _tell_score(opened)


def tell_why(opened: Opened, slot: Slot) -> Iterator[Block]:
    """Why the story is in the plan, and each of its points."""
    yield from _light(title_of(opened.reading.story), opened, "bold", part="title")
    yield _BLANK
    yield _say(f"slot {slot.place + 1}, {short_time(slot.seconds)}: {_tell_reason(slot.why)}", "")
    yield _BLANK
    yield from _tell_score(opened, rows=True)
    if abs(slot.points - opened.reading.score.total) >= _TELLING:
        yield _say(f"{slot.points:.2f} when it was planned: freshness, sources or rules have changed since", "dim")


def tell_nothing(wanted: str) -> Iterator[Block]:
    """What is said in the place of a story when none is left by the filter."""
    yield _say(f"No story says “{clean_line(wanted)}” in its title or outlet: esc shows all.", "")


def tell_help() -> Iterator[Block]:
    """The keys."""
    yield _say("Keys", "bold")
    for key in KEYS:
        if key.does:
            yield Block(line((f"{key.shown:<14}", "bold"), (key.does, "")))


def tell_tail(session: Session, stories: Sequence[Story], *, now: datetime) -> Iterator[Block]:
    """What did not fit, by title, best first; then what was let go."""
    yield _say(f"{count(len(session.tail), 'story', 'stories')} outside the plan", "bold")
    yield _BLANK
    for story in stories:
        yield Block(
            line(
                (title_of(story), ""),
                (f"  {outlets_of(story)} · {local_time(story.lead.published_at, now=now)}{list_flags(story)}", "dim"),
            )
        )
    if len(session.tail) > len(stories):
        yield _say(f"and {len(session.tail) - len(stories)} more: `veille top` lists what is unread", "dim")
    if session.let_go:
        yield _BLANK
        yield _say(session.let_go, "dim")


def tell_end(session: Session, progress: Progress) -> Iterator[Block]:
    """Where the session stands once nothing is left of it, or when it is to be ended."""
    states = [slot.state for slot in session.slots]
    stories = [slot.story for slot in session.slots]
    yield _say("All is read." if not progress.stories_left else "End the session here?", "bold")
    yield _BLANK
    rows = (
        (count(round(progress.elapsed / 60), "minute"), f"of {short_time(session.budget.total_seconds())}"),
        (f"{progress.share * 100:.0f} %", "of the plan's score"),
        (states.count("done"), "read"),
        (sum(story.starred for story in stories), "starred"),
        (sum(bool(story.note) for story in stories), "noted"),
        (sum(story.picked for story in stories), "for the press review"),
        (states.count("later"), "put off to the next session"),
        (states.count("killed"), "hidden"),
        (progress.stories_left, "not read: they stay unread"),
    )
    for number, what in rows:
        if number:
            yield _say(f"{number!s:>10}  {what}", "")
    yield _BLANK
    yield _say("enter or q ends the session · z takes the last back · esc goes back", "dim")


def _tell_sources(story: Story, *, now: datetime) -> Iterator[Block]:
    if len(story.sources) > 1:
        yield _say(count(len(story.sources), "source"), "bold")
        for source in story.sources:
            copy = " (copy)" if source.duplicate_of else ""
            when = local_time(source.published_at, now=now)
            yield _say(f"{clean_line(source.feed)} · {when}{copy} · {clean_line(source.title)}", "")
        yield _BLANK


def _tell_reason(why: str) -> str:
    kind, _, name = why.partition(":")
    told = {
        "pin": "pinned by a rule",
        "later": "put off in an earlier session",
        "score": "for its score",
        "discovery": "a discovery: no rule asks for it",
        "reserve": f"from the time kept for {clean_line(name)}",
        "catch-up": "from the days away",
    }
    return told.get(kind, clean_line(why))


def _tell_score(opened: Opened, *, rows: bool = False) -> Iterator[Block]:
    """What the story's score is made of, in a row each or on one line."""
    reading = opened.reading
    parts = reading.score.largest_first
    yield _say(f"score {reading.score.total:.2f}" + ("" if parts else ": nothing speaks for it"), "bold")
    for part in parts:
        group = f" [{clean_line(part.group)}]" if part.group and rows else ""
        yield _say(f"{part.points:+8.2f}  {clean_line(part.reason)}{group}", "dim" if not rows else "")
    if reading.hidden_by:
        yield _say(f"hidden from lists by the rule “{clean_line(reading.hidden_by)}”", "ansi_red")


def _light(text: str, opened: Opened, style: str, *, part: Part) -> Iterator[Block]:
    """A paragraph, what the rules look for in it lit. A phrase that two portions share is not."""
    language = opened.reading.story.language
    for piece, more in cut(text):
        pieces = light(piece, opened.lit, style, part=part, language=language)
        yield Block(line(*((said, LIT_STYLE if look == LIT else look) for said, look in pieces)), more)


def _flags(slot: Slot) -> str:
    picked = " press review" if slot.story.picked else ""
    return f"{list_flags(slot.story)}{picked}"


def _say(text: str, style: str) -> Block:
    return Block(line((text, style)))
