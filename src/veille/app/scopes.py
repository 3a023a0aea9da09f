"""The folders that `[fold] apart` keeps apart, against those that there are: settings in, what is mistyped out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.config import read_text
from veille.kinds import hint_at
from veille.store.feeds import list_feeds
from veille.text import clean_line, is_in_folder
from veille.toml import locate_key

if TYPE_CHECKING:
    from veille.app.home import Home

_MOST_NAMED = 12


def find_idle_scopes(home: Home) -> list[str]:
    """The folders kept apart that hold no feed, a line each with its place in the file.

    None while nothing is subscribed: the settings may come before the feeds.
    """
    names = home.settings.fold.apart
    folders = {clean_line(feed.subscription.folder) for feed in list_feeds(home.db)} if names else set()
    idle = [name for name in names if not any(is_in_folder(folder, name) for folder in folders)]
    if not folders or not idle:
        return []
    line, column = locate_key(read_text(home.places.config), "fold", "apart")
    return [
        f"{home.places.config}:{line}:{column}: apart: no feed is in a folder “{name}”: {_advise(name, folders - {''})}"
        for name in idle
    ]


def _advise(name: str, folders: set[str]) -> str:
    if not folders:
        return "feeds are put in one by `veille folder`"
    parts = [folder.split("/") for folder in folders]
    known = {"/".join(names[:depth]) for names in parts for depth in range(1, len(names) + 1)}
    hint = hint_at(name, sorted(known))
    return hint if hint.startswith("did") or len(known) <= _MOST_NAMED else "`veille feeds` shows all folders"
