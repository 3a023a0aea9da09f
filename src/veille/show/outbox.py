"""The outbox in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veille.show.phrases import local_time
from veille.text import clean_line
from veille.times import to_stored

if TYPE_CHECKING:
    from datetime import datetime

    from veille.delivery import Queued


def tell_queued(row: Queued, *, now: datetime) -> str:
    """One message in its place: what, to whom, and what is becoming of it."""
    subject = clean_line(row.subject) or "(no subject)"
    return f"{row.id:>4}  {subject} → {tell_target(row)}: {_tell_state(row, now)}"


def tell_failure(row: Queued, *, now: datetime) -> str:
    """A message that a try has not delivered, for a line of trouble."""
    return f"not sent: “{clean_line(row.subject)}” → {tell_target(row)}: {_tell_state(row, now)}"


def tell_target(row: Queued) -> str:
    """Where a message goes."""
    target = clean_line(row.target)
    return target if row.way == "mail" else f"{row.way} of [alert.{target}]"


def queued_record(row: Queued) -> dict[str, Any]:
    """One message: `outbox --json`."""
    return {
        "id": row.id,
        "key": row.key,
        "way": row.way,
        "target": row.target,
        "subject": row.subject,
        "state": row.state,
        "queued_at": to_stored(row.queued_at),
        "tries": row.tries,
        "next_try_at": to_stored(row.next_try_at) if row.next_try_at and not row.sent_at else None,
        "sent_at": to_stored(row.sent_at) if row.sent_at else None,
        "reason": row.reason,
    }


def _tell_state(row: Queued, now: datetime) -> str:
    reason = clean_line(row.reason)
    match row.state:
        case "sent" if row.sent_at:
            return f"sent {local_time(row.sent_at, now=now)}"
        case "given up":
            return f"{reason}; given up: `veille outbox --retry` tries again, `--drop {row.id}` forgets it"
        case "waiting" if row.tries and row.next_try_at:
            return f"{reason}; tried {row.tries} ×, next {local_time(row.next_try_at, now=now)}"
        case state:
            return state
