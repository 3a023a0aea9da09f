"""Settings: config.toml in, frozen values out. Where that is, `places.py` says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from veille.errors import ConfigError, UsageError
from veille.kinds import Range, hint_at, read_value, show_setting
from veille.places import Places, find_places
from veille.rank.score import ScoreSettings
from veille.settings import BackupSettings, FetchSettings, FoldSettings, SessionSettings, StoreSettings
from veille.text import clean_line
from veille.toml import ConfigText, load_toml, show_value

if TYPE_CHECKING:
    from pathlib import Path

    from veille.digestconfig import DigestSettings, ReviewSettings
    from veille.feedconfig import FeedTable
    from veille.sendconfig import AlertSettings, MailSettings

__all__ = ["FEEDS", "Places", "Settings", "find_places", "list_settings", "load_settings", "read_text"]

# The tables of single feeds, of digests, of the press review, of how mail is sent, and of alerts.
FEEDS, DIGEST, REVIEW, MAIL, ALERT = "feeds", "digest", "review", "mail", "alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of config.toml with its defaults. `sources` tells where each value that is not one comes from.

    `feeds` holds the settings of single feeds, by address, `digests` and `alerts` those of digests and alerts, by name.
    `review` is None where nothing is said of the press review, `mail` where none is sent.
    """

    fetch: FetchSettings = field(default_factory=FetchSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    fold: FoldSettings = field(default_factory=FoldSettings)
    weights: ScoreSettings = field(default_factory=ScoreSettings)
    session: SessionSettings = field(default_factory=SessionSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    feeds: dict[str, FeedTable] = field(default_factory=dict)
    digests: dict[str, DigestSettings] = field(default_factory=dict)
    review: ReviewSettings | None = None
    mail: MailSettings | None = None
    alerts: dict[str, AlertSettings] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)


_SECTIONS: dict[str, type[Any]] = {
    "fetch": FetchSettings,
    "store": StoreSettings,
    "fold": FoldSettings,
    "weights": ScoreSettings,
    "session": SessionSettings,
    "backup": BackupSettings,
}
# What each key takes, with its bounds (durations in seconds).
_KEYS: dict[str, Range] = {
    "fetch.jobs": Range("count", 1, 500),
    "fetch.per_host": Range("count", 1, 20),
    "fetch.timeout": Range("duration", 0.1, 3600),
    "fetch.connect_timeout": Range("duration", 0.1, 600),
    "fetch.interval": Range("duration", 0, 30 * 86400),
    "fetch.max_body": Range("size", 1000, 1e9),
    "fetch.max_redirects": Range("count", 0, 20),
    "fetch.allow_private": Range("switch", 0, 1),
    "store.busy_timeout": Range("duration", 0, 3600),
    "store.keep": Range("duration", 86400, 36525 * 86400),
    "fold.window": Range("duration", 0, 30 * 86400),
    "fold.threshold": Range("number", 0, 100),
    "fold.agreement": Range("number", 0, 1),
    "fold.apart": Range("names", 0, 1000),
    "fold.revive": Range("switch", 0, 1),
    "weights.title": Range("number", 0, 100),
    "weights.body": Range("number", 0, 100),
    "weights.outlets": Range("number", -100, 100),
    "weights.freshness": Range("number", 0, 1000),
    "weights.half_life": Range("duration", 60, 365 * 86400),
    "weights.repeat": Range("number", 0, 1),
    "weights.rare": Range("number", 0, 100),
    "session.budget": Range("duration", 60, 86400),
    "session.glance": Range("duration", 0, 600),
    "session.reserve": Range("duration", 1, 86400),
    "session.discovery": Range("number", 0, 1),
    "session.per_feed": Range("count", 0, 1000),
    "session.window": Range("duration", 3600, 30 * 86400),
    "session.words_a_minute": Range("count", 0, 2000),
    "backup.auto": Range("switch", 0, 1),
    "backup.dir": Range("path", 1, 4096),
    "backup.keep": Range("count", 1, 10_000),
}
# A section and a key: what is deeper is in a table.
_PLAIN = 2
# What holds values by name, each of them as above; how one is written.
_TABLES = {"session.reserve": '{ marque = "10m" }'}
# Parts of one or of a hundred: what is written in the other unit is taken for a mistake. (least, most, times)
_SCALES = {"fold.threshold": (0, 1, 100), "fold.agreement": (1, 100, 0.01), "session.discovery": (1, 100, 0.01)}


def read_text(path: Path) -> str:
    """A settings file's text, "" when there is none; raises ConfigError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ConfigError(f"{path}:1:1: it is not UTF-8 text: save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}: check the file and its permissions") from None


def load_settings(places: Places) -> Settings:
    """The effective settings. Raises ConfigError `file:line:column: ...` for what it cannot take."""
    text, name = read_text(places.config), str(places.config)
    values: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    file, sources = ConfigText(text, name), {}
    table = load_toml(text, name=name)
    feeds: dict[str, FeedTable] = {}
    if FEEDS in table:
        from veille.feedconfig import read_feed_tables

        feeds = read_feed_tables(table.pop(FEEDS), text=text, name=name)
    mail, alerts = _read_sending(table, text=text, name=name)
    digests, review = _read_publishing(table, text=text, name=name)
    for section, content in table.items():
        _check_section(section, content, file)
        for key, value in content.items():
            full = f"{section}.{key}"
            sources[full] = file.line((section, key))
            if full in _TABLES:
                values[section][key] = _read_table(full, value, file)
            else:
                values[section][key] = _read_at((section, key), full, value, file)
    built = {section: kind(**values[section]) for section, kind in _SECTIONS.items()}
    return Settings(**built, feeds=feeds, digests=digests, review=review, mail=mail, alerts=alerts, sources=sources)


def list_settings(settings: Settings) -> list[dict[str, Any]]:
    """Every setting with its effective value and where that comes from, in the order of the file."""
    rows = []
    for full in _KEYS:
        section, _, key = full.partition(".")
        value = getattr(getattr(settings, section), key)
        shown = {name: show_setting(one) for name, one in value.items()} if full in _TABLES else show_setting(value)
        rows.append({"key": full, "value": shown, "source": settings.sources.get(full, "default")})
    for url, feed in settings.feeds.items():
        for key, value in feed.values.items():
            full = f'{FEEDS}."{url}".{key}'
            rows.append({"key": full, "value": show_setting(value), "source": feed.sources[key]})
    return rows + _list_publishing(settings) + _list_sending(settings)


def _read_publishing(
    table: dict[str, Any], *, text: str, name: str
) -> tuple[dict[str, DigestSettings], ReviewSettings | None]:
    """The digests and the press review, taken out of the table."""
    if not table.keys() & {DIGEST, REVIEW}:
        return {}, None
    from veille.digestconfig import read_digest_tables, read_review_table

    digests = read_digest_tables(table.pop(DIGEST, {}), text=text, name=name)
    review = read_review_table(table.pop(REVIEW), text=text, name=name) if REVIEW in table else None
    return digests, review


def _list_publishing(settings: Settings) -> list[dict[str, Any]]:
    if not settings.digests and settings.review is None:
        return []
    from veille.digestconfig import list_set

    tables: list[tuple[str, DigestSettings | ReviewSettings]] = [
        (f"{DIGEST}.{name}", one) for name, one in settings.digests.items()
    ]
    if settings.review is not None:
        tables.append((REVIEW, settings.review))
    return [
        {"key": f"{table}.{key}", "value": show_setting(value), "source": source}
        for table, one in tables
        for key, value, source in list_set(one)
    ]


def _read_sending(table: dict[str, Any], **file: str) -> tuple[MailSettings | None, dict[str, AlertSettings]]:
    """How mail is sent and the alerts, taken out of the table."""
    if not table.keys() & {MAIL, ALERT}:
        return None, {}
    from veille.sendconfig import read_alert_tables, read_mail_table

    mail = read_mail_table(table.pop(MAIL), **file) if MAIL in table else None
    return mail, read_alert_tables(table.pop(ALERT, {}), **file)


def _list_sending(settings: Settings) -> list[dict[str, Any]]:
    """What is written there, secrets by the names that stand for them."""
    tables = [(MAIL, settings.mail), *((f'{ALERT}."{name}"', one) for name, one in settings.alerts.items())]
    return [
        {"key": f"{table}.{key}", "value": show_setting(one.values[key]), "source": source}
        for table, one in tables
        if one
        for key, source in one.sources.items()
    ]


def _check_section(section: str, content: Any, file: ConfigText) -> None:
    if section not in _SECTIONS:
        homes = [full.partition(".")[0] for full in _KEYS if full.partition(".")[2] == section]
        hint = (
            f"it belongs under [{homes[0]}]"
            if homes
            else hint_at(section, (*_SECTIONS, FEEDS, DIGEST, REVIEW, MAIL, ALERT))
        )
        raise file.error((section,), f"unknown section “{clean_line(section)}”: {hint}")
    if not isinstance(content, dict):
        raise file.error((section,), f"{section} is a section: write [{section}] on a line of its own")


def _read_table(full: str, table: Any, file: ConfigText) -> dict[str, Any]:
    """Values by name, such as the time kept for each group."""
    section, _, key = full.partition(".")
    if not isinstance(table, dict):
        wanted = f"{key}: it takes a table of durations, such as {_TABLES[full]}, not {show_value(table)}"
        raise file.error((section, key), wanted)
    return {name: _read_at((section, key, name), full, value, file) for name, value in table.items()}


def _read_at(path: tuple[str, ...], full: str, value: Any, file: ConfigText) -> Any:
    """A value as the settings hold it; raises ConfigError with where it stands and what is wanted instead."""
    try:
        return _convert(full, value) if len(path) == _PLAIN else read_value(clean_line(path[-1]), value, _KEYS[full])
    except UsageError as error:
        raise file.error(path, str(error)) from None


def _convert(full: str, value: Any) -> Any:
    """A value as the settings hold it; raises UsageError with what is wanted instead."""
    section, _, key = full.partition(".")
    if full not in _KEYS:
        known = [one.partition(".")[2] for one in _KEYS if one.startswith(f"{section}.")]
        raise UsageError(f"unknown key “{clean_line(key)}”: {hint_at(key, known)}")
    least, most, times = _SCALES.get(full, (0, 0, 1))
    if isinstance(value, int | float) and least < value <= most and not isinstance(value, bool):
        bounds = f"it goes from {_KEYS[full].lowest:g} to {_KEYS[full].highest:g}"
        raise UsageError(f"{key}: {value} is too much or too little: {bounds}: write {value * times:g}")
    return read_value(key, value, _KEYS[full])
