"""What holds of every folding, whatever the headlines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from make import NOW, make_headline
from veille.rank.cluster import Folded, fold
from veille.rank.window import MemoryWindow
from veille.settings import FoldSettings

if TYPE_CHECKING:
    from random import Random

    from veille.model import Headline

WINDOW = FoldSettings().window

_EVENTS = (
    ("Le port de Lorient bloqué par les dockers", "Grève : le port de Lorient bloqué par les dockers",
     "Lorient : les dockers bloquent le port", "Le port de Lorient bloqué par les dockers, 3 blessés",
     "Le port de Lorient bloqué par les dockers, 4 blessés"),
    ("Un incendie ravage l'usine Lubrizol de Rouen", "Rouen : l'usine Lubrizol ravagée par un incendie",
     "Incendie de Lubrizol à Rouen : le préfet ferme les écoles"),
    ("Le maire de Vitré renonce à un second mandat", "Le maire de Vitré, élu depuis 2014, renonce à un second mandat",
     "Vitré : le maire ne se représente pas"),
    ("Quel temps fera-t-il à Nantes", "Quel temps fera-t-il à Vannes", "Quel temps fera-t-il à Auray",
     "Quel temps fera-t-il à Brest", "Quel temps fera-t-il à Rennes"),
    ("", "Direct", "Revue de presse internationale du matin", "🎉", "Да", "北京今天下大雪", "12", "Horoscope"),
)  # fmt: skip
_TITLES = st.sampled_from([title for event in _EVENTS for title in event])
_WORDS = st.lists(st.sampled_from("port Lorient dockers loup Nice 12 2024 lundi orage grève".split()), max_size=6)
_PAGES = st.sampled_from(["", "", "", *(f"a.example/{n}" for n in range(3))])
_SUMMARIES = st.sampled_from(["", "", "Les pompiers ont maîtrisé le feu", "Le trafic des marchandises est arrêté"])


@st.composite
def _headlines(draw: st.DrawFn, *, most: int = 14, hours: int = 120) -> list[Headline]:
    ids = draw(st.lists(st.integers(1, 60), unique=True, max_size=most))
    return [
        make_headline(
            entry_id,
            draw(st.one_of(_TITLES, _WORDS.map(" ".join))),
            feed_id=draw(st.integers(1, 4)),
            page=draw(_PAGES),
            summary=draw(_SUMMARIES),
            published_at=NOW + timedelta(hours=draw(st.integers(0, hours))),
        )
        for entry_id in ids
    ]


@st.composite
def _arrivals(draw: st.DrawFn, *, hours: int = 120) -> tuple[list[Headline], list[Headline]]:
    """New headlines, and known ones in the stories that folding gave them."""
    made = draw(_headlines(hours=hours))
    old = made[: draw(st.integers(0, len(made)))]
    return made[len(old) :], _placed(old)


def _placed(made: list[Headline]) -> list[Headline]:
    story_of = {placement.entry_id: placement.story_id for placement in fold(made, MemoryWindow()).placements}
    return [replace(one, story_id=story_of[one.entry_id]) for one in made]


def _stories(folded: Folded, old: list[Headline]) -> dict[int, set[int]]:
    """The entries, new and known, of each story."""
    stories = defaultdict(set)
    for one in old:
        if one.story_id is not None:
            stories[folded.merges.get(one.story_id, one.story_id)].add(one.entry_id)
    for placement in folded.placements:
        stories[placement.story_id].add(placement.entry_id)
    return stories


@given(_arrivals())
def test_every_new_entry_gets_exactly_one_placement(arrivals: tuple[list[Headline], list[Headline]]) -> None:
    new, old = arrivals
    folded = fold(new, MemoryWindow(old))
    assert [placement.entry_id for placement in folded.placements] == sorted(one.entry_id for one in new)


@given(_arrivals())
def test_a_story_is_numbered_by_one_of_its_entries(arrivals: tuple[list[Headline], list[Headline]]) -> None:
    new, old = arrivals
    assert all(story in entries for story, entries in _stories(fold(new, MemoryWindow(old)), old).items())


@given(_arrivals(hours=24))
def test_a_new_story_is_numbered_by_the_smallest_entry_of_the_day_that_founded_it(
    arrivals: tuple[list[Headline], list[Headline]],
) -> None:
    new, old = arrivals
    known = {one.story_id for one in old}
    for story, entries in _stories(fold(new, MemoryWindow(old)), old).items():
        assert story in known or story == min(entries)


@given(_arrivals())
def test_a_copy_is_in_the_story_of_its_original(arrivals: tuple[list[Headline], list[Headline]]) -> None:
    new, old = arrivals
    folded = fold(new, MemoryWindow(old))
    stories = _stories(folded, old)
    for placement in folded.placements:
        if placement.duplicate_of is not None:
            assert placement.duplicate_of != placement.entry_id
            assert placement.duplicate_of in stories[placement.story_id]


@given(_headlines(hours=24))
def test_an_original_is_no_copy_of_another(made: list[Headline]) -> None:
    placed = fold(made, MemoryWindow()).placements
    copies = {one.entry_id for one in placed if one.duplicate_of is not None}
    assert not copies & {one.duplicate_of for one in placed}


@given(_arrivals())
def test_known_stories_are_moved_by_merges_alone_into_older_ones_that_stay(
    arrivals: tuple[list[Headline], list[Headline]],
) -> None:
    new, old = arrivals
    known = {one.story_id for one in old}
    folded = fold(new, MemoryWindow(old))
    founded = {placement.story_id for placement in folded.placements}
    assert folded.merges.keys() <= known
    assert set(folded.merges.values()) <= known | founded
    assert all(kept < gone for gone, kept in folded.merges.items())
    assert not folded.merges.keys() & folded.merges.values()


@given(_arrivals(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_within_a_batch_does_not_matter(
    arrivals: tuple[list[Headline], list[Headline]], chance: Random
) -> None:
    new, old = arrivals
    expected = fold(new, MemoryWindow(old))
    chance.shuffle(new)
    chance.shuffle(old)
    assert fold(new, MemoryWindow(old)) == expected


@given(_headlines())
def test_no_story_is_longer_than_the_window(made: list[Headline]) -> None:
    times = defaultdict(list)
    for one in _placed(made):
        times[one.story_id].append(one.published_at)
    assert all(max(row) - min(row) <= WINDOW for row in times.values())


@given(_headlines())
def test_nothing_new_changes_nothing(made: list[Headline]) -> None:
    assert fold([], MemoryWindow(_placed(made))) == Folded(placements=[])


@given(_headlines(hours=20), st.sampled_from([title for event in _EVENTS[:3] for title in event]))
def test_a_later_copy_of_what_is_told_founds_no_story(made: list[Headline], title: str) -> None:
    first = make_headline(70, title, feed_id=70, published_at=NOW)
    placed = _placed([*(replace(one, page="") for one in made), first])
    copy = make_headline(99, title, feed_id=99, published_at=NOW + timedelta(hours=1))
    (placement,) = fold([copy], MemoryWindow(placed)).placements
    assert placement.story_id != 99


@given(_headlines(hours=20), st.integers(0, 14))
def test_weather_of_two_towns_is_two_stories_however_it_arrives(made: list[Headline], cut: int) -> None:
    made = [replace(one, page="") for one in made]
    old = _placed(made[:cut])
    told = {one.entry_id: one.title for one in made if one.title.startswith("Quel temps")}
    for entries in _stories(fold(made[cut:], MemoryWindow(old)), old).values():
        assert len({told[entry_id] for entry_id in entries if entry_id in told}) <= 1
