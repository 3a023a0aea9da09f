"""Reasons in French."""

from __future__ import annotations

import pytest

from veille.model import Contribution, Score
from veille.show.frenchwhy import say_why


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
