"""The rule that a killed story offers: a place and a telling word at least, its reach told, its origin written down."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from stored import entry, fold, store, subscribe
from veille.app.home import open_home, read_clock
from veille.app.offering import apply_rule, compose_rule, tell_reach
from veille.app.ranking import Window, rank_window
from veille.app.triage import catch_up
from veille.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.app.home import Home


@pytest.fixture
def opened(home: Path) -> Iterator[Home]:
    """A veille of one feed and no stories."""
    assert home.is_dir()
    with open_home() as found:
        subscribe(found.db, "gazette", title="La Gazette")
        yield found


def publish(home: Home, *titles: str, url: str = "http://gazette.example/1") -> list[int]:
    """Stories of these titles; their numbers."""
    (feed_id,) = home.db.execute("SELECT id FROM feeds").fetchone()
    now = read_clock()
    made = [entry(f"g{n}", title, url=url, published_at=now, language="fr") for n, title in enumerate(titles)]
    store(home.db, feed_id, *made, now=now)
    fold(home.db)
    rows = home.db.execute("SELECT story_id FROM entries ORDER BY guid").fetchall()
    return [number for (number,) in rows]


@pytest.mark.parametrize(
    "title", ["Ça y est !", "🚀🚀", "Pourquoi ?", "Mais où sont-ils ?", "Live : lundi 12 juin 2026", "“”", "42"]
)
def test_a_title_without_a_telling_word_offers_nothing(opened: Home, title: str) -> None:
    (number,) = publish(opened, title)
    assert compose_rule(opened, number) == ""
    with pytest.raises(UsageError, match="write what to hide"):
        apply_rule(opened, "")


def test_a_question_word_that_titles_share_is_never_chosen(opened: Home) -> None:
    number, *_ = publish(opened, "Pourquoi la grippe revient", "Pourquoi la bourse", "Crise", "Usine", "Avion")
    assert compose_rule(opened, number) == "site:gazette.example grippe revient"


def test_a_story_without_an_address_is_told_by_its_feed(opened: Home) -> None:
    (number,) = publish(opened, "Usine : la grève", url="")
    assert compose_rule(opened, number) == 'feed:"La Gazette" usine greve'


def test_a_feed_without_a_name_or_an_address_offers_nothing(opened: Home) -> None:
    (number,) = publish(opened, "Usine : la grève", url="")
    opened.db.execute("UPDATE feeds SET title = '\"', url = '\"'")
    assert compose_rule(opened, number) == ""


def test_the_reach_is_what_the_rule_then_hides(opened: Home) -> None:
    number, *_ = publish(opened, "Horoscope du lion", "Horoscope du taureau", "Crise ouverte", "Usine en grève")
    expression = compose_rule(opened, number)
    assert expression == "site:gazette.example horoscope"
    assert tell_reach(opened, expression) == "it hides 2 stories of the last 14 days"
    assert "it hides 2 stories of the last 14 days; `veille rules remove 'kill site:gazette.example horoscope'`" in (
        apply_rule(opened, expression).told
    )
    catch_up(opened)
    assert rank_window(opened, Window(since=None)).hidden == 2


def test_what_is_older_is_not_counted(opened: Home) -> None:
    (number,) = publish(opened, "Horoscope du lion")
    opened.db.execute("UPDATE entries SET published_at = '2020-01-01T00:00:00Z'")
    assert tell_reach(opened, compose_rule(opened, number)).startswith("it hides 0 stories")


def test_the_rule_has_a_name_and_says_where_it_comes_from(opened: Home, home: Path) -> None:
    (number,) = publish(opened, "Horoscope du lion")
    apply_rule(opened, compose_rule(opened, number), story_id=number)
    text = (home / "rules.toml").read_text("utf-8")
    (rule,) = tomllib.loads(text)["rule"]
    assert rule == {
        "name": "kill site:gazette.example horoscope lion",
        "match": "site:gazette.example horoscope lion",
        "kind": "kill",
    }
    assert f"# from a session, {read_clock().astimezone():%Y-%m-%d}, for “Horoscope du lion”\n" in text
    with pytest.raises(UsageError, match="says so already"):
        apply_rule(opened, compose_rule(opened, number))
