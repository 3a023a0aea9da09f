"""`veille why`: every point of a score, what came near, what a list asks for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stored import entry, store, subscribe
from veille.app.home import open_home, read_clock

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

RULES = """
[[rule]]
name = "marque"
match = 'réputation'
weight = 4
group = "veille"

[[rule]]
name = "sénat"
match = 'sénat amendement fiscal'
weight = 3

[[rule]]
name = "vieux"
match = 'ligne'
until = 2020-01-01

[[rule]]
name = "direction"
match = 'ministre'
kind = "note"
note = "prévenir le cabinet"

[[rule]]
name = "pub"
match = 'concours'
kind = "kill"
"""


@pytest.fixture
def desk(run: Run, home: Path) -> Run:
    """Three stories of one feed, the first in two outlets' words, and rules that match some of it."""
    (home / "rules.toml").write_text(RULES, encoding="utf-8")
    hour = timedelta(hours=1)
    with open_home() as opened:
        now, gazette = read_clock(), subscribe(opened.db, "gazette", title="Gazette", folder="Presse")
        store(
            opened.db,
            gazette,
            entry("1", "Les Réputations en ligne inquiètent la ministre", published_at=now - hour, language="fr"),
            entry("2", "Un panda naît au zoo", summary="Le sénat fiscal, réputation.", published_at=now - 2 * hour),
            entry("3", "Grand concours de pétanque", published_at=now - 3 * hour, language="fr"),
            now=now,
        )
    return run


def test_every_point_is_told_with_its_rule_its_group_and_its_words(desk: Run) -> None:
    record = desk("why", "1000", "--json").json
    assert (record["rank"], record["of"], record["hidden_by"]) == (1, 2, "")
    told = record["why"][0]
    assert (told["rule"], told["group"], told["weight"], told["field"], told["points"]) == (
        "marque", "veille", 4.0, "title", 4.0,
    )  # fmt: skip
    assert told["matches"] == [{"entry_id": 1000, "feed": "Gazette", "field": "title", "words": ["Réputations"]}]
    assert [one["rule"] for one in record["rules_without_points"]] == ["direction"]
    assert record["notes"] == ["prévenir le cabinet"]


def test_the_explanation_is_the_rank_that_top_shows(desk: Run) -> None:
    listed = desk("top", "--json").json
    assert [story["id"] for story in listed] == [1000, 1001]
    for place, story in enumerate(listed, 1):
        record = desk("why", str(story["id"]), "--json").json
        assert (record["rank"], record["score"]) == (place, story["score"])
        assert [(one["reason"], one["points"]) for one in record["why"]] == [
            (one["reason"], one["points"]) for one in story["why"]
        ]


def test_what_came_near_is_told(desk: Run) -> None:
    record = desk("why", "1001", "--json").json
    raising = {change["what"]: change["points"] for change in record["would_raise"]}
    assert raising["“sénat”: only amendement is missing"] == 1.5
    assert raising["“marque” in a title, not in a text only"] == 2.0
    assert "the first of Gazette" in raising
    ended = desk("why", "1000", "--json").json["would_raise"]
    assert "“vieux”: it ended on 2020-01-01" in [change["what"] for change in ended]


def test_a_hidden_story_is_told_with_the_rank_that_it_would_have(desk: Run) -> None:
    record = desk("why", "1002", "--json").json
    assert (record["hidden_by"], record["rank"], record["of"]) == ("pub", 3, 3)
    assert record["rules_without_points"][0]["matches"][0]["words"] == ["concours"]
    out = desk("why", "1002").out
    assert "hidden by “pub”; without it: " in out


def test_a_person_reads_points_words_and_goals(desk: Run) -> None:
    lines = desk("why", "1000").out.splitlines()
    assert lines[0] == "Les Réputations en ligne inquiètent la ministre"
    assert "1 of 2 stories since " in lines[2]
    assert "   +4.00  “marque” in title  weight 4 x 1  [veille]" in lines
    assert "          Gazette 1000, title: “Réputations”" in lines
    assert "          noted by “direction”: prévenir le cabinet" in lines
    assert "would have raised it:" in lines


def test_a_read_or_old_story_is_ranked_among_the_unread(desk: Run) -> None:
    desk("mark", "read", "1000")
    assert desk("why", "1000", "--json").json["of"] == 2
    assert desk("why", "1001", "--since", "30m", "--json").json["of"] == 1


def test_what_is_no_story_is_refused(desk: Run) -> None:
    assert desk("why", "9999").code == 2
    assert desk("why", "1000", "--since", "demain").code == 2


def test_escape_codes_of_a_feed_do_not_reach_the_terminal(desk: Run) -> None:
    with open_home() as opened:
        now = read_clock()
        store(
            opened.db,
            subscribe(opened.db, "evil", title="Evil\x1b[31m[bold]"),
            entry("1", "Réputation \x1b]0;x\x07", published_at=now),
            now=now,
        )
    out = desk("why", "1003").out
    assert "\x1b" not in out
    assert "\x07" not in out
