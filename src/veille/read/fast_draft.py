"""An entry while it is read the fast way, and what it is in the end: a Draft in, a RawEntry out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from veille.read.fast_tags import Tags
from veille.read.found import choose_content, choose_link, is_markup, make_enclosures, write_markup
from veille.read.normalise import RawEntry
from veille.urls import resolve_link

if TYPE_CHECKING:
    from datetime import datetime

    from veille.read.fast_walk import Walk
    from veille.read.found import Context, Text

_NEVER = 1 << 30  # deeper than any element


@dataclass(slots=True, kw_only=True)
class Draft:
    """An entry being read, its children at `depth`; `*_at` is the depth a text came from, None is not met yet."""

    walk: Walk
    depth: int
    language: str
    id: str = ""
    link: str | None = None
    origin: str = ""
    title: str = ""
    title_at: int = _NEVER
    title_type: str = ""
    title_base: str = ""
    summary: str | None = None
    summary_at: int = _NEVER
    summary_text: Text | None = None
    contents: list[Text] = field(default_factory=list)
    author: str = ""
    said_language: str = ""
    published: datetime | None = None
    created: datetime | None = None
    updated: datetime | None = None
    tags: Tags = field(default_factory=Tags)
    enclosures: list[tuple[str, str, str]] = field(default_factory=list)


def finish_entry(draft: Draft, context: Context) -> RawEntry:
    """The entry as its document has it."""
    content = choose_content(draft.contents)
    summary = draft.summary_text
    said = (content and content.language) or (summary and summary.language)
    base = (content and content.base) or (summary and summary.base) or draft.title_base
    return RawEntry(
        guid=draft.id,
        link=choose_link((draft.origin, draft.link or ""), guid=draft.id, context=context),
        title=draft.title,
        title_is_markup=is_markup(draft.title, draft.title_type, context=context),
        author=draft.author,
        summary=write_markup(summary) if summary else draft.summary or "",
        content=write_markup(content) if content else "",
        base=(resolve_link(base, context.base) if base else "") or context.base,
        published_at=draft.published or draft.created,
        updated_at=draft.updated,
        language=said or draft.said_language or context.language,
        tags=tuple(term or label or "" for term, _, label in draft.tags.met),
        enclosures=make_enclosures(draft.enclosures, context) if draft.enclosures else (),
    )
