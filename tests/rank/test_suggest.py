"""Suggestions: what tells kept stories from the others, with its evidence, and nothing where chance would do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from veille.rank.suggest import Reaction, suggest_words


def react(*titles: str, kept: bool) -> list[Reaction]:
    """Reactions to titles of as many feeds."""
    return [Reaction(title=title, language="fr", feed_id=number % 5, kept=kept) for number, title in enumerate(titles)]


KEPT = react(
    "Une crise de réputation frappe la marque",
    "Les crises de réputation coûtent cher",
    "Gérer une crise : le guide des marques",
    "Réputation : la crise vue de l'intérieur",
    "Après la crise, le silence du constructeur",
    "La crise a duré deux jours",
    kept=True,
)
PASSED = react(
    *(f"Le match numéro {number} du championnat se termine bien" for number in "abcdefghijkl"),
    "Les soldes commencent demain à Paris",
    kept=False,
)


def test_words_kept_are_suggested_with_their_counts_and_titles() -> None:
    first = suggest_words([*KEPT, *PASSED])[0]
    assert (first.words, first.kept, first.passed) == ("crise", 6, 0)
    assert first.samples == tuple(one.title for one in KEPT[:3])
    assert first.weight > 0


def test_words_passed_over_are_suggested_below_zero() -> None:
    negative = [one for one in suggest_words([*KEPT * 4, *PASSED * 2]) if one.weight < 0]
    assert negative
    assert all(one.passed == 24 and one.kept == 0 for one in negative)


def test_inflections_count_as_one_word_and_a_rule_s_words_are_left_out() -> None:
    assert {one.words for one in suggest_words([*KEPT, *PASSED], known=["crise"])}.isdisjoint({"crise", "crises"})


def test_empty_words_are_never_suggested() -> None:
    words = {word for one in suggest_words([*KEPT, *PASSED], most=50) for word in one.words.strip('"').split()}
    assert words.isdisjoint({"le", "la", "les", "une", "de", "du", "se"})


def test_one_feed_s_signature_is_no_taste() -> None:
    kept = [Reaction(title=f"Chronique numéro {n}", language="fr", feed_id=1, kept=True) for n in range(20)]
    assert not [one for one in suggest_words([*kept, *PASSED]) if one.weight > 0]


def test_nothing_is_suggested_without_both_sorts() -> None:
    assert suggest_words(KEPT) == []
    assert suggest_words(PASSED) == []
    assert suggest_words([]) == []


def test_where_every_word_is_sure_all_are_suggested() -> None:
    found = suggest_words([*react(*["Crise"] * 30, kept=True), *react(*["Match"] * 30, kept=False)])
    assert {(one.words, one.kept, one.passed) for one in found} == {("crise", 30, 0), ("match", 0, 30)}


REACTIONS = st.lists(
    st.builds(
        Reaction,
        title=st.text(max_size=30),
        language=st.sampled_from(["fr", "en", ""]),
        feed_id=st.integers(1, 3),
        kept=st.booleans(),
    ),
    max_size=12,
)


@given(REACTIONS)
def test_evidence_is_what_the_titles_show_whatever_they_are(reactions: list[Reaction]) -> None:
    for one in suggest_words(reactions):
        assert one.kept <= sum(reaction.kept for reaction in reactions)
        assert max(one.kept, one.passed) >= 3
        assert (one.weight > 0) is (one.surprise > 0)
