"""What holds two headlines of one story together, when it is not what they say."""

from __future__ import annotations

from datetime import timedelta

from make import NOW, make_headline
from veille.rank.chain import compare_bodies, find_bond
from veille.rank.window import Rarity

RARITY = Rarity(1000, {})
MAYOR = "Nantes : le maire Rolland démissionne"
BOTH = "Nantes : le maire Rolland démissionne, la préfète Kerbrat convoque un scrutin"
VOTE = "La préfète Kerbrat convoque un scrutin"
PANDA = "Un panda naît au zoo de Beauval"
COPY = "Le maire Rolland démissionne à Nantes"

ONE, THIRD, OTHER, ALONE, FOURTH = (
    make_headline(1000 + at, title, feed_id=at, published_at=NOW + timedelta(minutes=at))
    for at, title in enumerate((MAYOR, BOTH, VOTE, PANDA, COPY))
)


def test_a_third_that_brought_two_together_is_named() -> None:
    bond = find_bond(ONE, OTHER, [ONE, THIRD, OTHER], RARITY)
    assert [one.entry_id for one in bond.through] == [1001]
    assert all(link > 0.5 for link in bond.links)
    assert len(bond.links) == 2
    told = "; ".join(bond.tell())
    assert told.startswith("brought together by 1001 “Nantes : le maire Rolland démissionne, la préfète Kerbrat…” (0.")
    assert told.endswith(f"agreement with the other entry of the story {bond.bodies[0]:.2f} and {bond.bodies[1]:.2f}")


def test_a_chain_is_told_in_its_order_from_one_to_the_other() -> None:
    chain = [
        make_headline(1010 + at, title, feed_id=at, published_at=NOW)
        for at, title in enumerate(
            (
                "Tempête Kirk sur Brest",
                "Tempête Kirk sur Brest, ferry Armorique bloqué",
                "Ferry Armorique bloqué, capitaine Le Goff blessé",
                "Capitaine Le Goff blessé",
            )
        )
    ]
    bond = find_bond(chain[3], chain[0], [*chain, ALONE], RARITY)
    assert [one.entry_id for one in bond.through] == [1012, 1011]
    assert (len(bond.links), bond.others) == (3, 3)
    assert find_bond(chain[0], chain[3], [*chain, ALONE], RARITY).links == bond.links[::-1]


def test_two_that_agree_need_no_third() -> None:
    bond = find_bond(ONE, FOURTH, [ONE, THIRD, OTHER, FOURTH], RARITY)
    assert (bond.through, len(bond.links), bond.others) == ((), 1, 2)
    assert next(iter(bond.tell())).startswith("agreement with the 2 others of the story 0.")


def test_what_no_title_joins_is_told() -> None:
    bond = find_bond(ONE, ALONE, [ONE, ALONE], RARITY)
    assert (bond.through, bond.links, bond.bodies, bond.others) == ((), (), (0.0, 0.0), 0)
    assert [*bond.tell()] == ["no title of the story joins them"]


def test_one_page_joins_whatever_the_titles() -> None:
    pages = [make_headline(1020 + at, title, feed_id=at, page="x.example/1") for at, title in enumerate((MAYOR, PANDA))]
    assert find_bond(pages[0], pages[1], pages, RARITY).links == (1.0,)


def test_the_order_of_the_story_does_not_matter() -> None:
    row = [ONE, THIRD, OTHER, ALONE, FOURTH]
    assert find_bond(ONE, OTHER, row, RARITY).through == find_bond(ONE, OTHER, row[::-1], RARITY).through


def test_a_title_without_words_is_named_by_its_number_alone() -> None:
    silent = [
        make_headline(1030 + at, title, feed_id=at, page=page)
        for at, (title, page) in enumerate(((MAYOR, "x.example/1"), ("", "x.example/1"), ("", "")))
    ]
    bond = find_bond(silent[0], silent[2], silent, RARITY)
    assert next(iter(bond.tell())) == "no title of the story joins them"


def test_stories_agree_as_their_headlines_do_on_average() -> None:
    assert compare_bodies([ONE], [ALONE], RARITY) < 0.05
    assert compare_bodies([ONE, FOURTH], [THIRD], RARITY) > 0.5
