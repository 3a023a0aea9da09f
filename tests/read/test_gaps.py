"""What a document shows to be lost, or to have been dated anew."""

from __future__ import annotations

import pytest

from veille.read.gaps import Told, redated, replaced


def told(*titles: str, at: str = "2026-11-10") -> list[Told]:
    return [Told(at, title, f"Texte de {title}") for title in titles]


@pytest.mark.parametrize("at", ["2026-11-01", "2026-11-20", ""])
def test_entries_that_are_all_others_leave_a_gap_whatever_their_dates(at: str) -> None:
    assert replaced(told("d", "e", "f", at=at), told("a", "b", "c"))


def test_of_a_feed_that_is_hardly_known_dates_must_show_the_gap() -> None:
    assert replaced(told("c", "d", at="2026-11-11"), told("a", "b"))
    assert not replaced(told("c", "d"), told("a", "b"))
    assert replaced(told("c", "d", at=""), told("a", "b"))
    assert not replaced(told("c", "d"), [])


def test_one_entry_under_a_new_name_shows_that_nothing_was_missed() -> None:
    assert not replaced(told("c", "d", at="2026-11-20"), told("a", "b", "c"))
    edited = [Told("2026-11-10", "a", "Un texte corrigé"), Told("2026-11-19", "a", "Texte de a")]
    assert [replaced([*told("d", "e"), one], told("a", "b", "c")) for one in edited] == [False, False]
    bare = [Told("", "a", "")]
    assert not replaced([*told("d"), *bare], [*told("b", "c"), *bare])
    untitled = [Told("2026-11-10", "", "Un message")]
    assert not replaced([*told("d"), *untitled], [*told("a", "b"), *untitled])
    nothing = [Told("2026-11-10", "", "")]  # no words at all are nobody's
    assert replaced([*told("d"), *nothing], [*told("a", "b"), *nothing])


@pytest.mark.parametrize("summary", ["", "Le temps du lendemain"])
def test_a_title_that_comes_back_with_each_issue_is_no_entry_that_is_known(summary: str) -> None:
    before = [Told(f"2026-11-0{day}", "La météo", "Le temps du jour") for day in (1, 2, 3)]
    assert replaced([Told(f"2026-11-0{day}", "La météo", summary) for day in (4, 5)], before)


def test_a_document_of_one_entry_replaces_nothing() -> None:
    assert not replaced(told("d", at="2026-11-20"), told("a", "b", "c"))


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
