"""Folding against people's labels, and against a day made of traps, beside the rules that other tools use.

In: the directory of the labelled headlines. Out: Markdown. `judgement.py` says what is counted, `baselines.py` what
the other rules are; `folding_speed.py` has the times.
"""

from __future__ import annotations

import argparse
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from baselines import fold_by_average, fold_by_overlap, fold_by_ratio, link_by_cosine
from folding_settings import print_agreement, print_threshold
from judgement import Groups, average, rate_pairs, rate_places
from labelled import (
    CORPUS,
    Folded,
    Labelled,
    fold_batches,
    fold_day,
    fold_orders,
    halve,
    read_day,
    read_english,
    read_gnews,
    read_stream,
    truth_of,
)
from measure import describe_machine, write_table
from veille.settings import FoldSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_COSINES = [hundredths / 100 for hundredths in range(10, 41)]
_BATCHES = (20, 200)
# Drawn orders of what has no times; fewer for each value of a setting.
_ORDERS, _SWEEP_ORDERS = 20, 5
_SHOWN = 3
# What a town's weather and a sign's fortune are called in French titles.
_TRAPS = {
    "weather": re.compile(r"m[ée]t[ée]o|quel temps|vigilance|averses|[ée]claircies", re.IGNORECASE),
    "horoscopes": re.compile(r"horoscope|signes? (?:du zodiaque|astro)", re.IGNORECASE),
}

_NOTE = """The headlines have no times, so veille folds them in {orders} drawn orders: means, and the range on the
whole. A headline's half is the parity of the CRC-32 of its story's label, of its title when it has none, so that no
group is cut; each half is folded by itself. The cosine's least is the best F1 on half 0 (31 values): half 0 flatters
it, half 1 is a test. veille's weights were fitted by regression on the whole day and gnews together, and its words and
limits were chosen looking at both halves: no figure of veille here is of headlines it was not made on."""


class Rule(NamedTuple):
    """A way to fold: headlines in, what comes of them out, once for each order tried."""

    name: str
    fold: Callable[[Sequence[Labelled]], list[Folded]]


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="the directory of the labelled headlines")
    parser.add_argument("--quick", action="store_true", help="the labelled day only, without the sweeps")
    parser.add_argument("--full", action="store_true", help="the other rules on the large sets too: minutes")
    options = parser.parse_args()
    day, gnews = read_day(options.corpus), read_gnews(options.corpus)
    if not day or not gnews:
        print(f"No labelled headlines in {options.corpus.name}: nothing is measured.")
        return
    print(f"# Folding, judged\n\n{describe_machine()}. {_describe(FoldSettings())}\n")
    leasts = _choose_cosines(day)
    orders = 2 if options.quick else _ORDERS
    rules = _list_rules(leasts, orders=orders)
    _print_day(day, rules, orders=orders)
    if options.quick:
        return
    _print_gnews(gnews, rules)
    _print_batches(day, gnews, orders=orders)
    print_agreement(day, gnews, orders=_SWEEP_ORDERS)
    print_threshold(day, orders=_SWEEP_ORDERS)
    # These have times of their own, and so one order.
    large = len(rules) if options.full else 1
    _print_english(read_english(options.corpus), _list_rules(leasts, orders=0, language="en")[:large])
    _print_stream(read_stream(options.corpus), _list_rules(leasts, orders=0)[:large])


# --- the rules --------------------------------------------------------------


def _list_rules(leasts: tuple[float, float], *, orders: int, language: str = "fr") -> list[Rule]:
    """All four; `leasts` are the cosine's for stories and for copies. Only veille is tried in several orders."""
    stories, copies = leasts
    name = f"IDF cosine, average link (stories {stories:.2f}, copies {copies:.2f})"
    return [
        Rule("veille", partial(fold_orders, orders=orders) if orders else lambda day: [fold_day(day)]),
        Rule("token_set_ratio >= 80, single link", lambda day: _both(fold_by_ratio(day))),
        Rule("NewsBlur's overlap, single link", lambda day: _both(fold_by_overlap(day))),
        Rule(name, partial(_fold_by_cosine, leasts=leasts, language=language)),
    ]


def _both(groups: Groups) -> list[Folded]:
    return [Folded(groups, groups)]


def _fold_by_cosine(day: Sequence[Labelled], *, leasts: tuple[float, float], language: str) -> list[Folded]:
    links = link_by_cosine(day, language=language)
    stories, copies = (fold_by_average(len(day), links, least) for least in leasts)
    return [Folded(stories, copies)]


def _choose_cosines(day: Sequence[Labelled]) -> tuple[float, float]:
    """The least cosine with the best F1 on half 0, for stories and for copies."""
    tuned = halve(day)[0]
    links = link_by_cosine(tuned, language="fr")
    made = {least: fold_by_average(len(tuned), links, least) for least in _COSINES}
    stories, copies = (
        max(_COSINES, key=lambda least: rate_pairs(made[least], truth).f1)
        for truth in (truth_of(tuned, "story"), truth_of(tuned, "duplicate"))
    )
    return stories, copies


def _describe(settings: FoldSettings) -> str:
    hours = settings.window.total_seconds() / 3600
    return f"agreement {settings.agreement:g}, threshold {settings.threshold:g}, a window of {hours:.0f} hours."


# --- labels -----------------------------------------------------------------


def _print_day(day: Sequence[Labelled], rules: Sequence[Rule], *, orders: int) -> None:
    parts = [*halve(day), day]
    outlets = len({one.outlet for one in day})
    print(f"## A French day, titles only: {len(day)} headlines of {outlets} outlets\n\n{_NOTE.format(orders=orders)}\n")
    made = {rule.name: [rule.fold(part) for part in parts] for rule in rules}
    sizes = [f"half {number} ({len(part)}), pairs" for number, part in enumerate(parts[:2])]
    for label, name in (("story", "Stories"), ("duplicate", "Copies")):
        truths = [truth_of(part, label) for part in parts]
        rows = []
        for rule, folds in made.items():
            rates = [
                [rate_pairs(one.of(label), truth) for one in fold] for fold, truth in zip(folds, truths, strict=True)
            ]
            places = average(rate_places(one.of(label), truths[-1]) for one in folds[-1])
            whole = rates[-1]
            ranges = [
                f"{min(values):.3f}-{max(values):.3f}"
                for values in ([rate.precision for rate in whole], [rate.f1 for rate in whole])
            ]
            halves = [average(some).cell() for some in rates[:2]]
            rows.append(
                [rule, average(whole).cell(), *(ranges if len(whole) > 1 else ("", "")), places.cell(), *halves]
            )
        print(f"### {name}: precision / recall / F1\n")
        print(write_table(("rule", "pairs", "P, range", "F1, range", "B-cubed", *sizes), rows), end="\n\n")


def _print_gnews(gnews: Sequence[Labelled], rules: Sequence[Rule]) -> None:
    truth = truth_of(gnews, "story")
    print(f"## gnews, French titles without accents: {len(gnews)} headlines, {len(truth)} clusters\n")
    print("veille's weights were fitted on this set and the day together; the cosine's least was chosen on the day.\n")
    rows = []
    for rule in rules:
        made = [folded.stories for folded in rule.fold(gnews)]
        places, pairs = (average(rate(groups, truth) for groups in made) for rate in (rate_places, rate_pairs))
        rows.append(
            [rule.name, places.cell(), pairs.cell(), str(max(len(group) for groups in made for group in groups))]
        )
    print(write_table(("rule", "B-cubed: precision / recall / F1", "pairs", "largest"), rows), end="\n\n")


def _print_batches(day: Sequence[Labelled], gnews: Sequence[Labelled], *, orders: int) -> None:
    """What changes when headlines come by and by, in the same orders: what has been decided stays."""
    rows = []
    whole = len(day) + len(gnews)
    for size in (whole, *_BATCHES):
        ours = [fold_batches(day, size, seed=seed) for seed in range(orders)]
        stories = [rate_pairs(folded.stories, truth_of(day, "story")) for folded in ours]
        copies = [rate_pairs(folded.copies, truth_of(day, "duplicate")) for folded in ours]
        places = [
            rate_places(fold_batches(gnews, size, seed=seed).stories, truth_of(gnews, "story"))
            for seed in range(orders)
        ]
        f1s, merges = [rate.f1 for rate in stories], [folded.merges for folded in ours]
        name = "all at once" if size == whole else f"in batches of {size}"
        ranges = (f"{min(f1s):.3f}-{max(f1s):.3f}", average(copies).cell(), f"{min(merges)}-{max(merges)}")
        rows.append([name, average(stories).cell(), *ranges, f"{average(places).f1:.3f}"])
    print(f"## The day in batches, in {orders} drawn orders: means of precision / recall / F1\n")
    header = ("the day comes", "stories, pairs", "F1, range", "copies, pairs", "stories merged", "gnews, B-cubed F1")
    print(write_table(header, rows), end="\n\n")


# --- the large sets ---------------------------------------------------------


def _print_english(day: Sequence[Labelled], rules: Sequence[Rule]) -> None:
    if not day:
        return
    truth = truth_of(day, "story")
    hours = (max(one.at for one in day) - min(one.at for one in day)).total_seconds() / 3600
    print(f"## English, {len(day)} headlines of {hours:.0f} hours in {len(truth)} coarse clusters\n")
    print("A cluster is a topic with its follow-ups: only precision has a meaning. Nothing was fitted on it.\n")
    rows = []
    for rule in rules:
        groups = rule.fold(day)[0].stories
        quality = rate_pairs(groups, truth)
        pairs = sum(len(group) * (len(group) - 1) // 2 for group in groups)
        rows.append([rule.name, f"{quality.precision:.3f}", str(pairs), str(len(groups)), str(max(map(len, groups)))])
    print(write_table(("rule", "precision, pairs", "pairs put together", "stories", "largest"), rows), end="\n\n")


def _print_stream(day: Sequence[Labelled], rules: Sequence[Rule]) -> None:
    """The largest stories and what is in them; stories of several weathers or several horoscopes."""
    if not day:
        return
    print(f"## A French day of traps: {len(day)} headlines, weather by town, titles that begin with a town\n")
    made = {rule.name: sorted(rule.fold(day)[0].stories, key=len, reverse=True) for rule in rules}
    rows = [
        [name, str(len(groups)), ", ".join(str(len(group)) for group in groups[:5])] for name, groups in made.items()
    ]
    print(write_table(("rule", "stories", "the five largest"), rows), end="\n\n")
    groups = made[rules[0].name]
    for group in groups[:5]:
        print(f"- {len(group)} headlines, {_tell(day, group)}")
    for name, pattern in _TRAPS.items():
        caught = [
            group for group in groups if len({day[at].title for at in group if pattern.search(day[at].title)}) > 1
        ]
        print(f"\nStories that hold two different titles on {name}: {len(caught)}.")
        for group in caught:
            print(f"- {_tell(day, [at for at in group if pattern.search(day[at].title)])}")
    print()


def _tell(day: Sequence[Labelled], group: Sequence[int]) -> str:
    """How many wordings, and three of them: the first, the middle and the last in the order of letters."""
    titles = sorted({day[at].title for at in group})
    shown = sorted({0, len(titles) // 2, len(titles) - 1})[:_SHOWN]
    return f"{len(titles)} wordings: {' // '.join(titles[at] for at in shown)}"


if __name__ == "__main__":
    main()
