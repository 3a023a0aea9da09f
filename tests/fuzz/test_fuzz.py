"""A short run of every fuzz target, the same each time; VEILLE_FUZZ_SECONDS makes it go on for so long per target.

`tests/fuzz/guided.py` is the long one.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from fuzz.mutations import mutate
from fuzz.targets import KEPT, PATIENCE, TARGETS, SlowError, judge, list_kept, list_seeds, list_tokens

# In a short run, as long for one target as for another.
EXAMPLES = {"feed": 200, "opml": 500, "query": 250, "config": 300, "rules": 150, "import": 40}
SECONDS = float(os.environ.get("VEILLE_FUZZ_SECONDS", "0"))
GUIDED = Path(__file__).with_name("guided.py")
FOUND = [pytest.param(name, path, id=f"{name}/{path.name}") for name in TARGETS for path in list_kept(name)]


def try_input(name: str, data: bytes) -> None:
    """What is traced line by line takes longer."""
    judge(name, data, patience=PATIENCE * (5 if sys.gettrace() else 1))


def change(name: str, data: bytes, seeds: list[int]) -> bytes:
    for one in seeds:
        data = mutate(data, Random(one), tokens=list_tokens(name), others=list_seeds(name))  # noqa: S311
    return data


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Seeds with a few changes, and tokens one after the other."""
    changes = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=6)
    changed = st.builds(lambda data, seeds: change(name, data, seeds), st.sampled_from(list_seeds(name)), changes)
    tokens = st.lists(st.sampled_from(list_tokens(name)), max_size=40)
    return changed | changed | tokens.map(b" ".join) | tokens.map(b"".join)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_documents_are_answered_as_promised(name: str) -> None:
    until = time.monotonic() + SECONDS
    turn = 0
    while not turn or time.monotonic() < until:

        @seed(turn)
        @settings(max_examples=EXAMPLES[name], database=None, suppress_health_check=list(HealthCheck))
        @given(inputs(name))
        def answer(data: bytes) -> None:
            try_input(name, data)

        answer()
        turn += 1


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_answered_as_promised(name: str) -> None:
    for data in (b"", *list_seeds(name)):
        try_input(name, data)


@pytest.mark.parametrize(("name", "path"), FOUND)
def test_what_was_found_stays_mended(name: str, path: Path) -> None:
    try_input(name, path.read_bytes())


def test_every_kept_finding_belongs_to_a_target() -> None:
    assert {path.name for path in KEPT.iterdir()} <= set(TARGETS)


def test_a_slow_answer_is_a_finding() -> None:
    with pytest.raises(SlowError, match="opml: 0 bytes took"):
        judge("opml", b"", patience=-1)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is not None, reason="atheris is there")
def test_without_atheris_one_line_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, str(GUIDED), "opml"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "guided fuzzing needs atheris: pip install --group fuzz (it has wheels for some versions of Python only)\n"
    )
