"""The outbox at work: what is queued is sent, one sender at a time; what fails is tried again, later and later.

`queue` belongs to the transaction that remembers what is told: both are stored, or neither. `flush` claims a row before
it sends it, and settles it right after: a sender that is killed between leaves it to be tried again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.app.lock import hold_lock
from veille.delivery import Delivery, Queued
from veille.errors import LockedError, UnknownError
from veille.store.db import write
from veille.store.outbox import (
    add_deliveries,
    claim,
    drop_bodies,
    drop_queued,
    find_queued,
    is_due,
    list_outbox,
    make_due,
    next_due,
    settle_failed,
    settle_sent,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from veille.app.delivering import Deliverer
    from veille.app.home import Home
    from veille.store.db import Db

__all__ = ["Delivery", "Sent", "drop", "flush", "list_queued", "queue", "queue_failure", "retry"]

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
GIVE_UP = timedelta(days=3)
BODIES_KEPT = timedelta(days=7)
_PATIENCE = 20.0  # seconds for another sender to be done
_MOST_DOUBLINGS = 10


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


def queue_failure(home: Home, *, key: str, subject: str, text: str, now: datetime) -> int:
    """Queue a mail to those that `[mail] failures` names, in a transaction of its own; how many are new by their keys.

    What has the same key was told already.
    """
    mail = home.settings.mail
    if mail is None or not mail.failures:
        return 0
    from veille.show.mail import Letter, render_notice

    def write_to(address: str) -> Delivery:
        letter = Letter(
            key=f"{key}:{address}", series="failures", subject=subject, sender=mail.sender, to=address, written_at=now
        )
        body = render_notice(letter, text)
        return Delivery(key=f"{key}:{address}", way="mail", target=address, subject=subject, body=body)

    with write(home.db):
        return queue(home.db, map(write_to, mail.failures), now=now)


def flush(home: Home, *, now: datetime) -> list[Sent]:
    """Try all that is due, each once; what came of each. Raises nothing for what a server or a network does.

    Nothing is tried, and nothing told, when nothing is due, or when another veille is sending and goes on for long:
    it takes what is queued meanwhile, or leaves it to the next.
    """
    if not is_due(home.db, now=now, longest=LONGEST_PAUSE):
        return []
    try:
        with hold_lock(home.places.lock_for("outbox"), command="outbox", patience=_PATIENCE):
            return _send_due(home, now)
    except LockedError:
        return []


def retry(home: Home, *, now: datetime, numbers: Iterable[int] | None = None) -> None:
    """Make what waits or was given up due: all of it, or these rows. Raises UnknownError for one that is not there."""
    chosen = None if numbers is None else [_find_kept(home, number).id for number in numbers]
    with write(home.db):
        make_due(home.db, now=now, numbers=chosen)


def drop(home: Home, number: int) -> Queued:
    """Never send a row; what it was. Raises UnknownError."""
    row = _find_kept(home, number)
    with write(home.db):
        drop_queued(home.db, number)
    return row


def list_queued(home: Home, *, sent: bool = False) -> list[Queued]:
    """What waits and what was given up, oldest first; with `sent` what was delivered or dropped too."""
    return list_outbox(home.db, sent=sent)


def _find_kept(home: Home, number: int) -> Queued:
    row = find_queued(home.db, number)
    if row is None or row.state not in ("waiting", "given up"):
        what = f"it is {row.state}" if row else "there is none of that number"
        raise UnknownError(f"message {number}: {what}: `veille outbox` lists what waits")
    return row


def _send_due(home: Home, now: datetime) -> list[Sent]:
    from veille.app.delivering import Deliverer

    done: list[Sent] = []
    began, last = time.monotonic(), 0
    with Deliverer(home) as deliverer:
        while True:
            # Sending takes its time: what another veille queues meanwhile is sent too.
            moment = now + timedelta(seconds=int(time.monotonic() - began))
            row = next_due(home.db, now=moment, longest=LONGEST_PAUSE, after=last)
            if row is None:
                break
            last = row.id
            if _send(home, row, deliverer, moment):
                settled = find_queued(home.db, row.id)
                done += [Sent(queued=settled)] if settled else []
    with write(home.db):
        drop_bodies(home.db, before=now - BODIES_KEPT)
    return done


def _send(home: Home, row: Queued, deliverer: Deliverer, now: datetime) -> bool:
    """Claim a row, send it, settle it; False when somebody has dropped it meanwhile."""
    from veille.send.trouble import DeliveryError

    with write(home.db):
        body = claim(home.db, row.id, next_try_at=now + _pause(row.tries))
    if body is None:
        return False
    try:
        deliverer.deliver(row, body)
    except DeliveryError as error:
        give_up = error.permanent or now - row.queued_at >= GIVE_UP
        with write(home.db):
            settle_failed(home.db, row.id, reason=error.reason, give_up=give_up)
    except Exception as error:  # noqa: BLE001 - one message must not keep those behind it
        reason = f"a fault in veille itself: {type(error).__name__}: please report it"
        with write(home.db):
            settle_failed(home.db, row.id, reason=reason, give_up=now - row.queued_at >= GIVE_UP)
    else:
        with write(home.db):
            settle_sent(home.db, row.id, now=now)
    return True


def _pause(tries: int) -> timedelta:
    """How long to wait after so many tries before this one: twice as long each time."""
    pause: timedelta = FIRST_PAUSE * (1 << min(tries, _MOST_DOUBLINGS))
    return min(LONGEST_PAUSE, pause)
