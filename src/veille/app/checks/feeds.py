"""The clock, the rules and the feeds, by what is stored of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from veille.app.health import examine_feeds
from veille.app.home import read_clock
from veille.config import read_text
from veille.errors import ConfigError
from veille.rank.ailments import Ailment, judge_clock
from veille.rank.rulereader import find_mistakes
from veille.store.db import copy_store
from veille.store.moments import list_latest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veille.app.home import Home

_MOST = 10
# A larger archive is not copied into memory to judge its rules: `rules doctor` does that.
_MOST_BYTES = 300_000_000
# Verdicts on feeds from which nothing comes, and those that cost entries.
_DEAD, _ILL = ("gone", "failing"), ("gone", "failing", "degraded", "missed", "moved")


def check_time(home: Home) -> Iterator[Ailment]:
    """Findings on the clock, by the last moments at which something was done."""
    yield from judge_clock(read_clock(), list_latest(home.db))


def check_rules(home: Home) -> Iterator[Ailment]:
    """Mistakes in rules.toml, and rules that `rules doctor` finds fault with."""
    try:
        mistakes = find_mistakes(read_text(home.places.rules), name=str(home.places.rules))
    except ConfigError as error:
        mistakes = [str(error)]
    if mistakes:
        what = f"rules.toml has {len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}"
        remedy = "mend these lines; `veille rules check` tells them too"
        yield Ailment(check="rules", severity="error", what=what, remedy=remedy, details=mistakes[:_MOST])
        return
    if home.places.database.stat().st_size > _MOST_BYTES:
        return
    from veille.app.rulelab import examine

    # What is looked at is first folded and matched, which the doctor leaves to those who are asked to.
    with copy_store(home.db) as copy:
        checkups = examine(replace(home, db=copy)).checkups
    ill = [one.rule.name for one in checkups if any(finding.kind != "disabled" for finding in one.findings)]
    if ill:
        what = f"{len(ill)} of {len(checkups)} rules may need a look"
        yield Ailment(
            check="rules", severity="note", what=what, remedy="`veille rules doctor` says why", details=ill[:_MOST]
        )


def check_feeds(home: Home) -> Iterator[Ailment]:
    """Feeds from which nothing comes, or not all."""
    healths = [one for one in examine_feeds(home) if one.verdict != "muted"]
    verdicts = Counter(one.verdict for one in healths)
    ill = sum(verdicts[one] for one in _ILL)
    if not ill:
        return
    told = ", ".join(f"{verdicts[one]} {one}" for one in _ILL if verdicts[one])
    dead = sum(verdicts[one] for one in _DEAD) == len(healths)
    what = (
        f"nothing comes from any of {len(healths)} feeds ({told})"
        if dead
        else f"{ill} of {len(healths)} feeds need you ({told})"
    )
    remedy = "`veille feeds --health` says which, and what to do"
    yield Ailment(check="feeds", severity="warning" if dead else "note", what=what, remedy=remedy)
