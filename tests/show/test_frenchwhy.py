"""Reasons in French."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from make import NOW, make_feed
from veille.feed import FeedState
from veille.model import Contribution, Score
from veille.rank.findings import Facts
from veille.rank.health import judge_feeds
from veille.show.frenchfeeds import say_problem
from veille.show.frenchwhy import say_news, say_why


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("“bad buzz” in title", "«\u202fbad buzz\u202f» dans le titre"),
        ("“crise” in body", "«\u202fcrise\u202f» dans le texte"),
        ("“feed:x” in entry", "«\u202ffeed:x\u202f»"),
        ("3 outlets", "3 médias"),
        ("fresh", "récent"),
        ("feed of 2.5 a week", "flux de 2.5 par semaine"),
        ("feed Le Monde", "flux Le Monde"),
        ("folder Presse", "dossier Presse"),
        ("2nd of La Gazette", "2e de La Gazette"),
        ("something new", "something new"),
    ],
)
def test_each_reason_is_said_in_french(reason: str, said: str) -> None:
    score = Score((Contribution(reason=reason, points=1.5),))
    assert say_why(score) == f"+1,50 {said}"


def test_the_largest_comes_first_and_nothing_is_said_so() -> None:
    parts = (Contribution(reason="fresh", points=0.2), Contribution(reason="2 outlets", points=-1.0))
    assert say_why(Score(parts)) == "-1,00 2 médias · +0,20 récent"
    assert say_why(Score()) == "rien ne parle pour ce sujet"


@pytest.mark.parametrize(
    ("news", "said"),
    [
        ("“mort, pompier” is new", "«\u202fmort, pompier\u202f»"),
        ("“mort” is new, and 1 more source", "«\u202fmort\u202f», et 1 autre source"),
        ("“mort” is new, and 2 more sources", "«\u202fmort\u202f», et 2 autres sources"),
        ("", ""),
    ],
)
def test_news_are_said_in_french(news: str, said: str) -> None:
    assert say_news(news) == said


STATE = {"status": "failing", "failures": 3, "failing_since": NOW - timedelta(days=2)}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"status": "gone"}, "son serveur dit qu’il a disparu pour de bon (410)"),
        (
            STATE | {"reason": "there is nothing at this address (404)"},
            "en panne depuis le 2026-11-18 (2 j) : il n’y a rien à cette adresse (404)",
        ),
        (
            STATE | {"reason": "the server answered 503"},
            "en panne depuis le 2026-11-18 (2 j) : le serveur a répondu 503",
        ),
        (STATE | {"failing_since": None, "reason": "the connection was cut"}, "en panne : la connexion a été coupée"),
        (STATE | {"failing_since": None, "reason": "in Klingon"}, "en panne : in Klingon"),
        ({"status": "degraded", "reason": "its compression cannot be read (x)"}, "sa compression est illisible (x)"),
        (
            {"moved_to": "http://b.example/f", "moved_seen": 1},
            "il a déménagé pour de bon vers http://b.example/f (vu une fois)",
        ),
        (
            {"moved_to": "http://b.example/f", "moved_seen": 2},
            "il a déménagé pour de bon vers http://b.example/f (vu 2 fois)",
        ),
        (
            {"status": "degraded", "reason": "the document is cut short (line 3: x); 2 entries could be read"},
            "le document est tronqué (line 3: x) ; articles lisibles : 2",
        ),
        (
            {"missed_at": NOW - timedelta(days=1)},
            (
                "tout ce qu’il contenait le 2026-11-19 était nouveau : des articles d’avant ont pu manquer"
                " (son document dure 2 j)"
            ),
        ),
    ],
)
def test_what_is_wrong_with_a_feed_is_said_in_french(state: dict[str, Any], said: str) -> None:
    """Of every verdict that an issue tells, as `rank/health.py` words it."""
    given: dict[str, Any] = {"status": "ok", "last_fetch_at": NOW, **state}
    known = make_feed(1, state=FeedState(**given))
    facts = Facts(feed=known, interval=timedelta(days=1), timeout=timedelta(seconds=9), lasts=timedelta(days=2))
    (health,) = judge_feeds([facts], now=NOW)
    assert say_problem(health.findings[0].words) == said
