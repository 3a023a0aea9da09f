"""In which order the slots of a plan are read: slots in, the same in their order out. Pure.

Pins, what was kept for later, each reserve, then the rest by rank, with the discoveries at even distances among its
time: whoever stops early has had a share of them, and the best of the rest goes before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veille.rank.plan import Slot


def order_slots(slots: Sequence[Slot], reserves: Sequence[str]) -> list[Slot]:
    """Slots, which come by rank, as they are read; `reserves` are the names, the first to be read first."""
    turns = {why: turn for turn, why in enumerate(("pin", "later", *(f"reserve:{name}" for name in reserves)))}
    first = sorted((slot for slot in slots if slot.why in turns), key=lambda slot: turns[slot.why])
    found = [slot for slot in slots if slot.why == "discovery"]
    rest = [slot for slot in slots if slot.why != "discovery" and slot.why not in turns]
    # Where it begins against its middle: the best of the rest is at 0, and no discovery is.
    spread = [*_spread_out(rest, into=0.0), *_spread_out(found, into=0.5)]
    return first + [slot for _, slot in sorted(spread, key=lambda row: row[0])]


def _spread_out(slots: Sequence[Slot], *, into: float) -> Iterator[tuple[float, Slot]]:
    """Each with its place (0-1) in the time that they take together, so far into its own."""
    whole, before = sum(slot.seconds for slot in slots), 0.0
    for slot in slots:
        yield (before + into * slot.seconds) / whole, slot
        before += slot.seconds
