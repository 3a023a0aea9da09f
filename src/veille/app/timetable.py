"""When veille is to work by itself: a timetable in, the lines of a crontab, systemd units or launchd files out.

The program and the variables that it needs are given whole: cron, systemd and launchd know no shell's PATH. Nothing is
run and nothing written here.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.errors import UsageError
from veille.text import clean_line, fold
from veille.times import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_TIME = re.compile(r"([01]?\d|2[0-3])(?:[:h]([0-5]\d)|h)")
_NAMES = "sun mon tue wed thu fri sat", "dim lun mar mer jeu ven sam"
_WEEK = 7
_DAYS = {name: day for names in _NAMES for day, name in enumerate(names.split())}
_DAYS |= {str(day): day % _WEEK for day in range(_WEEK + 1)}
_SYSTEMD_DAYS = "Sun Mon Tue Wed Thu Fri Sat".split()
_HOUR = 60
# How often cron's `*/N` comes at even distances.
_EVERY = tuple(n for n in range(1, 60) if _HOUR % n == 0) + tuple(n * _HOUR for n in (1, 2, 3, 4, 6, 8, 12))
# Vixie's cron, and what came of it, cuts what is longer.
_LONGEST_LINE = 998


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How veille is started from nowhere: its words, the variables that say where its files are, its log."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Commands, one after the other, at some times of some days (0 is Sunday; () is every day), or every N minutes.

    A command is its words after `veille --log FILE`.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]
    times: tuple[tuple[int, int], ...] = ()
    days: tuple[int, ...] = ()
    every: int = 0


def read_times(texts: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """`7:00`, `7h`, `18h30` as hours and minutes, in order. Raises UsageError."""
    found = set()
    for text in texts:
        time = _TIME.fullmatch(text.strip().lower())
        if not time:
            raise UsageError(f"--at: “{clean_line(text)}” is no time of day: write it as 7:00 or 18:30")
        found.add((int(time[1]), int(time[2] or 0)))
    return tuple(sorted(found))


def read_days(text: str) -> tuple[int, ...]:
    """`1-5`, `mon-fri`, `lun,jeu` as days, 0 for Sunday; () for all seven. Raises UsageError."""
    days: set[int] = set()
    for part in fold(text).split(","):
        first, dash, last = (piece.strip()[:3] for piece in part.partition("-"))
        if first not in _DAYS or (dash and last not in _DAYS):
            raise UsageError(f"--days: “{clean_line(text)}” names no days: write 1-5, mon-fri or 1,3,5 (7 is Sunday)")
        start = _DAYS[first]
        # 0-7 is a whole week.
        length = (_DAYS[last] - start) % _WEEK or (_WEEK if first != last else 0) if dash else 0
        days |= {(start + step) % _WEEK for step in range(length + 1)}
    return () if len(days) == _WEEK else tuple(sorted(days))


def read_every(text: str) -> int:
    """`15m`, `1h`, `2h` as minutes. Raises UsageError for what does not go evenly into an hour or a day."""
    span = parse_duration(text)
    minutes = span // timedelta(minutes=1)
    if minutes not in _EVERY or span != timedelta(minutes=minutes):
        raise UsageError(
            f"--every: {clean_line(text)} does not go into an hour or a day: write 5m, 10m, 15m, 30m, 1h or 2h"
        )
    return minutes


def write_lines(errands: Iterable[Errand], program: Program) -> list[str]:
    """Lines of a crontab. Raises UsageError for one that cron would cut, or that is none."""
    lines = []
    for errand in errands:
        # A per cent sign would end the command: cron takes the backslash away again.
        command = write_script(errand.commands, program).replace("%", r"\%")
        lines += [f"{when} {command}" for when in _crontab_times(errand)]
    for line in lines:
        if len(line.encode("utf-8", "surrogateescape")) > _LONGEST_LINE:
            raise UsageError(
                f"the line would be longer than the {_LONGEST_LINE} characters that cron takes: name fewer digests"
            )
        if "\n" in line:
            raise UsageError("a path or a name with a line break cannot stand in a crontab: give it another name")
    return lines


def write_script(commands: Sequence[Sequence[str]], program: Program) -> str:
    """One line of sh: the commands one after the other, whatever each ends with.

    What fetching says is in the log: a feed that fails for a week is no mail from cron each morning.
    """
    settings = [f"{name}={shlex.quote(value)}" for name, value in program.environment.items()]
    start = [f"export {' '.join(settings)}"] if settings else []
    runs = [shlex.join((*program.words, "--log", program.log, *command)) for command in commands]
    said = [
        f"{run} >/dev/null 2>&1" if command[0] == "fetch" else run for run, command in zip(runs, commands, strict=True)
    ]
    return "; ".join((*start, *said))


def write_systemd(errands: Iterable[Errand], program: Program) -> str:
    """A service and a timer for each errand, each headed by the file that it goes into."""
    parts = []
    for errand in errands:
        unit = f"veille-{errand.name}"
        runs = [(*program.words, "--log", program.log, *command) for command in errand.commands]
        parts += [
            f"# ~/.config/systemd/user/{unit}.service",
            "[Unit]",
            f"Description=veille: {errand.name}",
            "",
            "[Service]",
            "Type=oneshot",
            *(f"Environment={_quote_systemd(f'{name}={value}')}" for name, value in program.environment.items()),
            # "-": what one ends with does not keep the next from running.
            *(f"ExecStart={'-' if run is not runs[-1] else ''}{_join_systemd(run)}" for run in runs),
            "",
            f"# ~/.config/systemd/user/{unit}.timer",
            "[Unit]",
            f"Description=veille: when {errand.name} runs",
            "",
            "[Timer]",
            *(f"OnCalendar={when}" for when in _systemd_times(errand)),
            "Persistent=true",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
    return "\n".join(parts)


def write_launchd(errands: Iterable[Errand], program: Program) -> str:
    """A property list for each errand, each headed by the file that it goes into."""
    import plistlib

    parts = []
    for errand in errands:
        label = f"veille.{errand.name}"
        when: dict[str, object] = (
            {"StartInterval": errand.every * 60} if errand.every else {"StartCalendarInterval": _launchd_times(errand)}
        )
        arguments = ["/bin/sh", "-c", write_script(errand.commands, program)]
        document = plistlib.dumps({"Label": label, "ProgramArguments": arguments, **when}, sort_keys=False).decode()
        head, start, rest = document.partition("<plist")
        # Not before the declaration, which must come first in its file.
        parts.append(f"{head}<!-- ~/Library/LaunchAgents/{label}.plist -->\n{start}{rest}")
    return "\n".join(parts)


def _crontab_times(errand: Errand) -> list[str]:
    if errand.every:
        return [f"*/{errand.every} * * * *" if errand.every < _HOUR else f"0 */{errand.every // _HOUR} * * *"]
    days = ",".join(map(str, errand.days)) or "*"
    return [f"{minute} {hour} * * {_shorten_days(days)}" for hour, minute in errand.times]


def _shorten_days(days: str) -> str:
    return "1-5" if days == "1,2,3,4,5" else days


def _systemd_times(errand: Errand) -> list[str]:
    if errand.every:
        return [f"*:0/{errand.every}" if errand.every < _HOUR else f"0/{errand.every // _HOUR}:00"]
    days = ",".join(_SYSTEMD_DAYS[day] for day in errand.days)
    return [f"{days} *-*-* {hour:02}:{minute:02}:00".strip() for hour, minute in errand.times]


def _launchd_times(errand: Errand) -> list[dict[str, int]]:
    moments = [{"Hour": hour, "Minute": minute} for hour, minute in errand.times]
    return [moment | {"Weekday": day} for moment in moments for day in errand.days] if errand.days else moments


def _join_systemd(words: Iterable[str]) -> str:
    """A command line: a dollar sign names a variable there, but not in a setting."""
    return " ".join(_quote_systemd(word.replace("$", "$$")) for word in words)


def _quote_systemd(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if re.search(r"[^\w@%+=:,./$-]", word) or not word else escaped
