"""Publishing digests: an issue composed, rendered, kept and put in place, so that nothing is lost or told twice.

    compose -> render -> files prepared beside their places
    one transaction: the issue, what it carries, what is queued to be sent
    files renamed into place -> the issue is marked published

Killed before the transaction, nothing has happened; killed after it, the next run of that digest puts the same bytes in
the same places. What is printed is remembered once it is printed. Sending is the outbox's work (`app/outbox.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from veille.app.compose import Before, compose_issue
from veille.app.editions import list_again, load_printed, pick_number
from veille.app.home import read_clock
from veille.app.letters import write_letters
from veille.app.lock import hold_lock
from veille.app.outbox import queue
from veille.app.outputs import STDOUT, Wish, find_scope, plan_outputs
from veille.app.placing import discard_files, prepare_files, write_atomically
from veille.errors import OutputError, TemplateError, UnknownError
from veille.show.rendering import render
from veille.store.db import write
from veille.store.digestmarks import Mark, find_mark, keep_start, told_by
from veille.store.issues import (
    Output,
    drop_issue,
    find_last,
    list_unpublished,
    load_carried,
    load_issue,
    publish_issue,
    save_issue,
)
from veille.store.looks import add_seen, add_told, prune_told, untell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from veille.app.compose import Composed
    from veille.app.home import Home
    from veille.app.placing import Prepared
    from veille.delivery import Delivery
    from veille.issue import Issue, IssueKind
    from veille.store.issues import Last, StoredIssue

__all__ = ["Published", "Wish", "publish_digest", "reissue", "write_atomically"]

_KIND: IssueKind = "digest"
_PATIENCE = 30.0  # seconds for another digest to be done


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What has been written and queued. `issue` is None when there was nothing new since `since_at`.

    `notices` tell of issues that an earlier run had left undone.
    """

    issue: Issue | None
    since_at: datetime | None = None
    paths: tuple[str, ...] = ()
    queued: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def publish_digest(home: Home, wish: Wish, *, emit: Callable[[str], None]) -> Published:
    """The next issue of a digest; `emit` prints it, where that is asked for.

    Raises UsageError, ConfigError, TemplateError, OutputError, LockedError: nothing has happened then.
    """
    with _hold_digests(home):
        notices = _complete_all(home, wish.name)
        plan = plan_outputs(home, wish)
        last = find_last(home.db, _KIND, wish.name)
        number, looking = pick_number(last, plan, wish.name)
        before = _look_back(home, wish, last, number)
        composed = compose_issue(home, wish.name, wish.settings, before)
        issue = composed.issue
        nothing = plan.once and not composed.carried and not composed.left_out
        if nothing and plan.goes_on and before.mark is None:
            with write(home.db):
                keep_start(home.db, wish.name, before.scope, Mark(composed.last_entry_id, issue.written_at))
        if nothing and not plan.prints:
            return Published(issue=None, since_at=issue.since_at, notices=notices)
        outputs = plan.list_outputs(issue.name, number)
        rendered = _render_all(issue, outputs)
        deliveries = write_letters(home, issue, plan.mail, templates=plan.templates)
        _emit_all(rendered, emit)
        if nothing or looking:
            return Published(issue=issue, since_at=issue.since_at, notices=notices)
        kept = replace(
            composed,
            carried={**load_printed(home, last, wish.name, number), **composed.carried},
            last_entry_id=composed.last_entry_id if plan.goes_on else 0,
        )
        _keep_and_put(home, kept, outputs, rendered, deliveries)
    return _tell(issue, rendered, deliveries, notices)


def reissue(home: Home, wish: Wish, number: int, *, emit: Callable[[str], None]) -> Published:
    """Issue `number` again, from what is kept of it: as and where it was written, unless the wish says otherwise.

    Nothing else changes. Raises UnknownError when there is none of that number.
    """
    with _hold_digests(home):
        notices = _complete_all(home, wish.name)
        stored = load_issue(home.db, _KIND, wish.name, number)
        if stored is None:
            raise UnknownError(f"there is no issue {number} of “{wish.name}”: see `veille digest {wish.name} --list`")
        issue = stored.issue
        plan = replace(plan_outputs(home, wish), now=issue.written_at, once=False)
        rendered = _render_all(issue, list_again(home, stored, wish, plan))
        deliveries = write_letters(home, issue, plan.mail, templates=plan.templates)
        for one in _prepare_all(home, rendered):
            one.put()
        _emit_all(rendered, emit)
        with write(home.db):
            new = [one for one in deliveries if queue(home.db, [one], now=read_clock())]
        sent = [f"{one.target} has been sent issue {number} before" for one in deliveries if one not in new]
    return _tell(issue, rendered, new, (*notices, *sent))


def _look_back(home: Home, wish: Wish, last: Last | None, number: int) -> Before:
    scope = find_scope(home, wish)
    return Before(
        number=number,
        scope=scope,
        last=last,
        mark=find_mark(home.db, wish.name, scope),
        carried=load_carried(home.db, _KIND, wish.name, before=number),
        repeat=wish.repeat,
    )


# --- the steps -----------------------------------------------------------------


def _hold_digests(home: Home) -> AbstractContextManager[None]:
    """One digest at a time on a database: two at once would give one number, or one story, twice."""
    return hold_lock(home.places.lock_for("digest"), command="digest", patience=_PATIENCE)


def _render_all(issue: Issue, outputs: Sequence[Output]) -> list[tuple[Output, str]]:
    """The text of each output that is not delivered."""
    return [
        (one, render(one.form, issue, templates=Path(one.templates) if one.templates else None))
        for one in outputs
        if not one.way
    ]


def _emit_all(rendered: Sequence[tuple[Output, str]], emit: Callable[[str], None]) -> None:
    for one, text in rendered:
        if one.path == STDOUT:
            emit(text)


def _prepare_all(home: Home, rendered: Sequence[tuple[Output, str]]) -> list[Prepared]:
    files = ((Path(one.path), text) for one, text in rendered if one.path != STDOUT)
    return prepare_files(files, own=home.places.digests)


def _keep_and_put(
    home: Home,
    composed: Composed,
    outputs: Sequence[Output],
    rendered: Sequence[tuple[Output, str]],
    deliveries: Sequence[Delivery],
) -> None:
    """Keep an issue with what is queued of it, then put its files in place."""
    prepared = _prepare_all(home, rendered)
    try:
        with write(home.db):
            issue_id = _keep(home, composed, outputs)
            queue(home.db, deliveries, now=read_clock())
            if not prepared:
                publish_issue(home.db, issue_id, now=read_clock())
    except BaseException:
        discard_files(prepared)
        raise
    if prepared:
        _put_all(home, issue_id, prepared)


def _keep(home: Home, composed: Composed, outputs: Sequence[Output]) -> int:
    """Store an issue; what it shows is remembered as seen, and what it left out as told of by title.

    One without a last entry moves no mark: what it left out comes in full to those who go on from the last.
    """
    issue, look = composed.issue, told_by(composed.issue.name, composed.issue.scope)
    issue_id = save_issue(
        home.db, issue, carried=composed.carried, outputs=outputs, last_entry_id=composed.last_entry_id
    )
    add_seen(home.db, [*composed.carried, *composed.left_out])
    if composed.last_entry_id:
        prune_told(home.db, look)
        add_told(home.db, look, composed.left_out, entry_id=composed.last_entry_id)
    return issue_id


def _put_all(home: Home, issue_id: int, prepared: Sequence[Prepared]) -> None:
    for one in prepared:
        one.put()
    with write(home.db):
        publish_issue(home.db, issue_id, now=read_clock())


def _complete_all(home: Home, name: str) -> tuple[str, ...]:
    """Finish the issues of a name that were cut off; a line for each."""
    return tuple(_complete(home, stored) for stored in list_unpublished(home.db, _KIND, name))


def _complete(home: Home, stored: StoredIssue) -> str:
    """Put a kept issue in its places.

    Where they cannot be written to any more, or its templates are gone, it is composed anew; one that may have been
    sent stays as it is, and has no file.
    """
    what = f"issue {stored.issue.number} of “{stored.issue.name}”"
    try:
        _put_all(home, stored.id, _prepare_all(home, _render_all(stored.issue, stored.outputs)))
    except (OutputError, TemplateError) as error:
        if any(one.way for one in stored.outputs):
            with write(home.db):
                publish_issue(home.db, stored.id, now=read_clock())
            again = f"`veille digest {stored.issue.name} --issue {stored.issue.number} --format md -o FILE`"
            return f"{what} was cut off, and goes out by mail alone ({again} writes it): {error}"
        with write(home.db):
            untell(home.db, told_by(stored.issue.name, stored.issue.scope), entry_id=stored.last_entry_id)
            drop_issue(home.db, stored.id)
        return f"{what} was cut off, and is made anew: {error}"
    places = ", ".join(one.path for one in stored.outputs if one.path not in ("", STDOUT))
    return f"{what} had been cut off, and is written now: {places}"


def _tell(
    issue: Issue,
    rendered: Sequence[tuple[Output, str]],
    deliveries: Sequence[Delivery],
    notices: tuple[str, ...],
) -> Published:
    return Published(
        issue=issue,
        since_at=issue.since_at,
        paths=tuple(one.path for one, _ in rendered if one.path != STDOUT),
        queued=tuple(one.target for one in deliveries),
        notices=notices,
    )
