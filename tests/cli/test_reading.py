"""top, search, show, open, mark, note."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cli.conftest import Run

STORY_KEYS = {
    "id", "title", "url", "feed", "folder", "published_at", "score", "why", "sources", "read_minutes", "language",
    "read", "starred", "note", "summary",
}  # fmt: skip


def test_top_json_keeps_the_contract(morning: "Run") -> None:
    stories = morning("top", "--json").json
    assert stories
    for story in stories:
        assert set(story) == STORY_KEYS
        assert story["published_at"].endswith("Z")
        assert story["score"] == pytest.approx(sum(part["points"] for part in story["why"]), abs=0.01)
        assert {"reason", "points", "rule", "field"} == set(story["why"][0])
        assert {"entry_id", "feed", "title", "url", "published_at", "duplicate_of"} == set(story["sources"][0])
        assert story["sources"][0]["title"] == story["title"]
        assert not story["read"]
    scores = [story["score"] for story in stories]
    assert scores == sorted(scores, reverse=True)


def test_copies_across_outlets_are_one_story_and_templates_are_not(morning: "Run") -> None:
    stories = morning("top", "--json", "-n", "999", "--all", "--since", "10d").json
    bad_buzz = next(story for story in stories if "Morvellec" in story["title"])
    assert len({source["feed"] for source in bad_buzz["sources"]}) >= 4
    lead = bad_buzz["sources"][0]
    assert lead["duplicate_of"] is None
    assert {source["duplicate_of"] for source in bad_buzz["sources"][1:]} == {lead["entry_id"]}
    weather = [story for story in stories if "temps" in story["title"].lower() and "fera" in story["title"].lower()]
    assert all(len(story["sources"]) == 1 for story in weather)
    assert sum(len(story["sources"]) for story in stories) == sum(
        feed["entries"] for feed in morning("feeds", "--json").json
    )


def test_keywords_rank_and_the_rest_settles_ties(morning: "Run") -> None:
    stories = morning(
        "top", "--json", "--kw", "e-réputation^5", "--kw", '"intelligence artificielle"^3', "-n", "999"
    ).json
    assert stories[0]["score"] == 5
    assert stories[0]["why"][0]["rule"] == "e-réputation"
    assert stories[-1]["score"] == 0
    assert [story["score"] for story in stories] == sorted((story["score"] for story in stories), reverse=True)
    text = morning("top", "--kw", "e-reputation^5", "-n", "1", "--why").out
    told, lead, worth = text.partition("why: ")[2].split(" | then ")
    assert told == "+5.00 “e-reputation” in title"
    assert lead.startswith("+5.00 lead alone · +")
    assert lead.endswith(" rare words")
    assert worth.startswith("+1.58 3 outlets")


@pytest.mark.parametrize("expression", ["e-reputation", "E-RÉPUTATION", "l’e-réputation", '"e-réputation"', "reputat*"])
def test_case_accents_elisions_and_prefixes_do_not_count(morning: "Run", expression: str) -> None:
    stories = morning("search", expression, "--json").json
    titles = [source["title"] for story in stories for source in story["sources"]]
    assert any(title.startswith("E-réputation: l'Autorité") for title in titles)


def test_search_combines(morning: "Run") -> None:
    def titles(expression: str) -> set[str]:
        return {story["title"] for story in morning("search", expression, "--json", "-n", "99").json}

    both = titles("modération intelligence")
    assert both
    assert both < titles("modération OR intelligence")
    assert titles("modération -intelligence").isdisjoint(both)
    assert titles("modération OU intelligence") == titles("modération | intelligence")
    assert titles("introuvable") == set()


def test_ranks_of_the_last_list_name_its_stories_until_the_next(morning: "Run") -> None:
    assert morning("show", "1").code == 2
    morning("top", "-n", "3")
    first = morning("top", "--json", "-n", "3").json[0]  # --json does not replace the list
    assert morning("show", "1", "--json").json["id"] == first["id"] >= 1000
    found = morning("search", "publicité", "--json").json
    morning("search", "publicité")
    assert morning("show", "1", "--json").json["id"] == found[0]["id"]
    assert morning("show", "900").code == 2


def test_marks_apply_to_stories_and_survive(morning: "Run") -> None:
    morning("top")
    first, second, *_ = [story["id"] for story in morning("top", "--json").json]
    assert morning("mark", "read", "1", str(second)).code == 0
    unread = {story["id"] for story in morning("top", "--json", "-n", "999").json}
    assert unread.isdisjoint({first, second})
    assert {first, second} <= {story["id"] for story in morning("top", "--all", "--json", "-n", "999").json}
    assert morning("mark", "unread", str(first), "--json").json == [{"id": first, "read": False, "starred": False}]
    morning("mark", "star", str(first))
    morning("note", str(first), "à", "reprendre")
    shown = morning("show", str(first)).out
    assert "★" in shown
    assert "note: à reprendre" in shown
    morning("mark", "unstar", str(first))
    assert morning("note", str(first), "").out.startswith("note removed")
    assert morning("show", str(first), "--json").json["note"] == ""


def test_marking_is_all_or_nothing(morning: "Run") -> None:
    morning("top")
    result = morning("mark", "read", "1", "99999")
    assert (result.code, result.err) == (
        2,
        "veille: no story has the id 99999: see `veille top --all` or `veille search` (nothing was marked)\n",
    )
    assert not morning("show", "1", "--json").json["read"]


def test_ranks_may_be_listed_with_commas_and_ranges_go_past_the_end(morning: "Run") -> None:
    ids = [story["id"] for story in morning("search", "a OR de", "-n", "5", "--json").json]
    morning("search", "a OR de", "-n", "5")
    marked = morning("mark", "star", "1,3-4", "--json").json
    assert [story["id"] for story in marked] == [ids[0], *ids[2:4]]
    result = morning("mark", "read", "4-30", "--json")
    assert [story["id"] for story in result.json] == ids[3:]
    assert result.err == "not in the last list shown: 6-30 (the rest is marked)\n"
    assert "6 (the rest" in morning("mark", "unread", "5-6").err
    for wrong in (("6-30",), ("1,99",), ("1,",), ("1,x",), (",",), ("1004-1010",)):
        result = morning("mark", "star", *wrong)
        assert (result.code, result.err.count("\n")) == ((0, 0) if wrong == ("1,",) else (2, 1)), wrong


def test_a_note_is_shown_where_no_text_is_given(morning: "Run") -> None:
    morning("top")
    assert (morning("note", "1").out, morning("note", "1").err[:13]) == ("", "no note yet o")
    morning("note", "1", "à", "reprendre")
    assert morning("note", "1").out == "à reprendre\n"
    assert morning("note", "1", "").out.startswith("note removed")
    assert morning("note", "999").code == 2


@pytest.mark.parametrize("reference", ["0", "abc", "-1", "99999999999999999999999", "1;2", "١"])
def test_an_unknown_story_is_one_line_and_exit_2(run: "Run", reference: str) -> None:
    result = run("show", "--", reference)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)


def test_hostile_titles_reach_the_terminal_as_text(morning: "Run") -> None:
    story = next(one for one in morning("top", "--all", "--json", "-n", "99").json if "piégé" in one["title"])
    for text in (morning("top", "-n", "999").out, morning("show", str(story["id"])).out):
        assert "[bold red]E-réputation[/bold red]" in text
        assert not any(sign in text for sign in "\x1b\x9b\u202e\u2066\x07")
    assert "\n" not in story["title"]


def test_show_gives_the_story_in_full(morning: "Run") -> None:
    podcast = morning("search", "relations presse tri", "--json").json[0]
    text = morning("show", str(podcast["id"])).out
    assert podcast["title"] in text
    assert podcast["url"] in text
    assert "attached: " in text
    record = morning("show", str(podcast["id"]), "--json").json
    assert record["enclosures"][0]["type"].startswith("audio/")
    assert set(record) == STORY_KEYS | {"content_html", "tags", "enclosures"}


def test_open_starts_the_users_browser_with_web_addresses_only(
    morning: "Run", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {seen}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    import webbrowser

    monkeypatch.setattr(webbrowser, "_tryorder", None)
    story = morning("top", "--json").json[0]
    assert morning("open", str(story["id"])).code == 0
    assert seen.read_text() == story["url"]


def test_open_without_a_web_address_says_so(run: "Run", tmp_path: Path) -> None:
    import http.server
    import threading

    body = (
        b'<rss version="2.0"><channel><title>t</title><item><guid isPermaLink="false">x</guid>'
        b"<title>sans lien</title><link>javascript:alert(1)</link></item></channel></rss>"
    )

    class Feed(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Feed) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        run("add", "--as-is", f"http://127.0.0.1:{server.server_port}/")
        assert run("fetch").code == 0
        server.shutdown()
        thread.join()
    (story,) = run("top", "--json").json
    assert story["url"] == ""
    result = run("open", str(story["id"]))
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "no web address" in result.err
    assert tmp_path.exists()


def test_windows_and_folders(morning: "Run") -> None:
    everything = morning("top", "--since", "30d", "--json", "-n", "999").json
    assert len(everything) > len(morning("top", "--since", "6h", "--json", "-n", "999").json) > 0
    english = morning("top", "--folder", "english", "--json", "-n", "999").json
    assert english
    assert all(any("Signal" in s["feed"] or "Ledger" in s["feed"] for s in one["sources"]) for one in english)
    nothing = morning("top", "--since", "2099-01-01")
    assert (nothing.code, nothing.out) == (0, "")
    assert "nothing unread" in nothing.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("top", "--since", "abc"), "neither a duration nor a date"),
        (("top", "--kw", '"abc'), "expression, character 1: unclosed quote"),
        (("top", "--kw", "a OR"), "expression, character 5: the expression stops too early"),
        (("top", "--kw", "-a"), "only words to leave out"),
        (("top", "-n", "0"), "not in the range"),
        (("search", ""), "the expression holds no word"),
        (("mark", "liked", "1"), "liked"),
        (("topp",), "Did you mean 'top'?"),
        (("top", "--nope"), "No such option"),
        (("show",), "Missing argument"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(run: "Run", arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert said in result.err
