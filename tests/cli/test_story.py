"""`veille story`: show, why, split, merge, as people type them."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stored import NOW, entry, store, subscribe
from veille.app.home import open_home
from veille.show.stories import span_of

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

EVENT = "Le maire de Nantes annonce sa démission du conseil"
HOUR = timedelta(hours=1)


@pytest.fixture
def three(run: Run) -> Run:
    """Three copies of one article, the second 14 minutes after the first, the third a day and an hour; another one."""
    with open_home() as home:
        for place, after in enumerate((timedelta(0), timedelta(minutes=14), 25 * HOUR)):
            feed_id = subscribe(home.db, f"f{place}", title=f"Feed {place}")
            url = f"http://f{place}.example/1"
            store(home.db, feed_id, entry("1", EVENT, url=url, published_at=NOW - 30 * HOUR + after))
        other = entry("1", "Un panda naît au zoo de Beauval", url="http://f3.example/1")
        store(home.db, subscribe(home.db, "f3", title="Feed 3"), other)
    return run


def test_the_sources_are_shown_by_date_with_who_was_first(three: Run) -> None:
    lines = three("story", "1001").out.splitlines()
    assert lines[:3] == [
        EVENT,
        "story 1000 · 3 sources · 3 outlets · Feed 0 first, 14 min before Feed 1 · 1 d 1 h from first to last",
        "",
    ]
    told = [line[26:] for line in lines[3:]]
    assert told == [
        f"  Feed 0: {EVENT}  id 1000, the lead",
        f"      copy · Feed 1: {EVENT}  id 1001",
        f"      copy · Feed 2: {EVENT}  id 1002",
    ]
    assert [line[14:26].strip() for line in lines[3:]] == ["", "+14 min", "+1 d 1 h"]


def test_one_source_is_first_of_nobody(three: Run) -> None:
    lines = three("story", "1003").out.splitlines()
    assert lines[1] == "story 1003 · 1 source"
    assert lines[3].endswith("Feed 3: Un panda naît au zoo de Beauval  id 1003")


def test_json_has_the_lead_first_and_a_timeline(three: Run) -> None:
    record = three("story", "--json", "1000").json
    assert record == three("story", "show", "1000", "--json").json
    assert set(record) == {
        "id", "title", "first_at", "spread_seconds", "outlets", "first", "second", "ahead_seconds", "sources",
        "timeline", "read", "starred", "note",
    }  # fmt: skip
    assert (record["id"], record["spread_seconds"], record["ahead_seconds"]) == (1000, 90000, 840)
    assert (record["first"]["feed"], record["second"]["feed"]) == ("Feed 0", "Feed 1")
    assert [one["duplicate_of"] for one in record["sources"]] == [None, 1000, 1000]
    assert [one["after_seconds"] for one in record["timeline"]] == [0, 840, 90000]


@pytest.mark.parametrize("asked", [("story", "-h"), ("story", "--help")])
def test_help_tells_of_all_four(run: Run, asked: tuple[str, ...]) -> None:
    shown = run(*asked)
    assert shown.code == 0
    assert all(f"veille story {what}" in shown.out for what in ("1 ", "why 1 2", "split 1042", "merge 1 2"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("story",), "veille story show: Missing argument 'ID'"),
        (("story", "bogus"), "veille: “bogus” is not a story number"),
        (("story", "77"), "veille: the last list shown has no rank 77"),
        (("story", "split", "1000"), "veille story split: Missing argument 'ENTRY...'"),
        (("story", "split", "1000", "1000", "1001", "1002"), "veille: these are all the entries of story 1000"),
        (("story", "merge", "1000", "1002"), "veille: all of these are story 1000 already"),
        (("story", "merge", "1002"), "veille: this is story 1000 already: name another"),
        (("story", "merge", "1000", "0"), "veille: the last list shown has no rank 0"),
        (("story", "split", "1000", "--", "-1"), "veille: “-1” is no entry of story 1000: `veille story 1000` shows"),
        (("story", "split", "1000", "9" * 60), "veille: “9999999"),
        (("story", "why", "1000"), "veille story why: Missing argument 'B'"),
        (("story", "why", "1000", "1000"), "veille: both mean entry 1000: name two that `veille story 1000` shows"),
        (("story", "why", "1000", "9" * 60), "veille: “9999999"),
        (("story", "why", "\x1b[31m1", "1003"), "veille: “[31m1” is not a story number"),
        (("story", "merge", "1000", "\x9b31m"), "veille: “31m” is not a story number"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(three: Run, asked: tuple[str, ...], said: str) -> None:
    done = three(*asked)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1
    assert done.err.isprintable() or done.err.rstrip("\n").isprintable()


def test_a_split_and_its_undoing(three: Run) -> None:
    three("top", "--since", "2026-11-01")
    before = three("story", "1000", "--json").json
    done = three("story", "split", "1000", "1002", "1001")
    assert done.out.splitlines() == [
        "split off as story 1001, 2 sources:",
        f"  1001 Feed 1: {EVENT}",
        f"  1002 Feed 2: {EVENT}",
        f"story 1000 stays, 1 source: {EVENT}",
        "to undo: veille story merge 1000 1001",
    ]
    assert three("story", "1001", "--json").json["sources"][1]["duplicate_of"] == 1001
    why = three("story", "why", "1000", "1001").out
    assert why.startswith("1000 and 1001 are in two stories (1000 and 1001): set apart by you on 20")
    assert why.count("\n") == 1
    undone = three("story", "merge", "1001", "1000")
    assert undone.out.splitlines() == [
        f"story 1000, now of 3 sources: {EVENT}",
        "joined by:",
        f"  1001 {EVENT}",
        "to undo (what is split stays apart for ever): veille story split 1000 1001 1002",
    ]
    assert three("story", "1000", "--json").json == before


def test_why_in_json_has_the_figures(three: Run) -> None:
    found = three("story", "why", "1000", "1003", "--json").json
    assert not found["together"]
    assert [one["story_id"] for one in found["entries"]] == [1000, 1003]
    assert (found["shared"], found["facts"], found["hours"]) == ([], [], 30.0)
    assert three("story", "why", "1000", "1002", "--json").json["together"]


def test_weights_choose_the_lead_wherever_a_story_is_shown(three: Run, home: Path) -> None:
    three("story", "split", "1000", "1001")
    three("story", "merge", "1000", "1003")
    assert three("story", "1000", "--json").json["sources"][0]["entry_id"] == 1000
    (home / "rules.toml").write_text('[weights.feeds]\n"http://f3.example/feed" = 2\n', "utf-8")
    led = [
        three(*asked, "--json").json
        for asked in (("story", "1000"), ("show", "1000"), ("top", "--since", "2026-11-01"))
    ]
    assert led[0]["sources"][0]["entry_id"] == led[1]["sources"][0]["entry_id"] == 1003
    assert next(one for one in led[2] if one["id"] == 1000)["title"] == "Un panda naît au zoo de Beauval"
    assert "Un panda" in three("mark", "star", "1000").out


def test_a_kill_rule_looks_at_the_lead_that_weights_choose(three: Run, home: Path) -> None:
    three("story", "merge", "1000", "1003")
    rule = '[[rule]]\nname = "zoo"\nkind = "kill"\nmatch = "panda"\n'
    (home / "rules.toml").write_text(rule, "utf-8")
    assert len(three("top", "--since", "2026-11-01", "--json").json) == 1
    (home / "rules.toml").write_text(f'{rule}[weights.feeds]\n"http://f3.example/feed" = 2\n', "utf-8")
    assert three("top", "--since", "2026-11-01", "--json").json == []


def test_rules_that_are_wrong_keep_nobody_from_splitting(three: Run, home: Path) -> None:
    (home / "rules.toml").write_text("[[rule]\n", "utf-8")
    assert three("story", "split", "1000", "1001").code == 0
    assert three("story", "1000").code == 0
    assert three("mark", "read", "1000").code == 0


def test_matches_of_rules_follow_their_entries(three: Run, home: Path) -> None:
    (home / "rules.toml").write_text('[[rule]]\nname = "m"\nmatch = "panda"\nweight = 7\n', "utf-8")
    three("story", "merge", "1000", "1003")
    (story,) = three("top", "--since", "2026-11-01", "--json").json
    assert [part["points"] for part in story["why"] if part["rule"] == "m"] == [7.0]
    three("story", "split", "1000", "1003")
    told = {
        one["id"]: [part["rule"] for part in one["why"]] for one in three("top", "--since", "2026-11-01", "--json").json
    }
    assert "m" in told[1003]
    assert "m" not in told[1000]


def test_config_shows_the_keys_of_folding(run: Run, home: Path) -> None:
    (home / "config.toml").write_text('[fold]\napart = ["Presse", "L\'Œil"]\nrevive = false\n', "utf-8")
    rows = {row["key"]: (row["value"], row["source"].rpartition(":")[2]) for row in run("config", "--json").json}
    assert rows["fold.apart"] == (["Presse", "L'Œil"], "2")
    assert rows["fold.revive"] == (False, "3")
    assert rows["fold.agreement"] == (0.55, "default")
    assert "fold.apart" in run("config").out


def test_two_that_are_first_at_once_are_told(run: Run) -> None:
    with open_home() as home:
        for name in ("a", "b"):
            url = f"http://{name}.example/1"
            store(home.db, subscribe(home.db, name, title=name.upper()), entry("1", EVENT, url=url))
    assert run("story", "1000").out.splitlines()[1] == "story 1000 · 2 sources · 2 outlets · A and B first, at once"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"), (59, "59 s"), (60, "1 min"), (119, "1 min"), (3600, "1 h"), (11100, "3 h 5 min"), (86400, "1 d"),
        (90061, "1 d 1 h"),
    ],
)  # fmt: skip
def test_spans_are_told_in_their_two_largest_units(seconds: int, shown: str) -> None:
    assert span_of(timedelta(seconds=seconds)) == shown


# --- what brought two together, and undoing --------------------------------------


BOTH = "Nantes : le maire Rolland démissionne, la préfète Kerbrat convoque un scrutin"
ENDS = ("Nantes : le maire Rolland démissionne", "La préfète Kerbrat convoque un scrutin")


def test_the_third_that_brought_two_together_is_named_with_the_body_of_the_story(run: Run) -> None:
    with open_home() as home:
        for place, title in enumerate((*ENDS, BOTH)):
            store(home.db, subscribe(home.db, f"f{place}"), entry("1", title, url=f"http://f{place}.example/1"))
    told = run("story", "why", "1000", "1001")
    assert (told.code, told.err, told.out.count("\n")) == (0, "", 1)
    assert (
        "one story (1000): brought together by 1002 “Nantes : le maire Rolland démissionne, la préfète Kerbrat…” (0."
        in told.out
    )
    assert "; agreement with the other entry of the story 0." in told.out
    assert told.out.index("brought together") < told.out.index("; chance 0.")
    bond = run("story", "why", "1000", "1001", "--json").json["bond"]
    assert bond["through"] == [{"entry_id": 1002, "title": BOTH}]
    assert (len(bond["links"]), bond["others"], len(bond["agreement_with_others"])) == (2, 1, 2)


def test_of_two_stories_of_several_the_average_is_told(three: Run) -> None:
    assert ": the two stories agree 0.00 on average; chance" in three("story", "why", "1000", "1003").out
    found = three("story", "why", "1000", "1003", "--json").json
    assert found["bond"] is None
    assert 0 <= found["stories_agreement"] < 0.05
    three("story", "split", "1000", "1001")
    three("story", "split", "1000", "1002")
    assert three("story", "why", "1001", "1002", "--json").json["stories_agreement"] is None


def states(run: Run, *stories: str) -> list[object]:
    found = [run("story", one, "--json").json for one in stories]
    return [
        (one["id"], one["read"], one["starred"], one["note"], [s["entry_id"] for s in one["sources"]]) for one in found
    ]


@pytest.mark.parametrize(
    "before",
    [
        [],
        [("mark", "star", "1003"), ("note", "1003", "l'autre; $HOME\n`deux`")],
        [("mark", "star", "1000"), ("note", "1000", "une"), ("note", "1003", "deux")],
        [("mark", "read", "1000")],
        [("mark", "read", "1003"), ("mark", "star", "1000", "1003")],
        [("mark", "read", "1000", "1003"), ("note", "1000", "une")],
        # Stories whose numbers are not those of their entries.
        [("story", "split", "1000", "1000", "1001"), ("mark", "star", "1001"), ("note", "1000", "à suivre")],
        [("story", "split", "1000", "1000"), ("mark", "read", "1000"), ("mark", "star", "1001")],
    ],
)
def test_the_undo_of_a_merge_gives_marks_and_notes_back(three: Run, before: list[tuple[str, ...]]) -> None:
    three("top", "--since", "2026-11-01")
    for asked in before:
        assert three(*asked).code == 0
    names = ["1000", "1001", "1003"]
    kept = states(three, *names)
    done = three("story", "merge", *names) if kept[0] != kept[1] else three("story", "merge", "1000", "1003")
    undo = done.out.partition("to undo (what is split stays apart for ever): ")[2]
    for command in undo.split(" && "):
        assert three(*shlex.split(command)[1:]).code == 0
    assert states(three, *names) == kept


def test_a_split_of_many_names_the_first_ten(run: Run) -> None:
    with open_home() as home:
        for place in range(13):
            store(home.db, subscribe(home.db, f"f{place}"), entry("1", EVENT, url=f"http://f{place}.example/1"))
    lines = run("story", "split", "1000", *(str(1000 + number) for number in range(1, 13))).out.splitlines()
    assert lines[0] == "split off as story 1001, 12 sources:"
    assert [line.split()[0] for line in lines[1:11]] == [str(number) for number in range(1001, 1011)]
    assert lines[11:13] == ["  and 2 more", f"story 1000 stays, 1 source: {EVENT}"]


def test_hostile_titles_are_text_wherever_a_story_is_told(run: Run) -> None:
    hostile = "Démission \x1b[31m\x9b2J[bold]à\u202e Nantes\x07 de Kerbrat"
    with open_home() as home:
        for place in range(3):
            feed_id = subscribe(home.db, f"f{place}", title="\x1b]0;x\x07F[red]")
            store(home.db, feed_id, entry("1", f"{hostile} {place}", url=f"http://f{place}.example/1"))
    for asked in (
        ("merge", "1000", "1001", "1002"), ("why", "1000", "1001"), ("show", "1000"), ("split", "1000", "1001"),
        ("why", "1000", "1001"), ("merge", "1000", "1001"),
    ):  # fmt: skip
        done = run("story", *asked)
        assert done.out.replace("\n", "").isprintable(), asked
        assert "[bold]" in done.out or asked[0] == "why"


def test_a_removed_feeds_entries_are_still_told_of_and_purged_ones_are_unknown(three: Run) -> None:
    three("story", "1000")
    three("remove", "http://f0.example/feed")
    assert "Feed 0 first" in three("story", "1000").out
    assert three("story", "why", "1000", "1002").code == 0
    three("remove", "http://f1.example/feed", "--purge")
    for asked in (("1001",), ("why", "1000", "1001"), ("merge", "1000", "1001"), ("why", "1001", "1000")):
        done = three("story", *asked)
        assert (done.code, done.err) == (
            2, "veille: no story has the id 1001: see `veille top --all` or `veille search`\n"
        )  # fmt: skip
    assert three("story", "split", "1000", "1001").code == 2


# --- settings of folding -----------------------------------------------------------


@pytest.mark.parametrize(
    ("apart", "folder", "said"),
    [
        ("Blog", "Blogs", "no feed is in a folder “Blog”: did you mean Blogs?"),
        ("Sport", "Blogs", "no feed is in a folder “Sport”: known here are Blogs"),
        ("Sport", "", "no feed is in a folder “Sport”: feeds are put in one by `veille folder`"),
        ("Blog", "Blogs/Locaux", "no feed is in a folder “Blog”: did you mean Blogs?"),
        ("blogs", "Blogs/Locaux", ""),
    ],
)
def test_a_folder_kept_apart_that_is_not_there_is_told_with_its_place(
    run: Run, home: Path, apart: str, folder: str, said: str
) -> None:
    config = home / "config.toml"
    config.write_text(f'[fold]\nwindow = "2d"\n  apart = ["{apart}"]\n', "utf-8")
    assert "no feed" not in run("config").err
    with open_home() as opened:
        assert "no feed" not in run("config").err
        subscribe(opened.db, "a", folder=folder)
    expected = [f"veille: {config}:3:3: apart: {said}"] if said else []
    for asked in (("config",), ("config", "--json"), ("fetch", "--folder", folder or "x")):
        assert [line for line in run(*asked).err.splitlines() if "apart:" in line] == (
            expected if asked[0] == "config" or folder else []
        )
    assert "apart" not in run("fetch", "-q").err


def test_config_says_that_settings_of_folding_are_for_what_comes(run: Run, home: Path) -> None:
    said = "[fold] counts for entries that are folded from now on; what is in a story stays there\n"
    assert run("config").err == ""
    (home / "config.toml").write_text("[fold]\nrevive = false\n", "utf-8")
    assert run("config").err == said
    assert run("config", "--json").err == ""
