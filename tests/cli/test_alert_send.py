"""`veille alert --send`: by every way, once, whatever titles say; `veille outbox` for what could not be sent."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arranging import arrange, tell
from postbox import Hook, Postbox, free_port
from veille.app.home import open_home
from veille.store.db import write

if TYPE_CHECKING:
    from cli.conftest import Run

EVIL = "Boycott <!channel> @all *gras* `x`\r\nBcc: y@example.org\u202e \x1b[31m<script>alert(1)</script>"


@pytest.fixture
def desk(run: "Run", home: Path) -> "Run":
    arrange(home)
    return run


def configure(home: Path, text: str, port: int = 0) -> None:
    mail = f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nfrom = "v@example.org"\ntimeout = "1s"\n'
    (home / "config.toml").write_text((mail if port else "") + text, "utf-8")


def test_an_alert_reaches_people_by_every_way_once(desk: "Run", home: Path, tmp_path: Path) -> None:
    with Postbox() as box, Hook() as hook:
        ways = (
            f'[alert.crise]\nsearch = "buzz"\nmail = ["a@example.org", "b@example.org"]\nfile = "alerts.txt"\n'
            f'webhook = "{hook.url}/hook"\nntfy = "{hook.url}/topic"\ncommand = ["tee", "-a", "{tmp_path}/got"]\n'
        )
        configure(home, ways, box.port)
        first = desk("alert", "Crise", "--send")
        assert (first.code, first.out, first.err) == (0, "", "crise: 1 new, by webhook, ntfy, command, file, mail\n")
        again = desk("alert", "crise", "--send")
        assert (again.code, again.out, again.err) == (1, "", "")
        tell("blog", "Bad buzz pour une marque de chaussures")
        assert desk("alert", "--all", "--send").code == 0
    assert box.targets == ["a@example.org", "b@example.org"] * 2
    assert box.messages[0]["Subject"] == "crise: Boycott annoncé contre la biscuiterie Morvellec"
    assert "Gazette" in box.messages[0].get_content()
    assert box.messages[0]["List-Id"] == "<crise-alert.veille.example.org>"
    posted = {path: json.loads(body) for path, _, body in hook.taken[:2]}
    assert posted["/hook"]["stories"][0]["title"] == "Boycott annoncé contre la biscuiterie Morvellec"
    assert posted["/hook"]["text"].startswith("crise: 1 new\n• Boycott annoncé")
    assert posted["/"]["topic"] == "topic"
    assert posted["/"]["click"].startswith("http://gazette.example/")
    told = (home / "alerts.txt").read_text("utf-8")
    assert told == (tmp_path / "got").read_text("utf-8")
    assert told.count("http://") == 2


def test_a_wrong_query_is_told_with_its_place(desk: "Run", home: Path) -> None:
    configure(home, '[alert.crise]\nfile = "x"\nquery = "(crise OU"\n')
    result = desk("alert", "--send", "crise")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "config.toml:3:1: query, character 1 of “(crise OU”: unclosed" in result.err


def test_a_file_in_the_home_of_nobody_is_told_and_waits(desk: "Run", home: Path) -> None:
    configure(home, '[alert.crise]\nsearch = "buzz"\nfile = "~nobodyhere/alerts.txt"\n')
    result = desk("alert", "--send", "crise")
    assert (result.code, result.err.count("\n")) == (3, 2)
    assert "~nobodyhere/alerts.txt: nobody of that name has a home here: write the whole path" in result.err


def test_what_titles_say_is_a_title_in_every_form(desk: "Run", home: Path, tmp_path: Path) -> None:
    tell("blog", EVIL)
    with Postbox() as box, Hook() as hook:
        ways = (
            f'[alert.crise]\nsearch = "buzz"\ntogether = false\nmail = "a@example.org"\nfile = "alerts.txt"\n'
            f'webhook = "{hook.url}/hook"\nntfy = "{hook.url}/topic"\ncommand = ["tee", "-a", "{tmp_path}/got"]\n'
            'form = "json"\n'
        )
        configure(home, ways, box.port)
        assert desk("alert", "crise", "--send").code == 0
    letter = next(one for one in box.messages if "channel" in one["Subject"])
    assert letter["Bcc"] is None
    assert letter["Subject"].startswith("crise: Boycott <!channel> @all *gras* `x` Bcc: y@example.org")
    assert "\x1b" not in letter["Subject"] + letter.get_content()
    text = next(one["text"] for one in hook.json if "channel" in one.get("text", ""))
    assert text.splitlines()[1].startswith("• Boycott ‹!channel› @\u2060all ∗gras∗ ʼxʼ Bcc: y@\u2060example.org")
    push = next(one for one in hook.json if "channel" in one.get("title", ""))
    assert "\n" not in push["title"]
    lines = (home / "alerts.txt").read_text("utf-8").splitlines()
    assert len(lines) == len((tmp_path / "got").read_text("utf-8").splitlines()) == 2
    assert {json.loads(line)["alert"] for line in lines} == {"crise"}


def test_what_cannot_be_sent_waits_and_is_told_and_sent_later(desk: "Run", home: Path) -> None:
    alert = '[alert.crise]\nsearch = "buzz"\nmail = "a@example.org"\n'
    configure(home, alert, free_port())
    result = desk("alert", "crise", "--send")
    assert result.code == 3
    assert (
        "not sent: “crise: Boycott annoncé contre la biscuiterie Morvellec” → a@example.org: 127.0.0.1:" in result.err
    )
    assert "nothing listens there; tried 1 ×, next " in result.err
    listed = desk("outbox")
    assert (listed.code, listed.out.count("\n")) == (0, 1)
    ((row,)) = desk("outbox", "--json").json
    assert (row["state"], row["tries"], row["way"], row["target"]) == ("waiting", 1, "mail", "a@example.org")
    assert desk("alert", "crise", "--send").code == 1  # not due yet, and not told again
    with Postbox() as box:
        configure(home, alert, box.port)
        assert desk("outbox", "--send").out.count("\n") == 1
        assert (desk("outbox", "--retry").code, len(box.taken)) == (0, 1)
    assert desk("outbox").err == "nothing waits to be sent\n"
    assert [one["state"] for one in desk("outbox", "--all", "--json").json] == ["sent"]


def test_a_refused_message_is_told_and_can_be_dropped(desk: "Run", home: Path) -> None:
    with Postbox(refused=frozenset({"a@example.org"})) as box:
        configure(home, '[alert.crise]\nsearch = "buzz"\nmail = "a@example.org"\n', box.port)
        result = desk("alert", "crise", "--send")
    assert result.code == 3
    assert "550 5.1.1 no such mailbox here; given up: `veille outbox --retry` tries again, `--drop 1`" in result.err
    assert desk("outbox", "--drop", "1").err.startswith("dropped: “crise: Boycott")
    assert desk("outbox", "--json").json == []
    missing = desk("outbox", "--drop", "1")
    assert (missing.code, missing.err) == (2, "veille: message 1: it is dropped: `veille outbox` lists what waits\n")


def test_one_wrong_alert_keeps_no_other_from_being_sent(desk: "Run", home: Path) -> None:
    configure(
        home,
        '[alert.introuvable]\nfile = "x.txt"\n[alert.mail]\nquery = "Morvellec"\nmail = "a@example.org"\n'
        '[alert.crise]\nquery = "boycott"\nfile = "alerts.txt"\n',
    )
    result = desk("alert", "--send", "--all")
    assert result.code == 2
    assert "[alert.introuvable]: no saved search is called “introuvable”" in result.err
    assert "[alert.mail] is to be mailed: it needs a [mail], too" in result.err
    assert (home / "alerts.txt").exists()
    assert not (home / "x.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--send",), "Missing argument"),
        (("x", "--all", "--send"), "one alert or all of them"),
        (("--all",), "--all goes with --send"),
        (("x", "--send", "--urls"), "--send goes without"),
        (("x", "--send", "--since", "2d"), "--send goes without"),
        (("crisse", "--send"), "there is no [alert.crisse]: did you mean crise?"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    desk: "Run", home: Path, arguments: tuple[str, ...], said: str
) -> None:
    configure(home, '[alert.crise]\nfile = "alerts.txt"\n')
    result = desk("alert", *arguments)
    assert result.code == 2
    assert said in result.err


def test_without_any_alert_it_is_told_where_they_are_written(desk: "Run") -> None:
    result = desk("alert", "--send", "--all")
    assert result.code == 2
    assert "config.toml: there is no [alert.NAME] in it" in result.err


def test_a_json_reply_says_what_was_queued(desk: "Run", home: Path) -> None:
    configure(home, '[alert.crise]\nsearch = "buzz"\nfile = "alerts.txt"\n')
    assert desk("alert", "--send", "--all", "--json").json == [{"alert": "crise", "stories": 1, "ways": ["file"]}]


def test_a_fetch_sends_what_is_due(desk: "Run", home: Path) -> None:
    alert = '[alert.crise]\nsearch = "buzz"\nmail = "a@example.org"\n'
    configure(home, alert, free_port())
    assert desk("alert", "crise", "--send").code == 3
    with open_home() as opened, write(opened.db):
        opened.db.execute("UPDATE feeds SET muted = 1")
        opened.db.execute("UPDATE outbox SET next_try_at = '2020-01-01T00:00:00Z'")
    assert "not sent: “crise: Boycott" in desk("fetch", "-q").err
    with Postbox() as box, open_home() as opened:
        configure(home, alert, box.port)
        with write(opened.db):
            opened.db.execute("UPDATE outbox SET next_try_at = '2020-01-01T00:00:00Z'")
        assert desk("fetch", "-q").err == ""
        assert len(box.taken) == 1


def test_a_digest_ends_with_3_for_mail_of_its_own_alone(desk: "Run", home: Path) -> None:
    tables = '[alert.crise]\nsearch = "buzz"\nmail = "a@example.org"\n[digest.soir]\nmail = ["moi@example.org"]\n'
    configure(home, tables, free_port())
    assert desk("alert", "crise", "--send").code == 3
    assert desk("digest", "soir").code == 3

    def run_again(*arguments: str) -> tuple[int, str]:
        with open_home() as opened, write(opened.db):
            opened.db.execute("UPDATE outbox SET next_try_at = '2020-01-01T00:00:00Z'")
        result = desk(*arguments)
        return result.code, result.err

    code, said = run_again("digest", "matin", "--since", "24h")
    assert code == 0
    # It has tried them, and perhaps for the last time: that is told all the same.
    assert said.count("not sent: ") == 2
    assert run_again("digest", "soir")[0] == 3
