"""What a document shows to be lost, or to have been dated anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from make import NOW, make_entry
from veille.read.gaps import Told, redated, rolled_over

HOUR = timedelta(hours=1)


def test_a_document_in_which_all_is_newer_than_what_is_stored_has_rolled_over() -> None:
    entries = [make_entry(str(n), published_at=NOW + n * HOUR) for n in range(1, 4)]
    assert rolled_over(entries, {}, newest_before=NOW)
    assert not rolled_over(entries, {}, newest_before=NOW + HOUR)


@pytest.mark.parametrize("known", ["3", "old 3"])
def test_one_known_entry_shows_that_nothing_was_missed(known: str) -> None:
    entries = [make_entry(str(n), other_guid=f"old {n}", published_at=NOW + n * HOUR) for n in range(1, 4)]
    assert not rolled_over(entries, {known: (1, "print")}, newest_before=NOW)


def test_a_feed_read_for_the_first_time_has_missed_nothing() -> None:
    assert not rolled_over([make_entry("1"), make_entry("2")], {}, newest_before=None)


def test_new_names_for_old_entries_are_no_roll_over() -> None:
    entries = [make_entry("new 1", published_at=NOW - HOUR), make_entry("new 2", published_at=NOW + HOUR)]
    assert not rolled_over(entries, {}, newest_before=NOW)


def test_without_dates_nothing_known_is_enough_and_dates_that_are_there_decide() -> None:
    undated = [make_entry(str(n), published_at=None) for n in range(3)]
    assert rolled_over(undated, {}, newest_before=NOW)
    assert not rolled_over([*undated, make_entry("old", published_at=NOW - HOUR)], {}, newest_before=NOW)


@pytest.mark.parametrize("published_at", [None, NOW + HOUR])
def test_a_document_of_one_entry_always_looks_so(published_at: object) -> None:
    assert not rolled_over([make_entry("1", published_at=published_at)], {}, newest_before=NOW)
    assert not rolled_over([], {}, newest_before=NOW)


def edit(before: str = "2026-11-01", now: str = "2026-11-20", *, title: str = "Un titre") -> tuple[Told, Told]:
    return Told(before, "Un titre", "Un texte"), Told(now, title, "Un texte")


def test_all_that_was_known_dated_anew_with_its_words_is_redated() -> None:
    assert redated([edit()] * 3, known=3)


@pytest.mark.parametrize(
    "other",
    [
        edit(title="Un titre corrigé"),
        edit(now="2026-11-01"),
        edit(now=""),  # the date has gone
        edit(before=""),  # it was undated before
    ],
)
def test_one_entry_that_is_not_dated_anew_shows_that_the_others_were_corrected(other: tuple[Told, Told]) -> None:
    assert not redated([edit(), edit(), edit(), other], known=4)


def test_two_entries_or_some_of_those_known_are_not_all() -> None:
    assert not redated([edit()] * 2, known=2)
    assert not redated([edit()] * 3, known=4)
