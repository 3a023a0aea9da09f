"""Passwords and tokens in the addresses of feeds: in no issue, mail or list of stories."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digesting import publish
from running import query
from stored import entry, fold, store
from veille.app.home import open_home, read_clock
from veille.feed import Subscription
from veille.store.db import write
from veille.store.feeds import add_feed, find_feed
from veille.times import to_stored

if TYPE_CHECKING:
    from cli.conftest import Run

SECRET = "https://moi:s3cretpw@prive.example/flux?token=TOK123456"  # noqa: S105 - nobody's


def is_told(text: str) -> bool:
    return "s3cretpw" in text or "TOK123456" in text


def follow_secretly(title: str = "") -> None:
    """A story of a feed that nothing names but its address, which has moved to one like it."""
    with open_home() as home:
        now = read_clock()
        with write(home.db):
            add_feed(home.db, Subscription(url=SECRET, title=title), now=now)
            feed = find_feed(home.db, SECRET)
        store(home.db, feed.id, entry("g1", "Incendie dans une usine", published_at=now, language="fr"), now=now)
        fold(home.db)
        with write(home.db):
            moved_to = SECRET.replace("prive.", "neuf.")
            home.db.execute(
                "UPDATE feed_states SET status = 'ok', moved_to = ?, moved_seen = 1, last_fetch_at = ?",
                (moved_to, to_stored(now)),
            )


@pytest.mark.parametrize("title", ["", SECRET], ids=["untitled", "titled with its address"])
def test_an_issue_holds_no_secret_of_an_address(run: "Run", home: Path, title: str) -> None:
    follow_secretly(title)
    for form in ("md", "html", "txt", "json", "atom", "jsonfeed"):
        out = run("digest", form, "--format", form, "--rubrics", "folder", "-o", "-").out
        assert "Incendie dans une usine" in out
        assert "prive.example/flux" in out.replace("\\", "")
        assert "neuf.example" in out.replace("\\", "")
        assert not is_told(out)
    assert not any(is_told(content) for (content,) in query(home, "SELECT content FROM issues"))


def test_no_list_holds_one(run: "Run", home: Path) -> None:
    follow_secretly()
    with open_home() as opened:
        publish(opened.db, "Autre chose")
    (number,) = next(iter(query(home, "SELECT id FROM stories ORDER BY id LIMIT 1")))
    for words in (["top", "--why"], ["why", str(number)], ["story", str(number)]):
        result = run(*words)
        assert "prive.example/flux" in result.out
        assert not is_told(result.out + result.err)
