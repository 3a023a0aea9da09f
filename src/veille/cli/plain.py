"""A session line by line: a story is told, a letter is typed, for screen readers, pipes and terminals that cannot draw.

Nothing is drawn and no line is ever changed once it is written.
"""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from veille.app.home import read_clock
from veille.app.offering import apply_rule, tell_reach
from veille.app.session import act, finish, leave, load_reading, offer_rule, open_session, survey, tick, undo
from veille.errors import UnknownError, UsageError, VeilleError
from veille.show.phrases import title_of, why_of
from veille.show.session import span_of, tell_progress, tell_reading, tell_summary, tell_why
from veille.text import clean_line, fold
from veille.urls import is_web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from veille.app.home import Home
    from veille.app.session import Action, Session, Slot

_HELP = """\
enter  done: mark read and go on        j, k  next and previous story, nothing marked
a      tell the story again             g 12  go to story 12; / word: to the next title with that word
s      star, or take the star away      n text  note; n alone takes it away
r, u   read, unread                     t word  tag; t -word takes it away
x      kill: hide it for good           xx    the rule that would hide its like; xx EXPR: write that rule
l      later: in the next session       d     pick for the press review, or not
o      open in the browser              f     fetch and tell the full text
w      why it ranks                     c     the clock
p      the plan                         z     undo the last action
+, -   move the story down, up          q     leave, to go on later; e: end the session
Type the letter, then enter."""
_SIMPLE: dict[str, Action] = {"": "done", "r": "read", "u": "unread", "l": "later", "d": "pick"}
_WITH_TEXT: dict[str, Action] = {"n": "note", "t": "tag"}
_MOVES = {"+": "down", "-": "up"}


@dataclass(slots=True)
class _Reader:
    """Where the reader is: the story that was told last, and whether that is over."""

    session: Session
    told: int = 0
    over: bool = False

    @property
    def slot(self) -> Slot:
        return self.session.slots[self.session.place]


def read_plainly(home: Home, *, budget: timedelta | None, fresh: bool) -> None:
    """A whole session by lines of standard input; its end leaves the session, to be resumed."""
    session = open_session(home, budget=budget, fresh=fresh)
    reader = _Reader(session)
    try:
        _tell_beginning(session)
        while not reader.over and session.slots:
            _tell_notices(session)
            if reader.slot.story_id != reader.told:
                _tell_story(reader)
                # What was in hand may have gone: the next one, if there is one, is told before anything is asked.
                continue
            line = _ask(reader)
            if line is None:
                break
            _obey(reader, line)
    finally:
        if not reader.over:
            leave(session)
            _tell_notices(session)
            goes_on = "left: `veille session --plain` goes on here"
            typer.echo(goes_on if session.slots else "nothing of the plan is left: `veille session` plans another")


def _ask(reader: _Reader) -> str | None:
    """The next line, None at the end of input; the time until it came is counted for the story."""
    typer.echo("> ", nl=False)
    sys.stdout.flush()
    story_id, begun = reader.slot.story_id, time.monotonic()
    line = sys.stdin.readline().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    with _telling():
        tick(reader.session, time.monotonic() - begun, story_id)
    return line.strip() if line else None


def _obey(reader: _Reader, line: str) -> None:
    """Do what a line says."""
    word, _, value = line.partition(" ")
    # A figure or a word may follow its letter at once: `g12`, `/crise`.
    for letter in ("/", "g"):
        if word.startswith(letter) and len(word) > 1:
            word, value = letter, line[1:]
    with _telling():
        if word in _SIMPLE:
            _do(reader, _SIMPLE[word])
        elif word in _WITH_TEXT:
            _do(reader, _WITH_TEXT[word], value.strip())
        elif word in _MOVES:
            _do(reader, "move", _MOVES[word])
        elif word in _COMMANDS:
            _COMMANDS[word](reader, value.strip())
        else:
            typer.echo(f"no such letter: {clean_line(word)[:20]}; ? lists them")


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    """Trouble is one line, and the session goes on."""
    try:
        yield
    except VeilleError as error:
        typer.echo(clean_line(str(error)))


def _do(reader: _Reader, what: Action, value: str = "") -> None:
    typer.echo(act(reader.session, what, reader.slot.story_id, value))
    if not survey(reader.session).stories_left:
        typer.echo("nothing is left to read: e ends the session, q leaves it, z undoes")


def _star(reader: _Reader, _value: str) -> None:
    _do(reader, "unstar" if reader.slot.story.starred else "star")


def _kill(reader: _Reader, _value: str) -> None:
    story_id = reader.slot.story_id
    _do(reader, "kill")
    offered = clean_line(offer_rule(reader.session, story_id))
    if offered:
        typer.echo(f"to hide all like it ({tell_reach(reader.session.home, offered)}), type: xx {offered}")


def _kill_all(reader: _Reader, value: str) -> None:
    slot = reader.slot
    if value:
        typer.echo(apply_rule(reader.session.home, value, story_id=slot.story_id).told)
        return
    # A rule hides for good: it is heard before it is written.
    offered = clean_line(offer_rule(reader.session, slot.story_id))
    if not offered:
        raise UsageError("no word of this title tells its like from other stories: write what to hide after xx")
    typer.echo(f"{tell_reach(reader.session.home, offered)}; to write it, type: xx {offered}")


def _open(reader: _Reader, _value: str) -> None:
    import webbrowser

    url = reader.slot.story.lead.url
    if not is_web(url):
        raise UsageError("this story has no web address")
    if not webbrowser.open(url):
        raise VeilleError(f"no browser could be started: open {url} yourself, or set BROWSER")
    _do(reader, "open")


def _fetch(reader: _Reader, _value: str) -> None:
    from veille.app.articles import fetch_article, put_article

    opened = load_reading(reader.session, reader.slot.story_id)
    article = fetch_article(reader.session.home, opened.reading.story)
    if not article.readable:
        raise VeilleError(f"no full text: {article.reason}")
    full = put_article(opened, article)
    for line in tell_reading(full.reading, now=read_clock(), seconds=reader.slot.seconds):
        typer.echo(line)


def _tell_beginning(session: Session) -> None:
    minutes = span_of(session.budget.total_seconds())
    if session.resumed:
        typer.echo(f"the session goes on: {tell_progress(survey(session))}; ? lists the letters")
    else:
        typer.echo(f"a session of {minutes}, {len(session.slots)} stories; ? lists the letters")
        if session.tail:
            typer.echo(f"{len(session.tail)} more do not fit: `veille session --plan` lists them")
        if session.let_go:
            typer.echo(session.let_go)


def _tell_notices(session: Session) -> None:
    for notice in session.notices:
        typer.echo(clean_line(notice))
    session.notices.clear()


def _tell_story(reader: _Reader, _value: str = "") -> None:
    try:
        opened = load_reading(reader.session, reader.slot.story_id)
    except UnknownError as gone:
        typer.echo(clean_line(str(gone)))
        # What is in hand instead is told, should it have been told before.
        reader.told = 0
        return
    slot = reader.slot
    if opened.reading.story.id != slot.story_id:
        return  # it joined another of the plan: what is in hand now is told next
    _tell_notices(reader.session)
    reader.told = slot.story_id
    typer.echo(f"\nstory {reader.session.place + 1} of {len(reader.session.slots)}")
    told = [slot.state if slot.state != "todo" else "", "starred" if slot.story.starred else "", tell_why(slot.why)]
    marks = ", ".join(filter(None, told))
    for line in tell_reading(opened.reading, now=read_clock(), seconds=slot.seconds, marks=marks):
        typer.echo(line)


def _tell_why(reader: _Reader, _value: str) -> None:
    opened = load_reading(reader.session, reader.slot.story_id)
    score = opened.reading.score
    typer.echo(clean_line(opened.trouble) or f"{score.total:.2f}: {why_of(score)}")


def _tell_clock(reader: _Reader, _value: str) -> None:
    progress = survey(reader.session)
    late = ", more than there is time for" if progress.late else ""
    typer.echo(f"{tell_progress(progress)}{late}; {span_of(progress.left)} of time left")


def _tell_plan(reader: _Reader, _value: str) -> None:
    for index, slot in enumerate(reader.session.slots):
        state = slot.state if slot.state != "todo" else span_of(slot.seconds)
        typer.echo(
            f"{index + 1}, {state}: {title_of(slot.story)}{', in hand' if index == reader.session.place else ''}"
        )


def _undo(reader: _Reader, _value: str) -> None:
    typer.echo(undo(reader.session))


def _go(reader: _Reader, value: str) -> None:
    number = int(value) if value.strip().isascii() and value.strip().isdigit() and len(value) < 6 else 0  # noqa: PLR2004
    if not 1 <= number <= len(reader.session.slots):
        raise UsageError(f"there are stories 1 to {len(reader.session.slots)}: write g 12")
    reader.session.place = number - 1


def _step(by: int) -> Callable[[_Reader, str], None]:
    def step(reader: _Reader, _value: str) -> None:
        reader.session.place = min(max(reader.session.place + by, 0), len(reader.session.slots) - 1)

    return step


def _find(reader: _Reader, value: str) -> None:
    slots, place = reader.session.slots, reader.session.place
    order = [*range(place + 1, len(slots)), *range(place + 1)]
    wanted = fold(value.strip())
    found = next((index for index in order if wanted and wanted in fold(title_of(slots[index].story))), None)
    if found is None:
        raise UsageError(f"no title has “{clean_line(value)}”")
    reader.session.place = found


def _end(reader: _Reader, _value: str) -> None:
    reader.over = True
    for line in tell_summary(finish(reader.session)):
        typer.echo(line)


def _leave(reader: _Reader, _value: str) -> None:
    reader.over = True
    leave(reader.session)
    typer.echo(f"left at {tell_progress(survey(reader.session))}: `veille session` goes on here")


def _help(_reader: _Reader, _value: str) -> None:
    typer.echo(_HELP)


_COMMANDS: dict[str, Callable[[_Reader, str], None]] = {
    "?": _help,
    "s": _star,
    "x": _kill,
    "xx": _kill_all,
    "o": _open,
    "f": _fetch,
    "a": _tell_story,
    "w": _tell_why,
    "c": _tell_clock,
    "p": _tell_plan,
    "z": _undo,
    "g": _go,
    "/": _find,
    "j": _step(1),
    "k": _step(-1),
    "e": _end,
    "q": _leave,
}
