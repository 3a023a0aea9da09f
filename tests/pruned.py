"""`prune` that is killed: what is old goes, a story whole or not at all; what is starred, and what is new, stays."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from digesting import add_stories, make_titles
from killing import Attempt, Blow, column, must, must_equal
from veille.app.home import open_home, read_clock
from veille.store.stories import mark_story

if TYPE_CHECKING:
    from pathlib import Path

_OLD_HOURS = 400 * 24


class Pruning:
    """Each time thirty old stories more, one of them starred, and a new one."""

    name = "prune"

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.titles = home, make_titles(seed)
        self.kept: set[int] = set()

    def prepare(self) -> Attempt:
        starred, *_ = self.old = add_stories(*islice(self.titles, 30), hours=_OLD_HOURS)
        with open_home() as opened:
            mark_story(opened.db, starred, "star", now=read_clock())
        self.kept |= {starred, *add_stories(next(self.titles))}
        return Attempt(arguments=("prune", "--older", "365d"))

    def look(self, blow: Blow) -> None:
        assert blow.killed
        must(self.kept <= set(column(self.home, "SELECT id FROM stories")), "what was to stay is gone")
        halves = "SELECT id FROM stories EXCEPT SELECT story_id FROM entries"
        must_equal(column(self.home, halves), [], "stories without their entries")

    def complete(self, blow: Blow) -> None:
        assert blow.code == 0, blow.said
        must_equal(set(column(self.home, "SELECT id FROM stories")), self.kept, "stories")
        must_equal(set(column(self.home, "SELECT id FROM entries")), self.kept, "entries")
