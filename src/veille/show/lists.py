"""Lists of stories for other programs: a line each in the user's own form, addresses alone, or Markdown.

Nothing that comes from a feed can break a line, forge a field or end a link.
"""

from __future__ import annotations

import difflib
import re
import string
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from veille.errors import UsageError
from veille.rank.score import outlet_of
from veille.show.markdown import escape_markdown, link_source
from veille.show.phrases import NO_TITLE, folder_of, local_time, title_of, why_of
from veille.text import clean_line
from veille.urls import is_web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from veille.rank.listing import Listed

Value = str | int | float | datetime
OTHERS = "(others)"
_ESCAPES = {r"\t": "\t", r"\n": "\n", r"\\": "\\"}
_ESCAPED = re.compile(r"\\[tn\\]")
# A width of more digits only fills the memory.
_WIDE = re.compile(r"\d{4}")
# What would end an argument of xargs or of a shell between quotes.
_UNSAFE_IN_ADDRESS = re.compile(r"[\s'\"\\<>`]")

FIELDS: Mapping[str, Callable[[Listed], Value]] = {
    "rank": lambda one: one.rank,
    "score": lambda one: one.ranked.score.total,
    "title": lambda one: title_of(one.ranked.story),
    "url": lambda one: write_address(one.ranked.story.lead.url),
    "feed": lambda one: one.ranked.story.lead.feed,
    "folder": lambda one: folder_of(one.ranked.story.lead.folder),
    "outlets": lambda one: len({outlet_of(source) for source in one.ranked.story.sources}),
    "sources": lambda one: len(one.ranked.story.sources),
    "date": lambda one: one.ranked.story.lead.published_at.astimezone(),
    "minutes": lambda one: one.ranked.read_minutes,
    "id": lambda one: one.ranked.story.id,
    "lang": lambda one: one.ranked.story.language,
    "author": lambda one: one.ranked.story.author,
    "summary": lambda one: one.ranked.story.summary,
    "note": lambda one: one.ranked.story.note,
    "notes": lambda one: " · ".join(one.ranked.notes),
    "section": lambda one: one.section,
    "why": lambda one: why_of(one.ranked.score),
    "pinned": lambda one: one.ranked.pinned_by,
    "hidden": lambda one: one.hidden_by,
    "back": lambda one: one.back_for,
    "new_title": lambda one: clean_line(one.arrived.title) or NO_TITLE if one.arrived else title_of(one.ranked.story),
    "new_url": lambda one: write_address((one.arrived or one.ranked.story.lead).url),
}
# Fields that are laid out as numbers.
_NUMBERS = ("rank", "score", "outlets", "sources", "minutes", "id")
# What a field of each kind is tried with, before there is a list to print.
_SAMPLES: Mapping[str, Value] = {
    **dict.fromkeys(_NUMBERS, 0),
    "score": 0.0,
    "date": datetime(2026, 11, 20, tzinfo=UTC),
}
_SHAPES = {**dict.fromkeys(_NUMBERS, "{score:6.1f} or {rank:>3}"), "date": "{date:%d/%m %H:%M} or {date:.16}"}


class _Piece(NamedTuple):
    """Text as it stands, then a field, "" for none, laid out by `spec`."""

    literal: str
    field: str
    spec: str


def read_template(text: str) -> Callable[[Listed], str]:
    r"""What writes a story as a line with `{fields}`, as `--format` takes it.

    `\t`, `\n` and `\\` are understood; `{{` and `}}` are braces. Raises UsageError for what cannot be filled in.
    """
    plain = _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)
    try:
        parsed = list(string.Formatter().parse(plain))
    except ValueError:
        raise UsageError(
            "--format: a brace is open or closed alone: write fields as {title}, and braces as {{ and }}"
        ) from None
    pieces = [
        _Piece(literal, _check_field(name, spec or "", conversion), spec or "")
        for literal, name, spec, conversion in parsed
    ]
    if not any(piece.field for piece in pieces):
        raise UsageError(
            f"--format “{clean_line(text)}” holds no field, such as {{title}}: there are {', '.join(FIELDS)};"
            " --json prints JSON, --md Markdown"
        )
    return lambda one: "".join(
        piece.literal + (_lay_out(FIELDS[piece.field](one), piece) if piece.field else "") for piece in pieces
    )


def write_address(address: str) -> str:
    """An address that is one word to any program; "" for what is no web address."""
    line = clean_line(address)
    return _UNSAFE_IN_ADDRESS.sub(lambda sign: quote(sign[0], safe=""), line) if is_web(line) else ""


def list_addresses(listed: Iterable[Listed]) -> Iterator[str]:
    """The address of each story that has one."""
    return (address for one in listed if (address := write_address(one.ranked.story.lead.url)))


def list_markdown(listed: Sequence[Listed], *, now: datetime, divided: bool = False) -> Iterator[str]:
    """A list with links, a line a story; with a heading for each section where it is `divided`."""
    section: str | None = None
    for one in listed:
        if divided and one.section != section:
            section = one.section
            yield from ([""] if one.rank > 1 else [])
            yield from (f"## {escape_markdown(folder_of(section)) or OTHERS}", "")
        story = one.ranked.story
        said = [escape_markdown(story.lead.feed), local_time(story.lead.published_at, now=now)]
        said += [escape_markdown(text) for text in (*one.ranked.notes, *story.note.splitlines()) if text]
        new = f"; new: {link_source(one.arrived, one.arrived.title)}" if one.arrived else ""
        yield f"- {link_source(story.lead, title_of(story))} ({', '.join(said)}){new}"


def _check_field(name: str | None, spec: str, conversion: str | None) -> str:
    """A field's name, "" for none. Raises UsageError."""
    if name is None:
        return ""
    if name not in FIELDS or conversion:
        close = difflib.get_close_matches(name, FIELDS, 1)
        hint = f"did you mean {{{close[0]}}}? " if close else ""
        shown = clean_line(name + (f"!{conversion}" if conversion else ""))
        raise UsageError(f"--format: there is no field {{{shown}}}: {hint}There are {', '.join(FIELDS)}")
    dated = name == "date" and "%" in spec
    if _WIDE.search(spec) or "{" in spec or (spec.endswith("c") and not dated):
        raise UsageError(f"--format: “{clean_line(spec)}” is no width: write {{{name}:40}} or {{{name}:.80}}")
    _lay_out(_SAMPLES.get(name, ""), _Piece("", name, spec))
    return name


def _lay_out(value: Value, piece: _Piece) -> str:
    if piece.field == "score" and not piece.spec:
        return f"{value:.2f}"
    if isinstance(value, datetime) and "%" not in piece.spec:
        value = value.isoformat(timespec="seconds")
    elif isinstance(value, str):
        value = clean_line(value)
    try:
        laid = format(value, piece.spec)
        return clean_line(laid) if isinstance(value, datetime) else laid
    except ValueError:
        wanted = _SHAPES.get(piece.field, "{title:40} or {title:.80}")
        raise UsageError(
            f"--format: “{clean_line(piece.spec)}” does not fit {{{piece.field}}}: write it as {wanted}"
        ) from None
