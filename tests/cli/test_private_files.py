"""What others on the machine can do to a user's files: nothing is theirs to read, and no link of theirs is followed."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from publisher import Answer, Publisher
from running import rss, subscribe_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.conftest import Run

RULE = '[[rule]]\nname = "marque"\nmatch = "one"\nweight = 5\n'


@pytest.fixture
def _open_mask() -> Iterator[None]:
    """A umask that takes nothing away: what is private is so by veille's own doing."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(place: Path) -> dict[str, str]:
    """What in a directory anybody else may use."""
    found = {one.relative_to(place): stat.S_IMODE(one.stat().st_mode) for one in place.rglob("*")}
    return {str(name): oct(mode) for name, mode in found.items() if mode & 0o077}


@pytest.mark.usefixtures("_open_mask")
def test_all_that_veille_keeps_is_for_its_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, publisher: Publisher
) -> None:
    place = tmp_path / "mine"
    monkeypatch.setenv("VEILLE_HOME", str(place))
    assert run("search", "--save", "crise", "one").code == 0
    subscribe_all([publisher.serve("/a", Answer(body=rss({"1": "One"})))])
    log = place / "logs" / "veille.log"
    assert run("--log", str(log), "fetch", "--force").code == 0
    assert run("digest").code == 0
    assert run("backup").code == 0
    assert run("export", str(place / "feeds.opml")).code == 0
    assert run("export", "--all", str(place / "all.jsonl")).code == 0
    assert len(list(place.rglob("*"))) > 10
    assert modes(place) == {}


@pytest.mark.usefixtures("_open_mask")
def test_an_import_of_everything_writes_private_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv("VEILLE_HOME", str(tmp_path / "old"))
    assert run("rules").code == 0
    (tmp_path / "old").mkdir(exist_ok=True)
    (tmp_path / "old" / "rules.toml").write_text(RULE, "utf-8")
    assert run("export", "--all", str(tmp_path / "all.jsonl")).code == 0
    monkeypatch.setenv("VEILLE_HOME", str(tmp_path / "new"))
    assert run("import", str(tmp_path / "all.jsonl")).code == 0
    assert (tmp_path / "new" / "rules.toml").exists()
    assert modes(tmp_path / "new") == {}


@pytest.mark.usefixtures("_open_mask")
def test_what_is_written_elsewhere_is_the_umask_s_to_say(
    tmp_path: Path, run: Run, home: Path, publisher: Publisher
) -> None:
    """A digest for a web server has to be read by it."""
    subscribe_all([publisher.serve("/a", Answer(body=rss({"1": "One"})))])
    assert run("fetch", "--force").code == 0
    assert run("digest", "-o", str(tmp_path / "www" / "page.html")).code == 0
    assert home != tmp_path / "www"
    assert stat.S_IMODE((tmp_path / "www" / "page.html").stat().st_mode) == 0o666


@pytest.mark.parametrize("command", [("fetch",), ("backup",)])
def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path, run: Run, command: tuple[str, ...]) -> None:
    """In a directory that others write to (`--db /tmp/veille.db`) it would empty a file of the user's."""
    precious = tmp_path / "precious"
    precious.write_text("mine", "utf-8")
    database = tmp_path / "shared" / "veille.db"
    database.parent.mkdir()
    assert run("--db", str(database), "feeds").code == 0
    for name in ("veille.db.lock", "veille.db.backup.lock"):
        (database.parent / name).unlink(missing_ok=True)
        (database.parent / name).symlink_to(precious)
    result = run("--db", str(database), *command)
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert precious.read_text("utf-8") == "mine"
