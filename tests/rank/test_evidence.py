"""Why two headlines are one event or not, as a person who asks is told."""

from datetime import timedelta

import pytest

from make import NOW, make_headline
from veille.model import Headline
from veille.rank.evidence import explain
from veille.rank.window import Rarity
from veille.rank.wording import read_wording

RARITY = Rarity(1000, dict.fromkeys(read_wording("usine incendie grève").stems, 40))
FIRE = "Un incendie ravage l'usine Lubrizol de Rouen"
FIRE_TOO = "Rouen : l'usine Lubrizol ravagée par un incendie"


def told(entry_id: int, title: str, feed: int = 0, *, hours: float = 0, summary: str = "") -> Headline:
    return make_headline(
        entry_id, title, feed_id=feed or entry_id, published_at=NOW + timedelta(hours=hours), summary=summary
    )


def test_what_is_shared_is_named_as_written_the_rarest_first() -> None:
    evidence = explain(told(1, FIRE), told(2, FIRE_TOO), RARITY)
    assert {word for word, _ in evidence.shared} == {"incendie", "ravage", "usine", "Lubrizol", "Rouen"}
    worths = [worth for _, worth in evidence.shared]
    assert worths == sorted(worths, reverse=True)
    assert dict(evidence.shared)["Lubrizol"] == 1.0 > dict(evidence.shared)["usine"]
    assert set(evidence.names) == {"Lubrizol", "Rouen"}
    assert evidence.chance > 0.8
    assert evidence.line().startswith(f"chance {evidence.chance:.2f}; shared: ")


def test_nothing_shared_is_said() -> None:
    evidence = explain(told(1, FIRE), told(2, "Un loup filmé près de Guéret"), RARITY)
    assert (evidence.shared, evidence.names, evidence.copies) == ((), (), False)
    assert evidence.chance < 0.05
    assert evidence.line() == f"chance {evidence.chance:.2f}; shared: nothing"


def test_figures_that_differ_are_counter_evidence() -> None:
    evidence = explain(told(1, "117 morts dans le séisme"), told(2, "230 morts dans le séisme"), RARITY)
    assert evidence.numbers == ("117", "230")
    assert "figures differ: 117, 230" in evidence.line()
    assert explain(told(1, "117 morts dans le séisme"), told(2, "Le séisme"), RARITY).numbers == ()


def test_a_guard_refuses_with_its_reason() -> None:
    nantes, vannes = told(1, "Quel temps fera-t-il à Nantes"), told(2, "Quel temps fera-t-il à Vannes")
    evidence = explain(nantes, vannes, RARITY)
    assert (evidence.chance, evidence.refused) == (0.0, "one template, other names")
    assert evidence.line().endswith("refused: one template, other names")


def test_copies_one_feed_and_hours_between_are_told() -> None:
    line = explain(told(1, FIRE, 9), told(2, FIRE, 9, hours=5.2), RARITY).line()
    assert "nearly word for word" in line
    assert "same feed" in line
    assert "5 h apart" in line
    assert not any(said in explain(told(1, FIRE), told(2, FIRE_TOO), RARITY).line() for said in ("feed", "apart"))


def test_the_longer_between_the_smaller_the_chance() -> None:
    chances = [explain(told(1, FIRE), told(2, FIRE_TOO, hours=at), RARITY).chance for at in (0, 24, -24, 70)]
    assert chances[0] > chances[1] == chances[2] > chances[3] > 0


def test_summaries_are_told_where_both_have_one() -> None:
    text = "Les pompiers ont maîtrisé le feu dans la nuit"
    assert explain(told(1, FIRE, summary=text), told(2, FIRE_TOO, summary=text), RARITY).texts > 0.8
    assert "texts alike" not in explain(told(1, FIRE, summary=text), told(2, FIRE_TOO), RARITY).line()


@pytest.mark.parametrize("title", ["", "🎉", "Horoscope", "x" * 10_000, "北京大雪", "سيول قوية في الشمال"])
def test_any_title_can_be_asked_about_on_one_line(title: str) -> None:
    line = explain(told(1, title), told(2, title), RARITY).line()
    assert line
    assert "\n" not in line
