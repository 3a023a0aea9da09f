"""Where an issue goes: what the settings and the command line ask for in, formats with their paths out.

Renders and writes nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veille.app.home import read_clock
from veille.app.placing import name_path, spare_path
from veille.digestconfig import LAST, DigestSettings
from veille.errors import UsageError
from veille.places import expand_home
from veille.show.rendering import ENDINGS
from veille.store.issues import Output

if TYPE_CHECKING:
    from datetime import datetime

    from veille.app.home import Home

STDOUT = "-"
# What a file's ending says of its format; any other is Markdown's.
_LONGEST_FIRST = sorted({*ENDINGS.values(), "htm", "xml"}, key=len, reverse=True)
_BY_ENDING = {"html": "html", "htm": "html", "json": "json", "txt": "txt", "atom": "atom", "xml": "atom", "eml": "eml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A digest as it is asked for: its name, its settings with what the command line says in their place.

    `output` is "-" or a path from `base`, where we are if it is not said; "" takes that of the settings, which is told
    from config.toml's directory. `repeat` carries again what earlier issues carried.
    """

    name: str
    settings: DigestSettings
    output: str = ""
    base: Path = Path()
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where an issue is to go: `files` are formats with the patterns of their paths from `base`, "" for one of our own.

    `once` when no later edition may take its place: it is sent, or the next one goes on from it, as it `goes_on` from
    the last.
    """

    now: datetime
    digests: Path
    base: Path = Path()
    files: tuple[tuple[str, str], ...] = ()
    mail: tuple[str, ...] = ()
    templates: str = ""
    once: bool = False
    goes_on: bool = False

    @property
    def prints(self) -> bool:
        """Whether it goes to standard output."""
        return any(pattern == STDOUT for _, pattern in self.files)

    def list_outputs(self, name: str, number: int) -> tuple[Output, ...]:
        """Where one issue goes, whose number is known now."""
        made = [
            Output(form=form, path=self._place(form, pattern, name, number), templates=self.templates, once=self.once)
            for form, pattern in self.files
        ]
        return (*made, *(Output(form="eml", way="mail", target=one, once=True) for one in self.mail))

    def _place(self, form: str, pattern: str, name: str, number: int) -> str:
        if pattern == STDOUT:
            return STDOUT
        if pattern:
            names = {"name": name, "number": str(number), "format": ENDINGS[form]}
            # Only what was written is a pattern: the directory that it is told from is none.
            path = self.base / name_path(pattern, now=self.now, names=names)
            if len(self.files) > 1 and "{format}" not in pattern:
                path = end_path(path, form, pattern=pattern)
        else:
            path = self.digests / f"{name}-{self.now.astimezone():%Y-%m-%d}.{ENDINGS[form]}"
        varies = not pattern or "%" in pattern or "{number}" in pattern
        return str((spare_path(path) if self.once and varies else path).absolute())


def end_path(path: Path, form: str, *, pattern: str = "") -> Path:
    """The path with the ending of a format, in place of that of another, or of letters that stand in its pattern.

    Other dots are part of the name: those of a date are no ending.
    """
    written = (path.suffix[1:],) if path.suffix[1:].isalpha() and pattern.endswith(path.suffix) else ()
    found = next((one for one in (*_LONGEST_FIRST, *written) if path.name.lower().endswith(f".{one.lower()}")), None)
    stem = path.name[: -len(found) - 1] if found else path.name
    return path.with_name(f"{stem}.{ENDINGS[form]}")


def plan_outputs(home: Home, wish: Wish) -> Plan:
    """Where an issue is to go. Raises UsageError for several formats on standard output."""
    settings = wish.settings
    pattern, base = wish.output, wish.base
    if not pattern:
        pattern, base = settings.output, home.places.config.parent
    forms = settings.formats
    if pattern == STDOUT and len(forms) > 1:
        raise UsageError(f"-o - prints one format, and these are {', '.join(forms)}: choose one with --format")
    if not forms and (pattern or not settings.mail):
        forms = (_guess_form(pattern),)
    return Plan(
        now=read_clock(),
        digests=home.places.digests,
        base=base,
        files=tuple((form, pattern) for form in forms),
        mail=settings.mail,
        templates=_find_templates(home, settings),
        once=settings.since == LAST or bool(settings.mail),
        goes_on=settings.since == LAST,
    )


def find_scope(home: Home, wish: Wish) -> str:
    """What tells this digest from others of its name that show more, or other stories; "" when it is the name's own."""
    own = _select(home.settings.digests.get(wish.name, DigestSettings()))
    asked = _select(wish.settings)
    return "" if asked == own else json.dumps(asked)


def _select(settings: DigestSettings) -> list[Any]:
    budget = settings.budget.total_seconds() if settings.budget else None
    return [settings.query, sorted(settings.groups), sorted(settings.folders), settings.size, budget]


def _guess_form(pattern: str) -> str:
    name = pattern.lower()
    return "jsonfeed" if name.endswith(".feed.json") else _BY_ENDING.get(name.rpartition(".")[2], "md")


def _from_config(home: Home, path: str) -> str:
    """A path of config.toml is told from its directory: cron starts wherever it likes."""
    return str(home.places.config.parent / expand_home(path, error=UsageError)) if path else ""


def _find_templates(home: Home, settings: DigestSettings) -> str:
    """The directory of templates; what the command line gave is from where we are."""
    if not settings.templates or "templates" in settings.sources:
        return _from_config(home, settings.templates)
    return str(expand_home(settings.templates, error=UsageError).absolute())
