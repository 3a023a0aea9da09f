"""Settings and places: config.toml and the environment in, frozen values out.

VEILLE_HOME (one directory for everything) overrides the XDG places; VEILLE_DB or `--db` the database alone.
"""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from veille.errors import ConfigError, UsageError
from veille.rank.score import ScoreSettings
from veille.settings import FetchSettings, FoldSettings, StoreSettings
from veille.text import clean_line
from veille.times import DURATION_EXAMPLES, parse_duration
from veille.toml import load_toml, locate_key, show_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Kind = Literal["duration", "size", "count", "number", "switch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of config.toml with its defaults. `sources` tells where each value that is not one comes from."""

    fetch: FetchSettings = field(default_factory=FetchSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    fold: FoldSettings = field(default_factory=FoldSettings)
    weights: ScoreSettings = field(default_factory=ScoreSettings)
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The files in use. None of them needs to exist."""

    home: Path
    config: Path
    rules: Path
    database: Path
    digests: Path

    @property
    def lock(self) -> Path:
        """Beside the database: two veilles on one database must meet there."""
        return self.database.with_name(self.database.name + ".lock")


_SECTIONS: dict[str, type[Any]] = {
    "fetch": FetchSettings,
    "store": StoreSettings,
    "fold": FoldSettings,
    "weights": ScoreSettings,
}
# What each key takes, with its bounds (durations in seconds).
_KEYS: dict[str, tuple[Kind, float, float]] = {
    "fetch.jobs": ("count", 1, 500),
    "fetch.per_host": ("count", 1, 20),
    "fetch.timeout": ("duration", 0.1, 3600),
    "fetch.connect_timeout": ("duration", 0.1, 600),
    "fetch.interval": ("duration", 0, 30 * 86400),
    "fetch.max_body": ("size", 1000, 1e9),
    "fetch.max_redirects": ("count", 0, 20),
    "fetch.allow_private": ("switch", 0, 1),
    "store.busy_timeout": ("duration", 0, 3600),
    "fold.window": ("duration", 0, 30 * 86400),
    "fold.threshold": ("number", 0, 100),
    "weights.title": ("number", 0, 100),
    "weights.body": ("number", 0, 100),
    "weights.outlets": ("number", -100, 100),
    "weights.freshness": ("number", 0, 1000),
    "weights.half_life": ("duration", 60, 365 * 86400),
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMG]?)[Bo]?", re.IGNORECASE)
_SIZES = {"": 1, "k": 1000, "m": 1_000_000, "g": 1_000_000_000}


def find_places(*, db: Path | None = None) -> Places:
    """Where this user's files are; `db` and then VEILLE_DB override the database.

    Raises ConfigError for the home (`~name`) of nobody.
    """
    home = os.environ.get("VEILLE_HOME")
    chosen = db or (Path(os.environ["VEILLE_DB"]) if os.environ.get("VEILLE_DB") else None)
    if home:
        config_dir = data_dir = _expand(Path(home))
    else:
        from platformdirs import PlatformDirs

        dirs = PlatformDirs("veille")
        config_dir, data_dir = Path(dirs.user_config_dir), Path(dirs.user_data_dir)
    return Places(
        home=data_dir,
        config=config_dir / "config.toml",
        rules=config_dir / "rules.toml",
        database=_expand(chosen) if chosen else data_dir / "veille.db",
        digests=data_dir / "digests",
    )


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
    sources = {}
    for section, content in load_toml(text, name=name).items():
        _check_section(section, content, text=text, name=name)
        for key, value in content.items():
            full = f"{section}.{key}"
            line, column = locate_key(text, section, key)
            try:
                values[section][key] = _convert(full, value)
            except UsageError as error:
                raise ConfigError(f"{name}:{line}:{column}: {error}") from None
            sources[full] = f"{name}:{line}"
    built = {section: kind(**values[section]) for section, kind in _SECTIONS.items()}
    return Settings(**built, sources=sources)


def list_settings(settings: Settings) -> list[dict[str, Any]]:
    """Every setting with its effective value and where that comes from, in the order of the file."""
    rows = []
    for full, (kind, _, _) in _KEYS.items():
        section, _, key = full.partition(".")
        value = getattr(getattr(settings, section), key)
        shown = _show_duration(value) if kind == "duration" else value
        rows.append({"key": full, "value": shown, "source": settings.sources.get(full, "default")})
    return rows


def _expand(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ConfigError(f"{path}: nobody of that name has a home here: write the whole path") from None


def _check_section(section: str, content: Any, *, text: str, name: str) -> None:
    line, column = locate_key(text, "", section)
    if section not in _SECTIONS:
        homes = [full.partition(".")[0] for full in _KEYS if full.partition(".")[2] == section]
        hint = f"it belongs under [{homes[0]}]" if homes else _hint(section, _SECTIONS)
        raise ConfigError(f"{name}:{line}:{column}: unknown section “{clean_line(section)}”: {hint}")
    if not isinstance(content, dict):
        raise ConfigError(f"{name}:{line}:{column}: {section} is a section: write [{section}] on a line of its own")


def _convert(full: str, value: Any) -> Any:
    """A value as the settings hold it; raises UsageError with what is wanted instead."""
    section, _, key = full.partition(".")
    if full not in _KEYS:
        known = [one.partition(".")[2] for one in _KEYS if one.startswith(f"{section}.")]
        raise UsageError(f"unknown key “{clean_line(key)}”: {_hint(key, known)}")
    kind, *bounds = _KEYS[full]
    number, unit = _read_number(kind, value, key)
    if number is None:
        raise UsageError(f"{key}: it takes {_WANTED[kind]}, not {show_value(value)}")
    if not bounds[0] <= number <= bounds[1]:  # also refuses NaN
        lowest, highest = (f"{bound:,.12g}{unit}".replace(",", " ") for bound in bounds)
        raise UsageError(f"{key}: {show_value(value)} is too much or too little: it goes from {lowest} to {highest}")
    return _MAKE[kind](number)


def _read_number(kind: Kind, value: Any, key: str) -> tuple[float | None, str]:
    """A value as a number with the unit of its bounds; None when it is not of its kind."""
    match kind, value:
        case ("switch", bool()) | ("count" | "number" | "size", int()) | ("number", float()) if isinstance(
            value, bool
        ) == (kind == "switch"):
            return value, " bytes" if kind == "size" else ""
        case "duration", str():
            try:
                return parse_duration(value).total_seconds(), " s"
            except UsageError as error:
                raise UsageError(f"{key}: {error}") from None
        case "size", str():
            size = _SIZE.fullmatch(value.strip())
            return (float(size[1]) * _SIZES[size[2].lower()] if size else None), " bytes"
    return None, ""


_WANTED: dict[Kind, str] = {
    "duration": f'a duration between quotes, such as "10s" ({DURATION_EXAMPLES})',
    "size": 'a size, such as 10000000 or "10MB"',
    "count": "a whole number",
    "number": "a number",
    "switch": "true or false",
}


_MAKE: dict[Kind, Callable[[float], Any]] = {
    "duration": lambda seconds: timedelta(seconds=seconds),
    "size": int,
    "count": int,
    "number": float,
    "switch": bool,
}


def _hint(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean {close[0]}?" if close else f"known here are {', '.join(known)}"


def _show_duration(span: timedelta) -> str:
    seconds = span.total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
