"""import, export, add, remove, feeds, tag, folder, rename, mute."""

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.conftest import Run

EXAMPLES = Path(__file__).parents[2] / "examples" / "feeds.opml"


def test_import_says_what_it_added_and_a_second_time_that_all_is_there(run: "Run") -> None:
    first = run("import", str(EXAMPLES), "--json").json
    assert first["added"] >= 50
    assert first["skipped"] == []
    again = run("import", str(EXAMPLES)).out
    assert again.startswith(f"0 feeds added, {first['added']} already there")


def test_export_then_import_gives_the_same_subscriptions(
    run: "Run", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", str(EXAMPLES))
    run("tag", "3", "à suivre")
    before = run("feeds", "--json").json
    out = tmp_path / "out.opml"
    assert run("export", str(out)).code == 0
    assert run("export").out == out.read_text("utf-8")
    monkeypatch.setenv("VEILLE_HOME", str(tmp_path / "other"))
    run("import", str(out))
    keys = ("url", "title", "site_url", "folder", "tags")
    after = run("feeds", "--json").json
    assert [[feed[key] for key in keys] for feed in after] == [[feed[key] for key in keys] for feed in before]


def test_import_of_a_plain_list_from_standard_input_into_a_folder(run: "Run") -> None:
    lines = b'# mine\nhttps://a.example/rss\nhttps://b.example/rss "presse"\nnot an address\n'
    result = run("import", "-", "--folder", "Presse", stdin=lines)
    assert result.code == 0
    assert result.out.startswith("2 feeds added, 0 already there, 0 repeated, 1 skipped")
    assert "line 4" in result.err
    assert {feed["folder"] for feed in run("feeds", "--json").json} == {"Presse"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"<html><body>no</body></html>", "a web page"),
        (b"<opml><body><outline text='x'/></body></opml>", "no"),
        (b"\x7fELF\x00\x01\nhttp://a.example/feed\n", "a binary file"),
        (gzip.compress(b'{"veille": 7}\n'), "`zcat FILE | veille import -`"),
    ],
)
def test_import_of_what_is_no_list_is_one_line_and_exit_1(
    run: "Run", tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "list.opml"
    file.write_bytes(content)
    result = run("import", str(file))
    assert result.code == 1
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert "list.opml" in result.err
    assert said.lower() in result.err.lower()


@pytest.mark.parametrize("source", ["/nowhere/list.opml", "/", "bad\x00name"])
def test_import_of_a_file_that_cannot_be_read_is_one_line(run: "Run", source: str) -> None:
    result = run("import", source)
    assert (result.code, result.err.count("\n")) == (1, 1)


def test_import_of_an_address_that_does_not_answer_is_one_line(run: "Run") -> None:
    result = run("import", "http://127.0.0.1:9/feeds.opml")
    assert result.code == 1
    assert result.err.startswith("veille: http://127.0.0.1:9/feeds.opml: the connection was refused: check")
    assert result.err.count("\n") == 1


def test_add_remove_and_add_again_keeps_the_number(run: "Run") -> None:
    assert (
        run("add", "--as-is", "HTTPS://A.example/rss", "--title", "Un", "--folder", "Presse", "--tag", "x,y").code == 0
    )
    assert "already there" in run("add", "--as-is", "https://a.example/rss").out
    (feed,) = run("feeds", "--json").json
    assert (feed["url"], feed["title"], feed["folder"], feed["tags"], feed["state"]) == (
        "https://a.example/rss",
        "Un",
        "Presse",
        ["x", "y"],
        "new",
    )
    assert run("remove", "un").out == "removed: Un\n"
    assert run("feeds", "--json").json == []
    run("add", "--as-is", "https://a.example/rss")
    assert run("feeds", "--json").json[0]["id"] == feed["id"]


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)", "a example", "http://"]
)
def test_add_takes_web_addresses_only(run: "Run", url: str) -> None:
    result = run("add", url)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "not a web address" in result.err


def test_feeds_are_found_by_number_address_and_part_of_title(run: "Run") -> None:
    run("add", "--as-is", "https://a.example/rss", "--title", "L'Écho des médias")
    run("add", "--as-is", "https://b.example/rss", "--title", "L'Écho de la com")
    assert run("rename", "2", "Com").out == "renamed: Com\n"
    assert run("rename", "https://b.example/rss", "L'Écho de la com").code == 0
    assert run("tag", "echo des", "presse").out == "L'Écho des médias: presse\n"
    assert run("tag", "1", "--", "-presse").out == "L'Écho des médias: no tags\n"
    assert run("folder", "1", "Presse/Régions").out == "L'Écho des médias: Presse/Régions\n"
    ambiguous = run("mute", "écho")
    assert ambiguous.code == 2
    assert "1 L'Écho des médias, 2 L'Écho de la com" in ambiguous.err
    assert run("mute", "introuvable").code == 2


def test_a_muted_feed_is_not_fetched_and_its_stories_are_not_shown(morning: "Run") -> None:
    shown = morning("top", "--json", "-n", "999").json
    of_feed = [story for story in shown if all(source["feed"] == "Labo IA" for source in story["sources"])]
    assert of_feed
    morning("mute", "labo ia")
    assert next(feed["state"] for feed in morning("feeds", "--json").json if feed["title"] == "Labo IA") == "muted"
    left = {story["id"] for story in morning("top", "--json", "-n", "999").json}
    assert left.isdisjoint(story["id"] for story in of_feed)
    receipt = morning("fetch", "--force", "--json").json
    assert receipt["feeds"]["total"] == 12
    morning("unmute", "labo ia")
    assert {story["id"] for story in morning("top", "--json", "-n", "999").json} >= left


def test_removed_feeds_keep_their_archive_unless_purged(morning: "Run") -> None:
    (story,) = [
        one
        for one in morning("search", "consultation modération", "--json").json
        if "Autorité des données" in one["feed"]
    ]
    morning("remove", "autorité des données")
    assert story["id"] in {one["id"] for one in morning("search", "consultation modération", "--json").json}
    assert story["id"] not in {one["id"] for one in morning("top", "--all", "--json", "-n", "999").json}
    morning("remove", "labo ia", "--purge")
    assert all(
        source["feed"] != "Labo IA" for one in morning("search", "IA", "--json").json for source in one["sources"]
    )


def test_feeds_lists_by_folder_with_state_and_counts(morning: "Run") -> None:
    text = morning("feeds").out
    assert text.index("Communication et réseaux") < text.index("Presse/Régions")
    listed = morning("feeds", "--folder", "presse", "--json").json
    assert {feed["folder"] for feed in listed} == {"Presse/Nationale", "Presse/Régions"}
    assert set(listed[0]) == {
        "id", "url", "title", "site_url", "folder", "tags", "state", "last_ok_at", "next_fetch_at", "failures",
        "reason", "entries", "per_week",
    }  # fmt: skip
    states = {feed["title"]: feed["state"] for feed in morning("feeds", "--json").json}
    assert (states["Le Fil disparu"], states["La Gazette de Vaubrun"], states["Vu du port"], states["Labo IA"]) == (
        "failing",
        "moved",
        "degraded",
        "ok",
    )
    unknown = morning("feeds", "--folder", "nulle part")
    assert (unknown.code, unknown.err) == (2, "veille: no feed is in a folder “nulle part”: see `veille feeds`\n")


def test_hostile_titles_of_a_list_are_shown_as_text(run: "Run", tmp_path: Path) -> None:
    file = tmp_path / "x.opml"
    file.write_text(
        '<opml version="2.0"><body><outline type="rss" text="[bold red]&#x202e;evil&#x9b;31m[/]"'
        ' xmlUrl="https://a.example/rss"/></body></opml>',
        "utf-8",
    )
    run("import", str(file))
    shown = run("feeds").out
    assert "[bold red]evil›31m[/]" in shown
    assert "\x9b" not in shown
    assert "\u202e" not in shown
