"""What a publisher's log says of the first three points: validators, requests needed, and how often.

A trial in, a finding out: in a few words what was found, and the lines of the log that are wrong.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from press import SKIPPED
from trial import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trial import Trial, Visit

# A cron that comes two minutes early is let in.
SLACK = timedelta(minutes=2)
# A day, a tenth of jitter at most, and the next cron.
LONGEST_REST = timedelta(hours=28)
# Servers refuse a head of more than 8 kB or so: a validator that long cannot be sent back.
LONGEST_VALIDATOR = 2048


class Finding(NamedTuple):
    """What a check found, and the lines that are wrong: none is a pass, unless `failed` says why."""

    found: str
    wrong: Sequence[Visit] = ()
    failed: str = ""


def gaps_between(visits: Sequence[Visit]) -> list[tuple[timedelta, Visit, Visit]]:
    """The time between each two visits, and the two."""
    return [(two.at - one.at, one, two) for one, two in pairwise(visits)]


def tell_hours(times: Sequence[timedelta]) -> str:
    """Times as hours, to a tenth."""
    return ", ".join(f"{one / HOUR:.1f}" for one in times) + " h"


# --- 1 and 2: validators, and no request too many ----------------------------


def unconditional(trial: Trial) -> Finding:
    """One unconditional request per feed, where it gives validators."""
    seen, wrong = dict.fromkeys(trial.cases, 0), []
    for visit, kept in _walk(trial):
        if any(kept) and _carried(visit) == ("", ""):
            seen[visit.case] += 1
            # The first of a case with two feeds is the first of the second.
            wrong += [visit] if seen[visit.case] >= trial.cases[visit.case].feeds else []
    given = {visit.case for visit, kept in _walk(trial) if any(kept)}
    return Finding(f"{1 if not wrong else 'more'} for each of {len(given)} feeds in {len(trial.log)} requests", wrong)


def verbatim(trial: Trial) -> Finding:
    """Validators come back byte for byte, and those of the newest answer."""
    asked = [(visit, kept) for visit, kept in _walk(trial) if any(_carried(visit))]
    wrong = [visit for visit, kept in asked if _carried(visit) != kept]
    return Finding(f"{len(asked) - len(wrong)} of {len(asked)} conditional requests", wrong)


def added_by_one(trial: Trial) -> Finding:
    """A feed that is added is asked for once, its site's page once and never again."""
    soon = trial.began_at + timedelta(minutes=30)
    direct, site = ([one for one in trial.visits(name) if one.at < soon] for name in ("direct", "site"))
    pages = trial.visits("site", "/site/")
    found = f"{len(direct)} GET by address, {len(site)} by its site; {len(pages)} of the page in all"
    return Finding(found, direct[1:] + site[2:] + pages[1:], "" if direct and site else "nothing was asked")


def _walk(trial: Trial) -> Iterator[tuple[Visit, tuple[str, ...]]]:
    """Every visit and the validators that it should carry: of the last whole feed, or of a 304 since."""
    for name in trial.cases:
        kept: tuple[str, ...] = ("", "")
        for visit in trial.visits(name):
            yield visit, kept
            told = tuple(visit.sent(header) for header in ("etag", "last-modified"))
            told = tuple(value if len(value) <= LONGEST_VALIDATOR else "" for value in told)
            if visit.whole:
                kept = told
            elif visit.answer.status == 304:
                kept = tuple(new or old for new, old in zip(told, kept, strict=True))


def _carried(visit: Visit) -> tuple[str, ...]:
    names = ("if-none-match", "if-modified-since")
    return tuple((visit.request.header(name) or b"").decode("latin-1") for name in names)


# --- 3: how often ------------------------------------------------------------


def once_an_hour(trial: Trial) -> Finding:
    """Not more than once an hour, however often cron comes."""
    single = [case for case in trial.cases.values() if case.feeds == 1]
    gaps = [gap for case in single for gap in gaps_between(trial.visits(case.name, case.door))]
    least = min(gap for gap, *_ in gaps)
    return Finding(f"{least / timedelta(minutes=1):.0f} min", [two for gap, _, two in gaps if gap < HOUR - SLACK])


def rests_as_asked(trial: Trial) -> Finding:
    """What a feed says of its own pace is kept to, after a 304 too."""
    wrong, found = [], []
    for case in trial.cases.values():
        if case.rest > HOUR:
            gaps = gaps_between(trial.visits(case.name))
            kept = [gap for gap in gaps if case.rest_after in (0, gap[1].answer.status)]
            wrong += [two for gap, _, two in kept if gap < case.rest - SLACK]
            found.append(f"{case.name} {min(gap for gap, *_ in kept) / HOUR:.1f} of {case.rest / HOUR:.0f}")
    return Finding(", ".join(found) + " h", wrong)


def leaves_hours_out(trial: Trial) -> Finding:
    """Nothing in the hours that a feed asks to skip."""
    first = trial.began_at.hour + SKIPPED[0]
    hours = {hour % 24 for hour in range(first, first + SKIPPED[1])}
    visits = [visit for visit in trial.visits("skips") if visit.at < trial.hasty_at]
    wrong = [visit for visit in visits if visit.at.hour in hours and (visit.at + SLACK).hour in hours]
    return Finding(f"{len(wrong)} of {len(visits)} requests", wrong)


def comes_back(trial: Trial) -> Finding:
    """Whatever a feed answers but 410, and a Retry-After of weeks, it is asked again within a day or so."""
    left = ("gone", "private", "merged")
    names = [name for name in trial.cases if name not in left and not name.startswith("month")]
    gaps = [gap for name in names for gap in gaps_between(trial.visits(name))]
    lost = [name for name in names if trial.ended_at - trial.visits(name)[-1].at > LONGEST_REST]
    longest = max(gap for gap, *_ in gaps)
    wrong = [two for gap, _, two in gaps if gap > LONGEST_REST]
    return Finding(f"{longest / HOUR:.1f} h", wrong, f"not asked again: {', '.join(lost)}" if lost else "")
