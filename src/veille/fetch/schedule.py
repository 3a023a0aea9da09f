"""When to fetch again: what was known, what happened, the time and some jitter in; what is known now out.

Pure: `jitter` is a number drawn by the caller from [0, 1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from veille.feed import Cadence, Validators
from veille.outcome import Fetched
from veille.text import clean_line, shorten
from veille.urls import without_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from veille.feed import Feed, FeedState
    from veille.outcome import Failed, NotModified

# Nothing is put off longer than this, whatever a server says, unless the user's interval is longer:
# a watcher reads every day.
LONGEST = timedelta(days=1)
LONGEST_RETRY_AFTER = timedelta(days=7)
# cron starts a little earlier or later each time: a feed due within this is due.
SLACK = timedelta(minutes=2)
# A permanent redirect is believed when it has been met by so many fetches in a row: captive portals and
# broken deployments say 301 too, for an hour.
SIGHTS_OF_A_MOVE = 3
_SHORTEST_STEP = timedelta(minutes=5)
_GONE, _TOO_MANY, _UNAVAILABLE = 410, 429, 503
# What people must mend takes them longer than what mends itself: the first wait after these is longer.
_FIRST_STEPS = {401: timedelta(hours=6), 403: timedelta(hours=6), 404: timedelta(hours=6)}
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|,)\s*no-(?:cache|store)\s*(?:,|$)", re.IGNORECASE)
_HOUR = timedelta(hours=1)
_TICK = timedelta(seconds=1)  # what a clock of whole seconds may be behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a next fetch depends on beside the outcome: the feed's interval, the time, a draw."""

    now: datetime
    interval: timedelta
    jitter: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """What the user overrides: the clock, a server's Retry-After, and (for feeds named one by one) 410."""

    clock: bool = False
    retry_after: bool = False
    gone: bool = False


def is_due(feed: Feed, *, now: datetime, held_until: datetime | None = None, force: Force | None = None) -> bool:
    """Whether a feed may be fetched at `now`; `held_until` is when its host may be asked again.

    A server's Retry-After outlasts a forced fetch, unless that is forced too.
    """
    force, state = force or Force(), feed.state
    if state.status == "gone":
        return force.clock and force.gone
    if state.last_fetch_at is not None and state.last_fetch_at > now + SLACK:
        return True  # the clock was ahead then: what was planned by it means nothing
    if any(until and until > now for until in (held_until, state.asked_until)) and not force.retry_after:
        return False
    early = state.next_fetch_at is not None and state.next_fetch_at > now + SLACK
    return force.clock or not (early or _asks_for_rest(state, now))


def next_chance(state: FeedState, *, now: datetime) -> datetime | None:
    """When a feed that is not fetched at `now` will be due; None for one that is gone or due whenever."""
    planned = max(filter(None, (state.next_fetch_at, state.asked_until)), default=None)
    if planned is None or state.status == "gone":
        return None
    if planned > now or state.last_fetch_at is None:
        return planned
    return _leave_skipped(now, state.cadence, latest=max(now, state.last_fetch_at + LONGEST - _HOUR))


def after_success(
    state: FeedState, outcome: Fetched | NotModified, *, plan: Plan, cadence: Cadence | None = None
) -> FeedState:
    """The state after a 200 or a 304: validators replaced, failures forgotten, the next fetch planned.

    `cadence` is what the document read says of itself; without one, what the last one said still holds.
    The caller adds what else reading showed (`degraded`, `body_hash`).
    """
    moved_seen = (state.moved_seen + 1 if outcome.moved_to == state.moved_to else 1) if outcome.moved_to else 0
    cadence = state.cadence if cadence is None else cadence
    asked = max(_lifetime(outcome.headers, now=plan.now), cadence.every or timedelta(0))
    delay = max(plan.interval, min(asked, LONGEST)) * (1 + 0.02 * plan.jitter)
    return replace(
        state,
        status="moved" if outcome.moved_to else "ok",
        reason=f"moved to {_shown(outcome.moved_to)}" if outcome.moved_to else "",
        validators=_merge_validators(state.validators, outcome),
        cadence=cadence,
        failures=0,
        failing_since=None,
        last_fetch_at=plan.now,
        last_ok_at=plan.now,
        asked_until=None,
        next_fetch_at=_leave_skipped(plan.now + delay, cadence, latest=plan.now + max(delay, LONGEST)),
        moved_to=outcome.moved_to,
        moved_seen=moved_seen,
    )


def after_failure(state: FeedState, outcome: Failed, *, plan: Plan) -> FeedState:
    """The state after a fetch that gave nothing. Validators are kept; no feed is given up for an error.

    410 stops the feed. 429 and 503 with Retry-After wait as told, and are no fault of the feed. The
    rest backs off: the interval doubled with each failure, up to a day, plus up to a tenth of jitter. An
    attempt before its time, by force, puts nothing off any further.
    """
    now = plan.now
    if not outcome.asked:
        # Something is missing here: once it is there, the feed is due.
        since = state.failing_since or now
        return replace(state, status="failing", reason=outcome.reason, failing_since=since, next_fetch_at=now)
    if outcome.status == _GONE:
        return replace(state, status="gone", reason="gone for good (410)", last_fetch_at=now, next_fetch_at=None)
    told = retry_after(outcome.headers, now=now)
    if outcome.status in (_TOO_MANY, _UNAVAILABLE) and told is not None:
        # With the slack added: what is due a little early would be asked earlier than was told.
        until = now + min(told, LONGEST_RETRY_AFTER) + _TICK
        return replace(
            state,
            status="waiting",
            reason=outcome.reason,
            last_fetch_at=now,
            next_fetch_at=max(until + SLACK, now + plan.interval),
            asked_until=until,
        )
    forced = state.failures > 0 and state.next_fetch_at is not None and state.next_fetch_at > now + SLACK
    failures = state.failures + (not forced)
    step = max(plan.interval, _FIRST_STEPS.get(outcome.status, _SHORTEST_STEP))
    delay = max(step, min(step * 2 ** min(failures - 1, 16), LONGEST)) * (1 + 0.1 * plan.jitter)
    next_fetch_at = state.next_fetch_at if forced else now + delay
    limited = outcome.status == _TOO_MANY
    return replace(
        state,
        status="waiting" if limited else "failing",
        reason=outcome.reason,
        failures=failures,
        failing_since=state.failing_since or (None if limited else now),
        last_fetch_at=now,
        next_fetch_at=next_fetch_at,
        asked_until=next_fetch_at if limited else None,
    )


def hold_host(outcome: Failed, state: FeedState) -> datetime | None:
    """Until when every feed of a host waits, None when they need not: 429 is the host's, 5xx the feed's.

    `state` is that of the feed that was told so, after it.
    """
    return state.asked_until if outcome.status == _TOO_MANY else None


def adopted_address(state: FeedState, url: str) -> str:
    """The address to know a feed by from now on, "" while it keeps `url`.

    The same address over https at once; another when permanent redirects have led to it repeatedly.
    """
    target = state.moved_to
    if not target or target == url:
        return ""
    upgraded = url.startswith("http://") and target == url.replace("http://", "https://", 1)
    return target if upgraded or state.moved_seen >= SIGHTS_OF_A_MOVE else ""


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
    """How long the answer stays fresh by Cache-Control or, without it, by Expires (RFC 9111, 4.2)."""
    control = headers.get("cache-control", "")
    if _NO_CACHE.search(control):
        return timedelta(0)
    age = headers.get("age", "").strip()
    spent = timedelta(seconds=int(age[:10])) if age.isascii() and age.isdigit() else timedelta(0)
    max_age = _MAX_AGE.search(control)
    if max_age:
        return timedelta(seconds=int(max_age[1])) - spent
    expires = _date(headers.get("expires", ""))
    if expires is None:
        return timedelta(0)
    return expires - (_date(headers.get("date", "")) or now) - spent


def _leave_skipped(moment: datetime, cadence: Cadence, *, latest: datetime) -> datetime:
    """The first moment from then on outside the hours and days that a feed asks to skip, `latest` at most."""
    utc = moment.astimezone(UTC)
    while utc < latest and _is_skipped(utc, cadence):
        utc = utc.replace(minute=0, second=0, microsecond=0) + _HOUR
    return min(utc, latest)


def _asks_for_rest(state: FeedState, now: datetime) -> bool:
    """Whether it is a time that the feed asks to skip: one who comes once a day may come then all the same."""
    recent = state.last_fetch_at is not None and now - state.last_fetch_at < LONGEST - _HOUR
    return recent and _is_skipped(now.astimezone(UTC), state.cadence)


def _is_skipped(utc: datetime, cadence: Cadence) -> bool:
    return utc.hour in cadence.skip_hours or utc.weekday() in cadence.skip_days


def _shown(url: str) -> str:
    """An address as it is told: without name and password."""
    return shorten(clean_line(without_user(url)), 300)


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
