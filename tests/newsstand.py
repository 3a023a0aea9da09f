"""A newsstand on loopback: feeds whose entries are written, edited, re-dated, withdrawn and copied as a test says.

What it serves it also tells as values, so that a model can say what a fetch must bring. Every title and every text
holds a word of its own, which a new version of it replaces.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import TYPE_CHECKING

from publisher import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from publisher import Publisher

_EVENTS = (
    "La biscuiterie Morvellec retire sa publicité après 48 heures de polémique",
    "Morvellec : la publicité de la biscuiterie retirée sous la polémique",
    "Incendie dans un entrepôt de Vaubrun, 120 salariés évacués",
    "À Vaubrun, un entrepôt en feu : 120 salariés évacués dans la nuit",
    "Central bank of Estmark raises its rate to 4.5 percent",
    "Estmark central bank lifts interest rate to 4.5 percent amid inflation",
    "Grève des aiguilleurs du ciel : un vol sur trois annulé à Orlieux",
    "Le festival de Kerlann annonce la venue de trois orchestres",
    "Quantum start-up Halvex lays off a fifth of its engineers",
    "Halvex, the quantum start-up, lays off a fifth of its staff",
)
_FILLING = (
    "Selon la direction, une réunion se tiendra demain avec les élus de la ville et les représentants du personnel."
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """An entry as its publisher has it; a date of None is not given."""

    guid: str
    title: str
    text: str
    link: str
    at: datetime | None

    @property
    def words(self) -> tuple[str, ...]:
        """The words that only this version, and its copies, hold."""
        return tuple(word for word in f"{self.title} {self.text}".split() if word.startswith("zq"))


class Newsroom:
    """Feeds by path. `failing` says how a path answers wrongly: with a status, or 0 for what is no feed."""

    def __init__(self, publisher: Publisher) -> None:
        self.feeds: dict[str, dict[str, Item]] = {}
        self.failing: dict[str, int] = {}
        self._publisher = publisher
        self._words = (f"zq{number}x" for number in count(1))
        self._guids = count(1)
        self._now = datetime.now(UTC).replace(microsecond=0)

    def open_feed(self) -> str:
        """A new feed without entries; its path."""
        path = f"/feed{len(self.feeds)}"
        self.feeds[path] = {}
        self._publisher.play(path, lambda request: self._answer(request.path))
        return path

    def url(self, path: str) -> str:
        return self._publisher.url(path)

    def write(self, path: str, *, event: int, hours: int | None) -> Item:
        """Publish an entry about one of a few events, `hours` ago; in no time when None."""
        guid = f"g{next(self._guids)}"
        link = f"http://{path.strip('/')}.example/{guid}"
        item = Item(guid=guid, title=self._title(event), text=self._text(event), link=link, at=self._ago(hours))
        self.feeds[path][guid] = item
        return item

    def copy(self, item: Item, path: str) -> Item:
        """Publish what another feed has, word for word."""
        guid = f"g{next(self._guids)}"
        copied = replace(item, guid=guid, link=f"http://{path.strip('/')}.example/{guid}")
        self.feeds[path][guid] = copied
        return copied

    def edit(self, path: str, guid: str, *, event: int, title: bool) -> None:
        """Rewrite the title, or the text, of an entry."""
        item = self.feeds[path][guid]
        changed = replace(item, title=self._title(event)) if title else replace(item, text=self._text(event))
        self.feeds[path][guid] = changed

    def redate(self, path: str, guid: str, *, hours: int | None) -> None:
        self.feeds[path][guid] = replace(self.feeds[path][guid], at=self._ago(hours))

    def withdraw(self, path: str, guid: str) -> Item:
        return self.feeds[path].pop(guid)

    def list_items(self) -> Iterator[tuple[str, Item]]:
        """All entries that are published now, each with its path."""
        for path, items in self.feeds.items():
            yield from ((path, item) for item in items.values())

    def _ago(self, hours: int | None) -> datetime | None:
        return None if hours is None else self._now - timedelta(hours=hours)

    def _title(self, event: int) -> str:
        return f"{_EVENTS[event % len(_EVENTS)]} {next(self._words)}"

    def _text(self, event: int) -> str:
        return f"{_EVENTS[event % len(_EVENTS)]}. {_FILLING} {next(self._words)}"

    def _answer(self, path: str) -> Answer:
        status = self.failing.get(path)
        if status is not None:
            return Answer(status=status or 200, body=b"<html><p>Nothing here</p></html>")
        body = _write_rss(path, self.feeds[path].values())
        return Answer(body=body, etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def _write_rss(path: str, items: Iterable[Item]) -> bytes:
    name = path.strip("/")
    head = f"<rss version='2.0'><channel><title>Gazette {name}</title><link>http://{name}.example/</link>"
    return (head + "".join(map(_write_item, items)) + "</channel></rss>").encode()


def _write_item(item: Item) -> str:
    date = f"<pubDate>{format_datetime(item.at)}</pubDate>" if item.at else ""
    return (
        f"<item><guid isPermaLink='false'>{item.guid}</guid><title>{item.title}</title><link>{item.link}</link>"
        f"<description>{item.text}</description>{date}</item>"
    )
