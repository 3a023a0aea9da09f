"""The settings that one feed may have of its own: the table of their keys, and FeedSettings from and to it.

Values travel as a mapping from key to value, `header.NAME` for each header, so that what is stored and what
config.toml says can be laid over each other key by key. Where a value was written is not known here. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from veille.errors import UsageError
from veille.feed import FeedSettings
from veille.kinds import Range, hint_at, read_value, read_word
from veille.references import check_auth, check_header, check_header_name, check_proxy
from veille.text import clean_line
from veille.times import DURATION_EXAMPLES, parse_duration
from veille.toml import show_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Values = Mapping[str, Any]

HEADER = "header."
_AGENT = re.compile(r"[!-~](?:[ -~]{0,498}[!-~])?")


def _check_agent(text: str) -> str:
    if not _AGENT.fullmatch(text):
        raise UsageError("user_agent: it takes one line of printable ASCII, 500 characters at most")
    return text


# What each key takes: a kind with its bounds, or a text with its check. `muted` is a column of the
# feeds' table and no part of FeedSettings. The bounds are those of [fetch], and of the weights of rules.toml.
KEYS: dict[str, Range | Callable[[str], str]] = {
    "interval": Range("duration", 0, 30 * 86400),
    "timeout": Range("duration", 0.1, 3600),
    "weight": Range("number", -1000, 1000),
    "user_agent": _check_agent,
    "auth": check_auth,
    "proxy": check_proxy,
    "muted": Range("switch", 0, 1),
}


# Durations that fit each of these keys, for who wrote none.
_EXAMPLES = {"interval": "30m, 2h, 1d", "timeout": "10s, 1m"}


def read_key(key: str) -> str:
    """A key as veille calls it; raises UsageError, with what was meant, for one that is not known."""
    name = clean_line(key)
    if name.lower().startswith(HEADER):
        return HEADER + check_header_name(name[len(HEADER) :])
    if name in KEYS:
        return name
    hint = (
        f"write {HEADER}NAME for each header"
        if name in ("header", "headers")
        else hint_at(name, (*KEYS, "header.NAME"))
    )
    raise UsageError(f"unknown key “{name}”: {hint}")


def read_setting(key: str, value: Any) -> Any:
    """The value of a known key, as TOML gives it, checked. Raises UsageError."""
    wanted = KEYS.get(key)
    if isinstance(wanted, Range):
        if wanted.kind == "duration":
            _check_duration(key, value)
        return read_value(key, value, wanted)
    if not isinstance(value, str):
        raise UsageError(f"{key}: it takes a text between quotes")
    return check_header(key.removeprefix(HEADER), value) if wanted is None else wanted(value)


def read_pair(key: str, word: str) -> Any:
    """The value of a known key, as a word of the command line gives it, checked. Raises UsageError."""
    wanted = KEYS.get(key)
    return read_setting(key, read_word(word, wanted.kind) if isinstance(wanted, Range) else word)


def list_values(settings: FeedSettings) -> dict[str, Any]:
    """What is set, by key."""
    plain = {name: getattr(settings, name) for name in KEYS if name != "muted"}
    told = {name: value for name, value in plain.items() if value not in ("", None)}
    return told | {f"{HEADER}{name}": value for name, value in settings.headers}


def make_settings(values: Values) -> FeedSettings:
    """The reverse of `list_values`; `muted` is passed over."""
    plain = {name: value for name, value in values.items() if name in KEYS and name != "muted"}
    headers = [(name.removeprefix(HEADER), value) for name, value in values.items() if name.startswith(HEADER)]
    return FeedSettings(**plain, headers=tuple(sorted(headers)))


def drop_secrets(settings: FeedSettings, *, source: str, target: str) -> FeedSettings:
    """What may stay set when a feed's address changes: credentials and headers never go to another site."""
    if may_carry(source, target):
        return settings
    return make_settings({k: v for k, v in list_values(settings).items() if k != "auth" and not k.startswith(HEADER)})


def may_carry(source: str, target: str) -> bool:
    """Whether what was meant for one address may be sent to another: same site, or its move to https."""
    try:
        (host, *here), (other_host, *there) = _site(source), _site(target)
    except ValueError:
        return False
    return bool(host) and host == other_host and (here == there or (here, there) == (["http", 80], ["https", 443]))


def _check_duration(key: str, value: Any) -> None:
    """Refuse what is no duration, with examples that fit."""
    if not isinstance(value, str):
        raise UsageError(f"{key}: it takes a duration between quotes ({_EXAMPLES[key]}), not {show_value(value)}")
    try:
        parse_duration(value)
    except UsageError as error:
        raise UsageError(f"{key}: {str(error).replace(DURATION_EXAMPLES, _EXAMPLES[key])}") from None


def _site(url: str) -> tuple[str, str, int]:
    """Host, scheme and port."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.scheme, parts.port or {"https": 443}.get(parts.scheme, 80)
