"""What the doctor found, as lines and as JSON; what a salvage kept and lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veille.show.phrases import count
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veille.rank.ailments import Ailment, Rescued, Salvage

_SIGNS = {"error": "!!", "warning": "! ", "note": "· "}


def tell_ailments(about: Mapping[str, Any], ailments: Sequence[Ailment]) -> Iterator[str]:
    """What is in use, then a finding each with what to do, the worst first."""
    yield f"veille {about['veille']}, Python {about['python']}, SQLite {about['sqlite']}"
    yield clean_line(f"{about['database']}: {about['state']}, schema {about['schema']}, {about['bytes'] / 1e6:.1f} MB")
    for one in ailments:
        yield f"{_SIGNS[one.severity]} {clean_line(one.what)}"
        yield from (f"     {clean_line(detail)}" for detail in one.details)
        yield f"   -> {clean_line(one.remedy)}"


def sum_up(ailments: Sequence[Ailment]) -> str:
    """One line on all of it."""
    needed = [one for one in ailments if one.severity != "note"]
    notes = len(ailments) - len(needed)
    besides = f" ({count(notes, 'note')})" if notes else ""
    if not needed:
        return f"all is well{besides}"
    mendable = sum(one.mendable for one in needed)
    can = f"; `veille doctor --fix` can mend {mendable}" if mendable else ""
    return f"{count(len(needed), 'finding')} to see to{besides}{can}"


def diagnosis_record(
    about: Mapping[str, Any], ailments: Sequence[Ailment], *, mended: Sequence[str] | None = None
) -> dict[str, Any]:
    """`doctor --json`."""
    record = {
        "ok": all(one.severity == "note" for one in ailments),
        "about": dict(about),
        "findings": [
            {
                "id": one.check,
                "severity": one.severity,
                "what": one.what,
                "remedy": one.remedy,
                "fixable": one.mendable,
                "details": list(one.details),
            }
            for one in ailments
        ],
    }
    return record if mended is None else record | {"fixed": list(mended)}


def tell_salvage(done: Salvage) -> Iterator[str]:
    """Tables that held or lost something, then what had to be put right between them."""
    for one in done.tables:
        if one.kept or one.lost != 0:
            yield f"{one.table:<18}{one.kept:>9,} kept{_tell_mended(one)}{_tell_lost(one)}"
    for line in done.mended:
        yield f"put right: {line}"
    if done.kept_notes:
        what = count(done.kept_notes, "lost story", "lost stories")
        yield f"put right: {what} with marks or notes of yours stand as (lost entry)"


def salvage_record(done: Salvage, *, source: str, target: str) -> dict[str, Any]:
    """`doctor --salvage NEWFILE --json`; `lost` is null where nothing tells how many there were."""
    return {
        "from": source,
        "to": target,
        "tables": {one.table: {"kept": one.kept, "mended": one.mended, "lost": one.lost} for one in done.tables},
        "put_right": list(done.mended),
        "placeholders": done.kept_notes,
    }


def _tell_mended(one: Rescued) -> str:
    return f", {one.mended:,} of them with a value lost" if one.mended else ""


def _tell_lost(one: Rescued) -> str:
    if one.lost is None:
        return ", some lost (nothing tells how many)"
    return f", {one.lost:,} lost" if one.lost else ""
