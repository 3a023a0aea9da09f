"""Real disks that are full, have no inode left or cannot be written to: one line, and nothing that was kept is lost."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from disks import mounted
from publisher import Answer, Publisher
from running import query, rss, subscribe_all, veille, veille_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Mount = Callable[[str], None]

LONG = {str(number): f"Titre{number} " + " ".join(f"mot{number}x{word}" for word in range(300)) for number in range(80)}


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Mount]]:
    """A small file system of one's own as VEILLE_HOME, and how to mount it otherwise."""
    place = tmp_path / "disk"
    monkeypatch.setenv("VEILLE_HOME", str(place))
    monkeypatch.delenv("VEILLE_DB", raising=False)

    def remount(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True, capture_output=True)

    with mounted(place, "size=2m,nr_inodes=30"):
        yield place, remount


def fill(place: Path) -> None:
    """Take all the room there is."""
    with (place / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            return


@pytest.mark.parametrize("command", [("mark", "star", "1000"), ("fetch", "--force"), ("note", "1000", "à suivre")])
def test_a_full_disk_is_one_line_and_what_is_there_stays(
    disk: tuple[Path, Mount], publisher: Publisher, command: tuple[str, ...]
) -> None:
    place, remount = disk
    subscribe_all(
        [publisher.serve("/a", Answer(body=rss({"1": "First"}))), publisher.serve("/b", Answer(body=rss(LONG)))]
    )
    assert veille("fetch", "1", "-q")[0] == 0
    fill(place)
    code, _, err = veille(*command)
    if code == 0:  # it found room in the log that was there
        assert command[0] != "fetch"
    else:
        assert (code, err.count("\n")) == (1, 1), err
        assert "make room on the disk" in err
    (place / "ballast").unlink()
    remount("size=40m")
    assert query(place, "PRAGMA integrity_check") == [("ok",)]
    assert query(place, "SELECT guid, title FROM entries WHERE feed_id = 1") == [("1", "First")]
    assert veille_json("fetch", "--force", "--json")["feeds"]["failed"] == 0
    assert query(place, "SELECT count(*) FROM entries") == [(81,)]


def test_no_inode_left_is_one_line(disk: tuple[Path, Mount], publisher: Publisher) -> None:
    place, _ = disk
    made = []
    with pytest.raises(OSError, match="No space left"):  # noqa: PT012
        for number in range(100):
            made.append(place / f"file{number}")
            made[-1].touch()
    code, _, err = veille("add", publisher.serve("/a", Answer(body=rss({"1": "First"}))))
    assert (code, err.count("\n")) == (1, 1), err
    for path in made[:-1]:
        path.unlink()
    assert veille("feeds")[0] == 0


@pytest.mark.parametrize(
    "command", [("mark", "star", "1000"), ("fetch", "--force"), ("prune", "--older", "1d"), ("top",)]
)
def test_a_read_only_file_system_is_one_line(
    disk: tuple[Path, Mount], publisher: Publisher, command: tuple[str, ...]
) -> None:
    place, remount = disk
    subscribe_all([publisher.serve("/a", Answer(body=rss({"1": "First"})))])
    assert veille("fetch", "-q")[0] == 0
    remount("ro")
    code, _, err = veille(*command)
    assert (code, err.count("\n")) == (1, 1), err
    assert str(place) in err
    remount("rw")
    assert veille("top")[0] == 0


def test_on_a_full_disk_nothing_is_half_pruned(disk: tuple[Path, Mount], publisher: Publisher) -> None:
    place, remount = disk
    remount("size=40m")
    subscribe_all([publisher.serve("/a", Answer(body=rss(LONG).replace(b"20 Nov 2026", b"20 Nov 2023")))])
    assert veille("fetch", "-q")[0] == 0
    fill(place)
    code, out, err = veille("prune", "--older", "365d", "--json")
    assert (code, err.count("\n")) in {(0, 0), (0, 1), (1, 1)}, err
    (place / "ballast").unlink()
    assert query(place, "PRAGMA integrity_check") == [("ok",)]
    left, gone = (query(place, f"SELECT count(*) FROM {table}")[0][0] for table in ("entries", "pruned"))
    assert left + gone == len(LONG)
    assert (code == 0) == bool(out)
    assert veille("prune", "--older", "365d")[0] == 0
    assert query(place, "SELECT count(*) FROM entries") == [(0,)]
    assert query(place, "PRAGMA freelist_count") == [(0,)]
