"""The line that tells what became of an article."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stored import NOW
from veille.read.article import Article, ArticleStatus
from veille.show.articles import tell_article

FAILED = Article(entry_id=1, url="http://x.example/1", status="failed", fetched_at=NOW, reason="access\x1b[2J refused")
OPENS = "`veille open 1042` opens its page"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("ok", ""),
        ("part", f"a part of the article: its publisher keeps the rest for subscribers: {OPENS}"),
        ("empty", f"no full text: access[2J refused: {OPENS}"),
        ("failed", f"no full text: access[2J refused: {OPENS}"),
    ],
)
def test_each_status_has_its_line(status: ArticleStatus, said: str) -> None:
    assert tell_article(replace(FAILED, status=status), 1042, now=NOW) == said


def test_what_may_be_asked_again_says_when() -> None:
    later = replace(FAILED, retry_at=NOW + timedelta(hours=1))
    assert ": it is asked for again from " in tell_article(later, 1042, now=NOW)
    assert "try again when the network is there" in tell_article(replace(FAILED, retry_at=NOW), 1042, now=NOW)


def test_without_an_address_there_is_nothing_to_open() -> None:
    told = tell_article(replace(FAILED, url="mailto:a@x.example", reason="it has no web address"), 1042, now=NOW)
    assert told == "no full text: it has no web address: what the feed says of it is all there is"
