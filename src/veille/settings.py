"""Settings of the rooms that touch the world, as values with their defaults. `config.py` fills them."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """`[store]`: how long to wait for another that is writing, and how long stories stay: a century by default.

    A wait of some seconds is told.
    """

    busy_timeout: timedelta = timedelta(minutes=2)
    keep: timedelta = timedelta(days=36525)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """`[backup]`: `auto` makes one a week at the end of a fetch, and keeps a copy before a migration.

    `dir` is where backups go, from veille's own directory; `keep` how many of them stay.
    """

    auto: bool = True
    dir: str = "backups"
    keep: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldSettings:
    """How entries are put together from now on: measured defaults (`benchmarks/folding.py`).

    A story lasts `window` at most. `threshold` (0-100) is how alike the titles of copies are; `agreement`
    (0-1) how far the headlines of a small story agree: more makes stories smaller and surer. Feeds of the
    folders `apart` fold among themselves only. `revive`: a read story comes back when what joins it tells news.
    """

    window: timedelta = timedelta(hours=72)
    threshold: float = 75.0
    agreement: float = 0.55
    apart: tuple[str, ...] = ()
    revive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """`[session]`: the time there is, and how it is shared out.

    `glance` is what a title costs; `reserve` keeps time for the rules of a group; `discovery` is the share of what
    is planned for stories that no rule knows; `per_feed` the most stories of one feed while others can fill the time, 0
    for no limit. `window` is how far back a plan looks. `words_a_minute` overrides what was measured and
    learned, 0 for neither.
    """

    budget: timedelta = timedelta(hours=1, minutes=45)
    glance: timedelta = timedelta(seconds=5)
    reserve: dict[str, timedelta] = field(default_factory=dict)
    discovery: float = 0.1
    per_feed: int = 10
    window: timedelta = timedelta(hours=24)
    words_a_minute: int = 0
