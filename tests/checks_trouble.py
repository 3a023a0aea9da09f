"""What a publisher's log says of the other nine points: limits, errors, moves, manners.

A trial in, a finding out, as in `checks_rhythm.py`; where users are to be told, what they were told counts too.
"""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from checks_rhythm import SLACK, Finding, gaps_between, tell_hours
from press import ADDRESSES, CROWDED, DATED, ELSEWHERE, LIMITED, STERN
from trial import HOUR, PER_HOST, TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trial import Trial, Visit

_LONGEST_HOLD = timedelta(days=7)
_TOGETHER = timedelta(minutes=1)  # visits of one run
_HONEST = re.compile(rb"veille/\d[\w.]* \([^)]+\)")
_NEEDED = {"host", "user-agent", "accept", "accept-encoding", "connection"}
_ALLOWED = _NEEDED | {"if-none-match", "if-modified-since"}


# --- 4: limits and errors ----------------------------------------------------


def hold_the_host(trial: Trial) -> Finding:
    """After 429 nothing is asked of the host, but for what was on its way."""
    wrong, found = [], []
    for host, told in ((LIMITED, 3), (DATED, 4), (STERN, 30 * 24)):
        log = [visit for visit in trial.log if visit.request.host == host]
        start = _first(log, 429)
        end = log[start].at + min(timedelta(hours=told), _LONGEST_HOLD)
        held = [visit for visit in log[start + 1 :] if visit.at < end]
        on_its_way = [visit for visit in held[: PER_HOST - 1] if visit.at - log[start].at < timedelta(seconds=5)]
        wrong += held[len(on_its_way) :]
        rest = log[start + 1 + len(held) :]
        found.append(f"{((rest[0].at if rest else trial.ended_at) - log[start].at) / HOUR:.1f} of {told}")
    return Finding(", ".join(found) + " h", wrong)


def spare_a_crowded_host(trial: Trial) -> Finding:
    """429 that does not say when: the pauses grow, and few feeds try."""
    log = [visit for visit in trial.log if visit.request.host == CROWDED and visit.answer.status == 429]
    tries = [[log[0]]]
    for gap, _, visit in gaps_between(log):
        tries += [[]] if gap > _TOGETHER else []
        tries[-1].append(visit)
    gaps = [two[0].at - one[-1].at for one, two in pairwise(tries)]
    dense = [after[0] for number, (gap, after) in enumerate(zip(gaps, tries[1:], strict=True)) if gap < _step(number)]
    crowd = [visit for one in tries for visit in one[PER_HOST:]]
    return Finding(f"{tell_hours(gaps)}, {len(log)} requests of 4 feeds", dense + crowd)


def hold_the_feed(trial: Trial) -> Finding:
    """503 with Retry-After, in seconds or by the server's own clock, holds its feed and no other."""
    wrong, waits = [], []
    for name in ("busy-date", "busy-seconds"):
        visits = trial.visits(name)
        start = _first(visits, 503)
        after = visits[start + 1 :]
        waits.append((after[0].at if after else trial.ended_at) - visits[start].at)
        wrong += after[:1] if waits[-1] < 5 * HOUR else []
    others = [two for gap, _, two in gaps_between(trial.visits("neighbour")) if gap > 1.2 * HOUR]
    return Finding(f"{tell_hours(waits)} of 5; its neighbour every hour", wrong + others)


def back_off(trial: Trial) -> Finding:
    """Errors in a row: never denser than the interval doubled each time; then as before."""
    visits = trial.visits("errors")
    failed = [number for number, visit in enumerate(visits) if visit.answer.status >= 500]
    gaps = [(visits[number + 1].at - visits[number].at, visits[number + 1]) for number in failed]
    wrong = [after for number, (gap, after) in enumerate(gaps) if gap < _step(number)]
    back = gaps_between(visits[failed[-1] + 1 :])
    found = f"{tell_hours([gap for gap, _ in gaps])}, then every hour"
    return Finding(found, wrong, "" if back and back[0][0] < 1.2 * HOUR else "it did not come back")


def _step(number: int) -> timedelta:
    return HOUR * min(1 << number, 24) - SLACK


def _first(visits: Sequence[Visit], status: int) -> int:
    return next(number for number, visit in enumerate(visits) if visit.answer.status == status)


# --- 5: gone, missing, refused -----------------------------------------------


def stop_at_410(trial: Trial) -> Finding:
    """Nothing is asked after 410; entries are kept and the user is told, once."""
    visits = trial.visits("gone")
    after = visits[_first(visits, 410) + 1 :]
    kept, told = trial.entries.get("gone", 0), _told(trial, "gone")
    failed = "" if kept and len(told) == 1 and "410" in told[0] else f"{kept} entries are kept, the user is told {told}"
    return Finding(f"{len(after)} requests; {kept} entries kept, told once", after, failed)


def wait_for_people(trial: Trial) -> Finding:
    """404, 401 and 403 are mended by people: asked less, and told."""
    wrong, least, untold = [], [], []
    for name, said in (("missing", "404"), ("password", "401"), ("refused", "403")):
        gaps = gaps_between(trial.visits(name))[1:]  # what came first was the feed
        wrong += [two for gap, _, two in gaps if gap < 6 * HOUR - SLACK]
        least.append(min(gap for gap, *_ in gaps))
        untold += [] if any(said in reason for reason in _told(trial, name)) else [name]
    return Finding(tell_hours(least), wrong, f"the user is not told: {untold}" if untold else "")


def _told(trial: Trial, name: str) -> list[str]:
    """What the user was told of a feed, over all the days."""
    problems = (problem for receipt in trial.receipts for problem in receipt.problems)
    return [problem.reason for problem in problems if f"/{name}/" in problem.feed_url]


# --- 6: moves ----------------------------------------------------------------


def adopt_moves(trial: Trial) -> Finding:
    """301 and 308 are followed to a new address after three sights, and the old one is left alone."""
    wrong, untold = [], []
    for name in ("moved-301", "moved-308"):
        wrong += trial.visits(name, f"/{name}/feed")[3:]
        untold += [] if any("its address is now" in reason for reason in _told(trial, name)) else [name]
    return Finding(f"{len(wrong)} after the third", wrong, f"the user is not told: {untold}" if untold else "")


def merge_feeds(trial: Trial) -> Finding:
    """A move to what is followed already makes the two one: asked once an hour, not twice."""
    old = [visit for visit in trial.visits("merged") if visit.answer.status == 301]
    since = [visit for visit in trial.visits("followed") if visit.at - old[-1].at > _TOGETHER]
    wrong = [two for gap, _, two in gaps_between(since) if gap < HOUR - SLACK]
    return Finding(f"{len(old[3:])} of the old, {len(since)} of the new in {len(since)} hours", old[3:] + wrong)


def keep_addresses(trial: Trial) -> Finding:
    """What is lent (302, 303, 307), led on by both kinds, to two places in turn or to a portal keeps its address."""
    wrong, count = [], 0
    for name in ("lent-302", "lent-303", "lent-307", "chain", "flapping", "portal"):
        last_door = trial.visits(name, trial.cases[name].door)[-1]
        wrong += [visit for visit in trial.visits(name) if visit.at - last_door.at > _TOGETHER]
        count += len(trial.visits(name, trial.cases[name].door))
    return Finding(f"{count} fetches, all begun at the address that was subscribed", wrong)


# --- 7 to 10: manners --------------------------------------------------------


def send_no_more_than_needed(trial: Trial) -> Finding:
    """No cookie, no Referer, nothing that says more than who asks for what."""
    names = {name for visit in trial.log if visit.case != "private" for name, _ in visit.request.headers}
    wrong = [
        visit
        for visit in trial.log
        if visit.case not in ("secret", "private") and not _NEEDED <= {*dict(visit.request.headers)} <= _ALLOWED
    ]
    return Finding(", ".join(sorted(names - _NEEDED)) + f" beside the {len(_NEEDED)} that HTTP needs", wrong)


def ask_addresses_as_they_are(trial: Trial) -> Finding:
    """No parameter added or taken away, no address guessed."""
    known = {path for case in trial.cases.values() for path in case.pages}
    wrong = [visit for visit in trial.log if visit.request.path not in known]
    return Finding(f"{len(wrong)} of {len(trial.log)} requests at another address", wrong)


def keep_secrets(trial: Trial) -> Finding:
    """A name and password go to their own host only."""
    with_secret = [visit for visit in trial.log if visit.request.header("authorization")]
    wrong = [visit for visit in with_secret if visit.case != "secret" or visit.request.host == ELSEWHERE]
    return Finding(
        f"{len(with_secret)} requests to the host, {len(wrong)} to another",
        wrong,
        "" if with_secret else "no secret was sent at all",
    )


def say_who_asks(trial: Trial) -> Finding:
    """An honest User-Agent, and compressed answers accepted."""
    agents = {visit.request.header("user-agent") or b"" for visit in trial.log}
    wrong = [
        visit
        for visit in trial.log
        if not _HONEST.fullmatch(visit.request.header("user-agent") or b"")
        or not {b"gzip", b"br"} <= {*(visit.request.header("accept-encoding") or b"").split(b", ")}
    ]
    return Finding(" / ".join(agent.decode("latin-1") for agent in sorted(agents)), wrong)


def bound_bodies(trial: Trial) -> Finding:
    """What is too large once decoded is left, told, and asked for less."""
    visits = [visit for visit in trial.visits("bomb") if visit.answer.body.startswith(b"\0")]
    wrong = [two for number, (gap, _, two) in enumerate(gaps_between(visits)) if gap < _step(number)]
    told = any("larger than" in reason for reason in _told(trial, "bomb"))
    return Finding(f"{len(visits)} requests in all", wrong, "" if told else "the user is not told")


def few_connections(trial: Trial) -> Finding:
    """One or two connections to a host, many hosts side by side."""
    most = max(trial.most_open[address] for address in ADDRESSES)
    failed = "" if most <= PER_HOST < trial.most_at_once else f"{trial.most_open}, {trial.most_at_once} in all"
    return Finding(f"{most} to a host, {trial.most_at_once} requests at once in all", (), failed)


def give_up_in_time(trial: Trial) -> Finding:
    """Hosts that do not answer, or trickle, cost a run no more than the timeout."""
    names = [name for name in ("slow", "trickle") if "no complete answer" not in " ".join(_told(trial, name))]
    late = "" if trial.slowest < TIMEOUT.total_seconds() + 10 else f"a run took {trial.slowest:.1f} s"
    failed = f"the user is not told: {names}" if names else late
    return Finding(f"{trial.slowest:.1f} s for the longest run, timeout {TIMEOUT.total_seconds():.0f} s", (), failed)


# --- 11 and 12: what is no feed, and where none may be -----------------------


def stand_bad_documents(trial: Trial) -> Finding:
    """Empty, a web page, cut short: the entries and the validators before stay, and the user is told why."""
    said = {"empty": "empty", "page": "web page", "cut": "cut short"}
    told = {name: [reason for reason in _told(trial, name) if why in reason] for name, why in said.items()}
    lost = [name for name, reasons in told.items() if not reasons or trial.entries.get(name, 0) < 3]
    wrong = [
        visit
        for name in said
        for visit in trial.visits(name)[1:]
        if visit.request.header("if-none-match") in (None, b'"no-feed"', b'"cut"')
    ]
    found = f"told {', '.join(str(len(reasons)) for reasons in told.values())} times; the validators before them sent"
    return Finding(found, wrong, f"lost or not told: {lost}" if lost else "")


def stay_outside(trial: Trial) -> Finding:
    """A public feed does not lead to a private address."""
    door = trial.cases["private"].door
    asked = trial.visits("private", door)
    inside = [visit for visit in trial.visits("private") if visit.request.path != door]
    failed = "" if asked and "private" in trial.refusal else f"asked {len(asked)} times, told: {trial.refusal}"
    return Finding(f"{len(inside)} requests inside", inside, failed)
