"""Secrets told by where they are: `$NAME` for an environment variable, `netrc` for that file. Never a secret itself.

A text as the user wrote it in, the same text or its refusal out. No variable is read here. Refusals never quote
what they refuse: it may be the secret. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from veille.errors import UsageError
from veille.urls import is_web

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = r"\$[A-Za-z_][A-Za-z0-9_]*"
# A reference is a word of its own: in `pa$word` the sign is part of somebody's password.
_REFERENCE = re.compile(rf"(?<![^\s=:;,\"'])({_NAME})(?![^\s;,\"'])")
_AUTH = re.compile(
    rf"netrc|bearer:(?P<token>{_NAME})|basic:(?P<login>{_NAME}|[^$:\x00-\x1f\x7f]+):(?P<password>{_NAME})"
)
_PROXY = re.compile(
    rf"(?P<whole>{_NAME})|(?P<scheme>https?)://(?:(?P<login>{_NAME}|[^$:@/?#\s]+)(?::(?P<password>{_NAME}))?@)?"
    rf"(?P<host>{_NAME}|[^$:@/?#\s\[\]]+|\[[0-9A-Fa-f:.]+\])(?P<port>:\d{{1,5}})?/?"
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_HEADER_VALUE = re.compile(r"[!-~](?:[\t -~]{0,1998}[!-~])?")
# Headers that carry secrets by what they are called: a literal value is refused.
_SECRET = re.compile(r"auth|cookie|token|secret|key|passw|session|credential|signature|jwt", re.IGNORECASE)
# A setting whose name tells of a secret, in any kind of quotes or none; a password in an address.
_SETTING = re.compile(
    r"""(?P<name>["']?\b[\w.-]*(?:auth|cookie|token|secret|key|passw|credential|signature|jwt)[\w.-]*["']?"""
    r"""[ \t]*=[ \t]*)"""
    r"""(?P<value>\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s,\[{#}\]]+)""",
    re.IGNORECASE | re.DOTALL,
)
_IN_ADDRESS = re.compile(r"""(?P<login>://[^\s/@:"']*):(?P<password>[^\s/@"']+)@""")
# Headers that are veille's to send, or that would change what an exchange is; and why, or what to do instead.
_CONNECTION = "it belongs to the connection"
_OURS = {
    "host": "it follows from the address",
    "user-agent": "set user_agent instead",
    "referer": "veille sends none",
    "proxy-authorization": "write it in proxy, as http://login:$NAME@host:8080",
    "accept-encoding": "veille says what it can decode",
    "range": "a part of a feed is no feed",
    **dict.fromkeys(
        "if-match if-none-match if-modified-since if-unmodified-since if-range".split(), "veille asks what has changed"
    ),
    **dict.fromkeys(
        "connection proxy-connection keep-alive content-length content-type content-encoding transfer-encoding te "
        "trailer upgrade expect http2-settings max-forwards via forwarded".split(),
        _CONNECTION,
    ),
}
_QUOTES = "between single quotes in a shell"


class Auth(NamedTuple):
    """Where credentials are: a netrc file, a token, or a login with its password; "" for what is not meant."""

    token: str = ""
    login: str = ""
    password: str = ""


class ProxyParts(NamedTuple):
    """A proxy's address in its parts, references and all; `whole` when one variable holds all of it."""

    whole: str = ""
    scheme: str = ""
    login: str = ""
    password: str = ""
    host: str = ""
    port: str = ""


def check_auth(text: str) -> str:
    """`netrc`, `bearer:$NAME`, `basic:$LOGIN:$PASSWORD` or `basic:login:$PASSWORD`; raises UsageError for the rest."""
    if not _AUTH.fullmatch(text):
        raise UsageError(
            "auth: it takes netrc, or the name of the environment variable that holds the secret, never the secret:"
            f" 'auth=bearer:$NAME' or 'auth=basic:login:$NAME', {_QUOTES}"
        )
    return text


def check_header_name(name: str) -> str:
    """A header's name in its usual capitals. Raises UsageError for one that is not the user's to set."""
    if not _HEADER_NAME.fullmatch(name):
        raise UsageError("header: its name takes letters, digits and hyphens: write it as header.X-Api-Key")
    why = _OURS.get(name.lower())
    if why:
        raise UsageError(f"header.{name}: it is not yours to set: {why}")
    return "-".join(part.capitalize() for part in name.split("-"))


def check_header(name: str, value: str) -> str:
    """A header's value, its secrets by reference. Raises UsageError."""
    if not _HEADER_VALUE.fullmatch(value):
        raise UsageError(f"header.{name}: its value takes one line of printable ASCII, 2000 characters at most")
    if "$" in _REFERENCE.sub("", value):
        raise UsageError(f"header.{name}: a $ begins the name of an environment variable, as a word of its own: $NAME")
    if _SECRET.search(name) and not _REFERENCE.search(value):
        raise UsageError(
            f"header.{name}: the secret itself is not taken, only the name of the environment variable that holds it:"
            f" 'header.{name}=$NAME', {_QUOTES}"
        )
    return value


def check_proxy(text: str) -> str:
    """A proxy's address, its password by reference. Raises UsageError."""
    parts = _PROXY.fullmatch(text)
    if parts and (
        parts["whole"] or parts["host"].startswith("$") or is_web(f"http://{parts['host']}{parts['port'] or ''}")
    ):
        return text
    if "@" in text and not parts:
        raise UsageError(
            "proxy: a password itself is not taken, only the name of the environment variable that holds it:"
            f" 'proxy=http://login:$NAME@host:8080', {_QUOTES}"
        )
    raise UsageError("proxy: it takes an address such as http://host:8080, or $NAME for a variable that holds one")


def split_auth(text: str) -> Auth:
    """The parts of what `check_auth` has taken."""
    found = _AUTH.fullmatch(text)
    return Auth(**{name: value or "" for name, value in found.groupdict().items()}) if found else Auth()


def split_proxy(text: str) -> ProxyParts:
    """The parts of what `check_proxy` has taken."""
    found = _PROXY.fullmatch(text)
    return ProxyParts(**{name: value or "" for name, value in found.groupdict().items()}) if found else ProxyParts()


def blank_secrets(text: str) -> tuple[str, int]:
    """A settings file's text with every literal that may be a secret emptied, and how many were; right TOML or not.

    What stands after a name that tells of a secret, comments too, unless it names a variable; passwords in addresses.
    """
    emptied = 0

    def blank(found: re.Match[str]) -> str:
        nonlocal emptied
        value = found["value"]
        if value.strip("\"'") in ("", "netrc") or _REFERENCE.search(value.strip("\"'")):
            return found[0]
        emptied += 1
        value, before = found["value"], found.string[: found.start("value")].rpartition("\n")[2]
        # A part of a text between quotes, as `token=...` of an address is: the text must end where it did.
        quote = next((one for one in "'\"" if before.count(one) % 2), "")
        if not quote:
            return f'{found["name"]}""'
        return found["name"] + (value[0] * 2 if value[0] in "'\"" else "".join(value.partition(quote)[1:]))

    def blank_address(found: re.Match[str]) -> str:
        nonlocal emptied
        if re.fullmatch(_NAME, found["password"]):
            return found[0]
        emptied += 1
        return f"{found['login']}:@"

    return _IN_ADDRESS.sub(blank_address, _SETTING.sub(blank, text)), emptied


def expand(text: str, find: Callable[[str], str]) -> str:
    """A text with every reference replaced by what `find` gives for the variable's name."""
    return _REFERENCE.sub(lambda reference: find(reference[1][1:]), text)
