"""`veille session` from the command line: the plan, line by line reading, what it refuses and what to use instead."""

from __future__ import annotations

import math
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from datetime import timedelta
from fcntl import ioctl
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from publisher import Answer, Publisher
from running import end_veille, start_veille, subscribe_all
from sittings import fill
from veille.app.home import open_home, read_clock
from veille.app.session import act, finish, leave, open_session, tick
from veille.times import to_stored

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

VEILLE = (sys.executable, "-m", "veille")


def play(run: Run, *lines: str, options: tuple[str, ...] = ()) -> str:
    """What a session says to these lines."""
    result = run("session", "--plain", *options, stdin="".join(f"{line}\n" for line in lines).encode())
    assert (result.code, result.err) == (0, "")
    return str(result.out)


def test_the_plan_tells_the_time_of_each_story_and_what_does_not_fit(run: Run) -> None:
    fill(8)
    result = run("session", "--plan", "--budget", "4m")
    assert len(re.findall(r"^ +\d  +1 min  \w+ gazette \d$", result.out, re.MULTILINE)) == 3
    assert "5 stories do not fit:\n" in result.out
    assert len(re.findall(r"^  - \w+ gazette \d", result.out, re.MULTILINE)) == 5
    assert result.err == "3 stories, 3 min of 4 min, 5 do not fit\n"
    assert run("session", "--plan").err == "8 stories, 0h09 of 1h45: all there is\n"


def test_a_limit_of_feeds_leaves_no_time_empty_and_is_named_where_it_leaves_stories_out(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("[session]\nper_feed = 2\n", encoding="utf-8")
    fill(6)
    for number in range(3):
        fill(1, feed=f"journal-{number}")
    assert run("session", "--plan").err.endswith(": all there is\n")
    crowded = "4 more of feeds that have 2 already: [session] per_feed"
    result = run("session", "--plan", "--budget", "6m")
    assert "not fit" not in result.out + result.err
    assert result.out.count(f"\n{crowded}:\n  - ") == 1
    assert re.search(rf"^5 stories, \d min of 6 min\n{re.escape(crowded)}\n$", result.err)
    assert crowded in play(run, "q", options=("--budget", "6m"))


def test_the_ranks_of_a_plan_can_be_typed(run: Run) -> None:
    fill(4)
    ids = [one["id"] for one in run("session", "--plan", "--json").json]
    run("top", "-n", "1")
    out = run("session", "--plan").out
    assert re.findall(r" id (\d+)", out) == [str(one) for one in ids]
    assert [run("show", str(rank), "--json").json["id"] for rank in (1, 2, 3, 4)] == ids
    run("top", "-n", "1")
    run("session", "--plan", "--json")
    assert run("show", "4").code == 2


def test_a_plan_tells_of_how_many_sources_a_story_is_and_when_the_last_came(run: Run) -> None:
    fill(1, hours=30)
    fill(1, feed="agence")
    with open_home() as home:
        assert run("story", "merge", *(str(one) for (one,) in home.db.execute("SELECT id FROM stories"))).code == 0
    out = run("session", "--plan").out
    assert re.search(r" · .*, 2 sources, the last .* · id \d+\n", out), out


def test_a_title_takes_one_line_of_a_plan(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1)
    with open_home() as home:
        home.db.execute("UPDATE entries SET title = ?", (("漢字 mot " * 100).strip(),))
    assert len(run("session", "--plan").out.splitlines()[0]) < 220
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    first, second = re.sub(r"\x1b\[[\d;]*m", "", run("session", "--plan").out).splitlines()
    assert first.endswith("…")
    assert cell_len(first) <= 60
    assert " id " in second


def test_a_reserve_that_no_rule_can_fill_is_told(run: Run, home: Path) -> None:
    (home / "config.toml").write_text('[session]\nreserve = { Marque = "5m", inconnu = "20m" }\n', encoding="utf-8")
    (home / "rules.toml").write_text('[[rule]]\nmatch = "crise"\ngroup = "marque"\n', encoding="utf-8")
    fill(3)
    said = "no rule in force has the group “inconnu”: known here are marque"
    for command in (("--plan",), ("--plan", "--json"), ("--plain",)):
        told = [one for one in run("session", *command).err.splitlines() if "reserve" in one]
        assert told == [
            f"veille: {home / 'config.toml'}:2:28: reserve: {said}",
        ]
    (home / "rules.toml").unlink()
    assert run("session", "--plan").err.count("a rule is put in one by") == 2


def test_a_plan_beside_an_open_session_says_which_it_is(run: Run) -> None:
    fill(3)
    assert "is open" not in run("session", "--plan").err
    play(run, "", "")
    told = run("session", "--plan").err.splitlines()
    assert re.fullmatch(
        r"the session of .* is open, 1 left: `veille session` goes on with it; this is the plan of a new one", told[0]
    )
    assert not run("session", "--plan", "--json").err.startswith("the session")
    with open_home() as home:
        home.db.execute("UPDATE sessions SET started_at = ?1, saved_at = ?1", (_ago(days=2),))
    assert "`veille session` closes it" in run("session", "--plan").err


def test_marks_of_another_terminal_are_in_the_plan_of_the_open_session(run: Run) -> None:
    fill(5)
    play(run, "s")
    with open_home() as home:
        session = open_session(home)
        ids = [str(slot.story_id) for slot in session.slots]
        run("mark", "kill", ids[1])
        run("mark", "later", ids[2])
        run("mark", "read", ids[3])
        act(session, "done", session.slots[0].story_id)
        assert [slot.state for slot in session.slots] == ["done", "killed", "later", "done", "todo"]
        leave(session)
    out = play(run, "p")
    for said in ("2, killed: ", "3, later: ", "4, done: ", "5, 1 min: "):
        assert said in out
    run("mark", "unkill", ids[1])
    run("mark", "unlater", ids[2])
    run("mark", "unlater", ids[3])
    run("mark", "unread", ids[0])
    with open_home() as home:
        session = open_session(home)
        assert [slot.state for slot in session.slots] == ["todo", "todo", "todo", "done", "todo"]
        leave(session)


def test_what_is_put_off_can_be_put_back(run: Run) -> None:
    fill(2)
    first, second = (one["id"] for one in run("session", "--plan", "--json").json)
    assert run("mark", "later", str(second), "--json").json[0]["later"]
    assert [one["id"] for one in run("session", "--plan", "--json").json] == [second, first]
    assert "later" not in run("mark", "unlater", str(second), "--json").json[0]
    assert [one["id"] for one in run("session", "--plan", "--json").json] == [first, second]


def test_the_plan_as_json_is_an_array_of_stories(run: Run) -> None:
    fill(3)
    result = run("session", "--plan", "--json", "--budget", "2m30s")
    first, second = result.json
    assert {"id", "title", "url", "score", "why", "sources", "read_minutes", "language", "read"} <= first.keys()
    assert (first["place"], second["place"], first["seconds"], first["chosen_for"]) == (1, 2, 67, "score")
    assert not run("session", "--plan", "--json").err.startswith("[")


def test_a_plan_begins_nothing(run: Run) -> None:
    fill(3)
    run("session", "--plan")
    with open_home() as home:
        assert home.db.execute("SELECT count(*) FROM sessions").fetchone()[0] == 0


def test_nothing_to_read_says_why(run: Run) -> None:
    result = run("session", "--plan", "--json")
    assert (result.code, result.json) == (0, [])
    assert result.err == "nothing for a session: no feeds yet: `veille import FILE` or `veille add URL`\n"
    assert run("session", "--plain").code == 1
    fill(2)
    said = run("session", "--plan", "--budget", "1m").err
    assert (
        said == "nothing fits into 1 min: give it more with --budget; `veille top --since 3d` lists the 2 there are\n"
    )


@pytest.mark.parametrize("budget", ["0", "0m", "abc", "40h", "30s", "-5m", "1000000d"])
def test_a_budget_that_is_none_is_one_line(run: Run, budget: str) -> None:
    result = run("session", "--plan", "--budget", budget)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)


def test_options_that_do_not_go_together_are_refused(run: Run) -> None:
    assert run("session", "--json").code == 2
    assert run("session", "--plan", "--plain").code == 2


def test_reserves_pins_and_what_is_let_go_are_told(run: Run, home: Path) -> None:
    (home / "config.toml").write_text('[session]\nreserve = { marque = "5m" }\n', encoding="utf-8")
    rules = '[[rule]]\nmatch = "usine"\nkind = "pin"\n[[rule]]\nmatch = "crise"\ngroup = "marque"\n'
    (home / "rules.toml").write_text(rules, encoding="utf-8")
    fill(6)
    out = run("session", "--plan").out
    assert re.search(r"1   1 min  Usine .*\n.*· pinned\n", out)
    assert re.search(r"2   1 min  Crise .*\n.*· reserve of marque\n", out)


def test_a_reserve_that_pins_leave_no_time_for_is_told(run: Run, home: Path) -> None:
    (home / "config.toml").write_text('[session]\nreserve = { marque = "5m" }\n', encoding="utf-8")
    rules = '[[rule]]\nmatch = "usine OR decret"\nkind = "pin"\n[[rule]]\nmatch = "crise"\ngroup = "marque"\n'
    (home / "rules.toml").write_text(rules, encoding="utf-8")
    fill(6)
    told = "reserve of marque: only 0 s of its 5 min: pins and what else comes before take the rest"
    pinned = sum(one["seconds"] for one in run("session", "--plan", "--json").json if one["chosen_for"] == "pin")
    tight = run("session", "--plan", "--budget", f"{math.ceil(pinned)}s")
    assert told in tight.err.splitlines()
    assert "reserve of marque" not in run("session", "--plan").err


def test_after_days_away_the_backlog_is_caught_up_with_and_the_rest_let_go(run: Run, home: Path) -> None:
    (home / "rules.toml").write_text('[[rule]]\nmatch = "agence"\nweight = 5\n', encoding="utf-8")
    fill(4)
    with open_home() as opened:
        session = open_session(opened)
        act(session, "done", session.slots[0].story_id)
        finish(session)
        opened.db.execute("UPDATE sessions SET started_at = ?1, saved_at = ?1", (_ago(days=6),))
    fill(16, feed="agence", hours=80)
    result = run("session", "--plan", "--budget", "12m")
    assert "caught up" in result.out
    assert re.search(r"\d older stories are let go: \w{3} \d\d \w{3} \d", result.out)
    assert re.search(r"of 12 min.*, \d+ let go$", result.err)


def test_what_the_plan_leaves_out_is_told_before_its_articles_are_fetched(run: Run) -> None:
    fill(8)
    told = "5 more do not fit: `veille session --plan` lists them"
    options = ("session", "--plain", "--prefetch", "--budget", "4m")
    assert run(*options, stdin=b"q\n").err.splitlines()[0] == told
    assert told not in run(*options, stdin=b"q\n").err


def _ago(**span: int) -> str:
    return to_stored(read_clock() - timedelta(**span))


def test_a_whole_session_by_lines(run: Run) -> None:
    fill(4)
    out = play(run, "s", "n à reprendre", "", "t marque", "d", "x", "l", "z", "c", "g1", "u", "?", "w", "p", "q")
    for said in (
        "a session of 1h45, 4 stories",
        "story 1 of 4\n",
        "starred: ",
        "noted: ",
        "done: ",
        "story 2 of 4\n",
        "tagged marque: ",
        "picked for the press review: ",
        "killed: ",
        "put off to the next session: ",
        "undone, later: ",
        "% of the score",
        "note: à reprendre",
        "unread: ",
        "Type the letter, then enter.",
        "+1.00 fresh",
        "2, killed: ",
        "left at ",
    ):
        assert said in out, said
    again = play(run, "", "", "", "", "e", options=("--budget", "1h45"))
    assert "the session goes on: " in again
    assert "nothing is left to read" in again
    assert "session over: 0 min of 105, 3 stories read" in again
    assert "1 starred, 1 noted, 1 picked for the press review, 1 tagged, 1 killed" in again
    assert again.endswith("veille digest\n")


def test_the_end_of_input_leaves_the_session(run: Run) -> None:
    fill(2)
    assert play(run, "").endswith("goes on here\n")
    assert "story 2 of 2" in play(run)


def test_wrong_letters_and_numbers_are_told_and_the_session_goes_on(run: Run) -> None:
    fill(2)
    out = play(run, "yes", "g 99", "g x", "/zzz", "t", "\x1b[A", "/decret", "k", "j", "-", "+")
    assert "no such letter: yes; ? lists them" in out
    assert out.count("there are stories 1 to 2") == 2
    assert "no title has “zzz”" in out
    assert "a tag is a word or a few" in out
    assert "\x1b" not in out
    assert "story 2 of 2" in out
    assert "moved up: Decret" in out


def test_a_kill_offers_a_rule_and_only_a_second_line_makes_it(run: Run, home: Path) -> None:
    fill(3)
    out = play(run, "x")
    (offered,) = re.findall(r"to hide all like it \(it hides .* of the last 14 days\), type: (xx .*)", out)
    assert not (home / "rules.toml").exists()
    assert "added" in play(run, offered)
    assert 'kind = "kill"' in (home / "rules.toml").read_text("utf-8")


def test_another_day_plans_another_session_and_says_so(run: Run) -> None:
    fill(3)
    play(run, "")
    with open_home() as home:
        home.db.execute("UPDATE sessions SET started_at = ?1, saved_at = ?1", (_ago(days=2),))
    assert "is closed (1 of 3 stories read" in play(run)


def test_a_session_elsewhere_is_told(run: Run) -> None:
    fill(2)
    with open_home() as home:
        session = open_session(home)
        result = run("session", "--plain")
        assert (result.code, result.err.count("\n")) == (4, 1)
        assert "session, process" in result.err
        leave(session)


@pytest.mark.usefixtures("home")
def test_an_interrupt_leaves_the_session_whole() -> None:
    fill(3)
    # A job in the background is started with interrupts ignored, and so would be its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen([*VEILLE, "session", "--plain"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    signal.signal(signal.SIGINT, before)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"s\n")
    process.stdin.flush()
    assert any(b"starred" in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)
    with open_home() as opened:
        assert opened.db.execute("SELECT count(*) FROM marks WHERE starred_at IS NOT NULL").fetchone()[0] == 1
        assert opened.db.execute("SELECT ended_at FROM sessions").fetchone()[0] is None


def test_no_terminal_says_what_to_use_instead(run: Run) -> None:
    fill(2)
    result = run("session")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "`veille session --plain` line by line, or `veille session --plan`" in result.err


@pytest.mark.parametrize(
    ("columns", "lines", "term", "said"),
    [(59, 24, "xterm", "59x24"), (80, 15, "xterm", "80x15"), (80, 24, "dumb", "TERM=dumb")],
)
@pytest.mark.usefixtures("home")
def test_a_terminal_that_cannot_be_drawn_on_says_what_to_use_instead(
    columns: int, lines: int, term: str, said: str
) -> None:
    parent, child = pty.openpty()
    ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    done = subprocess.run(
        [*VEILLE, "session"], stdin=child, stdout=child, stderr=subprocess.PIPE, env=os.environ | {"TERM": term},
        check=False,
    )  # fmt: skip
    os.close(child)
    os.close(parent)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert "--plain" in done.stderr.decode()


def test_a_plan_loads_neither_the_screen_nor_the_network(run: Run) -> None:
    fill(2)
    code = (
        "import sys\nfrom veille.cli.main import run_command\nrun_command(sys.argv[1:])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'textual', 'httpx', 'feedparser', 'trafilatura', 'rapidfuzz'}), file=sys.stderr)"
    )
    assert run("session", "--plan").code == 0
    for command in (("session", "--plan"), ("session", "--plain"), ("ledger",)):
        done = subprocess.run(
            [sys.executable, "-c", code, *command], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
        )
        assert done.stderr.splitlines()[-1] == "[]", command


def test_hostile_titles_reach_no_terminal(run: Run) -> None:
    fill(1)
    with open_home() as home:
        title = "Alerte \x1b]0;pris\x07 \u202eetrange 漢字 🎉"
        home.db.execute("UPDATE entries SET title = ?, summary = ?", (title, "\x1b[2J texte"))
    for out in (run("session", "--plan").out, play(run, "s", "p", "e")):
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "漢字 🎉" in out


def test_marks_by_hand_kill_put_off_and_pick(run: Run) -> None:
    fill(3)
    first, second, third = (one["id"] for one in run("top", "--json").json)
    assert run("mark", "kill", str(first), "--json").json[0]["killed"]
    run("mark", "later", str(second))
    run("mark", "pick", str(third))
    assert [one["id"] for one in run("top", "--json").json] == [second, third]
    assert [one["id"] for one in run("top", "--only", "is:unread", "--all", "--json").json] == [second, third]
    assert run("session", "--plan", "--json").json[0]["id"] == second
    assert "killed" not in run("mark", "unkill", str(first), "--json").json[0]
    assert "picked" not in run("mark", "unpick", str(third), "--json").json[0]
    assert len(run("top", "--json").json) == 3


def test_time_spent_shows_in_the_ledger(run: Run) -> None:
    fill(2)
    with open_home() as home:
        session = open_session(home)
        tick(session, 60, session.slots[0].story_id)
        leave(session)
    assert "1 session, 1 min" in run("ledger").out


SENTENCES = [f"The council adopted measure number {n} on Tuesday evening, in spite of the minority." for n in range(9)]


@pytest.fixture
def paper(run: Run, publisher: Publisher) -> Publisher:
    """A publisher of one story whose feed gives its first sentence only."""
    link = publisher.url("/page")
    item = f"<item><title>Budget</title><link>{link}</link><description>Adopted.</description></item>"
    document = f"<rss version='2.0'><channel><title>F</title>{item}</channel></rss>"
    subscribe_all([publisher.serve("/feed", Answer(body=document.encode()))])
    assert run("fetch").code == 0
    body = "".join(f"<p>{one}</p>" for one in SENTENCES)
    html = f"<!doctype html><html><body><article>{body}</article></body></html>"
    publisher.serve("/page", Answer(body=html.encode(), headers=(("Content-Type", "text/html"),)))
    return publisher


def test_the_full_text_is_told_on_demand_and_counts_for_the_next_plan(run: Run, paper: Publisher) -> None:
    glance = run("session", "--plan", "--json").json[0]["seconds"]
    assert not paper.asked("/page")
    assert SENTENCES[-1] in play(run, "f")
    assert run("session", "--plan", "--json").json[0]["seconds"] > 2 * glance
    paper.serve("/page", Answer(status=404))
    assert len(paper.asked("/page")) == 1


def test_articles_are_fetched_for_the_whole_plan_only_when_asked(run: Run, paper: Publisher) -> None:
    result = run("session", "--plain", "--prefetch", stdin=b"e\n")
    assert (result.code, result.err) == (0, "1 of 1 articles are here in full\n")
    assert "a session of" in result.out or "goes on" in result.out
    assert run("session", "--plan", "--prefetch").err.startswith("1 of 1 articles")
    assert len(paper.asked("/page")) == 1


def test_articles_that_cannot_be_had_are_counted_by_reason(run: Run, paper: Publisher) -> None:
    paper.serve("/page", Answer(status=404))
    told = run("session", "--plan", "--prefetch").err.splitlines()[0]
    assert told == "0 of 1 articles are here in full (1 not: there is nothing at this address (404))"


def test_a_page_that_cannot_be_had_is_one_line(run: Run, paper: Publisher) -> None:
    paper.serve("/page", Answer(status=404))
    assert "no full text: " in play(run, "f", "s")


def test_a_story_without_an_address_or_a_browser_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1)
    monkeypatch.setenv("BROWSER", "true")
    # It is looked for anew: another test may have had another.
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setattr("webbrowser._browsers", {})
    assert "opened: " in play(run, "o")
    with open_home() as home:
        home.db.execute("UPDATE entries SET url = 'file:///etc/passwd'")
    assert "this story has no web address" in play(run, "o")


@pytest.mark.usefixtures("home")
def test_a_fetch_that_runs_beside_a_session_disturbs_neither(publisher: Publisher) -> None:
    fill(6)
    items = "".join(f"<item><guid>{n}</guid><title>Usine gazette {n}</title></item>" for n in range(30))
    document = f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>"
    subscribe_all([publisher.serve(f"/{n}", Answer(body=document.encode(), wait=0.05)) for n in range(12)])
    with open_home() as home:
        # Nobody is at this address: it is not due.
        home.db.execute("UPDATE feed_states SET next_fetch_at = '2999-01-01T00:00:00Z' WHERE feed_id = 1")
        session = open_session(home)
        fetching = start_veille("fetch", "-q")
        number = 0
        while fetching.poll() is None or number < 50:
            story = session.slots[number % len(session.slots)].story_id
            act(session, "note", story, f"note {number}")
            number += 1
        assert end_veille(fetching)[0] == 0
        assert home.db.execute("SELECT count(*) FROM entries").fetchone()[0] == 6 + 12 * 30
        stored = home.db.execute("SELECT count(*) FROM session_actions").fetchone()[0]
        assert stored == number
        leave(session)


def test_bytes_that_are_no_text_are_no_fault(home: Path) -> None:
    fill(4)
    done = subprocess.run(
        [sys.executable, "-m", "veille", "session", "--plain"],
        input=b"n caf\xe9\ns\nq\n",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"noted" in done.stdout
    assert home
