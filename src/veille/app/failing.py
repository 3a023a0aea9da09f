"""A command that failed where nobody looks, told by mail to those whom `[mail] failures` names."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from veille.app.home import open_home, read_clock
from veille.app.outbox import flush, queue_failure
from veille.config import find_places, load_settings

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def tell_failure(command: str, code: int, summary: str, *, now: datetime, db: Path | None) -> None:
    """Queue the mail and send what waits; the same failure is told once a day. Raises VeilleError."""
    mail = load_settings(find_places(db=db)).mail
    if mail is None or not mail.failures:
        return
    host = socket.gethostname()
    text = (
        f"{command}\nended with {code} on {host}, {now:%Y-%m-%d %H:%M:%S %z}.\n\n"
        f"{summary or 'It said nothing.'}\n\nThe same failure is not told again today.\n"
    )
    with open_home(db) as home:
        key = f"failure:{command}:{code}:{now:%Y-%m-%d}"
        queue_failure(home, key=key, subject=f"{command} failed on {host} ({code})", text=text, now=read_clock())
        flush(home, now=read_clock())
