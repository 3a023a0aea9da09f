"""Full text on demand: an entry's page asked for once (`pages.py`), and its article kept for the next time.

Whoever reads in a thread of its own opens a home of its own there: a connection to the database takes one writer
at a time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.opening import read_story
from veille.model import Story
from veille.rank.score import reading_minutes
from veille.read.article import Article
from veille.store.articles import load_articles, load_pages, save_article
from veille.store.db import write
from veille.store.hosts import hold, load_holds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from veille.app.home import Home
    from veille.app.opening import Opened
    from veille.app.pages import Found

    Progress = Callable[[int, int], None]  # so many done, of so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """A story with its lead's article in the place of the feed's text, where that could be had."""

    opened: Opened
    article: Article


def fetch_article(home: Home, wanted: Story | int) -> Article:
    """The article of a story's lead, or of an entry: the one kept, else what its page says now.

    What a page or the network does is no error: the article then has a reason. Raises FetchError for a proxy of the
    environment that cannot be used.
    """
    entry_id = wanted.lead.entry_id if isinstance(wanted, Story) else wanted
    return prefetch(home, [entry_id])[entry_id]


def prefetch(
    home: Home, entry_ids: Sequence[int], progress: Progress | None = None, *, within: timedelta | None = None
) -> dict[int, Article]:
    """The articles of entries, in their order: hosts side by side, the pages of one host one after the other.

    Each is kept as soon as it is there, so that whoever interrupts keeps what has come; what has not come `within`
    so long (`pages.WITHIN`) has a reason. Raises as `fetch_article`.
    """
    now = read_clock()
    kept = load_articles(home.db, entry_ids)
    articles = {one: article for one, article in kept.items() if not _is_due(article, now=now)}
    pages = load_pages(home.db, [one for one in entry_ids if one not in articles])
    total = len(articles) + len(pages)

    def keep(found: Found) -> None:
        articles[found.article.entry_id] = found.article
        _keep(home, found)
        if progress:
            progress(len(articles), total)

    if pages:
        # Only now: one who finds all that is wanted here loads no network.
        from veille.app.pages import WITHIN, ask_pages

        asyncio.run(ask_pages(home, pages, holds=load_holds(home.db, now=now), keep=keep, within=within or WITHIN))
    for one in entry_ids:
        gone = "it is not in the archive any more"
        articles.setdefault(one, Article(entry_id=one, url="", status="failed", fetched_at=now, reason=gone))
    return {one: articles[one] for one in entry_ids}


def load_article(home: Home, story: Story) -> Article | None:
    """What is kept of the page of a story's lead: asks nobody."""
    return load_articles(home.db, [story.lead.entry_id]).get(story.lead.entry_id)


def read_full(home: Home, reference: str) -> Full:
    """The story that a number means, with its full text. Raises UnknownError, ConfigError, FetchError."""
    opened = read_story(home, reference)
    article = fetch_article(home, opened.reading.story)
    return Full(opened=put_article(opened, article), article=article)


def put_article(opened: Opened, article: Article) -> Opened:
    """A story in full with an article's text in the place of the feed's, if there is any."""
    if not article.readable:
        return opened
    minutes = reading_minutes(article.words, opened.reading.story.language)
    return replace(opened, reading=replace(opened.reading, html=article.html, read_minutes=minutes))


def _is_due(article: Article, *, now: datetime) -> bool:
    """Whether what is kept may be asked for again."""
    if article.readable or article.retry_at is None:
        return False
    return article.retry_at <= now or article.fetched_at > now  # the clock was ahead then


def _keep(home: Home, found: Found) -> None:
    if not found.lasts:
        return
    with write(home.db):
        save_article(home.db, found.article)
        if found.hold:
            host, until = found.hold
            hold(home.db, host, until=until, reason=found.article.reason)
