"""In what order feeds are asked: hosts side by side, never more than so many of one at a time.

Pure: whoever asks takes a turn, and gives the host back when done with it.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from veille.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.feed import Feed


class Turns:
    """Feeds waiting for their turn. The host with most feeds left goes first: it takes longest.

    A host is listed as many times as it may be asked at once. One who finds no host listed may
    leave: those who hold one will take what is left.
    """

    def __init__(self, feeds: Iterable[Feed], *, per_host: int) -> None:
        self._waiting: defaultdict[str, deque[Feed]] = defaultdict(deque)
        for feed in feeds:
            self._waiting[host_of(feed.subscription.url)].append(feed)
        self._order = {host: number for number, host in enumerate(self._waiting)}
        self._listed: list[tuple[int, int, str]] = []
        for host, queue in self._waiting.items():
            for _ in range(min(per_host, len(queue))):
                self.give_back(host)

    def take(self) -> tuple[str, Feed] | None:
        """The next feed and its host, None when every host with feeds left is being asked already."""
        while self._listed:
            *_, host = heapq.heappop(self._listed)
            if self._waiting[host]:
                return host, self._waiting[host].popleft()
        return None

    def give_back(self, host: str) -> None:
        """Let a host be asked again."""
        if self._waiting[host]:
            heapq.heappush(self._listed, (-len(self._waiting[host]), self._order[host], host))
