"""The whole store against a model of it: random mornings, marks, splits, merges, purges, restores, moves to a new home.

What commands call is called, on a real home, with a newsstand on loopback to fetch from (`office.py`); `modelled.py`
says what must come of it, and `observed.py` looks after each step. The test runs for some seconds, the same steps
every time. To look further, with other steps each time:

    VEILLE_MODEL_SECONDS=900 pytest --no-cov -s tests/store/test_model.py
"""

from __future__ import annotations

import copy
import os
import shlex
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from modelled import MARKS
from observed import check_feeds, check_file, check_lists, check_stored, check_words
from office import Office, pick_one, picks
from veille.app import rulebook, session, subscribe
from veille.app.backup import make_backup
from veille.app.exporting import export_to
from veille.app.home import open_home
from veille.app.importing import import_export
from veille.app.marking import keep_list, mark_stories, write_note
from veille.app.ranking import Window, rank_window
from veille.app.restoring import restore_backup
from veille.app.stories import put_stories_together, split_story
from veille.config import find_places
from veille.errors import VeilleError
from veille.rank.listing import list_ranked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modelled import Model
    from veille.app.home import Home

_SECONDS = float(os.environ.get("VEILLE_MODEL_SECONDS", "0"))
_QUIET = settings(
    deadline=None, suppress_health_check=list(HealthCheck), database=None, print_blob=False, stateful_step_count=40
)
_EVER = datetime(1990, 1, 1, tzinfo=UTC)
_AT_A_TIME = 8
_FEW = 4


def has_stories(desk: Desk) -> bool:
    return bool(desk.model.stories)


class Desk(Office):
    """What a user does with what has come."""

    examples = steps = 0

    def __init__(self) -> None:
        super().__init__()
        Desk.examples += 1
        self.backups: list[tuple[Path, Model]] = []

    # --- what is read ---

    @precondition(has_stories)
    @rule(most=st.integers(1, 12), everything=st.booleans())
    def list_top(self, most: int, everything: bool) -> None:  # noqa: FBT001 - drawn
        """`top`: what is shown is known, and has a rank."""
        with open_home() as home:
            listed = list_ranked(rank_window(home, Window(since=_EVER, everything=everything)).stories[:most])
            keep_list(home, listed, ranks=True)
        numbers = [one.ranked.story.id for one in listed]
        self.model.ranks = numbers or self.model.ranks
        for number in numbers:
            self.model.stories[number].known = True

    @precondition(has_stories)
    @rule(mark=st.sampled_from(list(MARKS)), chosen=st.lists(picks, min_size=1, max_size=3), ranks=st.booleans())
    def mark(self, mark: str, chosen: list[int], ranks: bool) -> None:  # noqa: FBT001 - drawn
        """By number, by that of any entry, or by rank."""
        numbers = {self._choose(pick): str(self._choose(pick)) for pick in chosen}
        known = [rank for rank, number in enumerate(self.model.ranks, 1) if number in self.model.stories]
        if ranks and known:
            some = {pick_one(known, pick) for pick in chosen}
            numbers = {self.model.ranks[rank - 1]: str(rank) for rank in some}
        with open_home() as home:
            marked = mark_stories(home, mark, list(numbers.values()))
        assert {story.id for story in marked.stories} == set(numbers)
        for number in numbers:
            self.model.mark(number, **MARKS[mark])

    @precondition(has_stories)
    @rule(pick=picks, text=st.sampled_from(["", "à relire", "appeler le service client", "deux\nlignes"]))
    def note(self, pick: int, text: str) -> None:
        number = self._choose(pick)
        with open_home() as home:
            assert write_note(home, str(number), text).note == text
        self.model.mark(number, note=tuple(sorted(text.split("\n"))) if text else ())

    @precondition(has_stories)
    @rule(acts=st.lists(st.tuples(st.sampled_from("read star unstar kill later tag untag note undo".split()), picks)))
    def sit(self, acts: list[tuple[str, int]]) -> None:
        """A session: its actions, and undo, which takes the last one back that is not taken back."""
        with open_home() as home:
            try:
                at_work = session.open_session(home, budget=timedelta(hours=2), fresh=not self.model.undo)
            except VeilleError:  # nothing to read
                return
            for what, pick in acts:
                if what != "undo":
                    self._act(at_work, what, pick)
                elif self.model.undo:
                    number, before = self.model.undo.pop()
                    session.undo(at_work)
                    self.model.mark(number, **before)
            session.leave(at_work)

    def _act(self, at_work: session.Session, what: Any, pick: int) -> None:
        number = self._choose(pick)
        before = self.model.stories[number].opinion
        tag = f"sujet {pick % 3}"
        changes: Mapping[str, Any]
        match what:
            case "tag" | "untag":
                session.act(at_work, "tag", number, tag if what == "tag" else f"-{tag}")
                changes = {"tags": before.tags | {tag} if what == "tag" else before.tags - {tag}}
            case "note":
                session.act(at_work, "note", number, f"vu {pick}")
                changes = {"note": (f"vu {pick}",)}
            case _:
                session.act(at_work, what, number)
                changes = MARKS[what]
        self.model.mark(number, **changes)
        after = self.model.stories[number].opinion
        changed = {key: getattr(before, key) for key in changes if getattr(before, key) != getattr(after, key)}
        self.model.undo.append((number, changed))

    # --- what is one story ---

    @precondition(lambda self: any(len(one.entries) > 1 for one in self.model.stories.values()))
    @rule(pick=picks, mask=picks)
    def split(self, pick: int, mask: int) -> None:
        number = pick_one([at for at, one in self.model.stories.items() if len(one.entries) > 1], pick)
        entries = sorted(self.model.stories[number].entries)
        moved = [entry for at, entry in enumerate(entries) if mask >> at & 1][: len(entries) - 1] or entries[:1]
        with open_home() as home:
            done = split_story(home, str(number), list(map(str, moved)))
        assert (set(done.moved), set(done.rest)) == (set(moved), set(entries) - set(moved))
        assert done.made != done.stays
        self.model.split(number, moved, stays=done.stays, made=done.made)

    @precondition(lambda self: len(self.model.stories) > 1)
    @rule(chosen=st.lists(picks, min_size=2, max_size=3), undone=st.booleans())
    def merge(self, chosen: list[int], undone: bool) -> None:  # noqa: FBT001 - drawn
        numbers = {self._choose(pick) for pick in chosen}
        if len(numbers) < 2:
            return
        parts = [copy.copy(self.model.stories[number]) for number in sorted(numbers)]
        with open_home() as home:
            done = put_stories_together(home, list(map(str, numbers)))
            assert done.kept == self.model.merge(numbers)
            if not undone:
                return
            for command in done.undo.split(" && "):
                self._run(home, shlex.split(command))
        for part in parts:
            (now,) = (one.opinion for one in self.model.stories.values() if one.entries == part.entries)
            # No command gives a tag to a story: those stay where all went.
            assert replace(now, tags=part.opinion.tags) == part.opinion

    def _run(self, home: Home, words: list[str]) -> None:
        """What veille tells people to type."""
        match words:
            case ["veille", "story", "split", story, *entries]:
                done = split_story(home, story, entries)
                self.model.split(self.model.find(int(story)), done.moved, stays=done.stays, made=done.made)
            case ["veille", "mark", mark, *stories]:
                for marked in mark_stories(home, mark, stories).stories:
                    self.model.mark(marked.id, **MARKS[mark])
            case ["veille", "note", story, "--", text]:
                noted = write_note(home, story, text)
                self.model.mark(noted.id, note=tuple(sorted(text.split("\n"))) if text else ())
            case _:
                raise AssertionError(words)

    # --- what is hidden ---

    @precondition(lambda self: self.words)
    @rule(pick=picks, how=st.sampled_from("add add remove disable enable".split()))
    def kill_rule(self, pick: int, how: str) -> None:
        places, kills = find_places(db=None), self.model.kills
        if how == "add":
            name, word = f"regle {len(kills)} {pick}", pick_one(self.words, pick)
            rulebook.add_rule(places, {"name": name, "match": word, "kind": "kill"})
            kills[name] = (word, True)
        elif kills:
            name = pick_one(list(kills), pick)
            if how == "remove":
                rulebook.remove_rule(places, name)
                del kills[name]
            else:
                rulebook.disable_rule(places, name, disabled=how == "disable")
                kills[name] = (kills[name][0], how == "enable")

    # --- what is safe ---

    @rule(how=st.sampled_from("back_up back_up restore restore move list_again".split()), pick=picks)
    def keep_safe(self, how: str, pick: int) -> None:
        match how:
            case "back_up":
                with open_home() as home:
                    made = make_backup(home, self.place / "backups", keep=100)
                self.backups.append((made.backup.path, copy.deepcopy(self.model)))
            case "restore" if self.backups:
                path, model = pick_one(self.backups, pick)
                restore_backup(find_places(db=None), str(path), force=True)
                self.model = copy.deepcopy(model)
            case "move":
                self._move()
            case "list_again" if self.model.list_followed():
                with open_home() as home:
                    (self.place / "own.opml").write_text(subscribe.export_list(home))
                    assert subscribe.import_list(home, str(self.place / "own.opml")).added == 0

    def _move(self) -> None:
        """Everything out as JSON Lines, and into a new home, where life goes on."""
        with open_home() as home:
            export_to(home, self.place / "all.jsonl")
        self.move_in()
        with open_home() as home:
            import_export(home, str(self.place / "all.jsonl"))
            export_to(home, self.place / "again.jsonl")
        one, other = ((self.place / name).read_text().splitlines()[1:] for name in ("all.jsonl", "again.jsonl"))
        assert one == other, f"lost: {sorted({*one} - {*other})}; made up: {sorted({*other} - {*one})}"

    # --- what must hold ---

    @invariant()
    def hold(self) -> None:
        Desk.steps += 1
        with open_home() as home:
            check_file(home)
            check_stored(home, self.model)
            check_feeds(home, self.model)
            check_lists(home, self.model)
            at = Desk.steps * _AT_A_TIME % max(1, len(self.words))
            check_words(home, self.words[at : at + _AT_A_TIME], self.model.holders())

    def _choose(self, pick: int) -> int:
        return pick_one(sorted(self.model.stories), pick)


def test_the_store_keeps_what_a_simple_model_keeps() -> None:
    if not _SECONDS:
        run_state_machine_as_test(
            Desk, settings=settings(_QUIET, max_examples=_FEW, derandomize=True, phases=[Phase.generate])
        )
        return
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        run_state_machine_as_test(Desk, settings=settings(_QUIET, max_examples=20))
        print(f"{Desk.examples} users, {Desk.steps} steps")  # noqa: T201 - asked for
