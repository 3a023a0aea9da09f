"""How near the plan of a session comes to the best there is, and how long it takes.

In: nothing, or the directory of the labelled headlines for real days (`--corpus`), `--quick` for smaller ones. Out:
Markdown; exit code 1 when a ratio or a time is missed. The best is found by dynamic programming over whole seconds,
with the same limit per feed: exact; what a plan takes up beyond the limit, in time left over, may bring it above 1.
Points and texts are drawn from a seed; the outlets, and how much each publishes, are those of the day where there is
one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from labelled import CORPUS, read_day, read_english
from measure import describe_machine, write_table
from veille.model import Contribution, Ranked, Score, Source, Story
from veille.rank.fairness import loss_of
from veille.rank.pace import Pace, list_costs
from veille.rank.plan import plan_session
from veille.settings import SessionSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
_LEAST_RATIO, _MOST_SECONDS = 0.97, 0.1
_MINUTES = (1, 5, 20, 60, 105)
_USUAL_MINUTES = 105
_CANDIDATES = 5000
_REPEAT = 0.02
_NEVER = -(1 << 60)
_RESERVE = {"a": timedelta(minutes=10), "b": timedelta(minutes=10)}
# Words of a text: a title alone, teasers of some lengths, an article.
_LENGTHS = (0, 25, 45, 80, 400, 900)
# What rules give to a story, and which share of the stories has it.
_RULES = ((0.0, 0.85), (1.0, 0.08), (3.0, 0.05), (6.0, 0.02))


class Day(NamedTuple):
    """Ranked stories and what each costs."""

    name: str
    ranked: list[Ranked]
    costs: dict[int, float]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="the directory of the labelled headlines")
    parser.add_argument("--quick", action="store_true", help="smaller days")
    options = parser.parse_args()
    days = list(_list_days(options.corpus, quick=options.quick))
    print(f"# Plans of a session\n\n{describe_machine()}. Cells: points of the plan / points of the best plan.\n")
    rows, missed = [], False
    for day in days:
        for per_feed in (0, SessionSettings().per_feed):
            best = find_best(day, max(_MINUTES) * 60, per_feed=per_feed)
            ratios = [_judge(day, minutes, per_feed=per_feed, best=best) for minutes in _MINUTES]
            missed |= ratios[_MINUTES.index(_USUAL_MINUTES)] < _LEAST_RATIO
            rows.append([day.name, str(len(day.ranked)), str(per_feed or "none"), *(f"{one:.4f}" for one in ratios)])
    print(write_table(("day", "stories", "per feed", *(f"{minutes} min" for minutes in _MINUTES)), rows))
    print(f"\n{_tell_price(days)}\n")
    seconds = _time_plans()
    print(write_table(("5,000 candidates", "CPU ms, median of 9 (least-most)"), _list_times(seconds)))
    sys.exit("a target is missed" if missed or max(map(median, seconds.values())) > _MOST_SECONDS else 0)


# --- days -------------------------------------------------------------------


def make_day(name: str, outlets: Sequence[str], *, seed: int) -> Day:
    """A story for each name of an outlet, ranked: points of rules, freshness, outlets, less what its feed repeats."""
    chance = random.Random(seed)
    numbers = {outlet: number for number, outlet in enumerate(dict.fromkeys(outlets), 1)}
    habits = {outlet: chance.choice(_LENGTHS) for outlet in numbers}
    drawn = []
    for place, outlet in enumerate(outlets, 1):
        (rule,) = chance.choices([points for points, _ in _RULES], [share for _, share in _RULES])
        others = min(int(chance.paretovariate(1.5)), 20) - 1
        age = timedelta(hours=24 * chance.random())
        parts = [Contribution(reason="fresh", points=0.5 ** (age / timedelta(hours=12)))]
        if rule:
            group = chance.choice(("a", "b", ""))
            parts.append(Contribution(reason="rule", points=rule * chance.choice((0.5, 1)), rule="r", group=group))
        if others:
            parts.append(Contribution(reason="outlets", points=float(others.bit_length())))
        words = round(habits[outlet] * chance.uniform(0.4, 1.6))
        sources = tuple(
            Source(
                entry_id=place * 100 + number,
                feed_id=numbers[outlet],
                feed=outlet,
                feed_url=outlet,
                folder="",
                title="",
                url="",
                published_at=_NOW - age,
                words=words,
            )
            for number in range(others + 1)
        )
        story = Story(id=place, sources=sources, words=words, language=chance.choice(("fr", "fr", "en")))
        drawn.append((story, parts))
    ranked = _take_repeats(drawn)
    return Day(name, ranked, list_costs([one.story for one in ranked], Pace(glance=timedelta(seconds=5))))


def _take_repeats(drawn: Sequence[tuple[Story, list[Contribution]]]) -> list[Ranked]:
    places: defaultdict[int, int] = defaultdict(int)
    ranked = []
    for story, parts in sorted(drawn, key=lambda row: -Score(tuple(row[1])).total):
        places[story.lead.feed_id] += 1
        loss = loss_of(Score(tuple(parts)).total, places[story.lead.feed_id], repeat=_REPEAT)
        ranked.append(Ranked(story=story, score=Score((*parts, Contribution(reason="repeat", points=-loss)))))
    return sorted(ranked, key=lambda one: -one.score.total)


def _list_days(corpus: Path, *, quick: bool) -> Iterator[Day]:
    for seed, (stories, feeds) in enumerate(((300, 40),) if quick else ((300, 40), (1200, 60), (1200, 400)), 1):
        yield make_day(f"generated, {feeds} feeds", _draw_outlets(stories, feeds, seed=seed), seed=seed)
    french, english = read_day(corpus), read_english(corpus)
    if french:
        yield make_day("French day", [one.outlet for one in french], seed=11)
    if english and not quick:
        yield make_day("English headlines", [one.outlet for one in english[:2000]], seed=12)


def _draw_outlets(stories: int, feeds: int, *, seed: int) -> list[str]:
    """Some publish much and most little."""
    chance = random.Random(seed)
    return [str(int(feeds * chance.random() ** 2)) for _ in range(stories)]


# --- judging ----------------------------------------------------------------


def find_best(day: Day, seconds: int, *, per_feed: int) -> list[float]:
    """The most points there can be for every time up to `seconds`, with so many stories of one feed at most."""
    by_feed: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
    for one in day.ranked:
        cost = int(day.costs[one.story.id])
        if one.score.total > 0 and cost <= seconds:
            by_feed[one.story.lead.feed_id].append((cost, one.score.total))
    best = [0.0] * (seconds + 1)
    for rows in by_feed.values():
        if not per_feed or len(rows) <= per_feed:
            for cost, points in rows:
                best[cost:] = map(max, best[cost:], [value + points for value in best[: seconds + 1 - cost]])
            continue
        counted = [best, *([float(_NEVER)] * (seconds + 1) for _ in range(per_feed))]
        for cost, points in rows:
            for count in range(per_feed, 0, -1):
                fewer, own = counted[count - 1], counted[count]
                own[cost:] = map(max, own[cost:], [value + points for value in fewer[: seconds + 1 - cost]])
        best = list(map(max, *counted))
    return best


def _judge(day: Day, minutes: int, *, per_feed: int, best: Sequence[float]) -> float:
    settings = SessionSettings(budget=timedelta(minutes=minutes), discovery=0.0, per_feed=per_feed)
    return plan_session(day.ranked, settings, day.costs).points / best[minutes * 60]


def _tell_price(days: Sequence[Day]) -> str:
    """What reserves and discovery cost: the plan with them against the best without."""
    budget = timedelta(minutes=_USUAL_MINUTES)
    with_all, without = SessionSettings(budget=budget, reserve=_RESERVE), SessionSettings(budget=budget, discovery=0.0)
    prices = [
        plan_session(day.ranked, with_all, day.costs).points / plan_session(day.ranked, without, day.costs).points
        for day in days
    ]
    told = ", ".join(f"{day.name} {price:.3f}" for day, price in zip(days, prices, strict=True))
    return f"Points with two reserves of 10 minutes and a tenth for discovery, against those without: {told}."


def _time_plans() -> dict[str, list[float]]:
    """Seconds of processor, costs included, by how many feeds the candidates are of."""
    found = {}
    settings = SessionSettings(reserve=_RESERVE)
    for feeds in (20, 50, 500):
        day = make_day("", _draw_outlets(_CANDIDATES, feeds, seed=feeds), seed=feeds)
        rows = []
        for _ in range(9):
            start = time.process_time()
            costs = list_costs([one.story for one in day.ranked], Pace(glance=settings.glance))
            plan_session(day.ranked, settings, costs)
            rows.append(time.process_time() - start)
        found[f"of {feeds} feeds, 1 h 45, two reserves, discovery"] = rows
    return found


def _list_times(seconds: dict[str, list[float]]) -> Iterator[list[str]]:
    for name, rows in seconds.items():
        yield [name, f"{median(rows) * 1000:.0f} ({min(rows) * 1000:.0f}-{max(rows) * 1000:.0f})"]


if __name__ == "__main__":
    main()
