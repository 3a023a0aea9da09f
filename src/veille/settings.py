"""Settings of the rooms that touch the world, as values with their defaults. `config.py` fills them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from veille import __version__

USER_AGENT = f"veille/{__version__} (feed reader)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """`[fetch]`: times are for one whole exchange, sizes for a decoded body."""

    jobs: int = 50
    per_host: int = 2
    timeout: timedelta = timedelta(seconds=20)
    connect_timeout: timedelta = timedelta(seconds=10)
    interval: timedelta = timedelta(hours=1)
    max_body: int = 10_000_000
    max_redirects: int = 5
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """`[store]`: how long to wait for another veille that is writing."""

    busy_timeout: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldSettings:
    """How far apart copies may be published, and how alike (0-100) their titles must be.

    The default threshold is the one `benchmarks/folding.py` chooses.
    """

    window: timedelta = timedelta(hours=72)
    threshold: float = 75.0
