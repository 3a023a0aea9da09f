"""Whether the network answers: a connection to some hosts of the feeds, or to the proxy, and nothing said over it."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from veille.rank.ailments import Ailment
from veille.store.feeds import list_feeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veille.app.home import Home

_HOSTS, _SECONDS = 3, 3.0
_PORTS = {"http": 80, "https": 443}
_PROXIES = ("https_proxy", "http_proxy", "all_proxy", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def check_network(home: Home) -> Iterator[Ailment]:
    """A finding when none of some hosts, spread over the feeds, can be reached."""
    proxy = next((os.environ[name] for name in _PROXIES if os.environ.get(name)), "")
    urls = [proxy] if proxy else [feed.subscription.url for feed in list_feeds(home.db) if not feed.muted]
    places = list(dict.fromkeys(filter(None, map(_find_place, urls))))
    chosen = places[:: max(1, len(places) // _HOSTS)][:_HOSTS]
    if not chosen or _reach_any(chosen):
        return
    hosts = ", ".join(host for host, _ in chosen)
    what = f"{'the proxy does' if proxy else 'none of'} {'not answer' if proxy else 'some hosts answers'}: {hosts}"
    remedy = "check the connection, the name server and the proxy; what is stored can be read all the same"
    yield Ailment(check="network", severity="warning", what=what, remedy=remedy)


def _find_place(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def _reach_any(places: list[tuple[str, int]]) -> bool:
    """All at once: a name server that does not answer cannot be given a time limit otherwise."""
    answered = threading.Event()
    threads = [threading.Thread(target=_reach, args=(place, answered), daemon=True) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        if answered.is_set():
            break
        thread.join(_SECONDS)
    return answered.is_set()


def _reach(place: tuple[str, int], answered: threading.Event) -> None:
    try:
        with socket.create_connection(place, timeout=_SECONDS):
            answered.set()
    except (OSError, UnicodeError):
        return
