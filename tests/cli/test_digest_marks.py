"""What `--since last` goes on from: runs by hand show less, print, or find nothing, and nothing is lost by them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digesting import add_stories, make_titles
from running import query
from veille.app.home import open_home, read_clock
from veille.store.db import write
from veille.times import to_stored

if TYPE_CHECKING:
    from cli.conftest import Result, Run

AS_JSON = ("--format", "json", "-o", "-")
MATIN = "[digest.matin]\nleft_out = false\n"


def stories(result: "Result") -> list[int]:
    return sorted(story["id"] for story in json.loads(result.out)["stories"])


def set_back(hours: float) -> None:
    """As if all that is remembered of digests, and all entries, were so many hours older."""
    with open_home() as home, write(home.db):
        span = f"{-hours} hours"
        form = "'%Y-%m-%dT%H:%M:%SZ'"
        home.db.execute(f"UPDATE issues SET written_at = strftime({form}, written_at, ?)", (span,))
        home.db.execute(f"UPDATE looks SET looked_at = strftime({form}, looked_at, ?)", (span,))


@pytest.mark.parametrize("table", [MATIN, ""], ids=["configured", "known by its issues"])
@pytest.mark.parametrize(
    "flags",
    [("--query", "kermoal"), ("--since", "24h", "-n", "1"), ("-n", "1"), ("--since", "24h", "--budget", "1m")],
    ids=["narrowed", "another start", "shortened", "a budget"],
)
def test_a_run_by_hand_takes_nothing_from_the_next(run: "Run", home: Path, table: str, flags: tuple[str, ...]) -> None:
    (home / "config.toml").write_text(table, "utf-8")
    titles = make_titles(3)
    add_stories(next(titles))
    assert run("digest", "matin", "--since", "last").code == 0
    came = add_stories("La piscine de Kermoal rouvre", next(titles), next(titles))
    by_hand = run("digest", "matin", "--since", "last", *flags, *AS_JSON)
    shown = stories(by_hand) if by_hand.code == 0 else []
    set_back(1)
    assert sorted(shown + stories(run("digest", "matin", "--since", "last", *AS_JSON))) == came
    assert stories(run("digest", "matin", "--since", "last", *AS_JSON)) == []


def test_a_digest_made_of_flags_alone_goes_on_from_itself(run: "Run", home: Path) -> None:
    """Left-out titles do not come back, as with a table."""
    titles = make_titles(4)
    asked = ("digest", "marque", "--since", "last", "-n", "1", *AS_JSON)
    add_stories(next(titles), next(titles))
    assert len(stories(run(*asked))) == 1
    assert stories(run(*asked)) == []
    came = add_stories(next(titles))
    assert stories(run(*asked)) == came
    assert query(home, "SELECT count(*) FROM issues") == [(2,)]


def test_a_first_run_that_finds_nothing_is_gone_on_from(run: "Run", home: Path) -> None:
    (home / "config.toml").write_text(MATIN, "utf-8")
    assert "nothing new" in run("digest", "matin").err
    set_back(40)
    with open_home():
        published_at = read_clock() - timedelta(hours=38)
    came = add_stories("La piscine de Kermoal rouvre", published_at=published_at)
    with open_home() as opened, write(opened.db):
        opened.db.execute("UPDATE entries SET first_seen_at = ?", (to_stored(published_at),))
    assert stories(run("digest", "matin", *AS_JSON)) == came
