"""What counted, told with its words."""

from typing import TYPE_CHECKING

from make import make_desk, make_rule, make_source, make_story
from veille.rank.account import Wording, list_reasons, list_silent
from veille.rank.score import rank_stories

if TYPE_CHECKING:
    from veille.model import MatchField

CRISIS = make_rule("réseau OR crise", name="crise", group="veille", weight=4.0)
STORY = make_story(make_source(1, feed="Gazette"), make_source(2, feed="Blog"))
TEXTS = {
    1: Wording(title="Les réseaux", text="Réseaux, crise et réseaux.", language="fr"),
    2: Wording(title="Crise des réseaux", language="fr"),
}


def test_evidence_has_the_best_source_first_and_each_word_once_as_it_first_stands() -> None:
    desk = make_desk(CRISIS, matches={(CRISIS, 1): "body", (CRISIS, 2): "title"})
    (ranked,) = rank_stories([STORY], desk)
    (reason,) = list_reasons(ranked, desk.rules, desk.matches, TEXTS)
    assert reason.rule is CRISIS
    assert [(one.source.feed, one.field, one.words) for one in reason.evidence] == [
        ("Blog", "title", ("Crise", "réseaux")),
        ("Gazette", "body", ("réseaux", "crise")),
    ]


def test_a_source_without_text_has_no_words() -> None:
    desk = make_desk(CRISIS, matches={(CRISIS, 1): "title", (CRISIS, 2): "entry"})
    (ranked,) = rank_stories([STORY], desk)
    (reason,) = list_reasons(ranked, desk.rules, desk.matches, {2: TEXTS[2]})
    assert [one.words for one in reason.evidence] == [(), ()]


def test_kill_rules_are_told_by_the_lead_alone_and_pins_and_notes_by_any_source() -> None:
    kill, pin, note = (make_rule(kind, kind=kind) for kind in ("kill", "pin", "note"))
    rules = [CRISIS, kill, pin, note]
    matches: dict[tuple[str, int], MatchField] = {(rule.key, 2): "title" for rule in rules}
    silent = list_silent(STORY, rules, matches, TEXTS)
    assert [(reason.part.reason, reason.part.rule, reason.part.points) for reason in silent] == [
        ("pinned", "pin", 0.0),
        ("noted", "note", 0.0),
    ]
    (hidden,) = list_silent(STORY, [kill], {(kill.key, 1): "body"}, TEXTS)
    assert (hidden.part.reason, hidden.evidence[0].source) == ("hidden", STORY.lead)
