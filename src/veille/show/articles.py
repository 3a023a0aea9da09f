"""What became of an article that was asked for, in one line: why there is none, or only a part, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.show.phrases import local_time
from veille.text import clean_line

if TYPE_CHECKING:
    from datetime import datetime

    from veille.read.article import Article


def tell_article(article: Article, story_id: int, *, now: datetime) -> str:
    """The line for the user; "" for a whole article."""
    opens = f"`veille open {story_id}` opens its page"
    match article.status:
        case "ok":
            return ""
        case "part":
            return f"a part of the article: its publisher keeps the rest for subscribers: {opens}"
        case _:
            return f"no full text: {clean_line(article.reason)}: {_advise(article, opens, now=now)}"


def _advise(article: Article, opens: str, *, now: datetime) -> str:
    if not article.url.startswith("http"):
        return "what the feed says of it is all there is"
    if article.retry_at and article.retry_at <= now:
        return f"try again when the network is there; {opens}"
    if article.retry_at and article.status == "failed":
        return f"it is asked for again from {local_time(article.retry_at, now=now)} on; {opens}"
    return opens
