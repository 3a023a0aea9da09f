"""An issue as text in one of the forms that are written: the one way in, whoever asks.

An issue goes in, made safe once for all forms (`show/tidy.py`); text comes out. Knows nothing of files and of where
issues are kept; a renderer is imported when its form is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.errors import UsageError
from veille.show.tidy import tidy_issue
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from veille.issue import Issue


def render(form: str, issue: Issue, *, templates: Path | None = None, address: str = "") -> str:
    """The issue in one of FORMATS. `templates` is the user's directory, `address` where the issue is on the web.

    Raises UsageError for another form, TemplateError for a template that is wrong.
    """
    if form not in FORMATS:
        raise UsageError(f"“{clean_line(form)}” is no format: choose among {', '.join(FORMATS)}")
    return FORMATS[form](tidy_issue(issue), templates, address)


def render_for_mail(issue: Issue, *, templates: Path | None = None, address: str = "") -> str:
    """The page that a mail carries, with its styles in one place still: `show/mail.py` puts them into its elements."""
    return _fill("mail.html", tidy_issue(issue), templates, address)


def _fill(name: str, issue: Issue, templates: Path | None, address: str) -> str:
    from veille.show.templating import fill_issue

    return fill_issue(name, issue, templates=templates, address=address)


def _markdown(issue: Issue, templates: Path | None, address: str) -> str:
    return _fill("digest.md", issue, templates, address)


def _html(issue: Issue, templates: Path | None, address: str) -> str:
    return _fill("digest.html", issue, templates, address)


def _text(issue: Issue, templates: Path | None, address: str) -> str:
    return _fill("digest.txt", issue, templates, address)


def _json(issue: Issue, _: Path | None, address: str) -> str:
    from veille.show.issuerecord import issue_record
    from veille.show.records import to_json

    return to_json(issue_record(issue, address=address)) + "\n"


def _atom(issue: Issue, _: Path | None, address: str) -> str:
    from veille.show.atom import render_atom

    return render_atom(issue, address=address)


def _json_feed(issue: Issue, _: Path | None, address: str) -> str:
    from veille.show.jsonfeed import render_json_feed

    return render_json_feed(issue, address=address)


def _eml(issue: Issue, templates: Path | None, address: str) -> str:
    from veille.show.mail import render_mail

    html = _fill("mail.html", issue, templates, address)
    mail = render_mail(issue, sender="", to="", html=html, text=_text(issue, templates, address))
    return mail.decode("ascii", "surrogateescape")


FORMATS: Mapping[str, Callable[[Issue, Path | None, str], str]] = {
    "md": _markdown,
    "html": _html,
    "txt": _text,
    "json": _json,
    "atom": _atom,
    "jsonfeed": _json_feed,
    "eml": _eml,
}
# What a file is called where nobody said.
ENDINGS = {form: form for form in FORMATS} | {"jsonfeed": "feed.json"}
