"""New, edited, unchanged: whatever names entries bear, no stored one is claimed twice."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW, make_entry, make_raw
from veille.parsed import ParsedEntry
from veille.read.changes import Known, decide_changes
from veille.read.normalise import normalise_entries


class Stored:
    """What a feed has stored: applies changes as a database would, and refuses what that would refuse."""

    def __init__(self) -> None:
        self.by_id: dict[int, tuple[str, ParsedEntry]] = {}

    def take(self, *entries: ParsedEntry) -> tuple[list[str], list[str]]:
        """Titles of new and of edited entries."""
        known: dict[str, Known] = {guid: (id_, entry.fingerprint) for id_, (guid, entry) in self.by_id.items()}
        new, edited = [], []
        for change in decide_changes(entries, known):
            if change.entry_id is None:
                assert change.entry.guid not in known, "a guid is stored once"
                known[change.entry.guid] = (-1, "")
                self.by_id[len(self.by_id) + 1] = (change.entry.guid, change.entry)
                new.append(change.entry.title)
            else:
                guid, _ = self.by_id[change.entry_id]
                self.by_id[change.entry_id] = (guid, change.entry)
                edited.append(change.entry.title)
        return new, edited

    def read(self, *titles: str) -> tuple[list[str], list[str]]:
        """Takes a document whose entries all bear one guid."""
        raw = [make_raw(guid="g", title=title, link=f"https://a.example/{title}") for title in titles]
        entries, _ = normalise_entries(raw, now=NOW)
        return self.take(*entries)


def test_an_unknown_guid_is_new_and_a_known_one_is_edited_or_unchanged() -> None:
    same, other, new = make_entry("a"), make_entry("b", title="Avant"), make_entry("c")
    known: dict[str, Known] = {"a": (1, same.fingerprint), "b": (2, "another")}
    changes = decide_changes([new, other, same], known)
    assert [(change.entry.guid, change.entry_id) for change in changes] == [("c", None), ("b", 2)]


def test_nothing_known_makes_all_new() -> None:
    assert [change.entry_id for change in decide_changes([make_entry("a"), make_entry("b")], {})] == [None, None]
    assert decide_changes([], {"a": (1, "")}) == []


def test_an_entry_is_recognised_by_its_other_name() -> None:
    entry = make_entry("a", other_guid="a#1")
    assert decide_changes([entry], {"a#1": (7, entry.fingerprint)}) == []
    assert decide_changes([replace(entry, fingerprint="new")], {"a#1": (7, "old")})[0].entry_id == 7


def test_the_longer_name_says_more_than_the_one_that_is_shared() -> None:
    entry = make_entry("a", other_guid="a#1", fingerprint="new")
    assert decide_changes([entry], {"a": (1, "one"), "a#1": (2, "two")})[0].entry_id == 2


def test_an_entry_joined_by_a_namesake_stays_itself() -> None:
    stored = Stored()
    assert stored.read("Un") == (["Un"], [])
    assert stored.read("Deux", "Un") == (["Deux"], [])
    assert stored.read("Deux", "Un") == ([], [])
    assert stored.read("Deux") == ([], [])
    assert stored.read("Un") == ([], [])
    assert [entry.title for _, entry in stored.by_id.values()] == ["Un", "Deux"]


def test_entries_whose_namesakes_leave_stay_themselves() -> None:
    stored = Stored()
    assert stored.read("Un", "Deux", "Trois") == (["Un", "Deux", "Trois"], [])
    for titles in (["Trois"], ["Un"], ["Deux", "Trois"], ["Un", "Deux", "Trois"]):
        assert stored.read(*titles) == ([], [])


def test_one_guid_with_a_new_title_is_an_edit() -> None:
    stored = Stored()
    stored.read("Avant")
    assert stored.read("Après") == ([], ["Après"])
    assert stored.read("Après") == ([], [])


@pytest.mark.parametrize("order", [("g", "g#1"), ("g#1", "g")])
def test_a_stored_entry_is_claimed_once(order: tuple[str, str]) -> None:
    """Two entries of a document, one under the other's longer name: a guid made to look so."""
    first = make_entry(order[0], other_guid=order[1], fingerprint="one")
    second = make_entry("g#1#2", other_guid="g#1", fingerprint="two")
    changes = decide_changes([first, second], {"g#1": (1, "old")})
    assert [change.entry_id for change in changes if change.entry_id] == [1]


def test_an_entry_whose_only_place_is_taken_is_left_alone() -> None:
    """Its guid is stored: it could not be added either."""
    thief = make_entry("x", other_guid="longer name", fingerprint="new")
    robbed = make_entry("longer name", fingerprint="new")
    changes = decide_changes([thief, robbed], {"longer name": (1, "old")})
    assert [(change.entry.guid, change.entry_id) for change in changes] == [("x", 1)]


TITLES = st.lists(st.sampled_from("ABCDE"), max_size=4)


@given(st.lists(TITLES, min_size=1, max_size=8))
def test_whatever_documents_follow_each_other_reading_one_twice_changes_nothing(documents: list[list[str]]) -> None:
    stored = Stored()
    for titles in documents:
        stored.read(*titles)
        assert stored.read(*titles) == ([], [])
    guids = [guid for guid, _ in stored.by_id.values()]
    assert len(set(guids)) == len(guids)
