"""Screens are drawn alike everywhere: in UTC, in a terminal of 256 colours."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from sitting import lay_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def laid(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A home with a session that is planned; the stories of the plan, by number."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        patch.setenv("TERM", "xterm-256color")
        time.tzset()
        yield lay_home(home)
    time.tzset()
