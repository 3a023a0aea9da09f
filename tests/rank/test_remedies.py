"""What to do about each reason for which a feed fails: commands that veille and a shell accept."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import Any

import pytest

from make import make_feed, make_subscription
from veille.feed import Feed, FeedSettings, FeedState
from veille.feedkeys import read_key, read_pair
from veille.rank.remedies import Remedy, find_remedy, tell_reason

SECONDS = timedelta(seconds=1)
NOW = "veille fetch 4 --force"
SITE = "veille add https://site.example/"
PASSWORD = ("veille feeds set 4 auth=netrc", "veille feeds set 4 auth='basic:login:$NAME'")


def failing(reason: str, *, url: str = "https://www.example.org/rss", **settings: Any) -> Feed:
    subscription = make_subscription(url=url, site_url="https://site.example/")
    state = FeedState(status="failing", reason=reason, failures=1)
    return make_feed(4, subscription=subscription, state=state, settings=FeedSettings(**settings))


def remedy(reason: str, *, timeout: timedelta = 20 * SECONDS, **fields: Any) -> Remedy:
    return find_remedy(failing(reason, **fields), timeout=timeout)


@pytest.mark.parametrize(
    ("reason", "commands"),
    [
        # As fetch/credentials.py words them.
        ("the environment variable PASS is not set: its settings refer to it", ("export PASS=…", NOW)),
        ("the environment variable PASS holds what no header carries: a line break", ("export PASS=…", NOW)),
        ("header.X-Key holds what no header carries: a blank at an end", ("veille feeds set 4", NOW)),
        ("auth: its login holds a colon, which no login may (RFC 7617)", (NOW,)),
        ("auth=netrc: ~/.netrc must be yours and closed to others: chmod 600", ("chmod 600 ~/.netrc", NOW)),
        (
            "auth=netrc: the file of $NETRC must be yours and closed to others: chmod 600",
            ('chmod 600 "$NETRC"', NOW),
        ),
        ("auth=netrc: ~/.netrc cannot be read: see its line 3", (NOW,)),
        ("auth=netrc: ~/.netrc cannot be read: No such file or directory", ("chmod 600 ~/.netrc", NOW)),
        ("auth=netrc: ~/.netrc cannot be read: Permission denied", (NOW,)),
        ("auth=netrc: ~/.netrc cannot be read", (NOW,)),
        ("auth=netrc: ~/.netrc has no login and password for machine www.example.org", (NOW,)),
        ("proxy: what it refers to is not an address such as http://host:8080", ("veille feeds set 4", NOW)),
        # As fetch/explain.py and fetch/http.py do.
        ("through its proxy, the connection was refused", ("veille feeds set 4", NOW)),
        ("the proxy asks for a password (407)", ("veille feeds set 4", NOW)),
        ("the host name is not known", ("veille remove 4",)),
        ("the host does not answer", (NOW,)),
        ("the connection was refused", (NOW,)),
        ("the connection was cut", (NOW,)),
        ("the connection failed ([Errno 113] No route to host)", (NOW,)),
        ("the TLS connection failed (wrong version number)", (NOW,)),
        ("its certificate is not valid (certificate has expired)", (NOW,)),
        ("it redirects to a private address (10.0.0.1): allow_private in config.toml permits it", ()),
        ("there is nothing at this address (404)", (SITE,)),
        ("it is a web page, not a feed", (SITE,)),
        ("larger than 10 MB (see max_body)", ()),
        ("a fault in veille itself: ValueError: no", (NOW,)),
        ("the server answered 500", (SITE,)),
        ("it redirects in a circle", (SITE,)),
    ],
)
def test_each_reason_has_the_commands_that_mend_it(reason: str, commands: tuple[str, ...]) -> None:
    found = remedy(reason)
    assert found.commands == commands
    assert found.words.endswith(":") is bool(commands)
    assert "{" not in found.words
    if SITE not in commands:
        assert "new address" not in found.words


def test_what_is_missing_is_named() -> None:
    assert "where fetch runs (cron too)" in remedy("the environment variable PASS is not set: ...").words
    line = remedy("auth=netrc: ~/.netrc has no login and password for machine www.example.org").words
    assert "“machine www.example.org login … password …”" in line
    line = remedy("auth=netrc: ~/.netrc cannot be read: No such file or directory").words
    assert "“machine www.example.org login … password …”" in line
    colon = remedy("auth: its login holds a colon, which no login may (RFC 7617)", auth="basic:$ME:$PASS")
    assert "auth=basic:$ME:$PASS refers to" in colon.words


def test_what_a_server_says_makes_no_remedy_for_another_reason() -> None:
    quoted = remedy("the answer is not valid HTTP (the environment variable PASS is not set)")
    assert quoted.commands == (SITE,)
    assert remedy("the connection failed ([1] no (401))").commands == (NOW,)


@pytest.mark.parametrize(
    "reason",
    ["it asks for a password (401): `veille feeds set FEED auth=netrc` gives it one", "access is refused (403)"],
)
def test_who_is_refused_says_who_he_is_by_settings_that_veille_accepts(reason: str) -> None:
    found = remedy(reason)
    assert found.commands == PASSWORD
    for command in found.commands:
        *words, pair = shlex.split(command)
        assert words == ["veille", "feeds", "set", "4"]
        key, _, value = pair.partition("=")
        assert read_pair(read_key(key), value) == value


@pytest.mark.parametrize("status", ["it does not take the password given (401)", "access is refused (403)"])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"auth": "basic:me:$PASS"}, "check the secret that auth=basic:me:$PASS refers to, then fetch:"),
        ({"auth": "bearer:$TOKEN"}, "check the secret that auth=bearer:$TOKEN refers to, then fetch:"),
        ({"auth": "netrc"}, "check what netrc says of machine www.example.org, then fetch:"),
        (
            {"headers": (("Authorization", "Key $KEY"),)},
            "check the secret that header.Authorization refers to, then fetch:",
        ),
    ],
)
def test_credentials_that_are_set_are_checked_and_not_overwritten(
    status: str, settings: dict[str, Any], said: str
) -> None:
    assert remedy(status, **settings) == Remedy(said, (NOW,))


def test_who_is_refused_may_also_have_a_password_in_the_address_or_another_name() -> None:
    address = remedy("it does not take the password given (401)", url="https://me:secret@www.example.org/rss")
    assert address.words.startswith("check the password in its address, or say who you are")
    assert "secret" not in f"{address}"
    named = remedy("access is refused (403)", user_agent="other/1.0")
    assert named.commands == ("veille feeds unset 4 user_agent", *PASSWORD)
    assert remedy("it asks for a password (401)", user_agent="other/1.0").commands == PASSWORD


@pytest.mark.parametrize(
    ("seconds", "command"),
    [
        (0.2, "veille feeds set 4 timeout=0.4s"),
        (20, "veille feeds set 4 timeout=40s"),
        (60, "veille feeds set 4 timeout=120s"),
    ],
)
def test_a_slow_feed_gets_twice_the_time_that_it_had(seconds: float, command: str) -> None:
    found = remedy("no complete answer in time", timeout=seconds * SECONDS)
    assert found == Remedy("give it more time:", (command,))
    assert read_pair("timeout", command.rpartition("=")[2]) == 2 * seconds * SECONDS


def test_a_feed_that_is_slower_than_two_minutes_hangs() -> None:
    assert remedy("no complete answer in 61 s", timeout=61 * SECONDS) == Remedy(
        "it hangs: look at it in a browser; to try now:", (NOW,)
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("it asks (401): `veille feeds set FEED auth=netrc` gives it one", "it asks (401)"),
        ("not the password (401): see `veille feeds set FEED`", "not the password (401)"),
        ("auth=netrc: ~/.netrc must be yours: chmod 600", "auth=netrc: ~/.netrc must be yours: chmod 600"),
        ("moved to https://x.example/: `veille", "moved to https://x.example/: `veille"),
    ],
)
def test_a_reason_is_told_without_the_advice_at_its_end(reason: str, told: str) -> None:
    assert tell_reason(reason) == told
