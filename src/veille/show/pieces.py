"""An issue as the entries of a feed: what Atom and JSON Feed both say of each story.

A tidy issue in, entries with a small HTML content out. Everything from a feed is escaped here; the content has
paragraphs, lists, quotations and links to web addresses, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from veille.show.identity import urn_of
from veille.show.phrases import MOST_LEFT_OUT
from veille.show.tidy import host_to_show
from veille.show.wording import Wording
from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from veille.issue import Issue, Item, Link

_SUMMARY = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One entry of a feed that veille writes."""

    id: str
    title: str
    published_at: datetime
    updated_at: datetime
    content: str
    url: str = ""
    summary: str = ""
    author: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()


def pieces_of(issue: Issue, *, address: str = "") -> list[Piece]:
    """The stories in their order; then what was left out, and the feeds to look at, as entries of their own."""
    words = Wording(issue.tongue)
    pieces = [
        _story(item, rubric.title, issue=issue, address=address) for rubric in issue.rubrics for item in rubric.items
    ]
    if issue.left_out:
        shown = [_told(link, words) for link in issue.left_out[:MOST_LEFT_OUT]]
        rest = len(issue.left_out) - len(shown) + issue.left_out_more
        content = _list([*shown, *([escape(words.say("more", words.number(rest)))] if rest else [])])
        pieces.append(_last("left_out", content, len(shown) + rest, issue=issue, address=address))
    if issue.problems:
        content = _list(map(escape, issue.problems))
        pieces.append(_last("problems", content, len(issue.problems), issue=issue, address=address))
    return pieces


def _story(item: Item, rubric: str, *, issue: Issue, address: str) -> Piece:
    words = Wording(issue.tongue)
    return Piece(
        id=urn_of(issue, item.story_id, address=address),
        title=item.lead.title or words.say("untitled"),
        # What is dated ahead of the issue was not published later than it.
        published_at=min(item.published_at, issue.written_at),
        updated_at=issue.written_at,
        content=_content(item, words, now=issue.written_at),
        url=item.lead.url,
        summary=shorten(clean_line(item.comment or item.excerpt), _SUMMARY),
        author=item.author or item.lead.outlet,
        language=item.language,
        tags=tuple(dict.fromkeys(tag for tag in (rubric, *item.tags) if tag)),
    )


def _last(word: str, content: str, number: int, *, issue: Issue, address: str) -> Piece:
    return Piece(
        id=urn_of(issue, word, address=address),
        title=f"{Wording(issue.tongue).say(word)} ({number})",
        published_at=issue.written_at,
        updated_at=issue.written_at,
        content=content,
    )


def _content(item: Item, words: Wording, *, now: datetime) -> str:
    told = [item.lead.outlet, words.moment(item.published_at, now=now)]
    told += [words.minutes(item.minutes)] if item.minutes else []
    host = host_to_show(item.lead)
    told += [host] if host else []
    parts = [_paragraph(" · ".join(part for part in told if part))]
    if item.back_for:
        parts.append(f"<p><strong>{escape(words.label('back'))}</strong> {escape(item.back_for)}</p>")
    parts += [_paragraph(part) for part in item.comment.split("\n\n") if part]
    if item.excerpt:
        parts.append(f"<blockquote>{_lines(item.excerpt)}</blockquote>")
    parts += [
        f"<p><strong>{escape(words.label('note'))}</strong> {_lines(note)}</p>"
        for note in (*item.remarks, item.note)
        if note
    ]
    if item.sources:
        parts.append(_paragraph(words.say("also", words.count(len(item.sources), "source"))))
        parts.append(_list(_told(link, words) for link in item.sources))
    if item.why:
        parts.append(f"<p><small>{escape(item.why)}</small></p>")
    return "".join(parts)


def _told(link: Link, words: Wording) -> str:
    title = escape(link.title or words.say("untitled"))
    shown = f'<a href="{escape(link.url)}">{title}</a>' if link.url else title
    host = host_to_show(link)
    beside = ", ".join(part for part in (link.outlet, host) if part)
    return shown + (f" ({escape(beside)})" if beside else "")


def _paragraph(text: str) -> str:
    return f"<p>{_lines(text)}</p>"


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
