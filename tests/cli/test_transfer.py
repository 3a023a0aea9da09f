"""export --all and import of it: equal in every respect that a user sees; what is no export is refused line by line."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veille.errors import ReadError
from veille.read.archive import read_header, read_record
from veille.read.archive_kinds import DERIVED, KINDS
from veille.read.normalise import clean_markup, sanitise_markup
from veille.store.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from cli.conftest import Run

RULES = '[[rule]]\nname = "marque"\nmatch = "e-réputation OR \\"bad buzz\\""\nweight = 5\n'
AT = "2026-11-20T08:00:00Z"
# One row, at least, of what a demonstration's morning does not make.
ROWS = (
    "INSERT INTO hosts VALUES ('slow.example', '2999-01-01T00:00:00Z', 'too many requests')",
    "INSERT INTO former_addresses VALUES ('https://old.example/rss', 1)",
    f"INSERT INTO articles VALUES (:one, 'https://x.example/a', '{AT}', 'ok', 'Titre', 'Un texte', 2)",
    f"""INSERT INTO articles VALUES
        (:other, 'https://x.example/b', '{AT}', 'failed', '', '{{"reason": "404", "retry_at": null}}', 0)""",
    f"INSERT INTO looks VALUES ('top', 1010, '{AT}')",
    "INSERT INTO told VALUES ('alert crise', :one, :other)",
    f"INSERT INTO digests VALUES ('matin', '{AT}', 1040, '/tmp/matin.md')",
    f"""INSERT INTO issues VALUES
        (7, 'digest', 'matin', 3, '{AT}', NULL, 1040, '{{"stories": ["é"]}}', '[]', '{AT}')""",
    f"INSERT INTO issues VALUES (8, 'digest', 'matin', 4, '{AT}', NULL, 1040, '{{}}', '[]', NULL)",
    "INSERT INTO issue_stories VALUES (8, :one, :other)",
    "INSERT INTO issue_stories VALUES (7, :one, :other)",
    f"INSERT INTO outbox VALUES (5, 'k1', 'mail', 'a@x.example', 's', x'00ff0a', '{AT}', 1, '{AT}', '{AT}', '')",
    f"INSERT INTO review_items VALUES (:one, 1, 'Marques', 'À lire', '{AT}')",
    "INSERT INTO story_tags VALUES (:one, 'marque')",
    "UPDATE feeds SET removed_at = '2026-11-20T09:00:00Z' WHERE id = 9",
    """UPDATE feeds SET settings = '{"interval": 7200.0, "auth": "bearer:$TOKEN", "headers": [["X-Api-Key", "$KEY"]],'
    || ' "weight": 2.0}' WHERE id = 2""",
    """UPDATE feed_states SET
        cadence = '{"skip_hours": [1, 2], "skip_days": [6], "every": 3600.0}' WHERE feed_id = 2""",
    "INSERT INTO pruned VALUES (2, x'00ff01')",
)
# What is fresh is less so a second later.
STILL = "[weights]\nfreshness = 0\n"
SEEN = (
    ("feeds", "--json"),
    ("feeds", "--health", "--json"),
    ("feeds", "set", "2"),
    ("top", "--since", "30d", "--json"),
    ("top", "--starred", "--json"),
    ("top", "--kw", "e-réputation^2", "--kw", "IA", "--json"),
    ("search", "intelligence artificielle", "--json"),
    ("search", '"bad buzz" OR crise', "--json"),
    ("story", "1001", "--json"),
    ("story", "why", "1001", "1007"),
    ("why", "1001", "--json"),
    ("show", "1001", "--json"),
    ("top", "--hidden", "--json"),
    ("ledger", "--since", "365d", "--json"),
    ("export",),
    ("session", "--plan", "--json"),
)


@pytest.fixture
def lived(morning: Run, home: Path) -> Run:
    """A veille in which about everything has been done."""
    (home / "rules.toml").write_text(RULES, "utf-8")
    stories = morning("top", "--json").json
    shared = next(story for story in stories if len(story["sources"]) > 1)
    rest = [str(story["id"]) for story in stories if story is not shared]
    for command in (
        ("mark", "star", rest[0]),
        ("mark", "read", rest[1]),
        ("mark", "later", rest[2]),
        ("mark", "kill", rest[3]),
        ("mark", "pick", rest[4]),
        ("note", rest[5], "à suivre\nde près"),
        ("story", "split", str(shared["id"]), str(shared["sources"][1]["entry_id"])),
        ("story", "merge", rest[6], rest[7]),
        ("top", "--new"),
    ):
        result = morning(*command)
        assert result.code == 0, (command, result.err)
    assert morning("session", "--plain", "--budget", "30m", stdin=b"s\nd\nq\n").code == 0
    with contextlib.closing(sqlite3.connect(home / "veille.db")) as db, db:
        for statement in ROWS:
            db.execute(statement, {"one": int(rest[0]), "other": int(rest[1])})
    return morning


def dump(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table that is no index, its rows in order; JSON as what it says."""
    with contextlib.closing(sqlite3.connect(home / "veille.db")) as db:
        # What is not published, or not sent, stays where it is.
        db.execute("DELETE FROM issue_stories WHERE issue_id = 8")
        db.execute("DELETE FROM issues WHERE id = 8")
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        passed = ("entries_fts", "entries_stems", "sqlite_stat", "_sqlite", *DERIVED[2:])
        kept = sorted(name for name in names if not name.startswith(passed))
        return {
            name: sorted((tuple(map(_say, row)) for row in db.execute(f"SELECT * FROM {name}")), key=repr)
            for name in kept
        }


def _say(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return repr(json.loads(value))
        except ValueError:
            return value
    return value


def elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch, name: str = "other") -> Path:
    new = home.parent / name
    monkeypatch.setenv("VEILLE_HOME", str(new))
    return new


def test_rules_that_cannot_be_written_leave_everything_to_import_again(
    morning: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "rules.toml").write_text(RULES, "utf-8")
    file = tmp_path / "everything.jsonl"
    assert morning("export", "--all", "-o", str(file)).code == 0
    new = tmp_path / "new"
    new.mkdir()
    (new / "rules.toml").symlink_to("/proc/nowhere/rules.toml")
    monkeypatch.setenv("VEILLE_HOME", str(new))
    refused = morning("import", str(file))
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "rules.toml and its permissions: nothing was imported" in refused.err
    (new / "rules.toml").unlink()
    assert morning("import", str(file)).code == 0
    assert (new / "rules.toml").read_text("utf-8") == RULES
    assert (new / "rules.toml").stat().st_mode & 0o777 == 0o600


def test_every_table_and_column_is_exported_or_made_again(run: Run, home: Path) -> None:
    assert run("feeds").code == 0
    with contextlib.closing(sqlite3.connect(home / "veille.db")) as db:
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        indexes = {name for name in names if name.startswith(("entries_fts", "entries_stems"))}
        beside = {kind.beside for kind in KINDS if kind.beside}
        exported = {kind.table for kind in KINDS}
        assert names - indexes == exported | beside | {*DERIVED, "sqlite_sequence", "_sqlite_migrations"}
        for kind in KINDS:
            for table, fields, known in (
                (kind.table, kind.fields, {"entry": {"page"}, "issue": {"outputs"}}.get(kind.name, set())),
                (kind.beside, kind.others, {kind.key}),
            ):
                if table:
                    columns = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
                    assert columns - known == {field.name for field in fields}, table


def test_an_import_of_an_export_is_the_same_veille(
    lived: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "all.jsonl"
    (home / "config.toml").write_text(STILL, "utf-8")
    assert lived("export", "--all", "-o", str(file)).code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    before = dump(home)
    assert all(before[kind.table] for kind in KINDS), [kind.name for kind in KINDS if not before[kind.table]]
    seen = {command: lived(*command) for command in SEEN}
    new = elsewhere(home, monkeypatch)
    new.mkdir()
    (new / "config.toml").write_text(STILL, "utf-8")
    done = lived("import", str(file))
    assert done.code == 0, done.err
    assert done.out == "13 feeds, 57 entries, 44 stories, 1 note imported\n".replace("44", str(len(before["stories"])))
    assert f"rules: {new / 'rules.toml'}" in done.err
    after = dump(new)
    for table, rows in before.items():
        assert after[table] == rows, table
    for command, was in seen.items():
        now = lived(*command)
        assert (now.code, undated(now.out.replace(str(new), str(home)))) == (was.code, undated(was.out)), command
    again = tmp_path / "again.jsonl"
    assert lived("export", "--all", str(again)).code == 0
    assert sorted(lines_of(again)[1:]) == sorted(lines_of(file)[1:])


def undated(out: str) -> str:
    """Without what the clock says: where a window begins, the seconds since a failure, when an OPML was written."""
    return re.sub(r'^  "since": "[^"]+",$|\(\d+\ss\)|<dateCreated>[^<]+', "", out, flags=re.MULTILINE)


def lines_of(file: Path) -> list[str]:
    # What looking has left (`rank`, `seen`) may differ in number, and so does the last line.
    lines = file.read_text("utf-8").splitlines()
    return [
        line for line in lines if not line.startswith(('{"record": "rank"', '{"record": "seen"', '{"record": "end"'))
    ]


def test_a_fetch_goes_on_where_the_export_was_made(
    lived: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing comes twice: identities, validators and prints are there."""
    file = tmp_path / "all.jsonl"
    assert lived("export", "--all", str(file)).code == 0
    elsewhere(home, monkeypatch)
    assert lived("import", str(file)).code == 0
    receipt = lived("fetch", "--force", "--json").json
    assert receipt["entries"]["new"] == 0
    assert receipt["feeds"]["not_modified"] > 0


@pytest.mark.usefixtures("lived")
def test_from_pipe_to_pipe(home: Path) -> None:
    other = home.parent / "piped"
    script = f"{sys.executable} -m veille export --all | VEILLE_HOME={other} {sys.executable} -m veille import -"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:20]) == (0, "13 feeds, 57 entries"), done.stderr
    before, after = dump(home), dump(other)
    assert after == before


def test_an_import_into_a_veille_in_use_changes_nothing(lived: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    lived("export", "--all", str(file))
    before = dump(home)
    result = lived("import", str(file))
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "this veille is in use, and an export goes into an empty one: set VEILLE_HOME" in result.err
    assert dump(home) == before


def test_one_who_has_only_looked_around_has_an_empty_veille(
    lived: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "all.jsonl"
    lived("export", "--all", str(file))
    new = elsewhere(home, monkeypatch)
    assert lived("feeds").code == 0
    (new / "rules.toml").write_text("# mine\n", "utf-8")
    lived("top", "--new")
    result = lived("import", str(file))
    assert result.code == 0, result.err
    assert "the rules of the file are left out: there are some in" in result.err
    assert (new / "rules.toml").read_text("utf-8") == "# mine\n"


def test_a_kill_during_an_import_leaves_an_empty_veille(lived: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    lived("export", "--all", str(file))
    lines = file.read_text("utf-8").splitlines(keepends=True)
    other = home.parent / "killed"
    environment = os.environ | {"VEILLE_HOME": str(other)}
    command = [sys.executable, "-m", "veille", "import", "-"]
    for cut in (2, 20, len(lines) - 1):
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as process:
            assert process.stdin
            process.stdin.write("".join(lines[:cut]).encode())
            process.stdin.flush()
            time.sleep(1)
            process.send_signal(signal.SIGKILL)
            process.wait()
        if (other / "veille.db").exists():
            with contextlib.closing(sqlite3.connect(other / "veille.db")) as db:
                # It may have been too early for tables.
                if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'feeds'").fetchone():
                    assert db.execute("SELECT count(*) FROM feeds").fetchone() == (0,)
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    done = subprocess.run([*command[:-1], str(file)], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("13 feeds")


def test_what_was_saved_of_a_lost_feed_and_a_lost_story_comes_back(
    lived: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(sqlite3.connect(home / "veille.db")) as db:
        db.execute("DELETE FROM feeds WHERE id = 2")
        db.execute("INSERT INTO notes VALUES (1001, 'à suivre', '2026-11-20T08:00:00Z') ON CONFLICT DO NOTHING")
        db.execute("DELETE FROM entries WHERE story_id = 1001")
        db.commit()
    refused = lived("export", "--all", str(tmp_path / "no.jsonl"))
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "no export could be imported: `veille doctor` says what to do" in refused.err
    lived("doctor", "--offline", "--salvage", str(tmp_path / "saved.db"))
    file = tmp_path / "all.jsonl"
    assert lived("--db", str(tmp_path / "saved.db"), "export", "--all", str(file)).code == 0
    new = elsewhere(home, monkeypatch)
    done = lived("import", str(file))
    assert done.code == 0, done.err
    assert query_one(new, "SELECT count(*) FROM feeds WHERE url = 'lost:2'") == 1
    assert query_one(new, "SELECT text FROM notes WHERE story_id = 1001") == "à suivre"


def query_one(home: Path, sql: str) -> Any:
    with contextlib.closing(sqlite3.connect(home / "veille.db")) as db:
        return db.execute(sql).fetchone()[0]


# --- hostile files ----------------------------------------------------------------

HEADER = {"veille": SCHEMA_VERSION}
FEED = {"record": "feed", "id": 1, "url": "https://x.example/rss", "added_at": AT}
STORY = {"record": "story", "id": 1000, "first_at": AT, "last_at": AT}
ENTRY = {
    "record": "entry", "id": 1000, "feed_id": 1, "story_id": 1000, "published_at": AT, "first_seen_at": AT,
    "guid": "g", "fingerprint": "f", "url": "https://x.example/1", "title": "Un titre",
}  # fmt: skip
MARK = {"record": "mark", "story_id": 1000, "read_at": AT}
SESSION = {"record": "session", "id": 1, "started_at": AT, "saved_at": AT, "budget": 60}
ACTION = {"record": "action", "id": 1, "session_id": 1, "story_id": 1000, "what": "star", "done_at": AT}


def write_file(path: Path, *lines: Any) -> Path:
    """Records, or lines as they are, with the last line that they should have."""
    parts = [line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines]
    path.write_bytes(b"".join(parts) + json.dumps({"record": "end", "lines": len(parts) + 1}).encode() + b"\n")
    return path


def test_an_issue_that_veille_has_not_written_is_one_line(run: Run, home: Path, tmp_path: Path) -> None:
    assert home
    issue = {"record": "issue", "id": 1, "kind": "digest", "name": "matin", "number": 9, "written_at": AT}
    line = issue | {"content": '{"rubrics": [3]}', "published_at": AT}
    assert run("import", str(write_file(tmp_path / "x.jsonl", HEADER, line))).code == 0
    told = run("digest", "matin", "--issue", "9", "-o", "-")
    assert (told.code, told.out) == (1, "")
    assert told.err == "veille: what is stored of this issue is not as veille writes it: it cannot be shown\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{\n", "it is not JSON"),
        (b"[" * 100_000 + b"\n", "it is not JSON"),
        (b"9" * 10_000 + b"\n", "it is not JSON"),
        (b'{"record": "feed", "id": NaN}\n', "it is not JSON: NaN is no number"),
        (b"\xff\xfe\n", "it is not UTF-8 text"),
        (b"\n", "it is not JSON"),
        (b"[1]\n", "it is no JSON object"),
        ({"record": "kings"}, "no kind of record: 'kings'"),
        ({"record": ["feed"]}, "no kind of record"),
        ({"id": 3}, "no kind of record: None"),
        ({"record": "rules", "text": 3}, "rules: it takes text alone"),
        (FEED | {"x": 1}, "feed: unknown field 'x'"),
        (FEED | {"id": True}, "feed.id: it takes a whole number from 1"),
        (FEED | {"id": 2**63}, "feed.id: it takes a whole number from 1"),
        (FEED | {"id": 1e3}, "feed.id: it takes a whole number from 1"),
        (FEED | {"url": "file:///etc/passwd"}, "feed.url: it takes a web address"),
        (FEED | {"url": "lost:3"}, "feed: url: it takes a web address, not 'lost:3'"),
        (FEED | {"url": "HTTPS://X.example/rss#a"}, "feed.url: it takes the address of a feed as veille writes it"),
        (FEED | {"added_at": "yesterday"}, "feed.added_at: it takes a time such as"),
        (FEED | {"added_at": "2026-11-20T08:00:00+02:00"}, "feed.added_at: it takes a time such as"),
        (FEED | {"added_at": None}, "feed.added_at: it takes a time such as"),
        (FEED | {"tags": "presse"}, "feed: tags: it is not as veille writes it"),
        (FEED | {"tags": [1]}, "feed: tags: it is not as veille writes it"),
        (FEED | {"title": "\ud800"}, "feed.title: it takes a text"),
        (FEED | {"title": "a\x00b"}, "feed.title: it takes a text"),
        (FEED | {"muted": 1}, "feed.muted: it takes true or false"),
        (FEED | {"status": "happy"}, "feed: status: it is not as veille writes it"),
        (FEED | {"prints": "!!"}, "feed.prints: it takes bytes in base64"),
        (FEED | {"prints": "AAAA"}, "feed: prints: it is not as veille writes it"),
        (FEED | {"settings": {"auth": "bearer:hunter2"}}, "feed: auth: it takes netrc, or the name of"),
        (FEED | {"settings": {"headers": [["Host", "y.example"]]}}, "feed: header.Host: it is not yours to set"),
        (FEED | {"settings": {"headers": [["Cookie", "a=b"]]}}, "feed: header.Cookie: the secret itself is not taken"),
        (FEED | {"settings": {"interval": -1}}, "feed: settings: "),
        (FEED | {"settings": {"__class__": 1}}, "feed: settings: "),
        (SESSION | {"budget": 2**52}, "session: budget: "),
        (SESSION | {"spent": -1}, "session: spent: "),
        (FEED | {"cadence": {"every": "soon"}}, "feed: cadence: "),
        (FEED | {"cadence": {"skip_hours": 3}}, "feed: cadence: "),
        ({key: value for key, value in FEED.items() if key != "url"}, "feed.url is missing"),
        (ENTRY | {"id": 3}, "entry.id: it takes a whole number from 1000"),
        (ENTRY | {"url": "javascript:alert(1)"}, "entry.url: it takes a web address"),
        (ENTRY | {"enclosures": [{"url": "file:///etc/passwd"}]}, "entry: enclosures: "),
        (ENTRY | {"enclosures": [{"url": "https://x.example/a", "exec": 1}]}, "entry: enclosures: "),
        (ENTRY | {"feed_id": 99}, "entry: it refers to what no line before it has"),
        (FEED, "feed: twice: UNIQUE constraint failed"),
        (MARK | {"story_id": 1001}, "mark: it refers to what no line before it has"),
        (SESSION | {"told": {"tail": "all"}}, "session: told: "),
        (SESSION | {"spent": 1e300}, "session.spent: it takes a number"),
        (ACTION | {"before": {"read_at = 1; --": None}}, "action: before: "),
        (ACTION | {"before": {"slots": [[1, 2]]}}, "action: before: "),
        (ACTION | {"before": {"note": ["a"]}}, "action: before: "),
        (
            {"record": "delivery", "id": 1, "key": "k", "way": "command", "target": "rm -rf", "body": "",
             "queued_at": AT, "next_try_at": AT},
            "delivery.sent_at is missing",
        ),
        (
            {"record": "issue", "id": 1, "kind": "digest", "name": "m", "number": 1, "written_at": AT, "content": "{}"},
            "issue.published_at is missing",
        ),
        (
            {"record": "issue", "id": 1, "kind": "digest", "name": "m", "number": 1, "written_at": AT, "content": "[]",
             "published_at": AT},
            "issue: content: it is not as veille writes it",
        ),
        (
            {"record": "issue", "id": 1, "kind": "digest", "name": "m", "number": 1, "written_at": AT, "content": "{}",
             "published_at": AT, "outputs": [{"way": "command", "target": "rm"}]},
            "issue: unknown field 'outputs'",
        ),
        ({"record": "end", "lines": 3}, "this is line 3 of the file as it was written"),
    ],
)  # fmt: skip
def test_a_hostile_line_is_refused_by_its_number_and_nothing_is_kept(
    run: Run, home: Path, tmp_path: Path, line: Any, said: str
) -> None:
    file = write_file(tmp_path / "all.jsonl", HEADER, FEED, STORY, line)
    result = run("import", str(file))
    assert (result.code, result.err.count("\n")) == (1, 1), result.err
    assert f"{file}:4: {said}" in result.err
    assert result.err.endswith(": nothing was imported\n")
    assert len(result.err) < 500
    with contextlib.closing(sqlite3.connect(home / "veille.db")) as db:
        assert db.execute("SELECT count(*) FROM feeds").fetchone() == (0,)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([{"veille": SCHEMA_VERSION + 1}], f":1: made by a newer veille (schema {SCHEMA_VERSION + 1}"),
        ([{"veille": "six"}], ":1: the first line of an export"),
        ([{"veille": 0}], ":1: the first line of an export"),
        ([{"veille": 6, "next_ids": {"entries": 2**70}}], ":1: next_ids.entries: it takes a whole number"),
        ([{"veille": 6, "next_ids": 3}], ":1: next_ids: it takes an object"),
        ([HEADER, FEED, STORY], ": story 1000 has no entry"),
        ([HEADER, FEED, ENTRY], ": entry 1000 is of story 1000, and there is no such story"),
        ([HEADER, FEED, STORY, ENTRY | {"duplicate_of": 4000}], ": entry 1000 is a copy of 4000"),
    ],
)
def test_what_does_not_hold_together_is_refused(run: Run, tmp_path: Path, lines: list[Any], said: str) -> None:
    file = write_file(tmp_path / "all.jsonl", *lines)
    result = run("import", str(file))
    assert (result.code, result.err.count("\n")) == (1, 1), result.err
    assert f"{file}{said}" in result.err


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_a_file_that_lost_its_end_is_refused(run: Run, tmp_path: Path, cut: int) -> None:
    file = write_file(tmp_path / "all.jsonl", HEADER, FEED, STORY, ENTRY)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:cut]))
    result = run("import", str(file))
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert f"{file}:{cut}: the file ends before its last line" in result.err
    file.write_bytes(b"".join([*lines, lines[1]]))
    assert f"{file}:6: there is more after the last line" in run("import", str(file)).err
    file.write_bytes(b"".join(lines)[:-20])
    assert f"{file}:5: it is not JSON" in run("import", str(file)).err


def test_markup_is_made_safe_and_titles_are_one_line(run: Run, home: Path, tmp_path: Path) -> None:
    bad = ENTRY | {
        "title": "a\x1b[2Jb\nc",
        "html": "<p onclick=x()>a<script>alert(1)</script><a href='javascript:x'>b</a></p>",
    }
    assert run("import", str(write_file(tmp_path / "all.jsonl", HEADER, FEED, STORY, bad))).code == 0
    with contextlib.closing(sqlite3.connect(home / "veille.db")) as db:
        assert db.execute("SELECT title FROM entries").fetchone() == ("a[2Jb c",)
        (html,) = db.execute("SELECT html FROM contents").fetchone()
    assert "script" not in html
    assert "onclick" not in html
    assert run("search", "titre").code == 0
    assert "a[2Jb c" in run("top", "--all", "--since", "3650d").out


def test_the_folder_option_is_refused(run: Run, tmp_path: Path) -> None:
    file = write_file(tmp_path / "all.jsonl", HEADER)
    result = run("import", "--folder", "Presse", str(file))
    assert (result.code, result.err.count("\n")) == (2, 1)


def test_two_names_of_files_are_refused(run: Run) -> None:
    assert run("export", "--all", "a", "-o", "b").code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_export_to_a_full_disk_is_one_line(lived: Run) -> None:
    assert lived("top").code == 0
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "veille", "export", "--all"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_any_line_is_read_or_refused(line: bytes) -> None:
    for read in (read_record, lambda one: read_header(one, newest=SCHEMA_VERSION)):
        with contextlib.suppress(ReadError):
            read(line)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
_FIELDS = {kind.name: [field.name for field in (*kind.fields, *kind.others)] for kind in KINDS}


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_values_of_known_fields_are_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(_FIELDS)))
    values = {field: data.draw(_JSON | st.sampled_from([AT, 1000, "x", [], {}])) for field in _FIELDS[name]}
    with contextlib.suppress(ReadError):
        read_record(json.dumps({"record": name} | values).encode())


@given(st.lists(st.sampled_from(["&lt;/p>", *"<>&/ap\"'= hrefimgsc;:x\n"]), max_size=60).map("".join))
def test_safe_markup_stays_as_it_is(markup: str) -> None:
    """What was sanitised when it was fetched is not changed by an import."""
    safe = sanitise_markup(markup, base="https://x.example/")
    assert clean_markup(safe) == safe


def test_an_export_of_an_older_schema_is_taken(run: Run, tmp_path: Path) -> None:
    file = write_file(tmp_path / "all.jsonl", {"veille": 1}, FEED, STORY, ENTRY, MARK)
    assert run("import", str(file)).out == "1 feed, 1 entry, 1 story, 0 notes imported\n"
    (story,) = run("top", "--all", "--since", "3650d", "--json").json
    assert (story["id"], story["read"]) == (1000, True)
    assert run("import", str(file), "--json").code == 2


def measure_peak(home: Path, *arguments: str) -> float:
    """The most memory that a command takes, in MB."""
    # What getrusage says of a child begins with what its parent has.
    code = (
        "import sys\nfrom veille.cli.main import run_command\n"
        f"code = run_command({list(arguments)!r})\n"
        "status = open('/proc/self/status').read()\n"
        "print(status.split('VmHWM:')[1].split()[0], file=sys.stderr)\nsys.exit(code)"
    )
    environment = os.environ | {"VEILLE_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return int(done.stderr.splitlines()[-1]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_memory_does_not_grow_with_what_is_given_and_taken(home: Path, tmp_path: Path) -> None:
    """Twenty times as much, 120 MB, takes hardly more: SQLite's cache fills up, and that is all."""
    peaks = {}
    for number in (150, 3000):
        lines = [
            line
            for index in range(1000, 1000 + number)
            for line in (
                STORY | {"id": index},
                ENTRY | {"id": index, "story_id": index, "guid": str(index), "html": f"<p>{'x' * 40_000}</p>"},
            )
        ]
        file = write_file(tmp_path / f"{number}.jsonl", HEADER, FEED, *lines)
        place = home / str(number)
        peaks[number] = (
            measure_peak(place, "import", str(file)),
            measure_peak(place, "export", "--all", str(tmp_path / "out.jsonl")),
            measure_peak(place, "backup"),
        )
    for little, much in zip(peaks[150], peaks[3000], strict=True):
        assert much < little + 80, peaks
