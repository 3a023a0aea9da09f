"""Results to standard output, everything else to standard error; shared shapes of options."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

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
    """One line to standard error."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201


def is_terminal() -> bool:
    """Whether standard output is one, or is to be treated so (what rich goes by). Elsewhere rich is not loaded."""
    forced = os.environ.get("FORCE_COLOR") or os.environ.get("TTY_COMPATIBLE") == "1"
    return bool(forced) or sys.stdout.isatty()


def print_json(value: Any) -> None:
    """JSON to standard output."""
    from veille.show.records import to_json

    typer.echo(to_json(value))
