"""The first folding of all keeps its window in memory: it decides and leaves what folding day by day would."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from stored import NOW, entry, fold, store, subscribe
from veille.store.db import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from veille.parsed import ParsedEntry
    from veille.store.db import Db

DAYS, DAILY, FEEDS = (5, 3.5, 2, 0), 1000, 4
SYLLABLES = "ba co di fu ga le mi no ra se ti vu".split()
TABLES = (
    "SELECT id, story_id, duplicate_of FROM entries ORDER BY id",
    "SELECT id, first_at, last_at FROM stories ORDER BY id",
    "SELECT story_id, first_at, scope FROM fold_stories ORDER BY story_id",
    "SELECT stem, story_id FROM fold_stems ORDER BY stem, story_id",
    "SELECT stem, told, titled FROM fold_spread WHERE told > 0 OR titled > 0 ORDER BY stem",
)


def write_days() -> list[list[ParsedEntry]]:
    """More days than the window is long, each of as many entries as make a day of folding by themselves.

    Some titles come back a day later, some with a word more, and some pages under another title.
    """
    draw = random.Random(11)  # noqa: S311 - the same at every run
    words = ["".join(draw.choices(SYLLABLES, k=4)).capitalize() for _ in range(2000)]
    told = [" ".join(draw.sample(words, 6)) for _ in range(600)]
    days = []
    for ago in DAYS:
        rows = []
        for at in range(DAILY):
            title = draw.choice(told) if draw.random() < 0.3 else " ".join(draw.sample(words, 6))
            title += f" {draw.choice(words)}" if draw.random() < 0.3 else ""
            page = f"http://agency.example/{draw.randrange(50)}" if draw.random() < 0.05 else ""
            rows.append(
                entry(
                    f"{ago}/{at}",
                    title,
                    url=page or f"http://x.example/{ago}/{at}",
                    summary=" ".join(draw.sample(words, 12)) if at % 2 else "",
                    published_at=NOW - timedelta(days=ago) + timedelta(seconds=20 * at),
                )
            )
        days.append(rows)
    return days


def dump(db: Db) -> list[list[tuple[object, ...]]]:
    return [[tuple(row) for row in db.execute(sql)] for sql in TABLES]


def test_all_at_once_is_as_day_by_day(db: Db, tmp_path: Path) -> None:
    with open_store(tmp_path / "other.db", busy_timeout=timedelta(seconds=5)) as other:
        for store_of in (db, other):
            feeds = [subscribe(store_of, str(number)) for number in range(FEEDS)]
            store(store_of, feeds[0], entry("old", "Forgotten", published_at=NOW - timedelta(days=60)))
            if store_of is other:
                # From then on the window is a table.
                fold(other)
            for rows in write_days():
                for at, feed_id in enumerate(feeds):
                    store(store_of, feed_id, *rows[at::FEEDS])
        copies = fold(db)
        fold(other)
        at_once, by_day = dump(db), dump(other)
    assert at_once == by_day
    # It has been put to the test: there are copies, stories of several days, and stories that are forgotten.
    assert copies > 100
    assert 0 < len(at_once[2]) < len(at_once[1])
    assert any(str(first)[:10] != str(last)[:10] for _, first, last in at_once[1])


def test_what_stories_that_are_gone_have_left_is_in_nobodys_way(db: Db) -> None:
    with db:
        db.execute("INSERT INTO fold_spread (stem, told, titled) VALUES ('mair', 0, 0)")
        db.execute("INSERT INTO fold_stems (stem, story_id) VALUES ('mair', 1000)")
    store(db, subscribe(db, "a"), entry("1", "Le maire de Nantes annonce sa démission"))
    fold(db)
    assert dump(db)[3] == [("annonc", 1000), ("demiss", 1000), ("mair", 1000), ("nant", 1000)]
    assert all((told, titled) == (1, 1) for _, told, titled in dump(db)[4])
