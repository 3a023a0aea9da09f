"""What a feed's settings refer to, found when it is fetched: environment variables, netrc, and the headers they make.

Settings that name secrets in, a Sending that holds them out. What is missing is told by its name. A secret is
never part of a message, of a `repr`, or of anything that is stored.
"""

from __future__ import annotations

import base64
import functools
import netrc
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from veille.references import expand, split_auth, split_proxy
from veille.urls import host_of, is_web

if TYPE_CHECKING:
    from veille.feed import FeedSettings

# RFC 9110, 5.5: no line breaks, no controls, no blank at either end; octets beyond ASCII are allowed.
_FIELD = re.compile(rb"[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?")
_OTHERS = 0o077  # the permissions of anybody but the owner


class CredentialsError(Exception):
    """What the settings refer to is missing or of no use; the message names it, never its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What requests for one feed carry beside the usual, and the address of its proxy, "" for none."""

    headers: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
    proxy: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def has_authorization(self) -> bool:
        """Whether it carries credentials of its own."""
        return any(name == b"Authorization" for name, _ in self.headers)

    def conceal(self, text: str) -> str:
        """What a server said, without the secrets that it may have sent back."""
        for secret in self.secrets:
            for form in (secret, quote(secret, safe=""), repr(secret)[1:-1]):
                text = text.replace(form, "…")
        return text


def prepare_sending(url: str, settings: FeedSettings) -> Sending:
    """The headers and the proxy of a feed, references resolved; `auth` comes before a header of that name.

    Raises CredentialsError.
    """
    secrets: set[str] = set()
    find = functools.partial(_read_variable, secrets)
    headers = {name: expand(value, find) for name, value in settings.headers}
    if settings.auth:
        headers["Authorization"] = _authorize(settings.auth, host_of(url), secrets)
    proxy = _find_proxy(settings.proxy, secrets)
    return Sending(
        headers=tuple((name.encode("ascii"), _to_field(value, f"header.{name}")) for name, value in headers.items()),
        proxy=proxy,
        secrets=tuple(sorted(secrets, key=len, reverse=True)),
    )


def _read_variable(secrets: set[str], name: str) -> str:
    """A variable's value, which a header can carry; remembered among the secrets."""
    value = os.environ.get(name, "")
    if not value:
        raise CredentialsError(f"the environment variable {name} is not set: its settings refer to it")
    secrets.add(value)
    _to_field(value, f"the environment variable {name}")
    return value


def _to_field(value: str, what: str) -> bytes:
    """A header's value in octets."""
    octets = value.encode("utf-8", "surrogateescape")
    if not _FIELD.fullmatch(octets):
        raise CredentialsError(f"{what} holds what no header carries: a line break, a control, a blank at an end")
    return octets


def _authorize(auth: str, host: str, secrets: set[str]) -> str:
    parts = split_auth(auth)
    if parts.token:
        return f"Bearer {expand(parts.token, functools.partial(_read_variable, secrets))}"
    if parts.login:
        login, password = (expand(part, functools.partial(_read_variable, secrets)) for part in parts[1:])
    else:
        login, password = _read_netrc(host)
        secrets |= {login, password}
    if ":" in login:
        raise CredentialsError("auth: its login holds a colon, which no login may (RFC 7617)")
    encoded = base64.b64encode(f"{login}:{password}".encode("utf-8", "surrogateescape")).decode("ascii")
    secrets.add(encoded)
    return f"Basic {encoded}"


def _read_netrc(host: str) -> tuple[str, str]:
    """The login and password that netrc has for a host. Its parser's messages quote the file: they go no further."""
    told = os.environ.get("NETRC", "")
    name = "the file of $NETRC" if told else "~/.netrc"
    try:
        path = Path(told or "~/.netrc").expanduser()
        status = path.stat()
        if status.st_uid != os.getuid() or status.st_mode & _OTHERS:
            raise CredentialsError(f"auth=netrc: {name} must be yours and closed to others: chmod 600")
        entry = netrc.netrc(str(path)).authenticators(host)
    except netrc.NetrcParseError as error:
        raise CredentialsError(f"auth=netrc: {name} cannot be read: see its line {error.lineno}") from None
    except OSError as error:
        raise CredentialsError(f"auth=netrc: {name} cannot be read: {error.strerror}") from None
    except (RuntimeError, ValueError):  # nobody's home; text in no encoding
        raise CredentialsError(f"auth=netrc: {name} cannot be read") from None
    if entry is None or not entry[2]:
        raise CredentialsError(f"auth=netrc: {name} has no login and password for machine {host}")
    return entry[0], entry[2]


def _find_proxy(proxy: str, secrets: set[str]) -> str:
    """A proxy's address with its login and password, "" for none."""
    if not proxy:
        return ""
    find = functools.partial(_read_variable, secrets)
    parts = split_proxy(proxy)
    if parts.whole:
        address = expand(parts.whole, find)
    else:
        login, password = (quote(expand(part, find), safe="") for part in (parts.login, parts.password))
        user = f"{login}{':' if password else ''}{password}{'@' if login else ''}"
        address = f"{parts.scheme}://{user}{expand(parts.host, find)}{parts.port}"
    if not is_web(address):
        raise CredentialsError("proxy: what it refers to is not an address such as http://host:8080")
    return address
