"""What the doctor says of backups: the latest is read again to the byte, none for weeks, which one to take."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from running import query
from stored import subscribe
from veille.app.home import open_home
from veille.times import to_stored

if TYPE_CHECKING:
    from cli.conftest import Run


@pytest.fixture
def since(home: Path) -> datetime:
    """A veille whose first subscription is a month old."""
    moment = datetime.now(UTC) - timedelta(days=30)
    with open_home() as opened:
        subscribe(opened.db, "gazette")
        opened.db.execute("UPDATE feeds SET added_at = ?", (to_stored(moment),))
    assert query(home, "SELECT count(*) FROM feeds") == [(1,)]
    return moment


def tell(run: "Run") -> list[dict[str, Any]]:
    return [one for one in run("doctor", "--offline", "--json").json["findings"] if one["id"] == "backups"]


def test_weeks_without_a_backup_are_told_until_there_is_one(run: "Run", since: datetime) -> None:
    assert since
    (one,) = tell(run)
    assert one["what"].startswith("no backup for 30 days: there is none in ")
    assert (one["severity"], "`veille backup`" in one["remedy"]) == ("note", True)
    assert run("backup").code == 0
    assert tell(run) == []


def test_a_backup_that_has_changed_is_told(run: "Run", home: Path, since: datetime) -> None:
    assert since
    assert run("backup").code == 0
    (made,) = (home / "backups").iterdir()
    with (made / "feeds.opml").open("ab") as file:
        file.write(b" ")
    (one,) = tell(run)
    assert one["severity"] == "warning"
    assert "feeds.opml" in one["what"]


def test_of_a_damaged_database_the_backup_to_take_is_named(run: "Run", home: Path, since: datetime) -> None:
    assert since
    assert run("backup").code == 0
    (made,) = (home / "backups").iterdir()
    (home / "veille.db").write_bytes(b"no database at all, but something" * 100)
    (one,) = tell(run)
    assert f"`veille restore {made.name} --force`" in one["remedy"]
    assert run("restore", made.name, "--force").code == 0
    assert query(home, "SELECT count(*) FROM feeds") == [(1,)]


def test_a_directory_that_nobody_has_is_told(run: "Run", home: Path, since: datetime) -> None:
    assert since
    (home / "config.toml").write_text("[backup]\ndir = '~nobody-of-that-name/x'\n", "utf-8")
    (one,) = tell(run)
    assert (one["severity"], "nobody of that name" in one["what"]) == ("error", True)
