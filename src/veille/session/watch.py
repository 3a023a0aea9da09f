"""The time spent at the screen: moments of a clock that only goes forward in, seconds to count out.

Knows neither sessions nor screens. A clock that people set back, or a machine that slept, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Without a key for longer than this, and than twice what the story takes, nobody is there.
PAUSE = 120.0
# However long a story is: whoever reads a book presses a key to turn the page.
LONGEST = 1200.0


@dataclass(slots=True)
class Watch:
    """Counts what passes between keys. `clock` gives seconds, as `time.monotonic` does."""

    clock: Callable[[], float]
    counted_at: float = field(init=False)
    pressed_at: float = field(init=False)

    def __post_init__(self) -> None:
        """Whoever opens the screen is there."""
        self.counted_at = self.pressed_at = self.clock()

    def press(self) -> None:
        """Somebody is there: a key was pressed. What came before it must have been taken."""
        self.pressed_at = self.clock()

    def take(self, expected: float = 0.0) -> float:
        """The seconds since the last call, without those of a pause; `expected` is what the story takes."""
        now = self.clock()
        until = min(now, self.pressed_at + _allow(expected))
        seconds = max(0.0, until - self.counted_at)
        self.counted_at = now
        return seconds

    def is_paused(self, expected: float = 0.0) -> bool:
        """Whether the clock stands still until the next key."""
        return self.clock() - self.pressed_at > _allow(expected)


def _allow(expected: float) -> float:
    return max(PAUSE, min(2 * expected, LONGEST))
