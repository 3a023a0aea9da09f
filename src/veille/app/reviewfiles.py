"""The texts of an issue of the press review, and the files that they go into: what is asked for in, what is ready out.

Files are prepared beside their places, so that an issue is only published once they can be put there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from veille.app.outputs import STDOUT, Wish, plan_outputs
from veille.app.placing import clear_parts, prepare_file
from veille.app.review import address_of, settings_of
from veille.digestconfig import DigestSettings
from veille.errors import ConfigError
from veille.show.rendering import render
from veille.store.review import REVIEW

if TYPE_CHECKING:
    from veille.app.home import Home
    from veille.app.placing import Prepared
    from veille.issue import Issue


class Asked(NamedTuple):
    """Formats, and a path with a pattern; () and "" for none, "-" for standard output."""

    forms: tuple[str, ...] = ()
    output: str = ""


class Ready(NamedTuple):
    """Files that are whole but not in their places yet, and what is to be printed."""

    files: list[Prepared]
    printed: list[str]

    def discard(self) -> None:
        """Leave everything as it was."""
        for one in self.files:
            one.discard()

    def put(self) -> None:
        """Put every file in its place. Raises OutputError."""
        for one in self.files:
            one.put()


def make_ready(home: Home, issue: Issue, asked: Asked) -> Ready:
    """Render an issue as asked, each file beside its place. Raises UsageError, TemplateError, OutputError."""
    ready = Ready([], [])
    try:
        for path, text in _render(home, issue, asked) if asked.forms or asked.output else ():
            if path == STDOUT:
                ready.printed.append(text)
            else:
                clear_parts(Path(path))
                ready.files.append(prepare_file(Path(path), text))
    except BaseException:
        ready.discard()
        raise
    return ready


def find_folder(home: Home, written: str) -> Path:
    """A folder of config.toml, told from where that file is. Raises ConfigError."""
    try:
        return home.places.config.parent / Path(written).expanduser()
    except RuntimeError:
        raise ConfigError(f"{home.places.config}: {written}: nobody of that name has a home here") from None


def find_templates(home: Home) -> Path | None:
    """The user's own templates of the press review, None where there are none."""
    written = settings_of(home).templates
    return find_folder(home, written) if written else None


def _render(home: Home, issue: Issue, asked: Asked) -> list[tuple[str, str]]:
    """Texts with the paths that they go to."""
    templates = find_templates(home)
    wish = Wish(
        name=REVIEW,
        # A start of its own: no later issue takes the place of this one's files.
        settings=DigestSettings(since="24h", formats=asked.forms, templates=str(templates or "")),
        output=asked.output or f"{REVIEW}-{{number}}.{{format}}",
        base=Path() if asked.output else home.places.digests,
    )
    address = address_of(settings_of(home), issue.number)
    outputs = plan_outputs(home, wish).list_outputs(issue.name, issue.number)
    return [(one.path, render(one.form, issue, templates=templates, address=address)) for one in outputs]
