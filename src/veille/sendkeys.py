"""What each key of `[mail]` and of `[alert.NAME]` takes: a TOML value in, the value as veille holds it out.

Refusals (UsageError) begin with the key's name, and never quote what may be a secret. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from veille.errors import UsageError
from veille.kinds import Range, read_value
from veille.references import check_header, check_header_name
from veille.text import clean_line
from veille.toml import show_value
from veille.urls import ascii_host, is_web

if TYPE_CHECKING:
    from collections.abc import Callable

# RFC 5322's dot-atom, in ASCII: what every server takes. What looks like an encoded word (RFC 2047) would be decoded.
_LOCAL = re.compile(r"(?!.*=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
# RFC 5322, 3.2.3: a name that holds one of these stands between quotes.
_SPECIAL = re.compile(r'[()<>\[\]:;@\\,."]')
_HOST = re.compile(r"[^\s/@\\]{1,253}")
_REFERENCE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_LOCAL = 64
_MOST_ADDRESSES, _MOST_WORDS = 100, 100
_QUOTED = "between quotes"


def read_address(key: str, value: Any) -> str:
    """One address, as `me@example.org` or `Name <me@example.org>`, its domain in ASCII."""
    text = value.strip() if isinstance(value, str) else ""
    named = _NAMED.fullmatch(text)
    name, address = (named["name"].strip().strip('"'), named["address"].strip()) if named else ("", text)
    local, _, domain = address.rpartition("@")
    domain = ascii_host(domain)
    if not (_LOCAL.fullmatch(local) and len(local) <= _LONGEST_LOCAL and _DOMAIN.fullmatch(domain)):
        raise UsageError(f"{key}: it takes an address such as “me@example.org” {_QUOTED}, not {show_value(value)}")
    if clean_line(name) != name:
        raise UsageError(f"{key}: the name before an address is of one line: {show_value(value)} is not")
    if _SPECIAL.search(name):
        # Not by `email`, which takes longer to load than most commands to read config.toml.
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{local}@{domain}>" if name else f"{local}@{domain}"


def read_addresses(key: str, value: Any) -> tuple[str, ...]:
    """A list of addresses, each once; one alone may do without the list."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not 1 <= len(values) <= _MOST_ADDRESSES:
        raise UsageError(f'{key}: it takes a list of addresses, such as ["me@example.org"], not {show_value(value)}')
    return tuple(dict.fromkeys(read_address(key, one) for one in values))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name alone."""
    import ipaddress

    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _read_text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or clean_line(value) != value.strip():
        raise UsageError(f"{key}: it takes a text of one line {_QUOTED}, not {show_value(value)}")
    return value.strip()


def _read_host(key: str, value: Any) -> str:
    text = ascii_host(value.strip().strip("[]")) if isinstance(value, str) else ""
    if not _HOST.fullmatch(text) or not text.isprintable():
        raise UsageError(f"{key}: it takes the name of a server, such as “smtp.example.org”, not {show_value(value)}")
    return text


def _read_password(key: str, value: Any) -> str:
    if not isinstance(value, str) or not (value == "keyring" or _REFERENCE.fullmatch(value)):
        raise UsageError(
            f'{key}: the password itself is not taken: write "$NAME" for an environment variable that holds it,'
            ' or "keyring"'
        )
    return value


def _read_token(key: str, value: Any) -> str:
    if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
        raise UsageError(f'{key}: the token itself is not taken, only the name of a variable that holds it: "$NAME"')
    return value


def _read_web(key: str, value: Any) -> str:
    """A web address, or `$NAME` for one; not quoted, for it may hold a secret."""
    text = value.strip() if isinstance(value, str) else ""
    if _REFERENCE.fullmatch(text):
        return text
    if not is_web(text):
        raise UsageError(f'{key}: it takes an http or https address, or "$NAME" for a variable that holds one')
    if "@" in urlsplit(text).netloc:
        raise UsageError(f'{key}: an address with a password in it is not taken: write "$NAME" and set that variable')
    return text


def _read_topic(key: str, value: Any) -> str:
    text = _read_web(key, value)
    parts = urlsplit(text)
    if not text.startswith("$") and not re.fullmatch(r"/[A-Za-z0-9_-]{1,64}", parts.path):
        raise UsageError(f"{key}: it takes the address of a topic, such as https://ntfy.sh/my-topic")
    return text


def _read_headers(key: str, value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise UsageError(f'{key}: it takes a table, such as {{ Authorization = "Bearer $TOKEN" }}')
    headers = []
    for name, one in value.items():
        known = check_header_name(name)
        if not isinstance(one, str):
            raise UsageError(f"{key}: {known} takes a text {_QUOTED}")
        headers.append((known, check_header(known, one)))
    return tuple(headers)


def _read_command(key: str, value: Any) -> tuple[str, ...]:
    words = value if isinstance(value, list) else []
    fit = all(isinstance(one, str) and "\0" not in one for one in words)
    if not words or not fit or not words[0] or len(words) > _MOST_WORDS:
        raise UsageError(
            f'{key}: it takes a program and its arguments, each a text of a list: ["mail", "-s", "crise", "me"],'
            f" not {show_value(value)}; no shell reads it"
        )
    return tuple(words)


def _read_choice(*known: str) -> Callable[[str, Any], str]:
    def read(key: str, value: Any) -> str:
        if value not in known or not isinstance(value, str):
            raise UsageError(f"{key}: it takes {', '.join(known)}, not {show_value(value)}")
        return value

    return read


def _read_bounded(kind: Range) -> Callable[[str, Any], Any]:
    return lambda key, value: read_value(key, value, kind)


_TIMEOUT = _read_bounded(Range("duration", 0.1, 600))
_SWITCH = _read_bounded(Range("switch", 0, 1))

MAIL_KEYS: dict[str, Callable[[str, Any], Any]] = {
    "host": _read_host,
    "port": _read_bounded(Range("count", 1, 65535)),
    "security": _read_choice("tls", "starttls", "none"),
    "insecure": _SWITCH,
    "user": _read_text,
    "password": _read_password,
    "from": read_address,
    "timeout": _TIMEOUT,
    "failures": read_addresses,
}
ALERT_KEYS: dict[str, Callable[[str, Any], Any]] = {
    "search": _read_text,
    "query": _read_text,
    "mail": read_addresses,
    "file": _read_text,
    "command": _read_command,
    "ntfy": _read_topic,
    "token": _read_token,
    "webhook": _read_web,
    "headers": _read_headers,
    "form": _read_choice("text", "json"),
    "together": _SWITCH,
    "timeout": _TIMEOUT,
}
