"""Operators and fields of other tools, told from words."""

import pytest

from veille.rank.habits import spot_habits


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("lait ou grève", "OR or OU"),
        ("lait Or grève", "OR or OU"),
        ("lait et grève", "AND or ET"),
        ("lait not grève", "NOT or SAUF"),
        ("lait Sauf grève", "NOT or SAUF"),
        ("lait NON grève", "NOT or SAUF"),
        ("lait SANS grève", "NOT or SAUF"),
        ("lait AVEC grève", "AND or ET"),
        ("lait W/3 grève", "NEAR/3"),
        ("lait PRE/12 grève", "NEAR/12"),
        ("lait NEAR5 grève", "NEAR/5"),
        ("(lait near grève)", "NEAR"),
        ("sources>3", "sources:>3"),
        ("sources>=3", "sources:>=3"),
        ("titre=crise", "titre:crise"),
        ("-titre=crise", "titre:crise"),
    ],
)
def test_what_to_write_instead_is_said(text: str, instead: str) -> None:
    (said,) = spot_habits(text)
    assert f": write {instead}" in said


def test_a_field_of_another_tool_is_told() -> None:
    (said,) = spot_habits("lait sentiment:negative")
    assert said.startswith("there is no field sentiment: ")


@pytest.mark.parametrize(
    "text",
    [
        "lait OR grève OU fromage AND beurre ET crème NOT sel SAUF eau",
        "lait NEAR/5 grève NEAR beurre",
        '"lait ou grève" « sources>3 » “w/3 et”',
        r"/lait ou|grève/ communi*",
        "non lieu sans suite",
        "title:crise sources:>=3 site:x.fr",
        "https://www.a.fr/crise 10:30 C: a=b R&D C++",
        "",
        "- -- ( ) |",
    ],
)
def test_what_is_meant_is_left_alone(text: str) -> None:
    assert spot_habits(text) == []


def test_each_is_told_once() -> None:
    assert len(spot_habits("a ou b ou c et d")) == 2
