"""What a database is compared with, and the bytes of a log that is whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from veille.store.header import log_of, read_log
from veille.store.pages import read_records
from veille.store.schema import make_model

if TYPE_CHECKING:
    from pathlib import Path

    from veille.store.db import Db

_SCHEMA = "SELECT name, type FROM sqlite_master WHERE name NOT LIKE '%sqlite_migrations%' ORDER BY 1"


def test_the_model_is_what_migrations_make(db: Db) -> None:
    with closing(make_model()) as model:
        assert model.execute(_SCHEMA).fetchall() == [tuple(row) for row in db.execute(_SCHEMA)]
        for name, kind in model.execute(_SCHEMA).fetchall():
            if kind == "table":
                made = [tuple(row) for row in db.execute(f"PRAGMA table_info('{name}')")]
                assert model.execute(f"PRAGMA table_info('{name}')").fetchall() == made


def test_a_whole_log_is_counted_to_its_last_commit(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE one (a)")
        for _ in range(50):
            db.execute("INSERT INTO one VALUES (?)", ("x" * 3000,))
        log = read_log(log_of(path))
        assert log.readable
        assert log.torn == 0
        assert log.frames == (log.size - 32) // (24 + 4096)


def test_records_are_read_as_sqlite_reads_them(tmp_path: Path) -> None:
    values = [None, 0, 1, -1, 300, -70_000, 1 << 40, -(1 << 62), 1.5, "é", b"\0\xff", "x" * 20_000, b"y" * 4061]
    path = tmp_path / "x.db"
    for page_size in (512, 4096, 65536):
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute(f"PRAGMA page_size = {page_size}")
            db.execute("VACUUM")
            db.execute("DROP TABLE IF EXISTS one")
            db.execute("CREATE TABLE one (a, b)")
            db.executemany(
                "INSERT INTO one (rowid, a, b) VALUES (?, ?, ?)", [(n - 3, v, n) for n, v in enumerate(values)]
            )
        read = {record.number: record.values for record in read_records(path.read_bytes()) if len(record.values) == 2}
        assert read == {number - 3: (value, number) for number, value in enumerate(values)}
