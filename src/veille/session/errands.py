"""What a session does outside: a page opened in the browser, an article fetched. Threads of their own, never awaited.

Each thread opens what it needs for itself; leaving the session does not wait for it.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from veille.app.home import open_home
from veille.errors import VeilleError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from veille.read.article import Article

_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def fetch_apart(database: Path, entry_id: int, *, tell: Callable[[Article | str], None]) -> None:
    """Fetch an entry's article; `tell` is called in another thread, with it or with what went wrong."""

    def fetch() -> None:
        from veille.app.articles import fetch_article

        try:
            with open_home(database, unattended=True) as home:
                tell(fetch_article(home, entry_id))
        except VeilleError as error:
            tell(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is: who asked is waiting for an answer
            tell(f"the article could not be fetched ({_name(error)}): f tries again")

    _start(fetch, tell=tell)


def browse_apart(url: str, *, tell: Callable[[str], None], here: Callable[[], None]) -> None:
    """Open an address in the browser; `tell` is called with what went wrong, if anything, in another thread.

    A process of its own does it: what a browser writes must not come over the screen. One that takes the terminal
    (lynx, w3m) is left to `here`.
    """

    def browse() -> None:
        try:
            if _takes_terminal():
                here()
                return
            # The address is an argument, read by no shell; -P: no module of the directory one stands in is run.
            command = [sys.executable, "-P", "-c", _OPEN, url]
            if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
                tell(f"no browser could be started: open {url} yourself, or set BROWSER")
        except Exception as error:  # noqa: BLE001 - as above
            tell(f"no browser could be started ({_name(error)}): open {url} yourself")

    _start(browse, tell=tell)


def browse_here(url: str) -> bool:
    """Open an address in a browser that takes the terminal, and wait for its end."""
    import webbrowser

    return webbrowser.open(url)


def _start(job: Callable[[], None], *, tell: Callable[[str], None]) -> None:
    try:
        threading.Thread(target=job, daemon=True).start()
    except RuntimeError as error:
        tell(f"not begun ({error}): try again")


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _takes_terminal() -> bool:
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return isinstance(browser, webbrowser.GenericBrowser) and not isinstance(browser, webbrowser.BackgroundBrowser)
