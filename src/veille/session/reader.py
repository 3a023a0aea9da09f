"""The story in hand, loaded when it is looked at, with the article fetched for it if there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.app.session import load_reading
from veille.errors import VeilleError
from veille.session.paper import Block, line
from veille.session.story import tell_story, tell_why
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from veille.app.opening import Opened
    from veille.app.session import Session, Slot
    from veille.read.article import Article

_WAITING = "fetching the article …"


class Reader:
    """Loads stories of a session one at a time, and remembers the one in hand and the articles of all."""

    def __init__(self, session: Session, now: Callable[[], datetime]) -> None:
        self._session, self._now = session, now
        self._opened: tuple[int, Opened] | None = None
        self._articles: dict[int, Article | str] = {}

    def tell(self, slot: Slot, *, why: bool = False) -> Iterator[Block]:
        """The blocks of a story, or why it is there."""
        try:
            opened = self._load(slot)
        except VeilleError as error:
            return iter((Block(line((str(error), ""))),))
        if why:
            return tell_why(opened, slot)
        from veille.app.articles import load_article, put_article

        article = self._articles.get(slot.story_id) or load_article(self._session.home, opened.reading.story) or ""
        if isinstance(article, str):
            return tell_story(opened, slot, now=self._now(), said=article)
        if not article.readable:
            return tell_story(opened, slot, now=self._now(), said=f"no full text: {clean_line(article.reason)}")
        part = " (its publisher gives only a part)" if article.status == "part" else ""
        told = f"full text, {article.words} words{part}"
        return tell_story(put_article(opened, article), slot, now=self._now(), said=told)

    def forget(self) -> None:
        """What is loaded may have changed."""
        self._opened = None

    def begin_article(self, slot: Slot) -> bool:
        """Whether an article is to be fetched now: it is neither there nor on its way."""
        known = self._articles.get(slot.story_id)
        if known == _WAITING or not (known is None or isinstance(known, str) or not known.readable):
            return False
        self._articles[slot.story_id] = _WAITING
        return True

    def end_article(self, story_id: int, article: Article | str) -> None:
        """An article has come, or what went wrong."""
        self._articles[story_id] = article

    def _load(self, slot: Slot) -> Opened:
        if self._opened is None or self._opened[0] != slot.story_id:
            self._opened = slot.story_id, load_reading(self._session, slot.story_id)
        return self._opened[1]
