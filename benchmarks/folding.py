"""Folding against people's labels, against a trap, and against the clock.

In: the directory of the labelled headlines (without it only times are measured). Out: Markdown. Pairs
of headlines are what is counted: precision is the part of the pairs put together that people put
together too, recall the reverse.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import accumulate, combinations
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from rapidfuzz import fuzz, utils

from measure import describe_machine, write_table
from veille.model import Headline
from veille.rank.cluster import fold
from veille.settings import FoldSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

CORPUS = Path(__file__).parents[1] / ".." / "shared" / "corpus" / "stories"
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_SWEEP = (70, 72, 74, 75, 76, 78, 80, 85, 90, 95, 100)
_LEAST_PRECISION = 0.95
_ORDERS = 10
_BASELINE = 80
_SYLLABLES = [c + v for c in "bcdfglmnprstv" for v in ("a", "e", "i", "o", "u", "é", "ou", "an")]

Pairs = set[tuple[int, int]]


class Labelled(NamedTuple):
    """A headline, and the group it belongs to by each label ("" for none)."""

    outlet: str
    title: str
    story: str
    duplicate: str


class Quality(NamedTuple):
    """Pairwise precision, recall and F1."""

    precision: float
    recall: float
    f1: float

    def cells(self) -> list[str]:
        """For a table."""
        return [f"{value:.3f}" for value in self]


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="the directory of the labelled headlines")
    options = parser.parse_args()
    labelled = options.corpus / "day_2023-01-24_fr_labelled.tsv"
    trap = options.corpus / "day_2020-01-10_fr.csv"
    if labelled.exists():
        day = read_labelled(labelled)
        print_quality(day)
        print_sweep(day)
    if trap.exists():
        print_trap(trap)
    if not (labelled.exists() and trap.exists()):
        print(f"No labelled headlines at {options.corpus.name}: times only.\n")
    print_times()


# --- labels -----------------------------------------------------------------


def read_labelled(path: Path) -> list[Labelled]:
    """The labelled day, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Labelled(row["outlet"], row["title"], row["story"], row["duplicate"]) for row in rows]


def print_quality(day: Sequence[Labelled]) -> None:
    """Duplicates, and stories for information, by veille and by the usual rule."""
    found = {
        f"veille, threshold {FoldSettings().threshold:g}": pairs_of(fold_titles(day)),
        f"token_set_ratio >= {_BASELINE}, transitive": pairs_of(fold_by_ratio(day)),
    }
    truths = {label: truth_of(day, label) for label in ("duplicate", "story")}
    rows = [
        [name, *(cell for truth in truths.values() for cell in rate(pairs, truth).cells())]
        for name, pairs in found.items()
    ]
    print(f"## Copies among {len(day)} French headlines of one day, {len({one.outlet for one in day})} outlets\n")
    header = ["rule", "duplicates: precision", "recall", "F1", "stories: precision", "recall", "F1"]
    print(write_table(header, rows))
    orders = [rate(pairs_of(fold_titles(day, seed=seed)), truths["duplicate"]) for seed in range(_ORDERS)]
    worst, average = ([f"{choose(column):.3f}" for column in zip(*orders, strict=True)] for choose in (min, mean))
    print(
        f"\nDuplicates with entry ids in {_ORDERS} shuffled orders: precision, recall and F1 "
        f"{', '.join(average)} on average, {', '.join(worst)} at worst.\n",
    )


def print_sweep(day: Sequence[Labelled]) -> None:
    """The threshold, chosen on one half of the day, reported on the other."""
    halves = [[one for one in day if half_of(one) == half] for half in (0, 1)]
    rates = {
        threshold: [
            rate(pairs_of(fold_titles(part, FoldSettings(threshold=threshold))), truth_of(part, "duplicate"))
            for part in (*halves, day)
        ]
        for threshold in _SWEEP
    }
    precise = {at: tuned.f1 for at, (tuned, *_) in rates.items() if tuned.precision >= _LEAST_PRECISION}
    best = [at for at, f1 in precise.items() if f1 == max(precise.values())]
    print("## The threshold, duplicates\n")
    print(
        "A headline's half is the parity of the CRC-32 of its story's label, of its title when it has none: no "
        f"group is cut. {len(halves[0])} headlines to tune on, {len(halves[1])} to report on. Best F1 with precision "
        f">= {_LEAST_PRECISION} on the first half: {', '.join(map(str, best)) or 'none'}; the default, "
        f"{FoldSettings().threshold:g}, is the middle of these.\n",
    )
    header = ["threshold", *(f"{part}: {value}" for part in ("tuned", "other", "all") for value in ("P", "R", "F1"))]
    print(write_table(header, [[str(at), *(c for one in row for c in one.cells())] for at, row in rates.items()]))
    print()


def half_of(one: Labelled) -> int:
    """0 or 1."""
    return crc32((one.story or one.title).encode()) % 2


def fold_titles(
    day: Sequence[Labelled], settings: FoldSettings | None = None, *, seed: int | None = None
) -> list[list[int]]:
    """The groups that veille makes of headlines of one hour, each of its own address, outlets as feeds."""
    order = list(range(len(day)))
    if seed is not None:
        random.Random(seed).shuffle(order)
    outlets = sorted({one.outlet for one in day})
    new = [
        Headline(
            entry_id=entry_id,
            feed_id=1 + outlets.index(day[at].outlet),
            title=day[at].title,
            url=f"https://{at}.example/{at}",
            published_at=_NOON + timedelta(seconds=entry_id),
        )
        for entry_id, at in enumerate(order, 1)
    ]
    return [[order[entry_id - 1] for entry_id in group] for group in group_entries(new, settings)]


def group_entries(new: Sequence[Headline], settings: FoldSettings | None = None) -> list[list[int]]:
    """The entries of each story."""
    groups = defaultdict(list)
    for placement in fold(new, [], settings):
        groups[placement.story_id].append(placement.entry_id)
    return list(groups.values())


def fold_by_ratio(day: Sequence[Labelled]) -> list[list[int]]:
    """The groups of what most tools do: any two titles alike enough, and whatever is linked by such pairs."""
    titles = [utils.default_process(one.title) for one in day]
    group_of = list(range(len(day)))
    for a, b in combinations(range(len(day)), 2):
        if group_of[a] != group_of[b] and fuzz.token_set_ratio(titles[a], titles[b], score_cutoff=_BASELINE):
            gone, kept = group_of[b], group_of[a]
            group_of = [kept if group == gone else group for group in group_of]
    groups = defaultdict(list)
    for at, group in enumerate(group_of):
        groups[group].append(at)
    return list(groups.values())


def truth_of(day: Sequence[Labelled], label: str) -> Pairs:
    """The pairs that people put under one label."""
    groups = defaultdict(list)
    for at, one in enumerate(day):
        if name := getattr(one, label):
            groups[name].append(at)
    return pairs_of(groups.values())


def pairs_of(groups: Iterable[Sequence[int]]) -> Pairs:
    """Every two members of a group."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def rate(found: Pairs, truth: Pairs) -> Quality:
    """How far two sets of pairs agree."""
    right = len(found & truth)
    precision, recall = right / max(1, len(found)), right / max(1, len(truth))
    return Quality(precision, recall, 2 * precision * recall / max(1e-9, precision + recall))


# --- the trap ---------------------------------------------------------------


def print_trap(path: Path) -> None:
    """The largest stories of a day full of templates, as if each headline came from a feed of its own."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(row[0], datetime.fromisoformat(row[1]).replace(tzinfo=UTC)) for row in csv.reader(lines)]
    new = [
        Headline(entry_id=at, feed_id=at, title=title, url=f"https://{at}.example/{at}", published_at=when)
        for at, (title, when) in enumerate(rows, 1)
    ]
    groups = sorted(group_entries(new), key=len, reverse=True)
    print(f"## {len(new)} headlines full of templates (weather per town, sport, titles with town names)\n")
    print(f"{len(groups)} stories; the largest holds {len(groups[0])} headlines. The five largest:\n")
    for group in groups[:5]:
        wordings = {rows[entry_id - 1][0] for entry_id in group}
        print(f"- {len(group)} headlines, {len(wordings)} wordings: {min(wordings)}")
    print()


# --- times ------------------------------------------------------------------


def print_times() -> None:
    """How long folding takes: what arrives in a morning, an archive, and what is made to hurt."""
    chance = random.Random(4)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(30_000)]
    archive = make_titles(100_000, words, chance)
    morning = make_titles(500, words, chance) + archive[-500:]
    frequent, same = " ".join(words[:9]), archive[0]
    known = make_headlines(archive, known=True)
    cases: dict[str, Callable[[], tuple[list[Headline], list[Headline]]]] = {
        "15,000 new": lambda: (make_headlines(archive[:15_000]), []),
        "1,000 new, 10,000 known": lambda: (make_headlines(morning, start=200_000), known[-10_000:]),
        "1,000 new, 100,000 known": lambda: (make_headlines(morning, start=200_000), known),
        "20,000 of the same nine words and one of their own": lambda: (
            make_headlines([f"{frequent} {word}" for word in words[-20_000:]]),
            [],
        ),
        "20,000 of ten among the same forty words": lambda: (
            make_headlines([" ".join(chance.sample(words[:40], 10)) for _ in range(20_000)]),
            [],
        ),
        "5,000 of one title, one feed": lambda: (make_headlines([same] * 5_000, feeds=1), []),
        "5,000 of one title, 500 feeds": lambda: (make_headlines([same] * 5_000), []),
        "15,000 of 150 near titles, 500 feeds": lambda: (
            make_headlines([f"{frequent} {words[100 + at % 150]}" for at in range(15_000)]),
            [],
        ),
    }
    rows = []
    for name, make in cases.items():
        new, old = make()
        started, used = time.perf_counter(), time.process_time()
        placed = fold(new, old)
        spent = [time.perf_counter() - started, time.process_time() - used]
        rows.append([name, *(f"{seconds:.2f}" for seconds in spent), str(len({one.story_id for one in placed}))])
    print("## Times\n")
    print(f"{describe_machine()}. Titles of a seeded vocabulary, three days, 500 feeds.\n")
    print(write_table(("headlines", "seconds", "processor seconds", "stories"), rows))


def make_titles(count: int, words: Sequence[str], chance: random.Random) -> list[str]:
    """Titles whose words are as unevenly frequent as in a language; a few are near copies of recent ones."""
    weights = list(accumulate(1 / (rank + 5) for rank in range(len(words))))
    titles: list[str] = []
    for _ in range(count):
        near = titles[-chance.randint(1, 200) :][0].split() if titles and chance.random() < 0.15 else []  # noqa: PLR2004
        drawn = chance.choices(words, cum_weights=weights, k=chance.randint(0, 2) if near else chance.randint(7, 14))
        titles.append(" ".join([*near, *drawn]))
    return titles


def make_headlines(titles: Sequence[str], *, start: int = 1, feeds: int = 500, known: bool = False) -> list[Headline]:
    """Entries of those titles, three days long, each at an address of its own."""
    chance = random.Random(start)
    return [
        Headline(
            entry_id=entry_id,
            feed_id=chance.randint(1, feeds),
            title=title,
            url=f"https://www.site{entry_id % 97}.example/news/a-headline-{entry_id}.html?utm_source=rss",
            published_at=_NOON + timedelta(days=3 * at / len(titles)),
            story_id=entry_id if known else None,
        )
        for at, (entry_id, title) in enumerate(enumerate(titles, start))
    ]


if __name__ == "__main__":
    main()
