"""review: stories put in, described, ordered; issues published, written again, taken back."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arranging import arrange, tell
from running import end_veille, query, start_veille
from veille.app.home import open_home
from veille.app.session import act, leave, open_session, undo
from veille.store.db import write
from veille.store.stories import merge_stories

if TYPE_CHECKING:
    from cli.conftest import Run


@pytest.fixture
def desk(run: "Run", home: Path) -> "Run":
    """Stories 1000 to 1004, the last of which a rule hides, and the ranks of the others."""
    arrange(home)
    assert run("top", "--all").code == 0
    return run


def ids(desk: "Run") -> list[int]:
    return [one["id"] for one in desk("review", "list", "--json").json]


def test_stories_are_put_in_by_rank_and_by_id_in_that_order(desk: "Run") -> None:
    ranked = [one["id"] for one in desk("top", "--all", "--json").json]
    assert desk("review", "add", "2", "1").code == 0
    assert ids(desk) == [ranked[1], ranked[0]]
    # Its ranks are those of this list now.
    assert desk("review", "remove", "1").code == 0
    assert ids(desk) == [ranked[0]]


def test_rubrics_and_comments_are_kept_and_changed(desk: "Run") -> None:
    desk("review", "add", "1000", "1001", "--rubric", "Local", "--comment", "La suite.\n\nBientôt.")
    desk("review", "edit", "1001", "--rubric", "Ailleurs")
    desk("review", "edit", "1000", "--comment", "")
    first, second = desk("review", "list", "--json").json
    assert (first["rubric"], first["comment"]) == ("Local", "")
    assert (second["rubric"], second["comment"]) == ("Ailleurs", "La suite.\n\nBientôt.")
    # Added again, what is not said stays.
    desk("review", "add", "1001", "--comment", "Autre")
    assert desk("review", "list", "--json").json[1]["rubric"] == "Ailleurs"
    assert ids(desk) == [1000, 1001]


def test_what_is_picked_is_in_it(desk: "Run") -> None:
    """In a session (`d`), or by `veille mark pick`: it is the same review."""
    desk("mark", "pick", "1002")
    desk("review", "add", "1000")
    assert ids(desk) == [1002, 1000]
    desk("mark", "unpick", "1002")
    assert ids(desk) == [1000]
    desk("review", "remove", "1000")
    assert not any(one.get("picked") for one in desk("mark", "read", "1000", "--json").json)


def test_a_session_picks_for_the_same_review(desk: "Run") -> None:
    with open_home() as opened:
        session = open_session(opened)
        act(session, "pick", 1002)
        act(session, "pick", 1000)
        leave(session)
    assert sorted(ids(desk)) == [1000, 1002]
    desk("review", "edit", "1002", "--comment", "Gardé")
    with open_home() as opened:
        session = open_session(opened)
        undo(session)
        leave(session)
    assert ids(desk) == [1002]


def test_a_story_taken_out_and_picked_again_keeps_what_was_said(desk: "Run") -> None:
    desk("review", "add", "1000", "--comment", "Gardé")
    desk("mark", "unpick", "1000")
    desk("mark", "pick", "1000")
    assert desk("review", "list", "--json").json[0]["comment"] == "Gardé"


def test_starred_stories_are_offered_once(desk: "Run") -> None:
    desk("mark", "star", "1000", "1001")
    assert desk("review", "list").err.splitlines() == [
        "nothing is in the press review: `veille review add ID`, or `d` in a session",
        "2 starred or noted stories are in no review: `veille review add --starred` or --noted",
    ]
    assert desk("review", "add", "--starred", "--rubric", "Étoiles").code == 0
    assert ids(desk) == [1000, 1001]
    assert desk("review", "publish").code == 0
    assert "nothing to add" in desk("review", "add", "--starred").err
    assert ids(desk) == []


def test_notes_become_comments_only_when_asked(desk: "Run") -> None:
    desk("note", "1000", "à vérifier")
    desk("mark", "star", "1000")
    desk("review", "add", "--starred")
    assert "à vérifier" not in desk("review", "show", "--format", "json").out
    desk("review", "remove", "1000")
    desk("review", "add", "--noted")
    assert desk("review", "list", "--json").json[0]["comment"] == "à vérifier"


@pytest.mark.parametrize(
    ("moves", "order"),
    [
        (("1003", "--first"), [1003, 1000, 1001, 1002]),
        (("1000", "--last"), [1001, 1002, 1003, 1000]),
        (("1000", "--after", "1002"), [1001, 1002, 1000, 1003]),
        (("1003", "1002", "--before", "1001"), [1000, 1003, 1002, 1001]),
        (("1000", "--before", "1001"), [1000, 1001, 1002, 1003]),
        (("4", "--before", "1"), [1003, 1000, 1001, 1002]),
    ],
)
def test_reorder(desk: "Run", moves: tuple[str, ...], order: list[int]) -> None:
    desk("review", "add", "1000", "1001", "1002", "1003")
    assert ids(desk) == [1000, 1001, 1002, 1003]
    assert desk("review", "reorder", *moves).code == 0
    assert ids(desk) == order


def test_what_was_picked_only_can_be_ordered_too(desk: "Run") -> None:
    desk("mark", "pick", "1000", "1001")
    desk("review", "reorder", "1001", "--first")
    assert ids(desk) == [1001, 1000]
    desk("mark", "pick", "1002")
    assert ids(desk) == [1001, 1000, 1002]


@pytest.mark.parametrize(
    "words",
    [
        ("add",),
        ("add", "1000", "--starred"),
        ("add", "--starred", "--comment", "x"),
        ("add", "9999"),
        ("add", "1000", "--rubric", "x" * 101),
        ("edit", "1000"),
        ("edit", "1000", "--comment", "x"),
        ("remove", "1000"),
        ("remove", "zut"),
        ("reorder", "1001"),
        ("reorder", "1001", "--first", "--last"),
        ("reorder", "1001", "--after", "1000"),
        ("reorder", "1001", "--after", "1001"),
        ("show", "9"),
        ("show", "--format", "pdf"),
        ("unpublish", "1"),
        ("build",),
        ("publish", "--mail", "moi"),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_nothing(desk: "Run", words: tuple[str, ...]) -> None:
    desk("review", "add", "1001")
    result = desk("review", *words)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert ids(desk) == [1001]


def test_nothing_is_no_issue(desk: "Run") -> None:
    for words in (("publish",), ("show",)):
        result = desk("review", *words)
        assert (result.code, result.err.count("\n")) == (2, 1)
        assert "nothing is in the press review" in result.err


# --- issues --------------------------------------------------------------------


def test_an_issue_has_its_stories_by_rubric_and_empties_the_review(desk: "Run") -> None:
    desk("review", "add", "1000", "--rubric", "Local", "--comment", "Un mot.")
    desk("review", "add", "1001", "--rubric", "Ailleurs")
    desk("review", "add", "1002", "--rubric", "Local")
    desk("review", "add", "1003")
    desk("review", "reorder", "1003", "--first")
    result = desk("review", "publish", "--title", "Vendredi", "--intro", "Une semaine.")
    assert (result.code, result.err) == (0, "published: Vendredi, number 1, 4 stories\n")
    assert ids(desk) == []
    issue = desk("review", "show", "1", "--format", "json").json
    assert (issue["number"], issue["title"]) == (1, "Vendredi")
    assert [one["id"] for one in issue["stories"]] == [1000, 1002, 1001, 1003]
    assert desk("review", "list", "--issues").out.startswith("  1  Vendredi · ")


@pytest.mark.parametrize("form", ["md", "html", "txt", "json", "atom", "jsonfeed", "eml"])
def test_an_issue_is_the_same_whenever_it_is_written(desk: "Run", form: str) -> None:
    desk("review", "add", "1000", "--comment", "Un mot.")
    desk("review", "publish")
    once = desk("review", "show", "1", "--format", form).out
    tell("gazette", "Boycott annoncé contre la biscuiterie Morvellec, suite", hours=0)
    desk("mark", "read", "1000")
    desk("review", "edit", "1000", "--comment", "Autre")
    assert once
    assert desk("review", "show", "1", "--format", form).out == once


def test_what_was_published_comes_back_when_it_is_taken_back(desk: "Run") -> None:
    desk("review", "add", "1000", "1001", "--rubric", "Local", "--comment", "Un mot.")
    before = desk("review", "list", "--json").json
    desk("review", "publish")
    assert desk("review", "unpublish", "1").code == 0
    assert desk("review", "list", "--json").json == before
    assert desk("review", "show", "1").code == 2
    # Nobody has been sent it: the number is free again.
    desk("review", "publish")
    assert desk("review", "list", "--issues", "--json").json[0]["number"] == 1


def test_what_was_let_go_of_since_comes_back_too(desk: "Run") -> None:
    desk("review", "add", "1000", "1001")
    desk("review", "publish")
    desk("mark", "unpick", "1001")
    desk("review", "unpublish", "1")
    assert ids(desk) == [1000, 1001]


def test_a_story_can_come_again(desk: "Run") -> None:
    """At once, and in the same second too."""
    desk("review", "add", "1000", "--comment", "Un mot.")
    desk("review", "publish")
    again = desk("review", "add", "1000")
    assert again.out.endswith("which press review 1 carried already\n")
    assert desk("review", "list", "--json").json[0]["comment"] == ""
    desk("review", "publish")
    assert [one["number"] for one in desk("review", "list", "--issues", "--json").json] == [2, 1]


def test_a_clock_that_goes_back_publishes_nothing_twice(desk: "Run") -> None:
    """What is picked after an issue, by the clock, is in it all the same."""
    desk("review", "add", "1000")
    with open_home() as opened, write(opened.db):
        opened.db.execute("UPDATE marks SET picked_at = '2099-01-01T00:00:00Z'")
    desk("review", "publish")
    assert ids(desk) == []
    assert desk("review", "publish").code == 2
    # Within the second of an issue, it comes again once, and comes back when that is taken back.
    with open_home() as opened, write(opened.db):
        opened.db.execute("UPDATE issues SET written_at = '2098-01-01T00:00:00Z'")
    desk("review", "add", "1000")
    desk("review", "publish")
    assert ids(desk) == []
    desk("review", "unpublish", "2")
    assert ids(desk) == [1000]


@pytest.mark.parametrize("writable", [True, False])
def test_an_issue_that_was_cut_off_is_written_by_the_next(desk: "Run", tmp_path: Path, writable: bool) -> None:  # noqa: FBT001
    """Killed after its stories had left the review and before its files were in their places."""
    place = tmp_path / "pages" / "1.html"
    desk("review", "add", "1000")
    desk("review", "publish", "-o", str(place))
    text = place.read_text("utf-8")
    place.rename(place.with_name(".1.html.x.part"))
    with open_home() as opened, write(opened.db):
        opened.db.execute("UPDATE issues SET published_at = NULL")
    if not writable:
        place.with_name(".1.html.x.part").unlink()
        place.parent.rmdir()
        place.parent.write_text("in the way")
    result = desk("review", "publish")
    assert (result.code, result.err.count("\n")) == (2, 2)
    if writable:
        assert f"press review 1 had been cut off, and is written now: {place}\n" in result.err
        assert [(one.name, one.read_text("utf-8")) for one in place.parent.iterdir()] == [("1.html", text)]
    else:
        assert "`veille review show 1 -o PATH` writes it" in result.err
    assert desk("review", "publish").err.count("\n") == 1


def test_files_are_written_where_they_are_wanted(desk: "Run", home: Path, tmp_path: Path) -> None:
    desk("review", "add", "1000")
    result = desk("review", "publish", "--format", "html", "--format", "md")
    assert [Path(line).name for line in result.out.splitlines()] == ["review-1.html", "review-1.md"]
    assert (home / "digests" / "review-1.md").read_text("utf-8").startswith("# Press review, No. 1\n")
    path = tmp_path / "x.txt"
    assert desk("review", "show", "1", "-o", str(path)).out == f"{path}\n"
    assert path.read_text("utf-8") == desk("review", "show", "1", "--format", "txt").out


def test_an_issue_whose_file_cannot_be_written_is_not_published(desk: "Run", tmp_path: Path) -> None:
    desk("review", "add", "1000")
    (tmp_path / "file").write_text("in the way")
    result = desk("review", "publish", "--format", "html", "-o", str(tmp_path / "file" / "x.html"))
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert ids(desk) == [1000]
    assert desk("review", "list", "--issues", "--json").json == []


def test_a_wrong_template_publishes_nothing(desk: "Run", home: Path) -> None:
    (home / "config.toml").write_text('[review]\ntemplates = "mine"\n', "utf-8")
    (home / "mine").mkdir()
    (home / "mine" / "digest.html.j2").write_text("{% zut %}")
    desk("review", "add", "1000")
    result = desk("review", "publish", "--format", "html")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "digest.html.j2:1" in result.err
    assert ids(desk) == [1000]


def test_templates_in_the_home_of_nobody_publish_nothing(desk: "Run", home: Path) -> None:
    (home / "config.toml").write_text('[review]\ntemplates = "~nobodyhere/mine"\n', "utf-8")
    desk("review", "add", "1000")
    result = desk("review", "publish", "--format", "html")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert f"{home}/config.toml: ~nobodyhere/mine: nobody of that name has a home here" in result.err
    assert ids(desk) == [1000]


def test_the_settings_are_followed(desk: "Run", home: Path) -> None:
    settings = '[review]\ntitle = "Ma revue"\nlanguage = "fr"\nexcerpt = 20\nurl = "https://x.example/revue/"\n'
    (home / "config.toml").write_text(settings, "utf-8")
    tell("blog", "Un long billet", text="Des mots et des mots, beaucoup plus que vingt caractères.")
    desk("top", "--all")
    desk("review", "add", "1005")
    desk("review", "publish")
    text = desk("review", "show", "1").out
    assert text.startswith("# Ma revue, N° 1\n")
    assert "\nDes mots et des…\n" in text
    assert (
        '<link rel="canonical" href="https://x.example/revue/1.html">'
        in desk("review", "show", "1", "--format", "html").out
    )


def test_nothing_of_the_user_s_own_is_published(desk: "Run") -> None:
    desk("mark", "star", "1000")
    desk("note", "1000", "PRIVÉ")
    desk("review", "add", "1000", "--comment", "Public")
    desk("review", "publish")
    for form in ("md", "html", "txt", "atom", "jsonfeed"):
        text = desk("review", "show", "1", "--format", form).out
        assert "Public" in text
        assert "PRIVÉ" not in text
        assert "★" not in text.partition("</style>")[2]
        assert "Morvellec” in title" not in text


MAIL = '[mail]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\nfrom = "veille@example.org"\n'


def test_mails_wait_and_are_taken_back_with_the_issue(desk: "Run", home: Path) -> None:
    (home / "config.toml").write_text(MAIL, "utf-8")
    desk("review", "add", "1000")
    result = desk("review", "publish", "--mail", "moi@example.org")
    assert result.code == 3
    assert [one["state"] for one in desk("outbox", "--json").json] == ["waiting"]
    desk("review", "unpublish", "1")
    assert desk("outbox", "--json").json == []
    # Its number was on a mail that may have left.
    desk("review", "publish")
    assert desk("review", "list", "--issues", "--json").json[0]["number"] == 2


def test_mail_that_cannot_be_sent_by_the_settings_publishes_nothing(desk: "Run") -> None:
    desk("review", "add", "1000")
    result = desk("review", "publish", "--mail", "moi@example.org")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert ids(desk) == [1000]


def test_two_at_once_publish_once(desk: "Run", home: Path) -> None:
    desk("review", "add", "1000", "1001")
    running = [start_veille("review", "publish", home=home) for _ in range(4)]
    assert sorted(end_veille(one)[0] for one in running) == [0, 2, 2, 2]
    assert len(desk("review", "list", "--issues", "--json").json) == 1


def test_stories_that_become_one_are_one_in_the_review(desk: "Run", home: Path) -> None:
    desk("review", "add", "1000", "--comment", "De l'un.")
    desk("review", "add", "1001", "--comment", "De l'autre.", "--rubric", "Local")
    with open_home() as opened, write(opened.db):
        merge_stories(opened.db, {1001: 1000})
    (only,) = desk("review", "list", "--json").json
    assert (only["id"], only["rubric"], only["comment"]) == (1000, "Local", "De l'un.\n\nDe l'autre.")
    assert query(home, "SELECT story_id FROM review_items") == [(1000,)]


def test_a_story_that_is_split_keeps_its_place(desk: "Run") -> None:
    desk("story", "merge", "1000", "1001")
    desk("review", "add", "1000", "--comment", "Les deux.")
    assert desk("story", "split", "1000", "1000").code == 0
    (only,) = desk("review", "list", "--json").json
    assert only["comment"] == "Les deux."


def test_a_published_story_goes_on_after_its_feed(desk: "Run") -> None:
    desk("review", "add", "1000", "1001")
    desk("review", "publish")
    once = desk("review", "show", "1").out
    desk("review", "add", "1002")
    assert desk("remove", "blog", "--purge").code == 0
    assert desk("remove", "gazette", "--purge").code == 0
    assert ids(desk) == []
    assert desk("review", "show", "1").out == once
