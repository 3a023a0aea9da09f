"""The tables of config.toml about sending: `[mail]` and `[alert.NAME]` in, checked values with their lines out.

[mail]
host = "smtp.example.org"
user = "me@example.org"
password = "$MAIL_PASSWORD"            # an environment variable, or "keyring": never the password itself
from = "Veille <me@example.org>"

[alert.crise]
search = "crise"
mail = ["me@example.org"]
webhook = "$HOOK"                      # an address that is a secret is named, too

No variable is read here, and no server known. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from veille.kinds import read_table
from veille.sendkeys import ALERT_KEYS, MAIL_KEYS, is_loopback
from veille.text import clean_line
from veille.toml import ConfigText

if TYPE_CHECKING:
    from collections.abc import Mapping

Security = Literal["tls", "starttls", "none"]
Form = Literal["text", "json"]

MAIL, ALERT = "mail", "alert"
# The usual port of each kind of connection (RFC 8314, RFC 6409, RFC 5321).
_PORTS: dict[str, int] = {"tls": 465, "starttls": 587, "none": 25}
_WAYS = ("mail", "webhook", "ntfy", "command", "file")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How mail is sent; "" for `host` when it is not. `password` is `$NAME` or `keyring`, "" for none.

    `sender` is the address that messages come from; `failures` are told when a command of cron fails. `timeout` is for
    each step of an exchange with the server. `values` and `sources` have what is written, by key, and where.
    """

    host: str = ""
    port: int = 0
    security: Security = "starttls"
    insecure: bool = False
    user: str = ""
    password: str = ""
    sender: str = ""
    timeout: timedelta = timedelta(seconds=30)
    failures: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """What an alert looks for, and the ways it reaches people; "" or () for ways it does not take.

    `expression` is the name of a saved search, or an expression. `webhook`, `ntfy`, `token` and the values of `headers`
    may name environment variables. `together` puts all that is new into one message.
    """

    expression: str
    mail: tuple[str, ...] = ()
    file: str = ""
    command: tuple[str, ...] = ()
    ntfy: str = ""
    token: str = ""
    webhook: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    form: Form = "text"
    together: bool = True
    timeout: timedelta = timedelta(seconds=30)
    values: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


def read_mail_table(content: Any, *, text: str, name: str) -> MailSettings:
    """`[mail]`. Raises ConfigError `name:line:column: ...`."""
    file, path = ConfigText(text, name), (MAIL,)
    if not isinstance(content, dict):
        raise file.error(path, "mail is a section: write [mail] on a line of its own")
    values, sources = read_table(content, path, MAIL_KEYS, file)
    for key in ("host", "from"):
        if key not in values:
            raise file.error(path, f"{key} is missing: {_MISSING[key]}")
    if bool(values.get("user")) != bool(values.get("password")):
        raise file.error(path, 'user and password go together: password = "$NAME" names an environment variable')
    known = {"sender" if key == "from" else key: value for key, value in values.items()}
    settings = MailSettings(values=values, sources=sources, **known)
    if settings.security == "none" and not settings.insecure and not is_loopback(settings.host):
        what = "mail, and the password with it, could be read on the way: write starttls or tls, or insecure = true"
        raise file.error((*path, "security"), f"security: {what}")
    return settings if settings.port else replace(settings, port=_PORTS[settings.security])


def read_alert_tables(content: Any, *, text: str, name: str) -> dict[str, AlertSettings]:
    """Every `[alert.NAME]` by its name. Raises ConfigError `name:line:column: ...`."""
    file = ConfigText(text, name)
    if not isinstance(content, dict):
        raise file.error((ALERT,), "alert: write [alert.NAME] on a line of its own")
    alerts = {}
    for alert, table in content.items():
        path = (ALERT, alert)
        if not isinstance(table, dict):
            raise file.error(path, "write [alert.NAME] on a line of its own, and keys under it")
        if alert != clean_line(alert) or not alert:
            raise file.error(path, "its name takes letters and signs of one line")
        alerts[alert] = _read_alert(alert, table, path, file)
    return alerts


_MISSING = {
    "host": 'the name of the server that takes your mail, such as host = "smtp.example.org"',
    "from": 'the address that mail comes from, such as from = "Veille <me@example.org>"',
}


def _read_alert(alert: str, table: Mapping[str, Any], path: tuple[str, ...], file: ConfigText) -> AlertSettings:
    values, sources = read_table(table, path, ALERT_KEYS, file)
    if "search" in values and "query" in values:
        raise file.error((*path, "query"), "query: search names a saved search already: keep one of them")
    if not any(values.get(way) for way in _WAYS):
        raise file.error(path, f"it reaches nobody: give it one of {', '.join(_WAYS)}")
    for key, way in (("token", "ntfy"), ("headers", "webhook")):
        if key in values and way not in values:
            raise file.error((*path, key), f"{key}: it goes with {way}")
    expression = values.get("query") or f"@{values.get('search', alert)}"
    ways = {key: value for key, value in values.items() if key not in ("search", "query")}
    return AlertSettings(expression=expression, values=values, sources=sources, **ways)
