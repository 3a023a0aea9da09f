"""An account as lines: rank, goals, and what is too much for a screen."""

import io

from rich.console import Console

from make import NOW, make_rule, make_story
from veille.model import Contribution, Ranked, Score
from veille.rank.account import Account, Reason
from veille.rank.whatif import Change, Goal
from veille.show.why import account_record, print_account, tell_goal, tell_rank

BARE = Account(ranked=Ranked(story=make_story(), score=Score()), rank=3, total=1, since=NOW)


def printed(account: Account) -> str:
    console = Console(file=io.StringIO(), width=200, markup=False, emoji=False, highlight=False)
    print_account(console, account, now=NOW)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_story_that_nothing_speaks_for_says_so() -> None:
    out = printed(BARE)
    assert "nothing speaks for it" in out
    assert "would have" not in out
    assert account_record(BARE)["why"] == []


def test_pins_and_what_hides_are_part_of_the_rank() -> None:
    story = Ranked(story=make_story(), score=Score(), pinned_by="direction")
    account = Account(ranked=story, rank=1, total=4, since=NOW, hidden_by="pub")
    assert tell_rank(account, now=NOW).startswith("hidden by “pub”; without it: 0.00 points, 1 of 4 stories since ")
    assert tell_rank(account, now=NOW).endswith(", pinned by “direction”")


def test_goals_are_told_unless_nothing_could_change() -> None:
    assert tell_goal(Goal(size=10, inside=False, points=1.5)) == "top 10: it enters with 1.50 more"
    assert tell_goal(Goal(size=20, inside=True, points=0.25)) == "top 20: it is there, and leaves it with 0.25 less"
    assert tell_goal(Goal(size=20, inside=True, points=None)) == ""
    assert tell_goal(Goal(size=10, inside=False, points=None)) == "top 10: pinned stories fill it"


def test_a_screen_holds_a_dozen_changes_and_tells_how_many_more_there_are() -> None:
    changes = tuple(Change(what=f"change {n}", points=-1.0) for n in range(15))
    account = Account(ranked=BARE.ranked, rank=1, total=1, since=NOW, lowering=changes)
    out = printed(account)
    assert "   -1.00  change 11\n" in out
    assert "change 12" not in out
    assert "3 more with --json" in out


def test_a_rule_of_weight_zero_has_a_factor_of_none() -> None:
    rule = make_rule("crise", weight=0.0)
    part = Contribution(reason="“crise” in title", points=0.0, rule="crise", field="title")
    account = Account(ranked=BARE.ranked, rank=1, total=1, since=NOW, reasons=(Reason(part=part, rule=rule),))
    assert "   +0.00  “crise” in title  weight 0 x 0\n" in printed(account)
