"""The report card: two days of cron against every case of the twelve points, judged by the server's log."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import checks_rhythm as rhythm
import checks_trouble as trouble
from judge import CHECKS, grade, write_card
from trial import MINUTES, hold_trial

if TYPE_CHECKING:
    from collections.abc import Callable

    from checks_rhythm import Finding
    from trial import Trial, Visit


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """One trial for all the grades: it takes a while."""
    home = tmp_path_factory.mktemp("trial") / "veille"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VEILLE_HOME", str(home))
        for name in ("VEILLE_DB", "VEILLE_DEBUG", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            patch.delenv(name, raising=False)
        return hold_trial(home, days=2)


@pytest.mark.parametrize(("point", "asked", "check"), CHECKS, ids=[f"{point}: {asked}" for point, asked, _ in CHECKS])
def test_the_log_has_nothing_to_say_against(
    trial: Trial, point: int, asked: str, check: Callable[[Trial], Finding]
) -> None:
    told = grade(trial, point, asked, check)
    assert not told.wrong, "\n".join((told.found, *told.wrong))


def test_the_twelve_points_are_all_judged() -> None:
    assert {point for point, *_ in CHECKS} == set(range(1, 13))


def test_every_case_was_asked(trial: Trial) -> None:
    assert {visit.case for visit in trial.log} == set(trial.cases)


def without_validators(visit: Visit) -> Visit:
    headers = tuple(pair for pair in visit.request.headers if not pair[0].startswith("if-"))
    return replace(visit, request=replace(visit.request, headers=headers))


def with_header(name: str, value: bytes) -> Callable[[Visit], Visit]:
    def add(visit: Visit) -> Visit:
        return replace(visit, request=replace(visit.request, headers=(*visit.request.headers, (name, value))))

    return add


def soon_after(visit: Visit) -> Visit:
    return replace(visit, at=visit.at + MINUTES)


# One line more in the log: like the last of a case, but for one thing; and who is to find it.
TAMPERED: list[tuple[str, Callable[[Visit], Visit], Callable[[Trial], Finding]]] = [
    ("both", without_validators, rhythm.unconditional),
    ("weak", with_header("if-modified-since", b"yesterday"), rhythm.verbatim),
    ("direct", soon_after, rhythm.once_an_hour),
    ("ttl", soon_after, rhythm.rests_as_asked),
    ("gone", soon_after, trouble.stop_at_410),
    ("missing", soon_after, trouble.wait_for_people),
    ("lent-302", soon_after, trouble.keep_addresses),
    ("cookies", with_header("cookie", b"id=1"), trouble.send_no_more_than_needed),
    ("query", lambda visit: replace(visit, request=replace(visit.request, path="/query/feed")),
     trouble.ask_addresses_as_they_are),
    ("secret", with_header("authorization", b"Basic YW5uOnNlY3JldA=="), trouble.keep_secrets),
    ("page", without_validators, trouble.stand_bad_documents),
    ("private", lambda visit: replace(visit, request=replace(visit.request, path="/private/inside")),
     trouble.stay_outside),
]  # fmt: skip


@pytest.mark.parametrize(("case", "tamper", "check"), TAMPERED, ids=[case for case, *_ in TAMPERED])
def test_one_bad_line_of_the_log_is_found(
    trial: Trial, case: str, tamper: Callable[[Visit], Visit], check: Callable[[Trial], Finding]
) -> None:
    bad = tamper(trial.visits(case)[-1])
    found = grade(replace(trial, log=[*trial.log, bad]), 0, "", check)
    assert str(bad) in found.wrong
    assert "**no**" in write_card([found])
