"""Labelled headlines where they can be ranked: stored and folded by veille, stored by it unfolded, and in plain FTS5.

Headlines in, open stores out; headlines go by their places. Knows nothing of topics.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from veille.app.fold import fold_pending
from veille.app.home import Home, read_clock
from veille.app.ranking import Window, rank_window
from veille.config import Places, load_settings
from veille.feed import Subscription
from veille.model import Placement
from veille.parsed import ParsedEntry
from veille.read.changes import decide_changes
from veille.store.db import open_store, write
from veille.store.entries import store_changes
from veille.store.feeds import add_feed, list_feeds
from veille.store.prepared import prepare_entry
from veille.store.stories import place_entries
from veille.text import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from labelled import Labelled
    from veille.store.db import Db

SINCE = datetime(2000, 1, 1, tzinfo=UTC)
"""Before every headline."""


class Shelf(NamedTuple):
    """Headlines stored three times; `lead_of` tells which of them leads the story of each, where they are folded."""

    rows: Sequence[Labelled]
    language: str
    folded: Home
    unfolded: Home
    plain: sqlite3.Connection
    lead_of: Sequence[int]


@contextmanager
def fill_shelf(rows: Sequence[Labelled], *, language: str) -> Iterator[Shelf]:
    """The headlines stored as a fetch stores them, as if the last of them had just come."""
    late = read_clock() - max(one.at for one in rows)
    plain = sqlite3.connect(":memory:")
    plain.execute("CREATE VIRTUAL TABLE headlines USING fts5 (title)")
    plain.executemany("INSERT INTO headlines (rowid, title) VALUES (?, ?)", enumerate([one.title for one in rows], 1))
    with (
        tempfile.TemporaryDirectory(prefix="veille-ranking-") as directory,
        _open_home(Path(directory) / "folded") as folded,
        _open_home(Path(directory) / "unfolded") as unfolded,
    ):
        for home in (folded, unfolded):
            _store(home.db, [one._replace(at=one.at + late) for one in rows], language=language)
        fold_pending(folded.db, folded.settings.fold)
        with write(unfolded.db):
            ids = [entry_id for (entry_id,) in unfolded.db.execute("SELECT id FROM entries")]
            place_entries(unfolded.db, [Placement(entry_id=one, story_id=one) for one in ids])
        yield Shelf(rows, language, folded, unfolded, plain, _list_leads(folded))
    plain.close()


def place_of(db: Db, entry_id: int) -> int:
    """The place of a stored headline."""
    (guid,) = db.execute("SELECT guid FROM entries WHERE id = ?", (entry_id,)).fetchone()
    return int(guid)


@contextmanager
def _open_home(home: Path) -> Iterator[Home]:
    places = Places(
        home=home,
        config=home / "config.toml",
        rules=home / "rules.toml",
        database=home / "veille.db",
        digests=home / "digests",
    )
    settings = load_settings(places)
    with open_store(places.database, busy_timeout=settings.store.busy_timeout) as db:
        yield Home(places=places, settings=settings, db=db)


def _store(db: Db, rows: Sequence[Labelled], *, language: str) -> None:
    by_feed: defaultdict[str, list[ParsedEntry]] = defaultdict(list)
    for at, one in enumerate(rows):
        site = f"https://{crc32(one.outlet.encode())}.example"
        by_feed[f"{site}/feed"].append(
            ParsedEntry(
                guid=str(at),
                url=f"{site}/{at}",
                title=one.title,
                published_at=one.at.replace(microsecond=0),
                language=detect_language(one.title, declared=language),
                fingerprint=str(at),
            )
        )
    now = read_clock()
    with write(db):
        for url in by_feed:
            add_feed(db, Subscription(url=url), now=now)
        numbers = {feed.subscription.url: feed.id for feed in list_feeds(db)}
        for url, entries in by_feed.items():
            store_changes(db, numbers[url], decide_changes(map(prepare_entry, entries), {}), now=now)


def _list_leads(home: Home) -> list[int]:
    """For each headline, by its place, the one that leads its story."""
    leads = {
        place_of(home.db, source.entry_id): place_of(home.db, one.story.lead.entry_id)
        for one in rank_window(home, Window(since=SINCE)).stories
        for source in one.story.sources
    }
    return [leads[at] for at in sorted(leads)]
