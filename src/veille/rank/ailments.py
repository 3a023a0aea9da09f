"""What the doctor finds, and judgements that need nothing but figures: the disk, the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

# Less than this and the next fetch may not be stored; less than that and one should know.
_NO_ROOM, _LITTLE_ROOM = 10_000_000, 100_000_000
_FEW_FILES = 100
# veille is not older than this: a clock that says so is wrong.
_BORN = datetime(2026, 1, 1, tzinfo=UTC)
_SLACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailment:
    """One finding: which check, how bad, what it is and what to do. `mendable`: `doctor --fix` can.

    `error` and `warning` need the user, a `note` is worth knowing.
    """

    check: str
    severity: Severity
    what: str
    remedy: str
    mendable: bool = False
    details: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is free where the database is, bytes and files (None where they are not counted), and its size."""

    free: int
    files: int | None
    database: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescued:
    """What became of one table: rows kept, of these with a value replaced; `lost` is None when nothing tells."""

    table: str
    kept: int
    mended: int = 0
    lost: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """A finished salvage: every table, and what was mended between them afterwards."""

    tables: Sequence[Rescued]
    mended: Sequence[str]
    kept_notes: int = 0

    @property
    def lost(self) -> int:
        """Rows known to be lost."""
        return sum(one.lost or 0 for one in self.tables)


def judge_room(room: Room) -> Iterator[Ailment]:
    """Whether there is room to write, and for a copy of the database."""
    free = f"{room.free / 1e6:,.1f} MB free"
    if room.free < _NO_ROOM:
        yield Ailment(
            check="disk", severity="error", what=f"the disk is full ({free})", remedy="make room before fetching"
        )
    elif room.free < _LITTLE_ROOM or room.free < room.database:
        what = f"the disk is nearly full ({free}, the database takes {room.database / 1e6:,.1f} MB)"
        yield Ailment(check="disk", severity="warning", what=what, remedy="make room: a backup needs as much again")
    if room.files is not None and room.files < _FEW_FILES:
        what = f"the disk can take {room.files} files more"
        yield Ailment(check="disk", severity="error", what=what, remedy="remove files that are not needed there")


def judge_clock(now: datetime, latest: Mapping[str, datetime]) -> Iterator[Ailment]:
    """Whether the clock can be right, by what was stored: `latest` is the last moment of each thing done."""
    if now < _BORN:
        what = f"the clock says {now:%Y-%m-%d}, before veille was made"
        yield Ailment(check="clock", severity="error", what=what, remedy="set the clock, then `veille fetch --force`")
        return
    ahead = {what: moment for what, moment in latest.items() if moment > now + _SLACK}
    if ahead:
        what, moment = max(ahead.items(), key=lambda pair: pair[1])
        yield Ailment(
            check="clock",
            severity="warning",
            what=f"{what} is dated {moment:%Y-%m-%d %H:%M} UTC, which is in the future: the clock is wrong, or was",
            remedy="set the clock if it is wrong; then `veille fetch --force` asks every feed again at its time",
            details=[f"{name}: {moment:%Y-%m-%d %H:%M} UTC" for name, moment in ahead.items()],
        )
