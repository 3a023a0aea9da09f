"""Databases of every schema there has been, opened by this program: nothing that was in them is lost."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from stored import NOW
from veille.rank.query import parse_query
from veille.rank.window import MemoryWindow
from veille.rank.wording import read_wording
from veille.store.db import Db, open_store
from veille.store.feeds import list_feeds
from veille.store.headlines import load_headlines
from veille.store.schema import SCHEMA_VERSION
from veille.store.search import select_matching
from veille.store.stories import load_stories
from veille.store.window import StoredWindow

SCHEMAS = sorted((Path(__file__).parents[1] / "data" / "schemas").glob("*.db"))
PATIENCE = timedelta(seconds=5)


def dump(path: Path, columns: dict[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        return {
            table: db.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1").fetchall()
            for table, names in columns.items()
        }


def list_columns(path: Path) -> dict[str, list[str]]:
    """The columns of every table that holds what a user has; not the indexes, which are made anew."""
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in tables if not name.startswith(("entries_", "sqlite_", "_"))]
        return {table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")] for table in kept}


def assert_folding_goes_on(db: Db) -> None:
    """Entries have their pages, and the stories of the latest days are where new ones look for theirs."""
    pages = [tuple(row) for row in db.execute("SELECT id, page FROM entries ORDER BY id")]
    assert pages == [(1000, "x.example/1"), (1001, "x.example/2"), (1002, "x.example/1")]
    asked = read_wording("Nantes parrots démission").stems
    window, memory = StoredWindow(db, since=NOW), MemoryWindow(load_headlines(db, [1000, 1001, 1002]))
    assert window.count() == memory.count() == 2
    assert window.spread(asked) == memory.spread(asked)
    assert dict(window.holders(asked, 9)) == memory.holders(asked, 9)


def test_every_schema_before_this_one_has_a_database() -> None:
    assert [path.stem for path in SCHEMAS] == [str(version) for version in range(1, SCHEMA_VERSION)]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_an_older_database_keeps_everything(path: Path, tmp_path: Path) -> None:
    mine = tmp_path / "veille.db"
    shutil.copy(path, mine)
    columns = list_columns(mine)
    before = dump(mine, columns)
    with open_store(mine, busy_timeout=PATIENCE) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert [feed.name for feed in list_feeds(db)] == ["Feed A", "http://b.example/feed"]
        one, other = load_stories(db, [1000, 1001])
        assert (len(one.sources), one.read, one.note, other.starred) == (2, True, "À suivre", True)
        for words, entry_ids in {"élection": [1000], "parrot": [1001], '"annonce sa démission"': [1000, 1002]}.items():
            sql, values = select_matching(parse_query(words).expression)
            assert [entry_id for (entry_id,) in db.execute(f"{sql} ORDER BY 1", values)] == entry_ids
        assert_folding_goes_on(db)
    assert dump(mine, columns) == before
