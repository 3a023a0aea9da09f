"""The database as a file and as tables: what was seen of it, told with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.rank.ailments import Ailment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.store.inspection import Inspection

_SALVAGE = "`veille doctor --salvage NEWFILE` saves what can be read; or {restore}. The file itself is left alone"
_MOST = 10
# What is wrong by the state of the file, and what to do.
_STATES = {
    "abandoned": (
        "{path} is gone or empty, but its log holds {frames} pages",
        "{restore}, or move {log} away to begin anew: veille does not, for SQLite would throw the log away",
    ),
    "gone": (
        "{path} holds nothing, though it has been in use: it was truncated, or its log is missing",
        "{restore}; to begin anew, remove {path} and {path}.lock",
    ),
    "lost": (
        "{path} is not there, though veille has been in use here",
        "look for it, or {restore}; to begin anew, go on: the next command makes a new one",
    ),
    "foreign": (
        "{path} is no database, or its first bytes are damaged",
        "choose the right file with --db or VEILLE_DB; if it is the right one: " + _SALVAGE,
    ),
    "other": ("{path} is a database, but not veille's", "choose another file with --db or VEILLE_DB"),
    "newer": ("{path} was made by a newer veille (schema {version})", "upgrade veille"),
    "unreadable": ("{path} cannot be read: {trouble}", "check the file, its directory and their permissions"),
}


def check_file(path: Path, seen: Inspection, *, backup: str = "") -> Iterator[Ailment]:
    """Findings on the file, its log, its pages, its values, its indexes and its references.

    `backup` is the name of the one to go back to.
    """
    restore = f"`veille restore {backup} --force` puts the latest backup in its place" if backup else "restore a backup"
    if seen.state in _STATES:
        is_lost = seen.state == "gone" and seen.file.kind == "missing"
        what, remedy = _STATES["lost" if is_lost else seen.state]
        words = {"path": path, "log": f"{path}-wal", "frames": seen.log.frames} | {
            "version": seen.version,
            "trouble": seen.trouble,
            "restore": restore,
        }
        yield Ailment(check="database", severity="error", what=what.format(**words), remedy=remedy.format(**words))
        return
    if seen.state == "absent":
        remedy = "`veille import FILE` or `veille add ADDRESS` makes it"
        yield Ailment(check="database", severity="note", what=f"{path} is not there yet", remedy=remedy)
        return
    if seen.state == "older":
        what = f"{path} is of schema {seen.version}"
        yield Ailment(check="database", severity="note", what=what, remedy="the next command brings it up to date")
    yield from _tell_damage(path, seen, _SALVAGE.format(restore=restore))
    yield from _tell_log(path, seen)
    yield from _tell_rows(seen)


def _tell_damage(path: Path, seen: Inspection, remedy: str) -> Iterator[Ailment]:
    pages, said = seen.file.pages, seen.file.pages_said
    if seen.state != "damaged":
        return
    if seen.file.kind == "short" and not seen.log.frames:
        what = f"{path} is cut short: {pages} of {said} pages are there"
    elif seen.structure.pages or seen.trouble:
        what = f"{path} is damaged"
    else:
        what = f"{path} holds values that cannot be read, or lacks tables: it is damaged"
    details = [
        *([seen.trouble] if seen.trouble else []),
        *seen.structure.pages,
        *(f"{name} is not there" for name in seen.absent),
        *(f"{one.table}.{one.column}: {one.rows} values that cannot be read" for one in seen.values),
    ]
    yield Ailment(check="integrity", severity="error", what=what, remedy=remedy, details=details[:_MOST])


def _tell_log(path: Path, seen: Inspection) -> Iterator[Ailment]:
    log = seen.log
    if log.size and not log.readable:
        what = f"{path}-wal cannot be read: what was stored last and not yet brought into the database is lost"
        remedy = "the next command throws it away; keep a copy first if you want it looked at"
        yield Ailment(check="log", severity="warning", what=what, remedy=remedy)
    elif log.torn:
        what = f"{path}-wal is cut or damaged: {log.frames} pages of it count, at least {log.torn} do not"
        remedy = (
            "after a kill or a power cut it is the last write, unfinished, and no more; otherwise what was"
            " stored last is lost: fetch again"
        )
        yield Ailment(check="log", severity="warning", what=what, remedy=remedy)


def _tell_rows(seen: Inspection) -> Iterator[Ailment]:
    if seen.state == "damaged":
        return
    fix = "`veille doctor --fix` makes them anew"
    if seen.structure.indexes:
        yield Ailment(
            check="indexes",
            severity="warning",
            what="indexes are out of step with their tables: entries may be missed or come twice",
            remedy=fix,
            mendable=True,
            details=seen.structure.indexes[:_MOST],
        )
    words = [*seen.structure.full_text, *seen.words]
    if words:
        what = "the indexes of words are out of step with the entries: searches and rules miss some"
        yield Ailment(check="words", severity="warning", what=what, remedy=fix, mendable=True, details=words[:_MOST])
    mendable = [f"{one.table}: {one.rows} {one.what}" for one in seen.orphans if not one.own]
    if mendable:
        what, remedy = "rows refer to what is not there", "`veille doctor --fix` mends them"
        yield Ailment(check="orphans", severity="warning", what=what, remedy=remedy, mendable=True, details=mendable)
    own = [f"{one.table}: {one.rows} {one.what}" for one in seen.orphans if one.own]
    if own:
        what = "marks or notes of yours are on stories that are not there"
        remedy = "nothing takes them away; `--salvage` gives their stories a place in the new file"
        yield Ailment(check="own", severity="note", what=what, remedy=remedy, details=own)
