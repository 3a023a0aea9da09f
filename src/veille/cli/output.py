"""Results to standard output, everything else to standard error; shared shapes of options."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from veille.app.home import Home

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
FolderOption = Annotated[
    str | None, typer.Option("--folder", metavar="FOLDER", help="Only this folder and the folders inside it.")
]
FeedArgument = Annotated[
    str, typer.Argument(metavar="FEED", help="Its number, its address, or a part of its title that only it has.")
]


def examples(*lines: str) -> str:
    """An epilogue for `--help` that keeps its lines as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def say(message: str) -> None:
    """One line to standard error; where nothing can be written there, the exit code still tells."""
    with contextlib.suppress(OSError):
        print(message, file=sys.stderr, flush=True)  # noqa: T201


@contextlib.contextmanager
def open_home(db: Path | None = None, *, unattended: bool = False) -> Iterator[Home]:
    """The user's veille, open (`app/home.py`); afterwards what was looked for too slowly is told, a line each."""
    from veille.app.home import open_home as open_it
    from veille.store.functions import take_notices

    with open_it(db, unattended=unattended) as home:
        if home.is_new:
            _tell_lost(home)
        try:
            yield home
        except typer.Exit:
            # An alert that finds nothing ends so.
            _tell_notices(take_notices(home.db))
            raise
        _tell_notices(take_notices(home.db))


def is_terminal() -> bool:
    """Whether standard output is one, or is to be treated so (what rich goes by). Elsewhere rich is not loaded."""
    forced = os.environ.get("FORCE_COLOR") or os.environ.get("TTY_COMPATIBLE") == "1"
    return bool(forced) or sys.stdout.isatty()


def print_json(value: Any) -> None:
    """JSON to standard output."""
    from veille.show.records import to_json

    typer.echo(to_json(value))


def _tell_lost(home: Home) -> None:
    """That the database just made takes the place of one that there are backups of."""
    from veille.app.kept import choose_latest, find_directory, list_backups
    from veille.errors import ConfigError
    from veille.text import clean_line

    with contextlib.suppress(ConfigError):
        latest = choose_latest(list_backups(home.places, find_directory(home.places, home.settings)))
        if latest:
            say(
                f"veille: WARNING: {clean_line(str(home.places.database))} was not there: a new one was made;"
                f" `veille restore {clean_line(latest.path.name)} --force` brings the latest backup back"
            )


def _tell_notices(notices: Iterable[str]) -> None:
    for notice in notices:
        say(notice)
