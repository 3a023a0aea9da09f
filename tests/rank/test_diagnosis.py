"""Findings on rules: each kind where it is due, none where a rule does its work."""

from __future__ import annotations

import shlex
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from make import make_rule
from veille.rank.diagnosis import Record, examine_rules, list_wider, quote_name
from veille.rank.printing import print_query
from veille.rank.query import parse_query

if TYPE_CHECKING:
    from veille.rank.findings import Finding
    from veille.rank.rules import Rule

TODAY = date(2026, 11, 20)
# Entries of three feeds.
SOME = {number: number % 3 for number in range(10)}


def record(rule: Rule | None = None, matched: dict[int, int] | None = None, **fields: Any) -> Record:
    return Record(rule=rule or make_rule("crise"), matched=SOME if matched is None else matched, **fields)


def findings(*records: Record, entries: int = 1000, feeds: int = 3) -> list[tuple[Finding, ...]]:
    return [one.findings for one in examine_rules(records, entries=entries, feeds=feeds, today=TODAY)]


def kinds(*records: Record, **fields: int) -> list[list[str]]:
    return [[one.kind for one in row] for row in findings(*records, **fields)]


def test_a_rule_that_does_its_work_has_no_finding() -> None:
    (checkup,) = examine_rules([record(moves=True)], entries=1000, feeds=3, today=TODAY)
    assert (checkup.findings, checkup.matched) == ((), 10)


def test_silence_is_told_with_the_form_that_would_find_most() -> None:
    ((silent,),) = findings(record(matched={}, wider=[("crises in any form", 2), ("crise in any form", 7)]))
    assert (silent.kind, silent.words) == ("silent", "nothing matched in 30 days")
    assert silent.fix == "crise in any form would add 7: veille rules edit crise --match '...'"
    ((plain,),) = findings(record(matched={}, wider=[("x in any form", 0)]))
    assert plain.fix.startswith("check its spelling")


def test_nothing_published_is_no_silence_of_the_rule() -> None:
    assert kinds(record(matched={}), entries=0) == [[]]


def test_noise_is_a_share_of_enough_entries() -> None:
    ((noisy,),) = findings(record(matched={number: number % 3 for number in range(26)}), entries=100)
    assert (noisy.kind, noisy.figures) == ("noisy", {"share": 0.26})
    assert kinds(record(matched={number: number % 3 for number in range(25)}), entries=100) == [[]]
    assert kinds(record(), entries=39) == [[]]


def test_rules_out_of_force_are_told_and_not_judged() -> None:
    off, ended = make_rule("crise", disabled=True), make_rule("fuite", until=date(2026, 11, 19))
    assert kinds(record(off, {}), record(ended, {}), record(make_rule("x", until=TODAY))) == [
        ["disabled"], ["expired"], [],
    ]  # fmt: skip


def test_a_rule_that_moves_nothing_is_idle_each_kind_in_its_way() -> None:
    boost, kill, pin = (make_rule("crise", kind=kind, weight=3.0) for kind in ("boost", "kill", "pin"))
    rows = [findings(record(rule, moves=False))[0][0] for rule in (boost, kill, pin)]
    assert [one.kind for one in rows] == ["idle"] * 3
    assert rows[0].fix == "give it more weight: veille rules edit crise --weight 6"
    assert "hid no story in 7 days" in rows[1].words
    assert "comes first already" in rows[2].words
    assert kinds(record(make_rule("crise", kind="note", note="x"), moves=False)) == [[]]
    assert kinds(record(moves=None)) == [[]]


@pytest.mark.parametrize(("weight", "told"), [(0.0, "1"), (-2.0, "-4"), (900.0, "1000")])
def test_the_weight_that_is_proposed_can_be_written(weight: float, told: str) -> None:
    ((idle,),) = findings(record(make_rule("crise", weight=weight), moves=False))
    assert idle.fix.endswith(f"--weight {told}")


def test_a_rule_is_shadowed_by_one_that_hides_all_that_it_matches() -> None:
    kill = record(make_rule("sport", kind="kill"), SOME | {99: 1})
    assert findings(record(), kill)[0][0].words == "all that it matches is hidden by “sport”"
    assert kinds(record(matched={98: 1}), kill) == [[], []]


def test_of_two_that_match_the_same_the_later_is_shadowed() -> None:
    first, second = record(make_rule("crise")), record(make_rule("=crise"))
    assert kinds(first, second) == [[], ["shadowed"]]
    few = {1: 1, 2: 2}
    assert kinds(record(make_rule("crise"), few), record(make_rule("=crise"), few)) == [[], []]
    twins = (record(make_rule("crise", name=name), few) for name in ("a", "b"))
    assert kinds(*twins) == [[], ["shadowed"]]


def test_kill_rules_and_pins_are_shadowed_by_wider_ones_of_their_kind() -> None:
    for kind in ("kill", "pin"):
        narrow, wide = make_rule("crise", kind=kind), make_rule("cris*", kind=kind)
        assert kinds(record(narrow, {1: 1}), record(wide)) == [["shadowed"], []]


def test_rules_out_of_force_and_notes_cast_no_shadow() -> None:
    off = record(make_rule("sport", kind="kill", disabled=True), SOME)
    ended = record(make_rule("jeu", kind="kill", until=date(2026, 1, 1)), SOME)
    notes = [record(make_rule(name, kind="note", note="x")) for name in ("a", "b")]
    assert kinds(record(), off, ended, *notes) == [[], ["disabled"], ["expired"], [], []]


def test_one_feed_alone_is_told_where_there_are_others() -> None:
    one = dict.fromkeys(range(5), 7)
    ((finding,),) = findings(record(matched=one))
    assert (finding.kind, finding.figures) == ("one feed", {"feed_id": 7})
    assert kinds(record(matched=one), feeds=1) == [[]]
    assert kinds(record(matched=dict.fromkeys(range(4), 7))) == [[]]


def test_slow_patterns_and_narrow_forms_are_told_with_their_figures() -> None:
    ((slow, narrow),) = findings(record(seconds=0.62, wider=[("crise in any form", 1), ("x in any form", 0)]))
    assert (slow.kind, slow.words) == ("slow", "its pattern takes 0.6 s")
    assert (narrow.kind, narrow.words) == ("narrow", "crise in any form would add 1 to 10")
    wide = {number: number % 3 for number in range(100)}
    assert kinds(record(matched=wide, wider=[("crise in any form", 9)])) == [[]]


@pytest.mark.parametrize(
    ("query", "wider"),
    [
        ("=crises", {"crises in any form": "crises"}),
        ('"avis clients" fuite', {"avis clients in any form": "avis NEAR/0 clients fuite"}),
        ("title:=crise OR =fuite", {
            "crise in any form": "title:crise OR =fuite", "fuite in any form": "title:=crise OR fuite",
        }),
        ("/réput/", {"/reput/, without accents": "/réput/ OR /reput/"}),
        ("crise -=fuite cris* /reput/ lang:fr", {}),
        ('"la crise de 2026"', {}),
    ],
)  # fmt: skip
def test_wider_forms_change_one_leaf_each(query: str, wider: dict[str, str]) -> None:
    found = {what: print_query(one) for what, one in list_wider(parse_query(query).expression)}
    assert found == {what: print_query(parse_query(text).expression) for what, text in wider.items()}


@pytest.mark.parametrize("name", ["marque", "avis clients", "l'e-réputation", '"x" $y', "a;b"])
def test_names_are_quoted_as_a_shell_reads_them(name: str) -> None:
    assert shlex.split(quote_name(name)) == [name]
