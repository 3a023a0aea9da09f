"""The desk as whole processes over large archives: `top`, `top --kw`, `search`, a rule added, rules at a fetch.

In: sizes; the archives are written straight into veille's tables (`archive.py`). Out: Markdown, in ratios to a bare
start of Python and to newsboat's start on the same entries. A command that fails or finds nothing is void.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from archive import DENSITY, fill_archive, list_rules, open_archive, write_rules
from measure import Cost, describe, describe_machine, run_measured, write_table
from peers import program_environment, veille_command
from veille.rank.rulereader import read_rules
from veille.store.matches import update_matches

if TYPE_CHECKING:
    from collections.abc import Iterator

BARE = "python -c pass"
RULES = 50
_MANY_RULES = 200
_NEW = 15_000
_STALE_SECONDS = 6 * 3600
# What is asked of each command, in starts of bare Python, by the number of entries.
_TARGETS = {
    "top": {100_000: 20.0},
    "top --kw": {100_000: 25.0, 1_000_000: 35.0},
    "search": {100_000: 25.0, 1_000_000: 35.0},
}


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--full", action="store_true", help="a million entries too (4 minutes to write, 3 GB)")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--cache", type=Path, help="keep the archives here and use them again for some hours")
    options = parser.parse_args()
    rows: list[list[str]] = []
    others: list[list[str]] = []
    tops: dict[int, float] = {}
    for entries in (options.entries, *([1_000_000] if options.full else [])):
        with _find_home(options.cache, entries) as home:
            _build(home, entries)
            costs, faults = _measure_commands(home, runs=options.runs)
            rows += _list_rows(entries, costs, faults)
            tops[entries] = median(cost.wall for cost in costs["top"]) / median(cost.wall for cost in costs[BARE])
            others.append(_measure_addition(home, entries, runs=3))
            if entries == options.entries:
                others += [*_measure_fetch(home, entries), *_measure_newsboat(home, entries, costs["top"])]
    if options.full:
        grown = tops[1_000_000] / tops[options.entries]
        others.append([f"`top`, 1000000 / {options.entries} entries", f"{grown:.2f} x", "1.3 x"])
    shares = " to ".join(f"{share:.1%}" for share in DENSITY)
    print(f"## The desk: {RULES} rules of words that stand in {shares} of the entries, 5,000 entries in the window\n")
    print(
        f"{describe_machine()}, SQLite {sqlite3.sqlite_version}."
        f" Median of {options.runs} interleaved runs (least-most).\n"
    )
    print(write_table(("entries", "command", "ms", "CPU ms", "x bare Python", "target", "peak MB"), rows))
    print()
    print(write_table(("work", "measured", "target"), others))


@contextmanager
def _find_home(cache: Path | None, entries: int) -> Iterator[Path]:
    """The archive's directory: a temporary one, unless it is to be kept."""
    if cache is None:
        with tempfile.TemporaryDirectory(prefix="veille-desk-") as directory:
            yield Path(directory)
        return
    home = cache / f"desk-{entries}"
    home.mkdir(parents=True, exist_ok=True)
    yield home


def _build(home: Path, entries: int) -> None:
    database = home / "veille.db"
    if not database.exists() or time.time() - (home / "rules.toml").stat().st_mtime > _STALE_SECONDS:
        shutil.rmtree(home)
        home.mkdir()
        fill_archive(home, entries=entries)
    write_rules(home, count=RULES)


def _list_commands(home: Path) -> dict[str, tuple[str, ...]]:
    """The commands to time; the window is the archive's last day, whenever it was written."""
    with closing(sqlite3.connect(home / "veille.db")) as db:
        (newest,) = db.execute("SELECT max(published_at) FROM entries").fetchone()
    since = f"{datetime.fromisoformat(newest).astimezone(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    top, keyword = ("top", "--since", since), list_rules(home)[0]
    return {"top": top, "top --kw": (*top, "--kw", keyword), "search": ("search", keyword)}


def _measure_commands(home: Path, *, runs: int) -> tuple[dict[str, list[Cost]], dict[str, str]]:
    wanted = _list_commands(home)
    faults = {name: _find_fault(home, arguments) for name, arguments in wanted.items()}
    commands = {BARE: [sys.executable, "-c", "pass"]}
    commands |= {name: veille_command(*arguments) for name, arguments in wanted.items()}
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(_run(home, command))
    return costs, faults


def _run(home: Path, command: list[str]) -> Cost:
    return run_measured(command, environment=program_environment(home), log=home / "log")


def _find_fault(home: Path, arguments: tuple[str, ...]) -> str:
    """Why a command's time would say nothing; "" when it does its work. Warms it up by the way."""
    command = veille_command(*arguments, "--json")
    done = subprocess.run(command, env=program_environment(home), capture_output=True, check=False)
    if done.returncode:
        return f"exit code {done.returncode}"
    try:
        return "" if json.loads(done.stdout) else "nothing found"
    except ValueError:
        return "no JSON"


def _list_rows(entries: int, costs: dict[str, list[Cost]], faults: dict[str, str]) -> Iterator[list[str]]:
    bare = median(cost.wall for cost in costs[BARE])
    for name, samples in costs.items():
        fault = faults.get(name) or next((f"exit code {each.code}" for each in samples if each.code), "")
        if fault:
            yield [str(entries), f"`{name}`", f"void: {fault}", "", "", "", ""]
            continue
        target = _TARGETS.get(name, {}).get(entries)
        yield [
            str(entries),
            f"`{name}`",
            describe((cost.wall * 1000 for cost in samples), digits=0),
            describe((cost.cpu * 1000 for cost in samples), digits=0),
            f"{median(cost.wall for cost in samples) / bare:.1f}",
            "" if target is None else f"{target:g}",
            describe((cost.peak_mb for cost in samples), digits=0),
        ]


def _measure_addition(home: Path, entries: int, *, runs: int) -> list[str]:
    """`top` right after a rule was added to the others, each time another one."""
    rules, text = home / "rules.toml", (home / "rules.toml").read_text(encoding="utf-8")
    command = veille_command(*_list_commands(home)["top"])
    walls = []
    for expression in list_rules(home, count=RULES + runs)[RULES:]:
        rules.write_text(f"{text}\n[[rule]]\nname = \"added\"\nmatch = '{expression}'\nweight = 3\n", encoding="utf-8")
        walls.append(_run(home, command).wall)
    rules.write_text(text, encoding="utf-8")
    _run(home, command)
    return [f"one rule added to {RULES}, then `top`, {entries} entries", f"{describe(walls)} s", "1 s"]


def _measure_fetch(home: Path, entries: int) -> Iterator[list[str]]:
    """What rules add to a fetch: the same entries, taken for new."""
    if entries < _NEW:
        return
    text = write_rules(home, count=_MANY_RULES)
    rules = read_rules(text, name="rules.toml").rules
    walls = []
    with open_archive(home) as db:
        update_matches(db, rules)
        (last,) = db.execute("SELECT max(id) FROM entries").fetchone()
        for _ in range(3):
            db.execute("DELETE FROM matches WHERE entry_id > ?", (last - _NEW,))
            db.execute("UPDATE rule_runs SET matched_to = ?", (last - _NEW,))
            begun = time.perf_counter()
            update_matches(db, rules)
            walls.append(time.perf_counter() - begun)
        (found,) = db.execute("SELECT count(*) FROM matches WHERE entry_id > ?", (last - _NEW,)).fetchone()
    write_rules(home, count=RULES)
    work = f"{_MANY_RULES} rules over {_NEW} new entries of {entries}, {found} matches"
    yield [work, f"{describe(walls)} s", "1 s"]


def _measure_newsboat(home: Path, entries: int, top: list[Cost]) -> Iterator[list[str]]:
    """The start of newsboat, by its own command that starts it and ends, on the same entries in its own cache."""
    path = shutil.which("newsboat")
    if path is None:
        return
    (home / "config").write_text("auto-reload no\n", encoding="utf-8")
    (home / "urls").write_text("https://www.outlet-1.example/feed\n", encoding="utf-8")
    files = ("-C", "config", "-u", "urls", "-c", "cache.db")
    command = [path, *(name if name[0] == "-" else f"{home}/{name}" for name in files), "-x", "print-unread"]
    _run(home, command)
    _fill_newsboat(home)
    cost = _run(home, command)
    said = subprocess.run([path, "-v"], capture_output=True, text=True, check=True).stdout.split()[1]
    spent = median(one.cpu for one in top) / cost.cpu
    waited = median(one.wall for one in top) / cost.wall
    name = f"`top` / start of newsboat {said} ({cost.wall:.1f} s, {cost.cpu:.1f} s of CPU), {entries} entries"
    yield [name, f"{waited:.4f} x, {spent:.4f} x of CPU", "0.05 x"]


def _fill_newsboat(home: Path) -> None:
    with closing(sqlite3.connect(home / "cache.db")) as db:
        db.execute("ATTACH ? AS veille", (str(home / "veille.db"),))
        db.execute(
            "INSERT OR REPLACE INTO rss_feed (rssurl, url, title) SELECT url, site_url, feed_title FROM veille.feeds"
        )
        db.execute(
            "INSERT INTO rss_item (guid, title, author, url, feedurl, pubDate, content, unread, enclosure_url,"
            " enclosure_type, flags) SELECT e.guid, e.title, e.author, e.url, f.url, strftime('%s', e.published_at),"
            " c.html, 1, '', '', '' FROM veille.entries AS e JOIN veille.feeds AS f ON f.id = e.feed_id"
            " JOIN veille.contents AS c ON c.entry_id = e.id"
        )
        db.commit()
        urls = [url for (url,) in db.execute("SELECT url FROM veille.feeds")]
    (home / "urls").write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")


if __name__ == "__main__":
    main()
