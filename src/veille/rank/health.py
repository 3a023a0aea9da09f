"""How feeds are doing: what is known of each in, findings out, each with a figure and a fix.

Pure: the clock is a parameter, and where the facts come from is not known here. A finding's words may hold
what a feed says: whoever prints them makes them safe.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from veille.rank.findings import KINDS, WAITING, Finding, Health
from veille.rank.overlaps import find_original
from veille.rank.remedies import Remedy, find_remedy, quote_site, tell_reason
from veille.rank.teasers import share_of_teasers
from veille.times import format_duration, to_stored
from veille.urls import host_of, without_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from veille.rank.findings import Facts

# What is recent: long enough for a monthly feed to show, short enough for a feed that has mended its ways.
RECENT = timedelta(days=60)
# What a fetch noticed once is told for so long: after a month it is either mended or noticed again.
_TOLD = timedelta(days=30)
# Silence is told from three times the usual gap, never before three days: a daily paper is silent from
# Friday evening to Monday morning. Gaps are between days on which something was published (ten entries
# in a minute are one visit), and are usual once there are four of them; the last thirty count.
_SILENCE, _SHORTEST_SILENCE, _FEWEST_GAPS, USUAL_GAPS = 3, timedelta(days=3), 4, 30
# A year of silence is one, however little is known of the feed.
_LONGEST_SILENCE = timedelta(days=365)
# Entries without a date have that of the second in which they were fetched: in one fetch, within a minute.
_SAME_TIME = timedelta(minutes=1)
# A feed is prolific with ten times its even share of recent entries, if that is a twentieth at least; a fifth
# is always much. Among fewer than ten feeds, or in fifty entries, shares say nothing.
_TIMES_EVEN, _LEAST_MUCH, _ALWAYS_MUCH, _FEWEST_FEEDS, _FEWEST_ENTRIES = 10, 0.05, 0.2, 10, 50
# Four texts in five, of at least five: a feed now and then gives a short text in full.
_TEASERS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One feed among all: what every check sees."""

    facts: Facts
    all: Mapping[int, Facts]
    addresses: Mapping[str, int]
    whole: int
    active: int
    now: datetime

    @property
    def id(self) -> int:
        """The feed's number, by which commands know it."""
        return self.facts.feed.id

    @property
    def look_elsewhere(self) -> tuple[str, ...]:
        """Another feed of its site, or none."""
        return (f"veille add {quote_site(self.facts.feed)}", f"veille remove {self.id}")


def judge_feeds(facts: Sequence[Facts], *, now: datetime) -> list[Health]:
    """Every feed with what there is to say of it, in the order given.

    All subscribed feeds are to be there: shares and copies are relative to one another.
    """
    heard = [one for one in facts if not one.feed.muted]
    whole, active = sum(one.recent for one in heard), sum(one.recent > 0 for one in heard)
    by_id = {one.feed.id: one for one in heard}
    addresses = {
        without_user(url): one.feed.id for one in facts for url in (*one.feed.formerly, one.feed.subscription.url)
    }
    judged = []
    for one in facts:
        case = _Case(facts=one, all=by_id, addresses=addresses, whole=whole, active=active, now=now)
        found = sorted(_examine(case), key=lambda finding: KINDS.index(finding.kind))
        judged.append(Health(feed=one.feed, findings=tuple(found)))
    return judged


def _examine(case: _Case) -> Iterator[Finding]:
    checks = _CHECKS
    if case.facts.feed.muted:
        checks = (_check_muted,)
    elif case.facts.feed.state.last_fetch_at is None and case.facts.feed.state.status != "failing":
        checks = (_check_new, _check_waiting)
    for check in checks:
        finding = check(case)
        if finding:
            yield finding


def _finding(kind: str, words: str, fix: Remedy, **figures: Any) -> Finding:
    return Finding(kind=kind, words=words, fix=fix.words, commands=fix.commands, figures=figures)


def _check_muted(case: _Case) -> Finding:
    return _finding(
        "muted", "you have muted it: it is not fetched", Remedy("hear it again:", (f"veille unmute {case.id}",))
    )


def _check_new(case: _Case) -> Finding:
    fix = Remedy("fetch it:", (f"veille fetch {case.id}",))
    if _held_until(case):
        fix = Remedy("nothing to do: it is fetched once its host may be asked again")
    return _finding("new", "it has not been fetched yet", fix)


def _check_gone(case: _Case) -> Finding | None:
    if case.facts.feed.state.status != "gone":
        return None
    fix = Remedy("look for its new address, or do without it:", case.look_elsewhere)
    return _finding("gone", "its server says that it is gone for good (410)", fix)


def _check_failing(case: _Case) -> Finding | None:
    state = case.facts.feed.state
    if state.status not in ("degraded", "failing"):
        return None
    # A document that was read in part is no failure; a feed that could not even be asked counts none.
    failing = state.status == "failing" or state.failures > 0
    since, reason = state.failing_since, tell_reason(state.reason)
    span = f" since {since:%Y-%m-%d} ({format_duration(case.now - since)})" if since else ""
    words = f"failing{span}: {reason}" if failing else reason
    fix = Remedy("tell its publisher: what can be read of it is kept")
    if failing:
        fix = find_remedy(case.facts.feed, timeout=case.facts.timeout)
    figures = {"since": to_stored(since) if since else None, "failures": state.failures, "reason": state.reason}
    return _finding(state.status, words, fix, **figures)


def _check_missed(case: _Case) -> Finding | None:
    missed_at, lasts = case.facts.feed.state.missed_at, case.facts.lasts
    if missed_at is None or case.now - missed_at > _TOLD:
        return None
    words = f"all that it held on {missed_at:%Y-%m-%d} was new: entries before that may have been missed"
    fix, pace = "fetch it twice a day", timedelta(hours=12)
    if lasts:
        words += f" (its document lasts {format_duration(lasts)})"
        # Half of what it lasts: a fetch may fail.
        pace = max(lasts / 2, timedelta(minutes=10))
        fix = f"fetch it every {format_duration(pace)} at least"
    commands: tuple[str, ...] = ()
    if case.facts.interval > pace:
        fix += ", and cron as often:"
        commands = (f"veille feeds set {case.id} interval={format_duration(pace).replace(' ', '')}",)
    figures = {"missed_at": to_stored(missed_at), "lasts_seconds": lasts.total_seconds() if lasts else None}
    return _finding("missed", words, Remedy(fix, commands), **figures)


def _check_silent(case: _Case) -> Finding | None:
    """Silence lasts to the last time that the feed could be read: a user's holidays are not the feed's."""
    ok_at, newest_at, days = case.facts.feed.state.last_ok_at, case.facts.newest_at, case.facts.days
    if ok_at is None:
        return None
    fix = Remedy("see whether the site has another feed, or do without it:", case.look_elsewhere)
    if newest_at is None:
        return _finding("silent", "there is no entry of it", fix, silent_days=None, usual_gap_days=None)
    silence = ok_at - newest_at
    gaps = sorted(later - earlier for earlier, later in pairwise(days))
    usual = gaps[len(gaps) // 2] if len(gaps) >= _FEWEST_GAPS else None
    patience = max(_SILENCE * usual, _SHORTEST_SILENCE) if usual else _LONGEST_SILENCE
    if silence <= patience:
        return None
    words = f"nothing for {format_duration(silence)}, since {newest_at:%Y-%m-%d}"
    if usual:
        words += f"; usually something every {format_duration(usual) if usual.days > 1 else 'day'}"
    return _finding(
        "silent", words, fix, silent_days=round(silence / timedelta(days=1), 1), usual_gap_days=usual and usual.days
    )


def _check_moved(case: _Case) -> Finding | None:
    state = case.facts.feed.state
    if not state.moved_to:
        return None
    address = without_user(state.moved_to)
    words = (
        f"it has moved for good to {address} (seen {'once' if state.moved_seen == 1 else f'{state.moved_seen} times'})"
    )
    other = case.addresses.get(address, case.id)
    fix = Remedy(
        "veille takes the new address once it is sure; at once:",
        (f"veille add {shlex.quote(address)}", f"veille remove {case.id}"),
    )
    if other != case.id:
        fix = Remedy(f"you follow that address already (no. {other}):", (f"veille remove {case.id}",))
    return _finding("moved", words, fix, moved_to=address, moved_seen=state.moved_seen)


def _check_redated(case: _Case) -> Finding | None:
    at = case.facts.feed.state.redated_at
    if at is None or case.now - at > _TOLD:
        return None
    words = f"on {at:%Y-%m-%d} every entry known had another date than before: old ones may pass for new"
    fix = Remedy("nothing is lost; should it go on, put it below others:", (f"veille feeds set {case.id} weight=-1",))
    return _finding("re-dated", words, fix, redated_at=to_stored(at))


def _check_future(case: _Case) -> Finding | None:
    entries = case.facts.feed.state.future
    if not entries:
        return None
    words = f"{entries} {'entry' if entries == 1 else 'entries'} of its last document dated in the future"
    fix = Remedy("nothing to do: such an entry has the date on which it was first seen")
    return _finding("future-dated", words, fix, entries=entries)


def _check_duplicates(case: _Case) -> Finding | None:
    """The feed of which most is copied; of two that copy each other, the later one."""
    facts = case.facts
    most = find_original(facts, case.all)
    if most is None:
        return None
    other, share = case.all[most.other].feed, most.copies / facts.recent
    order = "first" if most.lag > timedelta(0) else "later"
    told = f"{order} ({format_duration(abs(most.lag))}, median)" if abs(most.lag) >= _SAME_TIME else "at the same time"
    words = (
        f"{share:.0%} of its {facts.recent} entries of {RECENT.days} days are also in no. {other.id} ({other.name}),"
        f" which has them {told}"
    )
    figures = {"other": other.id, "share": round(share, 3), "lag_seconds": most.lag.total_seconds()}
    return _finding("duplicates", words, Remedy("do without it:", (f"veille mute {case.id}",)), **figures)


def _check_prolific(case: _Case) -> Finding | None:
    facts = case.facts
    if case.active < _FEWEST_FEEDS or case.whole < _FEWEST_ENTRIES or facts.feed.settings.weight is not None:
        return None
    share = facts.recent / case.whole
    if share <= max(_LEAST_MUCH, min(_ALWAYS_MUCH, _TIMES_EVEN / case.active)):
        return None
    words = f"{share:.0%} of all entries of {RECENT.days} days are its own ({facts.recent} of {case.whole})"
    fix = Remedy("give it a weight, so that it does not hide the others:", (f"veille feeds set {case.id} weight=-1",))
    return _finding("prolific", words, fix, share=round(share, 3), entries=facts.recent)


def _check_truncated(case: _Case) -> Finding | None:
    share = share_of_teasers(case.facts.texts, enough=_TEASERS)
    if share < _TEASERS:
        return None
    words = f"its entries carry only the beginning of their texts ({share:.0%} of the last {len(case.facts.texts)})"
    fix = Remedy("read it with `veille open`, or see whether the site has a full feed:", case.look_elsewhere[:1])
    return _finding("truncated", words, fix, share=round(share, 3))


def _check_waiting(case: _Case) -> Finding | None:
    state, until = case.facts.feed.state, _held_until(case)
    if until is None:
        return None
    host = host_of(case.facts.feed.subscription.url)
    reason = f" ({tell_reason(state.reason)})" if state.status == "waiting" and state.reason else ""
    words = f"{host} asks for peace for another {format_duration(until - case.now)}{reason}"
    fix = Remedy("nothing to do: it is asked again by itself then")
    return _finding(WAITING, words, fix, host=host, until=to_stored(until))


def _held_until(case: _Case) -> datetime | None:
    """Until when the feed waits for its host or for itself, None when it does not; what is gone waits for nothing."""
    state = case.facts.feed.state
    if state.status == "gone":
        return None
    planned = state.asked_until or (state.next_fetch_at if state.status == "waiting" else None)
    return max((at for at in (planned, case.facts.held_until) if at and at > case.now), default=None)


_CHECKS: tuple[Callable[[_Case], Finding | None], ...] = (
    _check_gone,
    _check_failing,
    _check_missed,
    _check_silent,
    _check_moved,
    _check_redated,
    _check_future,
    _check_duplicates,
    _check_prolific,
    _check_truncated,
    _check_waiting,
)
