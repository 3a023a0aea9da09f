"""A digest as Markdown (CommonMark). Feed text is escaped: it can open no link, tag, list or heading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from veille.show.phrases import MOST_LEFT_OUT, local_time, outlets_of, title_of, why_of
from veille.show.tidy import host_to_show
from veille.text import clean_line, shorten
from veille.urls import is_web

if TYPE_CHECKING:
    from veille.issue import Link
    from veille.model import Digest, Ranked, Source
    from veille.show.wording import Wording

# Of CommonMark and of what is often built on it: tables, strikes, formulas, the marks of page builders.
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|$^{}])")
# What makes a heading, a list, a quote or a rule of a line, at its start only.
_OPENING = re.compile(r"^(?:(?P<sign>[#+=-])|(?P<number>\d+)(?P<dot>[.)]))")
_EXCERPT = 280
_KEPT_IN_LINKS = "%/:?#@!$&'*+,;=-._~"  # no parentheses: they would end the link


def render_markdown(digest: Digest) -> str:
    """The whole document, ending with a newline."""
    written = digest.written_at.astimezone()
    since = digest.since_at.astimezone()
    lines = [
        f"# {escape_markdown(digest.name)}, {written:%Y-%m-%d}",
        "",
        f"{_count(len(digest.stories))} since {since:%Y-%m-%d %H:%M}, written {written:%Y-%m-%d %H:%M}.",
    ]
    for rank, one in enumerate(digest.stories, 1):
        lines += ["", *_story_lines(rank, one, digest)]
    if digest.left_out:
        lines += ["", f"## Left out ({len(digest.left_out)})", ""]
        lines += [f"- {link_source(one.story.lead, title_of(one.story))}" for one in digest.left_out[:MOST_LEFT_OUT]]
        if len(digest.left_out) > MOST_LEFT_OUT:
            lines += [f"- and {len(digest.left_out) - MOST_LEFT_OUT} more"]
    return "\n".join(lines) + "\n"


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _OPENING.sub(_escape_opening, _SPECIAL.sub(r"\\\1", clean_line(text)))


def link_markdown(link: Link, words: Wording) -> str:
    """A title that leads to its page, with the host where its letters may deceive."""
    shown = escape_markdown(link.title) or escape_markdown(words.say("untitled"))
    if not link.url:
        return shown
    host = host_to_show(link)
    return f"[{shown}]({quote(link.url, safe=_KEPT_IN_LINKS)})" + (f" ({escape_markdown(host)})" if host else "")


def quote_markdown(text: str) -> str:
    """A block of quotation, its paragraphs and lines kept."""
    return "\n".join(f"> {line}".rstrip() for line in break_lines(text).split("\n"))


def break_lines(text: str) -> str:
    """Paragraphs, with the line breaks inside them."""
    parts = (part.splitlines() for part in text.split("\n\n") if part.strip())
    return "\n\n".join("\\\n".join(map(escape_markdown, lines)) for lines in parts)


def _escape_opening(match: re.Match[str]) -> str:
    return rf"\{match['sign']}" if match["sign"] else rf"{match['number']}\{match['dot']}"


def _story_lines(rank: int, one: Ranked, digest: Digest) -> list[str]:
    story = one.story
    star = " ★" if story.starred else ""
    when = local_time(story.lead.published_at, now=digest.written_at)
    minutes = f" · {one.read_minutes} min" if one.read_minutes > 1 else ""
    lines = [
        f"## {rank}. {link_source(story.lead, title_of(story))}{star}",
        "",
        f"{escape_markdown(outlets_of(story))} · {when}{minutes} · score {one.score.total:.2f} · id {story.id}",
        "",
        f"*{escape_markdown(why_of(one.score))}*",
    ]
    if story.summary:
        lines += ["", escape_markdown(shorten(story.summary, _EXCERPT))]
    said = [*one.notes, *story.note.splitlines()]
    if said:
        lines += ["", *(f"> {escape_markdown(line)}  " for line in said)]
    if len(story.sources) > 1:
        lines += [""]
        lines += [
            f"- {escape_markdown(source.feed)}: {link_source(source, source.title)}" for source in story.sources[1:]
        ]
    return lines


def link_source(source: Source, title: str) -> str:
    """A link with a title, the title alone for what is no web address."""
    shown = escape_markdown(title)
    if not is_web(source.url):
        return shown
    return f"[{shown}]({quote(source.url, safe=_KEPT_IN_LINKS)})"


def _count(stories: int) -> str:
    return "1 story" if stories == 1 else f"{stories} stories"
