"""Headlines become stories: who joins whom, who stays apart, and what never changes the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from veille.model import Headline, Placement
from veille.rank.cluster import Folded, fold
from veille.rank.pages import page_key
from veille.rank.window import MemoryWindow
from veille.settings import FoldSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = FoldSettings().window

PORT = "Le port de Lorient bloqué par les dockers"
PORT_AGAIN = "Grève : le port de Lorient bloqué par les dockers"
ROUND = "Revue de presse internationale du matin"


def headline(entry_id: int, title: str, feed: int = 0, *, url: str = "", hours: float = 0) -> Headline:
    """An entry of its own feed and page, unless told otherwise, published `hours` after noon."""
    url = url or f"https://site{entry_id}.example/news/{entry_id}"
    return Headline(
        entry_id=entry_id,
        feed_id=feed or entry_id,
        title=title,
        url=url,
        page=page_key(url),
        published_at=NOON + timedelta(hours=hours),
    )


def known(given: Headline, story_id: int = 0) -> Headline:
    return replace(given, story_id=story_id or given.entry_id)


def put(new: Sequence[Headline], among: Iterable[Headline] = (), settings: FoldSettings | None = None) -> Folded:
    """What folding makes of new entries among known ones."""
    return fold(new, MemoryWindow(among), settings)


def stories(*new: Headline, among: tuple[Headline, ...] = ()) -> dict[int, int]:
    """The story of each new entry."""
    return {placement.entry_id: placement.story_id for placement in put(new, among).placements}


def copies(*new: Headline, among: tuple[Headline, ...] = ()) -> dict[int, int | None]:
    """The original of each new entry that is a copy."""
    return {one.entry_id: one.duplicate_of for one in put(new, among).placements if one.duplicate_of is not None}


def groups(*new: Headline) -> list[set[int]]:
    found: dict[int, set[int]] = {}
    for entry_id, story_id in stories(*new).items():
        found.setdefault(story_id, set()).add(entry_id)
    return sorted(found.values(), key=min)


# --- what joins -------------------------------------------------------------


def test_nothing_new_gives_nothing() -> None:
    assert put([], [known(headline(1, PORT))]) == Folded(placements=[])


def test_copies_in_two_feeds_are_one_story_founded_by_the_oldest_entry() -> None:
    assert put(
        [headline(7, PORT), headline(3, PORT_AGAIN), headline(5, "Tout autre chose ce matin à Brest")]
    ).placements == [
        Placement(entry_id=3, story_id=3),
        Placement(entry_id=5, story_id=5),
        Placement(entry_id=7, story_id=3, duplicate_of=3),
    ]


def test_one_address_in_two_feeds_is_one_story_whatever_the_titles() -> None:
    one = headline(1, "Un titre", url="https://www.a.example/x?utm_source=rss")
    other = headline(2, "Tout à fait autre chose", url="http://m.a.example/x/#top")
    assert groups(one, other) == [{1, 2}]


def test_a_title_given_twice_by_a_feed_in_a_day_is_one_story() -> None:
    assert groups(headline(1, PORT, 9), headline(2, PORT, 9, hours=2)) == [{1, 2}]


def test_a_new_copy_joins_the_known_story() -> None:
    among = (known(headline(3, PORT)), known(headline(4, PORT_AGAIN), 3))
    assert put([headline(8, PORT)], among).placements == [Placement(entry_id=8, story_id=3, duplicate_of=3)]


def test_a_new_copy_joins_a_known_story_by_address() -> None:
    escaped = known(headline(3, "Un titre", url="https://a.example/p%6Frt?id=1"))
    plain = headline(8, "Tout à fait autre chose", url="https://a.example/port?id=1")
    assert stories(plain, among=(escaped,)) == {8: 3}


def test_a_copy_of_the_founder_joins_a_story_of_many_other_titles() -> None:
    told = ("Lorient : les dockers bloquent le port", "Dockers en colère, le port de Lorient bloqué ce matin")
    coverage = [known(headline(n, title), 3) for n, title in enumerate(told, 4)]
    assert put([headline(8, PORT)], (known(headline(3, PORT)), *coverage)).placements == [
        Placement(entry_id=8, story_id=3, duplicate_of=3)
    ]


def test_an_entry_without_title_joins_by_address_only() -> None:
    page = "https://a.example/port"
    assert groups(headline(1, ""), headline(2, ""), headline(3, "", url=page), headline(4, PORT, url=page)) == [
        {1}, {2}, {3, 4},
    ]  # fmt: skip


def test_two_known_stories_that_a_new_entry_proves_one_are_merged_into_the_older() -> None:
    longer = "Le port de Lorient bloqué par les dockers grévistes de la réparation navale"
    folded = put([headline(8, PORT_AGAIN)], (known(headline(3, longer)), known(headline(4, PORT_AGAIN))))
    assert folded.merges == {4: 3}
    assert folded.placements == [Placement(entry_id=8, story_id=3, duplicate_of=4)]


def test_two_known_stories_are_merged_by_nothing_but_a_new_entry() -> None:
    among = (known(headline(3, PORT)), known(headline(4, PORT_AGAIN)))
    assert put([headline(8, "Orage violent sur Nice et Menton")], among).merges == {}
    assert put([], among).merges == {}


def test_between_two_equal_matches_the_older_story_wins() -> None:
    later = known(headline(3, PORT, hours=90))
    earlier = known(headline(4, PORT))
    assert stories(headline(8, PORT, hours=45), among=(earlier, later)) == {8: 3}


def test_without_its_founder_at_hand_a_story_is_spoken_for_by_its_oldest_entry() -> None:
    among = (known(headline(5, PORT), 2), known(headline(4, PORT), 2))
    assert put([headline(8, PORT)], among).placements == [Placement(entry_id=8, story_id=2, duplicate_of=4)]


def test_known_entries_without_story_are_left_out() -> None:
    assert stories(headline(4, PORT), among=(headline(3, PORT),)) == {4: 4}


# --- copies and coverage ----------------------------------------------------


def test_a_story_holds_coverage_of_which_only_copies_are_marked() -> None:
    told = [
        headline(1, "Un incendie ravage l'usine Lubrizol de Rouen"),
        headline(2, "Rouen : l'usine Lubrizol ravagée par un incendie, les écoles fermées"),
        headline(3, "Incendie de Lubrizol à Rouen : le préfet ferme les écoles"),
        headline(4, "Un incendie ravage l'usine Lubrizol de Rouen (photos)"),
    ]
    assert groups(*told) == [{1, 2, 3, 4}]
    assert copies(*told) == {4: 1}


def test_of_several_that_came_together_the_first_published_is_the_original() -> None:
    assert copies(headline(1, PORT, hours=3), headline(2, PORT, hours=1), headline(3, PORT, hours=2)) == {1: 2, 3: 2}


def test_titles_that_deny_each_other_are_never_copies() -> None:
    three = "Le chômage des jeunes recule de 3 % en Bretagne selon la région"
    eight = three.replace("3", "8")
    assert copies(headline(1, three), headline(2, eight)) == {}
    denied = "Le ministre n'a pas démissionné de son poste hier"
    assert copies(headline(1, denied), headline(2, denied.replace("n'a pas", "a"))) == {}


def test_titles_that_deny_each_other_are_not_made_copies_by_a_third() -> None:
    three = "Le chômage des jeunes recule de 3 % en Bretagne selon la région"
    eight = three.replace("3", "8")
    found = copies(headline(1, three), headline(2, three.replace(" de 3 %", "")), headline(3, eight))
    assert len({found.get(entry_id, entry_id) for entry_id in (1, 3)}) == 2


# --- what stays apart -------------------------------------------------------


@pytest.mark.parametrize(("late", "together"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_the_window_ends_sharply(late: timedelta, together: bool) -> None:  # noqa: FBT001
    page = "https://a.example/port"
    first = headline(1, PORT, url=page)
    last = replace(headline(2, PORT, url=page), published_at=NOON + WINDOW + late)
    assert (groups(first, last) == [{1, 2}]) is together
    assert (groups(replace(first, published_at=last.published_at), replace(last, published_at=NOON)) == [{1, 2}]) is (
        together
    )


def test_what_is_shared_counts_the_less_the_longer_after() -> None:
    follow_up = "Lorient : les dockers bloquent le port, les pêcheurs inquiets"
    assert groups(headline(1, PORT), headline(2, follow_up, hours=2)) == [{1, 2}]
    assert groups(headline(1, PORT), headline(2, follow_up, hours=70)) == [{1}, {2}]


def test_the_same_words_of_another_feed_join_however_late() -> None:
    told = known(headline(1, PORT))
    assert stories(headline(2, PORT, hours=71), among=(told,)) == {2: 1}
    assert stories(headline(2, PORT_AGAIN.replace("bloqué", "paralysé"), hours=71), among=(told,)) == {2: 2}


def test_what_speaks_against_is_no_story_of_two_feeds() -> None:
    words = "Le gouvernement {} le prix du gaz"
    assert groups(headline(1, words.format("augmente")), headline(2, words.format("n'augmente pas"))) == [{1}, {2}]
    score = "Ligue 1 : Lens - Nice {}"
    assert groups(headline(1, score.format("2-1")), headline(2, score.format("1-2"))) == [{1}, {2}]


def test_the_window_is_a_setting() -> None:
    two = [headline(1, PORT), headline(2, PORT, hours=2)]
    placed = put(two, settings=FoldSettings(window=timedelta(hours=1))).placements
    assert [placement.story_id for placement in placed] == [1, 2]


def test_near_titles_do_not_chain() -> None:
    words = [f"{first}{second}nuri" for first in "bcdfgklm" for second in ("a", "e", "i", "o", "u")]
    row = [headline(n + 1, " ".join(words[n : n + 8])) for n in range(32)]
    assert max(len(group) for group in groups(*row)) <= 10


def test_a_heading_is_no_copy_even_across_feeds() -> None:
    assert groups(headline(1, "Horoscope"), headline(2, "Horoscope"), headline(3, "Revue de presse")) == [{1}, {2}, {3}]


@pytest.mark.parametrize("title", [PORT, ROUND])
def test_a_feed_s_title_of_another_day_is_a_series(title: str) -> None:
    assert groups(headline(1, title, 9), headline(2, title, 9, hours=24)) == [{1}, {2}]


@pytest.mark.parametrize("title", [PORT, ROUND])
def test_a_feed_s_title_of_another_day_is_a_series_when_it_comes_later_too(title: str) -> None:
    assert stories(headline(2, title, 9, hours=24), among=(known(headline(1, title, 9)),)) == {2: 2}
    assert stories(headline(2, title, 9, hours=2), among=(known(headline(1, title, 9)),)) == {2: 1}


def test_a_title_that_a_feed_gives_again_every_hour_is_a_series_when_it_comes_later_too() -> None:
    hourly = [known(headline(n, ROUND, 9, hours=n), 1) for n in (1, 2, 3)]
    assert stories(headline(4, ROUND, 9, hours=4), among=tuple(hourly)) == {4: 4}


def test_a_heading_of_two_words_is_no_story_of_two_feeds() -> None:
    assert groups(headline(1, "Revue de presse"), headline(2, "Revue de presse")) == [{1}, {2}]
    assert stories(headline(2, "Revue de presse"), among=(known(headline(1, "Revue de presse")),)) == {2: 2}


def test_the_next_round_is_no_copy_in_one_feed() -> None:
    title = "Municipales : les résultats complets du {} tour dans chaque commune du département breton"
    assert copies(headline(1, title.format("premier"), 9), headline(2, title.format("second"), 9)) == {}


def test_one_text_with_another_figure_is_another_story_in_two_feeds_too() -> None:
    title = "Portraits de femmes au travail, épisode {} de notre série sonore"
    assert groups(*(headline(n, title.format(n)) for n in (1, 2, 3))) == [{1}, {2}, {3}]


def test_a_dated_heading_of_two_feeds_is_no_story() -> None:
    title = "Le journal du lundi 24 janvier 2023"
    assert groups(headline(1, title), headline(2, title)) == [{1}, {2}]


def test_a_title_that_a_feed_gives_again_and_again_is_a_series() -> None:
    assert groups(*(headline(n, PORT, 9, hours=n / 10) for n in range(1, 6))) == [{1}, {2}, {3}, {4}, {5}]


@pytest.mark.parametrize(
    "title",
    [
        "Portraits de femmes au travail, épisode {} de notre série sonore",
        "Le chômage des jeunes recule de {} % en Bretagne",
        "Résultats complets du {}e tour à Rennes centre",
    ],
)
def test_a_feed_s_titles_that_only_a_number_sets_apart_are_a_series(title: str) -> None:
    numbered = [headline(n, title.format(n), 9) for n in (1, 2, 3)]
    assert groups(*numbered) == [{1}, {2}, {3}]
    assert stories(numbered[2], among=tuple(known(one) for one in numbered[:2])) == {3: 3}


@pytest.mark.parametrize("feed", [0, 9])
@pytest.mark.parametrize("title", ["La météo agricole de la semaine à {}", "{} : la météo agricole de la semaine"])
def test_one_text_about_two_towns_is_two_stories(feed: int, title: str) -> None:
    towns = [headline(n, title.format(town), feed) for n, town in enumerate(("Vannes", "Auray"), 1)]
    assert groups(*towns) == [{1}, {2}]
    assert stories(towns[1], among=(known(towns[0]),)) == {2: 2}


def test_an_address_to_which_a_feed_gives_several_titles_is_no_identity() -> None:
    page = "https://a.example/en-direct"
    one, two = headline(1, "Le Sénat se réunit", 9, url=page), headline(2, "La séance est levée", 9, url=page)
    elsewhere = headline(3, "Toute la journée au Sénat", 8, url=page)
    assert groups(one, two, elsewhere) == [{1}, {2}, {3}]
    assert stories(two, among=(known(one), known(elsewhere))) == {2: 2}


def test_a_home_page_is_no_identity() -> None:
    home = "https://a.example/"
    assert groups(headline(1, "Le Sénat se réunit", url=home), headline(2, "Orage sur Nice", url=home)) == [{1}, {2}]


def test_a_slot_that_many_names_fill_is_a_template() -> None:
    """Of one club's line-up two feeds tell together, of two clubs' never, however alike the rest is."""
    clubs = "Guingamp Lorient Amiens Bastia Sochaux Valenciennes".split()
    title = "La composition probable de {} pour le match de la trentième journée"
    rows = [headline(10 * feed + n, title.format(club), feed) for feed in (1, 2) for n, club in enumerate(clubs)]
    assert groups(*rows) == [{10 + n, 20 + n} for n in range(len(clubs))]


@pytest.mark.parametrize(
    "titles",
    [
        ["سيول قوية في الشمال", "انتخابات جديدة في الجنوب"],
        ["北京今天下大雪", "上海明天有台风"],
        ["🎉", "🎉"],
        ["", ""],
        ["Да", "Да"],
    ],
)
def test_other_scripts_neither_fail_nor_fold_everything(titles: list[str]) -> None:
    assert groups(*(headline(n, title) for n, title in enumerate(titles, 1))) == [{1}, {2}]


# --- crowds -----------------------------------------------------------------


def test_a_crowd_under_one_title_is_one_story() -> None:
    assert groups(*(headline(n, PORT, hours=n / 100) for n in range(1, 400))) == [set(range(1, 400))]


def test_two_crowds_of_near_titles_are_one_story() -> None:
    row = [headline(n, PORT if n % 2 else PORT_AGAIN, hours=n / 100) for n in range(1, 300)]
    assert groups(*row) == [set(range(1, 300))]


def test_titles_of_the_same_frequent_words_stay_apart() -> None:
    words = "le gouvernement annonce une nouvelle mesure pour les entreprises et les salariés"
    assert len(groups(*(headline(n, f"{words} {n}") for n in range(1, 500)))) == 499


def test_what_a_feed_puts_under_one_heading_is_no_event() -> None:
    one, other = "Bad buzz : la marque Kalino s'excuse", "Bad buzz : Fleurinette supprime son tweet"
    assert groups(headline(1, one, 5), headline(2, other, 5)) == [{1}, {2}]
    told = "Séisme en Turquie : le bilan s'alourdit à Gaziantep"
    again = "Séisme en Turquie : à Gaziantep, le bilan s'alourdit encore"
    assert groups(headline(1, told, 5), headline(2, again, 5)) == [{1, 2}]
