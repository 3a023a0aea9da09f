"""Rubrics: stories under the groups, folders or tags that they belong to, as a reader would have them headed."""

import pytest

from make import make_source, make_story
from veille.digestconfig import Rubrics
from veille.model import Contribution, Ranked, Score
from veille.rank.rubrics import lay_out_rubrics


def lift(number: int, group: str) -> Ranked:
    part = Contribution(reason="r", points=2.0, rule="r", field="title", group=group)
    return Ranked(story=make_story(make_source(number, folder="presse")), score=Score((part,)), read_minutes=1)


@pytest.mark.parametrize(
    ("by", "headings"),
    [
        ("group", ["Crise", "École libre", "IA", ""]),
        # Names of folders and tags are shown as they were given.
        ("folder", ["presse"]),
        ("tag", ["à lire", ""]),
        ("none", [""]),
    ],
)
def test_a_group_heads_its_rubric_with_a_capital(by: Rubrics, headings: list[str]) -> None:
    ranked = [lift(n, group) for n, group in enumerate(("crise", "école libre", "IA", "", "crise"), 1)]
    tags = {ranked[0].story.id: ["à lire"]}
    laid = lay_out_rubrics(ranked, by=by, order="score", tags=tags)
    assert [heading for heading, _ in laid] == headings
    assert sum(len(row) for _, row in laid) == 5
