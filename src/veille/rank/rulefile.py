"""Edits of the text of rules.toml: text in, text out; what is not edited stays as it is, to the byte.

A rule under its own [[rule]] is cut out, edited alone and put back, so that the comments and the order of all the
rest cannot be touched. Rules and searches written inline are edited in the whole document. Each edit is read
back: one that does not say exactly what was asked is refused with ConfigError. Knows nothing of what keys mean.
"""

from __future__ import annotations

import copy
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from veille.errors import ConfigError
from veille.toml import list_statements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_RULE, _SEARCHES = "rule", "searches"
_COMMENTS_AFTER = re.compile(r"(?:[ \t]*#[^\n]*(?:\n|\Z))*")
_BLANKS_AFTER = re.compile(r"(?:[ \t\r]*\n)*")


def add_rule(text: str, values: Mapping[str, Any], *, comment: str = "") -> str:
    """The text with one more rule, after the last one; the comment, a line, is lost where rules are written inline."""
    wanted = _load(text)
    wanted.setdefault(_RULE, []).append(dict(values))
    spans = _find_spans(text, _RULE)
    if len(spans) == len(wanted[_RULE]) - 1 and (spans or _RULE not in _load(text)):
        # Under the header: what stands above the first one speaks of the file.
        said = f"# {comment}\n" if comment else ""
        changed = _insert(text, spans[-1].end if spans else len(text), f"[[{_RULE}]]\n{said}{_print_keys(values)}")
    else:
        changed = _edit_whole(text, lambda document: document[_RULE].append(_inline(values)))
    return _checked(changed, wanted)


def edit_rule(text: str, index: int, changes: Mapping[str, Any]) -> str:
    """The text with keys of a rule (counted from 0) set, or taken away where the change is None."""
    wanted = _load(text)
    _apply(wanted[_RULE][index], changes)
    spans = _find_spans(text, _RULE)
    if len(spans) == len(wanted[_RULE]):
        changed = _edit_span(text, spans[index], lambda document: _set_keys(document[_RULE][0], changes))
    else:
        changed = _edit_whole(text, lambda document: _set_keys(document[_RULE][index], changes))
    return _checked(changed, wanted)


def set_disabled(text: str, index: int, *, disabled: bool) -> str:
    """The text with a rule out of force, or in force again."""
    return edit_rule(text, index, {"disabled": None, "enabled": False if disabled else None})


def remove_rule(text: str, index: int) -> tuple[str, str]:
    """The text without a rule and the comments right above it, and what was taken out."""
    wanted = _load(text)
    del wanted[_RULE][index]
    spans = _find_spans(text, _RULE)
    if len(spans) == len(wanted[_RULE]) + 1:
        changed, removed = _cut(text, spans[index])
        if not wanted[_RULE]:
            del wanted[_RULE]
    else:
        removed = ""
        changed = _edit_whole(text, lambda document: document[_RULE].__delitem__(index))
    return _checked(changed, wanted), removed


def save_search(text: str, name: str, expression: str) -> str:
    """The text with a saved search, in the place of the one of that name if there is one."""
    return _edit_searches(text, {name: expression})


def remove_search(text: str, name: str) -> str:
    """The text without a saved search."""
    return _edit_searches(text, {name: None}) if _SEARCHES in _load(text) else text


class _Span(NamedTuple):
    """Where a table stands: from the comments right above it, its header, past its last key, past comments below."""

    start: int
    header: int
    last: int
    end: int


def _find_spans(text: str, name: str) -> list[_Span]:
    """The tables with a header of that name, in order; those below it are part of it."""
    found: list[_Span] = []
    inside, end = False, 0  # whether the statements passed are of such a table; the end of the last one
    for header, start, past in list_statements(text):
        above = _comments_above(text, start, end)
        if inside and header is not None:
            found[-1] = found[-1]._replace(end=_comments_below(text, end, above))
        end = _next_line(text, past)
        if header == (name,):
            found.append(_Span(above, _line_start(text, start), end, end))
        inside = header == (name,) or (inside and (header is None or header[:1] == (name,)))
        if inside:
            found[-1] = found[-1]._replace(last=end, end=_comments_below(text, end, len(text)))
    return found


def _comments_above(text: str, offset: int, limit: int) -> int:
    """Where the comments right above a line begin, the line itself when there are none.

    Those at the very top of the file speak of the file. `limit` is the end of what is said before.
    """
    line = start = _line_start(text, offset)
    while start > limit and text[_line_start(text, start - 1) : start].lstrip().startswith("#"):
        start = _line_start(text, start - 1)
    return start or line


def _comments_below(text: str, offset: int, limit: int) -> int:
    comments = _COMMENTS_AFTER.match(text, offset, limit)
    return comments.end() if comments else offset


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _next_line(text: str, offset: int) -> int:
    return text.find("\n", offset) + 1 or len(text)


def _edit_span(text: str, span: _Span, edit: Callable[[Any], None]) -> str:
    changed = _edit_whole(text[span.header : span.last].replace("\r\n", "\n"), edit)
    return text[: span.header] + _as_written(text, changed) + text[span.last :]


def _edit_whole(text: str, edit: Callable[[Any], None]) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text if text.endswith("\n") else f"{text}\n")
        edit(document)
        return tomlkit.dumps(document)
    except TOMLKitError as error:
        raise ConfigError(f"rules.toml cannot be edited safely ({error}): write it by hand") from None


def _edit_searches(text: str, changes: Mapping[str, Any]) -> str:
    wanted = _load(text)
    known = _SEARCHES in wanted
    _apply(wanted.setdefault(_SEARCHES, {}), changes)
    spans = _find_spans(text, _SEARCHES)
    if spans:
        changed = _edit_span(text, spans[0], lambda document: _set_keys(document[_SEARCHES], changes))
    elif known:
        changed = _edit_whole(text, lambda document: _set_keys(document[_SEARCHES], changes))
        # Keys written `searches.name` leave no table when the last one goes.
        wanted = wanted if wanted[_SEARCHES] or _SEARCHES in _load(changed) else _without(wanted, _SEARCHES)
    else:
        changed = _insert(text, len(text), f"[{_SEARCHES}]\n{_print_keys(changes)}")
    return _checked(changed, wanted)


def _insert(text: str, offset: int, block: str) -> str:
    """A block between blank lines."""
    head, tail = text[:offset].rstrip(" \t\r\n"), text[offset:].lstrip("\r\n")
    before, after = "\n\n" if head else "", "\n" if tail else ""
    return head + _as_written(text, before + block + after) + tail


def _cut(text: str, span: _Span) -> tuple[str, str]:
    """The text without a span and the blank lines below it, and the span."""
    blanks = _BLANKS_AFTER.match(text, span.end)
    head, tail = text[: span.start], text[blanks.end() if blanks else span.end :]
    if not tail:
        head = head.rstrip(" \t\r\n")
        head += _as_written(text, "\n") if head else ""
    return head + tail, text[span.start : span.end]


def _as_written(text: str, fragment: str) -> str:
    """With the line endings that the text has."""
    return fragment.replace("\n", "\r\n") if "\r\n" in text else fragment


def _set_keys(table: Any, changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if value is not None:
            table[key] = _item(value)
        elif key in table:
            del table[key]


def _apply(table: dict[str, Any], changes: Mapping[str, Any]) -> None:
    table.update({key: value for key, value in changes.items() if value is not None})
    for key in [key for key, value in changes.items() if value is None]:
        table.pop(key, None)


def _without(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != key}


def _print_keys(values: Mapping[str, Any]) -> str:
    import tomlkit

    lines = (f"{tomlkit.key(key).as_string()} = {_item(value).as_string()}\n" for key, value in values.items())
    return "".join(lines)


def _inline(values: Mapping[str, Any]) -> Any:
    import tomlkit

    table = tomlkit.inline_table()
    _set_keys(table, values)
    return table


def _item(value: Any) -> Any:
    """A value as a person would write it: expressions hold double quotes, so that single ones go around."""
    import tomlkit

    if isinstance(value, str):
        return tomlkit.string(value, literal='"' in value and "'" not in value and value.isprintable())
    return tomlkit.item(value)


def _load(text: str) -> dict[str, Any]:
    return copy.deepcopy(tomllib.loads(text))


def _checked(changed: str, wanted: Mapping[str, Any]) -> str:
    try:
        same = tomllib.loads(changed) == wanted
    except ValueError:
        same = False
    if not same:
        raise ConfigError("rules.toml cannot be edited safely: write this change by hand")
    return changed
