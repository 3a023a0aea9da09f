"""The story in hand, loaded before it is drawn, with the article fetched for it if there is one.

Another process may have put stories together, or taken them away: loading then changes the plan, drawing never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.app.session import find_slot, load_reading
from veille.errors import UnknownError
from veille.session.paper import Block, line
from veille.session.plan import stay_in_filter
from veille.session.story import tell_story, tell_why
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from veille.app.opening import Opened
    from veille.app.session import Session, Slot
    from veille.read.article import Article

_WAITING = "fetching the article …"
_UNREAD = "This story could not be read: esc tries again."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """A story and the article that is kept for it."""

    opened: Opened
    article: Article | None


class Reader:
    """Loads stories of a session one at a time, and remembers the one in hand and the articles of all."""

    def __init__(self, session: Session, now: Callable[[], datetime]) -> None:
        self._session, self._now = session, now
        self._loaded: _Loaded | None = None
        self._articles: dict[int, Article | str] = {}

    def take_up(self, wanted: str = "") -> None:
        """Load the story in hand, one that a filter leaves.

        Where it has gone, the next one is in hand; where it has joined another of the plan, that one is.
        """
        session = self._session
        # Each story that is gone leaves the plan.
        for _ in range(len(session.slots)):
            stay_in_filter(session, wanted)
            if not session.slots or self._has(session.slots[session.place]):
                return
            self._loaded = None
            try:
                self._loaded = _load(session, session.slots[session.place].story_id)
            except UnknownError:
                continue
            found = find_slot(session, self._loaded.opened.reading.story.id)
            if found:
                session.place = session.slots.index(found)

    def tell(self, slot: Slot, *, why: bool = False) -> Iterator[Block]:
        """The blocks of the story that was taken up, or why it is there."""
        loaded = self._loaded
        if loaded is None or not self._has(slot):
            return iter((Block(line((_UNREAD, ""))),))
        if why and not loaded.opened.trouble:
            return tell_why(loaded.opened, slot)
        from veille.app.articles import put_article

        opened, said = loaded.opened, [loaded.opened.trouble] if loaded.opened.trouble else []
        article = self._articles.get(slot.story_id) or loaded.article or ""
        if isinstance(article, str):
            said += [article] if article else []
        elif not article.readable:
            said += [f"no full text: {clean_line(article.reason)}"]
        else:
            part = " (its publisher gives only a part)" if article.status == "part" else ""
            said += [f"full text, {article.words} words{part}"]
            opened = put_article(opened, article)
        return tell_story(opened, slot, now=self._now(), said=said, scored=not loaded.opened.trouble)

    @property
    def now(self) -> datetime:
        """The present, to date stories by."""
        return self._now()

    def forget(self) -> None:
        """What is loaded may have changed."""
        self._loaded = None

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

    def _has(self, slot: Slot) -> bool:
        return self._loaded is not None and self._loaded.opened.reading.story.id == slot.story_id


def _load(session: Session, story_id: int) -> _Loaded:
    """A story with what is kept of its page. Raises UnknownError."""
    from veille.app.articles import load_article

    opened = load_reading(session, story_id)
    return _Loaded(opened=opened, article=load_article(session.home, opened.reading.story))
