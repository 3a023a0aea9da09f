"""Which number an issue gets, and where one goes that is written once more: plans and what is kept in, outputs out."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from veille.app.outputs import STDOUT, end_path
from veille.store.issues import Output, list_issues, load_carried

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.app.home import Home
    from veille.app.outputs import Plan, Wish
    from veille.store.issues import Last, StoredIssue


def pick_number(last: Last | None, plan: Plan, name: str) -> tuple[int, bool]:
    """The next number, or that of the last issue for a new edition of it; and whether it is only a look at that.

    A second run of a day is an edition where it takes the place of the first, file by file, unless either is given
    once. One that is printed takes the place of no file: nothing of it is kept.
    """
    if last is None or last.number == 0:
        return 1, False
    today = last.written_at.astimezone().date() == plan.now.astimezone().date()
    if not today or plan.once or any(one.once for one in last.outputs):
        return last.number + 1, False
    was, planned = _list_files(last.outputs), _list_files(plan.list_outputs(name, last.number))
    if was and not planned:
        return last.number, True
    return (last.number if was <= planned else last.number + 1), False


def load_printed(home: Home, last: Last | None, name: str, number: int) -> dict[int, int]:
    """What an edition of that number carried that was only printed: it has been read, and no file is to be replaced."""
    if last is None or last.number != number or _list_files(last.outputs):
        return {}
    return load_carried(home.db, "digest", name, after=number - 1, before=number + 1)


def list_again(home: Home, stored: StoredIssue, wish: Wish, plan: Plan) -> tuple[Output, ...]:
    """Where an issue goes once more: its own files, or what is asked for; never the file of another issue.

    A path that says nothing of the issue is the user's own choice.
    """
    taken = _list_taken(home, stored)
    if wish.output:
        asked = tuple(one for one in plan.list_outputs(stored.issue.name, stored.issue.number) if not one.way)
        fixed = "%" not in wish.output and "{" not in wish.output
        return asked if fixed else _keep_clear(asked, stored, taken)
    files = [one for one in stored.outputs if not one.way]
    if wish.settings.formats:
        planned = [one for one in plan.list_outputs(stored.issue.name, stored.issue.number) if not one.way]
        files = [_place_beside(one, files) for one in planned]
    elif plan.mail:
        return ()
    written = files or [Output(form="md", path=STDOUT)]
    return _keep_clear([replace(one, templates=plan.templates or one.templates) for one in written], stored, taken)


def _list_files(outputs: Iterable[Output]) -> set[str]:
    return {one.path for one in outputs if one.path not in ("", STDOUT)}


def _list_taken(home: Home, stored: StoredIssue) -> set[str]:
    issue = stored.issue
    others = (one for one in list_issues(home.db, "digest") if (one.name, one.number) != (issue.name, issue.number))
    return {path for one in others for path in _list_files(one.outputs)}


def _place_beside(one: Output, files: list[Output]) -> Output:
    """The file that was written in that form, or one beside those that were."""
    same = [known for known in files if known.form == one.form and known.path != STDOUT]
    beside = [replace(one, path=str(end_path(Path(path), one.form))) for path in sorted(_list_files(files))]
    return (same or beside or [one])[0]


def _keep_clear(outputs: Iterable[Output], stored: StoredIssue, taken: set[str]) -> tuple[Output, ...]:
    return tuple(
        one if one.path not in taken else replace(one, path=_find_free(Path(one.path), stored.issue.number, taken))
        for one in outputs
    )


def _find_free(path: Path, number: int, taken: set[str]) -> str:
    first = path.with_stem(f"{path.stem}-{number}")
    others = (path.with_stem(f"{first.stem}-{again}") for again in count(2))
    return str(first if str(first) not in taken else next(one for one in others if str(one) not in taken))
