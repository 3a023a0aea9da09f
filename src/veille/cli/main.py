"""The `veille` command: its groups put together, and every error turned into one line and an exit code."""

from __future__ import annotations

import os
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from veille import __version__
from veille.cli import adding, digests, feeds, feedset, fetching, places, reading, rules, stories, subscriptions
from veille.cli.output import say
from veille.errors import VeilleError
from veille.text import clean_line

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
for group in (fetching, reading, digests, adding, subscriptions, feeds, feedset, rules, places, stories):
    group.register(app)


def _print_version(wanted: bool | None) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"veille {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    db: Annotated[
        Path | None, typer.Option("--db", metavar="PATH", help="Use this database instead of the one of VEILLE_HOME.")
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
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command; its exit code. Nothing but the code and one line of error comes out of trouble."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = app(arguments, prog_name="veille", standalone_mode=False)
        sys.stdout.flush()
    except VeilleError as error:
        say(f"veille: {clean_line(str(error))}")
        return error.exit_code
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, typer.Abort):
        say("veille: interrupted")
        return 130
    except OSError as error:
        place = error.filename or "writing the result"
        say(f"veille: {clean_line(str(place))}: {error.strerror or error}: check the disk and the permissions")
        return 1
    except Exception as error:  # noqa: BLE001 - no traceback reaches a user
        return _explain(error)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> int:
    """Tell errors of the command line as they; anything else is a fault of ours, told in one line."""
    message = getattr(error, "format_message", None)
    if message:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "veille"
        said = clean_line(message()) if message() else "something is missing"
        if said.startswith("No such option"):
            said += "; words that begin with - go after --"
        say(f"{command}: {said} (see `{command} --help`)")
        return int(getattr(error, "exit_code", 2))
    if os.environ.get("VEILLE_DEBUG"):
        raise error
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno}" if where else "?"  # noqa: PTH119
    name = type(error).__name__
    say(
        f"veille: a fault in veille itself: {name}: {clean_line(str(error))} ({place}); VEILLE_DEBUG=1 shows it in full"
    )
    return 1
