"""A user with his veille, a newsstand and a model of both: the half of the machine that subscribes and fetches.

`tests/store/test_model.py` adds what is done with stories, and looks after each step.
"""

from __future__ import annotations

import contextlib
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from modelled import Model
from newsstand import Newsroom
from observed import check_health, check_words, look
from publisher import Publisher
from veille.app import subscribe
from veille.app.feedset import change_settings
from veille.app.home import open_home
from veille.app.lock import hold_lock
from veille.app.refresh import Choice, refresh
from veille.feed import Subscription
from veille.read.opml import write_opml
from veille.settings import FetchSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsstand import Item
    from veille.app.home import Home

One = TypeVar("One")
News = tuple[str, int, int, int | None]

_MOST_FEEDS, _MOST_ENTRIES = 7, 60
_PATIENT = FetchSettings(timeout=timedelta(minutes=1), connect_timeout=timedelta(minutes=1))

picks = st.integers(0, 10**6)
folders = st.sampled_from(["", "Presse", "Presse/Locale", "Blogs"])
_hours = st.sampled_from([0, 0, 1, 2, 5, 20, 30, 100, 24 * 40, -48, None])
_acts = st.sampled_from("write write write copy copy edit edit redate withdraw".split())
_news = st.lists(st.tuples(_acts, picks, picks, _hours), max_size=6)


class Office(RuleBasedStateMachine):
    """A user, what he has, and what he should have."""

    def __init__(self) -> None:
        super().__init__()
        self.closing = contextlib.ExitStack()
        self.place = Path(self.closing.enter_context(tempfile.TemporaryDirectory()))
        self.patch = self.closing.enter_context(pytest.MonkeyPatch.context())
        self.patch.delenv("VEILLE_DB", raising=False)
        self.newsstand = Newsroom(self.closing.enter_context(Publisher()))
        self.withdrawn: list[tuple[str, Item]] = []
        self.words: list[str] = []
        self.model = Model()
        self.homes = 0
        self.move_in()

    def teardown(self) -> None:
        try:
            with open_home() as home:
                check_words(home, self.words, self.model.holders())
            check_health()
        finally:
            self.closing.close()

    def move_in(self) -> None:
        """A new home, with nothing in it."""
        self.homes += 1
        home = self.place / f"home{self.homes}"
        home.mkdir()
        self.patch.setenv("VEILLE_HOME", str(home))

    # --- subscriptions ---

    @initialize(places=st.lists(folders, min_size=2, max_size=4), news=_news)
    def begin(self, places: list[str], news: list[News]) -> None:
        self._import(places, [])
        self._fetch(news)

    @rule(places=st.lists(folders, max_size=2), again=st.lists(picks, max_size=3), where=folders)
    def import_list(self, places: list[str], again: list[int], where: str) -> None:
        self._import(places[: max(0, _MOST_FEEDS - len(self.newsstand.feeds))], again, where)

    def _import(self, places: list[str], again: list[int], where: str = "") -> None:
        """Subscribe to a list of new feeds and of some that are there, or were."""
        known = list(self.newsstand.feeds)
        listed = {known[pick % len(known)]: where for pick in again if known}
        listed |= {self.newsstand.open_feed(): folder for folder in places}
        if not listed:  # a list of nothing is refused
            return
        titles = {path: f"Titre {path.strip('/')}" for path in listed}
        outlines = [
            Subscription(url=self.newsstand.url(path), title=titles[path], folder=at) for path, at in listed.items()
        ]
        source = self.place / "list.opml"
        source.write_text(write_opml(outlines, title="a list", created_at=datetime.now(UTC)))
        with open_home() as home:
            imported = subscribe.import_list(home, str(source))
            ids = {feed.subscription.url: feed.id for feed in subscribe.survey_feeds(home)}
        added = [one.url for one in outlines if self.model.subscribe(one.url, title=one.title, folder=one.folder)]
        assert (imported.added, imported.present) == (len(added), len(outlines) - len(added))
        for url in added:
            feed = self.model.feeds[url]
            feed.id = feed.id or ids[url]

    @precondition(lambda self: self.model.list_followed())
    @rule(pick=picks, how=st.sampled_from("mute unmute rename folder tag untag set unset".split()), where=folders)
    def tidy(self, pick: int, how: str, where: str) -> None:
        url = pick_one(self.model.list_followed(), pick)
        feed = self.model.feeds[url]
        with open_home() as home:
            match how:
                case "mute" | "unmute":
                    feed.muted = how == "mute"
                    subscribe.mute(home, str(feed.id), muted=feed.muted)
                case "rename":
                    feed.title = f"Nom {pick}"
                    subscribe.rename(home, url, feed.title)
                case "folder":
                    feed.folder = where
                    subscribe.move(home, url, where)
                case "tag" | "untag":
                    tag = f"t{pick % 3}"
                    rest = tuple(one for one in feed.tags if one != tag)
                    feed.tags = rest if how == "untag" else (feed.tags if tag in feed.tags else (*rest, tag))
                    subscribe.tag(home, url, [tag if how == "tag" else f"-{tag}"])
                case "set":
                    feed.hours, feed.weight = pick % 5 + 1, pick % 7
                    change_settings(home, url, [f"interval={feed.hours}h", f"weight={feed.weight}"])
                case "unset":
                    feed.weight = None
                    change_settings(home, url, ["weight="])

    @precondition(lambda self: self.model.list_followed())
    @rule(pick=picks, purge=st.booleans())
    def remove(self, pick: int, purge: bool) -> None:  # noqa: FBT001 - drawn
        url = pick_one(self.model.list_followed(), pick)
        held = sum(key[0] == url for key in self.model.entries)
        with open_home() as home:
            feed = subscribe.remove(home, url, purge=purge)
        if purge:
            assert feed.entries == held
            self.model.purge(url)
        else:
            self.model.feeds[url].removed = True

    # --- news ---

    # Of all that may happen this is what happens most.

    @rule(news=_news)
    def morning(self, news: list[News]) -> None:
        self._fetch(news)

    @rule(news=_news)
    def noon(self, news: list[News]) -> None:
        self._fetch(news)

    @rule(news=_news)
    def evening(self, news: list[News]) -> None:
        self._fetch(news)

    @precondition(lambda self: self.model.list_followed())
    @rule(news=_news, pick=picks)
    def fetch_one(self, news: list[News], pick: int) -> None:
        """A feed that is named is fetched, though muted or gone."""
        self._fetch(news, pick_one(self.model.list_followed(), pick))

    @rule(pick=picks, status=st.sampled_from([None, None, 0, 404, 410, 500]))
    def fail(self, pick: int, status: int | None) -> None:
        """A server goes wrong, or comes to its senses."""
        path = pick_one(list(self.newsstand.feeds), pick)
        self.newsstand.failing.pop(path, None)
        if status is not None:
            self.newsstand.failing[path] = status

    def _happen(self, act: str, pick: int, other: int, ago: int | None) -> None:
        room, path = self.newsstand, pick_one(list(self.newsstand.feeds), pick)
        items, crowded = list(room.list_items()), len(self.model.entries) > _MOST_ENTRIES
        if act == "write" and not crowded:
            room.write(path, event=other, hours=ago)
        if act == "withdraw" and self.withdrawn and other % 2:
            path, item = self.withdrawn.pop()
            room.feeds[path][item.guid] = item
        if not items:
            return
        path_of, item = pick_one(items, other)
        match act:
            case "copy" if not crowded:
                room.copy(item, path)
            case "edit":
                room.edit(path_of, item.guid, event=pick, title=pick % 2 == 0)
            case "redate":
                room.redate(path_of, item.guid, hours=ago)
            case "withdraw" if not other % 2:
                self.withdrawn.append((path_of, room.withdraw(path_of, item.guid)))

    def _fetch(self, news: list[News], name: str = "") -> None:
        """Things happen, and are fetched: from every feed, or from one that is named."""
        for act, pick, other, ago in news:
            self._happen(act, pick, other, ago)
        since = datetime.now(UTC).replace(microsecond=0)
        with open_home() as home, hold_lock(home.places.lock, command="fetch"):
            told = _refresh(home, name)
            seen = look(home)
        new: dict[tuple[str, str], Item] = {}
        edited, failed = 0, set()
        for path, items in self.newsstand.feeds.items():
            url, status = self.newsstand.url(path), self.newsstand.failing.get(path)
            feed = self.model.feeds.get(url)
            if feed is None or feed.removed or not (url == name or (not name and feed.asked and not feed.muted)):
                continue
            feed.asked = status != 410
            if status is not None:
                failed.add(url)
                continue
            came, changed = self.model.deliver(url, items.values(), now=since)
            new |= {(url, item.guid): item for item in came}
            edited += changed
        assert told == (len(new), edited, failed)
        self.model.settle(seen, new, since=since)
        self.words += [
            word for items in self.newsstand.feeds.values() for item in items.values() for word in item.words
        ]
        self.words = list(dict.fromkeys(self.words))


def _refresh(home: Home, name: str) -> tuple[int, int, set[str]]:
    """Fetch by force: how many entries are new, how many were edited, which feeds failed."""
    new, edited, failed, names = 0, 0, set[str](), [name] if name else []
    for _ in range(5):
        feeds = subscribe.choose_feeds(home, names, folder=None)
        receipt = refresh(home, feeds=feeds, settings=_PATIENT, choice=Choice(force=True, named=bool(names)))
        new, edited = new + receipt.new, edited + receipt.edited
        failed = {*failed, *(one.feed_url for one in receipt.problems if one.failed)}
        names = [one.feed_url for one in receipt.problems if one.reason.startswith("reading it takes more than")]
        if not names:
            break
        # A machine that is kept busy starts the processes that read too late.
        failed -= set(names)
    return new, edited, failed


def pick_one(among: Sequence[One], pick: int) -> One:
    """One of them, drawn by a number."""
    return among[pick % len(among)]
