"""The `veille` command: its groups put together, and every error turned into one line and an exit code."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from functools import cache
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from veille import __version__
from veille.cli.stopping import Stopped, end_at_once, hear_signals
from veille.cli.trouble import INTERRUPTED, tell_error

if TYPE_CHECKING:
    from collections.abc import Sequence

# The files of this folder, in the order of `veille --help`, and the commands that each adds. Only those of the command
# that is run are loaded: all of them take longer than most commands do.
COMMANDS = {
    "fetching": ("fetch",),
    "top": ("top",),
    "session": ("session",),
    "ledger": ("ledger",),
    "searching": ("search",),
    "alerts": ("alert",),
    "outbox": ("outbox",),
    "reading": ("show", "open", "mark", "note"),
    "why": ("why",),
    "digests": ("digest",),
    "adding": ("add",),
    "subscriptions": ("import", "export", "remove", "tag", "folder", "rename", "mute", "unmute"),
    "feeds": ("feeds",),
    "feedset": ("feeds",),
    "rules": ("rules",),
    "ruleedit": ("rules",),
    "rulelab": ("rules",),
    "rulesuggest": ("rules",),
    "backup": ("backup", "restore"),
    "prune": ("prune",),
    "places": ("where", "config", "demo"),
    "doctor": ("doctor",),
    "stories": ("story",),
    "review": ("review",),
    "reviewissues": ("review",),
    "cron": ("cron",),
}
# Options before the command that take a value.
_VALUED = ("--db", "--log")


@cache
def make_app(files: tuple[str, ...] = tuple(COMMANDS)) -> typer.Typer:
    """The command line with the commands of these files."""
    app = typer.Typer(
        name="veille",
        help="A media watch for the terminal: feeds in, copies folded, stories ranked by your rules, a digest out.",
        invoke_without_command=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog=(
            "\b\nA first morning:\n"
            "  veille import feeds.opml        subscribe to a list\n"
            "  veille fetch                    fetch what is due\n"
            "  veille top --kw 'e-réputation'  the day's stories, best first\n"
            "  veille digest                   write them to a file\n"
            "\b\nExit codes: 0 done, 1 failed, 2 usage, 3 partial, 4 another is fetching."
        ),
    )
    for file in files:
        importlib.import_module(f"veille.cli.{file}").register(app)
    app.callback()(_options)
    return app


def _print_version(wanted: bool | None) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"veille {__version__}")
        raise typer.Exit


def _options(
    ctx: typer.Context,
    db: Annotated[
        Path | None, typer.Option("--db", metavar="PATH", help="Use this database instead of the one of VEILLE_HOME.")
    ] = None,
    _log: Annotated[
        Path | None,
        typer.Option(
            "--log",
            metavar="FILE",
            help="Add a line on how this run ended to a file; mail [mail] failures when it failed.",
        ),
    ] = None,
    _version: Annotated[
        bool | None,
        typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version),
    ] = None,
) -> None:
    ctx.obj = db
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def run() -> None:
    """Run the command line and end the process with its exit code."""
    # A command makes thousands of values and few cycles: looking for these at every 700 takes a sixth of `top`.
    gc.set_threshold(100_000, 50, 1000)
    _open_streams()
    hear_signals()
    code = run_command(sys.argv[1:])
    end_at_once(code)
    # The same, for the search that Python makes before it ends: a tenth of `top`.
    gc.freeze()
    sys.exit(code)


def run_command(arguments: list[str]) -> int:
    """Run one command, logged where it is to be; its exit code."""
    options, words = _split_options(arguments)
    if not options.get("--log"):
        return _run_command(arguments)
    from veille.cli.journal import run_logged

    return run_logged(options["--log"], words, lambda: _run_command(arguments), db=options.get("--db", ""))


def _run_command(arguments: list[str]) -> int:
    """Nothing but the code and one line of error comes out of trouble."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = make_app(_find_files(arguments))(arguments, prog_name="veille", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        _give_up_writing()
        return 0
    except SystemExit as end:
        # typer ends so where a list is written line by line.
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        _give_up_writing()
        return 0
    except (Exception, KeyboardInterrupt, Stopped) as error:  # noqa: BLE001 - no traceback reaches a user
        if isinstance(error, OSError):
            _give_up_writing()
        return tell_error(error)
    # typer has caught Ctrl-C, and said nothing.
    return tell_error(KeyboardInterrupt()) if code == INTERRUPTED else code if isinstance(code, int) else 0


def _open_streams() -> None:
    """What was closed before the start (`>&-`) is no place to write to, and its number is none for a database."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it takes the lowest number that is free
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", errors="replace"))


def _give_up_writing() -> None:
    """Python must not complain at exit of what could not be written."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _find_files(arguments: Sequence[str]) -> tuple[str, ...]:
    """The files of the command that is asked for; all of them for help, and for what is no command."""
    _, words = _split_options(arguments)
    return tuple(file for file, names in COMMANDS.items() if words and words[0] in names) or tuple(COMMANDS)


def _split_options(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The options with a value that come before the command; the command and all that follows."""
    options: dict[str, str] = {}
    words = list(arguments)
    while words and words[0].startswith("-"):
        name, is_set, value = words.pop(0).partition("=")
        if name in _VALUED:
            options[name] = value if is_set or not words else words.pop(0)
    return options, words
