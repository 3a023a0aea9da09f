"""Alerts that reach people: what an alert has not told yet is queued for each of its ways, and remembered as told.

Both are one transaction: killed before, the alert tells it next time; killed after, the outbox has it. What an alert
sends it remembers apart from what `veille alert` prints.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.app.alerts import find_alert, hold_alerts, remember_alert
from veille.app.configured import check_alert
from veille.app.rulebook import load_rulebook
from veille.delivery import Delivery
from veille.errors import ConfigError, UnknownError
from veille.kinds import hint_at
from veille.rank.listing import list_ranked
from veille.show import alerts as show
from veille.text import clean_line, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.delivery import Way
    from veille.rank.listing import Listed
    from veille.sendconfig import AlertSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Queueing:
    """What an alert has queued: how many stories, by which ways, in how many messages."""

    alert: str
    stories: int
    ways: tuple[Way, ...]
    messages: int
    doubts: tuple[str, ...] = ()


def list_alerts(home: Home) -> list[str]:
    """The alerts of config.toml. Raises ConfigError when there is none."""
    if not home.settings.alerts:
        raise ConfigError(f"{home.places.config}: there is no [alert.NAME] in it: docs/mail.md shows one")
    return list(home.settings.alerts)


def find_name(home: Home, text: str) -> str:
    """The alert of config.toml that is called so, whatever the case and accents. Raises UnknownError."""
    known = list_alerts(home)
    name = next((one for one in known if fold(one) == fold(text.strip())), "")
    if not name:
        raise UnknownError(f"{home.places.config}: there is no [alert.{clean_line(text)}]: {hint_at(text, known)}")
    return name


def queue_alert(home: Home, name: str, *, now: datetime) -> Queueing:
    """Queue what is new for one alert. Raises ConfigError where its settings do not suffice."""
    settings = home.settings.alerts[name]
    if settings.mail and home.settings.mail is None:
        raise ConfigError(f"{home.places.config}: [alert.{name}] is to be mailed: it needs a [mail], too")
    check_alert(home, name, settings)
    _check_search(home, name, settings)
    with hold_alerts(home):
        alert = find_alert(home, settings.expression, memory=f"send:{name}")
        listed = list_ranked(alert.found.stories, back_for=alert.found.back_for, arrivals=alert.arrivals)
        groups = [listed] if settings.together and listed else [[one] for one in listed]
        newest = alert.found.newest
        messages = [(_key(name, newest, group), group) for group in groups]
        deliveries = [
            one
            for key, group in messages
            for one in _write(home, settings, key, show.Message(alert=name, listed=group, now=now))
        ]
        remember_alert(home, alert, deliveries)
    ways: tuple[Way, ...] = tuple(dict.fromkeys(one.way for one in deliveries))
    return Queueing(alert=name, stories=len(listed), ways=ways, messages=len(deliveries), doubts=alert.doubts)


def _check_search(home: Home, name: str, settings: AlertSettings) -> None:
    """Refuse a saved search that there is not: as an expression it would match nothing for ever, in silence."""
    wanted = settings.expression.removeprefix("@")
    if "query" in settings.values or fold(wanted) in map(fold, load_rulebook(home).rules.searches):
        return
    what = f"no saved search is called “{clean_line(wanted)}”"
    save = '`veille search --save NAME ...` saves one, and query = "..." does without'
    raise ConfigError(f"{home.places.config}: [alert.{name}]: {what}: {save}")


def _key(name: str, newest: int, group: Sequence[Listed]) -> str:
    ids = ",".join(str(one.ranked.story.id) for one in group)
    return f"alert:{name}:{newest}:{hashlib.sha256(ids.encode()).hexdigest()[:16]}"


def _write(home: Home, settings: AlertSettings, key: str, message: show.Message) -> Iterator[Delivery]:
    """The message for each way and address."""
    bodies: Mapping[Way, bytes] = {
        "webhook": show.write_webhook(message) if settings.webhook else b"",
        "ntfy": show.write_push(message) if settings.ntfy else b"",
        "command": show.write_form(message, settings.form) if settings.command else b"",
        "file": show.write_form(message, settings.form) if settings.file else b"",
    }
    for way, body in bodies.items():
        if body:
            yield Delivery(key=f"{key}:{way}", way=way, target=message.alert, subject=message.subject, body=body)
    sender = home.settings.mail.sender if home.settings.mail else ""
    for to in settings.mail:
        own = f"{key}:{to}"
        body = show.write_mail(message, key=own, sender=sender, to=to)
        yield Delivery(key=own, way="mail", target=to, subject=message.subject, body=body)
