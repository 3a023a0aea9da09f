"""What to do about a feed that fails: its reason and what is known of it in, words and commands out.

Reasons are known by how they begin, as fetching words them (fetch/credentials.py, fetch/explain.py, fetch/http.py);
what a server or a library said stands at their end, in brackets. Nothing is run here. Pure.
"""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from veille.urls import host_of, without_user

if TYPE_CHECKING:
    from veille.feed import Feed

# Who waits longer than this for one document waits for nothing.
_LONGEST_TIMEOUT = timedelta(minutes=2)
_TRY_NOW = "veille fetch {id} --force"
_SETTINGS = "veille feeds set {id}"
_LOOK_ELSEWHERE = "look for its new address:"
_STAYS_AWAY = "it is asked again by itself; should it stay so, look for its new address:"
_ADVICE = re.compile(r": (?:see )?`veille [^`]*`[^`]*$")


class Remedy(NamedTuple):
    """What to do, and the commands that do it, each to be copied as it is."""

    words: str
    commands: tuple[str, ...] = ()


# What a reason begins with, what to do, the commands. {id}, {site} and what the reason names are filled in.
_REMEDIES: tuple[tuple[re.Pattern[str], Remedy], ...] = tuple(
    (re.compile(begins), Remedy(words, tuple(commands)))
    for begins, words, *commands in (
        # What its settings refer to is missing here: the server was not asked.
        (
            r"the environment variable (?P<name>\w+) is not set",
            "set it where fetch runs (cron too), then fetch:",
            "export {name}=…",
            _TRY_NOW,
        ),
        (
            r"the environment variable (?P<name>\w+) holds",
            "set it anew where fetch runs (cron too), then fetch:",
            "export {name}=…",
            _TRY_NOW,
        ),
        (r"auth=netrc: .* closed to others", "make it so, then fetch:", "chmod 600 {file}", _TRY_NOW),
        (
            r"auth=netrc: .* has no login and password for machine (?P<host>\S+)",
            "add a line “machine {host} login … password …” to it, then fetch:",
            _TRY_NOW,
        ),
        (r"auth=netrc: .* cannot be read: see its line", "mend that line, then fetch:", _TRY_NOW),
        (
            r"auth=netrc: .* cannot be read: No such file",
            "write it, with a line “machine {feed_host} login … password …”, and close it to others; then fetch:",
            "chmod 600 {file}",
            _TRY_NOW,
        ),
        (r"auth=netrc: .* cannot be read", "make it a text that you may read, then fetch:", _TRY_NOW),
        (r"auth: its login", "check the login that auth={auth} refers to, then fetch:", _TRY_NOW),
        (r"header\.\S+ holds|proxy: ", "check what its settings say, then fetch:", _SETTINGS, _TRY_NOW),
        # Between here and the server.
        (r"(?:through its proxy, |the proxy )", "check its proxy, then fetch:", _SETTINGS, _TRY_NOW),
        (
            r"the host name is not known",
            "if other feeds come, its host has closed or has another name: search for the site, or do without it:",
            "veille remove {id}",
        ),
        (
            r"the host does not answer|the connection (?:was refused|was cut|failed)|the TLS connection failed",
            "its server is down or turns you away: it is asked again by itself; to try now:",
            _TRY_NOW,
        ),
        (
            r"its certificate is not valid",
            "look at it in a browser: if it is refused there too, its publisher has to renew it; to try now:",
            _TRY_NOW,
        ),
        (r"it redirects to a private address", "if you trust it, allow_private in config.toml permits it"),
        # What the server said.
        (r"there is nothing at this address|.*not a feed", _LOOK_ELSEWHERE, "veille add {site}"),
        (r"larger than", "accept larger documents: max_body under [fetch] in config.toml"),
        (r"a fault in veille", "it is no fault of the feed's: tell veille's makers; to try again:", _TRY_NOW),
    )
)
_REFUSED = re.compile(r"[^(]*\((?P<status>401|403)\)")
_TOO_SLOW = re.compile(r"no complete answer")


def find_remedy(feed: Feed, *, timeout: timedelta) -> Remedy:
    """What to do about the reason for which a feed fails; `timeout` is the one in force for it."""
    reason = feed.state.reason
    refused = _REFUSED.match(reason)
    if refused:
        return _identify(feed, refused["status"])
    if _TOO_SLOW.match(reason):
        return _give_time(feed, timeout)
    default = Remedy(_STAYS_AWAY, ("veille add {site}",))
    found, remedy = next(
        ((found, remedy) for begins, remedy in _REMEDIES if (found := begins.match(reason))), (None, default)
    )
    values = (found.groupdict() if found else {}) | {
        "id": feed.id,
        "site": quote_site(feed),
        "auth": feed.settings.auth,
        "feed_host": host_of(feed.subscription.url),
        "file": '"$NETRC"' if "$NETRC" in reason else "~/.netrc",
    }
    return Remedy(remedy.words.format(**values), tuple(command.format(**values) for command in remedy.commands))


def tell_reason(reason: str) -> str:
    """A reason without the advice at its end, which is given apart."""
    return _ADVICE.sub("", reason)


def quote_site(feed: Feed) -> str:
    """Where the feed's site is, as a word of a command: what a feed says of it must not be run."""
    parts = urlsplit(without_user(feed.subscription.url))
    return shlex.quote(without_user(feed.subscription.site_url) or f"{parts.scheme}://{parts.netloc}/")


def _identify(feed: Feed, status: str) -> Remedy:
    """For a server that wants to know who asks: what is set already is checked, never overwritten."""
    settings, host = feed.settings, host_of(feed.subscription.url)
    told = "header.Authorization" if any(name == "Authorization" for name, _ in settings.headers) else ""
    told = f"auth={settings.auth}" if settings.auth else told
    if told:
        where = (
            f"what netrc says of machine {host}" if settings.auth == "netrc" else f"the secret that {told} refers to"
        )
        return Remedy(f"check {where}, then fetch:", (_TRY_NOW.format(id=feed.id),))
    commands = [f"veille feeds set {feed.id} auth=netrc", f"veille feeds set {feed.id} auth='basic:login:$NAME'"]
    words = "say who you are, by ~/.netrc or by an environment variable NAME that holds the password:"
    if "@" in urlsplit(feed.subscription.url).netloc:
        words = f"check the password in its address, or {words}"
    elif status == "403" and settings.user_agent:
        words = f"ask by veille's own name, or {words}"
        commands.insert(0, f"veille feeds unset {feed.id} user_agent")
    elif status == "403":
        words = f"look at it in a browser; if it asks for a password there, {words}"
    return Remedy(words, tuple(commands))


def _give_time(feed: Feed, timeout: timedelta) -> Remedy:
    longer = 2 * timeout
    if longer > _LONGEST_TIMEOUT:
        return Remedy("it hangs: look at it in a browser; to try now:", (_TRY_NOW.format(id=feed.id),))
    return Remedy("give it more time:", (f"veille feeds set {feed.id} timeout={longer.total_seconds():g}s",))
