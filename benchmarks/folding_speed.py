"""What folding costs: entries stored as a fetch stores them, then folded by a process of their own.

In: how much to measure. Out: Markdown. Seconds are those of the processor, of one process whose caches are empty, as
at the end of a fetch; ratios are what can be compared. Entries come from `newsroom.py`, and from titles made to hurt.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measure import describe_machine, write_table
from newsroom import Spec, render_feed
from veille.app.fold import fold_pending
from veille.app.reading import Request, read_document
from veille.feed import Subscription
from veille.parsed import ParsedEntry
from veille.read.changes import decide_changes
from veille.settings import FoldSettings
from veille.store.db import open_store, write
from veille.store.entries import store_changes
from veille.store.feeds import add_feed
from veille.store.prepared import prepare_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from veille.store.prepared import Prepared

_NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
_ENTRIES = 100  # of each feed, where 100,000 are wanted
_FRESH_DAYS = 0.1  # over which what a morning brings was published
_BATCH = 8  # feeds to a transaction, as a fetch has them
_RUNS = 3
_SYLLABLES = [c + v for c in "bcdfglmnprstv" for v in ("a", "e", "i", "o", "u", "é", "ou", "an")]

Arrivals = dict[int, list["Prepared"]]
"""What each feed brings, by its number in the store."""


class Spent(NamedTuple):
    """What folding a store took: processor seconds, peak megabytes; how many entries, stories, and in the largest."""

    seconds: float
    peak_mb: int
    entries: int
    stories: int
    largest: int


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, for a look")
    parser.add_argument("--full", action="store_true", help="100,000 entries over ten days too: minutes")
    options = parser.parse_args()
    part = 10 if options.quick else 1
    print(f"# Folding, times\n\n{describe_machine()}. Processor seconds of one process.\n")
    with tempfile.TemporaryDirectory(prefix="veille-folding-") as directory:
        path = Path(directory) / "veille.db"
        _print_first(path, feeds=500 // part)
        _print_later(path, new=1000 // part, known=(10_000 // part, 100_000 // part))
        _print_hurting(path, part=part)
        if options.full:
            _print_archive(path, feeds=1000 // part)


# --- the cases --------------------------------------------------------------


def _print_first(path: Path, *, feeds: int) -> None:
    """A first fetch: what reading, storing and folding cost, and so what folding adds."""
    spec = Spec(feeds=feeds, entries=30, now=_NOW)
    started = time.process_time()
    arrivals = _read_feeds(spec, range(feeds))
    reading = time.process_time() - started
    storing = _store(path, arrivals)
    folding = _fold(path)
    heads = (
        "entries",
        "read",
        "store and index",
        "fold",
        "µs an entry",
        "with / without, stored",
        "with / without, read",
    )
    with_stored = (storing + folding.seconds) / storing
    with_read = (reading + storing + folding.seconds) / (reading + storing)
    figures = (f"{value:.2f}" for value in (reading, storing, folding.seconds))
    each = f"{folding.seconds / folding.entries * 1e6:.0f}"
    print(f"## A first fetch of {feeds} x 30\n")
    print(
        "What folding multiplies: the work of the process that writes (stored), and all the work of a fetch but the "
        "network's (read).\n"
    )
    row = [str(folding.entries), *figures, each, f"{with_stored:.2f} x", f"{with_read:.2f} x"]
    print(write_table(heads, [row]), end="\n\n")


def _print_later(path: Path, *, new: int, known: Sequence[int]) -> None:
    """A later fetch, against windows of different sizes."""
    spent = {}
    for count in known:
        feeds, fresh = count // _ENTRIES, max(1, new // _ENTRIES)
        spec = Spec(feeds=feeds, entries=_ENTRIES, days=FoldSettings().window.days, now=_NOW)
        _store(path, _read_feeds(spec, range(feeds)))
        first = _fold(path)
        later = replace(spec, days=_FRESH_DAYS)
        _store(path, _read_feeds(later, range(feeds, feeds + fresh)), keep=True)
        spent[count] = (first, [_fold_copy(path) for _ in range(_RUNS)])
    base = median(run.seconds for run in spent[known[0]][1])
    rows = []
    for count, (first, runs) in spent.items():
        seconds = sorted(run.seconds for run in runs)
        described = f"{median(seconds):.2f} ({seconds[0]:.2f}-{seconds[-1]:.2f})"
        rows.append([
            f"{count:,}", f"{first.seconds:.2f}", described, f"{median(seconds) / base:.2f} x",
            str(max(run.peak_mb for run in runs)),
        ])  # fmt: skip
    print(f"## {new:,} new entries of the last hours against what is stored within the window\n")
    heads = ("stored in the window", "folding these first, s", f"{new:,} new, s", "ratio", "peak MB")
    print(f"Median of {_RUNS} runs (least-most).\n\n{write_table(heads, rows)}", end="\n\n")


def _print_hurting(path: Path, *, part: int) -> None:
    """Titles all alike, or alike in all but a word: what a folding that compares too much cannot do."""
    rows = []
    for name, titles, feeds in _make_hurting(part):
        _store(path, _spread(titles, feeds=feeds))
        spent = _fold(path)
        figures = (f"{spent.seconds:.2f}", str(spent.peak_mb), str(spent.stories), str(spent.largest))
        rows.append([f"{spent.entries:,} {name}", *figures])
    print("## Titles made to hurt, all of one day\n")
    print(write_table(("entries", "s", "peak MB", "stories", "largest"), rows), end="\n\n")


def _print_archive(path: Path, *, feeds: int) -> None:
    """A first fetch of large archives: ten days at once."""
    spec = Spec(feeds=feeds, entries=_ENTRIES, now=_NOW)
    _store(path, _read_feeds(spec, range(feeds)))
    spent = _fold(path)
    print(f"## {spent.entries:,} entries over {spec.days:g} days, folded at once\n")
    row = [f"{spent.seconds:.1f}", f"{spent.seconds / spent.entries * 1e6:.0f}", str(spent.peak_mb), str(spent.stories)]
    print(write_table(("s", "µs an entry", "peak MB", "stories"), [row]), end="\n\n")


# --- entries ----------------------------------------------------------------


def _read_feeds(spec: Spec, feeds: Iterable[int]) -> Arrivals:
    arrivals: Arrivals = {}
    for feed in feeds:
        body = render_feed(spec, feed)
        document = read_document(Request(body=body, url=f"http://x.example/{feed}", headers={}, now=spec.now))
        assert not isinstance(document, str), document  # noqa: S101 - what newsroom.py renders can be read
        arrivals[feed + 1] = list(document.entries)
    return arrivals


def _make_hurting(part: int) -> Iterator[tuple[str, Sequence[str], int]]:
    """Titles of a seeded vocabulary, their description, and of how many feeds they are."""
    draw = random.Random(4)
    words = ["".join(draw.choices(_SYLLABLES, k=draw.randint(2, 4))) for _ in range(30_000)]
    frequent = " ".join(words[:9])
    many, few = 20_000 // part, 5_000 // part
    yield "of the same nine words and one of their own", [f"{frequent} {word}" for word in words[-many:]], 500
    yield "of ten among the same forty words", [" ".join(draw.sample(words[:40], 10)) for _ in range(many)], 500
    chained = [f"{frequent} {one} {other}" for one, other in pairwise(words[-many - 1 :])]
    yield "in chains: each shares a rare word with the next", chained, 500
    yield "of one title, in one feed", [frequent] * few, 1
    yield "of one title, each in a feed of its own", [frequent] * few, few


def _spread(titles: Sequence[str], *, feeds: int) -> Arrivals:
    """Entries of these titles, within twenty hours, each on a page of its own."""
    step = timedelta(hours=20) / len(titles)
    arrivals: Arrivals = {feed: [] for feed in range(1, feeds + 1)}
    for at, title in enumerate(titles):
        entry = ParsedEntry(
            guid=str(at),
            fingerprint=title,
            url=f"https://www.site{at % 97}.example/news/a-headline-{at}.html",
            title=title,
            published_at=_NOW - at * step,
        )
        arrivals[at % feeds + 1].append(prepare_entry(entry))
    return arrivals


# --- stores -----------------------------------------------------------------


def _store(path: Path, arrivals: Mapping[int, Sequence[Prepared]], *, keep: bool = False) -> float:
    """Store and index what feeds bring, in a new store unless the old is to be kept; the processor seconds."""
    if not keep:
        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()
    with open_store(path, busy_timeout=timedelta(seconds=5)) as db:
        db.execute("PRAGMA synchronous = NORMAL")
        with write(db):
            for feed in arrivals:
                add_feed(db, Subscription(url=f"http://x.example/{feed}"), now=_NOW)
        started = time.process_time()
        feeds = list(arrivals)
        for start in range(0, len(feeds), _BATCH):
            with write(db):
                for feed in feeds[start : start + _BATCH]:
                    store_changes(db, feed, decide_changes(arrivals[feed], {}), now=_NOW)
        return time.process_time() - started


def _fold(path: Path) -> Spent:
    """Fold a store in a new process."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_fold_here, path).result()


def _fold_copy(path: Path) -> Spent:
    copy = path.with_name("copy.db")
    shutil.copyfile(path, copy)
    spent = _fold(copy)
    for part in copy.parent.glob(f"{copy.name}*"):
        part.unlink()
    return spent


def _fold_here(path: Path) -> Spent:
    with open_store(path, busy_timeout=timedelta(seconds=5)) as db:
        (pending,) = db.execute("SELECT count(*) FROM entries WHERE story_id IS NULL").fetchone()
        started = time.process_time()
        fold_pending(db, FoldSettings())
        seconds = time.process_time() - started
        peak = _measure_peak()
        counts = [count for (count,) in db.execute("SELECT count(*) FROM entries GROUP BY story_id")]
    return Spent(seconds, peak, pending, len(counts), max(counts))


def _measure_peak() -> int:
    """The most megabytes this process has held; what its parent held when it started it does not count."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


if __name__ == "__main__":
    main()
