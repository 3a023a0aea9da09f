"""The fuzz targets by name, each with what it begins from, and how one input is judged.

A target takes any bytes. It returns when veille answered as it promises: a good result, or its own error in one clear
line. Anything else it raises is a finding, and so is an answer that takes out of all proportion.
"""

from __future__ import annotations

import ast
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fuzz import documents, transfer, typed

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[1] / "data"
CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus"
KEPT, SEEDS = DATA / "fuzz", DATA / "fuzz-seeds"
# Seconds of this process, for inputs of at most so many bytes.
PATIENCE, USUAL = 2.0, 65_536
_LARGEST_SEED = 20_000
_MOST_SEEDS = 300


class Target(NamedTuple):
    """What is tried; `corpus` says which files of the corpus are documents of its format."""

    run: Callable[[bytes], None]
    corpus: tuple[str, ...] = ()


TARGETS = {
    "feed": Target(documents.fuzz_feed, ("conformance/**/*", "feeds/**/*")),
    "opml": Target(documents.fuzz_opml, ("opml/**/*",)),
    "query": Target(typed.fuzz_query),
    "config": Target(typed.fuzz_config),
    "rules": Target(typed.fuzz_rules),
    "import": Target(transfer.fuzz_import),
}


class SlowError(AssertionError):
    """An answer that took too long for what was asked."""


def judge(name: str, data: bytes, *, patience: float = PATIENCE) -> None:
    """Run a target on an input; raises what it finds."""
    start = time.thread_time()
    TARGETS[name].run(data)
    spent = time.thread_time() - start
    if spent > patience and len(data) <= USUAL:
        raise SlowError(f"{name}: {len(data)} bytes took {spent:.1f} s")


@cache
def list_seeds(name: str) -> tuple[bytes, ...]:
    """Small documents of the format, written for this."""
    return tuple(path.read_bytes() for path in sorted((SEEDS / name).iterdir()))


@cache
def list_tokens(name: str) -> tuple[bytes, ...]:
    """Words of the format, from a dictionary as libFuzzer reads them."""
    lines = dictionary_of(name).read_text("ascii").splitlines()
    return tuple(ast.literal_eval(f"b{line}") for line in lines)


def dictionary_of(name: str) -> Path:
    """Where the words are."""
    return SEEDS / f"{name}.dict"


def list_kept(name: str) -> list[Path]:
    """The inputs that once were findings."""
    return sorted((KEPT / name).iterdir()) if (KEPT / name).is_dir() else []


def list_corpus(name: str) -> list[bytes]:
    """Small files of the corpus, where there is one."""
    found = []
    for pattern in TARGETS[name].corpus:
        paths = [path for path in sorted(CORPUS.glob(pattern)) if path.is_file()]
        small = [path for path in paths if path.stat().st_size <= _LARGEST_SEED]
        # Spread over all of them, not the first of the alphabet.
        found += [path.read_bytes() for path in small[:: len(small) // _MOST_SEEDS + 1]]
    return found
