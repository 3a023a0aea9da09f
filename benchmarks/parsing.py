"""The fast way through a document beside feedparser's, in the same run.

In: the directory of real feeds (without it only generated feeds of 30 entries are read). Out: Markdown:
milliseconds for a document from XML to raw entries, and their ratio; documents that the fast way
declines are counted and left out of the times.
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from measure import describe, describe_machine, write_table
from newsroom import Spec, is_atom, render_feed
from veille.read.fast import read_fast
from veille.read.jsonfeed import looks_like_json
from veille.read.mend import mend_document
from veille.read.parse import read_with_feedparser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from veille.read.mend import Mended
    from veille.read.normalise import RawFeed

CORPUS = Path(__file__).parents[1] / ".." / "shared" / "corpus" / "feeds"
_URL = "https://www.example.org/feed"
_SPEC = Spec(feeds=40, entries=30, now=datetime(2026, 1, 1, tzinfo=UTC))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="the directory of real feeds")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    bodies = {feed: render_feed(_SPEC, feed) for feed in range(_SPEC.feeds)}
    rows = [
        _measure(
            f"generated {name}, 30 entries",
            [bodies[feed] for feed in bodies if is_atom(_SPEC, feed) == kind],
            options.runs,
        )
        for name, kind in (("RSS", False), ("Atom", True))
    ]
    if options.corpus.is_dir():
        paths = sorted(path for path in options.corpus.rglob("*") if path.is_file())
        found = [body for body in (path.read_bytes() for path in paths) if not looks_like_json(body)]
        rows.append(_measure("real feeds", found, options.runs))
    heads = ("documents", "accepted", "mean kB", "feedparser, ms each", "fast, ms each", "fast / feedparser")
    print(
        f"### From XML to raw entries\n\n{write_table(heads, rows)}\n\n{describe_machine()}; median (least-most) "
        f"of {options.runs} runs."
    )


def _measure(name: str, bodies: Sequence[bytes], runs: int) -> list[str]:
    documents = [mend_document(body, content_type="", url=_URL) for body in bodies]
    accepted = [mended for mended in documents if read_fast(mended, content_language="")]
    times = [(_time(read_with_feedparser, accepted), _time(read_fast, accepted)) for _ in range(runs)]
    size = sum(len(mended.body) for mended in accepted) / len(accepted) / 1000
    return [
        name,
        f"{len(accepted)} of {len(documents)}",
        f"{size:.0f}",
        describe(slow for slow, _ in times),
        describe(fast for _, fast in times),
        describe((fast / slow for slow, fast in times), digits=3),
    ]


def _time(read: Callable[..., RawFeed | None], documents: Iterable[Mended]) -> float:
    """Milliseconds for each document, one after the other."""
    start = time.perf_counter()
    count = sum(read(mended, content_language="") is not None for mended in documents)
    return (time.perf_counter() - start) * 1000 / count


if __name__ == "__main__":
    main()
