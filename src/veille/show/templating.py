"""Templates filled: the user's own first, veille's beside them, whatever they are given escaped for their form.

A template's name and values in, text out. The form is told by the name (`digest.md.j2`), and every value that is
printed is escaped for it, so that a template says `{{ item.lead.title }}` and nothing of escaping. A template of the
user's runs in jinja2's sandbox; one that is wrong raises TemplateError with its file and line.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateSyntaxError
from markupsafe import Markup

from veille.errors import OutputError, TemplateError
from veille.show import plaintext
from veille.show.charts import draw_charts
from veille.show.identity import urn_of
from veille.show.markdown import break_lines, escape_markdown, link_markdown, quote_markdown
from veille.show.phrases import MOST_LEFT_OUT
from veille.show.tidy import host_to_show
from veille.show.wording import Wording
from veille.text import clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from veille.issue import Issue, Link, Tongue

OURS = Path(__file__).with_name("templates")
_ENDING = ".j2"
# Where French has a space that no line may break at; texts come with a plain one.
_LOOSE = re.compile(r" (?=[:;!?»%€])|(?<=«) ")


def fill_issue(name: str, issue: Issue, *, templates: Path | None = None, address: str = "") -> str:
    """A template of issues (`digest.html`, `mail.html`...) filled with one that is tidy."""
    words = Wording(issue.tongue)
    shown = issue.left_out[:MOST_LEFT_OUT]
    values: dict[str, Any] = {
        "issue": issue,
        "address": address,
        "words": words,
        "minutes": sum(item.minutes for item in issue.items),
        "left_out_shown": shown,
        "left_out_rest": len(issue.left_out) - len(shown) + issue.left_out_more,
        "charts": draw_charts(issue.figures, words) if name.endswith(".html") else [],
        "urn": urn_of(issue, address=address),
    }
    return fill_template(name, values, tongue=issue.tongue, templates=templates)


def fill_template(name: str, values: Mapping[str, Any], *, tongue: Tongue, templates: Path | None = None) -> str:
    """Any template filled; it ends with a newline. Raises TemplateError."""
    environment = _open(name, templates)
    try:
        template = environment.get_template(name + _ENDING)
        text = template.render({"words": Wording(tongue), **values})
    except TemplateSyntaxError as error:
        raise TemplateError(f"{error.filename or error.name}:{error.lineno}: {_said(error)}") from None
    except Exception as error:  # noqa: BLE001 - a template may do anything: it is told with its place
        raise TemplateError(f"{_place_of(error, name, templates)}: {_said(error)}") from None
    return text.rstrip("\n") + "\n"


def eject_templates(directory: Path) -> list[Path]:
    """Copy veille's templates into a directory, to be changed there. Raises OutputError rather than overwrite one."""
    wanted = [(path, directory / path.name) for path in sorted(OURS.glob(f"*{_ENDING}"))]
    for _, target in wanted:
        if target.exists():
            raise OutputError(f"{target}: it is there already, and is not overwritten: choose another directory")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path, target in wanted:
            with target.open("x", encoding="utf-8") as file:
                file.write(path.read_text("utf-8"))
    except OSError as error:
        raise OutputError(f"{directory}: {error.strerror or error}: choose another directory") from None
    return [target for _, target in wanted]


def _open(name: str, templates: Path | None) -> Environment:
    form = name.rpartition(".")[2]
    environment = _environment_for(templates)(
        loader=ChoiceLoader([FileSystemLoader(place) for place in _places(templates)]),
        # On for all: in Markdown and plain text what is printed is marked safe by `finalize`, escaped for that form.
        autoescape=True,
        finalize=_FINALIZERS.get(form),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_FILTERS)
    return environment


def _environment_for(templates: Path | None) -> type[Environment]:
    if templates is None:  # ours need no watching, which takes a third of the time
        return Environment
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment


def _places(templates: Path | None) -> Iterator[Path]:
    if templates is not None:
        if not templates.is_dir():
            raise TemplateError(f"{templates}: no such directory: `veille digest --eject {templates}` writes one")
        if not any(templates.glob(f"*{_ENDING}")):
            raise TemplateError(
                f"{templates}: no template in it: `veille digest --eject {templates}` writes ours there"
            )
        yield templates
    yield OURS


def _place_of(error: BaseException, name: str, templates: Path | None) -> str:
    """The file and line of a template that was being filled: the innermost one of the traceback."""
    place = ""
    roots = tuple(str(root) for root in (templates, OURS) if root)
    step = error.__traceback__
    while step:
        file = step.tb_frame.f_code.co_filename
        if file.endswith(_ENDING) and file.startswith(roots):
            place = f"{file}:{step.tb_lineno}"
        step = step.tb_next
    return place or f"{(templates or OURS) / (name + _ENDING)}:1"


def _said(error: Exception) -> str:
    words = clean_line(str(error)) or type(error).__name__
    return words if len(words) < 200 else f"{words[:200]}…"  # noqa: PLR2004 - a line is read whole


def _as_markdown(value: Any) -> Any:
    return value if isinstance(value, Markup) or _is_unset(value) else Markup(escape_markdown(str(value)))  # noqa: S704


def _as_text(value: Any) -> Any:
    return value if isinstance(value, Markup) or _is_unset(value) else Markup(clean_text(str(value)))  # noqa: S704


def _as_page(value: Any) -> Any:
    return _LOOSE.sub("\u00a0", value) if type(value) is str else value


def _is_unset(value: Any) -> bool:
    return isinstance(value, StrictUndefined)


def _safe(function: Callable[..., str]) -> Callable[..., Markup]:
    """A filter whose result is in its form already."""

    def filled(*values: Any, **named: Any) -> Markup:
        return Markup(function(*values, **named))  # noqa: S704 - it escapes what it is given

    return filled


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part.strip()]


def _titled(link: Link, words: Wording) -> str:
    return link.title or words.say("untitled")


_FINALIZERS: Mapping[str, Callable[[Any], Any]] = {"md": _as_markdown, "txt": _as_text, "html": _as_page}
_FILTERS: Mapping[str, Callable[..., Any]] = {
    "host": host_to_show,
    "titled": _titled,
    "paragraphs": _paragraphs,
    "md_link": _safe(link_markdown),
    "md_quote": _safe(quote_markdown),
    "md_lines": _safe(break_lines),
    "wrap": _safe(plaintext.wrap),
    "underline": _safe(plaintext.underline),
}
