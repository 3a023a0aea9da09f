"""Lists of stories as lines of a terminal or of a file: what is said, in which style, and where it wraps.

Styled text out, without rich: `terminal` lays it out on a terminal; elsewhere a line is as long as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from veille.model import Score
from veille.show.phrases import NO_TITLE, folder_of, local_time, outlets_of, title_of, why_of
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from veille.model import Ranked, Source, Story
    from veille.rank.expression import Expression, Part
    from veille.rank.listing import By, Listed

LIT = "bold underline"
_INDENT = 12
_NO_SECTION = {"group": "(no group)", "folder": "(no folder)", "feed": "(no feed)"}


class Line(NamedTuple):
    """Pieces of text, each with its style; wrapped, it goes on below its `indent`-th column."""

    pieces: tuple[tuple[str, str], ...]
    indent: int = 0

    @property
    def text(self) -> str:
        """The line without its styles."""
        return "".join(text for text, _ in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a list is shown. `lit` holds what is looked for, by the name of the rule or the text of the keyword."""

    now: datetime
    why: bool = False
    by: By | None = None
    lit: Mapping[str, Expression] = field(default_factory=dict)


def tell_list(listed: Sequence[Listed], view: View) -> Iterator[Line]:
    """Stories with rank and score, two lines each, and what there is to say of them below; headings of sections."""
    section: str | None = None
    scored = False
    for one in listed:
        if view.by and one.section != section:
            section = one.section
            yield Line(((folder_of(section) or _NO_SECTION[view.by], "bold cyan"),))
            scored = False
        if scored and one.ranked.tie.contributions and not one.ranked.score.contributions:
            yield Line((("    no keyword matches these; by your rules, then by the keywords' words:", "dim"),))
        scored = bool(one.ranked.score.contributions)
        yield from _tell_story(one, view)


def tell_alert(listed: Sequence[Listed], view: View) -> Iterator[Line]:
    """Stories without ranks, which nobody could type after a cron job: title, outlets, address."""
    for one in listed:
        story = one.ranked.story
        title = light(title_of(story), _lit(one.ranked, view.lit), "bold", part="title", language=story.language)
        yield Line(title, 2)
        when = local_time(story.lead.published_at, now=view.now)
        yield Line(((f"  {outlets_of(story)} · {when} · id {story.id}", "dim"),), 2)
        if story.lead.url:
            yield Line(((f"  {clean_line(story.lead.url)}", "blue"),), 2)
        if one.arrived:
            yield Line(((f"  {_tell_arrival(one.arrived, view)}", "yellow"),), 2)
            if one.arrived.url:
                yield Line(((f"  {clean_line(one.arrived.url)}", "blue"),), 2)


def write_plain(lines: Iterable[Line]) -> str:
    """The lines as text, each as long as it is."""
    return "".join(f"{line.text.rstrip()}\n" for line in lines)


def light(
    text: str, expressions: Iterable[Expression], style: str, *, part: Part, language: str
) -> tuple[tuple[str, str], ...]:
    """A text in pieces: what the expressions match in bold and underlined, the rest in `style`."""
    wanted = tuple(expressions)
    if not wanted:
        return ((text, style),)
    # Only here: it costs more to load than the rest of a list.
    from veille.rank.highlight import find_spans

    spans = find_spans(text, wanted, part=part, language=language)
    pieces: list[tuple[str, str]] = []
    end = 0
    for start, stop in spans:
        pieces += [(text[end:start], style), (text[start:stop], LIT)]
        end = stop
    return tuple(piece for piece in (*pieces, (text[end:], style)) if piece[0])


def list_flags(story: Story) -> str:
    """What the user made of a story: ` ★ read note`."""
    flags = (("★", story.starred), ("read", story.read), ("note", bool(story.note)))
    return "".join(f" {flag}" for flag, on in flags if on)


def _tell_story(one: Listed, view: View) -> Iterator[Line]:
    ranked, story = one.ranked, one.ranked.story
    total = ranked.score.total
    title = light(
        title_of(story),
        _lit(ranked, view.lit),
        "dim" if story.read else "bold",
        part="title",
        language=story.language,
    )
    pin = ((("▲ ", "yellow"),)) if ranked.pinned_by else ()
    head = ((f"{one.rank:>3} ", "dim"), (f"{total:>6.2f}  ", "green" if total > 0 else "dim"))
    yield Line((*head, *pin, *title), _INDENT)
    minutes = f" · {ranked.read_minutes} min" if ranked.read_minutes > 1 else ""
    when = local_time(story.lead.published_at, now=view.now)
    yield _below(f"{outlets_of(story)} · {when}{minutes} · id {story.id}{list_flags(story)}", "dim")
    if ranked.pinned_by:
        yield _below(f"pinned by “{clean_line(ranked.pinned_by)}”", "yellow")
    if one.hidden_by:
        yield _below(f"hidden by “{clean_line(one.hidden_by)}”", "red")
    for note in ranked.notes:
        yield _below(f"note: {clean_line(note)}", "yellow")
    if one.back_for:
        yield _below(f"back: {clean_line(one.back_for)}", "yellow")
    if one.arrived:
        yield _below(_tell_arrival(one.arrived, view), "yellow")
    if view.why:
        said = [Score(ranked.closer), ranked.tie]
        ties = "".join(f" | then {why_of(one)}" for one in said if one.contributions)
        yield _below(f"why: {why_of(ranked.score)}{ties}", "cyan")


def _tell_arrival(source: Source, view: View) -> str:
    when = local_time(source.published_at, now=view.now)
    return f"new: {clean_line(source.title) or NO_TITLE} · {clean_line(source.feed)} · {when} · id {source.entry_id}"


def _lit(ranked: Ranked, expressions: Mapping[str, Expression]) -> list[Expression]:
    """What is looked for by the keywords and rules that speak of the story."""
    if not expressions:
        return []
    parts = (*ranked.score.contributions, *ranked.tie.contributions)
    names = dict.fromkeys(part.rule for part in parts if part.rule)
    return [expressions[name] for name in (*names, ranked.pinned_by) if name in expressions]


def _below(text: str, style: str) -> Line:
    return Line(((" " * _INDENT + text, style),), _INDENT)
