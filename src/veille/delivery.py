"""What is to be delivered, and what has become of it. Times are aware UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Way = Literal["mail", "webhook", "ntfy", "command", "file"]
State = Literal["waiting", "given up", "sent", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is to be delivered. `key` is its own for ever: a second of that key is not queued.

    `target` is an address for `mail`, the name of the alert whose settings say the rest for other ways. `body` is
    all of the message: a mail with its headers, the JSON of a webhook, what a command reads.
    """

    key: str
    way: Way
    target: str
    subject: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A row of the outbox without its body, of which it has the size; `reason` is why it has not been sent."""

    id: int
    key: str
    way: Way
    target: str
    subject: str
    queued_at: datetime
    tries: int
    next_try_at: datetime | None
    sent_at: datetime | None
    reason: str
    size: int

    @property
    def state(self) -> State:
        """Whether it will be tried again."""
        if self.sent_at is not None:
            return "sent"
        if not self.size:
            return "dropped"
        return "given up" if self.next_try_at is None else "waiting"
