"""Databases that have been lived in, and damages to them: bytes flipped, cut, zeroed, from a seed."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from stored import NOW, entry, fold, store, subscribe
from veille.store.db import open_store, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from veille.parsed import ParsedEntry
    from veille.store.db import Db

FEEDS, EACH = 12, 25
PATIENCE = timedelta(seconds=5)


def make_lived_in(path: Path) -> bytes:
    """A database with feeds, entries, contents, marks, notes, tags, a look and matches; its bytes."""
    with open_store(path, busy_timeout=PATIENCE) as db:
        for number in range(FEEDS):
            feed_id = subscribe(db, f"feed{number}", title=f"Feed {number}", folder="news", tags=("a",))
            entries = [_entry(number, place) for place in range(EACH)]
            store(db, feed_id, *entries)
        fold(db)
        _live(db)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def damage(content: bytes, seed: int) -> bytes:
    """The same bytes damaged in one of several ways."""
    rolled = random.Random(seed)  # noqa: S311 - the same damage each time
    hurt = bytearray(content)
    ways: tuple[Callable[[bytearray, random.Random], None], ...] = (
        _flip_few,
        _flip_many,
        _cut,
        _blank,
        _swap,
        _flip_head,
    )
    ways[seed % len(ways)](hurt, rolled)
    return bytes(hurt)


def _entry(number: int, place: int) -> ParsedEntry:
    guid = f"{number}-{place}"
    words = " ".join(f"mot{(number * 31 + place * 7 + step) % 97}" for step in range(60))
    return entry(
        guid, f"Sujet {guid} sur {words[:40]}", content=f"<p>{words}</p>" * (1 + place % 9), summary=words[:200]
    )


def _live(db: Db) -> None:
    stamp = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    stories = [story_id for (story_id,) in db.execute("SELECT id FROM stories ORDER BY id LIMIT 40")]
    with write(db):
        db.executemany(
            "INSERT INTO marks (story_id, read_at, starred_at) VALUES (?, ?, ?)",
            [(one, stamp, stamp) for one in stories[:20]],
        )
        db.executemany(
            "INSERT INTO notes (story_id, text, noted_at) VALUES (?, ?, ?)",
            [(one, f"Note sur {one}", stamp) for one in stories[:10]],
        )
        db.executemany("INSERT INTO story_tags (story_id, tag) VALUES (?, 'crise')", [(one,) for one in stories[5:15]])
        db.execute("INSERT INTO looks (name, entry_id, looked_at) VALUES ('top', 1000, ?)", (stamp,))


def _flip_few(hurt: bytearray, rolled: random.Random) -> None:
    for _ in range(rolled.choice((1, 2, 5, 10))):
        hurt[rolled.randrange(len(hurt))] ^= 1 << rolled.randrange(8)


def _flip_many(hurt: bytearray, rolled: random.Random) -> None:
    for _ in range(rolled.choice((50, 300, 2000))):
        hurt[rolled.randrange(len(hurt))] = rolled.randrange(256)


def _cut(hurt: bytearray, rolled: random.Random) -> None:
    del hurt[rolled.randrange(len(hurt)) :]


def _blank(hurt: bytearray, rolled: random.Random) -> None:
    for _ in range(rolled.choice((1, 3, 8))):
        start = rolled.randrange(0, len(hurt), 4096)
        hurt[start : start + 4096] = rolled.choice((bytes(4096), b"\xff" * 4096))


def _swap(hurt: bytearray, rolled: random.Random) -> None:
    one, other = (rolled.randrange(4096, len(hurt), 4096) for _ in range(2))
    hurt[one : one + 4096], hurt[other : other + 4096] = hurt[other : other + 4096], hurt[one : one + 4096]


def _flip_head(hurt: bytearray, rolled: random.Random) -> None:
    for _ in range(rolled.choice((1, 3, 30))):
        hurt[rolled.randrange(4096)] = rolled.randrange(256)
