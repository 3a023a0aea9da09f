"""The press reviews as a site: a page for each issue, an index, an Atom feed of the issues; the text of each file.

Issues in, texts by file name out, the same for the same issues. Every link between the pages is relative, so that they
work from any host and from a disk; nothing is fetched from elsewhere, and nothing runs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from veille.show.atom import AtomFeed, write_atom
from veille.show.identity import urn_of, urn_of_series
from veille.show.pieces import Piece, pieces_of
from veille.show.templating import fill_issue, fill_template
from veille.show.tidy import tidy_issue
from veille.show.wording import Wording
from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veille.issue import Issue, Tongue

INDEX, FEED = "index.html", "feed.atom"
# Feeds are read often: they have the last issues only.
_MOST_IN_FEED = 20
_LONGEST_SUMMARY = 300
# When a feed without issues was last changed: feeds must say, and the same site must say the same.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def write_site(
    issues: Sequence[Issue], *, title: str, tongue: Tongue, url: str = "", templates: Path | None = None
) -> dict[str, str]:
    """Every file of the site. `url` is the folder's address, "" where it is not known. Raises TemplateError."""
    tidy = sorted(map(tidy_issue, issues), key=lambda issue: -issue.number)
    title = clean_line(title)
    pages = {
        page_of(issue): fill_issue("review.html", issue, templates=templates, address=_join(url, page_of(issue)))
        for issue in tidy
    }
    values = {"title": title, "issues": tidy, "address": _join(url, INDEX)}
    index = fill_template(INDEX, values, tongue=tongue, templates=templates)
    feed = AtomFeed(
        id=urn_of_series("review", "review", address=url),
        title=title,
        language=tongue,
        updated_at=max((issue.written_at for issue in tidy), default=_NEVER),
        pieces=[_piece(issue, url) for issue in tidy[:_MOST_IN_FEED]],
        url=_join(url, INDEX) or INDEX,
        self_url=_join(url, FEED),
    )
    return {**pages, INDEX: index, FEED: write_atom(feed)}


def page_of(issue: Issue) -> str:
    """The name of an issue's page."""
    return f"{issue.number}.html"


def _join(url: str, name: str) -> str:
    return f"{url.rstrip('/')}/{name}" if url else ""


def _piece(issue: Issue, url: str) -> Piece:
    words, address = Wording(issue.tongue), _join(url, page_of(issue))
    titles = " · ".join(item.lead.title or words.say("untitled") for item in issue.items)
    return Piece(
        id=urn_of(issue, address=url),
        title=f"{issue.title}, {words.say('number', issue.number)}",
        published_at=issue.written_at,
        updated_at=issue.written_at,
        content=_content(issue, words, address=url),
        url=address or page_of(issue),
        summary=shorten(clean_line(issue.introduction) or titles, _LONGEST_SUMMARY),
        language=issue.tongue,
    )


def _content(issue: Issue, words: Wording, *, address: str) -> str:
    """The whole issue as a small piece of HTML: its stories under their rubrics."""
    stories = iter(pieces_of(issue, address=address))
    parts = [f"<p>{escape(part)}</p>" for part in issue.introduction.split("\n\n") if part]
    for rubric in issue.rubrics:
        if rubric.title or len(issue.rubrics) > 1:
            parts.append(f"<h2>{escape(rubric.title or words.say('others'))}</h2>")
        for _ in rubric.items:
            story = next(stories)
            title = escape(story.title)
            parts.append(f'<h3><a href="{escape(story.url)}">{title}</a></h3>' if story.url else f"<h3>{title}</h3>")
            parts.append(story.content)
    return "".join(parts)
