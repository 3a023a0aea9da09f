"""The headlines that people have labelled, and what veille makes of them.

In: the directory of the shared corpus. Out: headlines with their labels, and groups of their places. Where a file is
absent nothing comes out of it.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from judgement import group_by
from veille.model import Headline
from veille.rank.cluster import fold
from veille.rank.window import MemoryWindow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from judgement import Groups
    from veille.settings import FoldSettings

CORPUS = Path(__file__).parents[1] / ".." / "shared" / "corpus" / "stories"
# The labelled sets that give no times are folded as if all had come at once.
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Labelled(NamedTuple):
    """A headline, and the group it belongs to by each label ("" for none)."""

    outlet: str
    title: str
    story: str = ""
    duplicate: str = ""
    at: datetime = _NOON


class Folded(NamedTuple):
    """The places of each story, and of each article with its copies; how many stories were merged on the way."""

    stories: Groups
    copies: Groups
    merges: int = 0

    def of(self, label: str) -> Groups:
        """The groups that answer to a label."""
        return self.stories if label == "story" else self.copies


def read_day(corpus: Path) -> list[Labelled]:
    """A French day of fifteen outlets, labelled by hand, in the order of the file."""
    rows = _read_table(corpus / "day_2023-01-24_fr_labelled.tsv")
    return [Labelled(row["outlet"], row["title"], row["story"], row["duplicate"]) for row in rows]


def read_gnews(corpus: Path) -> list[Labelled]:
    """French titles without accents in the clusters of an aggregator; each as if from an outlet of its own."""
    rows = _read_table(corpus / "gnews_2019_fr.tsv")
    return [Labelled(str(at), row["title"], row["cluster"]) for at, row in enumerate(rows)]


def read_english(corpus: Path) -> list[Labelled]:
    """English headlines in coarse clusters: a topic over days rather than an event. Rows without a time are left."""
    path = corpus / "uci_2014_en.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if (row["TIMESTAMP"] or "").isdigit()]
    times = [datetime.fromtimestamp(int(row["TIMESTAMP"]) / 1000, UTC) for row in rows]
    return [Labelled(row["PUBLISHER"], row["TITLE"], row["STORY"], at=at) for row, at in zip(rows, times, strict=True)]


def read_stream(corpus: Path) -> list[Labelled]:
    """A French day full of templates, without labels; each as if from an outlet of its own."""
    path = corpus / "day_2020-01-10_fr.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    return [
        Labelled(str(at), row[0], at=datetime.fromisoformat(row[1]).replace(tzinfo=UTC)) for at, row in enumerate(rows)
    ]


def half_of(one: Labelled) -> int:
    """0 or 1: no group is cut, for a half is told by the label, by the title where there is none."""
    return crc32((one.story or one.title).encode()) % 2


def halve(day: Sequence[Labelled]) -> list[list[Labelled]]:
    """The two halves."""
    return [[one for one in day if half_of(one) == half] for half in (0, 1)]


def truth_of(day: Sequence[Labelled], label: str) -> Groups:
    """The places that people put under each label, "story" or "duplicate"."""
    return group_by([str(getattr(one, label)) for one in day])


def fold_orders(day: Sequence[Labelled], orders: int, settings: FoldSettings | None = None) -> list[Folded]:
    """What veille makes of one batch in several drawn orders: headlines of one time have none of their own."""
    return [fold_batches(day, len(day), settings, seed=seed) for seed in range(orders)]


def fold_day(day: Sequence[Labelled], settings: FoldSettings | None = None) -> Folded:
    """What veille makes of headlines that come in one batch."""
    return fold_batches(day, len(day), settings)


def fold_batches(
    day: Sequence[Labelled], size: int, settings: FoldSettings | None = None, *, seed: int | None = None
) -> Folded:
    """What veille makes of headlines that come in batches of a size; in an order drawn from `seed` if one is given."""
    order = list(range(len(day)))
    if seed is not None:
        random.Random(seed).shuffle(order)
    window = MemoryWindow(seen=())
    story_of: dict[int, int] = {}
    original_of: dict[int, int] = {}
    merges = 0
    for batch in _split([_make_headline(day, at, entry_id) for entry_id, at in enumerate(order, 1)], size):
        folded = fold(batch, window, settings)
        window.place(batch, folded.placements, folded.merges)
        merges += len(folded.merges)
        story_of |= {placement.entry_id: placement.story_id for placement in folded.placements}
        story_of = {entry_id: folded.merges.get(story, story) for entry_id, story in story_of.items()}
        original_of |= {
            placement.entry_id: placement.duplicate_of or placement.entry_id for placement in folded.placements
        }
    return Folded(_gather(order, story_of), _gather(order, original_of), merges)


def _read_table(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _make_headline(day: Sequence[Labelled], at: int, entry_id: int) -> Headline:
    one = day[at]
    return Headline(
        entry_id=entry_id,
        # Any number that is the outlet's own and the same in every run.
        feed_id=1 + crc32(one.outlet.encode()),
        title=one.title,
        url=f"https://{at}.example/{at}",
        published_at=one.at,
    )


def _split(new: Sequence[Headline], size: int) -> Iterator[Sequence[Headline]]:
    return (new[start : start + size] for start in range(0, len(new), size))


def _gather(order: Sequence[int], group_of: dict[int, int]) -> Groups:
    groups = defaultdict(list)
    for entry_id, group in group_of.items():
        groups[group].append(order[entry_id - 1])
    return [sorted(group) for group in groups.values()]
