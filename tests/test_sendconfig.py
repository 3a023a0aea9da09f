"""`[mail]` and `[alert.NAME]`: what is taken, and one line with its place for what is not, secrets never quoted."""

import re
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from veille.config import find_places, list_settings, load_settings
from veille.errors import ConfigError

if TYPE_CHECKING:
    from veille.sendconfig import AlertSettings, MailSettings

MAIL = '[mail]\nhost = "smtp.example.org"\nfrom = "v@example.org"\n'


def load(home: Path, text: str) -> Any:
    (home / "config.toml").write_text(text, "utf-8")
    return load_settings(find_places())


def fail(home: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(home, text)
    said = str(caught.value)
    assert "\n" not in said
    return said.removeprefix(f"{home}/config.toml:")


def test_nothing_said_is_no_mail_and_no_alert(home: Path) -> None:
    settings = load(home, "")
    assert (settings.mail, settings.alerts) == (None, {})


def test_mail_is_read_with_its_defaults(home: Path) -> None:
    mail: MailSettings = load(home, MAIL).mail
    assert (mail.host, mail.port, mail.security) == ("smtp.example.org", 587, "starttls")
    assert (mail.sender, mail.timeout, mail.failures) == ("v@example.org", timedelta(seconds=30), ())
    assert load(home, f'{MAIL}security = "tls"\n').mail.port == 465
    assert load(home, f'{MAIL}security = "none"\ninsecure = true\n').mail.port == 25
    for host in ("127.0.0.1", "localhost", "::1", "[::1]"):
        assert load(home, f'[mail]\nhost = "{host}"\nfrom = "v@x.org"\nsecurity = "none"\n').mail.security == "none"


def test_names_and_domains_beyond_ascii_are_taken(home: Path) -> None:
    text = '[mail]\nhost = "smtp.exämple.org"\nfrom = "Élise, du matin <e@exämple.org>"\nfailures = "Zoë <z@x.org>"\n'
    mail = load(home, text).mail
    assert mail.host == "smtp.xn--exmple-cua.org"
    assert mail.sender == '"Élise, du matin" <e@xn--exmple-cua.org>'
    assert mail.failures == ("Zoë <z@x.org>",)


@pytest.mark.parametrize(
    ("line", "place", "said"),
    [
        ('host = "x"', "1:1", "from is missing"),
        ('from = "v@x.org"', "1:1", "host is missing"),
        (f'{MAIL[7:]}user = "me"', "1:1", "user and password go together"),
        (
            f'{MAIL[7:]}user = "me"\npassword = "hunter2"',
            "5:1",
            'password: the password itself is not taken: write "$N',
        ),
        (f'{MAIL[7:]}security = "none"', "4:1", "security: mail, and the password with it, could be read on the way"),
        (f'{MAIL[7:]}security = "ssl"', "4:1", "security: it takes tls, starttls, none, not 'ssl'"),
        (f"{MAIL[7:]}port = 0", "4:1", "port: 0 is too much or too little"),
        (f"{MAIL[7:]}port = 99999", "4:1", "port: 99999 is too much"),
        (f"{MAIL[7:]}prot = 25", "4:1", "unknown key “prot”: did you mean port?"),
        (f'{MAIL[7:]}timeout = "soon"', "4:1", "timeout: “soon” is not a duration"),
        (f'{MAIL[7:]}failures = ["a@x.org", "b"]', "4:1", "failures: it takes an address such as"),
        (f"{MAIL[7:]}failures = []", "4:1", "failures: it takes a list of addresses"),
        ('host = "a b"\nfrom = "v@x.org"', "2:1", "host: it takes the name of a server"),
        ('host = "h"\nfrom = "v@x.org\\r\\nBcc: y@x.org"', "3:1", "from: it takes an address such as"),
        ('host = "h"\nfrom = "V\\nBcc: y <v@x.org>"', "3:1", "from: the name before an address is of one line"),
        ('host = "h"\nfrom = "é@x.org"', "3:1", "from: it takes an address such as"),
        ('host = "h"\nfrom = "a@x.org, b@x.org"', "3:1", "from: it takes an address such as"),
    ],
)
def test_what_mail_does_not_take_is_told_with_its_place(home: Path, line: str, place: str, said: str) -> None:
    told = fail(home, f"[mail]\n{line}\n")
    assert told.startswith(f"{place}: {said}")
    assert "hunter2" not in told


def test_an_alert_is_read_with_its_ways(home: Path) -> None:
    text = (
        '[alert.crise]\nquery = "boycott OR grève"\nmail = ["a@x.org", "a@x.org"]\ncommand = ["mail", "-s", "x y"]\n'
        'ntfy = "https://ntfy.sh/topic_1"\ntoken = "$NTFY"\nwebhook = "$HOOK"\ntogether = false\nform = "json"\n'
        'headers = { x-api-key = "$KEY" }\nfile = "~/alerts.txt"\ntimeout = "5s"\n'
    )
    alert: AlertSettings = load(home, text).alerts["crise"]
    assert alert.expression == "boycott OR grève"
    assert (alert.mail, alert.command) == (("a@x.org",), ("mail", "-s", "x y"))
    assert (alert.headers, alert.together, alert.form) == ((("X-Api-Key", "$KEY"),), False, "json")
    assert load(home, '[alert."à suivre"]\nfile = "x"\n').alerts["à suivre"].expression == "@à suivre"
    assert load(home, '[alert.a]\nsearch = "buzz"\nfile = "x"\n').alerts["a"].expression == "@buzz"


@pytest.mark.parametrize(
    ("line", "place", "said"),
    [
        ('query = "x"', "1:2", "it reaches nobody: give it one of mail, webhook, ntfy, command, file"),
        ('search = "x"\nquery = "y"\nfile = "f"', "3:1", "query: search names a saved search already"),
        ('webhook = "file:///etc/passwd"', "2:1", "webhook: it takes an http or https address"),
        ('webhook = "http://me:hunter2@x.org/"', "2:1", "webhook: an address with a password in it is not taken"),
        ('webhook = "x $HOOK"', "2:1", "webhook: it takes an http or https address"),
        ('ntfy = "https://ntfy.sh/"', "2:1", "ntfy: it takes the address of a topic"),
        ('ntfy = "https://ntfy.sh/a/b"', "2:1", "ntfy: it takes the address of a topic"),
        ('ntfy = "https://ntfy.sh/t"\ntoken = "hunter2"', "3:1", "token: the token itself is not taken"),
        ('file = "f"\ntoken = "$T"', "3:1", "token: it goes with ntfy"),
        ('file = "f"\nheaders = { a = "b" }', "3:1", "headers: it goes with webhook"),
        (
            'webhook = "http://x.org/"\nheaders = { Authorization = "hunter2" }',
            "3:1",
            "header.Authorization: the secret",
        ),
        ('command = "mail -s x"', "2:1", "command: it takes a program and its arguments"),
        ("command = []", "2:1", "command: it takes a program"),
        ('command = [""]', "2:1", "command: it takes a program"),
        ('file = "f"\nform = "xml"', "3:1", "form: it takes text, json, not 'xml'"),
        ("file = 3", "2:1", "file: it takes a text of one line"),
    ],
)
def test_what_an_alert_does_not_take_is_told_with_its_place(home: Path, line: str, place: str, said: str) -> None:
    told = fail(home, f"[alert.x]\n{line}\n")
    assert said in told
    assert "hunter2" not in told
    assert told.startswith(f"{place[0]}:")


def test_what_is_no_table_is_told(home: Path) -> None:
    assert "write [mail] on a line of its own" in fail(home, 'mail = "x"\n')
    assert "write [alert.NAME] on a line of its own" in fail(home, 'alert = "x"\n')
    assert "write [alert.NAME] on a line of its own" in fail(home, '[alert]\nx = "y"\n')
    assert "unknown section “mial”: did you mean mail?" in fail(home, '[mial]\nhost = "y"\n')


def test_settings_are_listed_with_their_places_and_secrets_by_name(home: Path) -> None:
    text = f'{MAIL}user = "me"\npassword = "$PW"\n[alert.a]\nwebhook = "$HOOK"\n'
    rows = {row["key"]: row for row in list_settings(load(home, text))}
    assert rows["mail.password"]["value"] == "$PW"
    assert rows["mail.from"]["source"] == f"{home}/config.toml:3"
    assert rows['alert."a".webhook']["value"] == "$HOOK"


def test_the_examples_of_the_page_are_taken(home: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "mail.md").read_text("utf-8")
    settings = load(home, "\n".join(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)))
    assert settings.mail.failures == ("me@example.org",)
    assert list(settings.alerts) == ["crise", "marque"]
    for key in settings.mail.sources:
        assert f"`{key}`" in page


@pytest.mark.parametrize("name", ['V. "le" \\ matin', "a, b", "x@y", "(c)", "Élise"])
def test_a_name_before_an_address_survives_as_it_is_written(home: Path, name: str) -> None:
    written = f"{name} <v@example.org>"
    sender = load(home, f"[mail]\nhost = 'h'\nfrom = '{written}'\n").mail.sender
    assert parseaddr(sender) == (name, "v@example.org")
