"""What fetching gives: an Outcome for each feed, a Receipt for the run. Frozen values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from veille.feed import Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A 200 with its decoded body. `moved_to` is set when every redirect followed was permanent."""

    body: bytes
    url: str
    headers: dict[str, str]
    validators: Validators
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A 304: what is stored still holds. Validators it repeats replace the old ones."""

    validators: Validators
    headers: dict[str, str] = field(default_factory=dict)
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No document. `status` is the HTTP status, or 0 when there was none; `host` that of the last redirect.

    `asked` is False when something was missing here and nobody was asked, `mute` True when the host took no
    connection or no answer of it came in time.
    """

    reason: str
    status: int = 0
    host: str = ""
    asked: bool = True
    mute: bool = False
    headers: dict[str, str] = field(default_factory=dict)


Outcome = Fetched | NotModified | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is to be told of a feed: `failed`, or only noticed. `status` is 0 without an HTTP answer."""

    feed_url: str
    title: str
    status: int
    reason: str
    retry_at: datetime | None = None
    feed_id: int = 0
    failed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A host that asked for peace, and how many feeds wait for it."""

    host: str
    until: datetime
    feeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one fetch did; `waiting` counts feeds that were not due, or not reached when interrupted.

    `holds` are the hosts whose feeds wait among them, `asked` counts other feeds whose server asks to
    wait. An interrupted fetch has not come to `cut_off` of those it wanted, which are due at the next one unless
    they were asked by force (`forced`). `offline`: nothing answered, and nothing was put off for it. `warning`:
    why rules could not be run.
    """

    started_at: datetime
    finished_at: datetime
    total: int
    fetched: int = 0
    not_modified: int = 0
    waiting: int = 0
    failed: int = 0
    gone: int = 0
    new: int = 0
    edited: int = 0
    duplicate: int = 0
    problems: tuple[Problem, ...] = ()
    holds: tuple[Hold, ...] = ()
    asked: int = 0
    next_due_at: datetime | None = None
    interrupted: bool = False
    cut_off: int = 0
    forced: bool = False
    offline: bool = False
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What has gone: `stories` with their `entries`, all published before a moment; `held` counts those that stay.

    Of a trial (`dry_run`) what would go; `bytes_after` is then a guess. `trouble` says why no room was given back.
    """

    before: datetime
    dry_run: bool
    stories: int
    entries: int
    held: dict[str, int]
    bytes_before: int
    bytes_after: int
    trouble: str = ""
