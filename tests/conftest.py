"""What tests of several rooms share: a publisher on loopback, a veille of one's own."""

from __future__ import annotations

import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import hypothesis
import pytest

from publisher import Publisher
from veille.store.db import Db, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A shared machine is slow at times: that is no fault of what is tested.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

# Started by nohup, the tests would hand on to what they start that a closed terminal is nothing to it.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty VEILLE_HOME, in the environment of this process and of those it starts."""
    place = tmp_path / "veille"
    place.mkdir()
    monkeypatch.setenv("VEILLE_HOME", str(place))
    for name in ("VEILLE_DB", "VEILLE_DEBUG", "NO_COLOR", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Db]:
    """An empty database of veille's."""
    with open_store(tmp_path / "veille.db", busy_timeout=timedelta(seconds=5)) as opened:
        yield opened
