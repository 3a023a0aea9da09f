"""Copies and moves that are killed: backup, restore, import of everything, a first start, a migration."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from killing import Attempt, Blow, column, must, must_equal
from running import query, veille
from sittings import fill
from veille.app.backup import make_backup
from veille.app.home import open_home
from veille.app.manifest import DATABASE, check_files, read_manifest
from veille.store.schema import SCHEMA_VERSION

SCHEMAS = Path(__file__).parent / "data" / "schemas"
_STORIES, _WORDS = 20, 1000
_COUNTS = "SELECT (SELECT count(*) FROM feeds), (SELECT count(*) FROM stories), (SELECT count(*) FROM entries)"


class BackingUp:
    """`backup --keep 3`: what bears the name of a backup is whole."""

    name = "backup"

    def __init__(self, home: Path) -> None:
        self.home, self.place = home, home / "backups"
        fill(_STORIES, words=_WORDS)
        self.known: set[str] = set()

    def prepare(self) -> Attempt:
        return Attempt(arguments=("backup", "--keep", "3"))

    def look(self, blow: Blow) -> None:
        assert blow.killed
        found = self._check()
        gone = self.known - found
        # The oldest goes when a newer one is there.
        must(len(gone) <= max(0, len(found | self.known) - 3), f"gone without need: {gone}")
        self.known = found

    def complete(self, blow: Blow) -> None:
        assert blow.code == 0, blow.said
        found = self._check()
        must(found - self.known, "no new backup")
        must_equal([path.name for path in self.place.iterdir() if path.name not in found], [], "halves")
        self.known = found

    def _check(self) -> set[str]:
        if not self.place.exists():
            return set()
        whole = [path for path in self.place.iterdir() if not path.name.startswith(".")]
        for path in whole:
            check_files(path, read_manifest(path))
            with closing(sqlite3.connect(path / DATABASE)) as db:
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                must_equal(db.execute("SELECT count(*) FROM entries").fetchone(), (_STORIES,), "entries kept")
        return {path.name for path in whole}


class Restoring:
    """`restore --force`: the old database or the new one, and the old one beside it in the end."""

    name = "restore"

    def __init__(self, home: Path) -> None:
        self.home, self.number = home, 0
        fill(_STORIES, words=_WORDS)
        with open_home() as opened:
            self.backup = make_backup(opened, None, keep=None).backup.path

    def prepare(self) -> Attempt:
        self.number += 1
        for old in self.home.glob("*.replaced-*"):
            old.unlink()
        with open_home() as opened:
            opened.db.execute("UPDATE feeds SET title = ?", (f"of day {self.number}",))
        return Attempt(arguments=("restore", str(self.backup), "--force"))

    def look(self, blow: Blow) -> None:
        assert blow.killed
        must_equal(query(self.home, _COUNTS), [(1, _STORIES, _STORIES)], "feeds, stories, entries")
        titles = column(self.home, "SELECT title FROM feeds")
        must(titles in ([""], [f"of day {self.number}"]), titles)
        if titles == [""]:
            self._check_aside()

    def complete(self, blow: Blow) -> None:
        assert blow.code == 0, blow.said
        must_equal(column(self.home, "SELECT title FROM feeds"), [""], "the title of the backup")
        self._check_aside()
        must_equal([path.name for path in self.home.glob("*restoring*")], [], "halves")

    def _check_aside(self) -> None:
        kept = []
        for path in self.home.glob("veille.db.replaced-*"):
            if path.suffix.endswith(("-wal", "-shm")):
                continue
            with closing(sqlite3.connect(path)) as db:
                kept += db.execute("SELECT title FROM feeds").fetchall()
        must((f"of day {self.number}",) in kept, f"the database that was replaced is not beside: {kept}")


class Importing:
    """`import` of everything into an empty veille: nothing of it, or all."""

    name = "import"

    def __init__(self, home: Path) -> None:
        fill(_STORIES, words=_WORDS)
        self.base, self.number = home, 0
        self.file = home.parent / "all.jsonl"
        code, _, said = veille("export", "--all", "-o", str(self.file), home=home)
        assert code == 0, said

    def prepare(self) -> Attempt:
        self.number += 1
        self.home = self.base.parent / f"other-{self.number}"
        self.home.mkdir()
        return Attempt(arguments=("import", str(self.file)))

    def look(self, blow: Blow) -> None:
        assert blow.killed
        if (self.home / "veille.db").exists() and column(self.home, "SELECT 1 FROM sqlite_master WHERE name = 'feeds'"):
            must(query(self.home, _COUNTS)[0] in ((0, 0, 0), (1, _STORIES, _STORIES)), query(self.home, _COUNTS))

    def complete(self, blow: Blow) -> None:
        # What was killed after its end says that this veille is not empty.
        assert blow.code in (0, 1, 2), blow.said
        must_equal(query(self.home, _COUNTS), [(1, _STORIES, _STORIES)], "feeds, stories, entries")


class Starting:
    """The first command of all, which makes the database, or one that finds the database of an older veille."""

    name = "migration"

    def __init__(self, home: Path) -> None:
        self.base, self.number = home, -1

    def prepare(self) -> Attempt:
        self.number += 1
        self.home = self.base.parent / f"older-{self.number}"
        self.home.mkdir()
        self.version = self.number % SCHEMA_VERSION
        self.before: dict[str, list[tuple[object, ...]]] = {}
        if self.version:
            shutil.copy(SCHEMAS / f"{self.version}.db", self.home / "veille.db")
            self.columns = _list_columns(self.home)
            self.before = self._dump()
        return Attempt(arguments=("feeds", "--json"))

    def look(self, blow: Blow) -> None:
        assert blow.killed
        if self.version:
            must_equal(self._dump(), self.before, "what was stored")

    def complete(self, blow: Blow) -> None:
        assert blow.code == 0, blow.said
        assert query(self.home, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
        if self.version:
            must_equal(self._dump(), self.before, "what was stored")
            assert (self.home / f"veille.db.before-{self.version}").exists()
        must_equal([path.name for path in self.home.glob("*.restoring")], [], "halves")

    def _dump(self) -> dict[str, list[tuple[object, ...]]]:
        return {
            table: query(self.home, f"SELECT {', '.join(map(str, names))} FROM {table} ORDER BY 1")
            for table, names in self.columns.items()
        }


def _list_columns(home: Path) -> dict[str, list[object]]:
    """The columns of every table that holds what a user has; not the indexes, which are made anew."""
    tables = map(str, column(home, "SELECT name FROM sqlite_master WHERE type = 'table'"))
    kept = [name for name in tables if not name.startswith(("entries_", "sqlite_", "_"))]
    return {table: column(home, f"SELECT name FROM pragma_table_info('{table}')") for table in kept}
