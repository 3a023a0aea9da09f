"""Folding against people's labels and against a trap: floors under what has been measured."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import pytest

from veille.model import Headline
from veille.rank.cluster import fold
from veille.rank.window import MemoryWindow
from veille.text import fold as plain

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from veille.model import Placement

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus" / "stories"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

# How a town's weather is announced.
_WEATHER = re.compile(
    r"quel temps (?:fera-t-il|est prévu) à (?P<a>[^?:]+?)(?: le \w+ \d.*)?\s*\?*"
    r"|météo (?P<b>[^?:]+?)\s?: .+"
    r"|(?:la météo|les prévisions météorologiques) du \w+ \d+ \w+ \d+ à (?P<c>[^?:]+)"
    r"|(?P<d>[^?:]+?) : la météo du \w+ \d.*",
    re.IGNORECASE,
)

Pairs = set[tuple[int, int]]


class Rates(NamedTuple):
    """Of pairs: the part of those found that are right, of those to be found that are."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def read(name: str, *, delimiter: str = "\t") -> list[list[str]]:
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"the shared corpus is absent: {name}")
    with path.open(encoding="utf-8", newline="") as lines:
        if delimiter == "\t":
            return [line.rstrip("\r\n").split(delimiter) for line in lines]
        return list(csv.reader(lines, delimiter=delimiter))


def put(titles: Sequence[str], feeds: Sequence[int], times: Sequence[datetime]) -> list[Placement]:
    """Where each title goes, in order; each on a page of its own."""
    new = [
        Headline(entry_id=at + 1, feed_id=feed, title=title, url="", page=f"{at}.example/{at}", published_at=when)
        for at, (title, feed, when) in enumerate(zip(titles, feeds, times, strict=True))
    ]
    return fold(new, MemoryWindow()).placements


def pairs_of(labels: Iterable[Hashable]) -> Pairs:
    """Every two places of one label; none for what has no label."""
    groups = defaultdict(list)
    for at, label in enumerate(labels):
        if label:
            groups[label].append(at)
    return {pair for group in groups.values() for pair in combinations(group, 2)}


def rate(found: Pairs, truth: Pairs) -> Rates:
    right = len(found & truth)
    return Rates(right / len(found), right / len(truth))


def rate_each(found: Sequence[int], truth: Sequence[str]) -> Rates:
    """B-cubed: of each headline's story, the part of its cluster, and the reverse, on average."""
    both, one, other = Counter(zip(found, truth, strict=True)), Counter(found), Counter(truth)
    every = len(found)
    return Rates(
        sum(both[a, b] / one[a] for a, b in zip(found, truth, strict=True)) / every,
        sum(both[a, b] / other[b] for a, b in zip(found, truth, strict=True)) / every,
    )


@cache
def labelled_day() -> tuple[list[dict[str, str]], list[Placement]]:
    header, *lines = read("day_2023-01-24_fr_labelled.tsv")
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    outlets = sorted({row["outlet"] for row in rows})
    feeds = [1 + outlets.index(row["outlet"]) for row in rows]
    times = [NOON + timedelta(seconds=at) for at in range(len(rows))]
    return rows, put([row["title"] for row in rows], feeds, times)


@cache
def trap_stream() -> dict[int, list[str]]:
    """The titles of each story of a day full of templates, each from a feed of its own."""
    rows = read("day_2020-01-10_fr.csv", delimiter=",")
    times = [datetime.fromisoformat(row[1]).replace(tzinfo=UTC) for row in rows]
    stories = defaultdict(list)
    for placement in put([row[0] for row in rows], range(1, len(rows) + 1), times):
        stories[placement.story_id].append(rows[placement.entry_id - 1][0])
    return stories


def test_stories_are_those_that_people_see() -> None:
    rows, placed = labelled_day()
    rates = rate(pairs_of(one.story_id for one in placed), pairs_of(row["story"] for row in rows))
    assert rates.precision >= 0.82
    assert rates.f1 >= 0.70


def test_a_day_that_nobody_has_seen_comes_out_as_well_in_batches() -> None:
    rows, _ = labelled_day()
    window, story_of = MemoryWindow(seen=()), dict[int, int]()
    for start in range(0, len(rows), 20):
        batch = [
            Headline(entry_id=at, feed_id=crc32(row["outlet"].encode()), title=row["title"], url="", published_at=NOON)
            for at, row in enumerate(rows[start : start + 20], start + 1)
        ]
        folded = fold(batch, window)
        window.place(batch, folded.placements, folded.merges)
        story_of |= {one.entry_id: one.story_id for one in folded.placements}
        story_of = {entry_id: folded.merges.get(story, story) for entry_id, story in story_of.items()}
    found = [story_of[at] for at in range(1, len(rows) + 1)]
    rates = rate(pairs_of(found), pairs_of(row["story"] for row in rows))
    assert rates.precision >= 0.79
    assert rates.f1 >= 0.74


def test_copies_are_those_that_people_see() -> None:
    rows, placed = labelled_day()
    rates = rate(
        pairs_of(one.duplicate_of or one.entry_id for one in placed), pairs_of(row["duplicate"] for row in rows)
    )
    assert rates.precision >= 0.95
    assert rates.recall >= 0.90


def test_another_set_s_clusters_are_found() -> None:
    _, *rows = read("gnews_2019_fr.tsv")
    placed = put([row[1] for row in rows], range(1, len(rows) + 1), [NOON] * len(rows))
    assert rate_each([one.story_id for one in placed], [row[0] for row in rows]).f1 >= 0.78


def test_templates_make_no_large_story() -> None:
    largest = max(trap_stream().values(), key=len)
    assert len(largest) <= 40, largest[0]


def test_the_weather_of_two_towns_is_never_one_story() -> None:
    told = 0
    for titles in trap_stream().values():
        towns = {town for title in titles if (town := find_town(title))}
        told += len(towns)
        assert len(towns) <= 1, titles
    assert told > 200


def find_town(title: str) -> str:
    """The town whose weather a title announces, "" for another title."""
    announced = _WEATHER.fullmatch(title)
    return plain(next(filter(None, announced.groups()))) if announced else ""


@pytest.mark.parametrize(
    ("title", "town"),
    [
        ("Quel temps fera-t-il à Brive-la-Gaillarde ?", "brive-la-gaillarde"),
        ("Météo Nantes : un week-end sec", "nantes"),
        ("Quel temps fera-t-il à Étretat le lundi 3 mai ?", "etretat"),
        ("La météo du lundi 3 mai 2027 à Le Faouët", "le faouet"),
        ("Vannes : la météo du lundi 3 mai", "vannes"),
        ("Météo : un week-end sec", ""),
        ("La météo de Nantes", ""),
    ],
)
def test_a_town_is_found_in_the_announcement_of_its_weather(title: str, town: str) -> None:
    assert find_town(title) == town
