"""The texts of an issue of the press review, and the files that they go into: what is asked for in, what is ready out.

Files are prepared beside their places, so that an issue is only published once they can be put there. Cut off between,
they are written by the next `publish_whole`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from veille.app.lock import hold_lock
from veille.app.outputs import STDOUT, Wish, plan_outputs
from veille.app.placing import discard_files, prepare_files
from veille.app.review import address_of, finish, publish, settings_of
from veille.digestconfig import DigestSettings
from veille.errors import ConfigError, OutputError, TemplateError
from veille.places import expand_home
from veille.show.rendering import render
from veille.store.issues import list_unpublished
from veille.store.review import REVIEW

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from veille.app.home import Home
    from veille.app.placing import Prepared
    from veille.app.review import Words
    from veille.issue import Issue
    from veille.store.issues import Output, StoredIssue

_PATIENCE = 30.0  # seconds for another to be done


class Asked(NamedTuple):
    """Formats, and a path with a pattern; () and "" for none, "-" for standard output."""

    forms: tuple[str, ...] = ()
    output: str = ""


class Ready(NamedTuple):
    """Files that are whole but not in their places yet, and what is to be printed."""

    files: list[Prepared]
    printed: list[str]
    outputs: list[Output]

    def discard(self) -> None:
        """Leave everything as it was."""
        discard_files(self.files)

    def put(self) -> None:
        """Put every file in its place. Raises OutputError."""
        for one in self.files:
            one.put()


def make_ready(home: Home, issue: Issue, asked: Asked) -> Ready:
    """Render an issue as asked, each file beside its place. Raises UsageError, TemplateError, OutputError."""
    return _prepare(home, issue, _plan(home, issue, asked) if asked.forms or asked.output else ())


def publish_whole(home: Home, words: Words, asked: Asked, *, tell: Callable[[str], None]) -> tuple[Issue, Ready]:
    """Publish what is in the review, its files in their places; `tell` is told of issues that were cut off before.

    Raises what `publish` and `make_ready` do, and LockedError.
    """
    with hold_lock(home.places.lock_for("review"), command="review publish", patience=_PATIENCE):
        for stored in list_unpublished(home.db, REVIEW, REVIEW):
            tell(_complete(home, stored))
        made: list[Ready] = []

        def prepare(issue: Issue) -> tuple[Output, ...]:
            made.append(make_ready(home, issue, asked))
            return tuple(made[0].outputs)

        try:
            issue, issue_id = publish(home, words, before=prepare)
        except BaseException:
            for one in made:
                one.discard()
            raise
        made[0].put()
        finish(home, issue_id)
    return issue, made[0]


def _complete(home: Home, stored: StoredIssue) -> str:
    """Write the files of an issue that was cut off; what became of them."""
    what = f"press review {stored.issue.number} had been cut off"
    try:
        _prepare(home, stored.issue, stored.outputs).put()
    except (OutputError, TemplateError) as error:
        told = f"{what}, and is not written: {error}: `veille review show {stored.issue.number} -o PATH` writes it"
    else:
        told = f"{what}, and is written now: {', '.join(one.path for one in stored.outputs)}"
    # Either way it is there: what cannot be written must not hold up those after it.
    finish(home, stored.id)
    return told


def _prepare(home: Home, issue: Issue, outputs: Sequence[Output]) -> Ready:
    address = address_of(settings_of(home), issue.number)
    templates = find_templates(home)
    rendered = [(one, render(one.form, issue, templates=templates, address=address)) for one in outputs]
    written = [(one, text) for one, text in rendered if one.path != STDOUT]
    return Ready(
        files=prepare_files(((Path(one.path), text) for one, text in written), own=home.places.digests),
        printed=[text for one, text in rendered if one.path == STDOUT],
        outputs=[one for one, _ in written],
    )


def find_folder(home: Home, written: str) -> Path:
    """A folder of config.toml, told from where that file is. Raises ConfigError."""
    config = home.places.config
    return config.parent / expand_home(written, error=lambda said: ConfigError(f"{config}: {said}"))


def find_templates(home: Home) -> Path | None:
    """The user's own templates of the press review, None where there are none."""
    written = settings_of(home).templates
    return find_folder(home, written) if written else None


def _plan(home: Home, issue: Issue, asked: Asked) -> tuple[Output, ...]:
    templates = find_templates(home)
    wish = Wish(
        name=REVIEW,
        # A start of its own: no later issue takes the place of this one's files.
        settings=DigestSettings(since="24h", formats=asked.forms, templates=str(templates or "")),
        output=asked.output or f"{REVIEW}-{{number}}.{{format}}",
        base=Path() if asked.output else home.places.digests,
    )
    return plan_outputs(home, wish).list_outputs(issue.name, issue.number)
