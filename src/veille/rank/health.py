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
from urllib.parse import urlsplit

from veille.rank.findings import KINDS, Finding, Health
from veille.rank.teasers import share_of_teasers
from veille.times import format_duration, to_stored
from veille.urls import without_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from veille.rank.findings import Facts, Overlap

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
# A feed of which more than half is read elsewhere brings little; five copies are no chance, four may be.
_COPIED, FEWEST_COPIES = 0.5, 5
# A feed is prolific with ten times its even share of recent entries, if that is a twentieth at least; a fifth
# is always much. Among fewer than ten feeds, or in fifty entries, shares say nothing.
_TIMES_EVEN, _LEAST_MUCH, _ALWAYS_MUCH, _FEWEST_FEEDS, _FEWEST_ENTRIES = 10, 0.05, 0.2, 10, 50
# Four texts in five, of at least five: a feed now and then gives a short text in full.
_TEASERS = 0.8

# What to do about a failure, by what its reason says; the rest may mend by itself. {id} and {site} are filled in.
_ASK_ELSEWHERE = "look for its new address: `veille add {site}`"
_REMEDIES = (
    ("401", "say who you are: `veille feeds set {id} auth=netrc` (or auth='$NAME', an environment variable)"),
    ("403", "say who you are: `veille feeds set {id} auth=netrc`, or ask as another: user_agent=..."),
    ("404", _ASK_ELSEWHERE),
    ("not a feed", _ASK_ELSEWHERE),
    ("no complete answer", "give it more time: `veille feeds set {id} timeout=60s`"),
    ("max_body", "accept larger documents: max_body in config.toml"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One feed among all: what every check sees."""

    facts: Facts
    all: Mapping[int, Facts]
    whole: int
    active: int
    now: datetime

    def finding(self, kind: str, words: str, fix: str, **figures: Any) -> Finding:
        return Finding(kind=kind, words=words, fix=fix, figures=figures)

    @property
    def id(self) -> int:
        """The feed's number, by which commands know it."""
        return self.facts.feed.id

    @property
    def site(self) -> str:
        """Where the feed's site is, as a word of a command: what a feed says of it must not be run."""
        subscription = self.facts.feed.subscription
        parts = urlsplit(without_user(subscription.url))
        return shlex.quote(without_user(subscription.site_url) or f"{parts.scheme}://{parts.netloc}/")


def judge_feeds(facts: Sequence[Facts], *, now: datetime) -> list[Health]:
    """Every feed with what there is to say of it, in the order given.

    All subscribed feeds are to be there: shares and copies are relative to one another.
    """
    heard = [one for one in facts if not one.feed.muted]
    whole, active = sum(one.recent for one in heard), sum(one.recent > 0 for one in heard)
    by_id = {one.feed.id: one for one in heard}
    judged = []
    for one in facts:
        case = _Case(facts=one, all=by_id, whole=whole, active=active, now=now)
        found = sorted(_examine(case), key=lambda finding: KINDS.index(finding.kind))
        judged.append(Health(feed=one.feed, findings=tuple(found)))
    return judged


def _examine(case: _Case) -> Iterator[Finding]:
    feed = case.facts.feed
    if feed.muted:
        yield case.finding("muted", "you have muted it: it is not fetched", f"`veille unmute {case.id}`")
    elif feed.state.last_fetch_at is None:
        yield case.finding("new", "it has not been fetched yet", f"`veille fetch {case.id}`")
    else:
        for check in _CHECKS:
            finding = check(case)
            if finding:
                yield finding


def _check_gone(case: _Case) -> Finding | None:
    if case.facts.feed.state.status != "gone":
        return None
    words = "its server says that it is gone for good (410)"
    return case.finding(
        "gone", words, f"look for its new address: `veille add {case.site}`, or `veille remove {case.id}`"
    )


def _check_failing(case: _Case) -> Finding | None:
    state = case.facts.feed.state
    if state.status != "degraded" and (state.status != "failing" or not state.failures):
        return None
    kind = "degraded" if state.status == "degraded" else "failing"
    since = state.failing_since
    span = f" since {since:%Y-%m-%d} ({format_duration(case.now - since)})" if since else ""
    words = f"failing{span}: {state.reason}" if state.failures else state.reason
    default = "it is asked again by itself; should it stay so, " + _ASK_ELSEWHERE
    if not state.failures:
        default = "tell its publisher: what can be read of it is kept"
    fix = next((remedy for mark, remedy in _REMEDIES if mark in state.reason), default)
    fix = fix.format(id=case.id, site=case.site)
    figures = {"since": to_stored(since) if since else None, "failures": state.failures, "reason": state.reason}
    return case.finding(kind, words, fix, **figures)


def _check_missed(case: _Case) -> Finding | None:
    missed_at, reach = case.facts.feed.state.missed_at, case.facts.reach
    if missed_at is None or case.now - missed_at > _TOLD:
        return None
    words = f"all that it held on {missed_at:%Y-%m-%d} was new: entries before that may have been missed"
    fix, pace = "fetch it twice a day", timedelta(hours=12)
    if reach:
        words += f" (it reaches {format_duration(reach)} back)"
        # Half of what it reaches back: a fetch may fail.
        pace = max(reach / 2, timedelta(minutes=10))
        fix = f"fetch it every {format_duration(pace)} at least"
    if case.facts.interval > pace:
        fix += f": `veille feeds set {case.id} interval={format_duration(pace).replace(' ', '')}`, and cron as often"
    figures = {"missed_at": to_stored(missed_at), "reach_seconds": reach.total_seconds() if reach else None}
    return case.finding("missed", words, fix, **figures)


def _check_silent(case: _Case) -> Finding | None:
    """Silence lasts to the last time that the feed could be read: a user's holidays are not the feed's."""
    ok_at, newest_at, days = case.facts.feed.state.last_ok_at, case.facts.newest_at, case.facts.days
    if ok_at is None:
        return None
    fix = f"see whether the site has another feed: `veille add {case.site}`, or `veille remove {case.id}`"
    if newest_at is None:
        return case.finding("silent", "it has never had an entry", fix, silent_days=None, usual_gap_days=None)
    silence = ok_at - newest_at
    gaps = sorted(later - earlier for earlier, later in pairwise(days))
    usual = gaps[len(gaps) // 2] if len(gaps) >= _FEWEST_GAPS else None
    patience = max(_SILENCE * usual, _SHORTEST_SILENCE) if usual else _LONGEST_SILENCE
    if silence <= patience:
        return None
    words = f"nothing for {format_duration(silence)}, since {newest_at:%Y-%m-%d}"
    if usual:
        words += f"; usually something every {format_duration(usual) if usual.days > 1 else 'day'}"
    return case.finding(
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
    at_once = f"`veille add {shlex.quote(address)}`, then `veille remove {case.id}`"
    fix = f"veille takes the new address once it is sure; at once: {at_once}"
    return case.finding("moved", words, fix, moved_to=address, moved_seen=state.moved_seen)


def _check_redated(case: _Case) -> Finding | None:
    at = case.facts.feed.state.redated_at
    if at is None or case.now - at > _TOLD:
        return None
    words = f"on {at:%Y-%m-%d} every entry known had another date than before: old ones may pass for new"
    fix = f"nothing is lost; should it go on, put it below others: `veille feeds set {case.id} weight=-1`"
    return case.finding("re-dated", words, fix, redated_at=to_stored(at))


def _check_future(case: _Case) -> Finding | None:
    entries = case.facts.feed.state.future
    if not entries:
        return None
    words = f"{entries} {'entry' if entries == 1 else 'entries'} of its last document dated in the future"
    fix = "nothing to do: such an entry has the date on which it was first seen"
    return case.finding("future-dated", words, fix, entries=entries)


def _check_duplicates(case: _Case) -> Finding | None:
    """The feed of which most is copied; of two that copy each other, the later one."""
    facts = case.facts
    found = [one for one in facts.overlaps if _is_copied(facts, one) and not _is_preferred(case, one)]
    if not found:
        return None
    most = max(found, key=lambda one: (one.copies, -one.other))
    other, share = case.all[most.other].feed, most.copies / facts.recent
    order = "which has them first" if most.lag > timedelta(0) else "which has them later"
    lag = f"{order} ({format_duration(abs(most.lag))}, median)" if most.lag else "which has them at the same time"
    words = (
        f"{share:.0%} of its {facts.recent} entries of {RECENT.days} days are also in {other.id} {other.name}, {lag}"
    )
    figures = {"other": other.id, "share": round(share, 3), "lag_seconds": most.lag.total_seconds()}
    return case.finding("duplicates", words, f"`veille mute {case.id}`", **figures)


def _is_copied(facts: Facts, overlap: Overlap) -> bool:
    return overlap.copies >= FEWEST_COPIES and overlap.copies > _COPIED * facts.recent


def _is_preferred(case: _Case, overlap: Overlap) -> bool:
    """Whether the other feed is the one to do without."""
    mine, other = case.facts.feed.id, case.all.get(overlap.other)
    if other is None:
        return True
    back = next((one for one in other.overlaps if one.other == mine), None)
    if back is None or not _is_copied(other, back):
        return False
    return (overlap.lag, mine) < (timedelta(0), overlap.other)


def _check_prolific(case: _Case) -> Finding | None:
    facts = case.facts
    if case.active < _FEWEST_FEEDS or case.whole < _FEWEST_ENTRIES or facts.feed.settings.weight is not None:
        return None
    share = facts.recent / case.whole
    if share <= max(_LEAST_MUCH, min(_ALWAYS_MUCH, _TIMES_EVEN / case.active)):
        return None
    words = f"{share:.0%} of all entries of {RECENT.days} days are its own ({facts.recent} of {case.whole})"
    fix = f"give it a weight, so that it does not hide the others: `veille feeds set {case.id} weight=-1`"
    return case.finding("prolific", words, fix, share=round(share, 3), entries=facts.recent)


def _check_truncated(case: _Case) -> Finding | None:
    share = share_of_teasers(case.facts.texts, enough=_TEASERS)
    if share < _TEASERS:
        return None
    words = f"its entries carry only the beginning of their texts ({share:.0%} of the last {len(case.facts.texts)})"
    fix = f"read it with `veille open`, or see whether the site has a full feed: `veille add {case.site}`"
    return case.finding("truncated", words, fix, share=round(share, 3))


def _check_waiting(case: _Case) -> Finding | None:
    state = case.facts.feed.state
    planned = state.next_fetch_at if state.status == "waiting" else None
    until = max((at for at in (planned, case.facts.held_until) if at and at > case.now), default=None)
    if until is None:
        return None
    reason = f" ({state.reason})" if state.status == "waiting" and state.reason else ""
    words = f"its host asks for peace for another {format_duration(until - case.now)}{reason}"
    return case.finding("waiting", words, "nothing to do: it is asked again by itself then", until=to_stored(until))


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
