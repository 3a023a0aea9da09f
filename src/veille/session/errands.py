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

    threading.Thread(target=fetch, daemon=True).start()


def browse_apart(url: str, *, tell: Callable[[str], None], here: Callable[[], None]) -> None:
    """Open an address in the browser; `tell` is called with what went wrong, if anything, in another thread.

    A process of its own does it: what a browser writes must not come over the screen. One that takes the terminal
    (lynx, w3m) is left to `here`.
    """

    def browse() -> None:
        if _takes_terminal():
            here()
        # The address is an argument, read by no shell.
        elif subprocess.run([sys.executable, "-c", _OPEN, url], capture_output=True, check=False).returncode:  # noqa: S603
            tell(f"no browser could be started: open {url} yourself, or set BROWSER")

    threading.Thread(target=browse, daemon=True).start()


def browse_here(url: str) -> bool:
    """Open an address in a browser that takes the terminal, and wait for its end."""
    import webbrowser

    return webbrowser.open(url)


def _takes_terminal() -> bool:
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return isinstance(browser, webbrowser.GenericBrowser) and not isinstance(browser, webbrowser.BackgroundBrowser)
