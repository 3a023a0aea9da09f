"""The outbox at work: what is queued is sent, one sender at a time; what fails is tried again, later and later.

`queue` belongs to the transaction that remembers what is told: both are stored, or neither. `flush` claims a row before
it sends it, and settles it right after: a sender that is killed between leaves it to be tried again.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.app.lock import hold_lock
from veille.errors import LockedError
from veille.store.db import write
from veille.store.outbox import (
    Delivery,
    Queued,
    add_deliveries,
    claim,
    drop_bodies,
    find_queued,
    next_due,
    settle_failed,
    settle_sent,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from veille.app.home import Home
    from veille.store.db import Db

__all__ = ["Delivery", "Sent", "flush", "queue"]

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
GIVE_UP = timedelta(days=3)
BODIES_KEPT = timedelta(days=7)
_PATIENCE = 30.0  # seconds for another sender to be done
_PAUSE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What one try came to: the row as it is now, `queued.state` and `queued.reason` included."""

    queued: Queued

    @property
    def delivered(self) -> bool:
        """Whether it has reached its target."""
        return self.queued.state == "sent"


def queue(db: Db, deliveries: Iterable[Delivery], *, now: datetime) -> int:
    """Queue deliveries in the caller's transaction; how many are new by their keys."""
    return add_deliveries(db, deliveries, now=now)


def flush(home: Home, *, now: datetime) -> list[Sent]:
    """Try all that is due, each once; what came of each. Raises nothing for what a server or a network does.

    Nothing is tried, and nothing told, when another veille is sending and goes on for long.
    """
    raise NotImplementedError
