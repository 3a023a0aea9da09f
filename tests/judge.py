"""A judge who reads the log as a publisher would: a trial in, a report card out.

One grade for each thing that the twelve points of a well-behaved fetcher ask for; a bad one shows the lines of
the log that are wrong. Run by itself, this file holds a trial of `--days` and prints its card in Markdown.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import checks_rhythm as rhythm
import checks_trouble as trouble
from trial import hold_trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from checks_rhythm import Finding
    from trial import Trial

# The number of the point, what is asked, and the check.
CHECKS: list[tuple[int, str, Callable[[Trial], Finding]]] = [
    (1, "one unconditional request per feed, ever", rhythm.unconditional),
    (1, "validators verbatim, replaced each time, refreshed on 304", rhythm.verbatim),
    (2, "no request too many when a feed is added", rhythm.added_by_one),
    (3, "not more than once an hour, cron every 5 min included", rhythm.once_an_hour),
    (3, "the feed's own pace: ttl, sy:update*, max-age, Expires", rhythm.rests_as_asked),
    (3, "nothing during skipHours", rhythm.leaves_hours_out),
    (3, "asked again within a day, whatever it answers", rhythm.comes_back),
    (4, "429 with Retry-After (seconds, date, 30 days) holds the host", trouble.hold_the_host),
    (4, "429 without: pauses that double, for the host", trouble.spare_a_crowded_host),
    (4, "503 with Retry-After holds its feed alone", trouble.hold_the_feed),
    (4, "5xx: pauses that double, up to a day; never given up", trouble.back_off),
    (5, "nothing after 410; entries kept, user told", trouble.stop_at_410),
    (5, "404, 401, 403: 6 h and more between two, user told", trouble.wait_for_people),
    (6, "301 and 308 adopted: the old address left alone", trouble.adopt_moves),
    (6, "moved to a feed that is followed: the two are one", trouble.merge_feeds),
    (6, "302, 303, 307, mixed, in turn, a portal: never adopted", trouble.keep_addresses),
    (7, "no Cookie, no Referer, no header too many", trouble.send_no_more_than_needed),
    (7, "addresses as they are, none guessed", trouble.ask_addresses_as_they_are),
    (7, "credentials stay with their host", trouble.keep_secrets),
    (8, "an honest User-Agent; gzip and br accepted", trouble.say_who_asks),
    (8, "the decoded size is bounded", trouble.bound_bodies),
    (9, "two connections to a host, many hosts at once", trouble.few_connections),
    (10, "a host that hangs or trickles costs the timeout at most", trouble.give_up_in_time),
    (11, "empty, a web page, cut: entries and validators kept, user told", trouble.stand_bad_documents),
    (12, "a public feed leads to no private address", trouble.stay_outside),
]


@dataclass(frozen=True, kw_only=True)
class Grade:
    """One line of the card; `wrong` are the lines of the log, or the words, that speak against it."""

    point: int
    asked: str
    found: str
    wrong: tuple[str, ...]


def judge(trial: Trial) -> list[Grade]:
    """The whole card."""
    return [grade(trial, point, asked, check) for point, asked, check in CHECKS]


def grade(trial: Trial, point: int, asked: str, check: Callable[[Trial], Finding]) -> Grade:
    """One line of it."""
    finding = check(trial)
    wrong = (*map(str, finding.wrong), *filter(None, [finding.failed]))
    return Grade(point=point, asked=asked, found=finding.found, wrong=wrong)


def write_card(grades: Iterable[Grade]) -> str:
    """The card as a table in Markdown, and under it what is wrong."""
    told = [*grades]
    rows = ["| point | what is asked | what the log says | |", "|---:|---|---|---|"]
    rows += [f"| {one.point} | {one.asked} | {one.found} | {'**no**' if one.wrong else 'yes'} |" for one in told]
    rows += [f"\nPoint {one.point}, {one.asked}:\n\n    " + "\n    ".join(one.wrong[:9]) for one in told if one.wrong]
    return "\n".join(rows)


def main() -> int:
    """Hold a trial in an empty home; 1 when a grade is bad."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=7)
    days = parser.parse_args().days
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "veille"
        home.mkdir()
        os.environ["VEILLE_HOME"] = str(home)
        trial = hold_trial(home, days=days)
    card = judge(trial)
    sys.stdout.write(f"{days} days of hourly cron, {len(trial.cases)} feeds, {len(trial.log)} requests\n\n")
    sys.stdout.write(write_card(card) + "\n")
    return int(any(one.wrong for one in card))


if __name__ == "__main__":
    sys.exit(main())
