"""When to fetch again: what was known, what happened, the time and some jitter in; what is known now out.

Pure: `jitter` is a number drawn by the caller from [0, 1).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from veille.feed import Validators
from veille.outcome import Fetched
from veille.text import clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from veille.feed import FeedState
    from veille.outcome import Failed, NotModified

# Nothing is put off longer than this, whatever a server says, unless the user's interval is longer:
# a watcher reads every day.
LONGEST = timedelta(days=1)
LONGEST_RETRY_AFTER = timedelta(days=7)
# cron starts a little earlier or later each time: a feed due within this is due.
SLACK = timedelta(minutes=2)
_SHORTEST_STEP = timedelta(minutes=5)
_GONE, _TOO_MANY, _UNAVAILABLE = 410, 429, 503
_USER = re.compile(r"//[^/?#]*@")
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


def is_due(state: FeedState, *, now: datetime) -> bool:
    """Whether a feed may be fetched at `now`; one that is gone never is."""
    return state.status != "gone" and (state.next_fetch_at is None or state.next_fetch_at <= now + SLACK)


def after_success(
    state: FeedState, outcome: Fetched | NotModified, *, now: datetime, interval: timedelta, jitter: float
) -> FeedState:
    """The state after a 200 or a 304: validators replaced, failures forgotten, the next fetch planned.

    The caller adds what reading the document showed (`degraded`, `body_hash`).
    """
    moved_seen = (state.moved_seen + 1 if outcome.moved_to == state.moved_to else 1) if outcome.moved_to else 0
    delay = max(interval, min(_lifetime(outcome.headers, now=now), LONGEST))
    return replace(
        state,
        status="moved" if outcome.moved_to else "ok",
        reason=f"moved to {_shown(outcome.moved_to)}" if outcome.moved_to else "",
        validators=_merge_validators(state.validators, outcome),
        failures=0,
        last_fetch_at=now,
        last_ok_at=now,
        next_fetch_at=now + delay * (1 + 0.02 * jitter),
        moved_to=outcome.moved_to,
        moved_seen=moved_seen,
    )


def after_failure(state: FeedState, outcome: Failed, *, now: datetime, interval: timedelta, jitter: float) -> FeedState:
    """The state after a fetch that gave nothing. Validators are kept; no feed is given up for an error.

    410 stops the feed. 429 and 503 with Retry-After wait as told, and are no fault of the feed. The
    rest backs off: the interval doubled with each failure, up to a day, plus up to a tenth of jitter.
    """
    if outcome.status == _GONE:
        return replace(state, status="gone", reason="gone for good (410)", last_fetch_at=now, next_fetch_at=None)
    told = retry_after(outcome.headers, now=now)
    if outcome.status in (_TOO_MANY, _UNAVAILABLE) and told is not None:
        # With the slack added: what is due a little early would be asked earlier than was told.
        wait = max(min(told, LONGEST_RETRY_AFTER) + SLACK, interval)
        return replace(state, status="waiting", reason=outcome.reason, last_fetch_at=now, next_fetch_at=now + wait)
    failures = state.failures + 1
    step = max(interval, _SHORTEST_STEP)
    delay = max(step, min(step * 2 ** min(failures - 1, 16), LONGEST)) * (1 + 0.1 * jitter)
    return replace(
        state,
        status="waiting" if outcome.status == _TOO_MANY else "failing",
        reason=outcome.reason,
        failures=failures,
        last_fetch_at=now,
        next_fetch_at=now + delay,
    )


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """How long a server asks to wait, from seconds or from a date (by its own clock); None if it does not say."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:12]), LONGEST_RETRY_AFTER.total_seconds()))
    until = _date(value)
    if until is None:
        return None
    return max(until - (_date(headers.get("date", "")) or now), timedelta(0))


def _lifetime(headers: Mapping[str, str], *, now: datetime) -> timedelta:
    """How long the answer stays fresh by Cache-Control or, without it, by Expires (RFC 9111, 4.2.1)."""
    max_age = _MAX_AGE.search(headers.get("cache-control", ""))
    if max_age:
        return timedelta(seconds=int(max_age[1]))
    expires = _date(headers.get("expires", ""))
    if expires is None:
        return timedelta(0)
    return expires - (_date(headers.get("date", "")) or now)


def _shown(url: str) -> str:
    """An address as it is told: without name and password."""
    return shorten(clean_line(_USER.sub("//", url)), 300)


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _merge_validators(old: Validators, outcome: Fetched | NotModified) -> Validators:
    """A 200's validators replace the old ones, absent ones too; a 304 refreshes those that it repeats."""
    new = outcome.validators
    if isinstance(outcome, Fetched):
        return new
    return Validators(etag=new.etag or old.etag, last_modified=new.last_modified or old.last_modified)
